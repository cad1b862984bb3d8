/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any file at all, as -f reads it: a log, packed or not, or a saved snapshot.
 * Whatever it holds, each dump becomes rows that print, as tables, JSON and
 * the kernel's own dump; and what busy prints is a log that reads back: a
 * second time it prints the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/delta.h"
#include "../../tools/out.h"
#include "../../tools/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *sink(void)
{
	static FILE *null;

	if (!null)
		null = fopen("/dev/null", "w");
	return null;
}

/* A file with these bytes, opened by its name like any other. */
static struct source *open_bytes(const void *data, size_t size, int64_t dump)
{
	static int fd = -1;
	static char path[64];
	struct source_options o = { .file = path, .dump = dump };
	struct error err;

	if (fd < 0) {
		fd = memfd_create("fuzz", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return source_open(&o, &err);
}

static void print_tables(const struct snapshot *s)
{
	static struct view views[NR_ROW_KINDS];

	for (int kind = 0; kind < NR_ROW_KINDS; kind++) {
		if (!views[kind].nr_columns)
			view_init(&views[kind], (enum row_kind)kind);
		views[kind].stacks = true;
		views[kind].sort = 1;
		if (nr_rows(s, (enum row_kind)kind))
			out_text(sink(), &views[kind], NULL, s, true);
	}
	out_json(sink(), s, (1u << NR_ROW_KINDS) - 1, NULL, NULL, false);
}

static char *busy_text(const struct snapshot *s, size_t *size)
{
	char *text;
	FILE *f = open_memstream(&text, size);
	struct error err;

	if (out_busy(f, s, NULL, false, &err))
		abort();
	fclose(f);
	return text;
}

/* busy of what busy printed is the same, once its names have been made printable. */
static void read_busy(const char *text, size_t size, int depth)
{
	struct source *src = open_bytes(text, size, DUMP_LAST);
	struct snapshot s = { 0 };
	struct error err;

	if (src && !source_read(src, KINDS_SHOW, &s, &err)) {
		size_t again;
		char *second = busy_text(&s, &again);

		if (depth)
			read_busy(second, again, depth - 1);
		free(second);
	}
	snapshot_free(&s);
	source_close(src);
}

static void read_all(struct source *src)
{
	struct snapshot pictures[2] = { 0 };
	struct error err;

	for (unsigned int i = 0; src && i < 100; i++) {
		struct snapshot *s = &pictures[i & 1];
		size_t size;
		char *text;

		snapshot_free(s);
		if (source_read(src, KINDS_SHOW | KIND(ROW_HOG), s, &err))
			break;
		delta(i ? &pictures[~i & 1] : NULL, s);
		print_tables(s);
		text = busy_text(s, &size);
		if (!i)
			read_busy(text, size, 1);
		free(text);
	}
	snapshot_free(&pictures[0]);
	snapshot_free(&pictures[1]);
	source_close(src);
}

static void read_list(const void *data, size_t size)
{
	struct source *src = open_bytes(data, size, DUMP_LAST);
	struct snapshot s = { 0 };
	struct error err;

	if (src && src->kind == SOURCE_LOG && !source_read(src, KIND(ROW_DUMP), &s, &err))
		print_tables(&s);
	snapshot_free(&s);
	source_close(src);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_all(open_bytes(data, size, DUMP_ALL));
	if (size % 8)	/* what follows differs little */
		return 0;
	read_all(open_bytes(data, size, DUMP_LAST));
	read_list(data, size);
	return 0;
}
