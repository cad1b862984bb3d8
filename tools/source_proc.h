/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_proc.h - the source of programs on libwq, shared by its files
 *
 *	source_proc.c		opens, reads, explains failures
 *	source_proc_find.c	processes, and where their segments are
 *	source_proc_file.c	saved segments and core files
 *	source_proc_segment.c	a segment > an image of our own, validated
 *	source_proc_memory.c	the program's memory, where permitted
 *	source_proc_works.c	a picture: records, and lists of items in that memory
 *	source_proc_names.c	names of functions, where the program tells none
 *	source_proc_core.c	the same, of core files
 *	source_proc_fill.c	the image > snapshot
 *
 * The layout is <wq/abi.h>'s. Nothing that a program wrote is believed: each
 * record is copied once, the copy is validated, and only then used; what it
 * says about places and sizes must be what we were compiled with.
 */
#ifndef WQKIT_SOURCE_PROC_H
#define WQKIT_SOURCE_PROC_H

#include <sys/types.h>
#include <wq/abi.h>

#include "key_map.h"
#include "snapshot.h"
#include "source.h"
#include "util.h"

/* --- the segment --- */

/* One table, copied: the row at index i is that of the segment. */
struct seg_rows {
	char *bytes;
	uint32_t nr;
	uint32_t nr_torn;	/* rows that were being written each time we looked */
};

/* An item of a list, as it was found in the program's memory. */
struct seg_item {
	uint64_t address, func;
	uint64_t due_ns;		/* delayed: CLOCK_MONOTONIC */
	uint64_t serial, worker_serial;	/* what the rows below were then */
	uint32_t pwq;			/* its row, or WQ_SEG_NONE: delayed */
	uint32_t workqueue;		/* delayed: its row, or WQ_SEG_NONE */
	uint32_t worker;		/* scheduled: the row of the worker */
	enum work_state state;
	bool is_first;			/* of its list */
	bool met_again;			/* in another place later */
};

struct seg_image {
	struct wq_seg_header head;
	struct seg_rows table[WQ_SEG_NR_TABLES];
	enum consistency consistency;	/* of the set of records */
	uint64_t mono_ns;		/* when they were read, by the program's clock */
	int64_t clock_ns;		/* that one less ours */
	/* by source_proc_works.c: */
	struct seg_item *items;
	size_t nr_items, items_room;
	bool *pool_torn;		/* by row of any pool: a list fell apart, each time */
	const char *why_no_items;	/* why lists were not read, or NULL */
};

/* The row @index of a table as TYPE, or NULL if there is none. */
void *seg_row(const struct seg_image *img, enum wq_seg_table_id id, uint32_t index);
struct wq_seg_workqueue *seg_workqueue(const struct seg_image *img, uint32_t index);
struct wq_seg_pwq *seg_pwq(const struct seg_image *img, uint32_t index);
struct wq_seg_pool *seg_pool(const struct seg_image *img, uint32_t index);
struct wq_seg_worker *seg_worker(const struct seg_image *img, uint32_t index);

/* In a copy of ours: only the fields outside the sequence lock are known. */
#define SEG_TORN 1u	/* wq_seg_worker.reserved0 */

/*
 * Is that a segment which we know? -1 with @err, which begins with @what. The
 * header is copied to @head first, and nothing is read again.
 */
int seg_check(const void *base, const char *what, struct wq_seg_header *head, struct error *err);

/* Copies the records of the valid segment at @base into @img, which is zeroed or was used. */
void seg_read(struct seg_image *img, const void *base);
void seg_free(struct seg_image *img);

/* The bytes of the table's records that have been in use, from @at on. */
uint64_t seg_used(const struct wq_seg_header *head, enum wq_seg_table_id id, uint64_t *at);
uint32_t seg_stride(enum wq_seg_table_id id);
/* Writes the segment to a file for -f. -1 with @err. */
int seg_save(const void *base, const struct seg_image *img, const char *path, struct error *err);

/* --- the program's memory --- */

#define MEMORY_PAGE 4096u
#define MEMORY_SLOTS 4096u

struct memory {
	/* Reads one page; false if it cannot be read. */
	bool (*read_page)(void *arg, uint64_t addr, char *page);
	void *arg;
	char **page;			/* MEMORY_SLOTS of them, each when first used */
	uint64_t *addr;			/* of each, | 1 */
	uint64_t nr_read;
};

