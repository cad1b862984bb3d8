/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pool.c - worker pools: who is woken when, and which pool serves whom
 *
 * Ids are those of a kernel: for each CPU bh, bh-highpri, normal, highpri; then the unbound
 * pools.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define HIGHPRI_NICE (-20)

struct wq_percpu *wq_percpu;
struct worker_pool *wq_unbound_pools;
struct worker_pool *wq_pools[WQ_MAX_POOLS];
int wq_nr_pools;

/*
 * The worklist or the number of running workers has changed: decide who must get up. At most one
 * worker is on its way at a time; it kicks the next one itself when it has taken its item. pool
 * locked.
 */
void pool_kick(struct worker_pool *pool)
{
	if (!need_more_worker(pool)) {
		/* A backlog behind workers that we believe to run: have that belief checked. */
		if (!list_empty(&pool->worklist) &&
		    unlikely(!pool->monitored || load_relaxed(&pool->unwatched)))
			pool->after |= AFTER_MONITOR;
		return;
	}
	/*
	 * An unbound pool that has more to do than one worker must not depend on that one getting a CPU
	 * soon: the tick sees to it.
	 */
	if (pool->cpu < 0 && unlikely(!pool->monitored) && pool->worklist.next->next != &pool->worklist)
		pool->after |= AFTER_MONITOR;
	if (pool->waking)
		return;
	if (list_empty(&pool->idle_list)) {
		if (!load_relaxed(&pool->want_worker))
			pool->after |= AFTER_SPAWN;
		return;
	}
	pool->kicked = list_first(&pool->idle_list, struct worker, entry);
	pool->kicked->woken = true;
	pool->waking = true;
	pool->after |= AFTER_WAKE;
}

/* Do outside of the lock what pool_kick() has decided under it. */
void pool_unlock_slow(struct worker_pool *pool)
{
	struct worker *worker = pool->kicked;
	unsigned int after = pool->after;
	bool begins = false;

	pool->kicked = NULL;
	pool->after = 0;
	if (after & AFTER_MONITOR) {
		begins = !pool->monitored;
		pool->monitored = true;
		store_relaxed(&pool->unwatched, 0);
	}
	lock_drop(&pool->lock);
	if (after & AFTER_WAKE)
		worker_wake(worker);
	if (after & AFTER_SPAWN)
		service_want_worker(pool);
	if (begins)
		service_kick();
	if (after & AFTER_MONITOR)
		sentinels_kick(pool);
	lock_leave();
}

/*
 * The worker that executes this item now, if it is the same item and not memory used again. pool
 * locked.
 */
struct worker *find_executing(struct worker_pool *pool, struct work_struct *work)
{
	struct list_head *bucket = busy_bucket(pool, work), *pos;

	list_for_each(pos, bucket) {
		struct worker *worker = list_entry(pos, struct worker, entry);

		if (worker->current_work == work && worker->current_func == work->func)
			return worker;
	}
	return NULL;
}

void move_linked(struct work_struct *work, struct list_head *head)
{
	for (;;) {
		struct work_struct *next = list_entry(work->entry.next, struct work_struct, entry);
		bool linked = load_relaxed(work_data(work)) & WORK_LINKED;

		list_move_tail(&work->entry, head);
		if (!linked)
			return;
		work = next;
	}
}

static int pool_init(struct worker_pool *pool, int cpu, int nice, unsigned int flags)
{
	if (wq_nr_pools >= WQ_MAX_POOLS || (unsigned long)wq_nr_pools >= WORK_OFFQ_POOL_NONE)
		return -ENOSPC;
	pool->id = wq_nr_pools;
	pool->cpu = cpu;
	pool->node = cpu >= 0 ? wq_cpu_node[cpu] : -1;
	pool->flags = flags;
	pool->limit = 1;
	pool->attrs.nice = nice;
	list_init(&pool->worklist);
	list_init(&pool->idle_list);
	list_init(&pool->workers);
	for (size_t i = 0; i < ARRAY_SIZE(pool->busy_hash); i++)
		list_init(&pool->busy_hash[i]);
	return 0;
}

