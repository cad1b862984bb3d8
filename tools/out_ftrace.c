/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events in the words of the kernel's own print formats (events/workqueue/). */
#include "out.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *function_of(const struct event *e)
{
	return known(e->has, EVENT_FUNCTION) ? e->function : "-";
}

static void put_event(FILE *out, const struct event *e)
{
	fprintf(out, "%16s-%-7" PRId64 " [%03" PRId64 "] %5" PRIu64 ".%06" PRIu64 ": %s: ", e->comm,
		e->pid, e->cpu, e->mono_ns / NSEC_PER_SEC, e->mono_ns % NSEC_PER_SEC / 1000,
		unit_names(UNIT_EVENT_TYPE)[e->event]);
	switch (e->event) {
	case EVENT_QUEUE:
		fprintf(out, "work struct=%016" PRIx64 " function=%s workqueue=%s req_cpu=%" PRId64
			" cpu=%" PRId64 "\n", e->work, function_of(e), e->workqueue, e->req_cpu,
			e->pool_cpu);
		break;
	case EVENT_ACTIVATE:
		fprintf(out, "work struct %016" PRIx64 " function=%s\n", e->work, function_of(e));
		break;
	default:
		fprintf(out, "work struct %016" PRIx64 ": function %s\n", e->work, function_of(e));
	}
}

void out_ftrace(FILE *out, const struct filters *f, const struct snapshot *s)
{
	struct view v = { .kind = ROW_EVENT, .sort = -1 };
	size_t nr;
	const void **rows = view_rows(&v, f, s, &nr);

	for (size_t i = 0; i < nr; i++)
		put_event(out, rows[i]);
	free(rows);
}
