/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program does with its workqueues stands in its segment, for others to read. */
#include <sys/uio.h>

#include "outsider.h"

static const char *seg;

static void look(void)
{
	CHECK(wq_segment_fd() >= 0);
	seg = outsider_map(getpid());
}

/* As others get at the program's memory. */
static void remote_read(uint64_t address, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)(uintptr_t)address, size };

	CHECK_INT(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), (ssize_t)size);
}

/* Field 22 of /proc/self/stat. */
static unsigned long long start_time(void)
{
	FILE *in = fopen("/proc/self/stat", "r");
	unsigned long long value = 0;
	char text[1024];

	CHECK(in && fgets(text, sizeof(text), in));
	fclose(in);
	CHECK_INT(sscanf(strrchr(text, ')') + 1,
			 " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
			 &value), 1);
	return value;
}

TEST(the_header_describes_the_process)
{
	static const uint32_t sizes[WQ_SEG_NR_TABLES] = {
		sizeof(struct wq_seg_workqueue), sizeof(struct wq_seg_pwq),
		sizeof(struct wq_seg_pool), sizeof(struct wq_seg_worker),
		sizeof(struct wq_seg_waiter), sizeof(struct wq_seg_function),
		sizeof(struct wq_seg_misuse),
	};
	const struct wq_seg_header *h;

	look();
	h = seg_header(seg);
	CHECK_INT(outsider_find(getpid()), wq_segment_fd());
	CHECK(!memcmp(h->magic, WQ_SEG_MAGIC, sizeof(h->magic)));
	CHECK_UINT(h->major, WQ_SEG_MAJOR);
	CHECK_UINT(h->byte_order, WQ_SEG_BYTE_ORDER);
	CHECK_UINT(h->word_bytes, sizeof(long));
	CHECK_UINT(h->segment_size, WQ_SEG_BYTES);
	CHECK_UINT(h->pid, getpid());
	CHECK_UINT(h->start_time, start_time());
	CHECK_UINT(h->flags & WQ_SEG_PUBLISHED, WQ_SEG_PUBLISHED);
	CHECK_STR(h->program, "segment");
	CHECK_UINT(h->nr_tables, WQ_SEG_NR_TABLES);
	CHECK_UINT(h->table[WQ_SEG_PWQS].offset, WQ_SEG_PWQS_AT);
	CHECK_UINT(h->table[WQ_SEG_MISUSES].offset, WQ_SEG_MISUSES_AT);
	CHECK_UINT(h->table[WQ_SEG_WORKERS].stride, WQ_SEG_WORKER_STRIDE);
	CHECK_UINT(h->table[WQ_SEG_POOLS].capacity, WQ_SEG_MAX_POOLS);
	for (int i = 0; i < WQ_SEG_NR_TABLES; i++) {
		CHECK_UINT(h->table[i].size, sizes[i]);
		CHECK_UINT(h->table[i].left_out, 0);
	}
	CHECK_UINT(h->work_bytes, sizeof(struct work_struct));
	CHECK_UINT(h->work_func, offsetof(struct work_struct, func));
	CHECK_UINT(h->dwork_wq, offsetof(struct delayed_work, wq));
}
END

TEST(a_workqueue_from_birth_to_death)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("seen", WQ_PERCPU | WQ_HIGHPRI |
							 WQ_MEM_RECLAIM, 7);
	struct wq_seg_workqueue rec;
	struct wq_seg_worker rescuer;
	uint64_t generation, serial;
	struct wq_seg_pwq sum;

	look();
	CHECK(seg_find_wq(seg, "seen", &rec) != WQ_SEG_NONE);
	CHECK_UINT(rec.flags, WQ_PERCPU | WQ_HIGHPRI | WQ_MEM_RECLAIM);
	CHECK_INT(rec.max_active, 7);
	CHECK_INT(rec.nice, -20);
	CHECK_UINT(rec.address, (uintptr_t)wq);
	CHECK(seg_sum_pwqs(seg, seg_find_wq(seg, "seen", &rec), &sum) > 0);
	SEG_READ(seg, WORKER, rec.rescuer, &rescuer);
	CHECK_UINT(rescuer.rescue_wq, seg_find_wq(seg, "seen", &rec));
	CHECK_UINT(rescuer.pool, WQ_SEG_NONE);
	wq_workqueue_set_max_active(wq, 3);
	seg_find_wq(seg, "seen", &rec);
	CHECK_INT(rec.max_active, 3);
	serial = rec.serial;
	generation = seg_header(seg)->generation;
	wq_destroy_workqueue(wq);
	CHECK_UINT(seg_find_wq(seg, "seen", &rec), WQ_SEG_NONE);
	CHECK(seg_header(seg)->generation > generation);
	wq = wq_alloc_workqueue("seen", WQ_PERCPU, 1);
	CHECK(seg_find_wq(seg, "seen", &rec) != WQ_SEG_NONE);
	CHECK(rec.serial > serial);
	CHECK_UINT(rec.rescuer, WQ_SEG_NONE);
	wq_destroy_workqueue(wq);
}
END

