/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads and attaches bpf/events.bpf.c, and reads its tables, which are mapped.
 *
 * An interval begins once all programs are attached, and ends when every event
 * before its end has been counted: membarrier() waits for the programs that are
 * running, as they do so with preemption off.
 */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fields.h"
#include "source.h"
#include "source_kern_events.h"

/* made by bpftool, which casts const away */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "events_direct.skel.h"
#include "events_probe.skel.h"
#pragma GCC diagnostic pop

#define MAX_SLOTS 1024
#define MIN_SLOTS 64
#define STATS_BYTES (128u << 20)	/* of all CPUs together */
#define NR_PROGRAMS 5

struct mapped {
	void *at;
	size_t size;
};

struct kern_events {
	void *skel;
	void (*destroy)(void *skel);
	struct ev_consts *consts;
	struct ev_state *st;
	struct bpf_map *map_stats, *map_names, *map_works, *map_execs, *map_slots;
	struct bpf_program *on_switch;
	struct bpf_object *obj;
	struct bpf_link *links[NR_PROGRAMS];
	int fds[NR_PROGRAMS];
	int nr_links;
	struct mapped stats, names, works, execs;
};

#define DEFINE_EVENTS(kind) \
	static void destroy_##kind(void *skel) \
	{ \
		events_##kind##__destroy(skel); \
	} \
	static int open_##kind(struct kern_events *ev, const struct bpf_object_open_opts *opts) \
	{ \
		struct events_##kind *s = events_##kind##__open_opts(opts); \
		if (!s) \
			return -1; \
		ev->skel = s; \
		ev->destroy = destroy_##kind; \
		ev->obj = s->obj; \
		ev->consts = &s->rodata->c; \
		ev->map_stats = s->maps.stats; \
		ev->map_names = s->maps.slot_names; \
		ev->map_works = s->maps.works; \
		ev->map_execs = s->maps.execs; \
		ev->on_switch = s->progs.on_switch; \
		return 0; \
	} \
	static int load_##kind(struct kern_events *ev) \
	{ \
		struct events_##kind *s = ev->skel; \
		if (events_##kind##__load(s)) \
			return -1; \
		ev->st = &s->bss->st; \
		return 0; \
	}

DEFINE_EVENTS(direct)
DEFINE_EVENTS(probe)

static uint32_t nr_slots(uint32_t nr_cpus)
{
	uint32_t fit = STATS_BYTES / (uint32_t)sizeof(struct ev_stats) / nr_cpus;

	return fit > MAX_SLOTS ? MAX_SLOTS : fit < MIN_SLOTS ? MIN_SLOTS : fit;
}

static int load_with(struct kern_events *ev, struct kern_btf *kb, const struct kern_core *core,
		     bool cpu)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = core->path);
	uint32_t nr_cpus = (uint32_t)libbpf_num_possible_cpus();

	if ((core->casts ? open_direct(ev, &opts) : open_probe(ev, &opts)) ||
	    kern_core_fill(core, kb, bpf_object__btf(ev->obj)))
		return -1;
	ev->consts->nr_cpus = nr_cpus;
	ev->consts->nr_slots = nr_slots(nr_cpus);
	ev->consts->count_cpu = cpu;
	bpf_map__set_max_entries(ev->map_stats, ev->consts->nr_slots * nr_cpus);
	bpf_map__set_max_entries(ev->map_names, ev->consts->nr_slots);
	bpf_map__set_max_entries(ev->map_execs, EV_NR_EXECS + nr_cpus);
	bpf_program__set_autoload(ev->on_switch, cpu);
	return core->casts ? load_direct(ev) : load_probe(ev);
}

static int load(struct kern_events *ev, struct kern_btf *kb, bool cpu)
{
	struct kern_core core;
	int err;

	kern_core_begin(&core, kb);
	err = load_with(ev, kb, &core, cpu);
	kern_core_end(&core, kb);
	return err;
}

static int map_array(struct bpf_map *map, struct mapped *m)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	m->size = (size_t)bpf_map__max_entries(map) * ((bpf_map__value_size(map) + 7) & ~7u);
	m->size = (m->size + page - 1) & ~(page - 1);
	m->at = mmap(NULL, m->size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (m->at != MAP_FAILED)
		return 0;
	m->at = NULL;
	return -1;
}

static void unmap_array(struct mapped *m)
{
	if (m->at)
		munmap(m->at, m->size);
}

static int attach(struct kern_events *ev)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, ev->obj) {
		if (!bpf_program__autoload(prog))
			continue;
		ev->links[ev->nr_links] = bpf_program__attach(prog);
		if (!ev->links[ev->nr_links])
			return -1;
		ev->fds[ev->nr_links++] = bpf_program__fd(prog);
	}
	return 0;
}

