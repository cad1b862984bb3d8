/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the libc registers no rseq area items run on their CPUs all the same. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <wq/abi.h>

#include "probe.h"

static long where(void *arg)
{
	(void)arg;
	return sched_getcpu();
}

static int check_all(void)
{
	const struct wq_seg_header *h;
	struct cpumask cpus;
	int wrong = 0, nr = 0;

	if (wq_cpus_get(&cpus) < 1)
		return 100;
	for (int cpu = 0; cpu < WQ_NR_CPUS; cpu++)
		if (cpus.bits[cpu / WQ_BITS_PER_LONG] >> (cpu % WQ_BITS_PER_LONG) & 1) {
			wrong += wq_work_on_cpu(cpu, where, NULL) != cpu;
			nr++;
		}
	h = mmap(NULL, WQ_SEG_HEADER_BYTES, PROT_READ, MAP_SHARED, wq_segment_fd(), 0);
	if (h == MAP_FAILED || !nr)
		return 101;
	return wrong + (h->flags & WQ_SEG_NO_RSEQ ? 50 : 0);
}

/* This program again, with a libc that has been told not to; no test runs in it. */
static void __attribute__((constructor)) be_the_child(void)
{
	if (getenv("WQ_TEST_NO_RSEQ"))
		_exit(check_all());
}

static int run_child(const char *tunables)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		setenv("WQ_TEST_NO_RSEQ", "1", 1);
		setenv("GLIBC_TUNABLES", tunables, 1);
		execl("/proc/self/exe", "no_rseq", (char *)NULL);
		_exit(102);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST(without_an_rseq_area)
{
	CHECK_INT(run_child("glibc.pthread.rseq=0"), 50);
}
END

TEST(with_an_rseq_area)
{
	CHECK_INT(run_child("glibc.pthread.rseq=1"), 0);
}
END

int main(void)
{
	const TTest *const tests[] = { without_an_rseq_area, with_an_rseq_area, NULL };

	if (run_child("glibc.pthread.rseq=1") == 50) {
		puts("1..0 # SKIP there is no rseq here that could be switched off");
		return 0;
	}
	return run_tests(__FILE__, tests);
}
