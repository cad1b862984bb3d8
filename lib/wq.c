/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wq.c - workqueues: make, destroy, attributes, limits, the system's own, freezing
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct wq_lock wq_pool_mutex = LOCK_INIT(RANK_POOLS);
struct list_head wq_workqueues = { &wq_workqueues, &wq_workqueues };
bool wq_freezing;

struct wq_lock wq_pwq_lock = LOCK_INIT(RANK_PWQ);
static struct pool_workqueue *free_pwqs;

/* --- pwqs --- */

static void pwq_free(struct pool_workqueue *pwq)
{
	record_free(WQ_SEG_PWQS, pwq->rec);
	pwq->rec = NULL;
	lock_acquire(&wq_pwq_lock);
	pwq->next_free = free_pwqs;
	free_pwqs = pwq;
	lock_release(&wq_pwq_lock);
}

static struct pool_workqueue *pwq_alloc(void)
{
	struct pool_workqueue *pwq;

	lock_acquire(&wq_pwq_lock);
	pwq = free_pwqs;
	if (pwq)
		free_pwqs = pwq->next_free;
	lock_release(&wq_pwq_lock);
	if (!pwq) {
		pwq = aligned_alloc(1 << WORK_STRUCT_PWQ_SHIFT, sizeof(*pwq));
		if (pwq)
			memset(pwq, 0, sizeof(*pwq));
	}
	if (pwq)
		pwq->rec = record_new(WQ_SEG_PWQS);
	if (pwq && !pwq->rec) {
		pwq_free(pwq);
		return NULL;
	}
	return pwq;
}

/* Everything about it, for others to read. pool locked. */
static void pwq_record(struct pool_workqueue *pwq)
{
	struct wq_seg_pwq *rec = pwq->rec;

	pwq->index = record_index(WQ_SEG_PWQS, rec);
	record_begin(&rec->seq);
	record_put(rec, workqueue, record_index(WQ_SEG_WORKQUEUES, pwq->wq->rec));
	record_put(rec, serial, record_serial());
	record_put(rec, address, (uintptr_t)pwq);
	record_put(rec, inactive, (uintptr_t)&pwq->inactive_works);
	record_put(rec, pool, record_index(WQ_SEG_POOLS, pwq->pool->rec));
	record_end(&rec->seq);
	record_set(rec, has_base, pwq->has_base);
}

/*
 * Somebody with a stale pointer may still look at pool and wq: those change under the pool's
 * lock.
 */
static void pwq_link(struct pool_workqueue *pwq, struct workqueue_struct *wq,
		     struct worker_pool *pool)
{
	pool_lock(pool);
	store_relaxed(&pwq->wq, wq);
	pwq->work_color = wq->work_color;
	pwq->flush_color = -1;
	pwq->refcnt = 1;
	pwq->has_base = true;
	pwq->retiring = false;
	pwq->waiting = false;
	pwq->places = 0;
	pwq->nr_active = 0;
	pwq->nr_inactive = pwq->nr_scheduled = 0;
	memset(pwq->nr_in_flight, 0, sizeof(pwq->nr_in_flight));
	/* an ordered queue's new pwq waits for the old ones */
	pwq->plugged = load_relaxed(&wq->flags) & __WQ_ORDERED && !list_empty(&wq->pwqs);
	list_init(&pwq->inactive_works);
	list_init(&pwq->pending_node);
	list_init(&pwq->mayday_node);
	store_relaxed(&pwq->pool, pool);
	list_add(&pwq->pwqs_node, &wq->pwqs);
	pwq_record(pwq);
	pool_unlock(pool);
}

static void wq_free(struct workqueue_struct *wq)
{
	free(wq->cpu_pwq);
	free(wq->node_nr_active);
	free(wq->attrs);
	record_free(WQ_SEG_WORKQUEUES, wq->rec);
	if (wq_debug & KNOB_POISON)
		memset(wq, 0x6b, sizeof(*wq));
	free(wq);
}