static void explain_load(const struct kern_btf *kb, struct error *err)
{
	if (errno == EINVAL && !kb->has_snprintf)	/* 5.13: the next that can be told by */
		error_set(err, "this kernel cannot count events: its BPF has no atomic exchange, which "
			       "came with Linux 5.12; what needs no events works");
	else
		error_set(err, "cannot load the BPF programs that count events: %s", strerror(errno));
}

struct kern_events *kern_events_open(struct kern_btf *kb, unsigned int what, struct error *err)
{
	struct kern_events *ev = xcalloc(1, sizeof(*ev));

	if (load(ev, kb, what & EVENTS_CPU))
		explain_load(kb, err);
	else if (map_array(ev->map_stats, &ev->stats) || map_array(ev->map_names, &ev->names) ||
		 map_array(ev->map_works, &ev->works) || map_array(ev->map_execs, &ev->execs))
		error_set(err, "cannot map the tables of events: %s", strerror(errno));
	else if (attach(ev))
		error_set(err, "cannot attach to the workqueue tracepoints: %s", strerror(errno));
	else {
		ev->st->from_ns = mono_ns();
		__atomic_store_n(&ev->st->to_ns, UINT64_MAX, __ATOMIC_RELEASE);
		return ev;
	}
	kern_events_close(ev);
	return NULL;
}

/* Programs that are running now end before this returns. */
static void wait_for_programs(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(10000);	/* a kernel that is built without it, or nohz_full */
}

void kern_events_end(struct kern_events *ev)
{
	if (ev->st->to_ns != UINT64_MAX)
		return;
	__atomic_store_n(&ev->st->to_ns, mono_ns(), __ATOMIC_RELEASE);
	wait_for_programs();
}

void kern_events_close(struct kern_events *ev)
{
	if (!ev)
		return;
	for (int i = 0; i < ev->nr_links; i++)
		bpf_link__destroy(ev->links[i]);
	unmap_array(&ev->stats);
	unmap_array(&ev->names);
	unmap_array(&ev->works);
	unmap_array(&ev->execs);
	if (ev->skel)
		ev->destroy(ev->skel);
	free(ev);
}

/* --- reading --- */

static uint32_t slots_used(const struct kern_events *ev)
{
	uint32_t nr = __atomic_load_n(&ev->st->nr_slots, __ATOMIC_ACQUIRE);

	return nr < ev->consts->nr_slots ? nr : ev->consts->nr_slots;
}

static const struct ev_slot_name *slot_name(const struct kern_events *ev, uint32_t slot)
{
	return (const struct ev_slot_name *)ev->names.at + slot;
}

void kern_events_names(const struct kern_events *ev, struct names *n)
{
	for (uint32_t slot = 0; slot < slots_used(ev); slot++)
		names_add(n, slot_name(ev, slot)->func);
}

/* The sum over the CPUs, and over the slots of an equal pair. */
struct sum {
	uint64_t func, wq;
	const char *name;	/* 32 bytes, as the kernel has it */
	struct ev_stats stats;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void add_stats(struct ev_stats *to, const struct ev_stats *from)
{
	to->queued += from->queued;
	to->throttled += from->throttled;
	to->throttle_max = larger(to->throttle_max, from->throttle_max);
	to->started += from->started;
	to->not_throttled += from->not_throttled;
	to->wait_max = larger(to->wait_max, from->wait_max);
	to->unmatched += from->unmatched;
	to->ended += from->ended;
	if (from->run_max > to->run_max) {
		to->run_max = from->run_max;
		to->run_max_at = from->run_max_at;
	}
	to->cpu_ns += from->cpu_ns;
	to->unmatched_end += from->unmatched_end;
	for (int i = 0; i < EV_BUCKETS; i++) {
		to->throttle[i] += from->throttle[i];
		to->wait[i] += from->wait[i];
		to->run[i] += from->run[i];
	}
}

static size_t sum_up(const struct kern_events *ev, struct sum *sums)
{
	const struct ev_stats *stats = ev->stats.at;
	uint32_t nr_cpus = ev->consts->nr_cpus;
	size_t nr = 0;

	for (uint32_t slot = 0; slot < slots_used(ev); slot++) {
		const struct ev_slot_name *n = slot_name(ev, slot);
		size_t i = 0;

		while (i < nr && (sums[i].func != n->func || sums[i].wq != n->wq))
			i++;
		nr += i == nr;
		sums[i].func = n->func;
		sums[i].wq = n->wq;
		sums[i].name = n->name;
		for (uint32_t cpu = 0; cpu < nr_cpus; cpu++)
			add_stats(&sums[i].stats, &stats[(size_t)slot * nr_cpus + cpu]);
	}
	return nr;
}

/* Leaves out pairs of which nothing happened within the interval. */
static size_t drop_idle(struct sum *sums, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++)
		if (sums[i].stats.queued || sums[i].stats.started || sums[i].stats.ended)
			sums[kept++] = sums[i];
	return kept;
}

