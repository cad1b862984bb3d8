/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshot after snapshot, until enough, the end or a signal. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "wqdump.h"
#include "../tools/delta.h"

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

/* Until @next on the monotonic clock; a signal ends it early. */
static void wait_until(uint64_t next)
{
	struct timespec ts = { .tv_sec = (time_t)(next / NSEC_PER_SEC),
			       .tv_nsec = (long)(next % NSEC_PER_SEC) };

	while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

void wait_for(uint64_t ns)
{
	wait_until(mono_ns() + ns);
}

bool was_stopped(void)
{
	return stopped;
}

static bool enough(const struct options *o, uint64_t done)
{
	if (o->count)
		return done >= o->count;
	return !o->source.file && !o->interval_ns && done;
}

void print_warnings(const struct options *o, const struct snapshot *s)
{
	const char *name = !o->source.file ? "the kernel"
			   : strcmp(o->source.file, "-") ? o->source.file : "standard input";

	if (s->nr_warnings)
		fflush(stdout);
	for (size_t i = 0; i < s->nr_warnings; i++)
		fprintf(stderr, "wqdump: %s: %s\n", name, s->warnings[i]);
}

/* May there be more than one picture? Of a saved file that is not known before the second. */
static bool several(const struct options *o)
{
	if (o->source.file && o->source.dump == DUMP_ALL)
		return true;
	return o->count ? o->count > 1 : o->interval_ns;
}

bool tells_time(const struct options *o)
{
	return several(o) && !o->json && !o->no_header;
}

void print_dump(const struct source_info *i)
{
	printf("%s: dump %" PRIu64, i->file ? i->file : "-", i->dump);
	if (i->cause)
		printf(" (%s)", i->cause);
	printf(" at line %" PRIu64, i->line);
}

/* 2026-11-25 09:31:03.120, where the user is */
static void print_clock(int64_t ns)
{
	time_t sec = (time_t)(ns / (int64_t)NSEC_PER_SEC);
	char text[64];
	struct tm tm;

	if (localtime_r(&sec, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		printf("%s.%03d", text, (int)(ns % (int64_t)NSEC_PER_SEC / 1000000));
}

void print_time(const struct options *o, const struct snapshot *s, uint64_t done)
{
	if (o->json || o->no_header || !(done || several(o)))
		return;
	if (done)
		putchar('\n');
	if (s->source.kind == SOURCE_LOG) {
		print_dump(&s->source);
		if (s->mono_ns)
			printf(", %.6f", (double)s->mono_ns / 1e9);
	} else if (s->time_ns > 0) {
		print_clock(s->time_ns);
	} else {
		printf("picture %" PRIu64, done + 1);
	}
	putchar('\n');
}

static int loop(const struct options *o, struct source *src, unsigned int kinds, print_fn print,
		void *arg, struct error *err)
{
	struct snapshot pictures[2] = { 0 };
	uint64_t interval = o->interval_ns ? o->interval_ns : NSEC_PER_SEC;
	uint64_t next = mono_ns(), done = 0;
	int rc = 0;

	while (!rc && !stopped && !enough(o, done)) {
		struct snapshot *now = &pictures[done & 1], *before = &pictures[~done & 1];

		snapshot_free(now);
		rc = source_read(src, kinds, now, err);
		if (rc)
			break;
		delta(done ? before : NULL, now);
		print_warnings(o, now);
		print_time(o, now, done);
		rc = print(o, now, arg) ? 2 : flushed() ? 2 : 0;
		if (++done && !o->source.file && !enough(o, done))
			wait_until(next += interval);
	}
	snapshot_free(&pictures[0]);
	snapshot_free(&pictures[1]);
	if (rc == 1 && !done)
		return error_set(err, "%s holds no snapshot", o->source.file);
	return rc == 1 ? 0 : rc;
}

int each_snapshot(const struct options *o, unsigned int kinds, print_fn print, void *arg)
{
	struct error err;
	struct source *src;
	int rc;

	catch_signals();
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	rc = loop(o, src, kinds, print, arg, &err);
	source_close(src);
	if (rc < 0)
		return failed(&err);
	return rc ? EXIT_FAILED : EXIT_DONE;
}
