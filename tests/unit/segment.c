/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments of programs on libwq: a right one, and what a hostile program could make of it. */
#include "test.h"

#include <errno.h>

#include "../../tools/fields.h"
#include "../../tools/out.h"
#include "../../tools/summary.h"
#include "segment.h"

static char *base;
static struct wq_seg_header *head;
static struct snapshot s;
static struct seg_image img;
static struct fake_list worklist, inactive, scheduled;
static struct fake_work works[64];

static void begin(void)
{
	base = fake_segment();
	ck_assert_ptr_nonnull(base);
	head = (void *)base;
	fake_list_init(&worklist);
	fake_list_init(&inactive);
	fake_list_init(&scheduled);
	FAKE_POOL(base, 3)->worklist = (uintptr_t)&worklist;
	FAKE_PWQ_ROW(base, 0)->inactive = (uintptr_t)&inactive;
	FAKE_WORKER(base, 0)->scheduled = (uintptr_t)&scheduled;
}

static int read_limited(size_t limit, struct error *err)
{
	static const struct proc_facts facts = { .program = "fake" };
	pid_t pid = getpid();
	struct memory m = { .read_page = memory_read_process, .arg = &pid };
	struct works_limits limits = { limit, 10 * limit };

	snapshot_init(&s);
	if (seg_check(base, "fake", &img.head, err))
		return -1;
	seg_picture(&img, base, &m, &limits);
	seg_fill(&s, &img, &facts);
	summarize(&s);
	memory_free(&m);
	return 0;
}

static void read_it(void)
{
	struct error err;

	ck_assert_msg(!read_limited(1000, &err), "%s", err.text);
}

static const struct workqueue *wq(size_t i)
{
	return snapshot_row(&s, ROW_WORKQUEUE, i);
}

static const struct pwq *pwq(size_t i)
{
	return snapshot_row(&s, ROW_PWQ, i);
}

static const struct worker *worker(size_t i)
{
	return snapshot_row(&s, ROW_WORKER, i);
}

static const struct pool *the_pool(void)
{
	CHECK_UINT(nr_rows(&s, ROW_POOL), 1);
	return snapshot_row(&s, ROW_POOL, 0);
}

static size_t works_in(enum work_state state)
{
	size_t nr = 0;

	for_each_row(&s, ROW_WORK, struct work, w)
		nr += w->state == state;
	return nr;
}

/* All that is printed, to look for what must not be in it. */
static char *printed(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct error err;

	for (int kind = 0; kind < NR_SHOW_KINDS; kind++) {
		struct view v;

		view_init(&v, (enum row_kind)kind);
		out_text(f, &v, NULL, &s, true);
	}
	out_json(f, &s, KINDS_SHOW, NULL, NULL, false);
	ck_assert(!out_busy(f, &s, NULL, false, &err));
	fclose(f);
	return text;
}

/* --- a right one --- */

TEST(all_records_become_rows)
{
	begin();
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKQUEUE), 2);
	CHECK_STR(wq(0)->name, "first");
	CHECK_STR(wq(0)->id, "11");
	CHECK_UINT(wq(0)->flags, FLAG_MASK(WQ_PERCPU_BIT));
	CHECK_UINT(wq(1)->flags, FLAG_MASK(WQ_UNBOUND_BIT) | FLAG_MASK(WQ_MEM_RECLAIM_BIT) |
		   FLAG_MASK(WQ_ORDERED_BIT));
	CHECK(wq(1)->ordered && !wq(0)->ordered);
	CHECK(!known(wq(0)->has, WORKQUEUE_MIN_ACTIVE) && known(wq(1)->has, WORKQUEUE_MIN_ACTIVE));
	CHECK_INT(wq(1)->rescuer_pid, 1002);
	CHECK(!known(wq(0)->has, WORKQUEUE_RESCUER_PID));
	CHECK_UINT(wq(0)->stat[STAT_STARTED], 105);
	CHECK_UINT(wq(0)->in_flight, 1);
	CHECK_UINT(wq(0)->total, 2);
	CHECK_INT(the_pool()->id, 3);
	CHECK_INT(the_pool()->cpu, 1);
	CHECK_STR(the_pool()->cpus, "1");
	CHECK_UINT(the_pool()->consistency, CONSISTENT);
	CHECK_INT(pwq(0)->refcnt, 2);
	CHECK_UINT(pwq(0)->running, 1);
	CHECK_UINT(pwq(0)->pending, 0);
	CHECK_UINT(s.consistency, CONSISTENT);
	CHECK_UINT(s.left_out[ROW_WORK], 0);
}
END

