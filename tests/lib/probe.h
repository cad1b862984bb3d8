/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h - a work item that says when it runs, and stays until it is let go
 *
 * Tests wait by gates, never by time.
 */
#ifndef WQKIT_PROBE_H
#define WQKIT_PROBE_H

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <wq/wq.h>

#include "../unit/test.h"

/* Opened as often as somebody passes it. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int opened, passed;
};

#define GATE_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 }

static inline void gate_open_n(struct gate *gate, int n)
{
	pthread_mutex_lock(&gate->mutex);
	gate->opened += n;
	pthread_cond_broadcast(&gate->cond);
	pthread_mutex_unlock(&gate->mutex);
}

static inline void gate_open(struct gate *gate)
{
	gate_open_n(gate, 1);
}

/* Pass as soon as it is open; one opening lets one through. */
static inline void gate_pass(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	while (gate->passed >= gate->opened)
		pthread_cond_wait(&gate->cond, &gate->mutex);
	gate->passed++;
	pthread_mutex_unlock(&gate->mutex);
}

/* A work item with gates at both ends of its function. */
struct probe {
	struct work_struct work;
	struct delayed_work dwork;
	struct gate entered, leave;
	int runs;			/* written by the function only */
	int cpu;			/* where it ran */
	int inside, most_inside;	/* now, and at most at a time */
	void (*then)(struct probe *probe);	/* before it waits */
};

static inline void probe_body(struct probe *p)
{
	int inside = __atomic_add_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);

	if (inside > __atomic_load_n(&p->most_inside, __ATOMIC_RELAXED))
		__atomic_store_n(&p->most_inside, inside, __ATOMIC_RELAXED);
	p->cpu = sched_getcpu();
	if (p->then)
		p->then(p);
	gate_open(&p->entered);
	gate_pass(&p->leave);
	__atomic_add_fetch(&p->runs, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);
}

static inline void probe_func(struct work_struct *work)
{
	probe_body((struct probe *)(void *)((char *)work - offsetof(struct probe, work)));
}

static inline void probe_dfunc(struct work_struct *work)
{
	probe_body((struct probe *)(void *)((char *)work - offsetof(struct probe, dwork.work)));
}

static inline void probe_init(struct probe *p)
{
	static const struct gate shut = GATE_INIT;

	memset(p, 0, sizeof(*p));
	p->entered = p->leave = shut;
	wq_init_work(&p->work, probe_func);
	wq_init_delayed_work(&p->dwork, probe_dfunc);
}

/* For probe.then: the item says that it blocks, passes both gates, and goes on to them again. */
static inline void probe_says_block(struct probe *p)
{
	wq_block_begin();
	gate_open(&p->entered);
	gate_pass(&p->leave);
	wq_block_end();
}

static inline int probe_runs(struct probe *p)
{
	return __atomic_load_n(&p->runs, __ATOMIC_RELAXED);
}

/* An item that only counts. */
struct counter {
	struct work_struct work;
	int runs;
};

static inline void counter_func(struct work_struct *work)
{
	__atomic_add_fetch(&((struct counter *)(void *)work)->runs, 1, __ATOMIC_RELAXED);
}

static inline void counter_init(struct counter *c)
{
	c->runs = 0;
	wq_init_work(&c->work, counter_func);
}

static inline int counter_runs(struct counter *c)
{
	return __atomic_load_n(&c->runs, __ATOMIC_RELAXED);
}

/* Run f in another thread, to watch it wait. */
struct helper {
	pthread_t thread;
	struct gate begun;
	void (*fn)(void *arg);
	void *arg;
	int done;
};

static inline void *helper_main(void *arg)
{
	struct helper *h = arg;

	gate_open(&h->begun);
	h->fn(h->arg);
	__atomic_store_n(&h->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static inline void helper_start(struct helper *h, void (*fn)(void *arg), void *arg)
{
	static const struct gate shut = GATE_INIT;

	h->begun = shut;
	h->fn = fn;
	h->arg = arg;
	h->done = 0;
	CHECK_INT(pthread_create(&h->thread, NULL, helper_main, h), 0);
	gate_pass(&h->begun);
}

static inline int helper_done(struct helper *h)
{
	return __atomic_load_n(&h->done, __ATOMIC_ACQUIRE);
}

static inline void helper_join(struct helper *h)
{
	pthread_join(h->thread, NULL);
}

#endif
