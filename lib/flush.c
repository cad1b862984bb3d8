/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flush.c - waiting: for one item (a barrier right behind it), for a queue (colours), until it is
 * empty
 *
 * Colours: every item carries the work colour that its pwq had as it was queued. A flush takes
 * the current colour, gives the queue the next one, and waits until no pwq has an item of its
 * colour in flight. The first flusher is the one whose colour is waited for now; the others stand
 * in flusher_queue, oldest first. When all colours are taken, flushers wait on flusher_overflow
 * and later share one colour.
 */
#include <string.h>

#include "internal.h"

/* --- one item --- */

static void wq_barrier_func(struct work_struct *work)
{
	done_complete(&container_of(work, struct wq_barrier, work)->done);
}

bool barrier_func(work_func_t func)
{
	return func == wq_barrier_func;
}

u64 barrier_address(void)
{
	return (uintptr_t)wq_barrier_func;
}

/* Is this item only somebody's wait for another one? Returns who waits. */
pid_t barrier_waiter(struct work_struct *work)
{
	return work->func == wq_barrier_func ? container_of(work, struct wq_barrier, work)->tid : 0;
}

/*
 * Put a barrier right behind @target, which is queued, or which @worker runs. It does not count
 * for max_active, so it is marked inactive. pool locked.
 */
static void insert_barrier(struct pool_workqueue *pwq, struct wq_barrier *barrier,
			   struct work_struct *target, struct worker *worker)
{
	unsigned long flags = WORK_INACTIVE;
	struct list_head *before;
	int color;

	(wq_init_work)(&barrier->work, wq_barrier_func);
	barrier->done.word = 0;
	barrier->tid = self_tid();
	if (worker) {
		before = worker->scheduled.next;
		color = (int)worker->current_color;
	} else {
		unsigned long data = __atomic_fetch_or(work_data(target), WORK_LINKED,
						       __ATOMIC_RELAXED);

		before = target->entry.next;
		color = data_color(data);
		flags |= data & WORK_LINKED;
	}
	pwq->nr_in_flight[color]++;
	record_add(pwq->rec, nr_barriers, 1);
	pwq_insert(pwq, &barrier->work, before,
		   flags | (unsigned long)color << WORK_STRUCT_COLOR_SHIFT);
}

/*
 * A worker of a queue with a rescuer must not wait for one without: that one may never get a
 * thread.
 */
static void check_dependency(struct workqueue_struct *target, work_func_t func)
{
	struct worker *worker = wq_self.worker;
	char name[FUNC_NAME_LEN], own[FUNC_NAME_LEN];
	struct workqueue_struct *wq;

	if (load_relaxed(&target->flags) & WQ_MEM_RECLAIM || !worker || !worker->current_pwq)
		return;
	wq = worker->current_pwq->wq;
	if ((load_relaxed(&wq->flags) & (WQ_MEM_RECLAIM | __WQ_LEGACY)) == WQ_MEM_RECLAIM)
		wq_warn_once("workqueue: WQ_MEM_RECLAIM %s:%s is flushing !WQ_MEM_RECLAIM %s:%s",
			     wq->name, func_name(worker->current_func, own, sizeof(own)),
			     target->name, func ? func_name(func, name, sizeof(name)) : "0x0");
}

/* What a thread waits for, noted down while the lock was held. */
struct wait {
	enum wq_seg_wait kind;
	u64 since_ns;
	u32 workqueue, pwq, worker;
	u64 work, func;
};

/* Show that this thread waits, until wait_over(). */
static struct wq_seg_waiter *wait_show(const struct wait *wait)
{
	struct wq_seg_waiter *rec = record_try(WQ_SEG_WAITERS);

	if (!rec)
		return NULL;
	record_begin(&rec->seq);
	record_put(rec, kind, wait->kind);
	record_put(rec, since_ns, wait->since_ns);
	record_put(rec, tid, self_tid());
	record_put(rec, workqueue, wait->workqueue);
	record_put(rec, pwq, wait->pwq);
	record_put(rec, worker, wait->worker);
	record_put(rec, work, wait->work);
	record_put(rec, func, wait->func);
	record_put(rec, serial, record_serial());
	record_end(&rec->seq);
	return rec;
}

static void wait_over(struct wq_seg_waiter *rec)
{
	record_free(WQ_SEG_WAITERS, rec);
}

/* pool locked */
static void wait_note(struct wait *wait, struct pool_workqueue *pwq, struct worker *worker,
		      struct work_struct *work)
{
	wait->workqueue = record_index(WQ_SEG_WORKQUEUES, pwq->wq->rec);
	wait->pwq = pwq->index;
	wait->worker = worker ? record_index(WQ_SEG_WORKERS, worker->rec) : WQ_SEG_NONE;
	wait->work = (uintptr_t)work;
	wait->func = (uintptr_t)work->func;
}