TEST(workers_are_named_as_their_threads)
{
	begin();
	FAKE_POOL(base, 3)->nice = -20;
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKER), 3);
	CHECK_STR(worker(0)->comm, "kworker/1:0H");
	CHECK_STR(worker(2)->comm, "kworker/R-secon");
	CHECK_UINT(worker(0)->state, WORKER_BUSY);
	CHECK_UINT(worker(1)->state, WORKER_IDLE);
	CHECK_UINT(worker(2)->state, WORKER_RESCUER);
	CHECK_STR(worker(0)->function, "do_first");
	CHECK_STR(worker(0)->desc, "flush-8:0");
	CHECK(known(worker(0)->has, WORKER_AGE) && !known(worker(1)->has, WORKER_AGE));
	snapshot_free(&s);
	FAKE_POOL(base, 3)->cpu = -1;
	FAKE_POOL(base, 3)->nice = 0;
	FAKE_WORKER(base, 1)->tid = 0;		/* its thread is about to be */
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKER), 2);
	CHECK_STR(worker(0)->comm, "kworker/u3:0");
	CHECK(!known(worker(0)->has, WORKER_CPU));
	CHECK(!known(the_pool()->has, POOL_NR_RUNNING));
}
END

TEST(items_are_read_from_the_programs_memory)
{
	begin();
	fake_list_add(&worklist, &works[0], 0, FAKE_FUNC);
	fake_list_add(&worklist, &works[1], 1, 0x9999);
	fake_list_add(&worklist, &works[2], 1, FAKE_BARRIER);	/* somebody waits: no work */
	fake_list_add(&inactive, &works[3], 0, FAKE_FUNC);
	fake_list_add(&scheduled, &works[4], 0, FAKE_FUNC);
	FAKE_PWQ_ROW(base, 0)->nr_active = 3;
	FAKE_PWQ_ROW(base, 0)->nr_scheduled = 1;
	FAKE_PWQ_ROW(base, 0)->nr_inactive = 1;
	FAKE_PWQ_ROW(base, 1)->nr_active = 1;
	FAKE_PWQ_ROW(base, 1)->nr_barriers = 1;
	read_it();
	CHECK_UINT(works_in(WORK_RUNNING), 1);
	CHECK_UINT(works_in(WORK_PENDING), 2);
	CHECK_UINT(works_in(WORK_INACTIVE), 1);
	CHECK_UINT(works_in(WORK_SCHEDULED), 1);
	CHECK_UINT(wq(0)->pending, 1);
	CHECK_UINT(wq(0)->in_flight, 4);
	CHECK_UINT(wq(1)->in_flight, 1);
	CHECK_UINT(the_pool()->worklist, 2);
	CHECK_UINT(s.left_out[ROW_WORK], 0);
	for_each_row(&s, ROW_WORK, struct work, w) {
		if (w->address == (uintptr_t)&works[1]) {
			CHECK_STR(w->workqueue, "second");
			CHECK_STR(w->function, "0x9999");
		}
		if (w->state == WORK_SCHEDULED)
			CHECK_INT(w->worker_pid, 1000);
	}
}
END

TEST(delayed_items_come_from_the_timers)
{
	struct {
		struct fake_work work;
		struct fake_list entry;
		uint64_t function, due, wq;
	} armed = { .function = FAKE_DELAYED, .due = mono_ns() + 1000 * NSEC_PER_SEC,
		    .wq = FAKE_WQ(1), .work.func = FAKE_FUNC };
	struct fake_list wheel[3] = { { NULL, NULL } };
	const struct work *w;

	begin();
	fake_list_init(&wheel[1]);
	fake_list_init(&wheel[2]);
	wheel[1].next = wheel[1].prev = &armed.entry;
	armed.entry.next = armed.entry.prev = &wheel[1];
	head->timer_lists = (uintptr_t)wheel;
	head->nr_timer_lists = 3;
	FAKE_WORKQUEUE(base, 1)->nr_armed = 1;
	read_it();
	CHECK_UINT(works_in(WORK_DELAYED), 1);
	w = snapshot_row(&s, ROW_WORK, nr_rows(&s, ROW_WORK) - 1);
	CHECK_UINT(w->address, (uintptr_t)&armed);
	CHECK_STR(w->workqueue, "second");
	CHECK_STR(w->function, "do_first");
	CHECK(w->due_in_ns > (int64_t)(900 * NSEC_PER_SEC));
	CHECK_UINT(s.left_out[ROW_WORK], 0);
}
END

