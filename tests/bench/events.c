/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events: what counting events adds to a work, as a ratio to what ftrace's four
 * events add in the same run. The load is works that queue themselves again;
 * the cost is the CPU time of all kworkers for each of them. The target is 1.5.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../kern/churn.h"
#include "../../tools/source.h"
#include "../../tools/source_kern.h"
#include "../../tools/source_kern_events.h"

#define BLOCKS 9
#define BLOCK_NS (NSEC_PER_SEC / 3)
#define INSTANCE "/sys/kernel/tracing/instances/wqkit-bench"

enum mode { MODE_NONE, MODE_FTRACE, MODE_EVENTS, MODE_CPU, NR_MODES };
static const char *const mode_names[] = { "none", "ftrace", "events", "events+cpu" };

/* CPU time of all kworkers, from /proc/PID/schedstat. */
static uint64_t kworkers_ns(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	uint64_t sum = 0;

	while (proc && (d = readdir(proc))) {
		char path[300], *comm, *stat;

		if (*d->d_name < '0' || *d->d_name > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		comm = read_file(path);
		if (comm && !strncmp(comm, "kworker/", 8)) {
			snprintf(path, sizeof(path), "/proc/%s/schedstat", d->d_name);
			stat = read_file(path);
			sum += stat ? strtoull(stat, NULL, 10) : 0;
			free(stat);
		}
		free(comm);
	}
	if (proc)
		closedir(proc);
	return sum;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f)
		fputs(text, f);
	if (f)
		fclose(f);
}

static void ftrace(bool on)
{
	static const char *const events[] = { "workqueue_queue_work", "workqueue_activate_work",
					      "workqueue_execute_start", "workqueue_execute_end" };
	char path[256];

	if (on)
		mkdir(INSTANCE, 0700);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(path, sizeof(path), INSTANCE "/events/workqueue/%s/enable", events[i]);
		write_file(path, on ? "1" : "0");
	}
	if (!on)
		rmdir(INSTANCE);
}

static double ns_a_work(struct churn *c, struct kern_btf *kb, enum mode mode)
{
	struct timespec block = { .tv_nsec = BLOCK_NS };
	struct kern_events *ev = NULL;
	struct error err;
	uint64_t runs, ns;

	if (mode == MODE_FTRACE)
		ftrace(true);
	if (mode >= MODE_EVENTS && !(ev = kern_events_open(kb, mode == MODE_CPU ? EVENTS_CPU : 0, &err))) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	runs = churn_runs(c);
	ns = kworkers_ns();
	nanosleep(&block, NULL);
	runs = churn_runs(c) - runs;
	ns = kworkers_ns() - ns;
	kern_events_close(ev);
	if (mode == MODE_FTRACE)
		ftrace(false);
	return runs ? (double)ns / (double)runs : 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, BLOCKS, sizeof(*v), compare);
	return v[BLOCKS / 2];
}

int main(void)
{
	static double ns[NR_MODES][BLOCKS];
	double base;
	struct kern_btf kb;
	struct error err;
	struct churn *c;

	if (access("/sys/kernel/tracing/instances", W_OK) || kern_btf_read(&kb, VMLINUX_BTF, &err) ||
	    !(c = churn_start(1))) {
		fprintf(stderr, "events: needs root, tracefs in /sys/kernel/tracing and bpf_wq (6.10)\n");
		return 0;
	}
	for (int block = 0; block < BLOCKS; block++)
		for (enum mode mode = 0; mode < NR_MODES; mode++)
			ns[mode][block] = ns_a_work(c, &kb, mode);
	churn_stop(c);
	base = median(ns[MODE_NONE]);
	for (enum mode mode = MODE_FTRACE; mode < NR_MODES; mode++)
		printf("{\"bench\":\"events\",\"mode\":\"%s\",\"base_ns\":%.0f,\"added_ns\":%.0f,"
		       "\"ratio_to_ftrace\":%.2f,\"target\":1.5}\n", mode_names[mode], base,
		       median(ns[mode]) - base,
		       (median(ns[mode]) - base) / (median(ns[MODE_FTRACE]) - base));
	return 0;
}