TEST(attributes_of_an_unbound_workqueue)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct workqueue_attrs *attrs = wq_alloc_workqueue_attrs();
	struct wq_seg_workqueue rec;

	look();
	memset(attrs->cpumask, 0, sizeof(attrs->cpumask));
	attrs->cpumask[0].bits[0] = 1;
	attrs->nice = 5;
	attrs->affn_scope = WQ_AFFN_SYSTEM;
	CHECK_INT(wq_apply_workqueue_attrs(wq, attrs), 0);
	CHECK(seg_find_wq(seg, "unbound", &rec) != WQ_SEG_NONE);
	CHECK_INT(rec.nice, 5);
	CHECK_UINT(rec.affn_scope, WQ_SEG_SCOPE_SYSTEM);
	CHECK_UINT(rec.cpus[0], 1);
	CHECK_UINT(rec.cpus[1], 0);
	wq_free_workqueue_attrs(attrs);
	wq_destroy_workqueue(wq);
}
END

static void describe(struct probe *p)
{
	(void)p;
	wq_set_worker_desc("inode %d", 42);
}

TEST(a_worker_and_what_it_runs)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("run", WQ_PERCPU, 1);
	struct counter c[3];
	struct wq_seg_workqueue rec;
	struct wq_seg_worker worker;
	struct wq_seg_pwq pwq, sum;
	struct wq_seg_pool pool;
	uint32_t index;
	char path[64];
	struct probe p;

	probe_init(&p);
	p.then = describe;
	wq_queue_work_on(0, wq, &p.work);
	gate_pass(&p.entered);
	for (int i = 0; i < 3; i++) {
		counter_init(&c[i]);
		wq_queue_work_on(0, wq, &c[i].work);
	}
	look();
	index = seg_find_wq(seg, "run", &rec);
	CHECK(seg_find_runner(seg, &p.work, &worker));
	CHECK_UINT(worker.func, (uintptr_t)probe_func);
	CHECK_STR(worker.desc, "inode 42");
	CHECK_UINT(worker.rescue_wq, WQ_SEG_NONE);
	CHECK_UINT(worker.flags & WQ_SEG_WORKER_IDLE, 0);
	snprintf(path, sizeof(path), "/proc/self/task/%u/comm", worker.tid);
	CHECK(!access(path, R_OK));
	SEG_READ(seg, PWQ, worker.pwq, &pwq);
	CHECK_UINT(pwq.workqueue, index);
	CHECK_UINT(pwq.pool, worker.pool);
	CHECK_UINT(pwq.nr_active, 1);
	CHECK_UINT(pwq.nr_inactive, 3);
	CHECK_UINT(pwq.stat[WQ_SEG_STARTED], 1);
	CHECK_UINT(pwq.stat[WQ_SEG_COMPLETED], 0);
	SEG_READ(seg, POOL, pwq.pool, &pool);
	CHECK_INT(pool.cpu, 0);
	CHECK_UINT(pool.cpus[0], 1);
	CHECK(pool.nr_workers >= 1);
	CHECK_UINT(pool.nr_idle, pool.nr_workers - 1);
	CHECK(worker.start_ns && worker.start_ns <= pool.last_progress);
	CHECK(pool.last_progress <= wq_ktime_get_ns());
	gate_open(&p.leave);
	wq_flush_workqueue(wq);
	CHECK(!seg_find_runner(seg, &p.work, &worker));
	do	/* the flush is over a moment before the item is */
		seg_sum_pwqs(seg, index, &sum);
	while (sum.nr_active);
	CHECK_UINT(sum.nr_inactive, 0);
	CHECK_UINT(sum.stat[WQ_SEG_STARTED], 4);
	CHECK_UINT(sum.stat[WQ_SEG_COMPLETED], 4);
	wq_destroy_workqueue(wq);
}
END

