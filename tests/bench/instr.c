/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instr PERCPU|UNBOUND chain|batch N: N items for instr.sh to count the instructions of. A chain
 * is one item that queues itself again; a batch is queued by this thread while an item holds the
 * pool. Nobody waits in between, so that two runs execute the same instructions.
 */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wq/wq.h>

struct item {
	struct work_struct work;
};

static struct workqueue_struct *wq;
static sem_t held, go, done;
static long left;

static void hold(struct work_struct *work)
{
	(void)work;
	sem_post(&held);
	while (sem_wait(&go))
		;
}

static void count(struct work_struct *work)
{
	(void)work;
	if (!--left)
		sem_post(&done);
}

static void again(struct work_struct *work)
{
	if (--left)
		wq_queue_work(wq, work);
	else
		sem_post(&done);
}

static void chain(void)
{
	static struct item item;

	wq_init_work(&item.work, again);
	wq_queue_work(wq, &item.work);
}

static void batch(long n)
{
	struct item *items = calloc((size_t)n, sizeof(*items));
	static struct item first;

	if (!items)
		exit(1);
	wq_init_work(&first.work, hold);
	wq_queue_work_on(0, wq, &first.work);
	while (sem_wait(&held))
		;
	for (long i = 0; i < n; i++) {
		wq_init_work(&items[i].work, count);
		wq_queue_work_on(0, wq, &items[i].work);
	}
	sem_post(&go);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: instr percpu|unbound chain|batch N\n");
		return 2;
	}
	left = atol(argv[3]);
	wq = wq_alloc_workqueue("instr", strcmp(argv[1], "unbound") ? WQ_PERCPU : WQ_UNBOUND, 0);
	if (!wq || left < 1)
		return 1;
	sem_init(&held, 0, 0);
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	if (strcmp(argv[2], "batch"))
		chain();
	else
		batch(left);
	while (sem_wait(&done))
		;
	return 0;
}
