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
		if (!load_relaxed(&pool->want_worker) && !pool_is_full(pool))
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
	return find_in_bucket(busy_bucket(pool, work), work);
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
	pool->cpu = pool->home = cpu;
	pool->leader = pool;
	pool->node = cpu >= 0 ? wq_cpu_node[cpu] : -1;
	lock_init(&pool->lock, RANK_POOL, (u32)pool->id);
	pool->flags = flags;
	pool->limit = 1;
	pool->rec = record_at(WQ_SEG_POOLS, (u32)pool->id);
	if (!pool->rec)
		return -ENOMEM;
	pool->attrs.nice = nice;
	list_init(&pool->worklist);
	list_init(&pool->idle_list);
	list_init(&pool->workers);
	for (size_t i = 0; i < ARRAY_SIZE(pool->busy_hash); i++)
		list_init(&pool->busy_hash[i]);
	return 0;
}

/* Everything about it, for others to read. Before its use, or alone. */
void pool_record(struct worker_pool *pool)
{
	struct wq_seg_pool *rec = pool->rec;

	record_begin(&rec->seq);
	record_put(rec, serial, record_serial());
	record_put(rec, address, (uintptr_t)pool);
	record_put(rec, worklist, (uintptr_t)&pool->worklist);
	record_put(rec, cpu, pool->cpu);
	record_put(rec, home, pool->cpu < 0 ? pool->home : -1);
	record_put(rec, node, pool->node);
	record_put(rec, nice, pool->attrs.nice);
	record_put(rec, affn_strict, pool->attrs.affn_strict);
	segment_put_mask(rec->cpus, pool->attrs.cpumask);
	segment_put_mask(rec->pod_cpus, pool->attrs.__pod_cpumask);
	record_end(&rec->seq);
	pool_set_flags(pool, pool->flags);
	record_set(rec, nr_workers, pool->nr_workers);
	record_set(rec, nr_idle, pool->nr_idle);
	record_set(rec, nr_running, pool->nr_running);
	record_set(rec, limit, pool->limit);
	record_set(rec, refcnt, pool->refcnt);
	record_set(rec, last_progress, pool->last_progress);
}

static void pool_publish(struct worker_pool *pool)
{
	pool_record(pool);
	store_release(&wq_pools[pool->id], pool);
	store_release(&wq_nr_pools, wq_nr_pools + 1);
}

static int init_cpu(int cpu)
{
	struct wq_percpu *pc = &wq_percpu[cpu];
	struct worker_pool *pools[4] = { &pc->bh[0], &pc->bh[1], &pc->std[0], &pc->std[1] };
	unsigned int usable = cpumask_test(cpus_allowed(), cpu) ? 0 : POOL_DISASSOCIATED;

	for (int i = 0; i < 4; i++) {
		struct worker_pool *pool = pools[i];

		int err = pool_init(pool, cpu, i & 1 ? HIGHPRI_NICE : 0, i < 2 ? POOL_BH : usable);

		if (err)
			return err;
		cpumask_set(pool->attrs.cpumask, cpu);
		cpumask_set(pool->attrs.__pod_cpumask, cpu);
		if (load_relaxed(&pool->flags) & POOL_DISASSOCIATED) {
			/* as after the CPU was unplugged: works like an unbound pool */
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
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++) {
		int err = init_cpu(cpu);

		if (err)
			return err;
	}
	return 0;
}

/*
 * While its CPU is lost its workers run anywhere, one for each item. What they run when it comes
 * back counts as running from then on, and makes those that come behind wait. P.
 */
void pool_associate(struct worker_pool *pool, bool usable)
{
	struct list_head *pos;

	pool_lock(pool);
	if (usable == !(pool->flags & POOL_DISASSOCIATED)) {
		pool_unlock(pool);
		return;
	}
	store_relaxed(&pool->unmanaged, !usable);
	shown_set(pool, limit, usable ? 1 : INT_MAX);
	if (usable)
		pool_set_flags(pool, pool->flags & ~(unsigned int)POOL_DISASSOCIATED);
	else
		pool_set_flags(pool, pool->flags | POOL_DISASSOCIATED);
	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);

		if (worker->rescue_wq)
			continue;
		if (usable)
			worker_clr_flags(worker, WORKER_UNBOUND);
		else
			worker_set_flags(worker, WORKER_UNBOUND);
	}
	pool_kick(pool);
	pool_unlock(pool);
}