/* Counts of works on a list of the program's memory, followed by its addresses. */
static int walk(const struct wq_seg_header *h, uint64_t head, const struct work_struct *first)
{
	uint64_t at, func, link[2];
	int n = 0;

	for (remote_read(head, link, sizeof(link)), at = link[0]; at != head; at = link[0]) {
		CHECK(n < 100);
		remote_read(at - h->work_entry + h->work_func, &func, sizeof(func));
		if (!n)
			CHECK_UINT(at - h->work_entry, (uintptr_t)first);
		if (func != h->barrier_func)
			CHECK_UINT(func, (uintptr_t)counter_func);
		n += func != h->barrier_func;
		remote_read(at, link, sizeof(link));
	}
	return n;
}

TEST(items_by_the_addresses_of_their_lists)
{
	struct workqueue_struct *limited, *open;
	struct counter held[5], waiting[4];
	struct wq_seg_workqueue rec;
	struct wq_seg_worker worker;
	struct wq_seg_pwq sum;
	struct wq_seg_pool pool;
	struct probe p, block;

	if (sizeof(long) != 8)
		return;		/* links are of another size */
	limited = wq_alloc_workqueue("limited", WQ_PERCPU, 1);
	open = wq_alloc_workqueue("open", WQ_PERCPU, 0);
	probe_init(&p);
	probe_init(&block);
	wq_queue_work_on(0, limited, &p.work);
	gate_pass(&p.entered);
	for (int i = 0; i < 5; i++) {
		counter_init(&held[i]);
		wq_queue_work_on(0, limited, &held[i].work);
	}
	look();
	seg_sum_pwqs(seg, seg_find_wq(seg, "limited", &rec), &sum);
	CHECK_UINT(sum.nr_inactive, 5);
	CHECK_INT(walk(seg_header(seg), sum.inactive, &held[0].work), 5);

	/* a BH pool runs one at a time, so what is behind stays on the worklist */
	wq_queue_work_on(0, wq_system_bh_wq, &block.work);
	gate_pass(&block.entered);
	for (int i = 0; i < 4; i++) {
		counter_init(&waiting[i]);
		wq_queue_work_on(0, wq_system_bh_wq, &waiting[i].work);
	}
	CHECK(seg_find_runner(seg, &block.work, &worker));
	SEG_READ(seg, POOL, worker.pool, &pool);
	CHECK_UINT(pool.flags & WQ_SEG_POOL_BH, WQ_SEG_POOL_BH);
	CHECK_INT(walk(seg_header(seg), pool.worklist, &waiting[0].work), 4);
	seg_sum_pwqs(seg, seg_find_wq(seg, "events_bh", &rec), &sum);
	CHECK_UINT(sum.nr_active, 5);
	gate_open(&block.leave);
	gate_open(&p.leave);
	wq_flush_workqueue(wq_system_bh_wq);
	wq_destroy_workqueue(limited);
	wq_destroy_workqueue(open);
}
END

static void flush_item(void *work)
{
	wq_flush_work(work);
}

static void flush_queue(void *wq)
{
	wq_flush_workqueue(wq);
}

/* Waits until somebody waits so; libcheck's timeout ends it if nobody does. */
static struct wq_seg_waiter await(enum wq_seg_wait kind)
{
	struct wq_seg_waiter w;

	for (;;) {
		for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_WAITERS); i++) {
			SEG_READ(seg, WAITER, i, &w);
			if (w.serial && w.kind == kind)
				return w;
		}
		sched_yield();
	}
}