/* A pwq's last reference is gone. Service thread. */
void pwq_released(struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = pwq->wq;
	struct wq_node_nr_active *nna = pwq_nna(pwq);
	bool last;

	if (nna) {
		pool_lock(pwq->pool);
		if (pwq->places)
			__atomic_sub_fetch(&nna->nr, pwq->places, __ATOMIC_SEQ_CST);
		pwq->places = 0;
		lock_acquire(&nna->lock);
		if (pwq->waiting) {
			pwq->waiting = false;
			list_del_init(&pwq->pending_node);
			__atomic_fetch_sub(&nna->nr_waiting, 1, __ATOMIC_SEQ_CST);
		}
		lock_release(&nna->lock);
		pool_unlock(pwq->pool);
	}
	lock_acquire(&wq_pool_mutex);
	lock_acquire(&wq->mutex);
	list_del(&pwq->pwqs_node);
	for (int i = 0; i < WQ_SEG_NR_STATS; i++)
		record_add(wq->rec, dead_stat[i], load_relaxed(&pwq->rec->stat[i]));
	last = list_empty(&wq->pwqs);
	if (!last && load_relaxed(&wq->flags) & __WQ_ORDERED) {
		struct pool_workqueue *oldest =
			list_entry(wq->pwqs.prev, struct pool_workqueue, pwqs_node);

		pool_lock(oldest->pool);
		pwq_unplug(oldest);
		pool_unlock(oldest->pool);
	}
	lock_release(&wq->mutex);
	shown_add(pwq->pool, refcnt, -1);
	lock_release(&wq_pool_mutex);
	pwq_free(pwq);
	if (last)
		wq_free(wq);
}

/* --- attributes --- */

static void attrs_init(struct workqueue_attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	attrs->affn_scope = WQ_AFFN_DFL;
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		cpumask_set(attrs->cpumask, cpu);
}

struct workqueue_attrs *wq_alloc_workqueue_attrs(void)
{
	struct workqueue_attrs *attrs;
	int err = wq_start();

	if (err) {
		errno = err;
		return NULL;
	}
	attrs = malloc(sizeof(*attrs));
	if (attrs)
		attrs_init(attrs);
	return attrs;
}

void wq_free_workqueue_attrs(struct workqueue_attrs *attrs)
{
	free(attrs);
}

/* What it asked for, for others to read. wq->mutex held. */
static void record_attrs(struct workqueue_struct *wq)
{
	const struct workqueue_attrs *attrs = wq->attrs;
	struct wq_seg_workqueue *rec = wq->rec;

	record_begin(&rec->seq);
	record_put(rec, nice, attrs ? attrs->nice : load_relaxed(&wq->flags) & WQ_HIGHPRI ? -20 : 0);
	if (attrs) {
		record_put(rec, affn_scope, attrs->affn_scope);
		record_put(rec, affn_strict, attrs->affn_strict);
		segment_put_mask(rec->cpus, attrs->cpumask);
	}
	record_end(&rec->seq);
}

/* Everything about it but attributes and limits. Before its use, or alone. */
static void wq_record(struct workqueue_struct *wq)
{
	struct wq_seg_workqueue *rec = wq->rec;

	record_begin(&rec->seq);
	record_put(rec, serial, wq->serial);
	record_put(rec, address, (uintptr_t)wq);
	record_put_bytes(rec->name, wq->name, sizeof(rec->name));
	record_end(&rec->seq);
	record_set(rec, flags, load_relaxed(&wq->flags));
	record_set(rec, rescuer, WQ_SEG_NONE);
}

/* What the pool of a CPU's items must be like. */
static void attrs_for_cpu(struct workqueue_attrs *to, const struct workqueue_attrs *attrs, int cpu)
{
	enum wq_affn_scope scope = attrs->affn_scope == WQ_AFFN_DFL ? wq_default_scope :
				   attrs->affn_scope;
	const struct wq_pods *pods = &wq_pods[scope];

	*to = *attrs;
	if (!cpumask_and(to->cpumask, attrs->cpumask, cpus_unbound()))
		to->cpumask[0] = *cpus_unbound();
	if (attrs->ordered ||
	    !cpumask_and(to->__pod_cpumask, &pods->pod_cpus[pods->cpu_pod[cpu]], to->cpumask))
		to->__pod_cpumask[0] = to->cpumask[0];
	to->affn_scope = WQ_AFFN_DFL;
}

/* These start a worker for each item, as in the kernel, and are not held up by a running limit. */
static bool wants_unmanaged(const struct workqueue_struct *wq)
{
	return wq_unmanaged || !load_relaxed(&wq_cpu_intensive_ns) ||
	       load_relaxed(&wq->flags) & (__WQ_ORDERED | WQ_MEM_RECLAIM | WQ_CPU_INTENSIVE);
}

/* A pwq that is made but not linked yet keeps its pool. */
struct new_pwq {
	struct worker_pool *pool;
	struct pool_workqueue *pwq;
};

