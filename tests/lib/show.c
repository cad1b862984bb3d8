/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is going on is printed in the kernel's grammar, and as the table of name, active, total,
 * max, in-flight.
 */
#include "probe.h"

static char text[65536];

static void capture(void (*fn)(FILE *out))
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	fn(out);
	fclose(out);
}

TEST(busy_queues_in_the_kernels_grammar)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("shown", WQ_PERCPU, 1);
	struct counter c[3];
	struct probe p;

	probe_init(&p);
	wq_queue_work_on(0, wq, &p.work);
	gate_pass(&p.entered);
	for (int i = 0; i < 3; i++) {
		counter_init(&c[i]);
		wq_queue_work_on(0, wq, &c[i].work);
	}
	capture(wq_show_all_workqueues_to);
	CHECK(!strncmp(text, "Showing busy workqueues and worker pools:\n", 42));
	CHECK(strstr(text, "workqueue shown: flags=0x100\n") != NULL);
	CHECK(strstr(text, "  pwq 2: cpus=0 node=0 flags=0x") != NULL);
	CHECK(strstr(text, " nice=0 active=1 refcnt=5\n") != NULL);
	CHECK(strstr(text, ":probe_func for 0s\n") != NULL);
	CHECK(strstr(text, "    inactive: 3*counter_func\n") != NULL);
	CHECK(strstr(text, "pool 2: cpus=0 node=0 flags=0x") != NULL);
	CHECK(strstr(text, "workqueue events_unbound") == NULL);	/* idle */
	capture(wq_status_print);
	CHECK(strstr(text, "\nshown ") != NULL);
	CHECK(strstr(text, "      1         4\n") != NULL);
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
}
END

static void describe(struct probe *p)
{
	(void)p;
	wq_set_worker_desc("flush-%d:%d", 254, 0);
	CHECK(wq_current_work() == &p->work);
}

TEST(an_item_knows_what_it_is)
{
	struct probe p;

	probe_init(&p);
	p.then = describe;
	gate_open(&p.leave);
	wq_schedule_work(&p.work);
	wq_flush_work(&p.work);
	CHECK_INT(p.runs, 1);
	CHECK(wq_current_work() == NULL);
	wq_set_worker_desc("no worker");
}
END

TESTS(busy_queues_in_the_kernels_grammar, an_item_knows_what_it_is)
