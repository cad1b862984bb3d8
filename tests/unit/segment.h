/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.h - a segment as a program on libwq would have it, made by a test
 *
 * Two workqueues on one pool, one worker that runs, one that is idle, and a
 * rescuer. Lists are this process's own memory.
 */
#ifndef WQKIT_TEST_SEGMENT_H
#define WQKIT_TEST_SEGMENT_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/source_proc.h"

struct fake_list {
	struct fake_list *next, *prev;
};

/* In the order of the kernel's work_struct. */
struct fake_work {
	uint64_t data;
	struct fake_list entry;
	uint64_t func;
};

#define FAKE_PWQ(i) (UINT64_C(0x7f0000000000) + 0x100 * (uint64_t)((i) + 1))
#define FAKE_WQ(i) (UINT64_C(0x7e0000000000) + 0x1000 * (uint64_t)((i) + 1))
#define FAKE_FUNC UINT64_C(0x401000)
#define FAKE_BARRIER UINT64_C(0x402000)
#define FAKE_DELAYED UINT64_C(0x403000)

#define FAKE_ROW(base, name, type, index) \
	((struct type *)(void *)((char *)(base) + WQ_SEG_##name##S_AT + \
				 (size_t)(index) * WQ_SEG_##name##_STRIDE))
#define FAKE_WORKQUEUE(base, i) FAKE_ROW(base, WORKQUEUE, wq_seg_workqueue, i)
#define FAKE_PWQ_ROW(base, i) FAKE_ROW(base, PWQ, wq_seg_pwq, i)
#define FAKE_POOL(base, i) FAKE_ROW(base, POOL, wq_seg_pool, i)
#define FAKE_WORKER(base, i) FAKE_ROW(base, WORKER, wq_seg_worker, i)
#define FAKE_WAITER(base, i) FAKE_ROW(base, WAITER, wq_seg_waiter, i)
#define FAKE_FUNCTION(base, i) FAKE_ROW(base, FUNCTION, wq_seg_function, i)

static inline void fake_list_init(struct fake_list *head)
{
	head->next = head->prev = head;
}

static inline void fake_list_add(struct fake_list *head, struct fake_work *work, int pwq,
				 uint64_t func)
{
	work->data = FAKE_PWQ(pwq) | WQ_SEG_WORK_PWQ | WQ_SEG_WORK_PENDING;
	work->func = func;
	work->entry.next = head;
	work->entry.prev = head->prev;
	head->prev->next = &work->entry;
	head->prev = &work->entry;
}

static inline void fake_header(struct wq_seg_header *h)
{
	static const struct wq_seg_table tables[WQ_SEG_NR_TABLES] = {
#define TABLE(name, type) \
		[WQ_SEG_##name##S] = { WQ_SEG_##name##S_AT, WQ_SEG_##name##_STRIDE, \
				       sizeof(struct type), WQ_SEG_MAX_##name##S, 0, 0 }
		TABLE(WORKQUEUE, wq_seg_workqueue), TABLE(PWQ, wq_seg_pwq),
		TABLE(POOL, wq_seg_pool), TABLE(WORKER, wq_seg_worker),
		TABLE(WAITER, wq_seg_waiter), TABLE(FUNCTION, wq_seg_function),
		TABLE(MISUSE, wq_seg_misuse),
#undef TABLE
	};

	memcpy(h->magic, WQ_SEG_MAGIC, sizeof(h->magic));
	h->major = WQ_SEG_MAJOR;
	h->byte_order = WQ_SEG_BYTE_ORDER;
	h->word_bytes = 8;
	h->header_size = sizeof(*h);
	h->nr_tables = WQ_SEG_NR_TABLES;
	h->segment_size = WQ_SEG_BYTES;
	h->pid = (uint32_t)getpid();
	h->nr_cpus = 2;
	h->mechanism = WQ_SEG_BY_SENTINEL | WQ_SEG_BY_TICK;
	strcpy(h->library, "0.1.0");
	strcpy(h->program, "fake");
	memcpy(h->table, tables, sizeof(tables));
	h->work_bytes = sizeof(struct fake_work);
	h->work_entry = offsetof(struct fake_work, entry);
	h->work_func = offsetof(struct fake_work, func);
	h->dwork_timer = sizeof(struct fake_work);
	h->timer_func = sizeof(struct fake_list);
	h->timer_due = h->timer_func + 8;
	h->dwork_wq = h->dwork_timer + h->timer_due + 8;
	h->barrier_func = FAKE_BARRIER;
	h->delayed_func = FAKE_DELAYED;
}

static inline void fake_queues(char *base)
{
	struct wq_seg_header *h = (void *)base;

	for (int i = 0; i < 2; i++) {
		struct wq_seg_workqueue *w = FAKE_WORKQUEUE(base, i);
		struct wq_seg_pwq *q = FAKE_PWQ_ROW(base, i);

		w->serial = 11 + (uint64_t)i;
		w->address = FAKE_WQ(i);
		w->flags = i ? 0x2000a : 0x100;		/* ordered, with a rescuer; per CPU */
		w->max_active = i ? 1 : 4;
		w->min_active = 1;
		w->rescuer = i ? 2 : WQ_SEG_NONE;
		w->dead_stat[WQ_SEG_STARTED] = 100;
		strcpy(w->name, i ? "second" : "first");
		q->serial = 21 + (uint64_t)i;
		q->address = FAKE_PWQ(i);
		q->workqueue = (uint32_t)i;
		q->pool = 3;
		q->has_base = 1;
		q->stat[WQ_SEG_STARTED] = 5;
		q->stat[WQ_SEG_COMPLETED] = 4;
	}
	h->table[WQ_SEG_WORKQUEUES].nr = h->table[WQ_SEG_PWQS].nr = 2;
}

static inline void fake_workers(char *base)
{
	struct wq_seg_header *h = (void *)base;
	struct wq_seg_pool *p = FAKE_POOL(base, 3);

	p->serial = 1;
	p->cpu = 1;
	p->home = -1;
	p->cpus[0] = 2;
	p->nr_workers = 2;
	p->nr_idle = 1;
	p->nr_running = 1;
	h->table[WQ_SEG_POOLS].nr = 4;
	for (uint32_t i = 0; i < 3; i++) {
		struct wq_seg_worker *w = FAKE_WORKER(base, i);

		w->serial = 31 + i;
		w->tid = 1000 + i;
		w->id = i;
		w->pool = i == 2 ? WQ_SEG_NONE : 3;
		w->rescue_wq = i == 2 ? 1 : WQ_SEG_NONE;
		w->pwq = WQ_SEG_NONE;
		w->flags = i ? WQ_SEG_WORKER_IDLE : 0;
	}
	FAKE_WORKER(base, 0)->work = 0x5000;
	FAKE_WORKER(base, 0)->func = FAKE_FUNC;
	FAKE_WORKER(base, 0)->pwq = 0;
	FAKE_WORKER(base, 0)->start_ns = 1;
	strcpy(FAKE_WORKER(base, 0)->desc, "flush-8:0");
	FAKE_PWQ_ROW(base, 0)->nr_active = 1;
	h->table[WQ_SEG_WORKERS].nr = 3;
	FAKE_FUNCTION(base, 0)->address = FAKE_FUNC;
	strcpy(FAKE_FUNCTION(base, 0)->name, "do_first");
	h->table[WQ_SEG_FUNCTIONS].nr = 1;
}

/* Fresh, of WQ_SEG_BYTES, most of which are never touched. */
static inline char *fake_segment(void)
{
	char *base = mmap(NULL, WQ_SEG_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	fake_header((void *)base);
	fake_queues(base);
	fake_workers(base);
	return base;
}

#endif
