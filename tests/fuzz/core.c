/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core files and saved segments. An input is its kind, the number of changes to a right one, of
 * PATCH bytes each - which part, where, and eight bytes - and behind them, of a core file, the
 * memory of the program from MEMORY_AT on. Whatever it is, it becomes rows that print.
 */
#include <stdlib.h>

#include "../unit/core.h"
#include "print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATCH 12u
#define MOST_ROWS 16u			/* that a table is said to have: a page of them */

static _Alignas(8) char right[CORE_BYTES], core[CORE_BYTES];
static int core_fd = -1, saved_fd;

static int make_file(const void *bytes, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	return fd;
}

static void make_right_one(void)
{
	char page[MEMORY_PAGE], path[64], *base = fake_segment();
	struct wq_seg_header *h = (void *)base;

	core_library(page, 7);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", make_file(page, sizeof(page)));
	h->timer_lists = MEMORY_AT + 0x100;
	h->nr_timer_lists = 2;
	h->table[WQ_SEG_WAITERS].nr = 2;
	FAKE_POOL(base, 3)->worklist = MEMORY_AT;
	FAKE_WORKER(base, 0)->scheduled = MEMORY_AT + 0x10;
	FAKE_WORKER(base, 0)->func = NAMELESS_FUNC;
	FAKE_PWQ_ROW(base, 0)->inactive = MEMORY_AT + 0x20;
	FAKE_PWQ_ROW(base, 0)->nr_scheduled = FAKE_PWQ_ROW(base, 0)->nr_inactive = 1;
	core_make(right, base, path);
	core_fd = make_file(right, sizeof(right));
	saved_fd = make_file("", 1);
	if (ftruncate(saved_fd, WQ_SEG_BYTES))
		abort();
	munmap(base, WQ_SEG_BYTES);
}

static void change(const uint8_t *patch)
{
	static const uint32_t parts[][2] = {
		{ 0, CORE_NOTES }, { CORE_NOTES, 256 }, { CORE_LIBRARY, 0x600 },
		{ CORE_SEGMENT, sizeof(struct wq_seg_header) },
		{ CORE_TABLES, WQ_SEG_NR_TABLES * MEMORY_PAGE },
	};
	const uint32_t *part = parts[patch[0] % ARRAY_SIZE(parts)];
	uint32_t offset = (patch[1] | (uint32_t)patch[2] << 8 | (uint32_t)patch[3] << 16) % (part[1] - 7);

	memcpy(core + part[0] + offset, patch + 4, 8);
}

static void clamp_rows(void)
{
	struct wq_seg_header *h = (void *)(core + CORE_SEGMENT);

	for (int i = 0; i < WQ_SEG_NR_TABLES; i++)
		h->table[i].nr %= MOST_ROWS;
}

/* The same records, each where a saved segment has them. */
static void write_saved(void)
{
	bool ok = pwrite(saved_fd, core + CORE_SEGMENT, WQ_SEG_HEADER_BYTES, 0) > 0;

	for (unsigned int i = 0; i < WQ_SEG_NR_TABLES; i++)
		ok &= pwrite(saved_fd, core + CORE_TABLES + i * MEMORY_PAGE, MEMORY_PAGE, core_table_at[i]) > 0;
	/* what stands behind it: a trailer, or none */
	ok &= pwrite(saved_fd, core + CORE_MEMORY, 64, WQ_SEG_BYTES) > 0;
	if (!ok)
		abort();
}

static void read_file_of(int fd)
{
	struct source_options o = { 0 };
	struct source *src;
	struct snapshot s;
	struct error err;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o.file = path;
	src = source_open(&o, &err);
	if (!src)
		return;
	if (!source_read(src, KINDS_SHOW, &s, &err))
		print_all(&s, -1);
	snapshot_free(&s);
	source_close(src);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int nr = size > 1 ? data[1] : 0;
	size_t memory;

	if (core_fd < 0)
		make_right_one();
	if (size < 2 + nr * PATCH)
		return 0;
	memcpy(core, right, sizeof(core));
	memory = size - 2 - nr * PATCH;
	memcpy(core + CORE_MEMORY, data + size - memory, memory < MEMORY_PAGE ? memory : MEMORY_PAGE);
	for (unsigned int i = 0; i < nr; i++)
		change(data + 2 + i * PATCH);
	clamp_rows();
	if (data[0] & 1) {
		write_saved();
		read_file_of(saved_fd);
		return 0;
	}
	/* some of it may be missing */
	if (ftruncate(core_fd, 0) || pwrite(core_fd, core, CORE_BYTES >> (data[0] >> 1 & 3), 0) < 0)
		abort();
	read_file_of(core_fd);
	return 0;
}
