/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record to a snapshot. First the dump, production by production, then the
 * call traces, then what needs all of it: flags by the kernel's generation,
 * CPUs of pools, lockup lines to pools, and whether an end is missing.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "log.h"
#include "log_rows.h"

static const char *cut_text(const char *text, size_t len, char *buf, size_t size)
{
	size_t n = len < size ? len : size - 1;

	memcpy(buf, text, n);
	buf[n] = '\0';
	return buf;
}

void dump_warn_text(struct dump_reader *d, const char *text, size_t len)
{
	char buf[64];

	snapshot_warn(d->p.s, "line %" PRIu64 ": cannot read \"%s\"", d->p.line,
		      cut_text(text, len, buf, sizeof(buf)));
	d->damaged = true;
}

/* --- the generation of the grammar --- */

void dump_since(struct dump_reader *d, enum release release)
{
	if (release > d->since)
		d->since = release;
}

void dump_until(struct dump_reader *d, enum release release)
{
	if (release < d->until)
		d->until = release;
}

/* The first release with it; 5.10.y took "inactive" over. */
static const char *const first_release[] = {
	[REL_ANY] = "", [REL_5_15] = "5.10", [REL_6_3] = "6.3", [REL_6_9] = "6.9",
	[REL_7_0] = "7.0", [REL_7_1] = "7.1",
};
/* The last release before it */
static const char *const last_release[] = {
	[REL_ANY] = "5.14", [REL_5_15] = "6.2", [REL_6_3] = "6.8", [REL_6_9] = "6.19",
	[REL_7_0] = "7.0", [REL_7_1] = "",
};

static const char *generation(struct dump_reader *d)
{
	const char *from = first_release[d->since], *to = last_release[d->until];

	if (d->since > d->until)
		to = "";	/* a mixture: the newer part says more */
	if (!*from && !*to)
		return NULL;
	if (!*from)
		return snapshot_fmt(d->p.s, "up to %s", to);
	if (!*to)
		return snapshot_fmt(d->p.s, "%s and later", from);
	return snapshot_fmt(d->p.s, !strcmp(from, to) ? "%s" : "%s to %s", from, to);
}

/* The generation of "6.8.0-31-generic"; false if that is no release. */
static bool release_of(const char *text, enum release *release)
{
	static const unsigned int first[] = { [REL_5_15] = 5015, [REL_6_3] = 6003, [REL_6_9] = 6009,
					      [REL_7_0] = 7000, [REL_7_1] = 7001 };
	unsigned int major, minor;

	if (!text || sscanf(text, "%2u.%3u", &major, &minor) != 2)
		return false;
	*release = REL_7_1;
	while (*release > REL_ANY && major * 1000 + minor < first[*release])
		--*release;
	return true;
}

/* BH pools came with 6.9, and moved the flags of pools. */
static bool has_new_flags(const struct dump_reader *d)
{
	enum release release;

	return (release_of(d->p.s->source.release, &release) ? release : d->since) >= REL_6_9;
}

/* Is the grammar not the one of the release that the log tells? What was cut off does not count. */
static bool is_of_another(const struct dump_reader *d)
{
	enum release release;

	if (!release_of(d->p.s->source.release, &release) || d->cut_end)
		return false;
	if (release < d->since && d->since > REL_5_15)
		return true;
	return release > d->until && d->since <= d->until;
}

/* --- flags --- */

