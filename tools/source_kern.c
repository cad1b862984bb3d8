/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel, read by bpf/walk.bpf.c. */
#include "source_kern.h"
#include "source_kern_events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "affinity.h"

struct kern_source {
	struct source src;
	bool all_works, exact;
	struct kern_btf btf;
	struct walker walker;
	struct records records;
	struct names names;
	struct kern_events *events;	/* NULL: none are counted */
	struct kern_trace *trace;	/* NULL: none are told one by one */
	struct utsname uts;
	long nr_cpus;
	unsigned int hz;
};

/* --- messages --- */

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	return verbose ? vfprintf(stderr, fmt, args) : 0;
}

/* Effective capabilities, from /proc/self/status; all ones if that cannot be read. */
static uint64_t capabilities(void)
{
	char *text = read_file("/proc/self/status");
	char *line = text ? strstr(text, "\nCapEff:") : NULL;
	uint64_t caps = line ? strtoull(line + 8, NULL, 16) : ~UINT64_C(0);

	free(text);
	return caps;
}

#define CAP_SYS_ADMIN_BIT 21
#define CAP_PERFMON_BIT 38
#define CAP_BPF_BIT 39

static bool may_use_bpf(void)
{
	uint64_t caps = capabilities();

	return caps >> CAP_SYS_ADMIN_BIT & 1 ||
	       ((caps >> CAP_PERFMON_BIT & 1) && (caps >> CAP_BPF_BIT & 1));
}

static bool in_lockdown(void)
{
	char *text = read_file("/sys/kernel/security/lockdown");
	bool yes = text && strstr(text, "[confidentiality]");

	free(text);
	return yes;
}

/* Why the kernel refused to load the walker. */
static void explain(struct error *err, int why)
{
	if (in_lockdown())
		error_set(err, "this kernel is locked down (confidentiality): it lets nobody read its "
			       "memory; boot with lockdown=integrity, or without");
	else if (why == EPERM && may_use_bpf())
		error_set(err, "the kernel refuses BPF although the capabilities are there: a container "
			       "or a security policy forbids bpf(2)");
	else if (why == ENOMEM || why == EPERM)
		error_set(err, "the kernel refuses to load the BPF walker: %s (a memory lock limit? "
			       "see ulimit -l)", strerror(why));
}

/* --- jiffies --- */

/*
 * HZ is in no file that every kernel has. But jiffies begin at -300 seconds, as
 * 32 bits, and count HZ a second since boot: the HZ that fits is the one.
 */
static unsigned int find_hz(const struct walk_state *st)
{
	static const unsigned int candidates[] = { 24, 32, 48, 64, 100, 128, 200, 250, 256, 300, 500,
						   512, 1000, 1024, 1200 };
	double ticks = (double)(int64_t)(st->jiffies - (UINT64_C(1) << 32));
	double sec = (double)st->began_ns / 1e9 - 300;
	unsigned int best = 250;
	double least = INFINITY;

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		double off = fabs(ticks - candidates[i] * sec);

		if (off < least) {
			least = off;
			best = candidates[i];
		}
	}
	return best;
}

/* --- reading --- */

static void collect_names(struct kern_source *ks)
{
	const struct records *r = &ks->records;

	names_clear(&ks->names);
	for (size_t i = 0; i < r->nr; i++) {
		const struct walk_rec *rec = record(r, i);

		if (rec->type == REC_WORKER) {
			names_add(&ks->names, ((const struct rec_worker *)rec)->func);
		} else if (rec->type == REC_WORK) {
			names_add(&ks->names, ((const struct rec_work *)rec)->func);
			names_add(&ks->names, ((const struct rec_work *)rec)->target);
		} else if (rec->type == REC_DELAYED) {
			names_add(&ks->names, ((const struct rec_delayed *)rec)->func);
		} else if (rec->type == REC_TIMER) {
			names_add(&ks->names, ((const struct rec_timer *)rec)->func);
		}
	}
	if (ks->events)
		kern_events_names(ks->events, &ks->names);
	if (ks->names.nr)
		names_resolve(&ks->names, &ks->walker);
}

/*
 * Armed timers tell where delayed_work_timer_fn is: the first walk lists all
 * timers' functions, and once one of them has that name the next knows it.
 */
static bool learn_delayed_fn(struct kern_source *ks)
{
	for (size_t i = 0; i < ks->names.nr; i++) {
		const char *name = ks->names.name[i];

		if (name && !strcmp(name, "delayed_work_timer_fn")) {
			ks->walker.st->delayed_fn = ks->names.addr[i];
			return true;
		}
	}
	return false;
}

static int walk_once(struct kern_source *ks, const struct walk_request *req, struct error *err)
{
	if (walker_run(&ks->walker, req, &ks->records, err))
		return -1;
	if (ks->exact)
		walker_exact(&ks->walker, &ks->btf, &ks->records);
	collect_names(ks);
	return 0;
}

static int walk(struct kern_source *ks, unsigned int kinds, struct error *err)
{
	struct walk_request req = { .timers = kinds & KIND(ROW_WORK), .all_works = ks->all_works };

	if (walk_once(ks, &req, err))
		return -1;
	if (!req.timers || ks->walker.st->delayed_fn || !learn_delayed_fn(ks))
		return 0;
	return walk_once(ks, &req, err);
}

