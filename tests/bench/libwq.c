/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libwq.c - the peers' workloads on libwq: -DBOUND a per-CPU queue, else an unbound one
 *
 * -DDELAYED is for the workloads with timers: its items are delayed ones, three times as big, so
 * the others are not run with them.
 */
#include <wq/wq.h>

#ifdef DELAYED
struct peer_item {
	struct delayed_work dwork;
};
#define work_of(b) (&(b)->p.dwork.work)
#else
struct peer_item {
	struct work_struct work;
};
#define work_of(b) (&(b)->p.work)
#endif

#ifdef BOUND
#define PEER_NAME "libwq-percpu"
#define PEER_FLAGS WQ_PERCPU
#else
#define PEER_NAME "libwq-unbound"
#define PEER_FLAGS WQ_UNBOUND
#endif
#include "bench.h"

static struct workqueue_struct *wq;

static void run_item(struct work_struct *work)
{
	struct bitem *b = (struct bitem *)(void *)work;

	b->fn(b);
}

/* The harness hands out zeroed items; a libwq item says by its function that it is initialised. */
static inline void prepare(struct bitem *b)
{
	if (work_of(b)->func)
		return;
#ifdef DELAYED
	wq_init_delayed_work(&b->p.dwork, run_item);
#else
	wq_init_work(&b->p.work, run_item);
#endif
}

static inline void peer_submit(struct bitem *b)
{
	prepare(b);
	wq_queue_work(wq, work_of(b));
}

#ifdef DELAYED
#define PEER_DELAYED
static void peer_submit_delayed(struct bitem *b, u64 ns)
{
	prepare(b);
	wq_queue_delayed_work_ns(wq, &b->p.dwork, ns);
}

#define PEER_CANCEL_DELAYED
static int peer_cancel_delayed(struct bitem *b)
{
	return wq_cancel_delayed_work(&b->p.dwork);
}
#endif

#define PEER_FLUSH
static inline void peer_flush(struct bitem *b)
{
	peer_submit(b);
	wq_flush_work(work_of(b));
}

#define PEER_CANCEL
static int peer_cancel(struct bitem *b)
{
	return wq_cancel_work(work_of(b));
}

static void peer_init(void)
{
	wq = wq_alloc_workqueue("bench", PEER_FLAGS, WQ_MAX_ACTIVE);
	if (!wq)
		abort();
}

static void peer_fini(void)
{
}

#include "bench_run.h"
