/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * perf.c - PERF_RECORD_SWITCH: the kernel says when a worker sleeps, exactly
 *
 * The parameter perf=1 gives each worker an event of its own, whose ring the kernel fills with a
 * record at each context switch: it tells a worker that sleeps from one that was preempted. One
 * thread waits for records while a pool has a backlog, and counts anew who runs; the worker reads
 * its own ring when an item ends, and accounts how long it slept.
 *
 * It is off by default: a record that wakes somebody costs the worker up to eight times its own
 * switch, and what it tells, the sentinel knows sooner.
 *
 * The thread has a file table of its own, so that the program neither sees nor closes its files.
 * A ring keeps its event alive without one. Others get it out of epoll_wait() by a signal that is
 * blocked in it and goes to it alone.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1u << 1)
#endif

#define RING_PAGES 2u
#define CALM_NS (2 * NSEC_PER_MSEC)	/* without a backlog for so long: park */

/* Of the kernel, each of the same size: the ring holds whole ones. */
struct switch_record {
	struct perf_event_header header;
	u64 time;
};

enum { PERF_STARTS, PERF_WATCHES, PERF_PARKED, PERF_ENDED };

/* A worker that is watched. */
struct watch {
	struct worker *worker;		/* I; somebody else's once it is gone */
	struct worker_pool *pool;	/* I */
	pid_t tid;			/* I */
	struct watch *next;		/* the perf thread's, before that of the requests */
	struct wq_done *decided;	/* I: whether it is watched: the worker waits for that */
	struct perf_event_mmap_page *page; /* I */
	u64 tail;			/* L: read so far */
	u64 asleep_since;		/* L: 0: it runs, or could */
	struct wq_blocked item;		/* L: of the item that it executes */
	bool gone;			/* L */
};

static u32 state = PERF_ENDED;		/* A */
static int perf_err = ECANCELED;	/* A: why nobody, or not everybody, is watched */
static pid_t perf_tid;			/* A */
static struct watch *requests;		/* A: a stack */
static struct watch *watches;		/* S */
static int epoll_fd;			/* S */
static size_t page_bytes;		/* I */

static size_t ring_bytes(void)
{
	return RING_PAGES * page_bytes;
}

/* --- the ring --- */

