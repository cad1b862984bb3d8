/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Concurrency management: one item of a per-CPU pool runs at a time, and another one starts when
 * it blocks, whichever way that is noticed; each way is tested with the others switched off.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "all_start.h"
#include "crowd.h"

TEST(the_sentinel_notices)
{
	CHECK_INT(wq_param_set("tick", "0"), 0);
	all_start(WQ_PERCPU);
	CHECK(!strcmp(wq_mechanism(), "sentinel"));
	all_start(WQ_HIGHPRI);
	all_start(WQ_UNBOUND);
}
END

TEST(the_tick_notices)
{
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	all_start(WQ_PERCPU);
	CHECK(!strcmp(wq_mechanism(), "tick"));
	all_start(WQ_HIGHPRI);
	all_start(WQ_UNBOUND);
	CHECK_INT(wq_param_set("tick", "0"), -EPERM);
}
END

/* --- the kernel's records of context switches --- */

/* Returns false, and says why, where they are not permitted. */
static bool perf_alone(void)
{
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	CHECK_INT(wq_param_set("perf", "1"), 0);
	if (!wq_perf_error()) {
		CHECK_STR(wq_mechanism(), "perf");
		return true;
	}
	printf("# no context switch records here: %s\n", strerror(-wq_perf_error()));
	CHECK_STR(wq_mechanism(), "none");
	return false;
}

TEST(the_kernel_s_records_tell)
{
	if (!perf_alone())
		return;
	all_start(WQ_PERCPU);
	all_start(WQ_HIGHPRI);
	all_start(WQ_UNBOUND);
}
END

static void queue_counting(struct workqueue_struct *wq)
{
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		probes[i].then = probes_count;
		gate_open(&probes[i].leave);
		CHECK(wq_queue_work_on(0, wq, &probes[i].work));
	}
	wq_flush_workqueue(wq);
	for (int i = 0; i < NR; i++)
		CHECK_INT(probe_runs(&probes[i]), 1);
}

/* Threads beside them take the CPU away from the items, which is not sleeping. */
static int let_go;

static void rival(void *arg)
{
	cpu_set_t first;

	(void)arg;
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	while (!__atomic_load_n(&let_go, __ATOMIC_ACQUIRE))
		sched_yield();
}

TEST(being_preempted_is_not_sleeping)
{
	struct workqueue_struct *wq;
	struct wq_blocked blocked;
	struct helper helper;

	if (!perf_alone())
		return;
	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "0"), 0);
	wq = wq_alloc_workqueue("one", 0, 0);
	helper_start(&helper, rival, NULL);
	queue_counting(wq);
	__atomic_store_n(&let_go, 1, __ATOMIC_RELEASE);
	helper_join(&helper);
	CHECK_INT(wq_workqueue_blocked(wq, &blocked), 0);
	/* a page fault may have had to wait for another one */
	CHECK(probes_most_at_once == 1 || blocked.times);
	wq_destroy_workqueue(wq);
}
END

TEST(blocked_time_is_that_of_the_items_own_queue)
{
	struct workqueue_struct *sleeps, *runs;
	struct wq_blocked blocked, none;
	struct counter c;

	if (!perf_alone())
		return;
	sleeps = wq_alloc_workqueue("sleeps", 0, 0);
	runs = wq_alloc_workqueue("runs", 0, 0);
	counter_init(&c);
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		CHECK(wq_queue_work_on(0, sleeps, &probes[i].work));
	}
	for (int i = 0; i < NR; i++)
		gate_pass(&probes[i].entered);
	CHECK(wq_queue_work_on(0, runs, &c.work));
	wq_flush_work(&c.work);
	for (int i = 0; i < NR; i++)
		gate_open(&probes[i].leave);
	wq_flush_workqueue(sleeps);
	CHECK_INT(wq_workqueue_blocked(sleeps, &blocked), 0);
	CHECK(blocked.times >= NR - 1);		/* the last one may find its gate open */
	CHECK(blocked.ns > 0);
	CHECK_UINT(blocked.missed, 0);
	CHECK_INT(wq_workqueue_blocked(runs, &none), 0);
	CHECK(none.ns < blocked.ns);
	wq_destroy_workqueue(sleeps);
	wq_destroy_workqueue(runs);
}
END

TEST(nobody_asked)
{
	struct wq_blocked blocked;

	CHECK_INT(wq_perf_error(), -ECANCELED);
	CHECK_INT(wq_workqueue_blocked(wq_system_wq, &blocked), -ECANCELED);
}
END

/* As a container's seccomp filter does. */
static void refuse_perf_event_open(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	CHECK_INT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), 0);
}

TEST(without_permission_the_others_do)
{
	struct wq_blocked blocked;

	refuse_perf_event_open();
	CHECK_INT(wq_param_set("perf", "1"), 0);
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_perf_error(), -EPERM);
	CHECK_STR(wq_mechanism(), "tick");
	CHECK_INT(wq_workqueue_blocked(wq_system_wq, &blocked), -EPERM);
	all_start(WQ_PERCPU);
}
END