static struct worker_pool *pool_for_cpu(struct workqueue_struct *wq,
					const struct workqueue_attrs *attrs,
					int cpu)
{
	struct workqueue_attrs wanted;

	if (load_relaxed(&wq->flags) & WQ_BH)
		return &wq_percpu[cpu].bh[!!(load_relaxed(&wq->flags) & WQ_HIGHPRI)];
	if (!(load_relaxed(&wq->flags) & WQ_UNBOUND))
		return &wq_percpu[cpu].std[!!(load_relaxed(&wq->flags) & WQ_HIGHPRI)];
	attrs_for_cpu(&wanted, attrs, cpu);
	if (wants_unmanaged(wq))
		return pool_get_unbound(&wanted, -1);
	/* a CPU that we may not use: its items are somebody else's */
	if (!cpumask_test(wanted.__pod_cpumask, cpu))
		cpu = cpumask_first(wanted.__pod_cpumask);
	return pool_get_unbound(&wanted, cpu);
}

static void drop_pool(struct worker_pool *pool)
{
	if (pool->cpu < 0)
		shown_add(pool, refcnt, -1);
}

/*
 * Give the queue new pwqs, one for each pool that serves a CPU. Everything that can fail happens
 * first. wq_pool_mutex and wq->mutex held.
 */
static int install_pwqs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
{
	struct new_pwq *fresh = calloc((size_t)wq_nr_cpus, sizeof(*fresh));
	struct list_head *pos;
	int nr = 0, *index = calloc((size_t)wq_nr_cpus, sizeof(*index)), err = -ENOMEM;

	for (int cpu = 0; fresh && index && cpu < wq_nr_cpus; cpu++) {
		struct worker_pool *pool = pool_for_cpu(wq, attrs, cpu);
		int i = 0;

		if (!pool)
			goto out;
		while (i < nr && fresh[i].pool != pool)
			i++;
		index[cpu] = i;
		if (i < nr) {
			drop_pool(pool);
			continue;
		}
		fresh[i].pool = pool;
		fresh[i].pwq = pwq_alloc();
		nr++;
		if (!fresh[i].pwq)
			goto out;
	}
	if (!fresh || !index)
		goto out;
	list_for_each(pos, &wq->pwqs)
		list_entry(pos, struct pool_workqueue, pwqs_node)->retiring = true;
	for (int i = 0; i < nr; i++)
		pwq_link(fresh[i].pwq, wq, fresh[i].pool);
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		store_release(&wq->cpu_pwq[cpu], fresh[index[cpu]].pwq);
	err = 0;
out:
	for (int i = 0; err && i < nr; i++) {
		if (fresh[i].pwq)
			pwq_free(fresh[i].pwq);
		drop_pool(fresh[i].pool);
	}
	free(fresh);
	free(index);
	return err;
}

/* Give up the queue's own reference to pwqs. wq->mutex held. */
static void put_base_refs(struct workqueue_struct *wq, bool all)
{
	struct list_head *pos, *tmp;

	list_for_each_safe(pos, tmp, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);
		struct worker_pool *pool = pwq->pool;

		if (!pwq->has_base || !(all || pwq->retiring))
			continue;
		pwq->has_base = false;
		record_set(pwq->rec, has_base, 0);
		pwq->retiring = false;
		pool_lock(pool);
		pwq_put(pwq);
		pool_unlock(pool);
	}
}

/* wq_pool_mutex and wq->mutex held. */
static int apply_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
{
	int err = install_pwqs(wq, attrs);

	if (err)
		return err;
	if (wq->attrs)
		*wq->attrs = *attrs;
	record_attrs(wq);
	wq_update_active_limits(wq);
	put_base_refs(wq, false);
	return 0;
}

int wq_apply_workqueue_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
{
	struct workqueue_attrs own = *attrs;
	int err;

	wq_start();
	if (!(load_relaxed(&wq->flags) & WQ_UNBOUND)) {
		wq_warn_once("workqueue: apply_workqueue_attrs() on %s, which is not WQ_UNBOUND",
			     wq->name);
		return -EINVAL;
	}
	if ((unsigned int)attrs->affn_scope >= WQ_AFFN_NR_TYPES) {
		wq_warn_once("workqueue: %s: no such affinity scope: %d", wq->name,
			     (int)attrs->affn_scope);
		return -EINVAL;
	}
	own.ordered = load_relaxed(&wq->flags) & __WQ_ORDERED;
	lock_acquire(&wq_pool_mutex);
	lock_acquire(&wq->mutex);
	err = apply_attrs(wq, &own);
	lock_release(&wq->mutex);
	lock_release(&wq_pool_mutex);
	return err;
}

int wqs_apply_unbound(void)
{
	struct list_head *pos;
	int err = 0;

	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);
		struct workqueue_attrs attrs;

		if (!(load_relaxed(&wq->flags) & WQ_UNBOUND))
			continue;
		lock_acquire(&wq->mutex);
		attrs = *wq->attrs;
		if (apply_attrs(wq, &attrs))
			err = -ENOMEM;
		lock_release(&wq->mutex);
	}
	return err;
}

