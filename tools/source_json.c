/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots as out_json.c writes them: one object after another, on one line
 * or on many. The file may come from anybody: types and sizes are checked, and
 * a wrong one is an error that names its place.
 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fields.h"
#include "input.h"
#include "source.h"

#define MAX_FILE ((size_t)1 << 30)

struct json_source {
	struct source src;
	char *name, *text;
	size_t len, at;
	unsigned int nr;	/* objects read so far */
};

/* Where we are, for messages. */
struct place {
	const struct json_source *js;
	const char *array, *key;
	size_t row;
};

static int wrong(const struct place *p, struct error *err, const char *expected)
{
	return error_set(err, "%s: object %u: %s[%zu].%s: expected %s", p->js->name, p->js->nr,
			 p->array, p->row, p->key, expected);
}

static int read_set(struct snapshot *s, enum unit unit, json_object *o, uint64_t *set)
{
	const char *const *names = unit_names(unit);

	(void)s;
	if (!json_object_is_type(o, json_type_array))
		return -1;
	*set = 0;
	for (size_t i = 0; i < json_object_array_length(o); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(o, i));

		for (unsigned int bit = 0; name && names[bit]; bit++) {
			const char *prefix = set_prefix(unit, bit);
			size_t n = strlen(prefix);

			if (!strncmp(name, prefix, n) && !strcmp(name + n, names[bit]))
				*set |= FLAG_MASK(bit);
		}
	}
	return 0;
}

static int read_choice(enum unit unit, json_object *o, uint64_t *choice)
{
	const char *const *names = unit_names(unit);
	const char *name = json_object_get_string(o);

	for (*choice = 0; names[*choice]; ++*choice)
		if (!strcmp(name, names[*choice]))
			return 0;
	return -1;
}

static int read_address(json_object *o, uint64_t *address)
{
	const char *text = json_object_get_string(o);
	char *end;

	if (!json_object_is_type(o, json_type_string) || strncmp(text, "0x", 2))
		return -1;
	errno = 0;
	*address = strtoull(text + 2, &end, 16);
	return *end || end == text + 2 || errno ? -1 : 0;
}

static int read_number(json_object *o, bool is_signed, uint64_t *number)
{
	int64_t i;

	if (!json_object_is_type(o, json_type_int))
		return -1;
	i = json_object_get_int64(o);
	if (is_signed)
		*number = (uint64_t)i;
	else if (i < 0)
		return -1;
	else
		*number = json_object_get_uint64(o);
	return 0;
}

/* Frames, one a line: each is made harmless by itself. */
static int read_stack(struct snapshot *s, json_object *o, const char **stack)
{
	char *text = NULL;
	size_t len = 0, room = 0;

	if (!json_object_is_type(o, json_type_array))
		return -1;
	for (size_t i = 0; i < json_object_array_length(o); i++) {
		const char *frame = json_object_get_string(json_object_array_get_idx(o, i));
		size_t n = frame ? strlen(frame) : 0;

		text = xgrow(text, len + 4 * n + 2, &room, 1);
		len += printable(text + len, frame ? frame : "", n);
		text[len++] = '\n';
	}
	if (len)
		text[len - 1] = '\0';
	*stack = snapshot_lines(s, text ? text : "");
	free(text);
	return 0;
}

/* One member of a row, by the unit of its field. */
static int read_value(struct snapshot *s, const struct field *f, json_object *o, void *at,
		      const struct place *p, struct error *err)
{
	switch (f->unit) {
	case UNIT_STR:
		if (!json_object_is_type(o, json_type_string))
			return wrong(p, err, "a string or null");
		*(const char **)at = snapshot_strn(s, json_object_get_string(o),
						   (size_t)json_object_get_string_len(o));
		return 0;
	case UNIT_STACK:
		return read_stack(s, o, at) ? wrong(p, err, "an array of frames or null") : 0;
	case UNIT_BOOL:
		if (!json_object_is_type(o, json_type_boolean))
			return wrong(p, err, "true, false or null");
		*(bool *)at = json_object_get_boolean(o);
		return 0;
	case UNIT_ADDR:
		return read_address(o, at) ? wrong(p, err, "an address \"0x...\" or null") : 0;
	case UNIT_RATE:
	case UNIT_PERCENT:
		*(double *)at = json_object_get_double(o);
		return 0;
	default:
		break;
	}
	if (unit_is_set(f->unit))
		return read_set(s, f->unit, o, at) ? wrong(p, err, "an array of flags or null") : 0;
	if (unit_names(f->unit))
		return read_choice(f->unit, o, at) ? wrong(p, err, "one of the known words") : 0;
	return read_number(o, f->unit == UNIT_INT || f->unit == UNIT_LIMIT,
				   at) ? wrong(p, err, "a number or null") : 0;
}

