/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker.c - a worker's life: thread, idling, taking items, running them
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define WORKER_RUNS 0u
#define WORKER_GET_UP 1u
#define WORKER_PARKED 2u

struct wq_lock wq_worker_lock = LOCK_INIT(RANK_WORKER);
static struct worker *free_workers;

/* --- threads --- */

/* Signals that must reach the thread that caused them: its handlers, or the program's end. */
static void default_sigmask(sigset_t *mask)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPROF,
				   SIGPIPE, SIGXFSZ, SIGABRT };

	sigfillset(mask);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(mask, own[i]);
}

/*
 * A detached thread with the library's signal mask and the default policy, whoever the caller is.
 */
int thread_start(void *(*fn)(void *), void *arg, size_t stack)
{
	struct timespec slow = { 0, 2000000 };
	sigset_t mask, old;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (unlikely(load_relaxed(&wq_debug) & KNOB_SPAWN_SLOW))
		nanosleep(&slow, NULL);
	err = pthread_attr_init(&attr);
	if (err)
		return err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setstacksize(&attr, stack + (size_t)sysconf(_SC_THREAD_STACK_MIN));
	default_sigmask(&mask);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	err = pthread_create(&thread, &attr, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return err;
}

void thread_set_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

static void worker_name(const struct worker *worker, char *buf, size_t size)
{
	const struct worker_pool *pool = worker->pool;

	if (pool->cpu < 0)
		snprintf(buf, size, "kworker/u%d:%d", pool->id, worker->id);
	else
		snprintf(buf, size, "kworker/%d:%d%s%s", pool->cpu, worker->id,
			 load_relaxed(&pool->flags) & POOL_BH ? "B" : "", pool->attrs.nice < 0 ? "H" : "");
}

static void worker_setup(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	char name[32];
	pid_t tid = self_tid();

	wq_self.worker = worker;
	wq_self.in_interrupt = load_relaxed(&pool->flags) & POOL_BH;
	shown_set(worker, tid, tid);
	worker_name(worker, name, sizeof(name));
	thread_set_name(name);
	worker_apply_mask(pool, 0);
	perf_watch(worker);
	if (pool->attrs.nice && setpriority(PRIO_PROCESS, (id_t)tid, pool->attrs.nice)) {
		pool_lock(pool);
		store_relaxed(&pool->nice_refused, true);
		pool_set_flags(pool, pool->flags);
		pool_unlock(pool);
	}
}

/* --- memory and ids --- */

struct worker *worker_alloc(void)
{
	struct worker *worker;

	lock_acquire(&wq_worker_lock);
	worker = free_workers;
	if (worker)
		free_workers = worker->next_free;
	lock_release(&wq_worker_lock);
	if (!worker) {
		worker = calloc(1, sizeof(*worker));
		if (!worker)
			return NULL;
	}
	worker->rec = record_new(WQ_SEG_WORKERS);
	if (!worker->rec) {
		worker_free(worker);
		return NULL;
	}
	list_init(&worker->entry);
	list_init(&worker->scheduled);
	list_init(&worker->node);
	worker->flags = WORKER_PREP;
	worker->current_color = INT_MAX;
	worker->cpu_ns = 0;
	worker->block_depth = 0;
	worker->sleeping = worker->woken = false;
	worker->desc_of = 0;
	worker->watch = NULL;
	store_relaxed(&worker->look, 0);
	store_relaxed(&worker->tid, 0);
	store_relaxed(&worker->word, WORKER_RUNS);
	return worker;
}

void worker_free(struct worker *worker)
{
	record_free(WQ_SEG_WORKERS, worker->rec);
	worker->rec = NULL;
	lock_acquire(&wq_worker_lock);
	worker->next_free = free_workers;
	free_workers = worker;
	lock_release(&wq_worker_lock);
}

static int id_alloc(struct worker_pool *pool)
{
	for (size_t i = 0; i < ARRAY_SIZE(pool->worker_ids); i++)
		if (~pool->worker_ids[i]) {
			int bit = __builtin_ctzll(~pool->worker_ids[i]);

			pool->worker_ids[i] |= 1ull << bit;
			return (int)i * 64 + bit;
		}
	return -1;
}

static void id_free(struct worker_pool *pool, int id)
{
	pool->worker_ids[id / 64] &= ~(1ull << (id % 64));
}

/* --- idle --- */

void worker_wake(struct worker *worker)
{
	if (__atomic_exchange_n(&worker->word, WORKER_GET_UP, __ATOMIC_ACQ_REL) == WORKER_PARKED)
		futex_wake(&worker->word, 1);
}

void worker_park(struct worker *worker)
{
	u32 runs = WORKER_RUNS;

	__atomic_compare_exchange_n(&worker->word, &runs, WORKER_PARKED, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	while (load_acquire(&worker->word) != WORKER_GET_UP)
		futex_wait(&worker->word, WORKER_PARKED, NULL);
	/*
	 * Not a store: who says GET_UP at this moment, and has left something for us before, is either
	 * seen from here on or gets us up once more.
	 */
	__atomic_exchange_n(&worker->word, WORKER_RUNS, __ATOMIC_ACQ_REL);
}

static void publish_spare(struct worker_pool *pool)
{
	store_release(&pool->spare, list_empty(&pool->idle_list) ? NULL :
		      list_first(&pool->idle_list, struct worker, entry));
}

bool pool_too_many_idle(const struct worker_pool *pool)
{
	int busy = pool->nr_workers - pool->nr_idle;

	return pool->nr_idle > 2 && (pool->nr_idle - 2) * 4 >= busy;
}

static void enter_idle(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	worker->flags |= WORKER_IDLE;
	worker->now = 0;
	shown_set(worker, idle_since, coarse_ns());
	worker_show_flags(worker);
	list_add(&worker->entry, &pool->idle_list);
	shown_add(pool, nr_idle, 1);
	publish_spare(pool);
	if (unlikely(!pool->cull_armed) && pool_too_many_idle(pool)) {
		pool->cull_armed = true;
		service_kick();
	}
}

static void leave_idle(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	worker->flags &= ~WORKER_IDLE;
	worker_show_flags(worker);
	list_del_init(&worker->entry);
	shown_add(pool, nr_idle, -1);
	publish_spare(pool);
}

/* Counted in nr_running exactly while no NOT_RUNNING flag is set and it is not known to sleep. */
void worker_set_flags(struct worker *worker, unsigned int flags)
{
	if (flags & WORKER_NOT_RUNNING && !(worker->flags & WORKER_NOT_RUNNING) && !worker->sleeping)
		shown_add(worker->pool, nr_running, -1);
	worker->flags |= flags;
	worker_show_flags(worker);
}

void worker_clr_flags(struct worker *worker, unsigned int flags)
{
	unsigned int old = worker->flags;

	worker->flags &= ~flags;
	worker_show_flags(worker);
	if (old & WORKER_NOT_RUNNING && !(worker->flags & WORKER_NOT_RUNNING) && !worker->sleeping)
		shown_add(worker->pool, nr_running, 1);
}

/* --- run --- */

/* Has somebody moved our threads? See cpus.c. */
static inline void check_place(const struct worker_pool *pool)
{
	if (pool->home >= 0 && unlikely(this_cpu() != pool->home ||
					load_relaxed(&pool->flags) & POOL_DISASSOCIATED))
		cpus_suspect(pool);
}

/* Thread CPU time costs a system call: looked at only when the coarse clock has moved. */
static void account_cpu(struct worker *worker, struct pool_workqueue *pwq)
{
	struct timespec ts;
	u64 cpu;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	cpu = (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
	if (cpu > worker->cpu_ns)
		pwq_count(pwq, WQ_SEG_CPU_TIME, (cpu - worker->cpu_ns) / NSEC_PER_USEC);
	worker->cpu_ns = cpu;
}

/* What it works for. pool locked. */
void worker_set_desc(struct worker *worker, const char desc[WORKER_DESC_LEN], u64 of)
{
	worker->desc_of = of;
	record_begin(&worker->rec->seq);
	record_put_bytes(worker->rec->desc, desc, WORKER_DESC_LEN);
	record_end(&worker->rec->seq);
}

/* Once an item: seq is read once. pool locked. */
static inline void record_item(struct worker *worker, struct work_struct *work,
			struct pool_workqueue *pwq, struct workqueue_struct *wq)
{
	struct wq_seg_worker *rec = worker->rec;
	u32 seq;

	if (unlikely(worker->desc_of != wq->serial))
		worker_set_desc(worker, wq->name, wq->serial);
	seq = rec->seq;
	store_relaxed(&rec->seq, seq + 1);
	record_put(rec, pwq, pwq->index);
	record_put(rec, work, (uintptr_t)work);
	record_put(rec, func, (uintptr_t)work->func);
	record_put(rec, start_ns, worker->current_start);
	store_release(&rec->seq, seq + 2);
}

static void begin_work(struct worker *worker, struct work_struct *work, struct pool_workqueue *pwq,
		       struct list_head *bucket)
{
	struct worker_pool *pool = worker->pool;
	struct workqueue_struct *wq = pwq->wq;

	list_add(&worker->entry, bucket);
	worker->current_work = work;
	worker->current_func = work->func;
	worker->current_pwq = pwq;
	worker->current_color = (u32)data_color(load_relaxed(work_data(work)));
	/* one look at the clock per item: the end of one is the beginning of the next */
	worker->current_start = likely(worker->now) ? worker->now : coarse_ns();
	pool_progress(pool, worker->current_start);
	store_relaxed(&worker->seq, worker->seq + 1);
	add_relaxed(&pool->nr_begun, 1);
	record_item(worker, work, pwq, wq);
	list_del_init(&work->entry);
	pool_sync_pending(pool);
	if (unlikely(load_relaxed(&wq->flags) & WQ_CPU_INTENSIVE))
		worker_set_flags(worker, WORKER_CPU_INTENSIVE);
	if (pool->pending)
		pool_kick(pool);
	if (unlikely(worker->watch))
		perf_item_begins(worker->watch);
	pwq_count(pwq, WQ_SEG_STARTED, 1);
}

static void end_work(struct worker *worker, struct pool_workqueue *pwq, unsigned long data)
{
	worker->now = coarse_ns();
	if (unlikely(worker->now != worker->current_start)) {
		account_cpu(worker, pwq);
		check_place(worker->pool);
	}
	pwq_count(pwq, WQ_SEG_COMPLETED, 1);
	if (unlikely(worker->watch))
		perf_item_ends(worker->watch, pwq->wq);
	worker->block_depth = 0;
	if (unlikely(worker->sleeping))
		worker_back_on(worker);
	if (unlikely(worker->flags & WORKER_CPU_INTENSIVE))
		worker_clr_flags(worker, WORKER_CPU_INTENSIVE);
	list_del_init(&worker->entry);
	worker->current_work = NULL;
	worker->current_func = NULL;
	worker->current_pwq = NULL;
	worker->current_color = INT_MAX;
	record_set(worker->rec, work, 0);
	/* only a barrier runs with that flag */
	if (unlikely(data & WORK_INACTIVE))
		record_add(pwq->rec, nr_barriers, -1u);
	pwq_dec_in_flight(pwq, data);
}

/* Run one item, which belongs into @bucket. pool locked; unlocked while the item runs. */
static void process_one_work(struct worker *worker, struct work_struct *work,
			     struct list_head *bucket)
{
	unsigned long data = load_relaxed(work_data(work));
	struct pool_workqueue *pwq = data_pwq(data);
	struct worker_pool *pool = worker->pool;
	work_func_t func = work->func;
	unsigned long offq = (unsigned long)pool->id << WORK_OFFQ_POOL_SHIFT;

	begin_work(worker, work, pwq, bucket);
	if (unlikely(load_relaxed(&pool->flags) & POOL_BH))
		offq |= 1ul << WORK_OFFQ_BH_BIT;
	/* From here on the item may be queued again; it runs behind us, on this worker. */
	__atomic_exchange_n(work_data(work), offq, __ATOMIC_ACQ_REL);
	pool_unlock(pool);

	wq_event(WQ_EVENT_START, -1, pwq, work, func);
	func(work);
	/* The item may be free now. If it forked, we are in the child, which has no workers. */
	if (unlikely(wq_self.worker != worker))
		pthread_exit(NULL);
	wq_event(WQ_EVENT_END, -1, pwq, work, func);

	pool_lock(pool);
	end_work(worker, pwq, data);
}

/* An item comes to, or leaves, a worker's own list; barriers do not count. pool locked. */
static void count_scheduled(struct work_struct *work, u32 n)
{
	unsigned long data = load_relaxed(work_data(work));
	struct pool_workqueue *pwq = data_pwq(data);

	if (!(data & WORK_INACTIVE))
		shown_add(pwq, nr_scheduled, n);
}

void worker_process_scheduled(struct worker *worker)
{
	while (!list_empty(&worker->scheduled)) {
		struct work_struct *work = list_first(&worker->scheduled, struct work_struct, entry);

		count_scheduled(work, -1u);
		process_one_work(worker, work, busy_bucket(worker->pool, work));
	}
}

/*
 * Take an item and what is linked to it; to the worker that runs an earlier queueing of it, if
 * one does.
 */
bool worker_assign(struct work_struct *work, struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct worker *other = find_executing(pool, work);
	struct work_struct *pos = work;

	count_scheduled(pos, 1);
	while (load_relaxed(work_data(pos)) & WORK_LINKED) {
		pos = list_entry(pos->entry.next, struct work_struct, entry);
		count_scheduled(pos, 1);
	}
	move_linked(work, other ? &other->scheduled : &worker->scheduled);
	pool_sync_pending(pool);
	return !other;
}

static void work_on_pool(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	worker_clr_flags(worker, WORKER_PREP);
	/* The last idle worker has got up: have a spare made. */
	if (unlikely(pool_wants_worker(pool)) && !load_relaxed(&pool->want_worker))
		pool->after |= AFTER_SPAWN;
	do {
		struct work_struct *work = list_first(&pool->worklist, struct work_struct, entry);
		struct list_head *bucket = busy_bucket(pool, work);

		if (likely(!(load_relaxed(work_data(work)) & WORK_LINKED)) &&
		    likely(!find_in_bucket(bucket, work)))
			process_one_work(worker, work, bucket);
		else
			worker_assign(work, worker);
		if (unlikely(!list_empty(&worker->scheduled)))
			worker_process_scheduled(worker);
	} while (keep_working(pool) && likely(!load_relaxed(&wq_exiting)));
	worker_set_flags(worker, WORKER_PREP);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct worker_pool *pool = worker->pool;
	u32 look;

	worker_setup(worker);
	for (;;) {
		worker_park(worker);
		pool_lock(pool);
		if (worker->flags & WORKER_DIE)
			break;
		/* woken by a sentinel that knew us as another pool's spare, before our time */
		if (unlikely(!(worker->flags & WORKER_IDLE))) {
			pool_unlock(pool);
			continue;
		}
		leave_idle(worker);
		if (worker->woken) {
			worker->woken = false;
			pool->waking = false;
		}
		check_place(pool);
		look = __atomic_exchange_n(&worker->look, LOOK_NOT, __ATOMIC_RELAXED);
		if (look) {
			pool_unlock(pool);
			if (look == LOOK_FOR_SLEEPERS)
				pool_look(pool, false);
			else
				pool_steal(pool);
			pool_lock(pool);
		}
		while (need_more_worker(pool) && likely(!load_relaxed(&wq_exiting))) {
			work_on_pool(worker);
			if (unlikely(load_relaxed(&wq_debug) & KNOB_STEAL) && pool->cpu < 0) {
				pool_unlock(pool);
				pool_steal(pool);
				pool_lock(pool);
			}
		}
		enter_idle(worker);
		/*
		 * We were called, but meanwhile another one runs again: nobody watches it yet, and what
		 * waits behind it must not depend on its not blocking.
		 */
		if (unlikely(pool->pending) && !load_relaxed(&wq_exiting))
			pool_kick(pool);
		pool_unlock(pool);
	}
	if (worker->watch)
		perf_unwatch(worker);
	pool_unlock(pool);
	wq_self.worker = NULL;
	worker_free(worker);
	return NULL;
}

/* Everything about it, for others to read, once it has its place. */
void worker_record(struct worker *worker)
{
	struct wq_seg_worker *rec = worker->rec;
	struct worker_pool *pool = worker->pool;
	struct workqueue_struct *wq = worker->rescue_wq;

	record_begin(&rec->seq);
	record_put(rec, pwq, WQ_SEG_NONE);
	record_put(rec, pool, pool ? record_index(WQ_SEG_POOLS, pool->rec) : WQ_SEG_NONE);
	record_put(rec, id, worker->id);
	record_put(rec, rescue_wq, wq ? record_index(WQ_SEG_WORKQUEUES, wq->rec) : WQ_SEG_NONE);
	record_put(rec, address, (uintptr_t)worker);
	record_put(rec, scheduled, (uintptr_t)&worker->scheduled);
	record_put(rec, serial, record_serial());
	record_end(&rec->seq);
	worker_show_flags(worker);
}

static bool spawn_refused_by_knob(void)
{
	if (likely(load_relaxed(&wq_nospawn) <= 0))
		return false;
	return __atomic_fetch_sub(&wq_nospawn, 1, __ATOMIC_RELAXED) > 0;
}

/*
 * Make a worker; it begins idle, and is woken if it is needed. Service thread. Return: 0 or an
 * errno.
 */
int worker_create(struct worker_pool *pool)
{
	struct worker *worker = worker_alloc();
	int err;

	if (!worker)
		return ENOMEM;
	pool_lock(pool);
	worker->id = id_alloc(pool);
	pool_unlock(pool);
	worker->pool = pool;
	if (worker->id < 0 || spawn_refused_by_knob())
		err = EAGAIN;
	else
		err = thread_start(worker_main, worker, load_relaxed(&wq_stack_size));
	pool_lock(pool);
	if (err) {
		if (worker->id >= 0)
			id_free(pool, worker->id);
	} else {
		shown_add(pool, nr_workers, 1);
		if (pool->unmanaged)
			worker->flags |= WORKER_UNBOUND;
		worker_record(worker);
		process_count(workers_made);
		list_add_tail(&worker->node, &pool->workers);
		enter_idle(worker);
		pool_kick(pool);
	}
	pool_unlock(pool);
	if (err) {
		process_count(spawn_failed);
		worker_free(worker);
	}
	return err;
}

/* End the workers that have been idle for long, oldest first. Service thread. pool locked. */
u64 pool_cull(struct worker_pool *pool, u64 now)
{
	while (pool_too_many_idle(pool)) {
		struct worker *worker = list_entry(pool->idle_list.prev, struct worker, entry);

		if (worker->woken || now < worker->idle_since + IDLE_WORKER_TIMEOUT_NS)
			return worker->idle_since + IDLE_WORKER_TIMEOUT_NS;
		list_del_init(&worker->entry);
		list_del_init(&worker->node);
		shown_add(pool, nr_idle, -1);
		shown_add(pool, nr_workers, -1);
		process_count(workers_ended);
		publish_spare(pool);
		id_free(pool, worker->id);
		worker->flags = WORKER_DIE;
		worker_show_flags(worker);
		worker_wake(worker);
	}
	pool->cull_armed = false;
	return 0;
}

/*
 * The child of a fork has none of its parent's workers; an item that one of them ran has not run
 * here.
 */
void workers_fork_child(struct worker_pool *pool)
{
	while (!list_empty(&pool->workers)) {
		struct worker *worker = list_first(&pool->workers, struct worker, node);

		items_drop(&worker->scheduled);
		list_del_init(&worker->node);
		worker->current_work = NULL;
		worker->current_pwq = NULL;
		worker->rec = NULL;	/* it was in the parent's segment */
		worker_free(worker);
	}
	memset(pool->worker_ids, 0, sizeof(pool->worker_ids));
	pool->nr_workers = pool->nr_idle = pool->nr_running = 0;
	pool->spare = NULL;
}
