/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a pool may have no more workers, what waits behind a blocked one waits without a sound: the
 * service thread sleeps.
 */
#include <dirent.h>

#include "probe.h"

/* The state of the thread of that name, as in /proc: R, S ... */
static char state_of(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char state = '?';

	CHECK(dir != NULL);
	while (state == '?' && (entry = readdir(dir))) {
		char path[300], comm[32] = "";
		FILE *stat;

		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", entry->d_name);
		stat = fopen(path, "re");
		if (!stat)
			continue;
		if (fscanf(stat, "%*d (%31[^)]) %c", comm, &state) != 2 || strcmp(comm, name))
			state = '?';
		fclose(stat);
	}
	closedir(dir);
	return state;
}

/* If it never sleeps, the test's time limit ends this. */
static void check_silence(struct workqueue_struct *wq)
{
	struct probe blocked;
	struct counter behind;

	probe_init(&blocked);
	counter_init(&behind);
	blocked.then = probe_says_block;
	CHECK(wq_queue_work_on(0, wq, &blocked.work));
	gate_pass(&blocked.entered);
	CHECK(wq_queue_work_on(0, wq, &behind.work));
	for (int seen = 0; seen < 20; seen = state_of("wq-service") == 'S' ? seen + 1 : 0)
		sched_yield();
	CHECK_INT(counter_runs(&behind), 0);
	gate_open_n(&blocked.leave, 2);
	wq_destroy_workqueue(wq);
	CHECK_INT(counter_runs(&behind), 1);
}

TEST(a_bh_pool)
{
	check_silence(wq_alloc_workqueue("bh", WQ_BH, 0));
}
END

TEST(any_pool_with_the_knob)
{
	setenv("WQ_DEBUG", "one-worker", 1);
	check_silence(wq_alloc_workqueue("one", WQ_PERCPU, 0));
}
END

TESTS(a_bh_pool, any_pool_with_the_knob)
