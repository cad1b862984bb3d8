/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function that hogs its CPU again and again is said so, at growing distances. */
#include "said.h"

static int release_hog;

static void hog_func(struct work_struct *work)
{
	(void)work;
	while (!__atomic_load_n(&release_hog, __ATOMIC_ACQUIRE))
		;
}

/* Until somebody waits behind it nobody cares; then the item behind runs, which ends it. */
static void release(struct work_struct *work)
{
	(void)work;
	__atomic_store_n(&release_hog, 1, __ATOMIC_RELEASE);
}

static void hog_once(struct workqueue_struct *wq)
{
	struct work_struct hog, behind;

	__atomic_store_n(&release_hog, 0, __ATOMIC_RELEASE);
	wq_init_work(&hog, hog_func);
	wq_init_work(&behind, release);
	wq_queue_work_on(0, wq, &hog);
	wq_queue_work_on(0, wq, &behind);
	wq_flush_workqueue(wq);
}

TEST(hogs_are_named)
{
	struct workqueue_struct *wq;
	struct wq_counters n;

	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "2000"), 0);
	CHECK_INT(wq_param_set("cpu_intensive_warning_thresh", "2"), 0);
	wq = wq_alloc_workqueue("hogged", 0, 0);
	said_begin();
	for (int i = 0; i < 5; i++)
		hog_once(wq);
	for (int i = 2; i <= 5; i += i == 3 ? 2 : 1) {
		char want[200];

		snprintf(want, sizeof(want), "^workqueue: hog_func hogged CPU for >2000us %d times, "
			 "consider switching to WQ_UNBOUND$", i);
		CHECK(said_next());
		CHECK(said_matches(want));
	}
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.cpu_intensive, 5);
	wq_destroy_workqueue(wq);
}
END

TESTS(hogs_are_named)