TEST(waiters_know_where_their_work_is)
{
	const struct waiter *w;

	begin();
	*FAKE_WAITER(base, 0) = (struct wq_seg_waiter){
		.serial = 1, .kind = WQ_SEG_CANCEL_WORK, .tid = 77, .workqueue = 0, .pwq = 0,
		.worker = 0, .work = 0x5000, .func = FAKE_FUNC, .since_ns = 1 };
	*FAKE_WAITER(base, 2) = (struct wq_seg_waiter){
		.serial = 2, .kind = WQ_SEG_DRAIN_WORKQUEUE, .tid = 78, .workqueue = 1,
		.pwq = WQ_SEG_NONE, .worker = WQ_SEG_NONE };
	*FAKE_WAITER(base, 3) = (struct wq_seg_waiter){ .serial = 3, .kind = 99, .workqueue = 5 };
	head->table[WQ_SEG_WAITERS].nr = 4;
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WAITER), 3);
	w = snapshot_row(&s, ROW_WAITER, 0);
	CHECK_UINT(w->waits_in, WAITS_FLUSH_WORK);
	CHECK_UINT(w->work_state, WORK_RUNNING);
	CHECK_INT(w->worker_pid, 1000);
	CHECK_STR(w->function, "do_first");
	w = snapshot_row(&s, ROW_WAITER, 1);
	CHECK_UINT(w->waits_in, WAITS_FLUSH_WORKQUEUE);
	CHECK(!known(w->has, WAITER_WORK));
	w = snapshot_row(&s, ROW_WAITER, 2);
	CHECK(!known(w->has, WAITER_WAITS_IN) && !known(w->has, WAITER_PID));
}
END

TEST(long_lists_are_cut_and_counted)
{
	struct error err;

	begin();
	for (int i = 0; i < 20; i++)
		fake_list_add(&inactive, &works[i], 0, FAKE_FUNC);
	FAKE_PWQ_ROW(base, 0)->nr_inactive = 20;
	ck_assert(!read_limited(5, &err));
	CHECK_UINT(works_in(WORK_INACTIVE), 5);
	CHECK_UINT(s.left_out[ROW_WORK], 15);
	CHECK_UINT(wq(0)->inactive, 20);
	CHECK_UINT(s.consistency, CONSISTENT);
}
END

static bool refuse(void *arg, uint64_t addr, char *page)
{
	(void)arg;
	(void)addr;
	(void)page;
	errno = EPERM;
	return false;
}

TEST(without_its_memory_works_are_counted)
{
	static const struct proc_facts facts = { .program = "fake" };
	struct memory m = { .read_page = refuse };
	struct works_limits limits = { 1000, 1000 };
	struct error err;

	begin();
	FAKE_PWQ_ROW(base, 0)->nr_inactive = 20;
	snapshot_init(&s);
	ck_assert(!seg_check(base, "fake", &img.head, &err));
	seg_picture(&img, base, &m, &limits);
	seg_fill(&s, &img, &facts);
	CHECK_UINT(nr_rows(&s, ROW_WORK), 1);	/* the one that runs */
	CHECK_UINT(s.left_out[ROW_WORK], 20);
	ck_assert_ptr_nonnull(strstr(s.hint, "may not read the program's memory"));
	memory_free(&m);
}
END

/* --- while it is read, things move --- */

#define OWN_PAGE __attribute__((aligned(MEMORY_PAGE)))

/* An item and the lists that it goes through, each on a page of its own: read one by one. */
static struct {
	OWN_PAGE struct {
		struct fake_work work;
		struct fake_list entry;
		uint64_t function, due, wq;
	} item;
	OWN_PAGE struct fake_list wheel;
	OWN_PAGE struct fake_list inactive;
	OWN_PAGE struct fake_list worklist;
	struct fake_list beside;		/* on the same page */
	OWN_PAGE struct fake_list other;	/* another pool's */
	OWN_PAGE struct fake_list scheduled;
} moving;

