/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue_work() may be called from a signal handler that interrupts anything, the library included.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "probe.h"

static struct workqueue_struct *wq;
static struct counter from_handler;
static int queued;

static void handler(int sig)
{
	int saved = errno;

	(void)sig;
	errno = 4242;
	if (wq_queue_work(wq, &from_handler.work))
		__atomic_add_fetch(&queued, 1, __ATOMIC_RELAXED);
	if (errno != 4242)
		abort();
	errno = saved;
}

TEST(a_handler_queues_while_its_thread_does)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec often = { { 0, 20000 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct counter c;
	timer_t timer;

	wq = wq_alloc_workqueue("sig", 0, 0);
	counter_init(&from_handler);
	counter_init(&c);
	signal(SIGALRM, handler);
	CHECK_INT(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
	CHECK_INT(timer_settime(timer, 0, &often, NULL), 0);
	while (__atomic_load_n(&queued, __ATOMIC_RELAXED) < 500) {
		wq_queue_work(wq, &c.work);
		wq_cancel_work(&c.work);
	}
	CHECK_INT(timer_settime(timer, 0, &never, NULL), 0);
	wq_flush_workqueue(wq);
	CHECK_INT(counter_runs(&from_handler), queued);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TESTS(a_handler_queues_while_its_thread_does)
