/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU that the process loses while it runs is an unplugged one: its pools are DISASSOCIATED and
 * their items run elsewhere; once it is back, so are they.
 */
#include <dirent.h>
#include <sched.h>
#include <sys/wait.h>

#include "crowd.h"
#include "outsider.h"

#define NR 12

static int a, b;			/* two CPUs that we may use */
static struct probe probes[NR];

static struct cpumask mask_of(int cpu, int cpu2)
{
	struct cpumask mask;

	memset(&mask, 0, sizeof(mask));
	mask.bits[cpu / WQ_BITS_PER_LONG] |= 1ul << cpu % WQ_BITS_PER_LONG;
	mask.bits[cpu2 / WQ_BITS_PER_LONG] |= 1ul << cpu2 % WQ_BITS_PER_LONG;
	return mask;
}

/* As taskset -a does it, from inside. */
static void move_threads(int cpu, int cpu2)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CPU_SET(cpu2, &set);
	CHECK(dir != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			sched_setaffinity(atoi(entry->d_name), sizeof(set), &set);
	closedir(dir);
}

static void taskset(int cpu, int cpu2)
{
	char cmd[100];

	snprintf(cmd, sizeof(cmd), "taskset -apc %d,%d %d >/dev/null", cpu, cpu2, (int)getpid());
	CHECK_INT(system(cmd), 0);
}

static void check_cpus(int cpu, int cpu2)
{
	struct cpumask want = mask_of(cpu, cpu2), got;

	CHECK_INT(wq_cpus_get(&got), 1 + (cpu != cpu2));
	CHECK(!memcmp(&want, &got, sizeof(got)));
}

/* What others see of a CPU's normal pool. */
static unsigned int pool_flags(const char *seg, int cpu)
{
	const struct wq_seg_header *h = (const void *)seg;

	for (unsigned int i = 0; i < h->table[WQ_SEG_POOLS].nr; i++) {
		const struct wq_seg_pool *pool = (const void *)(seg + WQ_SEG_POOLS_AT +
								i * WQ_SEG_POOL_STRIDE);
		unsigned int flags = __atomic_load_n(&pool->flags, __ATOMIC_RELAXED);

		if (pool->cpu == cpu && !pool->nice && !(flags & WQ_SEG_POOL_BH))
			return flags;
	}
	CHECK(!"a pool for each CPU");
	return 0;
}

static int run_on(struct workqueue_struct *wq, int cpu)
{
	struct probe p;

	probe_init(&p);
	gate_open(&p.leave);
	CHECK(wq_queue_work_on(cpu, wq, &p.work));
	wq_flush_work(&p.work);
	return p.cpu;
}

