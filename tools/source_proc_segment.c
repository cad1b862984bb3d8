/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments: what must be so, and a copy of the records. */
#include <stdlib.h>

#include "source_proc.h"

#define TRIES 200		/* of one record */
#define PASSES 4		/* over all of them */

/* The geometry, as compiled in. */
static const struct geometry {
	uint32_t at, stride, capacity, size;
	uint32_t seq_at;
} geometry[WQ_SEG_NR_TABLES] = {
#define TABLE(name, type) \
	[WQ_SEG_##name##S] = { WQ_SEG_##name##S_AT, WQ_SEG_##name##_STRIDE, WQ_SEG_MAX_##name##S, \
			       sizeof(struct type), offsetof(struct type, seq) }
	TABLE(WORKQUEUE, wq_seg_workqueue),
	TABLE(PWQ, wq_seg_pwq),
	TABLE(POOL, wq_seg_pool),
	TABLE(WORKER, wq_seg_worker),
	TABLE(WAITER, wq_seg_waiter),
	TABLE(FUNCTION, wq_seg_function),
	TABLE(MISUSE, wq_seg_misuse),
#undef TABLE
};

/* Without its sequence lock: each aligned field is whole, but they may not belong together. */
static void copy_loosely(void *to, const void *from, size_t bytes)
{
	const uint64_t *word = from;
	uint64_t *copy = to;

	for (size_t i = 0; i < bytes / sizeof(*word); i++)
		copy[i] = __atomic_load_n(&word[i], __ATOMIC_RELAXED);
}

/* --- what must be so --- */

static int check_tables(const struct wq_seg_header *h, const char *what, struct error *err)
{
	if (h->nr_tables < WQ_SEG_NR_TABLES)
		return error_set(err, "%s: its segment has %u tables instead of %u: it is damaged", what,
				 h->nr_tables, WQ_SEG_NR_TABLES);
	for (unsigned int i = 0; i < WQ_SEG_NR_TABLES; i++) {
		const struct wq_seg_table *t = &h->table[i];
		const struct geometry *g = &geometry[i];

		if (t->offset != g->at || t->stride != g->stride || t->capacity != g->capacity ||
		    t->size > g->stride || t->size < sizeof(uint64_t))
			return error_set(err, "%s: table %u of its segment is not where version %u has "
					 "it: it is damaged", what, i, WQ_SEG_MAJOR);
	}
	return 0;
}

/* Offsets that we add to addresses of the program: of structs that are small. */
static int check_offsets(const struct wq_seg_header *h, const char *what, struct error *err)
{
	uint32_t word = h->word_bytes, room = h->work_bytes - word;

	if (h->work_bytes < 4 * word || h->work_bytes > 256 || h->work_data > room ||
	    h->work_entry > room - word || h->work_func > room || h->dwork_timer > 512 ||
	    h->dwork_wq > 512 || h->timer_entry > 256 || h->timer_func > 256 || h->timer_due > 256)
		return error_set(err, "%s: its segment describes no work items: it is damaged", what);
	return 0;
}

int seg_check(const void *base, const char *what, struct wq_seg_header *head, struct error *err)
{
	if (!wq_seg_copy(head, base, sizeof(*head), offsetof(struct wq_seg_header, seq), TRIES)) {
		copy_loosely(head, base, sizeof(*head));
		memset(head->unbound_cpus, 0, sizeof(head->unbound_cpus));
	}
	if (memcmp(head->magic, WQ_SEG_MAGIC, sizeof(head->magic)))
		return error_set(err, "%s: its segment is not complete: it has only begun, or is damaged",
				 what);
	if (head->byte_order != WQ_SEG_BYTE_ORDER)
		return error_set(err, "%s: it comes from a machine of another byte order", what);
	if (head->major != WQ_SEG_MAJOR)
		return error_set(err, "%s: its libwq has segments of version %u, this program reads "
				 "version %u: use the wqkit of that libwq", what, head->major, WQ_SEG_MAJOR);
	if ((head->word_bytes != 4 && head->word_bytes != 8) || head->segment_size != WQ_SEG_BYTES ||
	    head->header_size < offsetof(struct wq_seg_header, generation) ||
	    head->header_size > WQ_SEG_HEADER_BYTES)
		return error_set(err, "%s: the sizes in its segment are not those of version %u: it is "
				 "damaged", what, WQ_SEG_MAJOR);
	if (check_tables(head, what, err) || check_offsets(head, what, err))
		return -1;
	/* What an older library does not write is unknown, whatever stands there. */
	if (head->header_size < sizeof(*head))
		memset((char *)head + head->header_size, 0, sizeof(*head) - head->header_size);
	head->program[sizeof(head->program) - 1] = '\0';
	head->library[sizeof(head->library) - 1] = '\0';
	if (head->nr_cpus > WQ_SEG_CPUS)
		head->nr_cpus = WQ_SEG_CPUS;
	return 0;
}

/* --- a copy of the records --- */

static void keep_loose_fields(void *row, const void *from, size_t bytes)
{
	struct wq_seg_worker seen, *w = row;

	memset(&seen, 0, sizeof(seen));
	copy_loosely(&seen, from, bytes);
	*w = (struct wq_seg_worker){ .serial = seen.tid != 0, .pool = WQ_SEG_NONE,
				     .rescue_wq = WQ_SEG_NONE, .pwq = WQ_SEG_NONE,
				     .reserved0 = SEG_TORN, .flags = seen.flags, .tid = seen.tid,
				     .idle_since = seen.idle_since };
}