static int read_row(struct snapshot *s, enum row_kind kind, json_object *o, struct place *p,
		    struct error *err)
{
	const struct row_type *t = &row_types[kind];
	void *row = snapshot_add(s, kind);

	for (int i = 0; i < t->nr_fields; i++) {
		json_object *member;

		p->key = t->fields[i].key;
		if (t->fields[i].use != USE_ALL || !json_object_object_get_ex(o, p->key, &member) ||
		    !member)
			continue;
		if (read_value(s, &t->fields[i], member, (char *)row + t->fields[i].offset, p, err))
			return -1;
		know(row, (unsigned int)i);
	}
	return 0;
}

static int read_array(struct snapshot *s, const struct json_source *js, enum row_kind kind,
		      json_object *array, struct error *err)
{
	struct place p = { .js = js, .array = row_types[kind].array };

	if (!json_object_is_type(array, json_type_array))
		return error_set(err, "%s: object %u: %s is not an array", js->name, js->nr, p.array);
	s->table[kind].present = true;
	for (p.row = 0; p.row < json_object_array_length(array); p.row++) {
		json_object *o = json_object_array_get_idx(array, p.row);

		if (!json_object_is_type(o, json_type_object))
			return error_set(err, "%s: object %u: %s[%zu] is not an object", js->name,
					 js->nr, p.array, p.row);
		if (read_row(s, kind, o, &p, err))
			return -1;
	}
	return 0;
}

static const char *get_string(struct snapshot *s, json_object *o, const char *key)
{
	json_object *member;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_string))
		return NULL;
	return snapshot_strn(s, json_object_get_string(member),
			     (size_t)json_object_get_string_len(member));
}

static uint64_t get_number(json_object *o, const char *key)
{
	json_object *member;
	uint64_t number;

	if (!json_object_object_get_ex(o, key, &member) || read_number(member, false, &number))
		return 0;
	return number;
}

static int64_t parse_rfc3339(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t sec, ns = 0, unit = (int64_t)NSEC_PER_SEC;

	if (!rest)
		return 0;
	sec = (int64_t)timegm(&tm);
	if (sec < 0 || sec >= INT64_MAX / unit)
		return 0;
	if (*rest == '.')
		while (*++rest >= '0' && *rest <= '9' && unit > 1)
			ns += (*rest - '0') * (unit /= 10);
	return sec * (int64_t)NSEC_PER_SEC + ns;
}

static void read_source_info(struct snapshot *s, json_object *o)
{
	static const char *const kinds[] = { "kernel", "process", "file", "log" };
	const char *kind = get_string(s, o, "kind");

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			s->source.kind = (enum source_kind)i;
	s->source.release = get_string(s, o, "release");
	s->source.host = get_string(s, o, "host");
	s->source.file = get_string(s, o, "file");
	s->source.walker = get_string(s, o, "walker");
	s->source.nr_cpus = (int64_t)get_number(o, "cpus");
	s->source.walk_ns = get_number(o, "walk_ns");
	s->source.root_ns = get_number(o, "root_ns");
	s->source.calls = get_number(o, "calls");
	s->source.longest_call_ns = get_number(o, "longest_call_ns");
	s->source.retries = get_number(o, "retries");
	s->source.pid = (int64_t)get_number(o, "pid");
	s->source.program = get_string(s, o, "program");
	s->source.library = get_string(s, o, "library");
	s->source.mechanism = get_string(s, o, "mechanism");
	s->source.generation = get_string(s, o, "generation");
	s->source.cause = get_string(s, o, "cause");
	s->source.dump = get_number(o, "dump");
	s->source.line = get_number(o, "line");
}

static void read_interval(struct snapshot *s, json_object *o)
{
	json_object *i;

	if (!json_object_object_get_ex(o, "interval", &i) ||
	    !json_object_is_type(i, json_type_object))
		return;
	s->interval.known = true;
	s->interval.from_mono_ns = get_number(i, "from_mono_ns");
	s->interval.to_mono_ns = get_number(i, "to_mono_ns");
	s->interval.lost = get_number(o, "lost");
	s->interval.unmatched = get_number(o, "unmatched");
}