/* P. Return: 0 or -errno; without memory for it nothing changes. */
static int set_unbound(const struct cpumask *requested, const struct cpumask *housekeeping)
{
	struct cpumask old_requested = wq_unbound_requested, old_housekeeping = wq_housekeeping;
	int err;

	wq_unbound_requested = *requested;
	wq_housekeeping = *housekeeping;
	if (!cpus_publish(cpus_allowed())) {
		wq_unbound_requested = old_requested;
		wq_housekeeping = old_housekeeping;
		return -ENOMEM;
	}
	err = wqs_apply_unbound();
	segment_cpus();
	return err;
}

int wq_workqueue_unbound_set_cpumask(const struct cpumask *mask)
{
	static const struct cpumask all;
	struct cpumask usable;
	int err = wq_start();

	if (err)
		return -err;
	lock_acquire(&wq_pool_mutex);
	err = -EINVAL;
	if (cpumask_and(&usable, mask, cpus_allowed()))
		err = set_unbound(mask, &all);
	lock_release(&wq_pool_mutex);
	return err;
}

int wq_workqueue_unbound_housekeeping_update(const struct cpumask *hk)
{
	struct cpumask requested;
	int err = wq_start();

	if (err)
		return -err;
	lock_acquire(&wq_pool_mutex);
	requested = wq_unbound_requested;
	err = set_unbound(&requested, hk);
	lock_release(&wq_pool_mutex);
	return err;
}

int wq_workqueue_unbound_exclude_cpumask(const struct cpumask *exclude)
{
	struct cpumask hk;

	for (size_t i = 0; i < ARRAY_SIZE(hk.bits); i++)
		hk.bits[i] = ~exclude->bits[i];
	return wq_workqueue_unbound_housekeeping_update(&hk);
}

/* --- make --- */

static unsigned int check_flags(const char *name, unsigned int flags, int max_active, bool *ok)
{
	*ok = true;
	if (flags & WQ_BH) {
		if (flags & ~(unsigned int)__WQ_BH_ALLOWS || max_active) {
			wq_warn_once("workqueue: %s: WQ_BH allows only WQ_HIGHPRI, WQ_PERCPU and "
				     "max_active 0", name);
			*ok = false;
		}
		return flags;
	}
	if ((flags & (WQ_PERCPU | WQ_UNBOUND)) == (WQ_PERCPU | WQ_UNBOUND)) {
		wq_warn_once("workqueue: %s has both WQ_PERCPU and WQ_UNBOUND, dropping WQ_PERCPU", name);
		flags &= ~(unsigned int)WQ_PERCPU;
	}
	if (flags & WQ_POWER_EFFICIENT && load_relaxed(&wq_power_efficient))
		flags = (flags & ~(unsigned int)WQ_PERCPU) | WQ_UNBOUND;
	return flags & WQ_UNBOUND ? flags : flags | WQ_PERCPU;
}

static int clamp_active(const char *name, unsigned int flags, int max_active)
{
	int clamped = max_active;

	if (flags & WQ_BH)
		return INT_MAX;
	if (!max_active)
		return WQ_DFL_ACTIVE;
	if (clamped < 1)
		clamped = 1;
	if (clamped > WQ_MAX_ACTIVE)
		clamped = WQ_MAX_ACTIVE;
	if (clamped != max_active)
		wq_print("workqueue: max_active %d requested for %s is out of range, clamping between "
			 "%d and %d", max_active, name, 1, WQ_MAX_ACTIVE);
	return clamped;
}

static int alloc_unbound(struct workqueue_struct *wq)
{
	size_t size = (size_t)(wq_nr_nodes + 1) * sizeof(*wq->node_nr_active);

	wq->attrs = malloc(sizeof(*wq->attrs));
	wq->node_nr_active = aligned_alloc(CACHELINE, size);
	if (!wq->attrs || !wq->node_nr_active)
		return -ENOMEM;
	attrs_init(wq->attrs);
	wq->attrs->nice = wq->flags & WQ_HIGHPRI ? -20 : 0;
	wq->attrs->ordered = wq->flags & __WQ_ORDERED;
	memset(wq->node_nr_active, 0, size);
	for (int node = 0; node <= wq_nr_nodes; node++) {
		list_init(&wq->node_nr_active[node].pending_pwqs);
		lock_init(&wq->node_nr_active[node].lock, RANK_NNA, 0);
	}
	return 0;
}