/* The middle of a bucket (events.h:ev_bucket()). */
static uint64_t bucket_middle(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 16)
		return bucket;
	shift = bucket / 8 - 1;
	return ((uint64_t)(8 + bucket % 8) << shift) + (UINT64_C(1) << shift) / 2;
}

static uint64_t percentile(const uint32_t *hist, uint64_t below, uint64_t count,
			   unsigned int percent, uint64_t max)
{
	uint64_t rank = (count * percent + 99) / 100, seen = below;

	if (rank <= seen)
		return 0;
	for (unsigned int i = 0; i < EV_BUCKETS; i++) {
		seen += hist[i];
		if (rank <= seen)
			return bucket_middle(i) < max ? bucket_middle(i) : max;
	}
	return max;
}

/* @below: how many took no time at all. The count is what the histogram holds. */
static struct latency latency_of(const uint32_t *hist, uint64_t below, uint64_t max)
{
	struct latency l = { .count = below, .max_ns = max };

	for (int i = 0; i < EV_BUCKETS; i++)
		l.count += hist[i];
	l.p50_ns = percentile(hist, below, l.count, 50, max);
	l.p95_ns = percentile(hist, below, l.count, 95, max);
	l.p99_ns = percentile(hist, below, l.count, 99, max);
	return l;
}

static void know_latency(struct function *f, unsigned int first, const struct latency *l)
{
	know(&f->has, first);		/* the count; times only if it is not 0 */
	for (unsigned int i = 1; l->count && i <= 4; i++)
		know(&f->has, first + i);
}

static void fill_latencies(struct function *f, const struct ev_stats *t)
{
	f->throttle = latency_of(t->throttle, t->not_throttled, t->throttle_max);
	f->wait = latency_of(t->wait, 0, t->wait_max);
	f->run = latency_of(t->run, 0, t->run_max);
	know_latency(f, FUNCTION_THROTTLE_COUNT, &f->throttle);
	know_latency(f, FUNCTION_WAIT_COUNT, &f->wait);
	know_latency(f, FUNCTION_RUN_COUNT, &f->run);
	if (!t->run_max)
		return;
	f->run_max_at_mono_ns = t->run_max_at;
	know(&f->has, FUNCTION_RUN_MAX_AT);
}

static bool is_barrier_function(const struct names *n, uint64_t func)
{
	const char *name = names_find(n, func);

	return name && !strcmp(name, "wq_barrier_func");
}

static void fill_function(struct snapshot *s, const struct kern_events *ev, const struct sum *sum,
			  const struct names *n)
{
	const char *name = names_find(n, sum->func);
	struct function *f = snapshot_add(s, ROW_FUNCTION);

	if (name) {
		f->function = snapshot_str(s, name);
		know(&f->has, FUNCTION_FUNCTION);
	}
	if (sum->wq) {
		f->workqueue = snapshot_strn(s, sum->name, strnlen(sum->name, 32));
		f->workqueue_id = snapshot_fmt(s, "0x%llx", (unsigned long long)sum->wq);
		know(&f->has, FUNCTION_WORKQUEUE);
		know(&f->has, FUNCTION_WORKQUEUE_ID);
	}
	f->queued = sum->stats.queued;
	f->started = sum->stats.started;
	f->ended = sum->stats.ended;
	know(&f->has, FUNCTION_STARTED);
	know(&f->has, FUNCTION_ENDED);
	fill_latencies(f, &sum->stats);
	if (ev->consts->count_cpu) {
		f->cpu_ns = sum->stats.cpu_ns;
		know(&f->has, FUNCTION_CPU);
	}
	if (!is_barrier_function(n, sum->func)) {
		know(&f->has, FUNCTION_QUEUED);
		s->interval.unmatched += sum->stats.unmatched + sum->stats.unmatched_end;
	} else {		/* a barrier is inserted, never queued: it has no such times */
		for (unsigned int i = FUNCTION_THROTTLE_COUNT; i <= FUNCTION_WAIT_MAX; i++)
			forget(&f->has, i);
	}
}

