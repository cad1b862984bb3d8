/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: what `wqdump workqueues` costs as a whole process, in turn with a
 * process that only opens and loads a BPF object of one CO-RE field (this
 * program itself, with an argument). Output: a JSON object.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/util.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "one_field.skel.h"
#pragma GCC diagnostic pop

#define ROUNDS 25
#define TARGET_RATIO 3.0
#define TARGET_MS 100

struct cost {
	double wall_ms[ROUNDS], cpu_ms[ROUNDS];
	long peak_kb;
};

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void run(char **argv, struct cost *c, int round)
{
	uint64_t began = mono_ns();
	pid_t pid = fork();
	struct rusage usage;
	int status;

	if (!pid) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status) {
		fprintf(stderr, "%s cannot be run, or failed\n", argv[0]);
		exit(1);
	}
	c->wall_ms[round] = (double)(mono_ns() - began) / 1e6;
	c->cpu_ms[round] = ms(usage.ru_utime) + ms(usage.ru_stime);
	c->peak_kb = usage.ru_maxrss > c->peak_kb ? usage.ru_maxrss : c->peak_kb;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* build/tests/bench/start > build/bin/wqdump */
static char *wqdump_beside(const char *self)
{
	const char *end = strstr(self, "tests/bench/");

	return xasprintf("%.*sbin/wqdump", end ? (int)(end - self) : 0, self);
}

static int load_one_field(void)
{
	struct one_field *skel = one_field__open_and_load();

	if (!skel)
		return 1;
	one_field__destroy(skel);
	return 0;
}

int main(int argc, char **argv)
{
	static char workqueues[] = "workqueues", one[] = "one-field", self[] = "/proc/self/exe";
	char *ours[] = { wqdump_beside(argv[0]), workqueues, NULL };
	char *reference[] = { self, one, NULL };
	static struct cost a, b;
	double ratio[ROUNDS];

	if (argc > 1)
		return load_one_field();
	for (int i = 0; i < ROUNDS; i++) {
		run(ours, &a, i);
		run(reference, &b, i);
		ratio[i] = a.wall_ms[i] / b.wall_ms[i];
	}
	printf("{\"bench\":\"start\",\"rounds\":%d,\"wall_ms\":%.1f,\"cpu_ms\":%.1f,\"peak_kb\":%ld,"
	       "\"one_field_wall_ms\":%.1f,\"one_field_cpu_ms\":%.1f,\"one_field_peak_kb\":%ld,"
	       "\"ratio\":%.2f,\"target_ratio\":%.1f,\"target_wall_ms\":%d}\n", ROUNDS,
	       median(a.wall_ms), median(a.cpu_ms), a.peak_kb, median(b.wall_ms), median(b.cpu_ms),
	       b.peak_kb, median(ratio), TARGET_RATIO, TARGET_MS);
	free(ours[0]);
	return 0;
}