static int event_open(pid_t tid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.sample_id_all = 1,
		.context_switch = 1,
		.watermark = 1,
		.wakeup_watermark = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	return (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void count_record(struct watch *w, const struct switch_record *rec)
{
	if (rec->header.misc & PERF_RECORD_MISC_SWITCH_OUT) {
		if (rec->header.misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT)
			return;
		w->asleep_since = rec->time;
		w->item.times++;
	} else if (w->asleep_since) {
		w->item.ns += rec->time - w->asleep_since;
		w->asleep_since = 0;
	}
}

/*
 * The kernel overwrites what is oldest. It may be about to overwrite more than it has told:
 * keep away from there. pool locked.
 */
static void watch_read(struct watch *w)
{
	const char *ring = (const char *)w->page + page_bytes;
	u64 head = load_acquire(&w->page->data_head), safe = ring_bytes() - 256;

	while (w->tail != head) {
		struct switch_record rec;

		memcpy(&rec, ring + w->tail % ring_bytes(), sizeof(rec));
		head = load_acquire(&w->page->data_head);
		if (head - w->tail > safe) {
			u64 next = head - ring_bytes() / 2;

			w->item.missed += (next - w->tail) / sizeof(rec);
			w->tail = next;
			w->asleep_since = 0;
			continue;
		}
		w->tail += sizeof(rec);
		if (rec.header.type == PERF_RECORD_SWITCH)
			count_record(w, &rec);
	}
}

/* Count it as what it is. pool locked. */
static void watch_tell(struct watch *w)
{
	struct worker *worker = w->worker;
	bool was = worker->sleeping;

	watch_read(w);
	if (!worker->current_work)
		return;
	if (w->asleep_since)
		worker_take_off(worker);
	else
		worker_back_on(worker);
	if (worker->sleeping && !was)
		__atomic_fetch_add(&w->pool->nr_hits, 1, __ATOMIC_RELAXED);
}

/* --- its worker --- */

/* An item begins: what was before it is not its own. pool locked. */
void perf_item_begins(struct watch *w)
{
	watch_read(w);
	memset(&w->item, 0, sizeof(w->item));
}

/* An item of that queue has ended. pool locked. */
void perf_item_ends(struct watch *w, struct workqueue_struct *wq)
{
	watch_read(w);
	__atomic_fetch_add(&wq->blocked.ns, w->item.ns, __ATOMIC_RELAXED);
	__atomic_fetch_add(&wq->blocked.times, w->item.times, __ATOMIC_RELAXED);
	__atomic_fetch_add(&wq->blocked.missed, w->item.missed, __ATOMIC_RELAXED);
}

/* Any lock may be held. */
static void perf_wake(void)
{
	u32 parked = PERF_PARKED;

	if (__atomic_compare_exchange_n(&state, &parked, PERF_WATCHES, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		futex_wake(&state, 1);
}

/* There is a backlog. Any thread, any lock. */
void perf_kick(void)
{
	if (load_relaxed(&state) == PERF_PARKED)
		perf_wake();
}

/* A new worker asks to be watched, from its first item on. Its own thread, no lock held. */
void perf_watch(struct worker *worker)
{
	struct wq_done decided = { 0 };
	struct watch *w;

	if (load_acquire(&state) == PERF_ENDED)
		return;
	w = calloc(1, sizeof(*w));
	if (!w) {
		store_relaxed(&perf_err, ENOMEM);
		return;
	}
	w->worker = worker;
	w->pool = worker->pool;
	w->tid = self_tid();
	w->decided = &decided;
	w->next = load_relaxed(&requests);
	while (!__atomic_compare_exchange_n(&requests, &w->next, w, true, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED))
		;
	perf_wake();
	syscall(SYS_tgkill, getpid(), load_relaxed(&perf_tid), SIGIO);
	done_wait(&decided);
}

/* The worker's thread ends. pool locked. */
void perf_unwatch(struct worker *worker)
{
	worker->watch->gone = true;
	worker->watch = NULL;
}

/* --- the perf thread --- */

/* Return: its ring, or NULL with errno set. */
static struct perf_event_mmap_page *map_ring(struct watch *w)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = w };
	int fd = event_open(w->tid), err = 0;
	void *page;

	if (fd < 0)
		return NULL;
	page = mmap(NULL, page_bytes + ring_bytes(), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		err = errno;
	} else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
		err = errno;
		munmap(page, page_bytes + ring_bytes());
	}
	close(fd);
	errno = err;
	return err ? NULL : page;
}

static void attach(struct watch *w)
{
	struct wq_done *decided = w->decided;

	w->page = map_ring(w);
	if (w->page) {
		w->next = watches;
		watches = w;
		pool_lock(w->pool);
		w->worker->watch = w;
		pool_unlock(w->pool);
	} else {
		store_relaxed(&perf_err, errno);
		free(w);
	}
	done_complete(decided);
}

static void attach_all(void)
{
	struct watch *w = __atomic_exchange_n(&requests, NULL, __ATOMIC_SEQ_CST), *next;

	for (; w; w = next) {
		next = w->next;
		attach(w);
	}
}

static void detach(struct watch *w)
{
	struct watch **at = &watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	munmap(w->page, page_bytes + ring_bytes());
	free(w);
}

/* What is in its ring; false: its worker has ended. */
static bool watch_serve(struct watch *w)
{
	bool gone;

	pool_lock(w->pool);
	gone = w->gone;
	if (!gone)
		watch_tell(w);
	pool_unlock(w->pool);
	return !gone;
}

static void serve_all(void)
{
	struct watch *w = watches, *next;

	for (; w; w = next) {
		next = w->next;
		if (!watch_serve(w))
			detach(w);
	}
}

static bool any_starves(void)
{
	for (int id = 0; id < load_acquire(&wq_nr_pools); id++)
		if (pool_starves(wq_pools[id]))
			return true;
	return false;
}

/* Nothing waits: let records be made without anybody waking up for them. */
static void park(void)
{
	__atomic_store_n(&state, PERF_PARKED, __ATOMIC_SEQ_CST);
	for (int id = 0; id < load_acquire(&wq_nr_pools); id++)
		__atomic_store_n(&wq_pools[id]->unwatched, 1, __ATOMIC_SEQ_CST);
	if (any_starves() || __atomic_load_n(&requests, __ATOMIC_SEQ_CST))
		perf_wake();
	while (load_acquire(&state) == PERF_PARKED)
		futex_wait(&state, PERF_PARKED, NULL);
}

static void perf_loop(int signal_fd)
{
	u64 busy = now_ns();

	for (;;) {
		struct epoll_event events[32];
		struct signalfd_siginfo info;
		int n = epoll_wait(epoll_fd, events, (int)ARRAY_SIZE(events), -1);

		for (int i = 0; i < n; i++) {
			struct watch *w = events[i].data.ptr;

			if (!w) {
				while (read(signal_fd, &info, sizeof(info)) > 0)
					;
				continue;
			}
			/* its event hangs up when its thread ends */
			if (!watch_serve(w))
				detach(w);
		}
		attach_all();
		if (any_starves()) {
			busy = now_ns();
		} else if (now_ns() - busy > CALM_NS) {
			park();
			serve_all();
			attach_all();
			busy = now_ns();
		}
	}
}

/* Return: the file to read signals from, or -errno. */
static int perf_setup(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct sched_param param = { 0 };
	sigset_t mask;
	int fd;

	if (syscall(SYS_close_range, 0, ~0u, CLOSE_RANGE_UNSHARE))
		return -errno;
	fd = event_open(self_tid());
	if (fd < 0)
		return -errno;
	close(fd);
	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0 || epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	/* a normal one would preempt the worker whose record wakes it */
	sched_setscheduler(0, SCHED_BATCH, &param);
	return fd;
}

static void *perf_main(void *arg)
{
	int fd;

	(void)arg;
	thread_set_name("wq-perf");
	store_relaxed(&perf_tid, self_tid());
	fd = perf_setup();
	store_relaxed(&perf_err, fd < 0 ? -fd : 0);
	store_release(&state, fd < 0 ? PERF_ENDED : PERF_WATCHES);
	futex_wake(&state, 1);
	if (fd >= 0)
		perf_loop(fd);
	return NULL;
}

/* Before there are workers. Returns when it is known whether it works. */
void perf_start(void)
{
	int err;

	if (!wq_use_perf)
		return;
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	store_relaxed(&state, PERF_STARTS);
	err = thread_start(perf_main, NULL, 32 << 10);
	if (err) {
		store_relaxed(&perf_err, err);
		store_relaxed(&state, PERF_ENDED);
	}
	while (load_acquire(&state) == PERF_STARTS)
		futex_wait(&state, PERF_STARTS, NULL);
	if (perf_runs())
		__atomic_fetch_or(&wq_seg->mechanism, WQ_SEG_BY_PERF, __ATOMIC_RELAXED);
}

bool perf_runs(void)
{
	return load_acquire(&state) != PERF_ENDED;
}

int wq_perf_error(void)
{
	wq_start();
	return -load_relaxed(&perf_err);
}

int wq_workqueue_blocked(struct workqueue_struct *wq, struct wq_blocked *sum)
{
	wq_start();
	if (!perf_runs())
		return -load_relaxed(&perf_err);
	sum->ns = load_relaxed(&wq->blocked.ns);
	sum->times = load_relaxed(&wq->blocked.times);
	sum->missed = load_relaxed(&wq->blocked.missed);
	return 0;
}

/* The rings were not inherited, and the thread neither. */
void perf_fork_child(void)
{
	struct list_head *pos;

	state = PERF_ENDED;
	requests = watches = NULL;
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);

		memset(&wq->blocked, 0, sizeof(wq->blocked));
	}
}