/* Fill in a queue, whose memory is zero and name is set, and put it on the list. */
static int wq_setup(struct workqueue_struct *wq, unsigned int flags, int max_active)
{
	int err;

	wq->flags = flags;
	wq->serial = record_serial();
	lock_init(&wq->mutex, RANK_WQ, (u32)wq->serial);
	wq->rec = record_new(WQ_SEG_WORKQUEUES);
	if (!wq->rec)
		return -ENOMEM;
	wq_record(wq);
	wq->saved_max_active = clamp_active(wq->name, flags, max_active);
	wq->saved_min_active = wq->saved_max_active < WQ_DFL_MIN_ACTIVE ? wq->saved_max_active :
			       WQ_DFL_MIN_ACTIVE;
	list_init(&wq->pwqs);
	list_init(&wq->list);
	list_init(&wq->maydays);
	list_init(&wq->flusher_queue);
	list_init(&wq->flusher_overflow);
	wq->cpu_pwq = calloc((size_t)wq_nr_cpus, sizeof(*wq->cpu_pwq));
	if (!wq->cpu_pwq || (flags & WQ_UNBOUND && alloc_unbound(wq)))
		return -ENOMEM;
	lock_acquire(&wq_pool_mutex);
	lock_acquire(&wq->mutex);
	err = apply_attrs(wq, wq->attrs);
	lock_release(&wq->mutex);
	if (!err)
		list_add_tail(&wq->list, &wq_workqueues);
	lock_release(&wq_pool_mutex);
	return err;
}

/* Free a queue's pwqs, and with the last one the queue. */
static void wq_unlink(struct workqueue_struct *wq)
{
	/*
	 * wq_pool_mutex to the end: who frees the queue takes it, so we are through with wq->mutex
	 * then
	 */
	lock_acquire(&wq_pool_mutex);
	list_del_init(&wq->list);
	lock_acquire(&wq->mutex);
	/* its pwqs linger until the service thread gets to them; it is not shown any more */
	record_begin(&wq->rec->seq);
	record_put(wq->rec, serial, 0);
	record_end(&wq->rec->seq);
	process_count(generation);
	put_base_refs(wq, true);
	lock_release(&wq->mutex);
	lock_release(&wq_pool_mutex);
}

struct workqueue_struct *wq_workqueue_alloc_va(const char *fmt, unsigned int flags, int max_active,
					       va_list args)
{
	struct workqueue_struct *wq;
	char name[WQ_NAME_LEN];
	static u32 said;
	int err = wq_start(), len;
	bool ok;

	if (err) {
		errno = err;
		return NULL;
	}
	len = vsnprintf(name, sizeof(name), fmt, args);
	if (len >= WQ_NAME_LEN && !__atomic_exchange_n(&said, 1, __ATOMIC_RELAXED))
		wq_print("workqueue: name exceeds WQ_NAME_LEN. Truncating to: %s", name);
	flags = check_flags(name, flags, max_active, &ok);
	if (!ok) {
		errno = EINVAL;
		return NULL;
	}
	wq = aligned_alloc(WQ_ALIGN, sizeof(*wq));
	if (!wq)
		return NULL;
	memset(wq, 0, sizeof(*wq));
	memcpy(wq->name, name, sizeof(name));
	err = wq_setup(wq, flags, max_active);
	if (err) {
		wq_free(wq);
		errno = -err;
		return NULL;
	}
	if (flags & WQ_MEM_RECLAIM) {
		err = rescuer_start(wq);
		if (err) {
			wq_print("workqueue: Failed to create a rescuer kthread for wq \"%s\": %s",
				 wq->name, strerror(err));
			wq_unlink(wq);
			errno = err;
			return NULL;
		}
	}
	return wq;
}

struct workqueue_struct *wq_alloc_workqueue(const char *fmt, unsigned int flags, int max_active,
					    ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, max_active);
	wq = wq_workqueue_alloc_va(fmt, flags, max_active, args);
	va_end(args);
	return wq;
}

struct workqueue_struct *wq_alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, flags);
	wq = wq_workqueue_alloc_va(fmt, WQ_UNBOUND | __WQ_ORDERED | flags, 1, args);
	va_end(args);
	return wq;
}

struct workqueue_struct *wq_create_workqueue(const char *name)
{
	return wq_alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, 1, name);
}

struct workqueue_struct *wq_create_freezable_workqueue(const char *name)
{
	return wq_alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM,
				  1, name);
}

struct workqueue_struct *wq_create_singlethread_workqueue(const char *name)
{
	return wq_alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, name);
}

/* --- destroy --- */

