/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out.h"
#include "out_json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCHEMA "wqkit/1.0"

static const char *const source_kinds[] = { "kernel", "process", "file", "log" };

json_object *json_string_or_null(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

static json_object *hex_string(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_object_new_string(text);
}

static json_object *set_array(const struct value *v)
{
	const char *const *names = unit_names(v->unit);
	json_object *array = json_object_new_array();
	char text[64];

	for (unsigned int bit = 0; names[bit]; bit++) {
		if (!(v->u & FLAG_MASK(bit)))
			continue;
		snprintf(text, sizeof(text), "%s%s", set_prefix(v->unit, bit), names[bit]);
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static json_object *stack_array(const char *stack)
{
	json_object *array = json_object_new_array();

	while (*stack) {
		int n = (int)strcspn(stack, "\n");

		json_object_array_add(array, json_object_new_string_len(stack, n));
		stack += n + (stack[n] == '\n');
	}
	return array;
}

static json_object *json_value(const struct value *v)
{
	if (!v->known)
		return NULL;
	switch (v->unit) {
	case UNIT_STR:
		return json_object_new_string(v->s);
	case UNIT_STACK:
		return stack_array(v->s);
	case UNIT_INT:
	case UNIT_LIMIT:
		return json_object_new_int64(v->i);
	case UNIT_BOOL:
		return json_object_new_boolean(v->u != 0);
	case UNIT_ADDR:
		return hex_string(v->u);
	case UNIT_RATE:
	case UNIT_PERCENT:
		return json_object_new_double(v->f);
	default:
		break;
	}
	if (unit_is_set(v->unit))
		return set_array(v);
	if (unit_names(v->unit))
		return json_object_new_string(unit_names(v->unit)[v->u]);
	return json_object_new_uint64(v->u);
}

static json_object *json_row(enum row_kind kind, const void *row)
{
	const struct row_type *t = &row_types[kind];
	json_object *o = json_object_new_object();

	for (int i = 0; i < t->nr_fields; i++) {
		struct value v = field_value(kind, i, row);

		if (t->fields[i].use == USE_ALL)
			json_object_object_add_ex(o, t->fields[i].key, json_value(&v),
						  JSON_C_OBJECT_ADD_KEY_IS_NEW |
						  JSON_C_OBJECT_ADD_CONSTANT_KEY);
	}
	return o;
}

static json_object *json_array(const struct snapshot *s, enum row_kind kind,
			       const struct filters *f, const struct view *order)
{
	struct view v = { .kind = kind, .sort = -1 };
	json_object *array = json_object_new_array();
	const void **rows;
	size_t nr;

	if (order && order->kind == kind)
		v = *order;
	rows = view_rows(&v, f, s, &nr);
	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, json_row(kind, rows[i]));
	free(rows);
	return array;
}

static json_object *rfc3339(int64_t ns)
{
	time_t sec = (time_t)(ns / (int64_t)NSEC_PER_SEC);
	struct tm tm;
	char day[32], text[64];

	if (!ns)
		return NULL;
	gmtime_r(&sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06" PRId64 "Z", day, ns % (int64_t)NSEC_PER_SEC / 1000);
	return json_object_new_string(text);
}

/* What only a log has: which of its dumps this is. */
static void add_log_info(json_object *o, const struct source_info *i)
{
	json_object_object_add(o, "generation", json_string_or_null(i->generation));
	json_object_object_add(o, "cause", json_string_or_null(i->cause));
	json_object_object_add(o, "dump", i->dump ? json_object_new_uint64(i->dump) : NULL);
	json_object_object_add(o, "line", i->line ? json_object_new_uint64(i->line) : NULL);
}

/* Unknown where nothing was walked. */
static json_object *of_a_walk(const struct source_info *i, uint64_t number)
{
	return i->walk_ns ? json_object_new_uint64(number) : NULL;
}

/* What only a program on libwq has. */
static void add_process_info(json_object *o, const struct source_info *i)
{
	json_object_object_add(o, "pid", i->pid ? json_object_new_int64(i->pid) : NULL);
	json_object_object_add(o, "program", json_string_or_null(i->program));
	json_object_object_add(o, "library", json_string_or_null(i->library));
	json_object_object_add(o, "mechanism", json_string_or_null(i->mechanism));
}

static json_object *json_source(const struct source_info *i)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "kind", json_object_new_string(source_kinds[i->kind]));
	json_object_object_add(o, "release", json_string_or_null(i->release));
	json_object_object_add(o, "host", json_string_or_null(i->host));
	json_object_object_add(o, "file", json_string_or_null(i->file));
	json_object_object_add(o, "cpus", i->nr_cpus ? json_object_new_int64(i->nr_cpus) : NULL);
	json_object_object_add(o, "walker", json_string_or_null(i->walker));
	json_object_object_add(o, "walk_ns", of_a_walk(i, i->walk_ns));
	json_object_object_add(o, "root_ns", of_a_walk(i, i->root_ns));
	json_object_object_add(o, "calls", i->calls ? json_object_new_uint64(i->calls) : NULL);
	json_object_object_add(o, "longest_call_ns",
			       i->calls ? json_object_new_uint64(i->longest_call_ns) : NULL);
	json_object_object_add(o, "retries", of_a_walk(i, i->retries));
	if (i->kind == SOURCE_LOG)
		add_log_info(o, i);
	if (i->kind == SOURCE_PROCESS)
		add_process_info(o, i);
	return o;
}

static json_object *json_interval(const struct interval *i)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "from_mono_ns", json_object_new_uint64(i->from_mono_ns));
	json_object_object_add(o, "to_mono_ns", json_object_new_uint64(i->to_mono_ns));
	return o;
}

