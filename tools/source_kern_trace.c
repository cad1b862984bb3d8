/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stream of bpf/trace.bpf.c: single events, through a ring buffer. */
#include "source_kern.h"
#include "source_kern_events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/trace.h"
#include "fields.h"

/* made by bpftool, which casts const away */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "trace_probe.skel.h"
#pragma GCC diagnostic pop

#define RING_BYTES (16u << 20)
#define BATCH_MAX 200000	/* events of one reading, so that it ends */
#define NR_QUEUED 65536		/* works whose workqueue is remembered, by address */

struct queued {
	uint64_t work, func;
	int pool;
	char workqueue[32];
};

struct kern_trace {
	struct trace_probe *skel;
	struct ring_buffer *ring;
	struct trace_event *events;
	size_t nr, room;
	struct queued *queued;
	struct names names;
	uint64_t from_ns;
};

static int on_event(void *arg, void *data, size_t size)
{
	struct kern_trace *kt = arg;

	if (size < sizeof(struct trace_event))
		return 0;
	kt->events = xgrow(kt->events, kt->nr, &kt->room, sizeof(*kt->events));
	memcpy(&kt->events[kt->nr++], data, sizeof(*kt->events));
	return kt->nr >= BATCH_MAX ? -EAGAIN : 0;
}

static int load(struct kern_trace *kt, struct kern_btf *kb)
{
	struct kern_core core;
	int err = -1;

	kern_core_begin(&core, kb);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = core.path);
	kt->skel = trace_probe__open_opts(&opts);
	if (kt->skel && !kern_core_fill(&core, kb, bpf_object__btf(kt->skel->obj))) {
		bpf_map__set_max_entries(kt->skel->maps.events, RING_BYTES);
		err = trace_probe__load(kt->skel);
	}
	kern_core_end(&core, kb);
	return err;
}

struct kern_trace *kern_trace_open(struct kern_btf *kb, struct error *err)
{
	struct kern_trace *kt = xcalloc(1, sizeof(*kt));

	kt->queued = xcalloc(NR_QUEUED, sizeof(*kt->queued));
	if (load(kt, kb)) {
		error_set(err, "cannot load the BPF programs that trace events: %s", strerror(errno));
	} else {
		kt->ring = ring_buffer__new(bpf_map__fd(kt->skel->maps.events), on_event, kt, NULL);
		if (kt->ring && !trace_probe__attach(kt->skel)) {
			kt->from_ns = mono_ns();
			return kt;
		}
		error_set(err, "cannot attach to the workqueue tracepoints: %s", strerror(errno));
	}
	kern_trace_close(kt);
	return NULL;
}

void kern_trace_close(struct kern_trace *kt)
{
	if (!kt)
		return;
	ring_buffer__free(kt->ring);
	trace_probe__destroy(kt->skel);
	names_free(&kt->names);
	free(kt->events);
	free(kt->queued);
	free(kt);
}

static int compare_events(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;

	return x->mono_ns < y->mono_ns ? -1 : x->mono_ns > y->mono_ns;
}

/* Only the queue event tells the workqueue of a work that is activated. */
static void remember(struct kern_trace *kt, struct trace_event *e)
{
	struct queued *q = &kt->queued[e->work / 8 % NR_QUEUED];

	if (e->type == TRACE_QUEUE) {
		q->work = e->work;
		q->func = e->func;
		q->pool = e->pool;
		memcpy(q->workqueue, e->workqueue, sizeof(q->workqueue));
	} else if (!e->workqueue[0] && q->work == e->work && q->func == e->func) {
		e->pool = q->pool;
		memcpy(e->workqueue, q->workqueue, sizeof(e->workqueue));
	}
}

static void fill_event(struct snapshot *s, const struct trace_event *t, const struct names *n)
{
	const char *function = names_find(n, t->func);
	struct event *e = snapshot_add(s, ROW_EVENT);

	for (unsigned int field = 0; field < NR_EVENT_FIELDS; field++)
		know(&e->has, field);
	e->mono_ns = t->mono_ns;
	e->cpu = t->cpu;
	e->pid = t->pid;
	e->comm = snapshot_strn(s, t->comm, strnlen(t->comm, sizeof(t->comm)));
	e->event = t->type;
	e->work = t->work;
	e->workqueue = snapshot_strn(s, t->workqueue, strnlen(t->workqueue, sizeof(t->workqueue)));
	e->pool = t->pool;
	e->req_cpu = t->req_cpu;
	e->pool_cpu = t->pool_cpu;
	if (function)
		e->function = snapshot_str(s, function);
	else
		forget(&e->has, EVENT_FUNCTION);
	if (!t->workqueue[0])
		forget(&e->has, EVENT_WORKQUEUE);
	if (t->pool < 0)
		forget(&e->has, EVENT_POOL);
	if (t->type == TRACE_QUEUE)
		return;
	forget(&e->has, EVENT_REQ_CPU);
	forget(&e->has, EVENT_POOL_CPU);
}

/* Rings that were full, and events that the kernel kept from a program that was running. */
static uint64_t lost(const struct kern_trace *kt)
{
	uint64_t sum = kt->skel->bss->lost;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, kt->skel->obj) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			sum += info.recursion_misses;
	}
	return sum;
}

int kern_trace_read(struct kern_trace *kt, struct walker *w, struct snapshot *s,
		    struct error *err)
{
	int rc;

	kt->nr = 0;
	rc = ring_buffer__consume(kt->ring);
	if (rc < 0 && rc != -EAGAIN)
		return error_set(err, "cannot read the stream of events: %s", strerror(-rc));
	if (kt->nr)
		qsort(kt->events, kt->nr, sizeof(*kt->events), compare_events);
	names_clear(&kt->names);
	for (size_t i = 0; i < kt->nr; i++)
		names_add(&kt->names, kt->events[i].func);
	if (kt->names.nr)
		names_resolve(&kt->names, w);
	for (size_t i = 0; i < kt->nr; i++) {
		remember(kt, &kt->events[i]);
		/* before that not all four kinds were seen */
		if (kt->events[i].type < NR_EVENT_TYPES && kt->events[i].mono_ns >= kt->from_ns)
			fill_event(s, &kt->events[i], &kt->names);
	}
	s->time_ns = real_ns();
	s->mono_ns = mono_ns();
	s->consistency = CONSISTENT;
	s->interval = (struct interval){ .known = true, .from_mono_ns = kt->from_ns,
					 .to_mono_ns = s->mono_ns, .lost = lost(kt) };
	s->table[ROW_EVENT].present = true;
	s->hint = kt->names.why_not;
	return 0;
}
