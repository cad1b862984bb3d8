/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * work.c - a work item's life outside of a worker: queue, grab, cancel, disable
 *
 * PENDING is the item's ownership: whoever sets it from 0 to 1 may write data, entry and timer,
 * and must queue, arm or clear it. It is set by a sequentially consistent read-modify-write and
 * cleared by an acquire-release one: so "queue said no, it is pending" implies that the pending
 * run sees what the caller wrote before.
 */
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "internal.h"

static unsigned int rr_cpu;

bool wq_work_pending(const struct work_struct *work)
{
	return load_relaxed(&work->data.counter) & (long)WORK_PENDING;
}

bool wq_delayed_work_pending(const struct delayed_work *dwork)
{
	return wq_work_pending(&dwork->work);
}

/* Only the last item of the queue itself may still queue on a queue that drains. */
bool is_chained_work(struct workqueue_struct *wq)
{
	struct worker *worker = wq_self.worker;

	return worker && worker->current_pwq && worker->current_pwq->wq == wq &&
	       worker->current_work;
}

static unsigned long offq_data(unsigned long pool_id, unsigned long depth)
{
	return pool_id << WORK_OFFQ_POOL_SHIFT | depth << WORK_OFFQ_DISABLE_SHIFT;
}

static unsigned long data_pool_id(unsigned long data)
{
	if (data & WORK_PWQ)
		return (unsigned long)data_pool(data)->id;
	return data >> WORK_OFFQ_POOL_SHIFT & WORK_OFFQ_POOL_NONE;
}

/* The owner of PENDING, with the item on no list, gives it up; pool id and disable depth stay. */
void work_clear_pending(struct work_struct *work)
{
	__atomic_fetch_and(work_data(work), ~WORK_PENDING, __ATOMIC_ACQ_REL);
}

static bool clear_pending_if_disabled(struct work_struct *work)
{
	unsigned long data = load_relaxed(work_data(work));

	if (likely(data & WORK_PWQ || !data_disable_depth(data)))
		return false;
	work_clear_pending(work);
	return true;
}

/* Where an item goes whose caller does not care. */
static int choose_cpu(struct workqueue_struct *wq)
{
	int cpu = this_cpu();
	bool unbound = load_relaxed(&wq->flags) & WQ_UNBOUND;
	const struct cpumask *mask = unbound ? cpus_unbound() : cpus_allowed();

	if (likely(!(load_relaxed(&wq_debug) & KNOB_RR)) &&
	    (!unbound || likely(cpumask_test(mask, cpu))))
		return cpu;
	cpu = cpumask_next(mask, (int)(load_relaxed(&rr_cpu) % (unsigned int)wq_nr_cpus));
	if (cpu < 0)
		cpu = cpumask_first(mask);
	store_relaxed(&rr_cpu, (unsigned int)cpu);
	return cpu < 0 ? this_cpu() : cpu;
}

void pwq_insert(struct pool_workqueue *pwq, struct work_struct *work, struct list_head *head,
		unsigned long flags)
{
	unsigned long data = (unsigned long)pwq | flags | WORK_PENDING | WORK_PWQ;

	list_add_tail(&work->entry, head);
	store_release(work_data(work), data);
	pwq->refcnt++;
}

/*
 * The pool on which an earlier queueing of the item still runs, locked: the item must go there
 * too, or it might run twice at a time. Otherwise the pool of @pwq, locked.
 */
static struct worker_pool *lock_pool_for(struct work_struct *work, struct workqueue_struct *wq,
					 struct pool_workqueue **pwq)
{
	struct worker_pool *pool = load_relaxed(&(*pwq)->pool);
	struct worker_pool *last = data_pool(load_relaxed(work_data(work)));

	if (unlikely(last && last != pool) && !(load_relaxed(&wq->flags) & __WQ_ORDERED)) {
		struct worker *worker;

		pool_lock(last);
		worker = find_executing(last, work);
		if (worker && worker->current_pwq->wq == wq) {
			*pwq = worker->current_pwq;
			return last;
		}
		pool_unlock(last);
	}
	pool_lock(pool);
	return pool;
}