static bool start_flush(struct work_struct *work, struct wq_barrier *barrier, struct wait *wait)
{
	struct worker_pool *pool = data_pool(load_acquire(work_data(work)));
	struct worker *worker = NULL;
	struct pool_workqueue *pwq;
	char name[FUNC_NAME_LEN];

	if (!pool)
		return false;
	pool_lock(pool);
	pwq = data_pwq(load_acquire(work_data(work)));
	if (!pwq) {
		worker = find_executing(pool, work);
		if (worker)
			pwq = worker->current_pwq;
	} else if (load_relaxed(&pwq->pool) != pool) {
		pwq = NULL;
	}
	if (!pwq) {
		pool_unlock(pool);
		return false;
	}
	if (wait->kind == WQ_SEG_FLUSH_WORK)
		check_dependency(pwq->wq, work->func);
	if (unlikely(worker && worker == wq_self.worker))
		wq_warn_once("workqueue: %s waits for itself on wq %s, for ever",
			     func_name(work->func, name, sizeof(name)), pwq->wq->name);
	insert_barrier(pwq, barrier, work, worker);
	wait_note(wait, pwq, worker, work);
	pool_unlock(pool);
	return true;
}

static bool flush(struct work_struct *work, enum wq_seg_wait kind)
{
	struct wait wait = { .kind = kind };
	struct wq_seg_waiter *shown;
	struct wq_barrier barrier;

	wq_start();
	if (unlikely(!work->func)) {
		wq_warn_once("workqueue: flush of work %p without a function", (void *)work);
		return false;
	}
	if (!start_flush(work, &barrier, &wait))
		return false;
	wait.since_ns = now_ns();
	shown = wait_show(&wait);
	done_wait(&barrier.done);
	wait_over(shown);
	return true;
}

void flush_for_cancel(struct work_struct *work)
{
	flush(work, WQ_SEG_CANCEL_WORK);
}

bool wq_flush_work(struct work_struct *work)
{
	return flush(work, WQ_SEG_FLUSH_WORK);
}

bool wq_flush_delayed_work(struct delayed_work *dwork)
{
	wq_start();
	if (timer_disarm(&dwork->timer))
		work_insert(dwork->cpu, dwork->wq, &dwork->work);
	return wq_flush_work(&dwork->work);
}

/* --- a queue --- */

static int next_color(int color)
{
	return (color + 1) % WORK_NR_COLORS;
}

/*
 * Begin to wait for @flush_color, unless it is -1, and give every pwq @work_color, unless it is
 * -1. Returns false if nothing of that colour is in flight; the first flusher is complete then.
 * wq->mutex held.
 */
static bool prepare_pwqs(struct workqueue_struct *wq, int flush_color, int work_color)
{
	struct list_head *pos;
	bool wait = false;

	if (flush_color >= 0)
		__atomic_store_n(&wq->nr_pwqs_to_flush, 1, __ATOMIC_RELAXED);
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pool_lock(pwq->pool);
		if (flush_color >= 0 && pwq->nr_in_flight[flush_color]) {
			pwq->flush_color = flush_color;
			__atomic_fetch_add(&wq->nr_pwqs_to_flush, 1, __ATOMIC_RELAXED);
			wait = true;
		}
		if (work_color >= 0)
			pwq->work_color = work_color;
		pool_unlock(pwq->pool);
	}
	if (flush_color >= 0 && !__atomic_sub_fetch(&wq->nr_pwqs_to_flush, 1, __ATOMIC_ACQ_REL))
		done_complete(&wq->first_flusher->done);
	return wait;
}

/* Join the flushers. Returns false if there is nothing to wait for. wq->mutex held. */
static bool join_flushers(struct workqueue_struct *wq, struct wq_flusher *me)
{
	int next = next_color(wq->work_color);

	if (next == wq->flush_color) {
		list_add_tail(&me->list, &wq->flusher_overflow);
		return true;
	}
	me->flush_color = wq->work_color;
	wq->work_color = next;
	if (wq->first_flusher) {
		list_add_tail(&me->list, &wq->flusher_queue);
		prepare_pwqs(wq, -1, wq->work_color);
		return true;
	}
	store_release(&wq->first_flusher, me);
	if (prepare_pwqs(wq, wq->flush_color, wq->work_color))
		return true;
	wq->flush_color = next;
	store_release(&wq->first_flusher, NULL);
	return false;
}

/* Colours have become free: all who found none share the next one. */
static void admit_overflow(struct workqueue_struct *wq)
{
	struct list_head *pos, *tmp;

	if (list_empty(&wq->flusher_overflow))
		return;
	list_for_each_safe(pos, tmp, &wq->flusher_overflow) {
		list_entry(pos, struct wq_flusher, list)->flush_color = wq->work_color;
		list_move_tail(pos, &wq->flusher_queue);
	}
	wq->work_color = next_color(wq->work_color);
	prepare_pwqs(wq, -1, wq->work_color);
}

