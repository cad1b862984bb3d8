/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log_rows.h - between log_dump.c, which reads a record, and log_rows.c, which adds its rows */
#ifndef WQKIT_LOG_ROWS_H
#define WQKIT_LOG_ROWS_H

#include "log.h"

/* Releases in which the grammar changed. */
enum release { REL_ANY, REL_5_15, REL_6_3, REL_6_9, REL_7_0, REL_7_1 };

struct pool_facts {
	bool serves_percpu;	/* a per-CPU workqueue */
	bool executes;		/* works, by workers of its own */
	bool has_line;
};

struct dump_reader {
	struct dump_parser p;
	enum release since, until;	/* what the grammar says about the kernel */
	bool is_whole;			/* a dump of all that is busy */
	bool has_header, in_traces;
	bool damaged, cut_begin, cut_end;
	uint64_t last_dump_line;

	int wq;				/* the current rows, or -1 */
	int pwq;
	const char *wq_name, *wq_id;
	uint64_t pwq_line;
	bool has_list;			/* the current pwq has a list of works */
	int destroyed_wq;		/* named by destroy_workqueue(), or -1 */

	struct log_map pools;		/* id > row + 1 */
	struct log_map names;		/* hash of a workqueue's name > how many so far */
	struct log_map pwqs;		/* workqueue and pool > how many so far */
	struct pool_facts *pool_facts;	/* by row */
	size_t nr_pool_facts, pool_facts_room;
	struct pool *lockups;
	size_t nr_lockups, lockups_room;
	char *joined;
	size_t joined_room;
};

void dump_since(struct dump_reader *d, enum release release);
void dump_until(struct dump_reader *d, enum release release);
void dump_warn_text(struct dump_reader *d, const char *text, size_t len);

/* One production each; @text is all of it. */
void dump_destroy(struct dump_reader *d, const char *text, size_t len);
void dump_lockup(struct dump_reader *d, const char *text, size_t len);
void dump_workqueue(struct dump_reader *d, const char *text, size_t len);
void dump_pwq(struct dump_reader *d, const char *text, size_t len);
void dump_pool(struct dump_reader *d, const char *text, size_t len);
void dump_list(struct dump_reader *d, enum log_class cls, const char *text, size_t len);
/* The current pwq has no more lines. */
void dump_end_pwq(struct dump_reader *d);

/* A row of @kind, or NULL if there are too many: then it is counted as left out. */
void *dump_row(struct dump_reader *d, enum row_kind kind);
struct pool_facts *dump_pool_facts(struct dump_reader *d, size_t row);

#endif
