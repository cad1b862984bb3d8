/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exit() in the middle of work starts no further item, and waits for none. */
#include <dirent.h>
#include <sched.h>
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

/* --- nothing of SCHED_IDLE is left, which could not end while other programs want its CPU --- */

static int nr_idle_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	CHECK(dir != NULL);
	while ((entry = readdir(dir)))
		n += sched_getscheduler(atoi(entry->d_name)) == SCHED_IDLE;
	closedir(dir);
	return n;
}

static int *idle_threads;

/* With this priority it is the last one. */
static void __attribute__((destructor(101))) count_at_end(void)
{
	if (idle_threads)
		*idle_threads = nr_idle_threads();
}

static bool may_raise(void)
{
	struct sched_param param = { 0 };
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid)
		_exit(sched_setscheduler(0, SCHED_IDLE, &param) ||
		      sched_setscheduler(0, SCHED_OTHER, &param));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return !status;
}

TEST(exit_raises_the_sentinels)
{
	int *counted, status;
	cpu_set_t cpus;
	pid_t pid;

	CHECK_INT(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	counted = mmap(NULL, sizeof(*counted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	CHECK(counted != MAP_FAILED);
	*counted = -1;
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		wq_mechanism();		/* starts the threads */
		while (nr_idle_threads() < CPU_COUNT(&cpus))
			sched_yield();
		idle_threads = counted;
		exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	CHECK_INT(*counted, may_raise() ? 0 : CPU_COUNT(&cpus));
	munmap(counted, sizeof(*counted));
}
END

TESTS(exit_does_not_wait, exit_raises_the_sentinels)
