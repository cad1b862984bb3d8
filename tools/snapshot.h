/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - contract [2]: what a source fills and every screen reads
 *
 * One snapshot is one picture of one world: the running kernel, a process on
 * libwq, a file. It holds plain values in tables of rows, and owns every byte
 * that it points to. Rows refer to each other by index.
 *
 * Unknown is not zero: each row starts with the word `has`, whose bit N says
 * that field N of the row's list in fields.def is known. A source sets a value
 * and its bit; nobody reads a value whose bit is clear. The fields' keys,
 * headings, units and meanings are in fields.def and nowhere else.
 */
#ifndef WQKIT_SNAPSHOT_H
#define WQKIT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of rows, in the order of the arrays of `show -j`. */
enum row_kind {
	ROW_WORKQUEUE,
	ROW_PWQ,
	ROW_POOL,
	ROW_WORKER,
	ROW_WORK,
	ROW_WAITER,
	ROW_FUNCTION,
	ROW_EVENT,
	ROW_HOG,
	ROW_DUMP,
	ROW_LIVE,
	NR_ROW_KINDS,
	NR_SHOW_KINDS = ROW_WAITER + 1,	/* what `show` holds */
};

/* How far a picture can be trusted, best first. */
enum consistency {
	EXACT,		/* taken where nothing could move */
	CONSISTENT,	/* no tear seen */
	RETRIED,	/* a tear was seen, and a later pass saw none */
	INCOMPLETE,	/* something is missing, or could not be verified */
	NR_CONSISTENCIES,
};

/* The kernel's names and order (enum pool_workqueue_stats). */
enum wq_stat {
	STAT_STARTED,
	STAT_COMPLETED,
	STAT_CPU_TIME,
	STAT_CPU_INTENSIVE,
	STAT_CM_WAKEUP,
	STAT_REPATRIATED,
	STAT_MAYDAY,
	STAT_RESCUED,
	NR_WQ_STATS,
};

/* Flags by the kernel's names: our own numbering, as the kernel's moves. */
#define FLAG(word, name) word##_##name##_BIT,
enum wq_flag_bit {
#define WQ_FLAG(name) FLAG(WQ, name)
#include "flags.def"
	NR_WQ_FLAGS
};
enum pool_flag_bit {
#define POOL_FLAG(name) FLAG(POOL, name)
#include "flags.def"
	NR_POOL_FLAGS
};
#undef FLAG
#define FLAG_MASK(bit) (1u << (bit))

extern const char *const wq_flag_names[NR_WQ_FLAGS + 1];
extern const char *const pool_flag_names[NR_POOL_FLAGS + 1];

enum worker_state { WORKER_IDLE, WORKER_BUSY, WORKER_MANAGER, WORKER_RESCUER, NR_WORKER_STATES };
enum work_state {
	WORK_RUNNING,
	WORK_SCHEDULED,
	WORK_PENDING,
	WORK_INACTIVE,
	WORK_DELAYED,
	NR_WORK_STATES
};
enum event_type { EVENT_QUEUE, EVENT_ACTIVATE, EVENT_START, EVENT_END, NR_EVENT_TYPES };
enum waits_in { WAITS_FLUSH_WORK, WAITS_FLUSH_WORKQUEUE, NR_WAITS_IN };

struct workqueue {
	uint64_t has;
	const char *id, *name;
	uint64_t flags;			/* FLAG_MASK(WQ_..._BIT) */
	uint64_t flags_raw;		/* as the kernel has them */
	int64_t max_active, min_active, nice;
	const char *cpumask, *affinity_scope;
	bool ordered;
	int64_t rescuer_pid;
	uint64_t active, total, max, in_flight;
	uint64_t running, scheduled, pending, inactive, nr_active;
	uint64_t stat[NR_WQ_STATS];
	/* from two snapshots, or from the works: see delta.c, summary.c */
	double started_rate, completed_rate, cpu_rate;
	const char *oldest_function;
	uint64_t oldest_age_ns, oldest_age_min_ns;
};

struct pwq {
	uint64_t has;
	const char *id, *workqueue, *workqueue_id;
	int64_t pool, cpu;
	uint64_t nr_active;
	int64_t max_active;
	uint64_t running, scheduled, pending, inactive;
	int64_t refcnt;
	bool on_mayday;
	uint64_t stat[NR_WQ_STATS];
	int wq;				/* index into workqueues, or -1 */
	int pool_row;			/* index into pools, or -1 */
};

