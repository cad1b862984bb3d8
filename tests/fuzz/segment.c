/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segment of a hostile program, and its memory. An input is changes to a right segment, of
 * PATCH bytes each - which table, which row, where, and eight bytes - and behind their number's
 * worth of them, the memory of the program from MEMORY_AT on. Twice the same, as two pictures.
 * Whatever it is, it becomes rows that print, without a control character.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../tools/delta.h"
#include "../../tools/summary.h"
#include "../unit/segment.h"
#include "print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATCH 12u
#define MEMORY_AT UINT64_C(0x10000)
#define LISTS_LIMIT 200u
#define MOST_ROWS 64u	/* that a table is said to have: else most of the time goes into zeroes */

struct input {
	const uint8_t *memory;
	size_t size;
};

static char *base;

static bool read_page(void *arg, uint64_t addr, char *page)
{
	const struct input *in = arg;

	if (addr < MEMORY_AT || addr - MEMORY_AT >= in->size) {
		errno = EFAULT;
		return false;
	}
	memset(page, 0, MEMORY_PAGE);
	memcpy(page, in->memory + (addr - MEMORY_AT),
	       in->size - (addr - MEMORY_AT) < MEMORY_PAGE ? in->size - (addr - MEMORY_AT) : MEMORY_PAGE);
	return true;
}

/* Where the memory may hold a list: the fuzzer would have to guess addresses otherwise. */
static void make_segment(void)
{
	struct wq_seg_header *h;

	base = fake_segment();
	h = (void *)base;
	h->timer_lists = MEMORY_AT + 0x100;
	h->nr_timer_lists = 2;
	h->table[WQ_SEG_WAITERS].nr = 2;
	FAKE_WAITER(base, 0)->serial = FAKE_WAITER(base, 0)->kind = WQ_SEG_FLUSH_WORK;
	FAKE_WAITER(base, 0)->work = 0x5000;
	FAKE_POOL(base, 3)->worklist = MEMORY_AT;
	FAKE_WORKER(base, 0)->scheduled = MEMORY_AT + 0x10;
	FAKE_PWQ_ROW(base, 0)->inactive = MEMORY_AT + 0x20;
	FAKE_PWQ_ROW(base, 0)->nr_scheduled = FAKE_PWQ_ROW(base, 0)->nr_inactive = 1;
}

static char *patch_at(const uint8_t *p)
{
	static const struct {
		uint32_t at, stride;
	} tables[] = {
		{ 0, sizeof(struct wq_seg_header) },
		{ WQ_SEG_WORKQUEUES_AT, WQ_SEG_WORKQUEUE_STRIDE },
		{ WQ_SEG_PWQS_AT, WQ_SEG_PWQ_STRIDE },
		{ WQ_SEG_POOLS_AT, WQ_SEG_POOL_STRIDE },
		{ WQ_SEG_WORKERS_AT, WQ_SEG_WORKER_STRIDE },
		{ WQ_SEG_WAITERS_AT, WQ_SEG_WAITER_STRIDE },
		{ WQ_SEG_FUNCTIONS_AT, WQ_SEG_FUNCTION_STRIDE },
		{ WQ_SEG_MISUSES_AT, WQ_SEG_MISUSE_STRIDE },
	};
	unsigned int t = p[0] % ARRAY_SIZE(tables), row = t ? p[1] % 4 : 0;
	uint32_t offset = (p[2] | (uint32_t)p[3] << 8) % (tables[t].stride - 7);

	return base + tables[t].at + row * tables[t].stride + offset;
}

static void clamp_rows(void)
{
	struct wq_seg_header *h = (void *)base;

	for (int i = 0; i < WQ_SEG_NR_TABLES; i++)
		h->table[i].nr %= MOST_ROWS;
}

static void read_segment(struct seg_image *img, struct snapshot *s, struct memory *m)
{
	static const struct proc_facts facts = { .program = NULL };
	static const struct works_limits limits = { LISTS_LIMIT, 2 * LISTS_LIMIT };

	snapshot_init(s);
	seg_picture(img, base, m, &limits);
	seg_fill(s, img, &facts);
	summarize(s);
}

static void take_pictures(struct input *in)
{
	static struct seg_image img;
	static struct memory m;
	struct snapshot pictures[2];
	struct error err;

	m.read_page = read_page;
	m.arg = in;
	if (seg_check(base, "fuzz", &img.head, &err))
		return;
	for (int i = 0; i < 2; i++) {
		read_segment(&img, &pictures[i], &m);
		delta(i ? &pictures[0] : NULL, &pictures[i]);
	}
	print_all(&pictures[1], 1);
	snapshot_free(&pictures[0]);
	snapshot_free(&pictures[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int nr = size ? data[0] : 0;
	char kept[256][8], head[sizeof(struct wq_seg_header)];
	struct input in;

	if (!base)
		make_segment();
	if (size < 1 + nr * PATCH)
		return 0;
	in = (struct input){ data + 1 + nr * PATCH, size - 1 - nr * PATCH };
	for (unsigned int i = 0; i < nr; i++) {
		const uint8_t *p = data + 1 + i * PATCH;
		char *at = patch_at(p);

		memcpy(kept[i], at, 8);
		memcpy(at, p + 4, 8);
	}
	memcpy(head, base, sizeof(head));
	clamp_rows();
	take_pictures(&in);
	memcpy(base, head, sizeof(head));
	for (unsigned int i = nr; i-- > 0; )
		memcpy(patch_at(data + 1 + i * PATCH), kept[i], 8);
	return 0;
}
