/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * segment.h - how the records of <wq/abi.h> are written
 *
 * Each fact is in its record and nowhere else, except what decisions are made from: that is
 * private, and its record has a copy, since the segment is no place to be led astray from.
 *
 * One writer at a time, by the lock of the object that the record is about. Data are stored with
 * release, so that they come after the odd seq; a stand-alone fence would be cheaper on some
 * machines, but gcc's thread sanitizer does not see it.
 */
#ifndef WQ_SEGMENT_H
#define WQ_SEGMENT_H

#include <wq/abi.h>

/* A: the header, never NULL; before the start, and in a child of fork(), a private one. */
extern struct wq_seg_header *wq_seg;

void segment_start(void);
void segment_open(void);
void segment_fork_child(void);
void segment_cpus(void);
void segment_put_mask(u64 to[WQ_SEG_CPUS / 64], const struct cpumask *mask);

/* A zeroed record, or NULL: no memory. One that does not fit into its table is private. */
void *record_new(enum wq_seg_table_id id);
/* That one, of a table whose indices somebody else gives out. */
void *record_at(enum wq_seg_table_id id, u32 index);
/* The same, or NULL, for records that may be missing. */
void *record_try(enum wq_seg_table_id id);
void record_free(enum wq_seg_table_id id, void *record);
/* WQ_SEG_NONE: it is private. */
u32 record_index(enum wq_seg_table_id id, const void *record);
void *record_ptr(enum wq_seg_table_id id, u32 index);
u64 record_serial(void);

static inline void record_begin(u32 *seq)
{
	store_relaxed(seq, *seq + 1);
}

static inline void record_end(u32 *seq)
{
	store_release(seq, *seq + 1);
}

/* Between those two. */
#define record_put(rec, field, value) \
	store_release(&(rec)->field, (__typeof__((rec)->field))(value))
void record_put_bytes(void *to, const void *from, size_t bytes);

/* Outside of them: a field that is believed alone. */
#define record_set(rec, field, value) \
	store_relaxed(&(rec)->field, (__typeof__((rec)->field))(value))
#define record_add(rec, field, value) add_relaxed(&(rec)->field, value)

/* Change what decisions are made from, and its copy. Under the object's lock. */
#define shown_set(obj, field, value) \
	do { \
		__typeof__((obj)->field) now_ = (value); \
		store_relaxed(&(obj)->field, now_); \
		record_set((obj)->rec, field, now_); \
	} while (0)
#define shown_add(obj, field, value) shown_set(obj, field, (obj)->field + (value))

/* A counter of the process. */
#define process_count(field) \
	__atomic_fetch_add(&load_acquire(&wq_seg)->field, 1, __ATOMIC_RELAXED)
#define process_set(field, value) store_relaxed(&load_acquire(&wq_seg)->field, value)

#endif
