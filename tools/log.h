/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - kernel logs, from bytes to rows; private to source_dmesg.c and its parts
 *
 *	log_lines.c	bytes > lines; skips what is of no interest; log_prefix.c: what
 *			dmesg, journalctl, syslog, netconsole and people put before them
 *	log_grammar.c	which production of the kernel's grammar a line is
 *	log_scan.c	lines > records: the lines of one dump, each once
 *	log_dump.c	a record > a snapshot; log_trace.c: the call traces in it
 *
 * A log comes from anybody. Memory is bounded whatever it holds: a record has
 * at most MAX_RECORD_BYTES of text, and a log is never held as a whole.
 */
#ifndef WQKIT_LOG_H
#define WQKIT_LOG_H

#include "input.h"
#include "snapshot.h"
#include "util.h"

/* A line without its prefix, and what the prefix told. Points into the reader. */
struct log_line {
	const char *text;
	size_t len;
	uint64_t nr;		/* counted from 1 */
	const char *stamp;	/* the time stamp as it is written, or NULL */
	size_t stamp_len;
	bool has_mono;
	uint64_t mono_ns;	/* the kernel's own stamp */
	int64_t real_ns;	/* a date with a zone; 0: unknown */
	const char *host;
	size_t host_len;
	bool glue;		/* goes on where the line before was cut (netconsole) */
	bool unterminated;	/* the log ends in it */
};

/* Fills all but nr and unterminated from the line as it stands in the log. */
void log_prefix(const char *raw, size_t len, struct log_line *line);

struct log_reader;
struct log_reader *reader_open(struct input *in);	/* takes @in over */
bool reader_next(struct log_reader *r, struct log_line *line);
/* Goes on to a few lines before the next one that might be of interest. */
bool reader_skip(struct log_reader *r, bool in_dump);
/* Why reading ended before the end; NULL: it did not. */
const char *reader_error(const struct log_reader *r);
void reader_close(struct log_reader *r);

/* --- grammar --- */

enum log_class {
	LOG_OTHER,
	LOG_BANNER,	/* Linux version */
	LOG_SYSRQ,	/* sysrq: Show State */
	LOG_LOCKUP,	/* BUG: workqueue lockup */
	LOG_BUSY,	/* Showing busy workqueues and worker pools: */
	LOG_FREEZABLE,	/* Showing freezable workqueues that are still busy: */
	LOG_DESTROY,	/* destroy_workqueue: NAME has the following busy pwq */
	LOG_WORKQUEUE,
	LOG_PWQ,
	LOG_IN_FLIGHT,
	LOG_PENDING,
	LOG_INACTIVE,	/* or delayed */
	LOG_POOL,
	LOG_TRACES,	/* Showing backtraces of ... */
	LOG_TASK,	/* task:NAME state:... */
	LOG_CPU,	/* CPU: N PID: N Comm: NAME */
	LOG_TRACE_WQ,	/* Workqueue: NAME FUNCTION */
	LOG_FRAME,
	LOG_HOG,	/* ... hogged CPU for ... */
	LOG_CONT,	/* goes on from the line before */
};

/* What the line at @text begins; with @search behind an unknown prefix, too: then @text moves. */
enum log_class log_classify(const char **text, size_t *len, bool search);

/* May @line go on from a production of class @cls whose text so far is @text? */
bool log_continues(enum log_class cls, const char *text, size_t len, const struct log_line *line);

/* Is all behind the colon of a list (in-flight, pending, ...) parts of one? */
bool log_is_list(const char *text, size_t len, bool in_flight);

/* Is a blank needed between the two when they are joined? */
bool log_needs_blank(enum log_class cls, const char *text, size_t len, const char *more,
		     size_t more_len);

/* A name: identifier, number behind 0x, or what a compiler makes of it. */
size_t log_name(const char *text, size_t len);

/* A module behind it: [name]. Both tell a length, or 0. */
size_t log_module(const char *text, size_t len);