static const struct {
	uint64_t bit;
	unsigned int flag;
} wq_bits[] = {
	{ 1 << 0, WQ_BH_BIT },		{ 1 << 1, WQ_UNBOUND_BIT },
	{ 1 << 2, WQ_FREEZABLE_BIT },	{ 1 << 3, WQ_MEM_RECLAIM_BIT },
	{ 1 << 4, WQ_HIGHPRI_BIT },	{ 1 << 5, WQ_CPU_INTENSIVE_BIT },
	{ 1 << 6, WQ_SYSFS_BIT },	{ 1 << 7, WQ_POWER_EFFICIENT_BIT },
	{ 1 << 8, WQ_PERCPU_BIT },	{ 1 << 15, WQ_DESTROYING_BIT },
	{ 1 << 16, WQ_DRAINING_BIT },	{ 1 << 17, WQ_ORDERED_BIT },
	{ 1 << 18, WQ_LEGACY_BIT },
}, old_pool_bits[] = {
	{ 1 << 0, POOL_MANAGER_ACTIVE_BIT }, { 1 << 2, POOL_DISASSOCIATED_BIT },
}, new_pool_bits[] = {
	{ 1 << 0, POOL_BH_BIT }, { 1 << 1, POOL_MANAGER_ACTIVE_BIT },
	{ 1 << 2, POOL_DISASSOCIATED_BIT }, { 1 << 3, POOL_BH_DRAINING_BIT },
};

static uint64_t wq_flags(uint64_t raw, bool new)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wq_bits); i++)
		if (raw & wq_bits[i].bit)
			flags |= FLAG_MASK(wq_bits[i].flag);
	if (raw & (1 << 19))	/* used twice */
		flags |= FLAG_MASK(new ? WQ_DEPRECATED_BIT : WQ_ORDERED_EXPLICIT_BIT);
	return flags;
}

static uint64_t pool_flags(uint64_t raw, bool new)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(new_pool_bits); i++)
		if (new && raw & new_pool_bits[i].bit)
			flags |= FLAG_MASK(new_pool_bits[i].flag);
	for (size_t i = 0; i < ARRAY_SIZE(old_pool_bits); i++)
		if (!new && raw & old_pool_bits[i].bit)
			flags |= FLAG_MASK(old_pool_bits[i].flag);
	return flags;
}

static void decode_flags(struct dump_reader *d)
{
	bool new = has_new_flags(d);

	for_each_row(d->p.s, ROW_WORKQUEUE, struct workqueue, w) {
		if (!known(w->has, WORKQUEUE_FLAGS_RAW))
			continue;
		w->flags = wq_flags(w->flags_raw, new);
		w->ordered = w->flags & FLAG_MASK(WQ_ORDERED_BIT);
		know(&w->has, WORKQUEUE_FLAGS);
		know(&w->has, WORKQUEUE_ORDERED);
	}
	for_each_row(d->p.s, ROW_POOL, struct pool, p) {
		if (!known(p->has, POOL_FLAGS_RAW))
			continue;
		p->flags = pool_flags(p->flags_raw, new);
		know(&p->has, POOL_FLAGS);
	}
}

/* --- what the rows tell about each other --- */

/* The one CPU of "7"; false for a list. */
static bool one_cpu(const char *cpus, int64_t *cpu)
{
	const char *p = cpus, *end = cpus + strlen(cpus);
	uint64_t value;

	if (!isdigit((unsigned char)*p) || !log_number(&p, end, &value) || p != end ||
	    value > INT32_MAX)
		return false;
	*cpu = (int64_t)value;
	return true;
}

/*
 * A pool with one CPU may be an unbound one all the same. Those are always
 * marked DISASSOCIATED; a per-CPU one is while its CPU is off, and is then told
 * by the workqueues that it serves.
 */
static bool is_bound(const struct dump_reader *d, const struct pool *pool, size_t row)
{
	if (known(pool->has, POOL_FLAGS) && (pool->flags & FLAG_MASK(POOL_BH_BIT) ||
					     !(pool->flags & FLAG_MASK(POOL_DISASSOCIATED_BIT))))
		return true;
	return row < d->nr_pool_facts && d->pool_facts[row].serves_percpu;
}