TEST(who_waits_for_what)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("awaited", WQ_PERCPU, 1);
	struct helper item, queue;
	struct wq_seg_workqueue rec;
	struct wq_seg_worker worker;
	struct wq_seg_waiter w;
	struct wq_seg_pwq sum;
	struct probe p;
	uint32_t index;

	look();
	probe_init(&p);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	index = seg_find_wq(seg, "awaited", &rec);
	helper_start(&item, flush_item, &p.work);
	w = await(WQ_SEG_FLUSH_WORK);
	CHECK_UINT(w.work, (uintptr_t)&p.work);
	CHECK_UINT(w.func, (uintptr_t)probe_func);
	CHECK_UINT(w.workqueue, index);
	CHECK(w.tid && w.tid != (uint32_t)getpid());
	CHECK(w.since_ns >= seg_header(seg)->start_ns);
	SEG_READ(seg, WORKER, w.worker, &worker);
	CHECK_UINT(worker.work, (uintptr_t)&p.work);
	seg_sum_pwqs(seg, index, &sum);
	CHECK_UINT(sum.nr_barriers, 1);
	helper_start(&queue, flush_queue, wq);
	w = await(WQ_SEG_FLUSH_WORKQUEUE);
	CHECK_UINT(w.workqueue, index);
	CHECK_UINT(w.work, 0);
	CHECK_UINT(w.worker, WQ_SEG_NONE);
	gate_open(&p.leave);
	helper_join(&item);
	helper_join(&queue);
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_WAITERS); i++) {
		SEG_READ(seg, WAITER, i, &w);
		CHECK_UINT(w.serial, 0);
	}
	seg_sum_pwqs(seg, index, &sum);
	CHECK_UINT(sum.nr_barriers, 0);
	wq_destroy_workqueue(wq);
}
END

/*
 * A second queueing of an item that runs goes to the worker that runs it, when another worker
 * comes across it.
 */
TEST(items_that_are_linked_to_a_worker)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("linked", WQ_UNBOUND | WQ_CPU_INTENSIVE, 0);
	struct wq_seg_workqueue rec;
	struct wq_seg_pwq sum;
	struct probe p;
	uint32_t index;

	look();
	probe_init(&p);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	index = seg_find_wq(seg, "linked", &rec);
	for (int round = 0; round < 3; round++) {
		CHECK(wq_queue_work(wq, &p.work));
		do {
			sched_yield();
			seg_sum_pwqs(seg, index, &sum);
		} while (!sum.nr_scheduled);
		CHECK_UINT(sum.nr_scheduled, 1);
		CHECK_UINT(sum.nr_active, 2);
		CHECK(wq_cancel_work(&p.work));
		seg_sum_pwqs(seg, index, &sum);
		CHECK_UINT(sum.nr_scheduled, 0);
		CHECK_UINT(sum.nr_active, 1);
	}
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
}
END

static void nothing(struct work_struct *work)
{
	(void)work;
}

TEST(armed_items_and_misuses)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("armed", WQ_PERCPU, 0);
	struct wq_seg_workqueue rec;
	struct wq_seg_misuse misuse;
	struct delayed_work later;
	struct work_struct work;

	look();
	wq_init_delayed_work(&later, nothing);
	wq_queue_delayed_work(wq, &later, 1000000);
	CHECK(seg_find_wq(seg, "armed", &rec) != WQ_SEG_NONE);
	CHECK_UINT(rec.nr_armed, 1);
	CHECK(wq_cancel_delayed_work(&later));
	CHECK(seg_find_wq(seg, "armed", &rec) != WQ_SEG_NONE);
	CHECK_UINT(rec.nr_armed, 0);

	CHECK_UINT(seg_nr(seg, WQ_SEG_MISUSES), 0);
	wq_init_work(&work, nothing);
	wq_enable_work(&work);
	wq_enable_work(&work);
	CHECK_UINT(seg_header(seg)->misuses, 2);
	CHECK_UINT(seg_nr(seg, WQ_SEG_MISUSES), 1);
	SEG_READ(seg, MISUSE, 0, &misuse);
	CHECK_UINT(misuse.nr, 2);
	CHECK_STR(misuse.text, "workqueue: work disable count underflowed");
	wq_destroy_workqueue(wq);
}
END

TESTS(the_header_describes_the_process, a_workqueue_from_birth_to_death,
      attributes_of_an_unbound_workqueue, a_worker_and_what_it_runs,
      items_by_the_addresses_of_their_lists, who_waits_for_what, items_that_are_linked_to_a_worker,
      armed_items_and_misuses)
