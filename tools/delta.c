/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delta.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "util.h"

/* --- rates --- */

static int compare_wqs(const void *a, const void *b)
{
	const struct workqueue *x = *(const struct workqueue *const *)a;
	const struct workqueue *y = *(const struct workqueue *const *)b;

	return strcmp(x->id, y->id);
}

/* The workqueues of @s that have an id, sorted by it. */
static struct workqueue **sorted_wqs(const struct snapshot *s, size_t *nr)
{
	struct workqueue **list = xcalloc(nr_rows(s, ROW_WORKQUEUE), sizeof(*list));

	*nr = 0;
	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w)
		if (known(w->has, WORKQUEUE_ID))
			list[(*nr)++] = w;
	qsort(list, *nr, sizeof(*list), compare_wqs);
	return list;
}

static bool same_object(const struct workqueue *a, const struct workqueue *b)
{
	if (!known(a->has, WORKQUEUE_NAME) || !known(b->has, WORKQUEUE_NAME))
		return false;
	return !strcmp(a->name, b->name);
}

static void set_rate(const struct workqueue *before, struct workqueue *now, enum wq_stat stat,
		     enum workqueue_field from, enum workqueue_field to, double *rate, double sec)
{
	if (!known(before->has, from) || !known(now->has, from) ||
	    now->stat[stat] < before->stat[stat])
		return;
	*rate = (double)(now->stat[stat] - before->stat[stat]) / sec;
	know(&now->has, to);
}

static void set_rates(const struct workqueue *before, struct workqueue *now, double sec)
{
	if (!same_object(before, now))
		return;
	set_rate(before, now, STAT_STARTED, WORKQUEUE_STARTED, WORKQUEUE_STARTED_RATE,
		 &now->started_rate, sec);
	set_rate(before, now, STAT_COMPLETED, WORKQUEUE_COMPLETED, WORKQUEUE_COMPLETED_RATE,
		 &now->completed_rate, sec);
	set_rate(before, now, STAT_CPU_TIME, WORKQUEUE_CPU_TIME, WORKQUEUE_CPU_RATE,
		 &now->cpu_rate, sec * 1e4);	/* microseconds a second > percent */
}

static void delta_workqueues(const struct snapshot *before, struct snapshot *now, double sec)
{
	size_t nr_old, nr_new, i = 0;
	struct workqueue **old = sorted_wqs(before, &nr_old), **new = sorted_wqs(now, &nr_new);

	for (size_t k = 0; k < nr_new; k++) {
		while (i < nr_old && strcmp(old[i]->id, new[k]->id) < 0)
			i++;
		if (i < nr_old && !strcmp(old[i]->id, new[k]->id))
			set_rates(old[i], new[k], sec);
	}
	free(old);
	free(new);
}

void delta(const struct snapshot *before, struct snapshot *now)
{
	if (!before || !before->mono_ns || now->mono_ns <= before->mono_ns)
		return;
	delta_workqueues(before, now, (double)(now->mono_ns - before->mono_ns) / 1e9);
}
