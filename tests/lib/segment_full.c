/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What finds no room in the segment works all the same, is counted, and makes room again. */
#include "outsider.h"

#define MORE 10

static struct workqueue_struct *wqs[WQ_SEG_MAX_WORKQUEUES + MORE];

TEST(more_workqueues_than_there_is_room_for)
{
	const struct wq_seg_table *table;
	struct wq_seg_workqueue rec;
	struct wq_counters sum;
	unsigned int last = WQ_SEG_MAX_WORKQUEUES + MORE - 1, before;
	struct counter c;
	const char *seg;

	CHECK(wq_segment_fd() >= 0);
	seg = outsider_map(getpid());
	table = &seg_header(seg)->table[WQ_SEG_WORKQUEUES];
	before = table->nr;		/* the system's own */
	for (unsigned int i = 0; i <= last; i++) {
		wqs[i] = wq_alloc_workqueue("full%u", WQ_UNBOUND, 1, i);
		if (!wqs[i])
			ck_abort_msg("no workqueue %u", i);
	}
	CHECK_UINT(table->nr, WQ_SEG_MAX_WORKQUEUES);
	CHECK_UINT(table->left_out, before + MORE);
	CHECK(seg_find_wq(seg, "full0", &rec) != WQ_SEG_NONE);
	counter_init(&c);
	wq_queue_work(wqs[last], &c.work);
	wq_flush_workqueue(wqs[last]);
	CHECK_INT(counter_runs(&c), 1);
	wq_workqueue_counters(wqs[last], &sum);
	CHECK_UINT(sum.completed, 1);
	wq_destroy_workqueue(wqs[last]);
	/* the service thread frees a destroyed one's record */
	wq_destroy_workqueue(wqs[0]);
	for (unsigned int n = 0; ; n++) {
		wqs[last] = wq_alloc_workqueue("again", WQ_UNBOUND, 1);
		if (seg_find_wq(seg, "again", &rec) != WQ_SEG_NONE)
			break;
		wq_destroy_workqueue(wqs[last]);
		sched_yield();
	}
	for (unsigned int i = 1; i <= last; i++)
		wq_destroy_workqueue(wqs[i]);
}
END

TESTS(more_workqueues_than_there_is_room_for)