static json_object *json_left_out(const struct snapshot *s, unsigned int kinds)
{
	json_object *o = json_object_new_object();

	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		if (kinds >> kind & 1 && s->left_out[kind])
			json_object_object_add(o, row_types[kind].array,
					       json_object_new_uint64(s->left_out[kind]));
	return o;
}

static json_object *json_warnings(const struct snapshot *s)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < s->nr_warnings; i++)
		json_object_array_add(array, json_object_new_string(s->warnings[i]));
	return array;
}

void json_add_head(json_object *o, const struct snapshot *s, unsigned int kinds)
{
	json_object_object_add(o, "schema", json_object_new_string(SCHEMA));
	json_object_object_add(o, "source", json_source(&s->source));
	json_object_object_add(o, "time", rfc3339(s->time_ns));
	json_object_object_add(o, "mono_ns",
			       s->mono_ns ? json_object_new_uint64(s->mono_ns) : NULL);
	json_object_object_add(o, "consistency", json_object_new_string(
			       unit_names(UNIT_CONSISTENCY)[s->consistency]));
	json_object_object_add(o, "left_out", json_left_out(s, kinds));
	if (s->nr_warnings)
		json_object_object_add(o, "warnings", json_warnings(s));
	if (!s->interval.known)
		return;
	json_object_object_add(o, "interval", json_interval(&s->interval));
	json_object_object_add(o, "lost", json_object_new_uint64(s->interval.lost));
	json_object_object_add(o, "unmatched", json_object_new_uint64(s->interval.unmatched));
}

void json_print(FILE *out, json_object *o, bool pretty)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
			    : JSON_C_TO_STRING_PLAIN);

	fprintf(out, "%s\n", json_object_to_json_string_ext(o, flags));
	json_object_put(o);
}

void out_json(FILE *out, const struct snapshot *s, unsigned int kinds, const struct filters *f,
	      const struct view *order, bool pretty)
{
	json_object *o = json_object_new_object();

	json_add_head(o, s, kinds);
	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		if (kinds >> kind & 1)
			json_object_object_add(o, row_types[kind].array,
					       json_array(s, kind, f, order));
	json_print(out, o, pretty);
}
