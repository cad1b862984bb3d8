/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * block.c - concurrency management: to know which workers run
 *
 * The kernel's scheduler tells its workqueues when a worker blocks. Here, one SCHED_IDLE thread
 * is pinned to each CPU, the sentinel, and is runnable only while a pool of that CPU has a
 * backlog: if it gets to run, the CPU has nothing better to do, so the worker that we count as
 * running probably sleeps. It takes no lock, makes no thread and opens no file, because whoever
 * has SCHED_IDLE may be stopped for long; it wakes the pool's spare worker, which looks into
 * /proc who sleeps, and takes the next item if somebody does.
 *
 * The service thread's tick looks too, for the case that a foreign thread keeps the CPU busy.
 * wq_block_begin() and wq_block_end() say it without any delay, and the kernel's records of
 * context switches exactly (perf.c).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define DOZE_NS 500000			/* after a backlog wait so long ... */
#define DOZES 10			/* ... so many times for the next one, before parking */
#define LONG_ITEM_NS 30000		/* an item that runs longer is worth helping its CPU */
#define FRUITLESS_NS 100000		/* look so long in vain, then wait for the tick */
#define SPARE_BEGINS_NS 2000000		/* not in vain so long, if the spare's thread is a new one */
#define MAX_LOOKS 64

enum { SENTINEL_RUNS, SENTINEL_PARKED };

struct sentinel {
	u32 word;			/* A: SENTINEL_* */
	int cpu;			/* I */
	u64 since;			/* S: when looking in vain began */
	u64 waits_since;		/* S: when it began to wait for a spare to look */
	u32 hits;			/* S: of all its pools, as last seen */
	struct worker_pool *victim;	/* S: another CPU's pool that starves, ... */
	u32 victim_begun;		/* S: ... its items as last seen, ... */
	u64 victim_since;		/* S: ... and since when there was no other */
	pid_t tid;			/* A: 0: no thread yet */
	bool made;			/* service thread, and before it looks: it has been tried */
} __attribute__((aligned(128)));

static struct sentinel *sentinels;
static int nr_sentinels;		/* A */

const char *wq_mechanism(void)
{
	static const char *const names[] = { "none", "sentinel", "tick", "sentinel+tick", "perf",
					     "sentinel+perf", "tick+perf", "sentinel+tick+perf" };

	wq_start();
	return names[(load_acquire(&nr_sentinels) ? WQ_SEG_BY_SENTINEL : 0) |
		     (wq_use_tick ? WQ_SEG_BY_TICK : 0) | (perf_runs() ? WQ_SEG_BY_PERF : 0)];
}

/* --- who counts as running --- */

/* The worker blocks: somebody else may run. pool locked. */
void worker_take_off(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	if (worker->sleeping || worker->flags & WORKER_NOT_RUNNING)
		return;
	worker->sleeping = true;
	worker_show_flags(worker);
	shown_add(pool, nr_running, -1);
	pool_kick(pool);
	if (pool->after & AFTER_WAKE && worker->current_pwq)
		pwq_count(worker->current_pwq, WQ_SEG_CM_WAKEUP, 1);
}

/* It runs again. pool locked. */
void worker_back_on(struct worker *worker)
{
	if (!worker->sleeping)
		return;
	worker->sleeping = false;
	worker_show_flags(worker);
	if (!(worker->flags & WORKER_NOT_RUNNING))
		shown_add(worker->pool, nr_running, 1);
}

void wq_block_begin(void)
{
	struct worker *worker = wq_self.worker;
	char name[FUNC_NAME_LEN];

	if (likely(!worker) || !worker->current_work || worker->block_depth++)
		return;
	if (unlikely(wq_self.in_interrupt))
		wq_warn_once("workqueue: %s sleeps in a WQ_BH item",
			     func_name(worker->current_func, name, sizeof(name)));
	pool_lock(worker->pool);
	worker_take_off(worker);
	pool_unlock(worker->pool);
}