/* Said once in a process, as the kernel does: it is a wish, not a mistake. */
static void warn_deprecated(struct work_struct *work)
{
	static bool said;		/* A */
	char name[FUNC_NAME_LEN];

	if (!load_relaxed(&said) && !__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		wq_print("workqueue: work func %s enqueued on deprecated workqueue. "
			 "Use system_{percpu|dfl}_wq instead.",
			 func_name(work->func, name, sizeof(name)));
}

/* Of a queue of which not everybody may make use. True: the item is dropped. */
static bool refuse_item(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned int flags = load_relaxed(&wq->flags);
	char name[FUNC_NAME_LEN];

	if (flags & __WQ_DEPRECATED)
		warn_deprecated(work);
	if (!(flags & (__WQ_DESTROYING | __WQ_DRAINING)) || is_chained_work(wq))
		return false;
	wq_warn_once("workqueue: cannot queue %s on wq %s",
		     func_name(work->func, name, sizeof(name)), wq->name);
	work_clear_pending(work);
	return true;
}

/*
 * Queue an item whose PENDING bit the caller has taken. Cannot fail; misuse is told and the item
 * dropped.
 */
void work_insert(int req_cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
	unsigned long flags;
	int cpu;

	if (unlikely(load_relaxed(&wq->flags) &
		     (__WQ_DESTROYING | __WQ_DRAINING | __WQ_DEPRECATED)) && refuse_item(wq, work))
		return;
retry:
	cpu = req_cpu == WORK_CPU_UNBOUND ? choose_cpu(wq) : req_cpu;
	pwq = load_acquire(&wq->cpu_pwq[cpu]);
	pool = lock_pool_for(work, wq, &pwq);
	if (unlikely(load_relaxed(&pwq->pool) != pool || load_relaxed(&pwq->wq) != wq || !pwq->refcnt)) {
		/* Replaced by new attributes while we took the lock. */
		pool_unlock(pool);
		if (load_relaxed(&wq->flags) & WQ_UNBOUND)
			goto retry;
		wq_warn_once("workqueue: per-cpu pwq for %s on cpu%d has 0 refcnt", wq->name, cpu);
		work_clear_pending(work);
		return;
	}
	wq_event(WQ_EVENT_QUEUE, req_cpu, pwq, work, work->func);
	if (unlikely(!list_empty(&work->entry))) {
		char name[FUNC_NAME_LEN];

		pool_unlock(pool);
		wq_warn_once("workqueue: %s is queued on wq %s but still linked: was it initialised "
			     "while pending?", func_name(work->func, name, sizeof(name)), wq->name);
		return;
	}
	pwq->nr_in_flight[pwq->work_color]++;
	flags = (unsigned long)pwq->work_color << WORK_STRUCT_COLOR_SHIFT;
	if (likely(list_empty(&pwq->inactive_works)) && likely(pwq_tryinc_active(pwq, false))) {
		if (list_empty(&pool->worklist))
			pool_progress(pool, coarse_ns());
		wq_event(WQ_EVENT_ACTIVATE, -1, pwq, work, work->func);
		pwq_insert(pwq, work, &pool->worklist, flags);
		pool_sync_pending(pool);
		pool_kick(pool);
	} else {
		pwq_insert(pwq, work, &pwq->inactive_works, flags | WORK_INACTIVE);
		pwq_add_inactive(pwq, 1);
	}
	pool_unlock(pool);
}

/*
 * A signal handler interrupted this thread inside the library: keep the item on the thread, with
 * what it needs packed into its list entry, and queue it at the outermost unlock.
 */
static void defer_item(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	work->entry.prev = (struct list_head *)((uintptr_t)wq | (uintptr_t)cpu);
	work->entry.next = (struct list_head *)wq_self.deferred;
	wq_self.deferred = work;
}

void work_run_deferred(void)
{
	struct work_struct *work;

	while ((work = wq_self.deferred)) {
		uintptr_t packed = (uintptr_t)work->entry.prev;

		wq_self.deferred = (struct work_struct *)work->entry.next;
		list_init(&work->entry);
		work_insert(packed & (WQ_ALIGN - 1),
			    (struct workqueue_struct *)(packed & ~(uintptr_t)(WQ_ALIGN - 1)), work);
	}
}

static bool queue_checked(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	if (__atomic_fetch_or(work_data(work), WORK_PENDING, __ATOMIC_SEQ_CST) & WORK_PENDING)
		return false;
	if (clear_pending_if_disabled(work))
		return false;
	if (unlikely(wq_self.depth))
		defer_item(cpu, wq, work);
	else
		work_insert(cpu, wq, work);
	return true;
}

static int check_cpu(int cpu)
{
	if (likely(cpu == WORK_CPU_UNBOUND))
		return cpu;
	if (likely(cpu >= 0 && cpu < wq_nr_cpus))
		return cpu;
	wq_warn_once("workqueue: CPU %d was never online", cpu);
	return WORK_CPU_UNBOUND;
}

bool wq_queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	wq_start();
	return queue_checked(check_cpu(cpu), wq, work);
}

