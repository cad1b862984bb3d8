/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exit() in the middle of work starts no further item, and waits for none. */
#include <sys/mman.h>
#include <sys/wait.h>

#include "probe.h"

static int *runs;
static struct probe running;

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(runs, 1, __ATOMIC_RELAXED);
}

static struct work_struct waiting[100];

/* A parent that has not used the library, so that the child exits as a program does. */
TEST(exit_does_not_wait)
{
	int status;
	pid_t pid;

	runs = mmap(NULL, sizeof(*runs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(runs != MAP_FAILED);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		struct workqueue_struct *wq = wq_alloc_ordered_workqueue("exit", 0);

		probe_init(&running);
		wq_queue_work(wq, &running.work);
		gate_pass(&running.entered);
		for (int i = 0; i < 100; i++) {
			wq_init_work(&waiting[i], count);
			wq_queue_work(wq, &waiting[i]);
		}
		exit(7);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 7);
	CHECK_INT(*runs, 0);
	munmap(runs, sizeof(*runs));
}
END

TESTS(exit_does_not_wait)
