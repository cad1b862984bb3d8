/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - contract [3]: every column as data
 *
 * The lists of fields.def become one table for each kind of row. What prints,
 * sorts, filters or reads rows goes through these tables and knows no column
 * by itself. Presence is tested in field_value(), and only there.
 */
#ifndef WQKIT_FIELDS_H
#define WQKIT_FIELDS_H

#include <stdio.h>

#include "snapshot.h"

/* Field ids: their value is their bit in the row's `has`. */
enum workqueue_field {
#define WORKQUEUE(id, ...) WORKQUEUE_##id,
#include "fields.def"
	NR_WORKQUEUE_FIELDS
};
enum pwq_field {
#define PWQ(id, ...) PWQ_##id,
#include "fields.def"
	NR_PWQ_FIELDS
};
enum pool_field {
#define POOL(id, ...) POOL_##id,
#include "fields.def"
	NR_POOL_FIELDS
};
enum worker_field {
#define WORKER(id, ...) WORKER_##id,
#include "fields.def"
	NR_WORKER_FIELDS
};
enum work_field {
#define WORK(id, ...) WORK_##id,
#include "fields.def"
	NR_WORK_FIELDS
};
enum waiter_field {
#define WAITER(id, ...) WAITER_##id,
#include "fields.def"
	NR_WAITER_FIELDS
};
enum function_field {
#define FUNCTION(id, ...) FUNCTION_##id,
#include "fields.def"
	NR_FUNCTION_FIELDS
};
enum event_field {
#define EVENT(id, ...) EVENT_##id,
#include "fields.def"
	NR_EVENT_FIELDS
};
enum hog_field {
#define HOG(id, ...) HOG_##id,
#include "fields.def"
	NR_HOG_FIELDS
};
enum live_field {
#define LIVE(id, ...) LIVE_##id,
#include "fields.def"
	NR_LIVE_FIELDS
};
enum dump_field {
#define DUMP(id, ...) DUMP_##id,
#include "fields.def"
	NR_DUMP_FIELDS
};

/* What a value is, which decides how it is stored, printed and compared. */
enum unit {
	UNIT_STR,		/* const char * */
	UNIT_STACK,		/* const char *, a frame a line; an array in JSON */
	UNIT_COUNT,		/* uint64_t */
	UNIT_INT,		/* int64_t */
	UNIT_LIMIT,		/* int64_t; INT32_MAX, as the kernel has it, is no limit: "inf" */
	UNIT_USEC,		/* uint64_t, microseconds */
	UNIT_NSEC,		/* uint64_t or int64_t >= 0, nanoseconds */
	UNIT_NSEC_MIN,		/* uint64_t, a lower bound in nanoseconds: ">12s" */
	UNIT_MONO,		/* uint64_t, a moment of CLOCK_MONOTONIC */
	UNIT_HEX,		/* uint64_t, a number in JSON */
	UNIT_ADDR,		/* uint64_t, "0x..." in JSON */
	UNIT_BOOL,		/* bool */
	UNIT_RATE,		/* double, a second */
	UNIT_PERCENT,		/* double */
	UNIT_WQ_FLAGS,		/* uint64_t, a set; an array of names in JSON */
	UNIT_POOL_FLAGS,
	UNIT_CONSISTENCY,	/* uint64_t, one of a few names */
	UNIT_WORKER_STATE,
	UNIT_WORK_STATE,
	UNIT_WAITS_IN,
	UNIT_EVENT_TYPE,
};

enum use {
	USE_ALL,
	USE_TEXT,	/* never in JSON */
};

struct field {
	const char *key, *heading;
	int width;		/* columns; < 0 flush left, 0 the rest of the line */
	enum unit unit;
	size_t offset;
	enum use use;
	const char *help;
};

struct row_type {
	const char *array;	/* its name in JSON, and the command's */
	size_t size;
	const struct field *fields;
	int nr_fields;
	const char *columns;	/* keys of the default columns */
};

extern const struct row_type row_types[NR_ROW_KINDS];

struct value {
	bool known;
	enum unit unit;
	union {
		uint64_t u;
		int64_t i;
		double f;
		const char *s;
	};
};

struct value field_value(enum row_kind kind, int field, const void *row);

/* The field of @kind called @key (of length @n), or -1. */
int field_find(enum row_kind kind, const char *key, size_t n);

/* As text, "-" if unknown; returns the length, cut to fit @size. */
size_t value_text(const struct value *v, char *buf, size_t size);

/* A duration for people, at most 7 columns: 340ns 12.3us 1.05s 3m20s 5h12m 12d3h */
size_t duration_text(uint64_t ns, char *buf, size_t size);

/* <0, 0, >0; an unknown value comes after every known one. */
int value_compare(const struct value *a, const struct value *b);

/* Units whose first in order is the largest: numbers, but no names. */
bool unit_is_number(enum unit unit);

/* The names of a unit that is a set or a choice, NULL-terminated; or NULL. */
const char *const *unit_names(enum unit unit);
bool unit_is_set(enum unit unit);
/* The prefix of those names in JSON: a set's names are the kernel's. */
const char *set_prefix(enum unit unit, unsigned int bit);

/* The help of all fields of @kind, one line each. */
void fields_help(FILE *out, enum row_kind kind);

#endif
