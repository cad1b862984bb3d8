/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * active.c - max_active: which items may be on a worklist
 *
 * A per-CPU queue counts on its pwq. An unbound queue counts per node: its pwqs there share
 * nna->nr, and a pwq that got no place waits on nna->pending_pwqs; whoever gives a place back
 * serves that list in turn. An item without a place stays on its pwq's inactive list, and
 * everything queued later behind it.
 */
#include "internal.h"

#define PLACES 16			/* that a pwq takes at a time */

struct wq_node_nr_active *pwq_nna(struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = pwq->wq;
	int node = pwq->pool->node;

	if (!wq->node_nr_active)
		return NULL;
	return &wq->node_nr_active[node < 0 ? wq_nr_nodes : node];
}

static bool nna_tryinc(struct wq_node_nr_active *nna)
{
	int max = load_relaxed(&nna->max), nr = __atomic_load_n(&nna->nr, __ATOMIC_SEQ_CST);

	while (nr < max)
		if (__atomic_compare_exchange_n(&nna->nr, &nr, nr + 1, true, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return true;
	return false;
}

static void nna_wait(struct wq_node_nr_active *nna, struct pool_workqueue *pwq)
{
	list_add_tail(&pwq->pending_node, &nna->pending_pwqs);
	pwq->waiting = true;
	__atomic_fetch_add(&nna->nr_waiting, 1, __ATOMIC_SEQ_CST);
}

static void nna_unwait(struct wq_node_nr_active *nna, struct pool_workqueue *pwq)
{
	list_del_init(&pwq->pending_node);
	pwq->waiting = false;
	__atomic_fetch_sub(&nna->nr_waiting, 1, __ATOMIC_SEQ_CST);
}

/*
 * All CPUs write nna->nr. Where max_active is so high that it does not matter, a pwq takes
 * several places at a time, and keeps some of those that are given back, while nobody waits for
 * one.
 */
static bool may_keep_places(struct wq_node_nr_active *nna)
{
	return load_relaxed(&nna->max) >= 8 * PLACES * wq_nr_cpus &&
	       !__atomic_load_n(&nna->nr_waiting, __ATOMIC_SEQ_CST);
}

static bool take_place(struct wq_node_nr_active *nna, struct pool_workqueue *pwq)
{
	/* not if max has just shrunk below what is taken: wq_update_active_limits() is on its way */
	if (pwq->places && load_relaxed(&nna->nr) <= load_relaxed(&nna->max)) {
		pwq->places--;
		return true;
	}
	if (!nna_tryinc(nna))
		return false;
	if (may_keep_places(nna))
		while (pwq->places < PLACES && nna_tryinc(nna))
			pwq->places++;
	return true;
}

/* Give a place back; others may want it. Returns false if it is kept. */
static bool give_place(struct wq_node_nr_active *nna, struct pool_workqueue *pwq)
{
	int nr = 1;

	if (pwq->places < 2 * PLACES && may_keep_places(nna) && pwq->refcnt > 1) {
		pwq->places++;
		return false;
	}
	nr += pwq->places;
	pwq->places = 0;
	/* max may have shrunk, then this place is gone */
	return __atomic_sub_fetch(&nna->nr, nr, __ATOMIC_SEQ_CST) < load_relaxed(&nna->max);
}

/*
 * No place was free. Register, then look once more: either we see the place that was given back,
 * or its giver, in nna_dec(), sees us waiting.
 */
static bool nna_tryinc_or_wait(struct wq_node_nr_active *nna, struct pool_workqueue *pwq, bool fill)
{
	bool obtained = false;

	lock_acquire(&nna->lock);
	if (!pwq->waiting)
		nna_wait(nna, pwq);
	else if (!fill)
		goto out;
	obtained = nna_tryinc(nna);
	if (obtained && fill)
		nna_unwait(nna, pwq);
out:
	lock_release(&nna->lock);
	return obtained;
}

/* Take a place. @fill: also out of turn. pool locked. */
bool pwq_tryinc_active(struct pool_workqueue *pwq, bool fill)
{
	struct wq_node_nr_active *nna = pwq_nna(pwq);
	bool obtained;

	if (!nna) {
		obtained = pwq->nr_active < load_relaxed(&pwq->wq->max_active);
	} else {
		if (unlikely(pwq->plugged))
			return false;
		/* Already waiting: the list below serves us; do not jump the line. */
		if (pwq->waiting && !fill)
			return false;
		obtained = take_place(nna, pwq) || nna_tryinc_or_wait(nna, pwq, fill);
	}
	if (obtained)
		pwq_add_active(pwq, 1);
	return obtained;
}

/* Move an inactive item to the worklist; it has a place. pool locked. */
static void activate(struct pool_workqueue *pwq, struct work_struct *work)
{
	struct worker_pool *pool = pwq->pool;
	unsigned long *data = work_data(work);

	if (list_empty(&pool->worklist))
		pool_progress(pool, coarse_ns());
	pwq_add_inactive(pwq, -1u);
	__atomic_fetch_and(data, ~WORK_INACTIVE, __ATOMIC_RELAXED);
	wq_event(WQ_EVENT_ACTIVATE, -1, pwq, work, work->func);
	move_linked(work, &pool->worklist);
	pool_sync_pending(pool);
}

/* Give the first inactive item a place, if there is one. pool locked. */
bool pwq_activate_first(struct pool_workqueue *pwq, bool fill)
{
	if (list_empty(&pwq->inactive_works) || !pwq_tryinc_active(pwq, fill))
		return false;
	activate(pwq, list_first(&pwq->inactive_works, struct work_struct, entry));
	return true;
}

/* A new ordered pwq may start once its predecessors are gone. pool locked. */
void pwq_unplug(struct pool_workqueue *pwq)
{
	if (!pwq->plugged)
		return;
	pwq->plugged = false;
	if (pwq_activate_first(pwq, true)) {
		/* once more, to get onto the pending list if more are waiting */
		pwq_activate_first(pwq, false);
		pool_kick(pwq->pool);
	}
}

/* Lock the pool of a waiting pwq as well as nna; @locked is held and may change. */
static struct worker_pool *nna_lock_pwq_pool(struct wq_node_nr_active *nna,
					     struct worker_pool *pool,
					     struct worker_pool *locked, bool *retry)
{
	*retry = false;
	if (pool == locked || lock_try(&pool->lock)) {
		if (pool != locked)
			pool_unlock(locked);
		return pool;
	}
	/* Not in this order: let go of both, take the pool, and look again. */
	lock_release(&nna->lock);
	pool_unlock(locked);
	pool_lock(pool);
	lock_acquire(&nna->lock);
	*retry = true;
	return pool;
}

/*
 * A place is free: give it to the pwq that waits longest. Called and returns with @caller locked.
 */
static void nna_activate_pending(struct wq_node_nr_active *nna, struct worker_pool *caller)
{
	struct worker_pool *locked = caller;
	struct pool_workqueue *pwq;
	bool retry;

	lock_acquire(&nna->lock);
	while (!list_empty(&nna->pending_pwqs)) {
		pwq = list_first(&nna->pending_pwqs, struct pool_workqueue, pending_node);
		locked = nna_lock_pwq_pool(nna, pwq->pool, locked, &retry);
		if (retry)
			continue;
		if (list_empty(&pwq->inactive_works)) {
			nna_unwait(nna, pwq);
			continue;
		}
		if (!nna_tryinc(nna))
			break;
		pwq_add_active(pwq, 1);
		activate(pwq, list_first(&pwq->inactive_works, struct work_struct, entry));
		/* the next place is somebody else's */
		if (list_empty(&pwq->inactive_works))
			nna_unwait(nna, pwq);
		else
			list_move_tail(&pwq->pending_node, &nna->pending_pwqs);
		pool_kick(pwq->pool);
		break;
	}
	lock_release(&nna->lock);
	if (locked != caller) {
		pool_unlock(locked);
		pool_lock(caller);
	}
}

/*
 * The place goes to the next item of the same pwq, without a look at the other CPUs; but every
 * 64th time, or where there are few places, they have their turn. pool locked.
 */
static bool hand_on(struct wq_node_nr_active *nna, struct pool_workqueue *pwq)
{
	int max = load_relaxed(&nna->max);

	if (list_empty(&pwq->inactive_works) || pwq->plugged || max < 8 * PLACES * wq_nr_cpus ||
	    load_relaxed(&nna->nr) > max || !(++pwq->handed_on % 64))
		return false;
	pwq_add_active(pwq, 1);
	activate(pwq, list_first(&pwq->inactive_works, struct work_struct, entry));
	pool_kick(pwq->pool);
	return true;
}

/* Give a place back. pool locked; may be unlocked meanwhile. */
static void dec_active(struct pool_workqueue *pwq)
{
	struct wq_node_nr_active *nna = pwq_nna(pwq);

	pwq_add_active(pwq, -1);
	if (!nna) {
		if (unlikely(!list_empty(&pwq->inactive_works)) && pwq_activate_first(pwq, false))
			pool_kick(pwq->pool);
		return;
	}
	if (hand_on(nna, pwq) || !give_place(nna, pwq))
		return;
	if (unlikely(__atomic_load_n(&nna->nr_waiting, __ATOMIC_SEQ_CST)))
		nna_activate_pending(nna, pwq->pool);
}

void pwq_put(struct pool_workqueue *pwq)
{
	wq_assert(pwq->refcnt > 0);
	if (!--pwq->refcnt)
		service_release_pwq(pwq);
}

/*
 * An item of @pwq is done with, run or taken back; @data is what it had as it was queued. Must
 * come last: the pool may be unlocked meanwhile, and the pwq may be gone afterwards. pool locked.
 */
void pwq_dec_in_flight(struct pool_workqueue *pwq, unsigned long data)
{
	int color = data_color(data);

	pwq->nr_in_flight[color]--;
	wq_assert(pwq->nr_in_flight[color] >= 0);
	if (unlikely(pwq->flush_color == color) && !pwq->nr_in_flight[color]) {
		struct workqueue_struct *wq = pwq->wq;

		pwq->flush_color = -1;
		if (!__atomic_sub_fetch(&wq->nr_pwqs_to_flush, 1, __ATOMIC_ACQ_REL))
			done_complete(&load_acquire(&wq->first_flusher)->done);
	}
	/* after the colour: who drains looks at nr_active when the flush is done */
	if (!(data & WORK_INACTIVE))
		dec_active(pwq);
	pwq_put(pwq);
}

static int node_share(const struct workqueue_struct *wq, const struct cpumask *cpus, int total,
		      int node)
{
	int nr = 0, share;

	for (int cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu))
		nr += wq_cpu_node[cpu] == node;
	if (!total || !nr)
		return wq->min_active;
	share = (wq->max_active * nr + total - 1) / total;
	if (share < wq->min_active)
		share = wq->min_active;
	return share < wq->max_active ? share : wq->max_active;
}

/* max_active, freezing or the CPUs have changed. wq->mutex held. */
void wq_update_active_limits(struct workqueue_struct *wq)
{
	bool frozen = wq_freezing && (load_relaxed(&wq->flags) & WQ_FREEZABLE);
	struct list_head *pos;
	struct cpumask cpus;
	bool activated;

	store_relaxed(&wq->max_active, frozen ? 0 : wq->saved_max_active);
	store_relaxed(&wq->min_active, frozen ? 0 : wq->saved_min_active);
	record_set(wq->rec, max_active, wq->max_active);
	record_set(wq->rec, min_active, wq->min_active);
	if (wq->node_nr_active) {
		cpumask_and(&cpus, wq->attrs->cpumask, cpus_unbound());
		for (int node = 0; node < wq_nr_nodes; node++)
			store_relaxed(&wq->node_nr_active[node].max,
				      node_share(wq, &cpus, cpumask_weight(&cpus), node));
		store_relaxed(&wq->node_nr_active[wq_nr_nodes].max, wq->max_active);
	}
	/* The places that pwqs keep are for everybody again; with a small max they keep none. */
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pool_lock(pwq->pool);
		if (pwq->places)
			__atomic_sub_fetch(&pwq_nna(pwq)->nr, pwq->places, __ATOMIC_SEQ_CST);
		pwq->places = 0;
		pool_unlock(pwq->pool);
	}
	/* One item of each pwq in turn, until there is no place or no item. */
	do {
		activated = false;
		list_for_each(pos, &wq->pwqs) {
			struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue,
								pwqs_node);

			pool_lock(pwq->pool);
			if (pwq_activate_first(pwq, true)) {
				activated = true;
				pool_kick(pwq->pool);
			}
			pool_unlock(pwq->pool);
		}
	} while (activated);
}
