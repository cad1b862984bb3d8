/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rescuer.c - when no thread can be made, each WQ_MEM_RECLAIM queue still has one of its own
 *
 * The service thread, failing to make a worker, calls for help: every pwq with an item on that
 * worklist goes on its queue's maydays. The rescuer then works on that pool, on that queue's
 * items only.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "internal.h"

#define RESCUER_NICE (-20)
#define RESCUER_BATCH 16

struct wq_lock wq_mayday_lock = LOCK_INIT(RANK_MAYDAY);

static void mayday(struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = pwq->wq;
	struct worker *rescuer = load_acquire(&wq->rescuer);

	if (!rescuer)
		return;
	lock_acquire(&wq_mayday_lock);
	if (list_empty(&pwq->mayday_node)) {
		pwq->refcnt++;
		list_add_tail(&pwq->mayday_node, &wq->maydays);
		record_set(pwq->rec, on_mayday, 1);
		pwq_count(pwq, WQ_SEG_MAYDAY, 1);
		worker_wake(rescuer);
	}
	lock_release(&wq_mayday_lock);
}

/* Service thread. No lock held. */
void pool_send_mayday(struct worker_pool *pool)
{
	struct list_head *pos;

	pool_lock(pool);
	if (need_more_worker(pool))
		list_for_each(pos, &pool->worklist) {
			struct work_struct *work = list_entry(pos, struct work_struct, entry);

			mayday(data_pwq(load_relaxed(work_data(work))));
		}
	pool_unlock(pool);
}

static bool still_needed(struct worker_pool *pool)
{
	return !pool->nr_idle && need_more_worker(pool) && load_relaxed(&pool->want_worker);
}

/* Take up to a batch of the pwq's items. pool locked. */
static int collect(struct worker *rescuer, struct pool_workqueue *pwq)
{
	struct list_head *head = &pwq->pool->worklist, *pos = head->next;
	int n = 0;

	while (pos != head && n < RESCUER_BATCH) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);

		pos = pos->next;
		if (data_pwq(load_relaxed(work_data(work))) != pwq)
			continue;
		/* linked ones, which directly follow, belong to the same pwq and go with it */
		while (pos != head && load_relaxed(work_data(list_entry(pos->prev,
									struct work_struct,
									entry))) & WORK_LINKED)
			pos = pos->next;
		if (worker_assign(work, rescuer))
			n++;
	}
	return n;
}

/* pool locked */
static void attach(struct worker *rescuer, struct worker_pool *pool)
{
	rescuer->pool = pool;
	record_begin(&rescuer->rec->seq);
	record_put(rescuer->rec, pool, pool ? record_index(WQ_SEG_POOLS, pool->rec) : WQ_SEG_NONE);
	record_end(&rescuer->rec->seq);
}

static void rescue(struct worker *rescuer, struct pool_workqueue *pwq)
{
	struct worker_pool *pool = pwq->pool;
	int n;

	worker_apply_mask(pool, 0);
	pool_lock(pool);
	attach(rescuer, pool);
	list_add_tail(&rescuer->node, &pool->workers);
	while (pwq->nr_active && still_needed(pool) && (n = collect(rescuer, pwq))) {
		pwq_count(pwq, WQ_SEG_RESCUED, (u64)n);
		worker_process_scheduled(rescuer);
	}
	list_del_init(&rescuer->node);
	attach(rescuer, NULL);
	pool_kick(pool);
	pwq_put(pwq);
	pool_unlock(pool);
}

static void *rescuer_main(void *arg)
{
	struct worker *rescuer = arg;
	struct workqueue_struct *wq = rescuer->rescue_wq;
	char name[48];
	bool stop;

	snprintf(name, sizeof(name), "kworker/R-%s", wq->name);
	thread_set_name(name);
	wq_self.worker = rescuer;
	shown_set(rescuer, tid, self_tid());
	setpriority(PRIO_PROCESS, (id_t)rescuer->tid, RESCUER_NICE);
	do {
		worker_park(rescuer);
		lock_acquire(&wq_mayday_lock);
		stop = rescuer->flags & WORKER_DIE;
		while (!list_empty(&wq->maydays)) {
			struct pool_workqueue *pwq =
				list_first(&wq->maydays, struct pool_workqueue, mayday_node);

			list_del_init(&pwq->mayday_node);
			record_set(pwq->rec, on_mayday, 0);
			lock_release(&wq_mayday_lock);
			rescue(rescuer, pwq);
			lock_acquire(&wq_mayday_lock);
		}
		lock_release(&wq_mayday_lock);
	} while (!stop);
	wq_self.worker = NULL;
	done_complete(&rescuer->exited);
	return NULL;
}

/* Return: 0 or an errno. */
int rescuer_start(struct workqueue_struct *wq)
{
	struct worker *rescuer = worker_alloc();
	int err;

	if (!rescuer)
		return ENOMEM;
	rescuer->rescue_wq = wq;
	rescuer->pool = NULL;
	rescuer->id = 0;
	store_relaxed(&rescuer->exited.word, 0);
	worker_record(rescuer);
	err = thread_start(rescuer_main, rescuer, load_relaxed(&wq_stack_size));
	if (err) {
		worker_free(rescuer);
		return err;
	}
	record_set(wq->rec, rescuer, record_index(WQ_SEG_WORKERS, rescuer->rec));
	store_release(&wq->rescuer, rescuer);
	return 0;
}

void rescuer_stop(struct workqueue_struct *wq)
{
	struct worker *rescuer = wq->rescuer;

	lock_acquire(&wq_mayday_lock);
	rescuer->flags |= WORKER_DIE;
	lock_release(&wq_mayday_lock);
	worker_wake(rescuer);
	done_wait(&rescuer->exited);
	rescuer->rescue_wq = NULL;
	record_set(wq->rec, rescuer, WQ_SEG_NONE);
	store_release(&wq->rescuer, NULL);
	worker_free(rescuer);
}

bool wq_current_is_workqueue_rescuer(void)
{
	return wq_self.worker && wq_self.worker->rescue_wq;
}

bool wq_current_is_workqueue_mem_reclaim(void)
{
	struct worker *worker = wq_self.worker;

	return worker && worker->current_pwq &&
	       (load_relaxed(&worker->current_pwq->wq->flags) & (WQ_MEM_RECLAIM | __WQ_LEGACY)) ==
	       WQ_MEM_RECLAIM;
}
