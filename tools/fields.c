/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include <inttypes.h>
#include <string.h>

#include "util.h"

#define F(type, key, heading, width, unit, member, use, help) \
	{ key, heading, width, UNIT_##unit, offsetof(struct type, member), USE_##use, help },

static const struct field workqueue_fields[] = {
#define WORKQUEUE(id, ...) F(workqueue, __VA_ARGS__)
#include "fields.def"
};
static const struct field pwq_fields[] = {
#define PWQ(id, ...) F(pwq, __VA_ARGS__)
#include "fields.def"
};
static const struct field pool_fields[] = {
#define POOL(id, ...) F(pool, __VA_ARGS__)
#include "fields.def"
};
static const struct field worker_fields[] = {
#define WORKER(id, ...) F(worker, __VA_ARGS__)
#include "fields.def"
};
static const struct field work_fields[] = {
#define WORK(id, ...) F(work, __VA_ARGS__)
#include "fields.def"
};
static const struct field waiter_fields[] = {
#define WAITER(id, ...) F(waiter, __VA_ARGS__)
#include "fields.def"
};
static const struct field function_fields[] = {
#define FUNCTION(id, ...) F(function, __VA_ARGS__)
#include "fields.def"
};
static const struct field event_fields[] = {
#define EVENT(id, ...) F(event, __VA_ARGS__)
#include "fields.def"
};
static const struct field hog_fields[] = {
#define HOG(id, ...) F(hog, __VA_ARGS__)
#include "fields.def"
};
static const struct field live_fields[] = {
#define LIVE(id, ...) F(live, __VA_ARGS__)
#include "fields.def"
};
static const struct field dump_fields[] = {
#define DUMP(id, ...) F(dump, __VA_ARGS__)
#include "fields.def"
};

_Static_assert(NR_WORKQUEUE_FIELDS <= 64 && NR_PWQ_FIELDS <= 64 && NR_FUNCTION_FIELDS <= 64,
	       "a row's fields must fit the bits of `has`");

#define TYPE(array, type, columns) \
	{ array, sizeof(struct type), type##_fields, (int)ARRAY_SIZE(type##_fields), columns }

const struct row_type row_types[NR_ROW_KINDS] = {
	[ROW_WORKQUEUE] = TYPE("workqueues", workqueue,
			       "name,active,total,max,in_flight,pending,inactive,started,flags"),
	[ROW_PWQ] = TYPE("pwqs", pwq,
			 "workqueue,pool,cpu,nr_active,running,scheduled,pending,inactive,refcnt,started"),
	[ROW_POOL] = TYPE("pools", pool,
			  "id,cpus,node,nice,workers,idle,busy,nr_running,worklist,hung_ns,manager_pid,"
			  "consistency,flags"),
	[ROW_WORKER] = TYPE("workers", worker,
			    "pid,comm,pool,cpu,state,age_ns,workqueue,function"),
	[ROW_WORK] = TYPE("works", work,
			  "state,age_ns,due_in_ns,pool,worker_pid,workqueue,function"),
	[ROW_WAITER] = TYPE("waiters", waiter, "pid,comm,waits_in,age_ns,workqueue,function"),
	[ROW_FUNCTION] = TYPE("functions", function,
			      "function,workqueue,queued,started,ended,wait_p50_ns,wait_p99_ns,"
			      "run_p50_ns,run_p99_ns,run_max_ns"),
	[ROW_EVENT] = TYPE("events", event, "mono_ns,cpu,pid,comm,event,work,workqueue,function"),
	[ROW_HOG] = TYPE("hogs", hog, "times,threshold_ns,lines,function"),
	[ROW_LIVE] = TYPE("sources", live, "kind,pid,name,host,readable,why_not"),
	[ROW_DUMP] = TYPE("dumps", dump,
			  "dump,line,time,cause,workqueues,pools,running,pending,inactive,hung_ns"),
};

static const char *const consistency_names[] = { "exact", "consistent", "retried", "incomplete",
						 NULL };
static const char *const worker_state_names[] = { "idle", "busy", "manager", "rescuer", NULL };
static const char *const work_state_names[] = { "running", "scheduled", "pending", "inactive",
						"delayed", NULL };
static const char *const event_type_names[] = {
	"workqueue_queue_work", "workqueue_activate_work", "workqueue_execute_start",
	"workqueue_execute_end", NULL
};
static const char *const waits_in_names[] = { "flush_work", "flush_workqueue", NULL };

const char *const *unit_names(enum unit unit)
{
	switch (unit) {
	case UNIT_WQ_FLAGS: return wq_flag_names;
	case UNIT_POOL_FLAGS: return pool_flag_names;
	case UNIT_CONSISTENCY: return consistency_names;
	case UNIT_WORKER_STATE: return worker_state_names;
	case UNIT_WORK_STATE: return work_state_names;
	case UNIT_WAITS_IN: return waits_in_names;
	case UNIT_EVENT_TYPE: return event_type_names;
	default: return NULL;
	}
}

bool unit_is_set(enum unit unit)
{
	return unit == UNIT_WQ_FLAGS || unit == UNIT_POOL_FLAGS;
}

const char *set_prefix(enum unit unit, unsigned int bit)
{
	if (unit == UNIT_POOL_FLAGS)
		return "POOL_";
	return bit >= WQ_DESTROYING_BIT ? "__WQ_" : "WQ_";
}

bool unit_is_number(enum unit unit)
{
	return unit != UNIT_STR && unit != UNIT_STACK && !unit_names(unit);
}

struct value field_value(enum row_kind kind, int field, const void *row)
{
	const struct field *f = &row_types[kind].fields[field];
	const char *at = (const char *)row + f->offset;
	struct value v = { .known = known(*(const uint64_t *)row, (unsigned int)field),
			   .unit = f->unit };

	if (!v.known)
		return v;
	switch (f->unit) {
	case UNIT_STR:
	case UNIT_STACK:
		v.s = *(const char *const *)at;
		break;
	case UNIT_BOOL:
		v.u = *(const bool *)at;
		break;
	case UNIT_RATE:
	case UNIT_PERCENT:
		v.f = *(const double *)at;
		break;
	default:
		memcpy(&v.u, at, sizeof(v.u));
	}
	return v;
}

int field_find(enum row_kind kind, const char *key, size_t n)
{
	const struct row_type *t = &row_types[kind];

	for (int i = 0; i < t->nr_fields; i++)
		if (strlen(t->fields[i].key) == n && !strncmp(t->fields[i].key, key, n))
			return i;
	return -1;
}

static size_t fitted(int len, size_t size)
{
	return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

/* Three digits, as many of them behind the point as fit. */
static size_t scaled_text(double value, const char *unit, char *buf, size_t size)
{
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	return fitted(snprintf(buf, size, "%.*f%s", decimals, value, unit), size);
}

/* 3m20s, 5h12m, 12d3h */
static size_t long_text(uint64_t s, char *buf, size_t size)
{
	if (s < 3600)
		return fitted(snprintf(buf, size, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60), size);
	if (s < 86400)
		return fitted(snprintf(buf, size, "%" PRIu64 "h%02" PRIu64 "m", s / 3600,
				       s % 3600 / 60), size);
	return fitted(snprintf(buf, size, "%" PRIu64 "d%" PRIu64 "h", s / 86400, s % 86400 / 3600),
		      size);
}

size_t duration_text(uint64_t ns, char *buf, size_t size)
{
	double t = (double)ns;

	if (ns == 0)
		return fitted(snprintf(buf, size, "0"), size);
	if (ns < 1000)
		return fitted(snprintf(buf, size, "%" PRIu64 "ns", ns), size);
	if (t < 999.5e3)
		return scaled_text(t / 1e3, "us", buf, size);
	if (t < 999.5e6)
		return scaled_text(t / 1e6, "ms", buf, size);
	if (t < 59.95e9)
		return scaled_text(t / 1e9, "s", buf, size);
	return long_text((ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC, buf, size);
}

static size_t set_text(const struct value *v, char *buf, size_t size)
{
	const char *const *names = unit_names(v->unit);
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int bit = 0; names[bit]; bit++)
		if (v->u & FLAG_MASK(bit))
			len += fitted(snprintf(buf + len, size - len, "%s%s%s", len ? "|" : "",
					       bit >= WQ_DESTROYING_BIT &&
					       v->unit == UNIT_WQ_FLAGS ? "__" : "",
					       names[bit]), size - len);
	if (!len)
		return fitted(snprintf(buf, size, "0"), size);
	return len;
}

/* The frames in one line: inner < outer */
static size_t stack_text(const char *stack, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	while (*stack && len + 1 < size) {
		int n = (int)strcspn(stack, "\n");

		len += fitted(snprintf(buf + len, size - len, "%s%.*s", len ? " < " : "", n, stack),
			      size - len);
		stack += n + (stack[n] == '\n');
	}
	return len;
}

static size_t known_text(const struct value *v, char *buf, size_t size)
{
	size_t len = 0;

	switch (v->unit) {
	case UNIT_STR:
		return fitted(snprintf(buf, size, "%s", v->s), size);
	case UNIT_STACK:
		return stack_text(v->s, buf, size);
	case UNIT_COUNT:
		return fitted(snprintf(buf, size, "%" PRIu64, v->u), size);
	case UNIT_LIMIT:
		if (v->i == INT32_MAX)
			return fitted(snprintf(buf, size, "inf"), size);
		/* fall through */
	case UNIT_INT:
		return fitted(snprintf(buf, size, "%" PRId64, v->i), size);
	case UNIT_USEC:
		return duration_text(v->u * 1000, buf, size);
	case UNIT_NSEC_MIN:
		buf[len++] = '>';
		return len + duration_text(v->u, buf + len, size - len);
	case UNIT_NSEC:
		return duration_text(v->u, buf, size);
	case UNIT_MONO:
		return fitted(snprintf(buf, size, "%" PRIu64 ".%06" PRIu64, v->u / NSEC_PER_SEC,
				       v->u % NSEC_PER_SEC / 1000), size);
	case UNIT_HEX:
	case UNIT_ADDR:
		return fitted(snprintf(buf, size, "0x%" PRIx64, v->u), size);
	case UNIT_BOOL:
		return fitted(snprintf(buf, size, "%s", v->u ? "yes" : "no"), size);
	case UNIT_RATE:
		return fitted(snprintf(buf, size, "%.*f", v->f < 10 ? 1 : 0, v->f), size);
	case UNIT_PERCENT:
		return fitted(snprintf(buf, size, "%.1f", v->f), size);
	case UNIT_WQ_FLAGS:
	case UNIT_POOL_FLAGS:
		return set_text(v, buf, size);
	default:
		return fitted(snprintf(buf, size, "%s", unit_names(v->unit)[v->u]), size);
	}
}

size_t value_text(const struct value *v, char *buf, size_t size)
{
	if (!v->known)
		return fitted(snprintf(buf, size, "-"), size);
	return known_text(v, buf, size);
}

int value_compare(const struct value *a, const struct value *b)
{
	if (!a->known || !b->known)
		return b->known - a->known;
	switch (a->unit) {
	case UNIT_STR:
	case UNIT_STACK:
		return strcmp(a->s, b->s);
	case UNIT_INT:
	case UNIT_LIMIT:
		return a->i < b->i ? -1 : a->i > b->i;
	case UNIT_RATE:
	case UNIT_PERCENT:
		return a->f < b->f ? -1 : a->f > b->f;
	default:
		return a->u < b->u ? -1 : a->u > b->u;
	}
}

void fields_help(FILE *out, enum row_kind kind)
{
	const struct row_type *t = &row_types[kind];

	fprintf(out, "%s:\n", t->array);
	for (int i = 0; i < t->nr_fields; i++)
		fprintf(out, "  %-22s %-10s %s%s\n", t->fields[i].key, t->fields[i].heading,
			t->fields[i].help, t->fields[i].use == USE_TEXT ? " (not in JSON)" : "");
}