bool memory_read(struct memory *m, uint64_t addr, void *to, size_t bytes);
/* Pages are read anew from now on. */
void memory_forget(struct memory *m);
void memory_free(struct memory *m);
/* For the memory of a process; @arg is its pid. */
bool memory_read_process(void *arg, uint64_t addr, char *page);

/* --- items --- */

struct works_limits {
	size_t list, all;		/* items of one list, of all lists */
};

/* As the kernel source cuts them, or nearly none. */
struct works_limits works_limits(bool all_works);
/*
 * The records and what is on the program's lists, of which each item is met once, wherever it
 * goes meanwhile. @img is zeroed but for its head, or was used.
 */
void seg_picture(struct seg_image *img, const void *base, struct memory *m,
		 const struct works_limits *limits);

/* --- names --- */

/* Names by address, found once. */
struct proc_names {
	char *(*look_up)(const void *arg, uint64_t addr);	/* a fresh string */
	const void *arg;
	struct key_map map;		/* indices of name[] */
	char **name;
	size_t nr, room;
	unsigned int nr_lookups;	/* since this was set to 0 */
};

/* Raw, not printable yet; NULL: unknown. */
const char *proc_symbol(struct proc_names *n, uint64_t addr);
void proc_names_clear(struct proc_names *n);

/* For a live one: @arg is its struct proc. */
char *proc_look_up(const void *arg, uint64_t addr);
/* What is at @offset of that ELF file, or "file+0x12"; @fd may be -1. */
char *file_symbol(int fd, const char *path, uint64_t offset);

/* Files that a program had mapped, as its core file tells. */
struct core_file {
	uint64_t start, end, offset;
	char *path;
};

struct core_files {
	struct core_file *list;
	size_t nr, room;
	struct memory *memory;		/* the program's */
};

void core_files_read(struct core_files *c, int fd);
void core_files_free(struct core_files *c);
/* For a core file: @arg is its struct core_files. */
char *core_symbol(const void *arg, uint64_t addr);

/* --- snapshot --- */

/* What the kernel says about the process. */
struct proc_facts {
	pid_t pid;			/* ours for it; 0: a file */
	const struct key_map *tids;	/* ours by those of its namespace; NULL: they are the same */
	const char *program;
	bool ages_are_bounds;		/* the time of the picture is one, too */
	struct proc_names *names;	/* NULL: what the segment tells has to do */
};

void seg_fill(struct snapshot *s, const struct seg_image *img, const struct proc_facts *facts);

/* --- processes --- */

struct proc {
	pid_t pid;
	uint64_t start_time;		/* field 22 of its stat */
	char state;			/* field 3 */
	char comm[64];			/* printable */
	uint64_t nr_threads;		/* field 20 */
	pid_t ns_pid;			/* its pid in its own namespace */
	pid_t via;			/* a thread that has not ended: @pid, but for that */
};

/* What to add to our clocks for those of a process: its time namespace may be another one. */
struct proc_clocks {
	int64_t mono_ns, boot_ns;
};

/* An open segment: mapped read-only, sealed, and of that process. */
struct proc_segment {
	int fd;
	const void *base;
	dev_t dev;
	ino_t ino;
	char path[64];			/* where it was found */
	bool inherited;			/* not opened: it is that of another process */
	struct wq_seg_header head;
};

/* What there is to know without permission. -1 with @err if there is no such process. */
int proc_look(pid_t pid, struct proc *p, struct error *err);
bool proc_has_ended(const struct proc *p);
void proc_clocks(const struct proc *p, struct proc_clocks *clocks);
/* A quick look: has it a file, or a mapping, of that name? */
bool proc_may_have_segment(pid_t pid);
int proc_segment_open(const struct proc *p, struct proc_segment *seg, struct error *err);
void proc_segment_close(struct proc_segment *seg);
/* Does the process still have it? */
bool proc_segment_is_there(const struct proc *p, const struct proc_segment *seg);
/* Sees its mappings, as lines of /proc/PID/maps, until @see returns true; false: it never did. */
typedef bool (*see_fn)(void *arg, const char *range, const char *line);
bool proc_each_mapping(const struct proc *p, see_fn see, void *arg);
/* Our numbers of its threads by its own; false if those are the same. */
bool proc_tids(const struct proc *p, struct key_map *tids);

_Static_assert(KEY_MAP_NONE == WQ_SEG_NONE, "a key that is unknown is a reference to nothing");

#endif