/* The child has no perf thread until it uses the library, and then one of its own. */
TEST(a_child_of_fork_is_told_too)
{
	int status;
	pid_t pid;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
	printf("# a sanitizer's own locks do not survive fork() of a process with threads\n");
	return;
#endif
	if (!perf_alone())
		return;
	all_start(WQ_PERCPU);
	pid = fork();
	if (!pid) {
		all_start(WQ_PERCPU);
		_exit(wq_perf_error() ? 1 : 0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}
END

TEST(saying_so_is_enough)
{
	struct workqueue_struct *wq;
	struct wq_counters n;

	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	wq = wq_alloc_workqueue("say", 0, 0);
	CHECK(!strcmp(wq_mechanism(), "none"));
	for (int i = 0; i < NR; i++) {
		probe_init(&probes[i]);
		probes[i].then = probe_says_block;
		CHECK(wq_queue_work_on(0, wq, &probes[i].work));
	}
	for (int i = 0; i < NR; i++)
		gate_pass(&probes[i].entered);
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.started, NR);
	CHECK_UINT(n.completed, 0);
	for (int i = 0; i < NR; i++)
		gate_open_n(&probes[i].leave, 2);
	wq_destroy_workqueue(wq);
}
END

/* A flush from an item waits by our own means, which say so. */
static struct probe inner;
static struct workqueue_struct *inner_wq;

static void flush_inner(struct probe *p)
{
	(void)p;
	wq_queue_work_on(0, inner_wq, &inner.work);
	wq_flush_work(&inner.work);
}

TEST(waiting_in_the_library_counts_as_blocking)
{
	struct probe outer;

	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	inner_wq = wq_alloc_workqueue("inner", 0, 0);
	probe_init(&inner);
	probe_init(&outer);
	outer.then = flush_inner;
	gate_open(&inner.leave);
	gate_open(&outer.leave);
	wq_queue_work_on(0, inner_wq, &outer.work);
	gate_pass(&outer.entered);
	CHECK_INT(probe_runs(&inner), 1);
	wq_destroy_workqueue(inner_wq);
}
END

TEST(items_that_do_not_block_run_one_at_a_time)
{
	struct workqueue_struct *wq;

	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "0"), 0);
	wq = wq_alloc_workqueue("one", 0, 0);
	queue_counting(wq);
	CHECK_INT(probes_most_at_once, 1);
	wq_destroy_workqueue(wq);
}
END

/* Items that spin until all have started: an unbound queue starts them all, a few at a time. */
#ifdef __SANITIZE_THREAD__
#define NR_SPIN 8			/* TSan makes spinning slow */
#else
#define NR_SPIN 64
#endif

static int started;

static void spin_func(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < NR_SPIN)
		;
}

static void spin_barrier(unsigned int flags)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("spin", flags, NR_SPIN);
	struct work_struct works[NR_SPIN];

	started = 0;
	for (int i = 0; i < NR_SPIN; i++) {
		wq_init_work(&works[i], spin_func);
		CHECK(wq_queue_work(wq, &works[i]));
	}
	wq_destroy_workqueue(wq);
	CHECK_INT(started, NR_SPIN);
}

TEST(a_spin_barrier_of_unbound_items_passes)
{
	spin_barrier(WQ_UNBOUND);
	spin_barrier(WQ_UNBOUND | WQ_CPU_INTENSIVE);
	spin_barrier(WQ_UNBOUND | WQ_MEM_RECLAIM);
}
END

/* Hogs: a spinning item of a per-CPU pool is taken out of the count after the threshold. */
static int release_hog;

static void hog_func(struct work_struct *work)
{
	(void)work;
	while (!__atomic_load_n(&release_hog, __ATOMIC_ACQUIRE))
		;
}

TEST(a_hog_does_not_stop_its_cpu)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("hog", 0, 0);
	struct work_struct hog;
	struct wq_counters n;
	struct probe p;

	wq_init_work(&hog, hog_func);
	probe_init(&p);
	gate_open(&p.leave);
	wq_queue_work_on(0, wq, &hog);
	wq_queue_work_on(0, wq, &p.work);
	gate_pass(&p.entered);
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.cpu_intensive, 1);
	__atomic_store_n(&release_hog, 1, __ATOMIC_RELEASE);
	wq_destroy_workqueue(wq);
}
END

TESTS(the_sentinel_notices, the_tick_notices, the_kernel_s_records_tell,
      being_preempted_is_not_sleeping, blocked_time_is_that_of_the_items_own_queue, nobody_asked,
      without_permission_the_others_do, a_child_of_fork_is_told_too, saying_so_is_enough,
      waiting_in_the_library_counts_as_blocking, items_that_do_not_block_run_one_at_a_time,
      a_spin_barrier_of_unbound_items_passes, a_hog_does_not_stop_its_cpu)