struct pool {
	uint64_t has;
	int64_t id, cpu, node, nice;
	const char *cpus;
	uint64_t flags;			/* FLAG_MASK(POOL_..._BIT) */
	uint64_t workers, idle, busy;
	int64_t nr_running, manager_pid;
	uint64_t worklist;		/* works on its list, barriers not counted */
	uint64_t hung_ns;
	uint64_t consistency;		/* enum consistency */
	uint64_t flags_raw;
	int64_t refcnt;
};

struct worker {
	uint64_t has;
	int64_t pid;
	const char *comm, *desc;
	int64_t pool, cpu;
	uint64_t state;			/* enum worker_state */
	const char *function, *workqueue, *workqueue_id;
	uint64_t age_ns, age_min_ns;
	uint64_t work;			/* address of what it runs; 0: unknown */
	uint64_t run_mark;		/* changes whenever it begins a work or wakes; 0: unknown */
	const char *stack;		/* its call trace, a frame a line */
	uint64_t first_seen_ns;		/* mono: by delta.c */
	int wq, pool_row;
};

struct work {
	uint64_t has;
	uint64_t address;
	const char *function, *workqueue, *workqueue_id, *pwq_id;
	int64_t pool;
	uint64_t state;			/* enum work_state */
	uint64_t age_ns, age_min_ns;
	int64_t due_in_ns;
	int64_t worker_pid;
	const char *stack;		/* of that worker, a frame a line */
	uint64_t first_seen_ns;		/* mono: by delta.c */
	int wq, pool_row;
};

struct waiter {
	uint64_t has;
	int64_t pid;
	const char *comm;
	uint64_t waits_in;		/* enum waits_in */
	const char *function, *workqueue, *workqueue_id;
	uint64_t age_ns, age_min_ns;
	/* the work that it waits for */
	int64_t pool;
	uint64_t work;			/* address */
	uint64_t work_state;		/* enum work_state */
	int64_t worker_pid;
	size_t work_nr;			/* its row + 1, where the source knows; or 0 */
	uint64_t first_seen_ns;		/* mono: by delta.c */
	int wq;
};

/* A distribution of times, as the screens show it. */
struct latency {
	uint64_t count, p50_ns, p95_ns, p99_ns, max_ns;
};

struct function {
	uint64_t has;
	const char *function, *workqueue, *workqueue_id;
	uint64_t queued, started, ended;
	struct latency throttle, wait, run;
	uint64_t run_max_at_mono_ns, running_since_mono_ns, cpu_ns;
	double started_rate;
	int wq;
};

/* One event of a trace. */
struct event {
	uint64_t has;
	uint64_t mono_ns;
	int64_t cpu, pid;
	const char *comm;
	uint64_t event;			/* enum event_type */
	uint64_t work;
	const char *function, *workqueue;
	int64_t pool;
	int64_t req_cpu, pool_cpu;	/* of a work that is queued */
};

/* A function that the kernel reported for keeping a CPU ("hogged CPU" lines). */
struct hog {
	uint64_t has;
	const char *function;
	uint64_t threshold_ns, times, lines;
	uint64_t last_mono_ns;
};

/* What a file holds: one picture of a recording, one dump of a log. */
struct dump {
	uint64_t has;
	uint64_t number, line;
	const char *time, *cause, *release;
	uint64_t mono_ns;
	uint64_t workqueues, pools, running, scheduled, pending, inactive, waiters;
	uint64_t hung_ns;
};

/* A live source: what `list` shows without a file. */
struct live {
	uint64_t has;
	const char *kind;		/* kernel, process */
	int64_t pid;
	const char *name, *host;
	bool readable;
	const char *why_not;		/* why it cannot be read, and what to do */
};

/* Where a snapshot comes from. Strings are NULL when unknown. */
enum source_kind { SOURCE_KERNEL, SOURCE_PROCESS, SOURCE_FILE, SOURCE_LOG, NR_SOURCE_KINDS };