bool wq_queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	wq_start();
	return queue_checked(WORK_CPU_UNBOUND, wq, work);
}

bool wq_queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work)
{
	const struct cpumask *cpus;
	int cpu = WORK_CPU_UNBOUND;

	wq_start();
	cpus = cpus_allowed();
	if (unlikely(!(load_relaxed(&wq->flags) & WQ_UNBOUND)))
		wq_warn_once("workqueue: queue_work_node() on %s, which is not WQ_UNBOUND",
			     wq->name);
	if (node >= 0 && node < wq_nr_nodes) {
		cpu = this_cpu();
		if (wq_cpu_node[cpu] != node)
			for (cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu))
				if (wq_cpu_node[cpu] == node)
					break;
		if (cpu < 0)
			cpu = WORK_CPU_UNBOUND;
	}
	return queue_checked(cpu, wq, work);
}

bool wq_schedule_work_on(int cpu, struct work_struct *work)
{
	return wq_queue_work_on(cpu, wq_system_percpu_wq, work);
}

bool wq_schedule_work(struct work_struct *work)
{
	return wq_queue_work(wq_system_percpu_wq, work);
}

/* --- grab: take an item back --- */

/* Is the item on a worker's own list, rather than the worklist? pool locked. */
static bool is_scheduled(struct worker_pool *pool, const struct work_struct *work)
{
	struct list_head *pos, *pos2;

	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);

		list_for_each(pos2, &worker->scheduled)
			if (pos2 == &work->entry)
				return true;
	}
	return false;
}

/* The item is on a list of its pool, which is locked: take it off, keeping PENDING. */
static void steal_locked(struct work_struct *work, struct pool_workqueue *pwq, unsigned long data)
{
	struct worker_pool *pool = pwq->pool;

	/* Barriers hang on an inactive item: they must not stay behind without it. */
	if (data & WORK_INACTIVE) {
		move_linked(work, &pool->worklist);
		pwq_add_inactive(pwq, -1u);
	} else if (unlikely(pwq->nr_scheduled) && is_scheduled(pool, work)) {
		shown_add(pwq, nr_scheduled, -1u);
	}
	list_del_init(&work->entry);
	pool_sync_pending(pool);
	if (data & WORK_LINKED)
		pool_kick(pool);
	store_release(work_data(work), offq_data((unsigned long)pool->id, 0) | WORK_PENDING);
	pwq_dec_in_flight(pwq, data);
}

/*
 * Become the owner of PENDING. Return: 1 it was pending, 0 it was idle, -EAGAIN somebody is
 * between taking PENDING and queueing.
 */
static int try_grab(struct work_struct *work, unsigned int cflags)
{
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
	unsigned long data;

	if (cflags & CANCEL_DELAYED && timer_disarm(&wq_to_delayed_work(work)->timer))
		return 1;
	if (!(__atomic_fetch_or(work_data(work), WORK_PENDING, __ATOMIC_SEQ_CST) & WORK_PENDING))
		return 0;
	pool = data_pool(load_acquire(work_data(work)));
	if (!pool)
		return -EAGAIN;
	pool_lock(pool);
	/* data points to a pwq exactly while queued on it; both change under that pool's lock */
	data = load_acquire(work_data(work));
	pwq = data_pwq(data);
	if (pwq && load_relaxed(&pwq->pool) == pool) {
		steal_locked(work, pwq, data);
		pool_unlock(pool);
		return 1;
	}
	pool_unlock(pool);
	return -EAGAIN;
}

