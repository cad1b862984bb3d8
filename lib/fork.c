/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fork.c - the child of a fork begins empty
 *
 * All locks are taken before the fork, so that the child finds every list whole. It has the
 * queues, but no thread, no item that is queued or armed, and nobody who waits; its first call
 * makes new threads.
 */
#include <pthread.h>

#include "internal.h"

static struct wq_lock *const last_locks[] = { &wq_mayday_lock, &wq_release_lock, &wq_worker_lock,
					      &wq_pwq_lock, &wq_reader_lock };

static void for_each_lock(void (*fn)(struct wq_lock *lock))
{
	struct list_head *pos;

	fn(&wq_pool_mutex);
	list_for_each(pos, &wq_workqueues)
		fn(&list_entry(pos, struct workqueue_struct, list)->mutex);
	fn(&wq_timer_lock);
	fn(&wq_callback_lock);
	for (int id = 0; id < wq_nr_pools; id++)
		fn(&wq_pools[id]->lock);
	for (size_t i = 0; i < ARRAY_SIZE(last_locks); i++)
		fn(last_locks[i]);
}

static void before(void)
{
	lock_check_pause(true);
	for_each_lock(lock_acquire);
}

static void in_parent(void)
{
	for_each_lock(lock_release);
	lock_check_pause(false);
}

static void lock_reset(struct wq_lock *lock)
{
	lock->word = lock->waiters = 0;
}

static void pool_fork_child(struct worker_pool *pool)
{
	items_drop(&pool->worklist);
	list_init(&pool->idle_list);
	for (size_t i = 0; i < ARRAY_SIZE(pool->busy_hash); i++)
		list_init(&pool->busy_hash[i]);
	workers_fork_child(pool);
	pool->waking = pool->monitored = pool->cull_armed = pool->pending = false;
	pool->after = 0;
	pool->kicked = NULL;
	pool->unwatched = 0;
}

static void in_child(void)
{
	bool worker = wq_self.worker;

	/* Nobody else is here: the locks protect nothing now. */
	for_each_lock(lock_reset);
	lock_check_pause(false);
	segment_fork_child();
	misuses_fork_child();
	names_fork_child();
	wq_self.worker = NULL;
	wq_self.tid = 0;
	wq_self.in_interrupt = false;
	timers_fork_child();
	for (int id = 0; id < wq_nr_pools; id++)
		pool_fork_child(wq_pools[id]);
	wqs_fork_child();
	service_fork_child();
	rcu_fork_child();
	sentinels_fork_child();
	cpus_fork_child(worker);
	process_fork_child();
	wq_self.deferred = NULL;
	wq_self.depth = 0;
}

static int atfork_error;

static void register_once(void)
{
	atfork_error = pthread_atfork(before, in_parent, in_child);
}

/* Grace periods are for those who have no queue, too. Return: 0 or an errno. */
int fork_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_once);
	return atfork_error;
}
