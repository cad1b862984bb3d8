/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpus.c - the CPUs that this process may use, and what follows when that changes
 *
 * taskset -a, a cpuset and CPU hotplug change the masks of all threads at once, also of those that
 * we have pinned, and tell nobody. The service thread is never pinned: its mask is the process's,
 * whatever the program does with its own threads. It looks at it when a worker finds itself on
 * another CPU than its pool's, when a worker of a pool whose CPU was lost gets up, and when asked
 * by wq_cpus_get(). A process that does nothing does not look, and has no reason to.
 *
 * A lost CPU is what an unplugged one is to the kernel: its pools are DISASSOCIATED, and work as
 * unbound ones do until it comes back; unbound queues get pwqs for the CPUs that are left.
 */
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

#define LOOK_FIRST_NS (4 * NSEC_PER_MSEC)	/* look again so soon, ... */
#define LOOK_LAST_NS NSEC_PER_SEC		/* ... then, as long as it is in vain, less often */

static struct wq_cpus none;
const struct wq_cpus *wq_cpus = &none;
struct cpumask wq_unbound_requested, wq_housekeeping;

static struct wq_cpus *all;		/* P */
static struct cpumask first, makers;	/* I: masks as the service thread was made */
static bool adopts;			/* I */
static u32 asked, answered;		/* A */
static bool pin_wanted;			/* A: somebody is not where it belongs */
static u64 next_look;			/* A: coarse */
static u64 look_interval = LOOK_FIRST_NS;	/* A: written by the service thread */

bool cpus_of_thread(pid_t tid, struct cpumask *mask)
{
	bool any = false;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(tid, sizeof(set), &set))
		return false;
	memset(mask, 0, sizeof(*mask));
	for (int cpu = 0; cpu < WQ_NR_CPUS && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set)) {
			cpumask_set(mask, cpu);
			any = true;
		}
	return any;
}

bool cpus_set_thread(pid_t tid, const struct cpumask *mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < WQ_NR_CPUS && cpu < CPU_SETSIZE; cpu++)
		if (cpumask_test(mask, cpu))
			CPU_SET(cpu, &set);
	return !sched_setaffinity(tid, sizeof(set), &set);
}

/* The unbound queues' part: what leaves no CPU is ignored, as in the kernel. P. */
static void unbound_of(struct cpumask *unbound, const struct cpumask *allowed)
{
	struct cpumask both;

	if (!cpumask_and(unbound, &wq_unbound_requested, allowed))
		*unbound = *allowed;
	if (cpumask_and(&both, unbound, &wq_housekeeping))
		*unbound = both;
}

/*
 * Readers keep what they have found for as long as they like, so nothing is freed; a set of masks
 * that was there before is taken again. P, or before the start. Return: false without memory.
 */
bool cpus_publish(const struct cpumask *allowed)
{
	struct cpumask unbound;
	struct wq_cpus *cpus;

	unbound_of(&unbound, allowed);
	for (cpus = all; cpus; cpus = cpus->next)
		if (cpumask_equal(&cpus->allowed, allowed) && cpumask_equal(&cpus->unbound, &unbound))
			break;
	if (!cpus) {
		cpus = calloc(1, sizeof(*cpus));
		if (!cpus)
			return false;
		cpus->allowed = *allowed;
		cpus->unbound = unbound;
		cpus->next = all;
		all = cpus;
	}
	__atomic_store_n(&wq_cpus, cpus, __ATOMIC_SEQ_CST);
	return true;
}

const struct cpumask *wq_cpus_online(void)
{
	wq_start();
	return cpus_allowed();
}

/* --- where a worker belongs --- */

static void worker_cpus(const struct worker_pool *pool, const struct wq_cpus *cpus,
			struct cpumask *mask)
{
	const struct workqueue_attrs *attrs = &pool->attrs;

	/* a managed unbound worker stays on its CPU too: other CPUs steal items, not workers */
	if (pool->home >= 0 && cpumask_test(&cpus->allowed, pool->home)) {
		memset(mask, 0, sizeof(*mask));
		cpumask_set(mask, pool->home);
		return;
	}
	if (pool->cpu < 0 && cpumask_and(mask, attrs->affn_strict ? attrs->__pod_cpumask :
					 attrs->cpumask, &cpus->allowed))
		return;
	*mask = cpus->unbound;
}

/* Move a worker of the pool to where it belongs; the calling thread is 0. */
void worker_apply_mask(const struct worker_pool *pool, pid_t tid)
{
	const struct wq_cpus *cpus;
	struct cpumask mask;

	/* again if they have changed meanwhile, or the older mask might be what remains */
	do {
		cpus = __atomic_load_n(&wq_cpus, __ATOMIC_SEQ_CST);
		worker_cpus(pool, cpus, &mask);
		if (!cpus_set_thread(tid, &mask))
			cpus_set_thread(tid, &cpus->allowed);
	} while (cpus != __atomic_load_n(&wq_cpus, __ATOMIC_SEQ_CST));
}