void wq_block_end(void)
{
	struct worker *worker = wq_self.worker;

	if (likely(!worker) || !worker->current_work || !worker->block_depth ||
	    --worker->block_depth)
		return;
	pool_lock(worker->pool);
	worker_back_on(worker);
	pool_unlock(worker->pool);
}

/* --- look who sleeps --- */

struct look {
	struct worker *worker;
	pid_t tid;
	u32 seq;
	bool counted;			/* it counts as running now */
	bool asleep;
};

static clockid_t thread_clock(pid_t tid)
{
	return (clockid_t)(~(unsigned int)tid << 3 | 6);
}

static u64 thread_cpu_ns(pid_t tid)
{
	struct timespec ts;

	if (clock_gettime(thread_clock(tid), &ts))
		return 0;
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

/* Without /proc: a thread whose CPU clock stands still for 50 us sleeps, or was preempted. */
static bool clock_stands_still(pid_t tid)
{
	struct timespec pause = { 0, 50000 };
	u64 before = thread_cpu_ns(tid);

	nanosleep(&pause, NULL);
	return before == thread_cpu_ns(tid);
}

static bool thread_sleeps(pid_t tid)
{
	char path[48], text[512], *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return access("/proc/self/task", X_OK) && clock_stands_still(tid);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && end[1] == ' ' && strchr("SDTt", end[2]) && end[2];
}

static int choose_looks(struct worker_pool *pool, struct look *looks, bool tick)
{
	struct list_head *pos, *tmp, *last = pool->workers.prev;
	int n = 0;

	list_for_each_safe(pos, tmp, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);
		bool counted = !worker->sleeping;
		bool is_last = pos == last;

		if (worker != wq_self.worker && worker->current_work && worker->tid &&
		    !(worker->flags & WORKER_NOT_RUNNING) && (counted || (tick && n < 32))) {
			looks[n].worker = worker;
			looks[n].tid = load_relaxed(&worker->tid);
			looks[n].seq = worker->seq;
			looks[n].counted = counted;
			/* sleepers in turn, since there may be many */
			if (!counted)
				list_move_tail(pos, &pool->workers);
			if (++n == MAX_LOOKS)
				break;
		}
		if (is_last)
			break;
	}
	return n;
}

/* Look which workers sleep, and count again. No lock held. Returns true if one fell asleep. */
bool pool_look(struct worker_pool *pool, bool tick)
{
	struct look looks[MAX_LOOKS];
	bool hit = false;
	int n;

	pool_lock(pool);
	n = choose_looks(pool, looks, tick);
	pool_unlock(pool);
	for (int i = 0; i < n; i++)
		looks[i].asleep = thread_sleeps(looks[i].tid);
	pool_lock(pool);
	for (int i = 0; i < n; i++) {
		struct worker *worker = looks[i].worker;

		/* It may have gone on to other things meanwhile. */
		if (worker->pool != pool || !worker->current_work || worker->seq != looks[i].seq ||
		    worker->sleeping == looks[i].counted)
			continue;
		if (looks[i].asleep && looks[i].counted) {
			worker_take_off(worker);
			hit = true;
		} else if (!looks[i].asleep && !looks[i].counted) {
			worker_back_on(worker);
		}
	}
	pool_unlock(pool);
	if (hit)
		__atomic_fetch_add(&pool->nr_hits, 1, __ATOMIC_RELAXED);
	return hit;
}

/* --- who hogs the CPU --- */

#define MAX_HOGS 128

static struct {
	work_func_t func;
	u64 count;
} hogs[MAX_HOGS];			/* service thread only */

