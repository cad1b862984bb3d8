/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * destroy_workqueue() with an armed item: counted, said with the function's
 * name, and run at once. In the kernel the timer would use the freed queue
 * later.
 */
#include <sys/wait.h>

#include "probe.h"

static int runs, polls;
static struct delayed_work poller;
static struct workqueue_struct *poll_wq;

static void forgotten_fn(struct work_struct *work)
{
	(void)work;
	runs++;
}

static void poll_fn(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&polls, 1, __ATOMIC_RELAXED);
	wq_queue_delayed_work(poll_wq, &poller, 1);
}

/* What the library prints goes to a file. */
static void stderr_text(char *text, size_t size, void (*fn)(void))
{
	FILE *file = tmpfile();
	int saved = dup(2);
	size_t n;

	CHECK(file != NULL);
	dup2(fileno(file), 2);
	fn();
	dup2(saved, 2);
	close(saved);
	rewind(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
}

static void forget(void)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("forgetful", WQ_MEM_RECLAIM, 1);
	static struct delayed_work dw;

	wq_init_delayed_work(&dw, forgotten_fn);
	CHECK(wq_queue_delayed_work(wq, &dw, 100000000));
	wq_destroy_workqueue(wq);
}

TEST(an_armed_item_is_named_and_run)
{
	char text[4096];

	stderr_text(text, sizeof(text), forget);
	CHECK_INT(runs, 1);
	CHECK_UINT(wq_misuse_count(), 1);
	CHECK(strstr(text, "forgetful") != NULL);
	CHECK(strstr(text, "forgotten_fn") != NULL);	/* a static function */
}
END

static void destroy_poller(void)
{
	wq_destroy_workqueue(poll_wq);
}

TEST(a_poller_that_rearms_itself_cannot_hang_it)
{
	char text[4096];

	poll_wq = wq_alloc_workqueue("poll", WQ_UNBOUND, 0);
	wq_init_delayed_work(&poller, poll_fn);
	wq_queue_delayed_work(poll_wq, &poller, 1);
	while (__atomic_load_n(&polls, __ATOMIC_RELAXED) < 3)
		sched_yield();
	stderr_text(text, sizeof(text), destroy_poller);
	CHECK(wq_misuse_count() >= 1);
	CHECK(strstr(text, "poll_fn") != NULL);
	CHECK(!wq_delayed_work_pending(&poller));
}
END

TESTS(an_armed_item_is_named_and_run, a_poller_that_rearms_itself_cannot_hang_it)
