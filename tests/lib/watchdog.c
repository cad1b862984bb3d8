/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worklist that does not move is reported in the kernel's words, and may be made fatal. */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "said.h"
#include "outsider.h"

static struct probe stuck[2];
static struct counter waiting[2];

/* Nobody notices that the item sleeps, so that the one behind it waits. */
static struct workqueue_struct *stall(const char *thresh)
{
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	CHECK_INT(wq_param_set("tick", "0"), 0);
	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "0"), 0);
	CHECK_INT(wq_param_set("watchdog_thresh", thresh), 0);
	return wq_alloc_workqueue("stuck", WQ_PERCPU, 0);
}

static void stall_on(struct workqueue_struct *wq, int cpu)
{
	probe_init(&stuck[cpu]);
	counter_init(&waiting[cpu]);
	CHECK(wq_queue_work_on(cpu, wq, &stuck[cpu].work));
	gate_pass(&stuck[cpu].entered);
	CHECK(wq_queue_work_on(cpu, wq, &waiting[cpu].work));
}

static void let_go(struct workqueue_struct *wq, int cpu)
{
	CHECK_INT(wq_param_set("watchdog_thresh", "0"), 0);
	gate_open(&stuck[cpu].leave);
	wq_flush_workqueue(wq);
	CHECK_INT(counter_runs(&waiting[cpu]), 1);
}

TEST(a_stall_is_reported)
{
	struct workqueue_struct *wq = stall("50ms");
	const struct wq_seg_header *h = (const void *)outsider_map(getpid());
	char value[16];

	CHECK_INT(wq_param_get("watchdog_thresh", value, sizeof(value)), 0);
	CHECK_STR(value, "50ms");
	said_begin();
	stall_on(wq, 0);
	said_wait("^BUG: workqueue lockup - pool cpus=0( node=[0-9]+)? flags=0x[02] nice=0 "
		  "stuck for [0-9]+s!$");
	CHECK(said_next());
	CHECK_STR(said_line, "Showing busy workqueues and worker pools:");
	said_wait("^workqueue stuck: flags=0x100$");
	said_wait("^  pwq 2: cpus=0( node=[0-9]+)? flags=0x[02] nice=0 active=2 refcnt=3$");
	CHECK(said_next());
	CHECK(said_matches("^    in-flight: [0-9]+:probe_func for [0-9]+s$"));
	CHECK(said_next());
	CHECK_STR(said_line, "    pending: counter_func");
	said_wait("^pool 2: cpus=0( node=[0-9]+)? flags=0x[02] nice=0 hung=[0-9]+s workers=");
	/* again and again, until it moves */
	said_wait("^BUG: workqueue lockup - pool cpus=0 ");
	said_wait("^pool 2: ");
	CHECK(__atomic_load_n(&h->stalls, __ATOMIC_RELAXED) >= 1);
	let_go(wq, 0);
	wq_destroy_workqueue(wq);
}
END

/* Two CPUs are stuck in the same way, but one is touched until the other one is reported. */
static int stop;

static void keep_touching(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		wq_watchdog_touch(1);
		sched_yield();
	}
}

TEST(a_touch_prevents_it)
{
	struct workqueue_struct *wq;
	struct helper h;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	wq = stall("1");
	said_begin();
	helper_start(&h, keep_touching, NULL);
	stall_on(wq, 1);
	stall_on(wq, 0);
	do {
		CHECK(said_next());
		CHECK(!said_matches("^BUG: .* pool cpus=1 "));
	} while (!said_matches("^pool 2: "));
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	helper_join(&h);
	said_wait("^BUG: .* pool cpus=1 ");
	CHECK_INT(wq_param_set("watchdog_thresh", "0"), 0);
	gate_open(&stuck[0].leave);
	gate_open(&stuck[1].leave);
	wq_destroy_workqueue(wq);
}
END

/* An item that waits for a thread that cannot be made is stuck, too. */
TEST(a_pool_without_a_thread_is_stuck)
{
	struct workqueue_struct *wq;
	struct counter c;

	CHECK_INT(setenv("WQ_DEBUG", "nospawn=1000000000", 1), 0);
	CHECK_INT(wq_param_set("watchdog_thresh", "50ms"), 0);
	said_begin();
	wq = wq_alloc_workqueue("nothread", WQ_PERCPU, 0);
	counter_init(&c);
	CHECK(wq_queue_work_on(0, wq, &c.work));
	said_wait("^BUG: workqueue lockup - pool cpus=0 ");
	said_wait("^    pending: counter_func");
	CHECK(wq_cancel_work_sync(&c.work));
	wq_destroy_workqueue(wq);
}
END

/* Returns the signal that ended a child which is stuck with this parameter; said has the rest. */
static int die_of(const char *name, const char *value, const char *thresh)
{
	static const struct rlimit no_core;
	int status;
	pid_t pid;

	said_begin();
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		wq_param_set(name, value);
		stall_on(stall(thresh), 0);
		for (;;)
			pause();
	}
	/* the child alone can say anything */
	CHECK(freopen("/dev/null", "w", stderr) != NULL);
	while (said_next() && !said_matches("threshold"))
		;
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(panic_on_stall)
{
	CHECK_INT(die_of("panic_on_stall", "3", "20ms"), SIGABRT);
	CHECK_STR(said_line, "workqueue: 3 stall(s) exceeded threshold 3");
}
END

TEST(panic_on_stall_time)
{
	CHECK_INT(die_of("panic_on_stall_time", "1", "200ms"), SIGABRT);
	CHECK_STR(said_line, "workqueue: stall lasted 1s, exceeding threshold 1s");
}
END

TESTS(a_stall_is_reported, a_touch_prevents_it, a_pool_without_a_thread_is_stuck, panic_on_stall,
      panic_on_stall_time)
