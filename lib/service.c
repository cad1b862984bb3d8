/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * service.c - the service thread: makes workers, calls for rescue, ticks, culls, watches,
 * releases pwqs
 *
 * It is the pools' manager: whoever takes a pool's last idle worker asks here for the next one,
 * and never makes a thread itself. It sleeps without a timeout while there is nothing to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

#define MAYDAY_INITIAL_NS (10 * NSEC_PER_MSEC)
#define MAYDAY_INTERVAL_NS (100 * NSEC_PER_MSEC)
#define CREATE_COOLDOWN_NS NSEC_PER_SEC
#define TICK_MAX_NS (10 * NSEC_PER_MSEC)
#define TICKS_CALM 5
#define BATCH 16			/* workers to start in one tick */
#define NEVER UINT64_MAX

static u32 word;			/* A: 1 = look again */
struct wq_lock wq_release_lock = LOCK_INIT(RANK_RELEASE);
static struct pool_workqueue *released;

static u64 min_ns(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 max_ns(u64 a, u64 b)
{
	return a > b ? a : b;
}

void service_kick(void)
{
	if (!__atomic_exchange_n(&word, 1, __ATOMIC_ACQ_REL))
		futex_wake(&word, 1);
}

/* The pool has no idle worker left. Any thread, any lock. */
void service_want_worker(struct worker_pool *pool)
{
	if (!__atomic_exchange_n(&pool->want_worker, 1, __ATOMIC_ACQ_REL))
		service_kick();
}

/* The last reference is gone. pool locked. */
void service_release_pwq(struct pool_workqueue *pwq)
{
	lock_acquire(&wq_release_lock);
	pwq->next_free = released;
	released = pwq;
	lock_release(&wq_release_lock);
	service_kick();
}

static void release_pwqs(void)
{
	struct pool_workqueue *pwq;

	for (;;) {
		lock_acquire(&wq_release_lock);
		pwq = released;
		if (pwq)
			released = pwq->next_free;
		lock_release(&wq_release_lock);
		if (!pwq)
			return;
		pwq_released(pwq);
	}
}

/* --- workers --- */

static bool needs_worker(struct worker_pool *pool)
{
	bool needs;

	pool_lock(pool);
	needs = pool_wants_worker(pool);
	pool_unlock(pool);
	return needs;
}

static void set_manager(struct worker_pool *pool, bool active)
{
	pool_lock(pool);
	if (active)
		pool_set_flags(pool, pool->flags | POOL_MANAGER_ACTIVE);
	else
		pool_set_flags(pool, pool->flags & ~(unsigned int)POOL_MANAGER_ACTIVE);
	pool_unlock(pool);
}

/* Its items wait for a thread that cannot be made: that is a stall too. */
static void watch(struct worker_pool *pool)
{
	pool_lock(pool);
	pool->monitored |= !list_empty(&pool->worklist);
	pool_unlock(pool);
}

/*
 * Make a worker if one is wanted; where that fails, call the rescuers. Returns when to come
 * again.
 */
static u64 serve_worker(struct worker_pool *pool, u64 now)
{
	if (!load_acquire(&pool->want_worker))
		return NEVER;
	if (!needs_worker(pool))
		goto satisfied;
	if (now >= pool->spawn_retry) {
		set_manager(pool, true);
		cpus_look();
		if (!worker_create(pool))
			goto satisfied;
		pool->spawn_retry = now + CREATE_COOLDOWN_NS;
		if (!pool->spawn_failed) {
			pool->spawn_failed = now;
			pool->mayday_next = now + MAYDAY_INITIAL_NS;
		}
	}
	if (now >= pool->mayday_next) {
		pool_send_mayday(pool);
		pool->mayday_next = now + MAYDAY_INTERVAL_NS;
		watch(pool);
	}
	return min_ns(pool->spawn_retry, pool->mayday_next);

satisfied:
	pool->spawn_failed = pool->spawn_retry = 0;
	store_release(&pool->want_worker, 0);
	set_manager(pool, false);
	/*
	 * Somebody may have wanted one more just before we said that none is wanted; and if the one
	 * that we made has found work already, there is no spare yet.
	 */
	pool_lock(pool);
	if (pool->nr_workers && pool_wants_worker(pool))
		pool->after |= AFTER_SPAWN;
	pool_kick(pool);
	pool_unlock(pool);
	return NEVER;
}

/*
 * Hogs share the CPUs, so each new worker waits the longer to become one the more there are: let
 * a quarter as many run besides them. pool locked.
 */
static void adjust_limit(struct worker_pool *pool, bool ends)
{
	struct list_head *pos;
	int nr_hogs = 0;

	if (pool->cpu >= 0 || pool->unmanaged)
		return;
	if (!ends)
		list_for_each(pos, &pool->workers)
			nr_hogs += !!(list_entry(pos, struct worker, node)->flags &
				      WORKER_CPU_INTENSIVE);
	shown_set(pool, limit, pool->base_limit + nr_hogs / 4);
}

/*
 * Items have waited for a whole tick although more workers may run. Workers wake each other one
 * by one, which is slow if each has to wait for a CPU: wake several, and make several.
 */
static void serve_shortage(struct worker_pool *pool)
{
	struct worker *idle[BATCH];
	struct list_head *pos;
	int need = 0, nr = 0;

	pool_lock(pool);
	adjust_limit(pool, false);
	list_for_each(pos, &pool->worklist)
		if (++need == BATCH)
			break;
	if (need > pool->limit - pool->nr_running)
		need = pool->limit - pool->nr_running;
	list_for_each(pos, &pool->idle_list) {
		if (nr >= need)
			break;
		idle[nr++] = list_entry(pos, struct worker, entry);
	}
	pool_unlock(pool);
	for (int i = 0; i < nr; i++)
		worker_wake(idle[i]);
	if (load_relaxed(&wq_debug) & KNOB_ONE_WORKER || pool->spawn_failed)
		return;
	for (; nr < need && !worker_create(pool); nr++)
		;
}

/* --- the tick of a pool with a backlog --- */

static u64 touched, touched_cpu[WQ_NR_CPUS];	/* A: coarse */

void wq_watchdog_touch(int cpu)
{
	u64 now = coarse_ns();

	if (cpu >= 0 && cpu < WQ_NR_CPUS)
		store_relaxed(&touched_cpu[cpu], now);
	else
		for (cpu = 0; cpu < WQ_NR_CPUS; cpu++)
			store_relaxed(&touched_cpu[cpu], now);
	/* one cache line for all CPUs */
	if (now > load_relaxed(&touched) + load_relaxed(&wq_watchdog_ns) / 4)
		store_relaxed(&touched, now);
}

/* Returns for how long the pool's worklist has not moved, if that is too long; or 0. */
static u64 watch_stall(struct worker_pool *pool, u64 now)
{
	u64 thresh = load_relaxed(&wq_watchdog_ns), last = load_relaxed(&pool->last_progress);
	u64 touch = load_relaxed(pool->cpu < 0 ? &touched : &touched_cpu[pool->cpu]);

	if (!thresh || !load_relaxed(&pool->pending) || now < last + thresh || now < touch + thresh ||
	    now < pool->stall_reported + thresh)
		return 0;
	pool->stall_reported = now;
	status_print_stall(pool, (now - last) / NSEC_PER_SEC);
	return now - last;
}

/* A pass over the pools has found stalls, the longest of which has lasted so long. */
static void stalls_seen(u64 longest)
{
	unsigned int most = load_relaxed(&wq_panic_on_stall);
	unsigned int most_time = load_relaxed(&wq_panic_on_stall_time);
	static unsigned int nr;

	wq_show_all_workqueues();
	process_count(stalls);
	nr++;
	if (most && nr >= most)
		wq_print("workqueue: %u stall(s) exceeded threshold %u", nr, most);
	else if (most_time && longest / NSEC_PER_SEC >= most_time)
		wq_print("workqueue: stall lasted %us, exceeding threshold %us",
			 (unsigned int)(longest / NSEC_PER_SEC), most_time);
	else
		return;
	abort();
}

/* Stop ticking if it has been calm for some ticks. Returns true if so. */
static bool tick_ends(struct worker_pool *pool)
{
	bool ends = false;

	if (load_relaxed(&pool->pending)) {
		pool->calm = 0;
		return false;
	}
	pool->backlog_since = 0;
	if (++pool->calm < TICKS_CALM)
		return false;
	pool_lock(pool);
	if (list_empty(&pool->worklist)) {
		adjust_limit(pool, true);
		pool->monitored = false;
		pool->tick_next = 0;
		pool->calm = 0;
		ends = true;
	}
	pool_unlock(pool);
	return ends;
}

/* Soon after a backlog begins, then less often: 1, 2, 4, 8, 10 ms; half of that for highpri. */
static u64 tick_period(struct worker_pool *pool, u64 now)
{
	u64 first = pool->attrs.nice < 0 ? NSEC_PER_MSEC / 2 : NSEC_PER_MSEC;
	u64 age = pool->backlog_since ? now - pool->backlog_since : 0;

	return age < first ? first : min_ns(age, TICK_MAX_NS);
}

static u64 serve_tick(struct worker_pool *pool, u64 now, u64 *stall)
{
	bool monitored;

	pool_lock(pool);
	monitored = pool->monitored;
	pool_unlock(pool);
	if (!monitored)
		return NEVER;
	if (now < pool->tick_next)
		return pool->tick_next;
	if (pool->tick_next) {
		if (tick_ends(pool))
			return NEVER;
		if (load_relaxed(&pool->pending)) {
			if (wq_use_tick && !load_relaxed(&pool->unmanaged) && !(load_relaxed(&pool->flags) & POOL_BH)) {
				pool_look(pool, true);
				pool_find_hogs(pool, now);
			}
			if (pool->cpu < 0)
				serve_shortage(pool);
			sentinels_kick(pool);
			*stall = max_ns(*stall, watch_stall(pool, now));
		}
	}
	if (!pool->backlog_since && load_relaxed(&pool->pending))
		pool->backlog_since = now;
	pool->tick_next = now + tick_period(pool, now);
	return pool->tick_next;
}

static u64 serve_cull(struct worker_pool *pool, u64 now)
{
	u64 next = 0;

	pool_lock(pool);
	if (pool->cull_armed)
		next = pool_cull(pool, now);
	pool_unlock(pool);
	return next ? next : NEVER;
}

static void sleep_until(u64 next, u64 now)
{
	struct timespec ts;

	if (next == NEVER) {
		futex_wait(&word, 0, NULL);
	} else if (next > now) {
		ts.tv_sec = (time_t)((next - now) / NSEC_PER_SEC);
		ts.tv_nsec = (long)((next - now) % NSEC_PER_SEC);
		futex_wait(&word, 0, &ts);
	}
}

static void *service_main(void *arg)
{
	(void)arg;
	thread_set_name("wq-service");
	process_set(service_tid, (u32)self_tid());
	cpus_adopt();
	for (;;) {
		u64 now, next = NEVER, stall = 0;

		__atomic_exchange_n(&word, 0, __ATOMIC_ACQ_REL);
		cpus_serve();
		release_pwqs();
		now = now_ns();
		for (int id = 0; id < load_acquire(&wq_nr_pools); id++) {
			struct worker_pool *pool = wq_pools[id];

			next = min_ns(next, serve_worker(pool, now));
			next = min_ns(next, serve_tick(pool, now, &stall));
			next = min_ns(next, serve_cull(pool, now));
		}
		if (unlikely(stall))
			stalls_seen(stall);
		sleep_until(next, now_ns());
	}
	return NULL;
}

int service_start(void)
{
	cpus_note_first();
	return thread_start(service_main, NULL, 64 << 10);
}

void service_fork_child(void)
{
	word = 0;
	released = NULL;
	for (int id = 0; id < wq_nr_pools; id++) {
		struct worker_pool *pool = wq_pools[id];

		pool->spawn_failed = pool->spawn_retry = pool->mayday_next = 0;
		pool->tick_next = pool->backlog_since = pool->stall_reported = 0;
		pool->calm = 0;
		pool->want_worker = 0;
		pool->flags &= ~(unsigned int)POOL_MANAGER_ACTIVE;
	}
}