bool pwq_busy(struct pool_workqueue *pwq)
{
	for (int color = 0; color < WORK_NR_COLORS; color++)
		if (pwq->nr_in_flight[color])
			return true;
	return pwq->nr_active || !list_empty(&pwq->inactive_works);
}

static bool still_busy(struct workqueue_struct *wq)
{
	struct list_head *pos;
	bool busy = false;

	lock_acquire(&wq->mutex);
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pool_lock(pwq->pool);
		busy |= pwq_busy(pwq);
		pool_unlock(pwq->pool);
	}
	lock_release(&wq->mutex);
	return busy;
}

void wq_destroy_workqueue(struct workqueue_struct *wq)
{
	work_func_t func = NULL;
	char name[FUNC_NAME_LEN];
	int armed;

	wq_start();
	if (unlikely(is_chained_work(wq)))
		wq_warn_once("workqueue: an item of wq %s destroys it, which waits for the item itself",
			     wq->name);
	if (load_acquire(&wq->nr_rcu))
		wq_rcu_barrier();
	armed = timers_close_wq(wq, &func);
	if (armed)
		wq_warn("workqueue: destroy_workqueue() of %s with %d delayed item%s armed (%s%s): cancel "
			"delayed work first; running at once", wq->name, armed, armed > 1 ? "s" : "",
			func_name(func, name, sizeof(name)), armed > 1 ? ", ..." : "");
	wq_drain_workqueue(wq);
	if (wq->rescuer)
		rescuer_stop(wq);
	if (still_busy(wq)) {
		wq_warn("workqueue: destroy_workqueue: %s has busy pwqs; it is leaked", wq->name);
		wq_show_one_workqueue(wq);
		return;
	}
	wq_unlink(wq);
}

/* --- the child of a fork: nothing is queued, nobody waits --- */

static void pwq_fork_child(struct pool_workqueue *pwq)
{
	items_drop(&pwq->inactive_works);
	list_init(&pwq->mayday_node);
	list_init(&pwq->pending_node);
	pwq->waiting = pwq->plugged = false;
	pwq->nr_active = 0;
	pwq->places = 0;
	pwq->nr_inactive = pwq->nr_scheduled = 0;
	memset(pwq->nr_in_flight, 0, sizeof(pwq->nr_in_flight));
	pwq->flush_color = -1;
	pwq->refcnt = 1;
	if (!pwq->has_base) {
		list_del(&pwq->pwqs_node);
		if (pwq->pool->cpu < 0)
			pwq->pool->refcnt--;
		pwq->rec = NULL;	/* it was in the parent's segment */
		pwq_free(pwq);
	}
}

static void wq_fork_child(struct workqueue_struct *wq)
{
	struct list_head *pos, *tmp;

	list_for_each_safe(pos, tmp, &wq->pwqs)
		pwq_fork_child(list_entry(pos, struct pool_workqueue, pwqs_node));
	for (int node = 0; wq->node_nr_active && node <= wq_nr_nodes; node++) {
		struct wq_node_nr_active *nna = &wq->node_nr_active[node];

		nna->nr = nna->nr_waiting = 0;
		nna->lock.word = nna->lock.waiters = 0;
		list_init(&nna->pending_pwqs);
	}
	list_init(&wq->flusher_queue);
	list_init(&wq->flusher_overflow);
	list_init(&wq->maydays);
	wq->first_flusher = NULL;
	wq->flush_color = wq->work_color;
	wq->nr_drainers = 0;
	wq->flags &= ~(unsigned int)__WQ_DRAINING;
	wq->nr_armed = wq->nr_rcu = 0;
	wq->rescuer = NULL;
}

void wqs_fork_child(void)
{
	struct list_head *pos;

	list_for_each(pos, &wq_workqueues)
		wq_fork_child(list_entry(pos, struct workqueue_struct, list));
}

static int wq_renew(struct workqueue_struct *wq)
{
	struct list_head *pos;

	wq->rec = record_new(WQ_SEG_WORKQUEUES);
	if (!wq->rec)
		return ENOMEM;
	wq_record(wq);
	record_attrs(wq);
	record_set(wq->rec, max_active, wq->max_active);
	record_set(wq->rec, min_active, wq->min_active);
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pwq->rec = record_new(WQ_SEG_PWQS);
		if (!pwq->rec)
			return ENOMEM;
		pwq_record(pwq);
	}
	return 0;
}

