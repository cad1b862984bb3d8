/* SPDX-License-Identifier: GPL-2.0-or-later */
/* all_start.h - items that block in a plain call, on one CPU, and all of them must start */
#ifndef WQKIT_ALL_START_H
#define WQKIT_ALL_START_H

#include "probe.h"

#define NR 12

static struct probe probes[NR];

static void all_start(unsigned int flags)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("blk", flags, 0);

	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		CHECK(wq_queue_work_on(0, wq, &probes[i].work));
	}
	for (int i = 0; i < NR; i++)
		gate_pass(&probes[i].entered);
	for (int i = 0; i < NR; i++)
		gate_open(&probes[i].leave);
	wq_destroy_workqueue(wq);
}

#endif