static void report_hog(work_func_t func)
{
	u64 count, warn = load_relaxed(&wq_hog_warn);
	char name[FUNC_NAME_LEN];
	int i = 0;

	while (i < MAX_HOGS && hogs[i].func && hogs[i].func != func)
		i++;
	if (i == MAX_HOGS)
		return;
	hogs[i].func = func;
	count = ++hogs[i].count;
	/* the first time at the threshold, then at growing distances */
	if (!warn || count < warn || ((count + 1 - warn) & (count - warn)))
		return;
	wq_print("workqueue: %s hogged CPU for >%lluus %llu times, consider switching to WQ_UNBOUND",
		 func_name(func, name, sizeof(name)),
		 (unsigned long long)(load_relaxed(&wq_cpu_intensive_ns) / NSEC_PER_USEC),
		 (unsigned long long)count);
}

/*
 * A per-CPU worker hogs if its item has burnt the threshold in CPU time since the tick first saw
 * it. An unbound one if that much time has passed: with more spinners than CPUs none of them gets
 * much CPU time, but all must start.
 */
static bool hogs_cpu(struct worker_pool *pool, struct worker *worker, u64 now, u64 thresh)
{
	u64 cpu;

	if (pool->cpu < 0)
		return now >= worker->current_start + thresh;
	cpu = thread_cpu_ns(load_relaxed(&worker->tid));
	if (worker->mark_seq != worker->seq || !worker->mark_cpu) {
		worker->mark_seq = worker->seq;
		worker->mark_cpu = cpu;
		return false;
	}
	return cpu >= worker->mark_cpu + thresh;
}

/* Take hogs off the running count. Service thread, no lock held. */
void pool_find_hogs(struct worker_pool *pool, u64 now)
{
	u64 thresh = load_relaxed(&wq_cpu_intensive_ns);
	work_func_t found[16];
	struct list_head *pos;
	int n = 0;

	if (!thresh || load_relaxed(&pool->flags) & POOL_BH)
		return;
	pool_lock(pool);
	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);

		if (!worker->current_work || worker->sleeping ||
		    worker->flags & WORKER_NOT_RUNNING || !hogs_cpu(pool, worker, now, thresh))
			continue;
		worker_set_flags(worker, WORKER_CPU_INTENSIVE);
		pwq_count(worker->current_pwq, WQ_SEG_CPU_INTENSIVE, 1);
		pool_kick(pool);
		if (pool->after & AFTER_WAKE)
			pwq_count(worker->current_pwq, WQ_SEG_CM_WAKEUP, 1);
		found[n++] = worker->current_func;
		if (n == (int)ARRAY_SIZE(found))
			break;
	}
	pool_unlock(pool);
	/* on unbound pools it is how they are meant to be used */
	for (int i = 0; i < n && pool->cpu >= 0; i++)
		report_hog(found[i]);
}

/* --- the sentinels --- */

/*
 * The pools that this CPU's workers belong to: its own two, and the unbound ones whose pod it is
 * in.
 */
static struct worker_pool *next_pool(const struct sentinel *s, struct worker_pool *pool)
{
	struct wq_percpu *pc = &wq_percpu[s->cpu];

	if (!pool)
		return &pc->std[0];
	if (pool == &pc->std[0])
		return &pc->std[1];
	pool = pool == &pc->std[1] ? load_acquire(&wq_unbound_pools) : pool->next_unbound;
	while (pool && (load_relaxed(&pool->unmanaged) ||
			!cpumask_test(pool->attrs.__pod_cpumask, s->cpu)))
		pool = pool->next_unbound;
	return pool;
}

#define for_each_pool_of(s, pool) \
	for (pool = next_pool(s, NULL); pool; pool = next_pool(s, pool))

/* Returns whether the spare has been asked before, and not looked yet: its thread still begins. */
static bool ask(struct worker_pool *pool, u32 what)
{
	struct worker *spare = load_acquire(&pool->spare);

	if (!spare) {
		service_want_worker(pool);
		return false;
	}
	if (__atomic_exchange_n(&spare->look, what, __ATOMIC_RELAXED))
		return true;
	worker_wake(spare);
	return false;
}

/* This CPU's own pool among those that share a pod with @pool. */
static struct worker_pool *own_sibling(const struct sentinel *s, struct worker_pool *pool)
{
	struct worker_pool *own;

