/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crowd.h - how many probes are inside at a time, all of a test together */
#ifndef WQKIT_CROWD_H
#define WQKIT_CROWD_H

#include "probe.h"

static int probes_most_at_once;

/* For probe.then: in and out, slowly. */
static void probes_count(struct probe *p)
{
	static int inside;
	int n = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);

	(void)p;
	if (n > probes_most_at_once)
		probes_most_at_once = n;
	for (int i = 0; i < 10; i++)
		sched_yield();
	__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
}

#endif