#define ITEM ((uintptr_t)&moving.item)
#define MOST_READS 14

static unsigned int nr_reads;
static const unsigned int *move_at;	/* after so many reads of memory, each */
static unsigned int nr_moves, nr_moved;
static void (*move)(unsigned int nr);

static void begin_moving(void)
{
	begin();
	fake_list_init(&moving.wheel);
	fake_list_init(&moving.inactive);
	fake_list_init(&moving.worklist);
	fake_list_init(&moving.beside);
	fake_list_init(&moving.other);
	fake_list_init(&moving.scheduled);
	FAKE_POOL(base, 3)->worklist = (uintptr_t)&moving.worklist;
	FAKE_PWQ_ROW(base, 0)->inactive = (uintptr_t)&moving.inactive;
	FAKE_WORKER(base, 0)->scheduled = (uintptr_t)&moving.scheduled;
	head->timer_lists = (uintptr_t)&moving.wheel;
	head->nr_timer_lists = 1;
	moving.item.function = FAKE_DELAYED;
	moving.item.wq = FAKE_WQ(0);
	moving.item.work.func = FAKE_FUNC;
}

static void unlink_item(struct fake_list *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
}

static bool read_and_move(void *arg, uint64_t addr, char *page)
{
	bool ok = memory_read_process(arg, addr, page);

	nr_reads++;
	while (nr_moved < nr_moves && move_at[nr_moved] <= nr_reads)
		move(nr_moved++);
	return ok;
}

static void read_moving(void)
{
	static const struct proc_facts facts = { .program = "fake" };
	static const struct works_limits limits = { 1000, 1000 };
	pid_t pid = getpid();
	struct memory m = { .read_page = read_and_move, .arg = &pid };
	struct error err;

	nr_reads = nr_moved = 0;
	while (nr_moved < nr_moves && !move_at[nr_moved])
		move(nr_moved++);
	snapshot_init(&s);
	ck_assert(!seg_check(base, "fake", &img.head, &err));
	seg_picture(&img, base, &m, &limits);
	seg_fill(&s, &img, &facts);
	memory_free(&m);
	munmap(base, WQ_SEG_BYTES);
}

static size_t rows_of_item(enum work_state from, enum work_state to)
{
	size_t nr = 0;

	for_each_row(&s, ROW_WORK, struct work, w)
		nr += w->address == ITEM && w->state >= from && w->state <= to;
	return nr;
}

static void arm_item(void)
{
	moving.item.work.data = WQ_SEG_WORK_PENDING;
	moving.wheel.next = moving.wheel.prev = &moving.item.entry;
	moving.item.entry.next = moving.item.entry.prev = &moving.wheel;
	FAKE_WORKQUEUE(base, 0)->nr_armed = 1;
}

/* As libwq does it: the worker tells of the item, which leaves its list then. */
static void run_item(int worker, int pwq)
{
	FAKE_WORKER(base, worker)->flags = 0;
	FAKE_WORKER(base, worker)->pwq = (uint32_t)pwq;
	FAKE_WORKER(base, worker)->func = FAKE_FUNC;
	FAKE_WORKER(base, worker)->work = ITEM;
	unlink_item(&moving.item.work.entry);
	moving.item.work.data = 0;
}

/* armed > held back > pending > scheduled > running */
static void move_downstream(unsigned int nr)
{
	struct wq_seg_pwq *q = FAKE_PWQ_ROW(base, 0);

	if (nr == 0) {
		unlink_item(&moving.item.entry);
		fake_list_add(&moving.inactive, &moving.item.work, 0, FAKE_FUNC);
		FAKE_WORKQUEUE(base, 0)->nr_armed = 0;
		q->nr_inactive = 1;
	} else if (nr == 1) {
		unlink_item(&moving.item.work.entry);
		fake_list_add(&moving.worklist, &moving.item.work, 0, FAKE_FUNC);
		q->nr_inactive = 0;
		q->nr_active = 2;
	} else if (nr == 2) {
		unlink_item(&moving.item.work.entry);
		fake_list_add(&moving.scheduled, &moving.item.work, 0, FAKE_FUNC);
		q->nr_scheduled = 1;
	} else {
		q->nr_scheduled = 0;
		q->nr_active = 1;	/* it has ended what it ran */
		run_item(0, 0);
	}
}