/* With nobody to notice that an item blocks, only the loss of the CPU lets the next one start. */
TEST(items_of_the_lost_cpu_run)
{
	struct workqueue_struct *wq;
	const char *seg;
	char *text;
	size_t size;
	FILE *out;

	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	wq = wq_alloc_workqueue("lost", WQ_PERCPU, 0);
	move_threads(a, b);
	check_cpus(a, b);
	seg = outsider_map(getpid());
	CHECK_UINT(pool_flags(seg, b) & WQ_SEG_POOL_DISASSOCIATED, 0);
	for (int i = 0; i < 3; i++)
		probe_init(&probes[i]);
	CHECK(wq_queue_work_on(b, wq, &probes[0].work));
	gate_pass(&probes[0].entered);
	CHECK_INT(probes[0].cpu, b);
	CHECK(wq_queue_work_on(b, wq, &probes[1].work));

	move_threads(a, a);
	check_cpus(a, a);
	CHECK_UINT(pool_flags(seg, b) & WQ_SEG_POOL_DISASSOCIATED, WQ_SEG_POOL_DISASSOCIATED);
	CHECK_UINT(pool_flags(seg, a) & WQ_SEG_POOL_DISASSOCIATED, 0);
	gate_pass(&probes[1].entered);
	CHECK_INT(probes[1].cpu, a);
	CHECK(wq_queue_work_on(b, wq, &probes[2].work));
	gate_pass(&probes[2].entered);
	CHECK_INT(probes[2].cpu, a);
	out = open_memstream(&text, &size);
	wq_show_all_workqueues_to(out);
	fclose(out);
	/* or 0x6, while a worker is being made */
	CHECK(strstr(text, " flags=0x4 nice=0 active=3") || strstr(text, " flags=0x6 nice=0 active=3"));
	free(text);

	for (int i = 0; i < 3; i++)
		gate_open(&probes[i].leave);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

/* Workers that were made, and that worked, while it was lost go back; one item runs at a time. */
TEST(the_cpu_comes_back)
{
	struct workqueue_struct *wq;
	const char *seg;

	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	wq = wq_alloc_workqueue("back", WQ_PERCPU, 0);
	seg = outsider_map(getpid());
	move_threads(a, a);
	check_cpus(a, a);
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		CHECK(wq_queue_work_on(b, wq, &probes[i].work));
	}
	for (int i = 0; i < NR; i++)
		gate_pass(&probes[i].entered);

	move_threads(a, b);
	check_cpus(a, b);
	CHECK_UINT(pool_flags(seg, b) & WQ_SEG_POOL_DISASSOCIATED, 0);
	for (int i = 0; i < NR; i++)
		gate_open(&probes[i].leave);
	wq_flush_workqueue(wq);
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		probes[i].then = probes_count;
		gate_open(&probes[i].leave);
		CHECK(wq_queue_work_on(b, wq, &probes[i].work));
	}
	wq_flush_workqueue(wq);
	for (int i = 0; i < NR; i++) {
		CHECK_INT(probe_runs(&probes[i]), 1);
		CHECK_INT(probes[i].cpu, b);
	}
	CHECK_INT(probes_most_at_once, 1);
	wq_destroy_workqueue(wq);
}
END

/* One that was never there before gets all that a CPU has: its sentinel notices who blocks. */
TEST(a_new_cpu_is_managed)
{
	struct workqueue_struct *wq;

	CHECK_INT(wq_param_set("tick", "0"), 0);
	move_threads(a, a);
	wq = wq_alloc_workqueue("new", WQ_PERCPU, 0);
	check_cpus(a, a);
	CHECK_INT(run_on(wq, b), a);
	move_threads(a, b);
	check_cpus(a, b);
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		CHECK(wq_queue_work_on(b, wq, &probes[i].work));
	}
	for (int i = 0; i < NR; i++)
		gate_pass(&probes[i].entered);
	for (int i = 0; i < NR; i++) {
		CHECK_INT(probes[i].cpu, b);
		gate_open(&probes[i].leave);
	}
	wq_destroy_workqueue(wq);
}
END

/* Nobody asks: whoever runs notices. */
static void check_noticed(void (*move)(int cpu, int cpu2))
{
	struct workqueue_struct *wq = wq_alloc_workqueue("noticed", WQ_PERCPU, 0);
	const char *seg = outsider_map(getpid());
	unsigned int lost = WQ_SEG_POOL_DISASSOCIATED;

	move(a, b);
	run_on(wq, b);
	for (int i = 0; i < 3; i++) {
		move(a, a);
		while (!(pool_flags(seg, b) & lost))
			run_on(wq, b);
		CHECK_INT(run_on(wq, b), a);
		CHECK_INT(run_on(wq, a), a);
		move(a, b);
		while (pool_flags(seg, b) & lost)
			run_on(wq, b);
		check_cpus(a, b);
		CHECK_INT(run_on(wq, b), b);
		CHECK_INT(run_on(wq, a), a);
		move(b, b);
		while (!(pool_flags(seg, a) & lost))
			run_on(wq, a);
		CHECK_UINT(pool_flags(seg, b) & lost, 0);
		move(a, b);
		check_cpus(a, b);
	}
	wq_destroy_workqueue(wq);
}

TEST(it_is_noticed)
{
	check_noticed(move_threads);
}
END

TEST(taskset_is_noticed)
{
	check_noticed(taskset);
}
END