static bool pool_serves(const struct worker_pool *pool, const struct workqueue_attrs *attrs)
{
	const struct workqueue_attrs *has = &pool->attrs;

	return has->nice == attrs->nice && has->affn_strict == attrs->affn_strict &&
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
 * The pool for these attributes, whose __pod_cpumask is set; made if there is none. A managed
 * pool is for the items of one CPU of the pod, @home; with @home -1 it is one for the whole pod,
 * unmanaged. wq_pool_mutex held.
 */
struct worker_pool *pool_get_unbound(const struct workqueue_attrs *attrs, int home)
{
	struct worker_pool *pool, *leader = NULL;

	for (pool = wq_unbound_pools; pool; pool = pool->next_unbound) {
		if (!pool_serves(pool, attrs) || pool->unmanaged != (home < 0))
			continue;
		if (pool->home == home) {
			shown_add(pool, refcnt, 1);
			return pool;
		}
		leader = pool->leader;
	}
	pool = aligned_alloc(128, sizeof(*pool));
	if (!pool)
		return NULL;
	memset(pool, 0, sizeof(*pool));
	pool->attrs = *attrs;
	if (pool_init(pool, -1, attrs->nice, 0)) {
		free(pool);
		return NULL;
	}
	pool->home = home;
	pool->leader = leader ? leader : pool;
	pool->unmanaged = home < 0;
	pool->node = node_of(attrs->__pod_cpumask);
	pool->limit = pool->base_limit = home < 0 ? INT_MAX : 1;
	pool->refcnt = 1;
	pool->next_unbound = wq_unbound_pools;
	pool_publish(pool);
	store_release(&wq_unbound_pools, pool);
	return pool;
}

/* --- stealing, between the pools of a pod --- */

#define STEAL_MAX 64

static void lock_two(struct worker_pool *a, struct worker_pool *b)
{
	pool_lock(a->id < b->id ? a : b);
	pool_lock(a->id < b->id ? b : a);
}

static void unlock_two(struct worker_pool *a, struct worker_pool *b)
{
	pool_unlock(a);
	pool_unlock(b);
}

/*
 * May this item change over, and to which pwq? Not if an earlier queueing of it runs there, if
 * something is linked to it, or if a flush is between the two pwqs: an item that went from one
 * that the flush has not visited to one that it has would be lost to it, and to a drain, too.
 * Both pools locked.
 */
static struct pool_workqueue *steal_target(struct work_struct *work, struct worker_pool *victim,
					   struct worker_pool *pool)
{
	unsigned long data = load_relaxed(work_data(work));
	struct pool_workqueue *from = data_pwq(data), *to;

	if (data & (WORK_LINKED | WORK_INACTIVE) || find_executing(victim, work) ||
	    load_relaxed(&from->wq->flags) & __WQ_DRAINING)
		return NULL;
	to = load_acquire(&from->wq->cpu_pwq[pool->home]);
	if (load_relaxed(&to->pool) != pool || load_relaxed(&to->wq) != from->wq || !to->refcnt ||
	    to->work_color != data_color(data) || from->work_color != to->work_color)
		return NULL;
	return to;
}

/* The item keeps its place among the active ones, which are counted per node. */
static void steal_item(struct work_struct *work, struct pool_workqueue *to)
{
	unsigned long data = load_relaxed(work_data(work));
	struct pool_workqueue *from = data_pwq(data);

	list_del(&work->entry);
	list_add(&work->entry, &to->pool->worklist);
	from->nr_in_flight[data_color(data)]--;
	to->nr_in_flight[data_color(data)]++;
	pwq_add_active(from, -1);
	pwq_add_active(to, 1);
	to->refcnt++;
	store_release(work_data(work), (unsigned long)to | (data & ~WORK_PWQ_MASK));
	pwq_put(from);
}

/* Half of what waits, from the end: the first ones are due there next. Both locked. */
static int steal_from(struct worker_pool *victim, struct worker_pool *pool)
{
	struct list_head *head = &victim->worklist, *pos, *prev;
	int nr = 0, want = 0;

	if (!pool_starves(victim) && !(load_relaxed(&wq_debug) & KNOB_STEAL))
		return 0;
	list_for_each(pos, head)
		if (++want == 2 * STEAL_MAX)
			break;
	want = (want + 1) / 2;
	/* the watchdog is not to take its long idleness for a stall */
	if (list_empty(&pool->worklist))
		pool_progress(pool, coarse_ns());
	for (pos = head->prev, prev = pos->prev; pos != head && want--; pos = prev,
	     prev = pos->prev) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);
		struct pool_workqueue *to = steal_target(work, victim, pool);

		/* behind a linked item stands what is linked to it */
		if (prev != head && load_relaxed(work_data(list_entry(prev, struct work_struct,
								      entry))) &
		    WORK_LINKED)
			continue;
		if (to) {
			steal_item(work, to);
			nr++;
		}
	}
	pool_sync_pending(victim);
	pool_sync_pending(pool);
	if (nr)
		pool_kick(pool);
	return nr;
}

/* Called by an idle worker of the pool, no lock held. */
bool pool_steal(struct worker_pool *pool)
{
	struct worker_pool *victim;
	int nr = 0;

	if (pool->home < 0)
		return false;
	for (victim = load_acquire(&wq_unbound_pools); victim && !nr; victim = victim->next_unbound) {
		if (victim == pool || victim->leader != pool->leader || !load_relaxed(&victim->pending))
			continue;
		lock_two(pool, victim);
		nr = steal_from(victim, pool);
		unlock_two(pool, victim);
	}
	if (nr)
		__atomic_fetch_add(&pool->nr_hits, 1, __ATOMIC_RELAXED);
	return nr;
}