TEST(an_item_that_moves_on_is_met_once)
{
	static unsigned int at[4];

	move = move_downstream;
	move_at = at;
	nr_moves = 4;
	for (at[0] = 0; at[0] <= MOST_READS; at[0]++)
	for (at[1] = at[0]; at[1] <= MOST_READS; at[1]++)
	for (at[2] = at[1]; at[2] <= MOST_READS; at[2]++)
	for (at[3] = at[2]; at[3] <= MOST_READS; at[3]++) {
		begin_moving();
		arm_item();
		read_moving();
		ck_assert_msg(rows_of_item(0, WORK_DELAYED) == 1 && !s.left_out[ROW_WORK],
			      "moved after %u, %u, %u, %u reads: %zu rows, %u left out", at[0], at[1],
			      at[2], at[3], rows_of_item(0, WORK_DELAYED),
			      (unsigned int)s.left_out[ROW_WORK]);
		snapshot_free(&s);
	}
	CHECK(nr_reads < MOST_READS);
}
END

/* A page that was read for one list is not good enough for another one that is read later. */
static void move_to_a_page_that_was_read(unsigned int nr)
{
	struct wq_seg_pwq *q = FAKE_PWQ_ROW(base, 1);

	if (nr) {
		run_item(1, 1);
		return;
	}
	unlink_item(&moving.item.work.entry);
	fake_list_add(&moving.worklist, &moving.item.work, 1, FAKE_FUNC);
	q->nr_inactive = 0;
	q->nr_active = 1;
}

TEST(each_kind_of_list_is_read_from_fresh_memory)
{
	static unsigned int at[2];

	move = move_to_a_page_that_was_read;
	move_at = at;
	nr_moves = 2;
	for (at[0] = 0; at[0] <= MOST_READS; at[0]++)
	for (at[1] = at[0]; at[1] <= MOST_READS; at[1]++) {
		begin_moving();
		FAKE_PWQ_ROW(base, 0)->inactive = (uintptr_t)&moving.beside;
		FAKE_PWQ_ROW(base, 0)->nr_barriers = 1;		/* so that list is read */
		FAKE_PWQ_ROW(base, 1)->inactive = (uintptr_t)&moving.inactive;
		FAKE_PWQ_ROW(base, 1)->nr_inactive = 1;
		fake_list_add(&moving.inactive, &moving.item.work, 1, FAKE_FUNC);
		read_moving();
		ck_assert_msg(rows_of_item(0, WORK_DELAYED) == 1, "moved after %u, %u reads: %zu rows",
			      at[0], at[1], rows_of_item(0, WORK_DELAYED));
		snapshot_free(&s);
	}
}
END

/* From the pool that is read last to the one that is read first, where it runs. */
static void move_between_pools(unsigned int nr)
{
	if (nr) {
		run_item(1, 1);
		return;
	}
	unlink_item(&moving.item.work.entry);
	fake_list_add(&moving.other, &moving.item.work, 1, FAKE_FUNC);
	FAKE_PWQ_ROW(base, 0)->nr_active--;
	FAKE_PWQ_ROW(base, 1)->nr_active++;
}

static void begin_two_pools(void)
{
	begin_moving();
	FAKE_POOL(base, 3)->home = 1;
	FAKE_POOL(base, 3)->cpu = -1;
	*FAKE_POOL(base, 1) = *FAKE_POOL(base, 3);
	FAKE_POOL(base, 1)->worklist = (uintptr_t)&moving.other;
	FAKE_PWQ_ROW(base, 1)->workqueue = 0;
	FAKE_PWQ_ROW(base, 1)->pool = 1;
	fake_list_add(&moving.worklist, &moving.item.work, 0, FAKE_FUNC);
	FAKE_PWQ_ROW(base, 0)->nr_active = 2;
}