static void read_head(struct snapshot *s, json_object *o)
{
	const char *word = get_string(s, o, "consistency");
	json_object *member;

	if (json_object_object_get_ex(o, "source", &member) &&
	    json_object_is_type(member, json_type_object))
		read_source_info(s, member);
	s->time_ns = parse_rfc3339(get_string(s, o, "time"));
	s->mono_ns = get_number(o, "mono_ns");
	s->consistency = INCOMPLETE;	/* unless it says better */
	for (int i = 0; word && i < NR_CONSISTENCIES; i++)
		if (!strcmp(word, unit_names(UNIT_CONSISTENCY)[i]))
			s->consistency = (enum consistency)i;
	if (json_object_object_get_ex(o, "left_out", &member) &&
	    json_object_is_type(member, json_type_object))
		for (int kind = 0; kind < NR_ROW_KINDS; kind++)
			s->left_out[kind] = get_number(member, row_types[kind].array);
	if (json_object_object_get_ex(o, "warnings", &member) &&
	    json_object_is_type(member, json_type_array))
		for (size_t i = 0; i < json_object_array_length(member); i++)
			snapshot_warn(s, "%s", json_object_get_string(
				      json_object_array_get_idx(member, i)));
	read_interval(s, o);
}

static int check_schema(const struct json_source *js, json_object *o, struct error *err)
{
	json_object *schema;
	const char *text;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "schema", &schema) ||
	    !json_object_is_type(schema, json_type_string))
		return error_set(err, "%s: object %u has no \"schema\": it is not a snapshot of "
				 "wqdump", js->name, js->nr);
	text = json_object_get_string(schema);
	if (strncmp(text, "wqkit/1.", 8))
		return error_set(err, "%s: object %u has schema \"%.40s\"; this program reads "
				 "wqkit/1", js->name, js->nr, text);
	return 0;
}

static int read_object(struct snapshot *s, const struct json_source *js, json_object *o,
		       struct error *err)
{
	if (check_schema(js, o, err))
		return -1;
	read_head(s, o);
	for (int kind = 0; kind < NR_ROW_KINDS; kind++) {
		json_object *array;

		if (json_object_object_get_ex(o, row_types[kind].array, &array) &&
		    read_array(s, js, kind, array, err))
			return -1;
	}
	snapshot_link(s);
	return 0;
}

static void skip_space(struct json_source *js)
{
	while (js->at < js->len && strchr(" \t\r\n", js->text[js->at]))
		js->at++;
}

static size_t line_of(const struct json_source *js, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at && i < js->len; i++)
		line += js->text[i] == '\n';
	return line;
}

static int json_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err)
{
	struct json_source *js = (struct json_source *)src;
	struct json_tokener *tok;
	json_object *o;
	int rc;

	(void)kinds;
	skip_space(js);
	if (js->at == js->len)
		return 1;
	js->nr++;
	tok = json_tokener_new();
	o = json_tokener_parse_ex(tok, js->text + js->at, (int)(js->len - js->at));
	if (json_tokener_get_error(tok) != json_tokener_success) {
		size_t bad = js->at + json_tokener_get_parse_end(tok);

		rc = error_set(err, "%s: line %zu: broken JSON: %s", js->name, line_of(js, bad),
			       json_tokener_get_error(tok) == json_tokener_continue
			       ? "the file ends inside an object"
			       : json_tokener_error_desc(json_tokener_get_error(tok)));
	} else {
		js->at += json_tokener_get_parse_end(tok);
		rc = read_object(s, js, o, err);
	}
	json_object_put(o);
	json_tokener_free(tok);
	return rc;
}

static void json_close(struct source *src)
{
	struct json_source *js = (struct json_source *)src;

	free(js->name);
	free(js->text);
	free(js);
}

static const struct source_ops json_ops = { .read = json_read, .close = json_close };

struct source *source_json_open(struct input *in, struct error *err)
{
	struct json_source *js = xcalloc(1, sizeof(*js));
	int rc;

	js->src.ops = &json_ops;
	js->src.kind = SOURCE_FILE;
	js->name = xstrdup(in->name);
	rc = input_read_all(in, MAX_FILE, &js->text, &js->len, err);
	input_close(in);
	if (!rc)
		return &js->src;
	json_close(&js->src);
	return NULL;
}