/* The CPUs are the same, but our threads are not where they were: they go back. */
TEST(moved_workers_go_back)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("moved", WQ_PERCPU, 0);
	struct workqueue_struct *unbound = wq_alloc_workqueue("moved_u", WQ_UNBOUND, 0);

	move_threads(a, b);
	check_cpus(a, b);
	for (int i = 0; i < 10; i++) {
		run_on(wq, a);
		run_on(wq, b);
		run_on(unbound, b);
		move_threads(a, b);
		check_cpus(a, b);
		CHECK_INT(run_on(wq, a), a);
		CHECK_INT(run_on(wq, b), b);
	}
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(unbound);
}
END

TEST(unbound_queues_use_what_is_left)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("left", WQ_UNBOUND, 0);
	struct workqueue_struct *ordered = wq_alloc_ordered_workqueue("left_o", 0);
	struct cpumask only_b = mask_of(b, b);

	for (int i = 0; i < 5; i++) {
		move_threads(a, b);
		check_cpus(a, b);
		run_on(wq, b);
		probe_init(&probes[i]);
		CHECK(wq_queue_work(ordered, &probes[i].work));
		gate_pass(&probes[i].entered);
		move_threads(a, a);
		check_cpus(a, a);
		CHECK_INT(run_on(wq, a), a);
		CHECK_INT(run_on(wq, b), a);
		gate_open(&probes[i].leave);
	}
	wq_flush_workqueue(ordered);
	CHECK_INT(wq_workqueue_unbound_set_cpumask(&only_b), -22);
	move_threads(a, b);
	check_cpus(a, b);
	/* what was asked for holds again when the CPU is back */
	CHECK_INT(wq_workqueue_unbound_set_cpumask(&only_b), 0);
	CHECK_INT(run_on(wq, a), b);
	move_threads(a, a);
	check_cpus(a, a);
	CHECK_INT(run_on(wq, b), a);
	move_threads(a, b);
	check_cpus(a, b);
	CHECK_INT(run_on(wq, a), b);
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(ordered);
}
END

/* What a program does with a thread of its own is its own affair. */
TEST(another_threads_mask_does_not_matter)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("own", WQ_PERCPU, 0);
	cpu_set_t set;

	move_threads(a, b);
	CPU_ZERO(&set);
	CPU_SET(a, &set);
	CHECK_INT(sched_setaffinity(0, sizeof(set), &set), 0);
	check_cpus(a, b);
	CHECK_INT(run_on(wq, b), b);
	wq_destroy_workqueue(wq);
}
END

/* The child of a worker is no worker: it may run wherever the process may. */
static int forked_ok;

static void fork_and_look(struct work_struct *work)
{
	int status;
	pid_t pid = fork();
	cpu_set_t set;

	(void)work;
	if (!pid) {
		sched_getaffinity(0, sizeof(set), &set);
		_exit(CPU_ISSET(a, &set) && CPU_ISSET(b, &set) ? 0 : 1);
	}
	forked_ok = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

TEST(the_child_of_a_worker_is_not_bound)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	struct work_struct work;

	wq_init_work(&work, fork_and_look);
	wq_schedule_work_on(b, &work);
	wq_flush_work(&work);
	CHECK(forked_ok);
#else
	/* a sanitizer's own locks do not survive fork() of a process with threads */
	(void)fork_and_look;
	(void)forked_ok;
#endif
}
END

int main(void)
{
	const TTest *const tests[] = {
		items_of_the_lost_cpu_run, the_cpu_comes_back, a_new_cpu_is_managed, it_is_noticed,
		taskset_is_noticed, moved_workers_go_back, unbound_queues_use_what_is_left,
		another_threads_mask_does_not_matter, the_child_of_a_worker_is_not_bound, NULL,
	};
	cpu_set_t set;

	a = b = -1;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && b < 0; cpu++)
		if (CPU_ISSET(cpu, &set)) {
			b = a < 0 ? -1 : cpu;
			a = a < 0 ? cpu : a;
		}
	if (b < 0) {
		puts("1..0 # SKIP it takes two CPUs to lose one");
		return 0;
	}
	return run_tests(__FILE__, tests);
}