	for (own = load_acquire(&wq_unbound_pools); own; own = own->next_unbound)
		if (own->leader == pool->leader && own->home == s->cpu)
			break;
	return own;
}

/*
 * Another CPU's pool starves, and this CPU is idle: take over some of its items, if the one that
 * it runs is a long one. Short ones are done there sooner than they get here.
 */
static void help(struct sentinel *s, struct worker_pool *pool)
{
	u32 begun = load_relaxed(&pool->nr_begun);
	struct worker_pool *own;
	u64 now = now_ns();

	if (s->victim != pool || s->victim_begun != begun) {
		s->victim = pool;
		s->victim_begun = begun;
		s->victim_since = now;
		return;
	}
	if (now < s->victim_since + LONG_ITEM_NS)
		return;
	own = own_sibling(s, pool);
	if (own && !load_relaxed(&own->pending) &&
	    load_relaxed(&own->nr_running) < load_relaxed(&own->limit))
		ask(own, LOOK_FOR_WORK);
}

/*
 * Have the spare worker of each starving pool look; if the pool is another CPU's, have our own
 * take some of its items, because this CPU is idle. Returns whether there is one.
 */
static bool ask_spares(struct sentinel *s)
{
	bool starving = false, waits = false;
	struct worker_pool *pool;
	u32 hits = 0;
	u64 now;

	for_each_pool_of(s, pool) {
		hits += load_relaxed(&pool->nr_hits);
		if (!pool_starves(pool))
			continue;
		starving = true;
		if (pool->home == s->cpu) {
			waits |= ask(pool, LOOK_FOR_SLEEPERS);
		} else {
			help(s, pool);
		}
	}
	now = waits ? now_ns() : 0;
	if (!waits || !s->waits_since)
		s->waits_since = now;
	if (hits != s->hits || (waits && now - s->waits_since < SPARE_BEGINS_NS)) {
		s->hits = hits;
		s->since = 0;
	}
	return starving;
}

/* It looked in vain because there is nobody to look: the spare is still being made. */
static bool lacks_spare(const struct sentinel *s, struct worker_pool *pool)
{
	return pool->home == s->cpu && pool_starves(pool) && !load_acquire(&pool->spare);
}

/*
 * Until a backlog comes; or for the tick, which sees to the backlog that there is, or the spare
 * that one lacks. (A spare that comes just now may be overlooked: then the tick does it after all.)
 */
static void park(struct sentinel *s, bool for_tick)
{
	struct worker_pool *pool;

	__atomic_exchange_n(&s->word, SENTINEL_PARKED, __ATOMIC_SEQ_CST);
	for_each_pool_of(s, pool) {
		if (for_tick && !lacks_spare(s, pool))
			continue;
		__atomic_store_n(&pool->unwatched, 1, __ATOMIC_SEQ_CST);
		if (for_tick ? !lacks_spare(s, pool) : pool_starves(pool))
			store_relaxed(&s->word, SENTINEL_RUNS);
	}
	while (load_acquire(&s->word) == SENTINEL_PARKED)
		futex_wait(&s->word, SENTINEL_PARKED, NULL);
	s->since = 0;
}

static void sentinel_loop(struct sentinel *s)
{
	struct timespec doze = { 0, DOZE_NS };
	int calm = 0;

	for (;;) {
		u64 now;

		if (!ask_spares(s)) {
			s->since = 0;
			if (calm++ < DOZES) {
				nanosleep(&doze, NULL);
				continue;
			}
			park(s, false);
			calm = 0;
			continue;
		}
		calm = 0;
		now = now_ns();
		if (!s->since)
			s->since = now;
		else if (now - s->since > FRUITLESS_NS)
			park(s, true);
		else
			sched_yield();
	}
}