static void find_cpus(struct dump_reader *d)
{
	struct snapshot *s = d->p.s;
	size_t row = 0;

	for_each_row(s, ROW_PWQ, struct pwq, q) {
		const struct workqueue *w = wq_of(s, q->wq);

		if (q->pool_row >= 0 && w && known(w->has, WORKQUEUE_FLAGS) &&
		    !(w->flags & FLAG_MASK(WQ_UNBOUND_BIT)))
			d->pool_facts[q->pool_row].serves_percpu = true;
	}
	for_each_row(s, ROW_POOL, struct pool, p) {
		if (known(p->has, POOL_CPUS) && one_cpu(p->cpus, &p->cpu) && is_bound(d, p, row))
			know(&p->has, POOL_CPU);
		row++;
	}
	for_each_row(s, ROW_PWQ, struct pwq, q) {
		const struct pool *p = q->pool_row < 0 ? NULL
				       : snapshot_row(s, ROW_POOL, (size_t)q->pool_row);

		if (p && known(p->has, POOL_CPU)) {
			q->cpu = p->cpu;
			know(&q->has, PWQ_CPU);
		}
	}
	for_each_row(s, ROW_WORKER, struct worker, w) {
		const struct pool *p = w->pool_row < 0 ? NULL
				       : snapshot_row(s, ROW_POOL, (size_t)w->pool_row);

		if (p && known(p->has, POOL_CPU)) {
			w->cpu = p->cpu;
			know(&w->has, WORKER_CPU);
		}
	}
}

/* All works that wait in a pool are there only if all workqueues are. */
static void count_worklists(struct dump_reader *d)
{
	if (!d->is_whole || d->cut_begin || d->cut_end)
		return;
	for_each_row(d->p.s, ROW_POOL, struct pool, p)
		if (known(p->has, POOL_ID))
			know(&p->has, POOL_WORKLIST);
	for_each_row(d->p.s, ROW_PWQ, struct pwq, q) {
		struct pool *p;

		if (q->pool_row < 0)
			continue;
		p = snapshot_row(d->p.s, ROW_POOL, (size_t)q->pool_row);
		if (__builtin_add_overflow(p->worklist, q->pending, &p->worklist))
			p->worklist = UINT64_MAX;
	}
}

/* A workqueue's max_active is that of its pwqs, where they agree. */
static void find_max_active(struct snapshot *s)
{
	size_t nr = nr_rows(s, ROW_WORKQUEUE);
	bool *differ = xcalloc(nr, sizeof(*differ));

	for_each_row(s, ROW_PWQ, struct pwq, q) {
		struct workqueue *w = wq_of(s, q->wq);

		if (!w || !known(q->has, PWQ_MAX_ACTIVE))
			continue;
		if (known(w->has, WORKQUEUE_MAX_ACTIVE) && w->max_active != q->max_active)
			differ[q->wq] = true;
		w->max_active = q->max_active;
		know(&w->has, WORKQUEUE_MAX_ACTIVE);
	}
	for (size_t i = 0; i < nr; i++)
		if (differ[i])
			forget(&((struct workqueue *)wq_of(s, (int)i))->has, WORKQUEUE_MAX_ACTIVE);
	free(differ);
}

/* --- lockup lines, which name no pool --- */

static bool same_pool(const struct pool *a, const struct pool *b)
{
	return known(a->has, POOL_CPUS) && known(b->has, POOL_CPUS) && !strcmp(a->cpus, b->cpus) &&
	       known(a->has, POOL_NICE) && known(b->has, POOL_NICE) && a->nice == b->nice &&
	       known(b->has, POOL_ID);
}

static void place_lockups(struct dump_reader *d)
{
	for (size_t i = 0; i < d->nr_lockups; i++) {
		const struct pool *lockup = &d->lockups[i];
		struct pool *found = NULL;

		for_each_row(d->p.s, ROW_POOL, struct pool, p)
			if (!found && same_pool(lockup, p))
				found = p;
		if (!found) {
			found = snapshot_add(d->p.s, ROW_POOL);
			*found = *lockup;
		} else if (!known(found->has, POOL_HUNG)) {
			found->hung_ns = lockup->hung_ns;
			know(&found->has, POOL_HUNG);
		}
	}
}

/* --- missing ends --- */

static void warn_end(struct dump_reader *d, int64_t pool)
{
	snapshot_warn(d->p.s, "line %" PRIu64 ": the end of this dump is missing: no line of pool "
		      "%" PRId64 " follows", d->last_dump_line, pool);
	d->cut_end = true;
}