struct source_info {
	enum source_kind kind;
	const char *release;		/* of the kernel */
	const char *host;
	const char *file;		/* a file's name */
	const char *walker;		/* direct, probe: how the kernel was read */
	int64_t nr_cpus;		/* 0: unknown */
	uint64_t walk_ns;		/* time spent inside the kernel; 0: unknown */
	uint64_t calls, longest_call_ns;	/* of the walk, the longest of them; 0: unknown */
	uint64_t root_ns;		/* of which the search for the first workqueue */
	uint64_t retries;		/* lists that were read again */
	/* of a process: */
	int64_t pid;
	const char *program, *library;	/* its name, its version of libwq */
	const char *mechanism;		/* what tells it that a worker has blocked */
	/* of a log: */
	const char *generation;		/* releases that print such a dump */
	bool says_inactive;		/* before 5.15 too: it was back-ported to 5.10.y */
	const char *cause;		/* why the kernel printed it */
	uint64_t dump, line;		/* its number, its first line; 0: unknown */
};

/* What was counted between two moments, where events are counted. */
struct interval {
	bool known;
	uint64_t from_mono_ns, to_mono_ns;
	uint64_t lost, unmatched;
	uint64_t events;		/* that were counted */
	double event_ns;		/* what one costs the kernel; 0: unknown */
};

struct row_table {
	void *rows;
	size_t nr, room;
	bool present;		/* this source gives such rows, if only none */
};

struct snapshot {
	struct source_info source;
	int64_t time_ns;		/* CLOCK_REALTIME */
	uint64_t mono_ns;		/* CLOCK_MONOTONIC; 0: unknown */
	enum consistency consistency;	/* the worst of its rows */
	struct interval interval;
	struct row_table table[NR_ROW_KINDS];
	uint64_t left_out[NR_ROW_KINDS];
	const char *hint;		/* why something is unknown, for people; or NULL */
	const char **warnings;		/* what was wrong with the source, and where */
	size_t nr_warnings, room_warnings;
	struct arena_block *arena;
};

/* --- life --- */

void snapshot_init(struct snapshot *s);
void snapshot_free(struct snapshot *s);

/* Add a zeroed row of @kind; the pointer is good until the next call for that
 * kind. Memory is never short: the program ends with a message instead. */
void *snapshot_add(struct snapshot *s, enum row_kind kind);

/* Strings owned by the snapshot. */
const char *snapshot_str(struct snapshot *s, const char *str);
const char *snapshot_strn(struct snapshot *s, const char *str, size_t n);
/* Lines that printable() has seen one by one: newlines stay. */
const char *snapshot_lines(struct snapshot *s, const char *lines);
const char *snapshot_fmt(struct snapshot *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds a warning; the first ones are kept, and how many there are more. */
void snapshot_warn(struct snapshot *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * To be called once all rows are there: finds the indices from ids and pool
 * numbers, and the worst consistency.
 */
void snapshot_link(struct snapshot *s);

/* Whom a worker serves: the pwq of its work, or else whom it rescues; either may be NULL. */
void snapshot_worker_queue(struct worker *w, const struct pwq *q, const struct workqueue *rescues);

/* --- rows --- */

static inline size_t nr_rows(const struct snapshot *s, enum row_kind kind)
{
	return s->table[kind].nr;
}

void *snapshot_row(const struct snapshot *s, enum row_kind kind, size_t index);

/* for_each_row(s, ROW_POOL, struct pool, p) */
#define for_each_row(s, kind, type, row) \
	for (type *row = (s)->table[kind].rows; \
	     row && row < (type *)(s)->table[kind].rows + (s)->table[kind].nr; row++)

/* The workqueue a row belongs to, or NULL. */
static inline struct workqueue *wq_of(const struct snapshot *s, int index)
{
	return index < 0 ? NULL : snapshot_row(s, ROW_WORKQUEUE, (size_t)index);
}

/* know(&w->has, WORKQUEUE_STARTED): field N of a row is known. */
static inline void know(uint64_t *has, unsigned int field)
{
	*has |= UINT64_C(1) << field;
}

static inline void forget(uint64_t *has, unsigned int field)
{
	*has &= ~(UINT64_C(1) << field);
}

static inline bool known(uint64_t has, unsigned int field)
{
	return has >> field & 1;
}

#endif