/* "hogged CPU" lines, which may be wrapped; false if @text is not all of it. */
bool log_hog(const char *text, size_t len, const char **function, size_t *n,
	     uint64_t *threshold_ns, uint64_t *times);

/* The number at *@p, decimal or (0x) hexadecimal; false if none or too large. */
bool log_number(const char **p, const char *end, uint64_t *value);
bool log_starts(const char *text, size_t len, const char *word);
/* Where @word is in @text, or NULL. */
const char *log_find(const char *text, size_t len, const char *word);

/* --- records --- */

#define MAX_RECORD_BYTES ((size_t)6 << 20)
#define MAX_RECORD_LINES ((size_t)80000)

struct log_entry {
	uint32_t off, len;
	uint64_t nr;
	uint64_t key;		/* its time stamp; 0: none */
	uint64_t mono_ns;
	int64_t real_ns;
	uint8_t cls;
	bool has_mono, glue, unterminated;
	uint8_t stamp_len;	/* the stamp stands behind the text */
};

struct log_record {
	struct log_entry *entries;
	size_t nr, room;
	char *text;
	size_t len, text_room;
	bool has_dump;		/* not only backtraces */
	bool has_worker;	/* a backtrace of a worker */
	bool cut;		/* too long: the rest was left out */
	uint64_t cut_line;
	uint64_t repeats_line, repeated_line;	/* without time stamps; 0: none */
	const char *cause;
	char *release;		/* from the banner before it, or NULL */
	uint64_t number;
};

struct log_hogs {
	struct hog_count {
		char *function;
		uint64_t threshold_ns, times, before, lines, last_key, last_mono_ns;
		bool has_mono;
	} *list;
	size_t nr, room;
	uint64_t left_out;
};

struct log_scan;
struct log_scan *scan_open(struct input *in);	/* takes @in over */
/* The next record, which the caller frees; NULL at the end. */
struct log_record *scan_next(struct log_scan *s);
const struct log_hogs *scan_hogs(const struct log_scan *s);
const char *scan_host(const struct log_scan *s);
uint64_t scan_lines(const struct log_scan *s);
const char *scan_error(const struct log_scan *s);
void scan_close(struct log_scan *s);
void record_free(struct log_record *r);

static inline const char *entry_text(const struct log_record *r, const struct log_entry *e)
{
	return r->text + e->off;
}

/* --- rows --- */

/* Fills the fresh snapshot @s, warnings included. False if its release has another grammar. */
bool dump_parse(const struct log_record *r, struct snapshot *s);

/* A small hash from number to number; 0 is no value. */
struct log_map {
	uint64_t *keys;
	size_t *values;
	size_t nr, room;
};

size_t map_get(const struct log_map *m, uint64_t key);
size_t *map_at(struct log_map *m, uint64_t key);	/* added, to be set by the caller */
void map_free(struct log_map *m);
uint64_t log_hash(const char *text, size_t len);

/* What log_dump.c and log_trace.c share while a record is read. */
struct dump_parser {
	struct snapshot *s;
	const struct log_record *rec;
	uint64_t line;			/* being read, for warnings */
	struct log_map workers;		/* pid > row + 1 */
	struct log_map running;		/* pid > row + 1 of the work that it executes */
	int64_t trace_pool;		/* of the backtraces that follow; -1: unknown */
	/* the trace being read */
	bool in_trace, has_function;
	int64_t trace_pid;
	const char *trace_comm, *trace_wq, *trace_function, *trace_desc;
	char *frames;
	size_t frames_len, frames_room;
	const char *release;		/* as a backtrace names it */
};

void trace_task(struct dump_parser *p, const char *text, size_t len);
void trace_cpu(struct dump_parser *p, const char *text, size_t len);
void trace_workqueue(struct dump_parser *p, const char *text, size_t len);
void trace_frame(struct dump_parser *p, const char *text, size_t len);
void trace_end(struct dump_parser *p);

#endif
