/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's log as a source: of all dumps in it the last one, or one by its
 * number, or one after the other. Only the dump that is asked for becomes a
 * snapshot; the log is read once and never held.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dumps.h"
#include "fields.h"
#include "log.h"
#include "source.h"

struct dmesg_source {
	struct source src;
	struct log_scan *scan;
	char *name;
	int64_t dump;
	uint64_t nr_records;
	bool end, any;		/* any: something that was asked for was there */
	bool told;		/* that release and grammar disagree */
};

static bool holds(const struct snapshot *s, unsigned int kinds)
{
	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		if (kinds >> kind & 1 && nr_rows(s, (enum row_kind)kind))
			return true;
	return false;
}

static struct log_record *next_record(struct dmesg_source *d)
{
	struct log_record *r = d->end ? NULL : scan_next(d->scan);

	d->end = !r;
	if (r)
		d->nr_records = r->number;
	return r;
}

/* The last dump; or, if there is none, the last backtrace. */
static struct log_record *last_record(struct dmesg_source *d)
{
	struct log_record *r, *dump = NULL, *trace = NULL;

	while ((r = next_record(d))) {
		struct log_record **place = r->has_dump ? &dump : &trace;

		record_free(*place);
		*place = r;
	}
	if (!dump)
		return trace;
	record_free(trace);
	return dump;
}

static struct log_record *numbered_record(struct dmesg_source *d, uint64_t number)
{
	struct log_record *r, *found = NULL;

	while ((r = next_record(d))) {	/* to the end, for the hogs and the count */
		if (r->number == number)
			found = r;
		else
			record_free(r);
	}
	return found;
}

/* --- filling --- */

/* The release decides what flags mean, though vendors port grammar back: say so, once. */
static void parse(struct dmesg_source *d, const struct log_record *r, struct snapshot *s)
{
	if (dump_parse(r, s) || d->told)
		return;
	d->told = true;
	snapshot_warn(s, "line %" PRIu64 ": the log is of Linux %s, but this dump is in the grammar "
		      "of Linux %s: its flags are read as those of %s", s->source.line,
		      s->source.release, s->source.generation, s->source.release);
}

static void fill_source(struct dmesg_source *d, struct snapshot *s)
{
	s->source.kind = SOURCE_LOG;
	s->source.file = snapshot_str(s, d->name);
	if (scan_host(d->scan))
		s->source.host = snapshot_str(s, scan_host(d->scan));
}

static void fill_hogs(const struct dmesg_source *d, struct snapshot *s)
{
	const struct log_hogs *hogs = scan_hogs(d->scan);

	s->table[ROW_HOG].present = true;
	s->left_out[ROW_HOG] = hogs->left_out;
	for (size_t i = 0; i < hogs->nr; i++) {
		const struct hog_count *h = &hogs->list[i];
		struct hog *row = snapshot_add(s, ROW_HOG);

		row->function = snapshot_str(s, h->function);
		row->threshold_ns = h->threshold_ns;
		row->times = h->times;
		row->lines = h->lines;
		know(&row->has, HOG_FUNCTION);
		know(&row->has, HOG_THRESHOLD);
		know(&row->has, HOG_TIMES);
		know(&row->has, HOG_LINES);
		if (!h->has_mono)
			continue;
		row->last_mono_ns = h->last_mono_ns;
		know(&row->has, HOG_LAST);
	}
}

/* A log that could not be read to its end says where, if something was found before. */
static void note_read_error(const struct dmesg_source *d, struct snapshot *s)
{
	if (!d->end || !scan_error(d->scan))
		return;
	snapshot_warn(s, "line %" PRIu64 ": the rest cannot be read: %s", scan_lines(d->scan),
		      scan_error(d->scan));
	s->consistency = INCOMPLETE;
}

static void copy_warnings(struct snapshot *to, const struct snapshot *from)
{
	for (size_t i = 0; i < from->nr_warnings; i++)
		snapshot_warn(to, "%s", from->warnings[i]);
	if (from->consistency > to->consistency)
		to->consistency = from->consistency;
}

static void set_stamp(struct snapshot *s, struct dump *d, const struct log_record *r)
{
	const struct log_entry *e = &r->entries[0];

	if (!e->stamp_len)
		return;
	d->time = snapshot_strn(s, entry_text(r, e) + e->len, e->stamp_len);
	know(&d->has, DUMP_TIME);
}

