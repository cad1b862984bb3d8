/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dumps.h"

#include <stdio.h>
#include <time.h>

#include "fields.h"
#include "util.h"

static void set_count(struct dump *d, enum dump_field field, uint64_t *at, uint64_t value)
{
	*at = value;
	know(&d->has, field);
}

static void count_works(struct dump *d, const struct snapshot *s)
{
	uint64_t nr[NR_WORK_STATES] = { 0 };

	for_each_row(s, ROW_WORK, struct work, w)
		if (known(w->has, WORK_STATE))
			nr[w->state]++;
	set_count(d, DUMP_RUNNING, &d->running, nr[WORK_RUNNING]);
	if (!s->table[ROW_PWQ].present)
		return;		/* only backtraces, which tell of nothing that waits */
	set_count(d, DUMP_SCHEDULED, &d->scheduled, nr[WORK_SCHEDULED]);
	set_count(d, DUMP_PENDING, &d->pending, nr[WORK_PENDING]);
	set_count(d, DUMP_INACTIVE, &d->inactive, nr[WORK_INACTIVE]);
}

/* Where the works themselves were cut, their pwqs still know how many there are. */
static void count_by_pwqs(struct dump *d, const struct snapshot *s)
{
	uint64_t running = 0, scheduled = 0, pending = 0, inactive = 0;

	for_each_row(s, ROW_PWQ, struct pwq, q) {
		running += known(q->has, PWQ_RUNNING) ? q->running : 0;
		scheduled += known(q->has, PWQ_SCHEDULED) ? q->scheduled : 0;
		pending += known(q->has, PWQ_PENDING) ? q->pending : 0;
		inactive += known(q->has, PWQ_INACTIVE) ? q->inactive : 0;
	}
	set_count(d, DUMP_RUNNING, &d->running, running);
	set_count(d, DUMP_SCHEDULED, &d->scheduled, scheduled);
	set_count(d, DUMP_PENDING, &d->pending, pending);
	set_count(d, DUMP_INACTIVE, &d->inactive, inactive);
}

static void find_hung(struct dump *d, const struct snapshot *s)
{
	for_each_row(s, ROW_POOL, struct pool, p) {
		if (!known(p->has, POOL_HUNG))
			continue;
		if (!known(d->has, DUMP_HUNG) || p->hung_ns > d->hung_ns)
			set_count(d, DUMP_HUNG, &d->hung_ns, p->hung_ns);
	}
}

static void set_text(struct snapshot *list, struct dump *d, enum dump_field field,
		     const char **at, const char *text)
{
	if (!text)
		return;
	*at = snapshot_str(list, text);
	know(&d->has, field);
}

static void set_time(struct snapshot *list, struct dump *d, int64_t ns)
{
	time_t sec = (time_t)(ns / (int64_t)NSEC_PER_SEC);
	char text[64];
	struct tm tm;

	if (ns && gmtime_r(&sec, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		set_text(list, d, DUMP_TIME, &d->time, text);
}

struct dump *dumps_add(struct snapshot *list, const struct snapshot *s, uint64_t number)
{
	struct dump *d = snapshot_add(list, ROW_DUMP);

	set_count(d, DUMP_NUMBER, &d->number, number);
	if (s->source.line)
		set_count(d, DUMP_LINE, &d->line, s->source.line);
	if (s->mono_ns)
		set_count(d, DUMP_MONO, &d->mono_ns, s->mono_ns);
	set_time(list, d, s->time_ns);
	set_text(list, d, DUMP_CAUSE, &d->cause, s->source.cause);
	set_text(list, d, DUMP_RELEASE, &d->release, s->source.release);
	if (s->table[ROW_WORKQUEUE].present)
		set_count(d, DUMP_WORKQUEUES, &d->workqueues, nr_rows(s, ROW_WORKQUEUE));
	if (s->table[ROW_POOL].present)
		set_count(d, DUMP_POOLS, &d->pools, nr_rows(s, ROW_POOL));
	if (s->table[ROW_WAITER].present)
		set_count(d, DUMP_WAITERS, &d->waiters, nr_rows(s, ROW_WAITER));
	if (nr_rows(s, ROW_PWQ))
		count_by_pwqs(d, s);
	else if (s->table[ROW_WORK].present)
		count_works(d, s);
	find_hung(d, s);
	return d;
}