/* The earliest start among the executions of a function that have not ended. */
static void fill_running_since(struct snapshot *s, const struct kern_events *ev,
			       const struct sum *sums, size_t nr)
{
	const struct ev_exec *execs = ev->execs.at;
	size_t first = nr_rows(s, ROW_FUNCTION) - nr;

	for (uint32_t i = 0; i < EV_NR_EXECS + ev->consts->nr_cpus; i++) {
		struct ev_exec e = execs[i];
		struct function *f;
		size_t row = 0;

		if (!e.work || e.slot >= slots_used(ev))
			continue;
		while (row < nr && (sums[row].func != slot_name(ev, e.slot)->func ||
				    sums[row].wq != slot_name(ev, e.slot)->wq))
			row++;
		if (row == nr)
			continue;
		f = snapshot_row(s, ROW_FUNCTION, first + row);
		if (known(f->has, FUNCTION_RUNNING_SINCE) && f->running_since_mono_ns <= e.start_ns)
			continue;
		f->running_since_mono_ns = e.start_ns;
		know(&f->has, FUNCTION_RUNNING_SINCE);
	}
}

/*
 * What our programs take, by the runs that time themselves. An activation is
 * left out: it is a single read for most works. So are the switches that the
 * fifth program sees, which nobody counts: no cost then.
 */
static void fill_cost(const struct kern_events *ev, struct snapshot *s, const struct sum *sums,
		      size_t nr)
{
	uint64_t runs = ev->st->cost_runs;

	if (ev->consts->count_cpu || !runs)
		return;
	for (size_t i = 0; i < nr; i++)
		s->interval.events += sums[i].stats.queued + sums[i].stats.started +
				      sums[i].stats.ended;
	s->interval.event_ns = (double)ev->st->cost_ns / (double)runs;
}

/* Events that the kernel kept from a program because it was running already. */
static uint64_t missed(const struct kern_events *ev)
{
	uint64_t sum = 0;

	for (int i = 0; i < ev->nr_links; i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(ev->fds[i], &info, &len))
			sum += info.recursion_misses;
	}
	return sum;
}

void kern_events_fill(const struct kern_events *ev, struct snapshot *s, const struct names *n)
{
	struct sum *sums = xcalloc(slots_used(ev), sizeof(*sums));
	size_t nr = drop_idle(sums, sum_up(ev, sums));
	uint64_t now = mono_ns();

	s->table[ROW_FUNCTION].present = true;
	s->interval.known = true;
	s->interval.from_mono_ns = ev->st->from_ns;
	s->interval.to_mono_ns = ev->st->to_ns < now ? ev->st->to_ns : now;
	s->interval.lost = ev->st->lost + missed(ev);
	for (size_t i = 0; i < nr; i++)
		fill_function(s, ev, &sums[i], n);
	fill_running_since(s, ev, sums, nr);
	fill_cost(ev, s, sums, nr);
	free(sums);
}

/* --- ages --- */

static bool started_at(const struct kern_events *ev, int64_t pid, uint64_t work, uint64_t *ns)
{
	const struct ev_exec *execs = ev->execs.at;
	struct ev_exec e = execs[(uint64_t)pid % EV_NR_EXECS];

	*ns = e.start_ns;
	return e.work == work && e.pid == (uint32_t)pid;
}

static bool queued_at(const struct kern_events *ev, uint64_t work, uint64_t *ns)
{
	const struct ev_work_bucket *buckets = ev->works.at;
	const struct ev_work_bucket *b = &buckets[ev_hash(work >> 3, EV_WORK_BITS)];

	for (int i = 0; i < 2; i++) {
		struct ev_work w = b->way[i];

		*ns = w.queue_ns;
		if (w.work == work && w.queue_ns)
			return true;
	}
	return false;
}

static uint64_t age(const struct snapshot *s, uint64_t since)
{
	return since < s->mono_ns ? s->mono_ns - since : 0;
}

void kern_events_ages(const struct kern_events *ev, struct snapshot *s)
{
	uint64_t ns;

	for_each_row(s, ROW_WORKER, struct worker, w) {
		if (!w->work || known(w->has, WORKER_AGE) || !known(w->has, WORKER_PID) ||
		    !started_at(ev, w->pid, w->work, &ns))
			continue;
		w->age_ns = age(s, ns);
		know(&w->has, WORKER_AGE);
	}
	for_each_row(s, ROW_WORK, struct work, w) {
		bool known_since = w->state == WORK_RUNNING
			? known(w->has, WORK_WORKER_PID) && started_at(ev, w->worker_pid, w->address, &ns)
			: w->state != WORK_DELAYED && queued_at(ev, w->address, &ns);

		if (!known_since || known(w->has, WORK_AGE))
			continue;
		w->age_ns = age(s, ns);
		know(&w->has, WORK_AGE);
	}
}