static void fill_dumps(struct dmesg_source *d, struct snapshot *s)
{
	struct log_record *r;

	s->table[ROW_DUMP].present = true;
	s->consistency = CONSISTENT;
	while ((r = next_record(d))) {
		struct snapshot one;

		snapshot_init(&one);
		parse(d, r, &one);
		set_stamp(s, dumps_add(s, &one, r->number), r);
		copy_warnings(s, &one);
		snapshot_free(&one);
		record_free(r);
	}
}

/* --- what is missing --- */

static int no_dump(const struct dmesg_source *d, unsigned int kinds, struct error *err)
{
	size_t hogs = scan_hogs(d->scan)->nr;

	if (scan_error(d->scan))
		return error_set(err, "cannot read %s: %s (line %" PRIu64 ")", d->name,
				 scan_error(d->scan), scan_lines(d->scan));
	if (kinds == KIND(ROW_HOG))
		return error_set(err, "%s holds no \"hogged CPU\" line", d->name);
	if (d->dump > 0 && d->nr_records)
		return error_set(err, "%s has %" PRIu64 " dump%s, and no dump %" PRId64, d->name,
				 d->nr_records, d->nr_records == 1 ? "" : "s", d->dump);
	return error_set(err, "%s holds no dump of workqueues%s", d->name,
			 hogs ? ", only \"hogged CPU\" lines: wqdump hogs shows them" : "");
}

static int nothing(const struct dmesg_source *d, const struct snapshot *s, unsigned int kinds,
		   struct error *err)
{
	int kind = __builtin_ctz(kinds);

	if (kinds == KIND(kind) && d->dump == DUMP_ALL)
		return error_set(err, "%s: no dump holds %s", d->name, row_types[kind].array);
	if (kinds == KIND(kind))
		return error_set(err, "%s: dump %" PRIu64 " holds no %s", d->name, s->source.dump,
				 row_types[kind].array);
	return error_set(err, "%s: in dump %" PRIu64 " nothing is busy", d->name, s->source.dump);
}

/* --- reading --- */

static int read_next(struct dmesg_source *d, unsigned int kinds, struct snapshot *s,
		     struct error *err)
{
	struct log_record *r = next_record(d);

	if (!r) {
		if (d->any)
			return 1;
		return d->nr_records ? nothing(d, s, kinds, err) : no_dump(d, kinds, err);
	}
	parse(d, r, s);
	record_free(r);
	fill_source(d, s);
	fill_hogs(d, s);
	d->any |= holds(s, kinds);
	return 0;
}

static int read_one(struct dmesg_source *d, unsigned int kinds, struct snapshot *s,
		    struct error *err)
{
	struct log_record *r;

	if (d->end)
		return 1;
	r = d->dump > 0 ? numbered_record(d, (uint64_t)d->dump) : last_record(d);
	if (r) {
		parse(d, r, s);
		record_free(r);
	}
	fill_source(d, s);
	fill_hogs(d, s);
	note_read_error(d, s);
	if (holds(s, kinds) && (r || d->dump == DUMP_LAST || kinds == KIND(ROW_HOG)))
		return 0;
	return s->source.dump && kinds != KIND(ROW_HOG) ? nothing(d, s, kinds, err)
							: no_dump(d, kinds, err);
}

static int dmesg_read(struct source *src, unsigned int kinds, struct snapshot *s,
		      struct error *err)
{
	struct dmesg_source *d = (struct dmesg_source *)src;

	if (kinds & KIND(ROW_DUMP)) {
		if (d->end)
			return 1;
		fill_source(d, s);
		fill_dumps(d, s);
		note_read_error(d, s);
		return nr_rows(s, ROW_DUMP) ? 0 : no_dump(d, kinds, err);
	}
	if (d->dump == DUMP_ALL && kinds != KIND(ROW_HOG))
		return read_next(d, kinds, s, err);
	return read_one(d, kinds, s, err);
}

static void dmesg_close(struct source *src)
{
	struct dmesg_source *d = (struct dmesg_source *)src;

	scan_close(d->scan);
	free(d->name);
	free(d);
}

static const struct source_ops dmesg_ops = { .read = dmesg_read, .close = dmesg_close };

struct source *source_dmesg_open(struct input *in, int64_t dump)
{
	struct dmesg_source *d = xcalloc(1, sizeof(*d));

	d->src.ops = &dmesg_ops;
	d->src.kind = SOURCE_LOG;
	d->name = xstrdup(in->name);
	d->dump = dump;
	d->scan = scan_open(in);
	return &d->src;
}