/*
 * The kernel may spin here, because PENDING and insertion happen with interrupts off. Our owner
 * can be preempted: after some tries sleep, longer each time.
 */
static bool grab(struct work_struct *work, unsigned int cflags)
{
	struct timespec pause = { 0, 50000 };
	int ret;

	for (int tries = 0; (ret = try_grab(work, cflags)) == -EAGAIN; tries++) {
		if (tries < 100) {
			cpu_relax();
			continue;
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 10000000)
			pause.tv_nsec *= 2;
	}
	return ret;
}

/* The owner of PENDING writes pool id and disable depth, and gives PENDING up. */
static void set_offq_and_clear(struct work_struct *work, unsigned long pool_id, unsigned long depth)
{
	__atomic_exchange_n(work_data(work), offq_data(pool_id, depth), __ATOMIC_ACQ_REL);
}

bool work_cancel(struct work_struct *work, unsigned int cflags)
{
	bool pending;
	unsigned long data, depth;

	wq_start();
	pending = grab(work, cflags);
	data = load_relaxed(work_data(work));
	depth = data_disable_depth(data);
	if (cflags & CANCEL_DISABLE) {
		if (depth < (1u << WORK_OFFQ_DISABLE_BITS) - 1)
			depth++;
		else
			wq_warn_once("workqueue: work disable count overflowed");
	}
	set_offq_and_clear(work, data_pool_id(data), depth);
	return pending;
}

static bool enable(struct work_struct *work, unsigned int cflags)
{
	unsigned long data, depth;

	wq_start();
	grab(work, cflags);
	data = load_relaxed(work_data(work));
	depth = data_disable_depth(data);
	if (depth)
		depth--;
	else
		wq_warn_once("workqueue: work disable count underflowed");
	set_offq_and_clear(work, data_pool_id(data), depth);
	return !depth;
}

static bool cancel_sync(struct work_struct *work, unsigned int cflags)
{
	bool pending = work_cancel(work, cflags | CANCEL_DISABLE);

	flush_for_cancel(work);
	if (!(cflags & CANCEL_DISABLE))
		enable(work, cflags);
	return pending;
}

bool wq_cancel_work(struct work_struct *work)
{
	return work_cancel(work, 0);
}

bool wq_cancel_delayed_work(struct delayed_work *dwork)
{
	return work_cancel(&dwork->work, CANCEL_DELAYED);
}

bool wq_cancel_work_sync(struct work_struct *work)
{
	return cancel_sync(work, 0);
}

bool wq_cancel_delayed_work_sync(struct delayed_work *dwork)
{
	return cancel_sync(&dwork->work, CANCEL_DELAYED);
}

bool wq_disable_work(struct work_struct *work)
{
	return work_cancel(work, CANCEL_DISABLE);
}

bool wq_disable_work_sync(struct work_struct *work)
{
	return cancel_sync(work, CANCEL_DISABLE);
}

bool wq_disable_delayed_work(struct delayed_work *dwork)
{
	return work_cancel(&dwork->work, CANCEL_DELAYED | CANCEL_DISABLE);
}

bool wq_disable_delayed_work_sync(struct delayed_work *dwork)
{
	return cancel_sync(&dwork->work, CANCEL_DELAYED | CANCEL_DISABLE);
}

bool wq_enable_work(struct work_struct *work)
{
	return enable(work, 0);
}

bool wq_enable_delayed_work(struct delayed_work *dwork)
{
	return enable(&dwork->work, CANCEL_DELAYED);
}

bool wq_enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	if (!wq_enable_work(work))
		return false;
	wq_queue_work(wq, work);
	return true;
}

/*
 * The child of a fork: un-queue the items of a list. Barriers belong to waiters that are not
 * here.
 */