/* Nobody else is here yet. Its counters begin at 0: it is another process. */
int records_renew(void)
{
	struct list_head *pos;
	int err = 0;

	for (int id = 0; id < wq_nr_pools; id++) {
		struct worker_pool *pool = wq_pools[id];

		pool->rec = record_at(WQ_SEG_POOLS, (u32)id);
		if (!pool->rec)
			return ENOMEM;
		pool_record(pool);
	}
	list_for_each(pos, &wq_workqueues) {
		err = wq_renew(list_entry(pos, struct workqueue_struct, list));
		if (err)
			break;
	}
	return err;
}

/* After a fork the queues with a rescuer need a new one. Returns 0 or an errno. */
int wqs_start_rescuers(void)
{
	struct list_head *pos;
	int err = 0;

	lock_acquire(&wq_pool_mutex);
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);

		if (!err && load_relaxed(&wq->flags) & WQ_MEM_RECLAIM && !wq->rescuer)
			err = rescuer_start(wq);
	}
	lock_release(&wq_pool_mutex);
	return err;
}

/* --- limits --- */

static bool has_fixed_active(struct workqueue_struct *wq, const char *what)
{
	if (!(load_relaxed(&wq->flags) & (WQ_BH | __WQ_ORDERED)))
		return false;
	wq_warn_once("workqueue: %s on %s, which is %s", what, wq->name,
		     load_relaxed(&wq->flags) & WQ_BH ? "WQ_BH" : "ordered");
	return true;
}

void wq_workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
{
	wq_start();
	if (has_fixed_active(wq, "workqueue_set_max_active()"))
		return;
	max_active = clamp_active(wq->name, load_relaxed(&wq->flags), max_active);
	lock_acquire(&wq->mutex);
	wq->saved_max_active = max_active;
	if (load_relaxed(&wq->flags) & WQ_UNBOUND && wq->saved_min_active > max_active)
		wq->saved_min_active = max_active;
	wq_update_active_limits(wq);
	lock_release(&wq->mutex);
}

void wq_workqueue_set_min_active(struct workqueue_struct *wq, int min_active)
{
	wq_start();
	if (!(load_relaxed(&wq->flags) & WQ_UNBOUND)) {
		wq_warn_once("workqueue: workqueue_set_min_active() on %s, which is not WQ_UNBOUND", wq->name);
		return;
	}
	if (has_fixed_active(wq, "workqueue_set_min_active()"))
		return;
	lock_acquire(&wq->mutex);
	if (min_active < 0)
		min_active = 0;
	wq->saved_min_active = min_active < wq->saved_max_active ? min_active : wq->saved_max_active;
	wq_update_active_limits(wq);
	lock_release(&wq->mutex);
}

bool wq_workqueue_congested(int cpu, struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	wq_start();
	if (cpu < 0 || cpu >= wq_nr_cpus)
		cpu = this_cpu();
	pwq = load_acquire(&wq->cpu_pwq[cpu]);
	return load_relaxed(&pwq->nr_inactive);
}

void wq_workqueue_counters(struct workqueue_struct *wq, struct wq_counters *sum)
{
	u64 stats[WQ_SEG_NR_STATS];
	struct list_head *pos;

	wq_start();
	lock_acquire(&wq->mutex);
	for (int i = 0; i < WQ_SEG_NR_STATS; i++)
		stats[i] = load_relaxed(&wq->rec->dead_stat[i]);
	list_for_each(pos, &wq->pwqs) {
		struct wq_seg_pwq *rec = list_entry(pos, struct pool_workqueue, pwqs_node)->rec;

		for (int i = 0; i < WQ_SEG_NR_STATS; i++)
			stats[i] += load_relaxed(&rec->stat[i]);
	}
	lock_release(&wq->mutex);
	sum->started = stats[WQ_SEG_STARTED];
	sum->completed = stats[WQ_SEG_COMPLETED];
	sum->cpu_time_us = stats[WQ_SEG_CPU_TIME];
	sum->cpu_intensive = stats[WQ_SEG_CPU_INTENSIVE];
	sum->cm_wakeup = stats[WQ_SEG_CM_WAKEUP];
	sum->repatriated = stats[WQ_SEG_REPATRIATED];
	sum->mayday = stats[WQ_SEG_MAYDAY];
	sum->rescued = stats[WQ_SEG_RESCUED];
	sum->nr_armed = (u64)load_relaxed(&wq->nr_armed);
}

/* --- freezing --- */

static void freeze_all(bool freeze)
{
	struct list_head *pos;

	wq_start();
	lock_acquire(&wq_pool_mutex);
	store_relaxed(&wq_freezing, freeze);
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);

		lock_acquire(&wq->mutex);
		wq_update_active_limits(wq);
		lock_release(&wq->mutex);
	}
	lock_release(&wq_pool_mutex);
}