static void fill_host(const struct kern_source *ks, struct snapshot *s)
{
	s->source.release = snapshot_str(s, ks->uts.release);
	s->source.host = snapshot_str(s, ks->uts.nodename);
	s->source.nr_cpus = ks->nr_cpus;
}

static int kern_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err)
{
	struct kern_source *ks = (struct kern_source *)src;

	s->time_ns = real_ns();
	if (walk(ks, kinds, err))
		return -1;
	if (!ks->hz)
		ks->hz = find_hz(ks->walker.st);
	kern_fill(s, &ks->records, &ks->btf, &ks->walker, &ks->names, ks->hz);
	if (ks->events) {
		kern_events_ages(ks->events, s);
		kern_events_fill(ks->events, s, &ks->names);
		snapshot_link(s);
	}
	fill_host(ks, s);
	return 0;
}

static int kern_affinity(struct source *src, struct affinity *a, struct error *err)
{
	struct kern_source *ks = (struct kern_source *)src;
	struct walk_request req = { .affinity = true };

	if (topology_read(&a->topo, "/sys", ks->btf.scope, MAX_SCOPES, err))
		return -1;
	kern_pods_read(&a->topo, &ks->btf);
	req.nr_cpus = (unsigned int)a->topo.nr_cpu_ids;
	req.nr_nodes = (unsigned int)a->topo.nr_node_ids;
	a->s.time_ns = real_ns();
	if (walker_run(&ks->walker, &req, &ks->records, err))
		return -1;
	if (!ks->hz)
		ks->hz = find_hz(ks->walker.st);
	names_clear(&ks->names);
	kern_fill(&a->s, &ks->records, &ks->btf, &ks->walker, &ks->names, ks->hz);
	kern_affinity_fill(a, &ks->records, &ks->btf);
	fill_host(ks, &a->s);
	return 0;
}

static int kern_events(struct source *src, unsigned int what, struct error *err)
{
	struct kern_source *ks = (struct kern_source *)src;

	kern_events_close(ks->events);
	kern_trace_close(ks->trace);
	ks->events = NULL;
	ks->trace = NULL;
	if (what & EVENTS_COUNT && !(ks->events = kern_events_open(&ks->btf, what, err)))
		return -1;
	if (what & EVENTS_TRACE && !(ks->trace = kern_trace_open(&ks->btf, err)))
		return -1;
	return 0;
}

static int kern_trace(struct source *src, struct snapshot *s, struct error *err)
{
	struct kern_source *ks = (struct kern_source *)src;

	fill_host(ks, s);
	return kern_trace_read(ks->trace, &ks->walker, s, err);
}

static void kern_events_ended(struct source *src)
{
	struct kern_source *ks = (struct kern_source *)src;

	if (ks->events)
		kern_events_end(ks->events);
}

static void kern_close(struct source *src)
{
	struct kern_source *ks = (struct kern_source *)src;

	kern_events_close(ks->events);
	kern_trace_close(ks->trace);
	walker_close(&ks->walker);
	kern_btf_close(&ks->btf);
	records_free(&ks->records);
	names_free(&ks->names);
	free(ks);
}

static const struct source_ops kern_ops = {
	.read = kern_read,
	.events = kern_events,
	.events_end = kern_events_ended,
	.trace = kern_trace,
	.affinity = kern_affinity,
	.close = kern_close,
};

struct source *source_kern_open(const struct source_options *o, struct error *err)
{
	struct kern_source *ks = xcalloc(1, sizeof(*ks));

	ks->src.ops = &kern_ops;
	ks->src.kind = SOURCE_KERNEL;
	ks->all_works = o->all_works;
	ks->exact = o->exact;
	ks->nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uname(&ks->uts);
	verbose = o->verbose;
	libbpf_set_print(print_libbpf);
	if (!may_use_bpf()) {
		error_set(err, "reading the kernel needs the capabilities CAP_BPF and CAP_PERFMON: run "
			       "it as root (with sudo), or give it both");
	} else if (!kern_btf_read(&ks->btf, VMLINUX_BTF, err)) {
		if (!walker_open(&ks->walker, &ks->btf, err))
			return &ks->src;
		explain(err, errno);
	}
	kern_close(&ks->src);
	return NULL;
}

int kern_root_find(bool verbose_, struct kern_btf *kb, struct walk_consts *consts,
		   struct kern_root *root, struct error *err)
{
	struct source_options o = { .verbose = verbose_ };
	struct source *src = source_kern_open(&o, err);
	struct kern_source *ks = (struct kern_source *)src;
	struct walk_request nothing_more = { 0 };
	int rc;

	if (!src)
		return -1;
	rc = walker_run(&ks->walker, &nothing_more, &ks->records, err);
	*kb = ks->btf;
	*consts = *ks->walker.consts;
	root->head = ks->walker.st->head;
	root->hz = find_hz(ks->walker.st);
	kern_close(src);
	return rc;
}