TEST(an_item_that_another_pool_takes_is_met_once)
{
	static unsigned int at[2];

	move = move_between_pools;
	move_at = at;
	nr_moves = 2;
	for (at[0] = 0; at[0] <= MOST_READS; at[0]++)
	for (at[1] = at[0]; at[1] <= MOST_READS; at[1]++) {
		begin_two_pools();
		read_moving();
		ck_assert_msg(rows_of_item(0, WORK_DELAYED) == 1 && !s.left_out[ROW_WORK],
			      "moved after %u, %u reads: %zu rows, %u left out", at[0], at[1],
			      rows_of_item(0, WORK_DELAYED), (unsigned int)s.left_out[ROW_WORK]);
		snapshot_free(&s);
	}
}
END

/* It runs, and queues itself meanwhile. */
static void move_queue_again(unsigned int nr)
{
	if (nr) {
		fake_list_add(&moving.worklist, &moving.item.work, 0, FAKE_FUNC);
		FAKE_PWQ_ROW(base, 0)->nr_active++;
	} else {
		run_item(1, 0);
	}
}

TEST(an_item_that_is_queued_again_is_met_in_both_places)
{
	static unsigned int at[2];

	move = move_queue_again;
	move_at = at;
	nr_moves = 2;
	for (at[0] = 0; at[0] <= MOST_READS; at[0]++)
	for (at[1] = at[0]; at[1] <= MOST_READS; at[1]++) {
		begin_moving();
		fake_list_add(&moving.worklist, &moving.item.work, 0, FAKE_FUNC);
		FAKE_PWQ_ROW(base, 0)->nr_active = 2;
		read_moving();
		CHECK(rows_of_item(0, WORK_DELAYED) >= 1);
		CHECK(rows_of_item(WORK_RUNNING, WORK_RUNNING) <= 1);
		CHECK(rows_of_item(WORK_SCHEDULED, WORK_DELAYED) <= 1);
		if (!at[1] || at[0] == MOST_READS)
			CHECK_UINT(rows_of_item(0, WORK_DELAYED), at[1] ? 1 : 2);
		snapshot_free(&s);
	}
}
END

/* Stopped between two stores: its worker has it, and its list still has, too. */
TEST(an_item_that_is_being_taken_up_runs)
{
	nr_moves = 0;
	begin_moving();
	fake_list_add(&moving.worklist, &moving.item.work, 0, FAKE_FUNC);
	FAKE_PWQ_ROW(base, 0)->nr_active = 2;
	FAKE_WORKER(base, 1)->work = ITEM;
	FAKE_WORKER(base, 1)->func = FAKE_FUNC;
	FAKE_WORKER(base, 1)->pwq = 0;
	read_moving();
	CHECK_UINT(rows_of_item(WORK_RUNNING, WORK_RUNNING), 1);
	CHECK_UINT(rows_of_item(0, WORK_DELAYED), 1);
	CHECK_UINT(s.left_out[ROW_WORK], 0);
}
END

/* The pwq of the item, which is done by then, has gone, and another has its place. */
static void move_away(unsigned int nr)
{
	struct wq_seg_pwq *q = FAKE_PWQ_ROW(base, 1);

	(void)nr;
	unlink_item(&moving.item.work.entry);
	moving.item.work.data = 0;
	q->serial = 99;
	q->nr_active = 0;
	q->workqueue = 0;
}

TEST(an_item_is_not_given_to_another_workqueue)
{
	static unsigned int at;

	move = move_away;
	move_at = &at;
	nr_moves = 1;
	for (at = 0; at <= MOST_READS; at++) {
		begin_moving();
		fake_list_add(&moving.worklist, &moving.item.work, 1, FAKE_FUNC);
		FAKE_PWQ_ROW(base, 1)->nr_active = 1;
		read_moving();
		CHECK(rows_of_item(0, WORK_DELAYED) <= 1);
		for_each_row(&s, ROW_WORK, struct work, w)
			CHECK(w->address != ITEM || !strcmp(w->workqueue, "second"));
		snapshot_free(&s);
	}
}
END

/* --- an older and a newer library --- */

TEST(fields_of_a_newer_library_are_not_read)
{
	begin();
	head->minor = 7;
	head->nr_tables = WQ_SEG_NR_TABLES + 1;
	head->table[WQ_SEG_WORKQUEUES].size = WQ_SEG_WORKQUEUE_STRIDE;
	head->header_size = WQ_SEG_HEADER_BYTES;
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKQUEUE), 2);
}
END