/* A pool that executes works has a line of its own, if the dump lists pools and got so far. */
static void check_end(struct dump_reader *d)
{
	if (!d->is_whole || d->cut_end)
		return;
	for (size_t row = 0; row < d->nr_pool_facts; row++) {
		const struct pool *p = snapshot_row(d->p.s, ROW_POOL, row);

		if (d->pool_facts[row].executes && !d->pool_facts[row].has_line) {
			warn_end(d, p->id);
			return;
		}
	}
}

/* --- productions --- */

/* The whole text of the production at entry *@i, continuation lines included. */
static const char *join(struct dump_reader *d, size_t *i, size_t *len)
{
	const struct log_record *r = d->p.rec;
	const struct log_entry *e = &r->entries[*i];
	enum log_class cls = (enum log_class)e->cls;

	*len = e->len;
	if (*i + 1 == r->nr || r->entries[*i + 1].cls != LOG_CONT)
		return entry_text(r, e);
	d->joined = xgrow(d->joined, e->len, &d->joined_room, 1);
	memcpy(d->joined, entry_text(r, e), e->len);
	while (*i + 1 < r->nr && r->entries[*i + 1].cls == LOG_CONT) {
		const struct log_entry *more = &r->entries[++*i];
		const char *text = entry_text(r, more);

		d->joined = xgrow(d->joined, *len + more->len + 1, &d->joined_room, 1);
		if (!more->glue && log_needs_blank(cls, d->joined, *len, text, more->len))
			d->joined[(*len)++] = ' ';
		memcpy(d->joined + *len, text, more->len);
		*len += more->len;
	}
	return d->joined;
}

static void read_production(struct dump_reader *d, enum log_class cls, const char *text,
			    size_t len)
{
	switch (cls) {
	case LOG_TRACES:
		d->in_traces = true;
		if (log_find(text, len, "running workers"))
			dump_since(d, REL_6_3), dump_until(d, REL_6_9);
		else
			dump_since(d, log_find(text, len, "CPU-bound") ? REL_7_0 : REL_7_1);
		return;
	case LOG_BUSY:
		d->is_whole = d->has_header = true;
		return;
	case LOG_FREEZABLE:
		d->has_header = true;
		return;
	case LOG_DESTROY:
		d->has_header = true;
		dump_destroy(d, text, len);
		return;
	case LOG_LOCKUP:
		dump_lockup(d, text, len);
		return;
	case LOG_WORKQUEUE:
		dump_workqueue(d, text, len);
		return;
	case LOG_PWQ:
		dump_pwq(d, text, len);
		return;
	case LOG_IN_FLIGHT:
	case LOG_PENDING:
	case LOG_INACTIVE:
		dump_list(d, cls, text, len);
		return;
	case LOG_POOL:
		dump_pool(d, text, len);
		return;
	default:
		return;
	}
}

static void check_begin(struct dump_reader *d, enum log_class cls)
{
	bool list = cls >= LOG_PWQ && cls <= LOG_POOL;

	if (d->has_header || d->cut_begin || !list || nr_rows(d->p.s, ROW_WORKQUEUE))
		return;
	snapshot_warn(d->p.s, "line %" PRIu64 ": the beginning of this dump is missing", d->p.line);
	d->cut_begin = true;
}

static void read_dump(struct dump_reader *d)
{
	const struct log_record *r = d->p.rec;

	for (size_t i = 0; i < r->nr; i++) {
		const struct log_entry *e = &r->entries[i];
		enum log_class cls = (enum log_class)e->cls;
		size_t len;
		const char *text;

		d->p.line = e->nr;
		text = join(d, &i, &len);
		if (d->in_traces && cls == LOG_POOL && text[len - 1] == ':')
			continue;	/* a heading of traces */
		if (cls >= LOG_LOCKUP && cls <= LOG_POOL) {
			check_begin(d, cls);
			d->in_traces = false;
			d->last_dump_line = r->entries[i].nr;
		}
		read_production(d, cls, text, len);
	}
	dump_end_pwq(d);
}

