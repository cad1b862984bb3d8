/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshot after snapshot, until enough, the end or a signal. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
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
	const char *name = s->source.program ? s->source.program
			   : !o->source.file ? "the kernel"
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

void print_name(const struct options *o, const struct snapshot *s)
{
	if (o->processes.nr > 1)
		printf("%s (PID %" PRId64 "):\n", s->source.program, s->source.pid);
}

/* The pictures of one source, one after the other. */
struct stream {
	struct source *src;
	struct snapshot pictures[2];
	uint64_t done;
};

/* 0, 1 at the end, -1 with @err, 2 if it cannot be printed. */
static int next_picture(const struct options *o, struct stream *st, unsigned int kinds,
			bool first, print_fn print, void *arg, struct error *err)
{
	struct snapshot *now = &st->pictures[st->done & 1], *before = &st->pictures[~st->done & 1];
	int rc;

	snapshot_free(now);
	rc = source_read(st->src, kinds, now, err);
	if (rc)
		return rc;
	delta(st->done ? before : NULL, now);
	print_warnings(o, now);
	if (first)
		print_time(o, now, st->done);
	else if (!o->json)
		putchar('\n');
	st->done++;
	return print(o, now, arg) || flushed() ? 2 : 0;
}

/* One round over the sources. Of several, the others go on when one ends. */
static int next_pictures(const struct options *o, struct stream *streams, size_t nr,
			 unsigned int kinds, print_fn print, void *arg, struct error *err)
{
	size_t ended = 0;
	bool first = true;
	int rc = 0;

	for (size_t i = 0; i < nr && rc != 2; i++) {
		struct stream *st = &streams[i];

		if (!st->src) {
			ended++;
			continue;
		}
		rc = next_picture(o, st, kinds, first, print, arg, err);
		first &= rc != 0;
		if (rc >= 0 || nr == 1)
			continue;
		failed(err);
		source_close(st->src);
		st->src = NULL;
		ended++;
		rc = 0;
	}
	return rc || ended < nr ? rc : 2;
}

static int loop(const struct options *o, struct stream *streams, size_t nr, unsigned int kinds,
		print_fn print, void *arg, struct error *err)
{
	uint64_t interval = o->interval_ns ? o->interval_ns : NSEC_PER_SEC;
	uint64_t next = mono_ns(), done = 0;
	int rc = 0;

	while (!rc && !stopped && !enough(o, done)) {
		rc = next_pictures(o, streams, nr, kinds, print, arg, err);
		if (!rc && ++done && !o->source.file && !enough(o, done))
			wait_until(next += interval);
	}
	if (rc == 1 && !done)
		return error_set(err, "%s holds no snapshot", o->source.file);
	return rc == 1 ? 0 : rc;
}

/* -p may be given several times, and a name may be that of several programs. */
static struct source *open_one(const struct options *o, size_t i, struct error *err)
{
	struct source_options so = o->source;
	char pid[16];

	if (o->processes.nr) {
		snprintf(pid, sizeof(pid), "%d", (int)o->processes.pids[i]);
		so.process = pid;
	}
	return source_open(&so, err);
}

int each_snapshot(const struct options *o, unsigned int kinds, print_fn print, void *arg)
{
	size_t nr = o->processes.nr ? o->processes.nr : 1;
	struct stream *streams = xcalloc(nr, sizeof(*streams));
	struct error err;
	int rc = 0, some_failed = 0;

	catch_signals();
	for (size_t i = 0; i < nr; i++) {
		streams[i].src = open_one(o, i, &err);
		if (!streams[i].src)
			some_failed = failed(&err);
	}
	if (nr > 1 || !some_failed)
		rc = loop(o, streams, nr, kinds, print, arg, &err);
	for (size_t i = 0; i < nr; i++) {
		snapshot_free(&streams[i].pictures[0]);
		snapshot_free(&streams[i].pictures[1]);
		source_close(streams[i].src);
	}
	free(streams);
	if (rc < 0)
		return failed(&err);
	return rc || some_failed ? EXIT_FAILED : EXIT_DONE;
}