void wq_freeze_workqueues_begin(void)
{
	freeze_all(true);
}

bool wq_freeze_workqueues_busy(void)
{
	struct list_head *pos, *pos2;
	bool busy = false;

	wq_start();
	lock_acquire(&wq_pool_mutex);
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);

		if (!(load_relaxed(&wq->flags) & WQ_FREEZABLE))
			continue;
		lock_acquire(&wq->mutex);
		list_for_each(pos2, &wq->pwqs)
			busy |= load_relaxed(
				&list_entry(pos2, struct pool_workqueue, pwqs_node)->nr_active) > 0;
		lock_release(&wq->mutex);
	}
	lock_release(&wq_pool_mutex);
	return busy;
}

void wq_thaw_workqueues(void)
{
	freeze_all(false);
}

/* --- the system's queues --- */

enum { SYS_WQ, SYS_PERCPU, SYS_HIGHPRI, SYS_LONG, SYS_UNBOUND, SYS_DFL, SYS_FREEZABLE, SYS_POWER,
       SYS_FREEZABLE_POWER, SYS_BH, SYS_BH_HIGHPRI, SYS_DFL_LONG, NR_SYS };

static struct workqueue_struct system_wqs[NR_SYS];

struct workqueue_struct *wq_system_wq = &system_wqs[SYS_WQ];
struct workqueue_struct *wq_system_percpu_wq = &system_wqs[SYS_PERCPU];
struct workqueue_struct *wq_system_highpri_wq = &system_wqs[SYS_HIGHPRI];
struct workqueue_struct *wq_system_long_wq = &system_wqs[SYS_LONG];
struct workqueue_struct *wq_system_unbound_wq = &system_wqs[SYS_UNBOUND];
struct workqueue_struct *wq_system_dfl_wq = &system_wqs[SYS_DFL];
struct workqueue_struct *wq_system_freezable_wq = &system_wqs[SYS_FREEZABLE];
struct workqueue_struct *wq_system_power_efficient_wq = &system_wqs[SYS_POWER];
struct workqueue_struct *wq_system_freezable_power_efficient_wq = &system_wqs[SYS_FREEZABLE_POWER];
struct workqueue_struct *wq_system_bh_wq = &system_wqs[SYS_BH];
struct workqueue_struct *wq_system_bh_highpri_wq = &system_wqs[SYS_BH_HIGHPRI];
struct workqueue_struct *wq_system_dfl_long_wq = &system_wqs[SYS_DFL_LONG];

int system_wqs_init(void)
{
	static const struct {
		const char *name;
		unsigned int flags;
		int max_active;
	} sys[NR_SYS] = {
		[SYS_WQ] = { "events", WQ_PERCPU | __WQ_DEPRECATED, 0 },
		[SYS_PERCPU] = { "events", WQ_PERCPU, 0 },
		[SYS_HIGHPRI] = { "events_highpri", WQ_HIGHPRI | WQ_PERCPU, 0 },
		[SYS_LONG] = { "events_long", WQ_PERCPU, 0 },
		[SYS_UNBOUND] = { "events_unbound", WQ_UNBOUND | __WQ_DEPRECATED, WQ_MAX_ACTIVE },
		[SYS_DFL] = { "events_unbound", WQ_UNBOUND, WQ_MAX_ACTIVE },
		[SYS_FREEZABLE] = { "events_freezable", WQ_FREEZABLE | WQ_PERCPU, 0 },
		[SYS_POWER] = { "events_power_efficient", WQ_POWER_EFFICIENT | WQ_PERCPU, 0 },
		[SYS_FREEZABLE_POWER] = { "events_freezable_pwr_efficient",
					  WQ_FREEZABLE | WQ_POWER_EFFICIENT | WQ_PERCPU, 0 },
		[SYS_BH] = { "events_bh", WQ_BH | WQ_PERCPU, 0 },
		[SYS_BH_HIGHPRI] = { "events_bh_highpri", WQ_BH | WQ_HIGHPRI | WQ_PERCPU, 0 },
		[SYS_DFL_LONG] = { "events_dfl_long", WQ_UNBOUND, WQ_MAX_ACTIVE },
	};
	bool ok;

	for (int i = 0; i < NR_SYS; i++) {
		unsigned int flags = check_flags(sys[i].name, sys[i].flags, sys[i].max_active, &ok);
		int err;

		snprintf(system_wqs[i].name, sizeof(system_wqs[i].name), "%s", sys[i].name);
		err = wq_setup(&system_wqs[i], flags, sys[i].max_active);
		if (err)
			return err;
	}
	return 0;
}