/*
 * Only the service thread ends idle workers, so those that it finds here live as long as it needs
 * their ids. A rescuer looks after itself when it comes to help.
 */
static void pin_workers(struct worker_pool *pool)
{
	struct list_head *pos;
	int nr = 0, size;
	pid_t *tids;

	size = load_relaxed(&pool->nr_workers);
	tids = size > 0 ? malloc((size_t)size * sizeof(*tids)) : NULL;
	if (!tids)
		return;
	pool_lock(pool);
	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);

		if (!worker->rescue_wq && load_relaxed(&worker->tid) && nr < size)
			tids[nr++] = load_relaxed(&worker->tid);
	}
	pool_unlock(pool);
	for (int i = 0; i < nr; i++)
		worker_apply_mask(pool, tids[i]);
	free(tids);
}

static void pin_all(void)
{
	for (int id = 0; id < load_acquire(&wq_nr_pools); id++)
		pin_workers(wq_pools[id]);
	sentinels_pin();
}

/* --- look --- */

/* As in the kernel, workers are in their new place before they take the next item. */
static bool change_to(const struct cpumask *allowed)
{
	bool done;

	lock_acquire(&wq_pool_mutex);
	done = cpus_publish(allowed);
	if (done)
		segment_cpus();
	lock_release(&wq_pool_mutex);
	if (!done)
		return false;
	pin_all();
	lock_acquire(&wq_pool_mutex);
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		for (int i = 0; i < 2; i++)
			pool_associate(&wq_percpu[cpu].std[i], cpumask_test(allowed, cpu));
	wqs_apply_unbound();
	lock_release(&wq_pool_mutex);
	return true;
}

/* Service thread; also before it makes a worker, which is to begin in the right place. */
bool cpus_look(void)
{
	struct cpumask allowed, possible;

	memset(&possible, 0, sizeof(possible));
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		cpumask_set(&possible, cpu);
	if (!cpus_of_thread(0, &allowed) || !cpumask_and(&allowed, &allowed, &possible))
		return false;
	return !cpumask_equal(&allowed, cpus_allowed()) && change_to(&allowed);
}

void cpus_serve(void)
{
	u64 interval = load_relaxed(&look_interval);
	u32 n = load_acquire(&asked);
	bool pin;

	if (likely(n == load_relaxed(&answered)))
		return;
	pin = __atomic_exchange_n(&pin_wanted, false, __ATOMIC_ACQ_REL);
	if (cpus_look()) {
		store_relaxed(&look_interval, LOOK_FIRST_NS);
	} else {
		store_relaxed(&look_interval, interval < LOOK_LAST_NS / 2 ? 2 * interval : LOOK_LAST_NS);
		if (pin)
			pin_all();
	}
	store_release(&answered, n);
	futex_wake(&answered, INT_MAX);
}

static u32 ask(bool pin)
{
	u32 n;

	if (pin)
		store_relaxed(&pin_wanted, true);
	n = __atomic_add_fetch(&asked, 1, __ATOMIC_ACQ_REL);
	service_kick();
	return n;
}

/* A worker of the pool is on another CPU than it should, or its CPU was lost. Any lock. */
void cpus_suspect(const struct worker_pool *pool)
{
	u64 now = coarse_ns();

	if (now < load_relaxed(&next_look))
		return;
	store_relaxed(&next_look, now + load_relaxed(&look_interval));
	ask(cpumask_test(cpus_allowed(), pool->home));
}

/*
 * The caller is about to make the service thread, which is to have the mask of the process's first
 * thread, not the caller's own.
 */
void cpus_note_first(void)
{
	adopts = cpus_of_thread(getpid(), &first) && cpus_of_thread(0, &makers) &&
		 !cpumask_equal(&first, &makers);
}

/* It has begun. One that it has anyway is not set: a cpuset that grows widens it then. */
void cpus_adopt(void)
{
	struct cpumask own;

	if (adopts && cpus_of_thread(0, &own) && cpumask_equal(&own, &makers))
		cpus_set_thread(0, &first);
}

/* All threads run; if this is the child of a fork, it may have other CPUs than its parent. */
void cpus_start(void)
{
	ask(false);
}

int wq_cpus_get(struct cpumask *mask)
{
	int err = wq_start();
	u32 n, seen;

	if (err)
		return -err;
	n = ask(true);
	wq_block_begin();
	while ((int32_t)(n - (seen = load_acquire(&answered))) > 0)
		futex_wait(&answered, seen, NULL);
	wq_block_end();
	*mask = *cpus_allowed();
	return cpumask_weight(mask);
}

void cpus_fork_child(bool worker)
{
	answered = asked;
	pin_wanted = false;
	/* a worker's place is not what its child, or the program that this executes, is to have */
	if (worker)
		cpus_set_thread(0, cpus_allowed());
}