/* A row that was torn each time is as one that is free; of workers, some is known. */
static void copy_row(struct seg_rows *t, enum wq_seg_table_id id, uint32_t index, const void *from,
		     size_t bytes)
{
	const struct geometry *g = &geometry[id];
	char *row = t->bytes + (size_t)index * g->size;
	bool whole = wq_seg_copy(row, from, bytes, g->seq_at, TRIES);

	if (whole && id == WQ_SEG_WORKERS)
		((struct wq_seg_worker *)(void *)row)->reserved0 = 0;
	if (whole)
		return;
	t->nr_torn++;
	memset(row, 0, g->size);
	if (id == WQ_SEG_WORKERS)
		keep_loose_fields(row, from, bytes);
}

static void copy_table(struct seg_image *img, const void *base, enum wq_seg_table_id id)
{
	const struct wq_seg_header *h = base;
	const struct geometry *g = &geometry[id];
	struct seg_rows *t = &img->table[id];
	uint32_t nr = __atomic_load_n(&h->table[id].nr, __ATOMIC_ACQUIRE);
	size_t bytes = img->head.table[id].size < g->size ? img->head.table[id].size & ~7u : g->size;

	free(t->bytes);
	t->nr = nr < g->capacity ? nr : g->capacity;
	t->nr_torn = 0;
	t->bytes = xcalloc(t->nr, g->size);
	for (uint32_t i = 0; i < t->nr; i++)
		copy_row(t, id, i, (const char *)base + g->at + (size_t)i * g->stride, bytes);
}

/* Counters of the process, which go on after seg_check(). */
static void copy_counters(struct wq_seg_header *head, const struct wq_seg_header *h)
{
	size_t from = offsetof(struct wq_seg_header, generation), end = sizeof(*h);

	if (head->header_size < end)
		end = head->header_size & ~7u;
	copy_loosely((char *)head + from, (const char *)h + from, end - from);
	for (int i = 0; i < WQ_SEG_NR_TABLES; i++)
		head->table[i].left_out = __atomic_load_n(&h->table[i].left_out, __ATOMIC_RELAXED);
}

/* Text of records ends where it must. */
static void end_texts(struct seg_image *img)
{
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKQUEUES].nr; i++) {
		struct wq_seg_workqueue *w = seg_row(img, WQ_SEG_WORKQUEUES, i);

		w->name[sizeof(w->name) - 1] = '\0';
	}
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++) {
		struct wq_seg_worker *w = seg_row(img, WQ_SEG_WORKERS, i);

		w->desc[sizeof(w->desc) - 1] = '\0';
	}
	for (uint32_t i = 0; i < img->table[WQ_SEG_FUNCTIONS].nr; i++) {
		struct wq_seg_function *f = seg_row(img, WQ_SEG_FUNCTIONS, i);

		f->name[sizeof(f->name) - 1] = '\0';
	}
}

void seg_read(struct seg_image *img, const void *base)
{
	const struct wq_seg_header *h = base;
	uint64_t before, after;
	int pass = 0;

	do {
		before = __atomic_load_n(&h->generation, __ATOMIC_ACQUIRE);
		img->mono_ns = mono_ns() + (uint64_t)img->clock_ns;
		for (int id = 0; id < WQ_SEG_NR_TABLES; id++)
			copy_table(img, base, (enum wq_seg_table_id)id);
		after = __atomic_load_n(&h->generation, __ATOMIC_ACQUIRE);
	} while (before != after && ++pass < PASSES);
	img->consistency = !pass ? CONSISTENT : pass < PASSES ? RETRIED : INCOMPLETE;
	for (int id = 0; id < WQ_SEG_NR_TABLES; id++)
		if (img->table[id].nr_torn)
			img->consistency = INCOMPLETE;
	copy_counters(&img->head, h);
	end_texts(img);
}

uint32_t seg_stride(enum wq_seg_table_id id)
{
	return geometry[id].stride;
}

uint64_t seg_used(const struct wq_seg_header *head, enum wq_seg_table_id id, uint64_t *at)
{
	const struct geometry *g = &geometry[id];
	uint32_t nr = head->table[id].nr < g->capacity ? head->table[id].nr : g->capacity;

	*at = g->at;
	return (uint64_t)nr * g->stride;
}

void seg_free(struct seg_image *img)
{
	for (int id = 0; id < WQ_SEG_NR_TABLES; id++)
		free(img->table[id].bytes);
	free(img->items);
	free(img->pool_torn);
	*img = (struct seg_image){ .nr_items = 0 };
}

/* --- rows by their index, which a record may have made up --- */

void *seg_row(const struct seg_image *img, enum wq_seg_table_id id, uint32_t index)
{
	const struct seg_rows *t = &img->table[id];

	return index < t->nr ? t->bytes + (size_t)index * geometry[id].size : NULL;
}

#define ROW_IN_USE(type, id) \
	struct type *row = seg_row(img, id, index); \
	return row && row->serial ? row : NULL

struct wq_seg_workqueue *seg_workqueue(const struct seg_image *img, uint32_t index)
{
	ROW_IN_USE(wq_seg_workqueue, WQ_SEG_WORKQUEUES);
}

struct wq_seg_pwq *seg_pwq(const struct seg_image *img, uint32_t index)
{
	ROW_IN_USE(wq_seg_pwq, WQ_SEG_PWQS);
}

struct wq_seg_pool *seg_pool(const struct seg_image *img, uint32_t index)
{
	ROW_IN_USE(wq_seg_pool, WQ_SEG_POOLS);
}

struct wq_seg_worker *seg_worker(const struct seg_image *img, uint32_t index)
{
	ROW_IN_USE(wq_seg_worker, WQ_SEG_WORKERS);
}