TEST(what_an_older_library_does_not_write_is_none)
{
	begin();
	strcpy(FAKE_WORKER(base, 0)->desc, "garbage");
	head->table[WQ_SEG_WORKERS].size = offsetof(struct wq_seg_worker, desc);
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKER), 3);
	CHECK(!known(worker(0)->has, WORKER_DESC));
}
END

/* --- what is damaged is refused --- */

#define REFUSED(change, words) \
	do { \
		struct error err = { .text = "" }; \
		begin(); \
		change; \
		CHECK_INT(read_limited(10, &err), -1); \
		ck_assert_msg(strstr(err.text, words), "%s: %s", #change, err.text); \
	} while (0)

TEST(wrong_geometry_is_refused)
{
	REFUSED(head->magic[0] = 'x', "not complete");
	REFUSED(head->byte_order = 0x04030201, "byte order");
	REFUSED(head->major = 2, "version 2");
	REFUSED(head->word_bytes = 16, "sizes");
	REFUSED(head->segment_size = 4096, "sizes");
	REFUSED(head->header_size = 8, "sizes");
	REFUSED(head->header_size = UINT32_MAX, "sizes");
	REFUSED(head->nr_tables = 6, "6 tables");
	REFUSED(head->table[2].offset = 0, "table 2");
	REFUSED(head->table[1].stride = 64, "table 1");
	REFUSED(head->table[3].capacity = UINT32_MAX, "table 3");
	REFUSED(head->table[4].size = 129, "table 4");
	REFUSED(head->table[4].size = 0, "table 4");
	REFUSED(head->work_bytes = 100000, "work items");
	REFUSED(head->work_bytes = 8, "work items");
	REFUSED(head->work_entry = 31, "work items");
	REFUSED(head->work_func = UINT32_MAX, "work items");
	REFUSED(head->work_data = UINT32_MAX, "work items");
	REFUSED(head->timer_due = UINT32_MAX, "work items");
}
END

/* --- what is hostile does no harm --- */

TEST(counts_are_clamped)
{
	begin();
	for (int i = 0; i < WQ_SEG_NR_TABLES; i++)
		head->table[i].nr = UINT32_MAX;
	head->nr_cpus = UINT32_MAX;
	head->nr_timer_lists = UINT32_MAX;
	head->timer_lists = (uintptr_t)&worklist;
	FAKE_PWQ_ROW(base, 0)->nr_active = UINT32_MAX;
	FAKE_PWQ_ROW(base, 0)->nr_scheduled = UINT32_MAX;
	FAKE_PWQ_ROW(base, 0)->nr_inactive = UINT32_MAX;
	FAKE_WORKQUEUE(base, 0)->nr_armed = UINT64_MAX;
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKQUEUE), 2);
	CHECK_INT(s.source.nr_cpus, WQ_SEG_CPUS);
	CHECK(s.left_out[ROW_WORK] > 0);
	free(printed());
}
END

TEST(names_do_no_harm_on_a_screen)
{
	char *text;

	begin();
	memset(FAKE_WORKQUEUE(base, 0)->name, 27, 32);		/* and no end */
	memcpy(FAKE_WORKQUEUE(base, 1)->name, "a\nb\r\033[2J\xc2\x9b", 11);
	memset(FAKE_WORKER(base, 0)->desc, 27, 32);
	memset(FAKE_FUNCTION(base, 0)->name, 7, 112);
	memset(head->program, 27, sizeof(head->program));
	memset(head->library, 27, sizeof(head->library));
	read_it();
	text = printed();
	for (const char *at = text; *at; at++)
		ck_assert_msg((unsigned char)*at >= ' ' || *at == '\n', "\\x%02x", *at);
	ck_assert_ptr_null(strstr(text, "\xc2\x9b"));
	ck_assert_ptr_nonnull(strstr(text, "a\\x0ab\\x0d\\x1b[2J"));
	free(text);
}
END