static void read_traces(struct dump_reader *d)
{
	struct dump_parser *p = &d->p;
	bool traces = false;

	p->trace_pool = -1;
	for (size_t i = 0; i < p->rec->nr; i++) {
		const struct log_entry *e = &p->rec->entries[i];
		const char *text = entry_text(p->rec, e), *at = text + 5, *end = text + e->len;
		uint64_t id;

		switch (e->cls) {
		case LOG_TRACES: traces = true; break;
		case LOG_TASK: trace_task(p, text, e->len); break;
		case LOG_CPU: trace_cpu(p, text, e->len); break;
		case LOG_TRACE_WQ: trace_workqueue(p, text, e->len); break;
		case LOG_FRAME: trace_frame(p, text, e->len); break;
		case LOG_POOL:
			trace_end(p);
			if (traces && log_number(&at, end, &id) && id <= INT32_MAX)
				p->trace_pool = (int64_t)id;
			break;
		default:
			if (e->cls >= LOG_LOCKUP && e->cls <= LOG_POOL) {
				trace_end(p);
				p->trace_pool = -1;
			}
		}
	}
	trace_end(p);
}

static void set_head(struct dump_reader *d)
{
	const struct log_record *r = d->p.rec;
	struct snapshot *s = d->p.s;
	const struct log_entry *e = &r->entries[0];

	s->source.kind = SOURCE_LOG;
	s->source.cause = r->cause;
	s->source.dump = r->number;
	s->source.line = e->nr;
	s->mono_ns = e->has_mono ? e->mono_ns : 0;
	s->time_ns = e->real_ns;
}

static void note_record(struct dump_reader *d)
{
	const struct log_record *r = d->p.rec;
	const struct log_entry *last = &r->entries[r->nr - 1];

	if (r->repeats_line)
		snapshot_warn(d->p.s, "line %" PRIu64 ": repeats line %" PRIu64 ", and there are no "
			      "time stamps: both are kept", r->repeated_line, r->repeats_line);
	if (last->unterminated && r->has_dump) {
		snapshot_warn(d->p.s, "line %" PRIu64 ": the log ends inside this line", last->nr);
		d->cut_end = true;
	}
	if (r->cut) {
		snapshot_warn(d->p.s, "line %" PRIu64 ": the dump is too long: the rest is left out",
			      r->cut_line);
		d->cut_end = true;
	}
}

static void set_present(struct snapshot *s, bool has_dump)
{
	s->table[ROW_WORKER].present = s->table[ROW_WORK].present = true;
	if (!has_dump)
		return;
	for (int kind = 0; kind < NR_SHOW_KINDS; kind++)
		s->table[kind].present = true;
}

static void finish(struct dump_reader *d)
{
	struct snapshot *s = d->p.s;
	const struct log_record *r = d->p.rec;

	s->source.release = r->release ? snapshot_str(s, r->release) : d->p.release;
	s->source.generation = generation(d);
	decode_flags(d);
	snapshot_link(s);
	check_end(d);
	find_max_active(s);
	count_worklists(d);
	place_lockups(d);
	decode_flags(d);
	find_cpus(d);
	snapshot_link(s);
	s->consistency = d->damaged || d->cut_begin || d->cut_end || r->repeats_line
			 ? INCOMPLETE : CONSISTENT;
}

bool dump_parse(const struct log_record *r, struct snapshot *s)
{
	struct dump_reader d = { .p = { .s = s, .rec = r }, .since = REL_ANY, .until = REL_7_1,
				 .wq = -1, .pwq = -1, .destroyed_wq = -1 };

	note_record(&d);
	set_head(&d);
	set_present(s, r->has_dump);
	read_dump(&d);
	read_traces(&d);
	finish(&d);
	map_free(&d.p.workers);
	map_free(&d.p.running);
	map_free(&d.pools);
	map_free(&d.names);
	map_free(&d.pwqs);
	free(d.p.frames);
	free(d.joined);
	free(d.lockups);
	free(d.pool_facts);
	return !is_of_another(&d);
}