/*
 * The first flusher is done: release those of its colour, and hand over to the next. wq->mutex
 * held.
 */
static void hand_over(struct workqueue_struct *wq)
{
	store_release(&wq->first_flusher, NULL);
	for (;;) {
		struct list_head *pos, *tmp;
		struct wq_flusher *next;

		list_for_each_safe(pos, tmp, &wq->flusher_queue) {
			next = list_entry(pos, struct wq_flusher, list);
			if (next->flush_color != wq->flush_color)
				break;
			list_del_init(&next->list);
			done_complete(&next->done);
		}
		wq->flush_color = next_color(wq->flush_color);
		admit_overflow(wq);
		if (list_empty(&wq->flusher_queue))
			return;
		next = list_first(&wq->flusher_queue, struct wq_flusher, list);
		list_del_init(&next->list);
		store_release(&wq->first_flusher, next);
		if (prepare_pwqs(wq, wq->flush_color, -1))
			return;
		/* nothing of that colour is left: it is complete already */
		store_release(&wq->first_flusher, NULL);
	}
}

static void warn_if_own(struct workqueue_struct *wq, const char *what)
{
	if (unlikely(is_chained_work(wq)))
		wq_warn_once("workqueue: an item of wq %s calls %s on it, which waits for the item itself",
			     wq->name, what);
}

static void flush_workqueue(struct workqueue_struct *wq, enum wq_seg_wait kind, u64 since_ns)
{
	struct wait why = { .kind = kind, .since_ns = since_ns, .pwq = WQ_SEG_NONE,
			    .worker = WQ_SEG_NONE };
	struct wq_flusher me = { .flush_color = -1 };
	struct wq_seg_waiter *shown;
	bool wait;

	list_init(&me.list);
	lock_acquire(&wq->mutex);
	wait = join_flushers(wq, &me);
	lock_release(&wq->mutex);
	if (!wait)
		return;
	check_dependency(wq, NULL);
	why.workqueue = record_index(WQ_SEG_WORKQUEUES, wq->rec);
	shown = wait_show(&why);
	done_wait(&me.done);
	wait_over(shown);
	/* Only the first flusher hands over; the others were released by one. */
	if (load_acquire(&wq->first_flusher) != &me)
		return;
	lock_acquire(&wq->mutex);
	if (wq->first_flusher == &me)
		hand_over(wq);
	lock_release(&wq->mutex);
}

void wq_flush_workqueue(struct workqueue_struct *wq)
{
	wq_start();
	warn_if_own(wq, "flush_workqueue()");
	flush_workqueue(wq, WQ_SEG_FLUSH_WORKQUEUE, now_ns());
}

void wq_warn_flushing_systemwide_wq(void)
{
	wq_warn_once("WARNING: Flushing system-wide workqueues will be prohibited in near future.");
}

void wq_flush_scheduled_work(void)
{
	wq_flush_workqueue(wq_system_percpu_wq);
}

/* --- until it is empty --- */

/* Is each pwq empty when we look at it, and how many items have begun? wq->mutex held. */
static bool each_is_empty(struct workqueue_struct *wq, u64 *begun)
{
	struct list_head *pos;
	bool empty = true;

	*begun = 0;
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pool_lock(pwq->pool);
		if (pwq->nr_active || !list_empty(&pwq->inactive_works))
			empty = false;
		*begun += pwq->rec->stat[WQ_SEG_STARTED];
		pool_unlock(pwq->pool);
	}
	return empty;
}

/*
 * All at the same time? An item may have queued the next one of its chain where we had looked
 * already, and ended before we came to it. So look twice: if none has begun from the first look
 * on, all were empty between the two, and there is nobody left who may queue.
 */
static bool queue_is_empty(struct workqueue_struct *wq)
{
	u64 begun, again;
	bool empty;

	lock_acquire(&wq->mutex);
	empty = each_is_empty(wq, &begun) && each_is_empty(wq, &again) && begun == again;
	lock_release(&wq->mutex);
	return empty;
}

void wq_drain_workqueue(struct workqueue_struct *wq)
{
	unsigned int tries = 0;
	u64 since_ns;

	wq_start();
	since_ns = now_ns();
	warn_if_own(wq, "drain_workqueue()");
	lock_acquire(&wq->mutex);
	if (!wq->nr_drainers++)
		wq_set_flag(wq, __WQ_DRAINING);
	lock_release(&wq->mutex);
	for (;;) {
		flush_workqueue(wq, WQ_SEG_DRAIN_WORKQUEUE, since_ns);
		if (queue_is_empty(wq))
			break;
		if (++tries == 10 || (tries % 100 == 0 && tries <= 1000))
			wq_print("workqueue %s: drain_workqueue() isn't complete after %u tries",
				 wq->name,
				 tries);
	}
	lock_acquire(&wq->mutex);
	if (!--wq->nr_drainers)
		wq_clear_flag(wq, __WQ_DRAINING);
	lock_release(&wq->mutex);
}
