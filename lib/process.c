/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process.c - the library in its process: the first use, exit; and helpers that run a function
 * elsewhere
 *
 * No constructor starts threads: the first call of the library does.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "internal.h"

u32 wq_started;
bool wq_exiting;

static pthread_mutex_t start_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool data_ready, has_records, service_runs, timers_run;	/* start_mutex */

static int init_data(void)
{
	int err;

	lock_init_barrier();
	params_init();
	err = topo_init();
	if (err)
		return err;
	segment_start();
	err = pools_init();
	if (!err)
		err = system_wqs_init();
	if (!err)
		err = -fork_init();
	if (!err) {
		segment_open();
		names_show();
	}
	has_records = !err;
	return err;
}

/* Of the child of a fork, whose parent has the ones that it was born with. */
static int renew_records(void)
{
	int err;

	segment_start();
	err = records_renew();
	if (err) {
		segment_fork_child();
	} else {
		segment_open();
		names_show();
	}
	has_records = !err;
	return err;
}

static int start_threads(void)
{
	int err = 0;

	if (!service_runs) {
		err = service_start();
		service_runs = !err;
	}
	if (!err && !timers_run) {
		err = timers_start();
		timers_run = !err;
		if (!err)
			sentinels_start();
	}
	if (!err)
		err = wqs_start_rescuers();
	if (!err)
		cpus_start();
	return err;
}

/* The next call of the library makes new threads. */
void process_fork_child(void)
{
	service_runs = timers_run = has_records = false;
	store_relaxed(&wq_started, 0);
	pthread_mutex_init(&start_mutex, NULL);
}

/* Returns 0 or an errno; what failed is tried again by the next call. */
int wq_start_slow(void)
{
	int err = 0;

	pthread_mutex_lock(&start_mutex);
	if (!data_ready) {
		err = -init_data();
		data_ready = !err;
	}
	if (!err && !has_records)
		err = renew_records();
	if (!err)
		err = start_threads();
	if (!err)
		store_release(&wq_started, 1);
	pthread_mutex_unlock(&start_mutex);
	return err;
}

/* exit() starts no further item, and waits for none. */
static void __attribute__((destructor)) at_exit(void)
{
	__atomic_store_n(&wq_exiting, true, __ATOMIC_SEQ_CST);
	sentinels_exit();
}

/* --- a function, elsewhere --- */

struct work_for_cpu {
	struct work_struct work;
	long (*fn)(void *arg);
	void *arg;
	long ret;
};

static void run_for_cpu(struct work_struct *work)
{
	struct work_for_cpu *wfc = container_of(work, struct work_for_cpu, work);

	wfc->ret = wfc->fn(wfc->arg);
}

long wq_work_on_cpu(int cpu, long (*fn)(void *arg), void *arg)
{
	struct work_for_cpu wfc = { .fn = fn, .arg = arg };

	wq_init_work(&wfc.work, run_for_cpu);
	wq_schedule_work_on(cpu, &wfc.work);
	wq_flush_work(&wfc.work);
	return wfc.ret;
}

int wq_schedule_on_each_cpu(work_func_t func)
{
	const struct cpumask *cpus;
	struct work_struct *works;
	int err = wq_start();

	if (err)
		return -err;
	works = calloc((size_t)wq_nr_cpus, sizeof(*works));
	if (!works)
		return -ENOMEM;
	cpus = cpus_allowed();
	for (int cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu)) {
		wq_init_work(&works[cpu], func);
		wq_schedule_work_on(cpu, &works[cpu]);
	}
	for (int cpu = cpumask_first(cpus); cpu >= 0; cpu = cpumask_next(cpus, cpu))
		wq_flush_work(&works[cpu]);
	free(works);
	return 0;
}

int wq_execute_in_process_context(work_func_t fn, struct execute_work *ew)
{
	if (!wq_in_interrupt()) {
		fn(&ew->work);
		return 0;
	}
	wq_init_work(&ew->work, fn);
	wq_schedule_work(&ew->work);
	return 1;
}