static void *sentinel_main(void *arg)
{
	struct sentinel *s = arg;
	struct sched_param param = { 0 };
	char name[16];

	wq_self.in_interrupt = true;
	snprintf(name, sizeof(name), "wq-sentinel/%d", s->cpu);
	thread_set_name(name);
	worker_apply_mask(&wq_percpu[s->cpu].std[0], 0);
	/* once it is SCHED_IDLE it may stand still: be known before */
	__atomic_store_n(&s->tid, gettid(), __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&wq_exiting, __ATOMIC_SEQ_CST) ||
	    sched_setscheduler(0, SCHED_IDLE, &param)) {
		store_relaxed(&s->tid, 0);
		return NULL;
	}
	__atomic_fetch_add(&nr_sentinels, 1, __ATOMIC_RELEASE);
	process_count(nr_sentinels);
	__atomic_fetch_or(&wq_seg->mechanism, WQ_SEG_BY_SENTINEL, __ATOMIC_RELAXED);
	sentinel_loop(s);
	return NULL;
}

/* There is a backlog: let the sentinels of the pool's CPUs run. Any thread, any lock. */
void sentinels_kick(struct worker_pool *pool)
{
	const struct cpumask *cpus = pool->attrs.__pod_cpumask;

	perf_kick();
	if (!sentinels || load_relaxed(&pool->unmanaged) || load_relaxed(&pool->flags) & POOL_BH)
		return;
	for (int cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu)) {
		struct sentinel *s = &sentinels[cpu];

		if (load_relaxed(&s->word) == SENTINEL_PARKED &&
		    __atomic_exchange_n(&s->word, SENTINEL_RUNS,
					__ATOMIC_ACQ_REL) == SENTINEL_PARKED)
			futex_wake(&s->word, 1);
	}
}

/* The sentinels are an improvement, not a need: where they cannot be made, the tick remains. */
int sentinels_start(void)
{
	size_t size = (size_t)wq_nr_cpus * sizeof(*sentinels);
	const struct cpumask *cpus = cpus_allowed();

	perf_start();
	if (!wq_use_sentinel)
		return 0;
	sentinels = aligned_alloc(128, size);
	if (!sentinels)
		return ENOMEM;
	memset(sentinels, 0, size);
	for (int cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu)) {
		sentinels[cpu].cpu = cpu;
		sentinels[cpu].made = true;
		if (thread_start(sentinel_main, &sentinels[cpu], 32 << 10))
			return EAGAIN;
	}
	return 0;
}

/*
 * The process may use other CPUs than before, or somebody has moved its threads. One whose CPU is
 * lost does no harm where it is. Service thread.
 */
void sentinels_pin(void)
{
	const struct cpumask *cpus = cpus_allowed();

	for (int cpu = 0; sentinels && cpu < wq_nr_cpus; cpu++) {
		struct sentinel *s = &sentinels[cpu];
		pid_t tid = load_acquire(&s->tid);

		if (tid)
			worker_apply_mask(&wq_percpu[cpu].std[0], tid);
		if (s->made || !cpumask_test(cpus, cpu))
			continue;
		s->cpu = cpu;
		s->made = true;
		thread_start(sentinel_main, s, 32 << 10);
	}
}

/*
 * A thread of SCHED_IDLE takes seconds to stop or to end on a busy CPU, and whoever ends last frees
 * the process's memory: exit would last so long, as a leak check does that stops all threads.
 * Raise them, if we may (CAP_SYS_NICE or RLIMIT_NICE). wq_exiting has been set.
 */
void sentinels_exit(void)
{
	struct sched_param param = { 0 };

	for (int cpu = 0; sentinels && cpu < wq_nr_cpus; cpu++) {
		pid_t tid = __atomic_load_n(&sentinels[cpu].tid, __ATOMIC_SEQ_CST);

		if (tid)
			sched_setscheduler(tid, SCHED_OTHER, &param);
	}
}

void sentinels_fork_child(void)
{
	perf_fork_child();
	nr_sentinels = 0;
	free(sentinels);
	sentinels = NULL;
}