TEST(indices_may_point_nowhere)
{
	begin();
	FAKE_PWQ_ROW(base, 0)->workqueue = 4711;
	FAKE_PWQ_ROW(base, 1)->pool = UINT32_MAX - 1;
	FAKE_WORKER(base, 0)->pwq = 131071;
	FAKE_WORKER(base, 1)->pool = 8191;
	FAKE_WORKER(base, 2)->rescue_wq = 8191;
	FAKE_WORKQUEUE(base, 0)->rescuer = 16383;
	FAKE_WORKQUEUE(base, 1)->affn_scope = UINT32_MAX;
	FAKE_WORKER(base, 0)->tid = UINT32_MAX;
	read_it();
	CHECK(!known(pwq(0)->has, PWQ_WORKQUEUE) && !known(pwq(1)->has, PWQ_POOL));
	CHECK(!known(worker(1)->has, WORKER_POOL) && !known(worker(0)->has, WORKER_PID));
	CHECK(!known(wq(1)->has, WORKQUEUE_AFFINITY_SCOPE));
	free(printed());
}
END

TEST(lists_that_are_none_are_left_out)
{
	for (int kind = 0; kind < 6; kind++) {
		begin();
		for (int i = 0; i < 4; i++)
			fake_list_add(&worklist, &works[i], 0, FAKE_FUNC);
		FAKE_PWQ_ROW(base, 0)->nr_active = 5;
		if (kind == 0)		/* a circle without the head */
			works[3].entry.next = &works[1].entry;
		if (kind == 1)		/* back to itself */
			works[2].entry.next = &works[2].entry;
		if (kind == 2)		/* out of memory that there is */
			works[2].entry.next = (void *)(uintptr_t)8;
		if (kind == 3)		/* of a pwq that is none */
			works[2].data = FAKE_PWQ(9) | WQ_SEG_WORK_PWQ;
		if (kind == 4)		/* of none at all */
			works[2].data = WQ_SEG_WORK_PENDING;
		if (kind == 5)		/* the end of the address space */
			works[2].entry.next = (void *)(uintptr_t)-8;
		read_it();
		CHECK_UINT(works_in(WORK_PENDING), 0);
		CHECK_UINT(s.left_out[ROW_WORK], 4);
		CHECK_UINT(the_pool()->consistency, INCOMPLETE);
		CHECK_UINT(s.consistency, INCOMPLETE);
		snapshot_free(&s);
	}
}
END

TEST(a_work_of_another_pool_is_no_work_of_the_list)
{
	begin();
	*FAKE_POOL(base, 1) = *FAKE_POOL(base, 3);
	FAKE_POOL(base, 1)->worklist = 0;
	FAKE_PWQ_ROW(base, 1)->pool = 1;
	fake_list_add(&worklist, &works[0], 1, FAKE_FUNC);
	read_it();
	CHECK_UINT(works_in(WORK_PENDING), 0);
}
END

TEST(records_that_are_being_written_are_left_out)
{
	begin();
	FAKE_WORKQUEUE(base, 0)->seq = 1;
	FAKE_WORKER(base, 0)->seq = 7;
	read_it();
	CHECK_UINT(nr_rows(&s, ROW_WORKQUEUE), 1);
	CHECK_UINT(s.left_out[ROW_WORKQUEUE], 1);
	CHECK_UINT(nr_rows(&s, ROW_WORKER), 3);
	CHECK_INT(worker(0)->pid, 1000);	/* outside the lock, so known */
	CHECK(!known(worker(0)->has, WORKER_FUNCTION) && !known(worker(0)->has, WORKER_POOL));
	CHECK_UINT(s.consistency, INCOMPLETE);
}
END

TESTS(all_records_become_rows,
      workers_are_named_as_their_threads,
      items_are_read_from_the_programs_memory,
      delayed_items_come_from_the_timers,
      waiters_know_where_their_work_is,
      long_lists_are_cut_and_counted,
      without_its_memory_works_are_counted,
      an_item_that_moves_on_is_met_once,
      each_kind_of_list_is_read_from_fresh_memory,
      an_item_that_another_pool_takes_is_met_once,
      an_item_that_is_queued_again_is_met_in_both_places,
      an_item_that_is_being_taken_up_runs,
      an_item_is_not_given_to_another_workqueue,
      fields_of_a_newer_library_are_not_read,
      what_an_older_library_does_not_write_is_none,
      wrong_geometry_is_refused,
      counts_are_clamped,
      names_do_no_harm_on_a_screen,
      indices_may_point_nowhere,
      lists_that_are_none_are_left_out,
      a_work_of_another_pool_is_no_work_of_the_list,
      records_that_are_being_written_are_left_out)