void items_drop(struct list_head *head)
{
	while (!list_empty(head)) {
		struct work_struct *work = list_first(head, struct work_struct, entry);
		unsigned long data = load_relaxed(work_data(work));

		list_del_init(&work->entry);
		set_offq_and_clear(work, data_pool_id(data), 0);
	}
}

/* --- delayed items --- */

static void check_delayed(struct delayed_work *dwork)
{
	if (unlikely(dwork->timer.function != wq_delayed_work_timer_fn))
		wq_warn_once("workqueue: delayed work %p has not been initialised as one",
			     (void *)dwork);
	if (unlikely(wq_timer_pending(&dwork->timer)))
		wq_warn_once("workqueue: the timer of idle delayed work %p is armed",
			     (void *)dwork);
	if (unlikely(!list_empty(&dwork->work.entry)))
		wq_warn_once("workqueue: idle delayed work %p is linked", (void *)dwork);
}

/* The caller owns PENDING. */
static void queue_delayed(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork, u64 ns)
{
	check_delayed(dwork);
	dwork->wq = wq;
	dwork->cpu = cpu;
	if (!ns)
		work_insert(cpu, wq, &dwork->work);
	else
		timer_arm_delayed(dwork, ns);
}

static bool queue_delayed_ns(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			     u64 ns)
{
	struct work_struct *work = &dwork->work;

	wq_start();
	cpu = check_cpu(cpu);
	if (__atomic_fetch_or(work_data(work), WORK_PENDING, __ATOMIC_SEQ_CST) & WORK_PENDING)
		return false;
	if (clear_pending_if_disabled(work))
		return false;
	queue_delayed(cpu, wq, dwork, ns);
	return true;
}

static bool mod_delayed_ns(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork, u64 ns)
{
	bool pending;

	wq_start();
	cpu = check_cpu(cpu);
	pending = grab(&dwork->work, CANCEL_DELAYED);
	if (!clear_pending_if_disabled(&dwork->work))
		queue_delayed(cpu, wq, dwork, ns);
	return pending;
}

static u64 jiffies_to_ns(u64 delay)
{
	u64 ns;

	return __builtin_mul_overflow(delay, NSEC_PER_MSEC, &ns) ? UINT64_MAX : ns;
}

bool wq_queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			      unsigned long delay)
{
	return queue_delayed_ns(cpu, wq, dwork, jiffies_to_ns(delay));
}

bool wq_queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			   unsigned long delay)
{
	return queue_delayed_ns(WORK_CPU_UNBOUND, wq, dwork, jiffies_to_ns(delay));
}

bool wq_queue_delayed_work_ns(struct workqueue_struct *wq, struct delayed_work *dwork,
			      uint64_t delay_ns)
{
	return queue_delayed_ns(WORK_CPU_UNBOUND, wq, dwork, delay_ns);
}

bool wq_schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay)
{
	return wq_queue_delayed_work_on(cpu, wq_system_percpu_wq, dwork, delay);
}

bool wq_schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return wq_queue_delayed_work(wq_system_percpu_wq, dwork, delay);
}

bool wq_mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			    unsigned long delay)
{
	return mod_delayed_ns(cpu, wq, dwork, jiffies_to_ns(delay));
}

bool wq_mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay)
{
	return mod_delayed_ns(WORK_CPU_UNBOUND, wq, dwork, jiffies_to_ns(delay));
}

bool wq_mod_delayed_work_ns(struct workqueue_struct *wq, struct delayed_work *dwork,
			    uint64_t delay_ns)
{
	return mod_delayed_ns(WORK_CPU_UNBOUND, wq, dwork, delay_ns);
}

/* --- look --- */

unsigned int wq_work_busy(struct work_struct *work)
{
	unsigned int busy = 0;
	struct worker_pool *pool;

	wq_start();
	if (wq_work_pending(work))
		busy |= WORK_BUSY_PENDING;
	pool = data_pool(load_acquire(work_data(work)));
	if (pool) {
		pool_lock(pool);
		if (find_executing(pool, work))
			busy |= WORK_BUSY_RUNNING;
		pool_unlock(pool);
	}
	return busy;
}

struct work_struct *wq_current_work(void)
{
	struct worker *worker = wq_self.worker;

	return worker ? worker->current_work : NULL;
}
