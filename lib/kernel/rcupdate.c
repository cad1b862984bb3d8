/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rcupdate.c - kfree_rcu(): free a block after a grace period
 *
 * A block's rcu_head says what to free in place of a function, so blocks go through lists of our
 * own: those that wait for the grace period that runs, and those that came later. In the child of a
 * fork no grace period runs any more: its blocks go with the next one.
 */
#include <pthread.h>

#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static struct rcu_head *waiting;	/* for the grace period of @batch */
static struct rcu_head *later;
static bool running;			/* @batch is in use */
static struct rcu_head batch;

static void before_fork(void)
{
	spin_lock(&lock);
}

static void after_fork(void)
{
	spin_unlock(&lock);
}

static void in_child(void)
{
	struct rcu_head **end = &later;

	while (*end)
		end = &(*end)->next;
	*end = waiting;
	waiting = NULL;
	running = false;
	spin_unlock(&lock);
}

static void prepare_for_forks(void)
{
	pthread_atfork(before_fork, after_fork, in_child);
}

static void free_batch(struct rcu_head *head)
{
	struct rcu_head *list, *next;
	bool again;

	spin_lock(&lock);
	list = waiting;
	waiting = later;
	later = NULL;
	again = running = waiting;
	spin_unlock(&lock);
	if (again)
		call_rcu(head, free_batch);
	for (; list; list = next) {
		next = list->next;
		kfree((void *)list->func);
	}
}

void kvfree_call_rcu(struct rcu_head *head, void *p)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	bool start;

	pthread_once(&once, prepare_for_forks);
	head->func = (rcu_callback_t)p;
	spin_lock(&lock);
	start = !running;
	if (start) {
		running = true;
		head->next = NULL;
		waiting = head;
	} else {
		head->next = later;
		later = head;
	}
	spin_unlock(&lock);
	if (start)
		call_rcu(&batch, free_batch);
}

/* Twice: the first ends the batch that ran, the second the one that came later. */
void kvfree_rcu_barrier(void)
{
	rcu_barrier();
	rcu_barrier();
}

void __wq_kfree_rcu_mightsleep(void *p)
{
	if (!p)
		return;
	synchronize_rcu();
	kfree(p);
}