static void pool_publish(struct worker_pool *pool)
{
	store_release(&wq_pools[pool->id], pool);
	store_release(&wq_nr_pools, wq_nr_pools + 1);
}

static int init_cpu(int cpu)
{
	struct wq_percpu *pc = &wq_percpu[cpu];
	struct worker_pool *pools[4] = { &pc->bh[0], &pc->bh[1], &pc->std[0], &pc->std[1] };
	unsigned int usable = cpumask_test(&wq_allowed, cpu) ? 0 : POOL_DISASSOCIATED;

	for (int i = 0; i < 4; i++) {
		struct worker_pool *pool = pools[i];

		if (pool_init(pool, cpu, i & 1 ? HIGHPRI_NICE : 0, i < 2 ? POOL_BH : usable))
			return -ENOSPC;
		cpumask_set(pool->attrs.cpumask, cpu);
		cpumask_set(pool->attrs.__pod_cpumask, cpu);
		if (load_relaxed(&pool->flags) & POOL_DISASSOCIATED) {
			/* as after the CPU was unplugged: works like an unbound pool */
			pool->attrs.cpumask[0] = wq_allowed;
			pool->unmanaged = true;
			pool->limit = INT_MAX;
		}
		pool_publish(pool);
	}
	return 0;
}

int pools_init(void)
{
	size_t size = (size_t)wq_nr_cpus * sizeof(*wq_percpu);

	wq_percpu = aligned_alloc(128, size);
	if (!wq_percpu)
		return -ENOMEM;
	memset(wq_percpu, 0, size);
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		if (init_cpu(cpu))
			return -ENOSPC;
	return 0;
}

static bool pool_serves(const struct worker_pool *pool, const struct workqueue_attrs *attrs,
			bool unmanaged)
{
	const struct workqueue_attrs *has = &pool->attrs;

	return has->nice == attrs->nice && has->affn_strict == attrs->affn_strict &&
	       pool->unmanaged == unmanaged &&
	       cpumask_equal(has->__pod_cpumask, attrs->__pod_cpumask) &&
	       (has->affn_strict || cpumask_equal(has->cpumask, attrs->cpumask));
}

/* The pod's node, or -1 if it spans several. */
static int node_of(const struct cpumask *cpus)
{
	int first = cpumask_first(cpus), node = first < 0 ? -1 : wq_cpu_node[first];

	for (int cpu = first; cpu >= 0; cpu = cpumask_next(cpus, cpu))
		if (wq_cpu_node[cpu] != node)
			return -1;
	return node;
}

/*
 * The pool for these attributes, whose __pod_cpumask is set; made if there is none. wq_pool_mutex
 * held.
 */
struct worker_pool *pool_get_unbound(const struct workqueue_attrs *attrs, bool unmanaged)
{
	struct worker_pool *pool;

	for (pool = wq_unbound_pools; pool; pool = pool->next_unbound)
		if (pool_serves(pool, attrs, unmanaged)) {
			pool->refcnt++;
			return pool;
		}
	pool = aligned_alloc(128, sizeof(*pool));
	if (!pool)
		return NULL;
	memset(pool, 0, sizeof(*pool));
	pool->attrs = *attrs;
	pool->unmanaged = unmanaged;
	pool->next_unbound = wq_unbound_pools;
	if (pool_init(pool, -1, attrs->nice, 0)) {
		free(pool);
		return NULL;
	}
	pool->node = node_of(attrs->__pod_cpumask);
	pool->limit = unmanaged ? INT_MAX : cpumask_weight(attrs->__pod_cpumask);
	if (pool->limit < 1)
		pool->limit = 1;
	pool->base_limit = pool->limit;
	pool->refcnt = 1;
	pool_publish(pool);
	store_release(&wq_unbound_pools, pool);
	return pool;
}
