/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.bpf.c - counts the four workqueue events, by function and workqueue
 *
 * queue > activate is the throttle time (held back by max_active), activate >
 * start the wait (for a worker), start > end the run. The tables are direct-
 * mapped: a lookup is one cache line, and a work is known by its address, which
 * is compared, so that a collision loses a latency (counted as unmatched) but
 * never gives a wrong one.
 *
 * Which events of one work can race? None: queue and activate are under its
 * pool's lock, start comes after them, end after start. Different works can
 * share a bucket; a way changes hands by compare-and-exchange.
 *
 * Whether a work was held back is seen at its activation: one that is activated
 * at once has not been given its pwq yet, so for most works that event costs a
 * single read.
 */
#include "read.h"
#include "kernel.h"
#include "fields.h"
#include "events.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct ev_consts c = {};
struct ev_state st = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1 << EV_SLOT_BITS);
	__type(key, u32);
	__type(value, struct ev_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ev_slot_name);
} slot_names SEC(".maps");

/* By slot and CPU: number * nr_cpus + cpu. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ev_stats);
} stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1 << EV_WORK_BITS);
	__type(key, u32);
	__type(value, struct ev_work_bucket);
} works SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EV_NR_EXECS);
	__type(key, u32);
	__type(value, struct ev_exec);
} execs SEC(".maps");

static __always_inline int in_window(u64 now)
{
	return now >= st.from_ns && now < st.to_ns;
}

static __always_inline void lose(u64 now)
{
	if (in_window(now))
		__sync_fetch_and_add(&st.lost, 1);
}

/*
 * What we cost: one run in 64 is timed from its first look at the clock to its
 * end. (The kernel's own statistics of BPF programs would slow all of them.)
 */
static __always_inline void sample_cost(u64 began)
{
	if (began & 63)
		return;
	__sync_fetch_and_add(&st.cost_ns, bpf_ktime_get_ns() - began);
	__sync_fetch_and_add(&st.cost_runs, 1);
}

/* --- slots --- */

#define NO_SLOT ~0u

static __noinline u32 new_slot(struct ev_slot *s, u64 func, u64 wq)
{
	u32 number = __sync_fetch_and_add(&st.nr_slots, 1);
	struct ev_slot_name *n = bpf_map_lookup_elem(&slot_names, &number);

	if (!n || number >= c.nr_slots)
		return NO_SLOT;		/* its place stays "being written" */
	n->func = func;
	n->wq = wq;
	if (wq)
		read_wq_name(n->name, wq);
	s->func = func;
	s->wq = wq;
	s->number = number;
	__sync_lock_test_and_set(&s->state, 2);	/* a full barrier: ready from here on */
	return number;
}

/*
 * The number of a pair's counters. Two CPUs that meet a new pair at once may
 * make two slots of it: user space adds them up.
 */
static __always_inline u32 slot_of(u64 func, u64 wq)
{
	u32 first = ev_hash(func ^ (wq << 20 | wq >> 44), EV_SLOT_BITS);

	for (u32 i = 0; i < EV_SLOT_PROBES; i++) {
		u32 key = (first + i) & ((1 << EV_SLOT_BITS) - 1);
		struct ev_slot *s = bpf_map_lookup_elem(&slots, &key);

		if (!s)
			break;
		if (s->state == 2 && s->func == func && s->wq == wq)
			return s->number;
		if (!s->state && st.nr_slots < c.nr_slots &&
		    !__sync_val_compare_and_swap(&s->state, 0, 1))
			return new_slot(s, func, wq);
	}
	return NO_SLOT;
}

static __always_inline struct ev_stats *stats_of(u32 slot)
{
	u32 key = slot * c.nr_cpus + bpf_get_smp_processor_id();

	return slot == NO_SLOT ? 0 : bpf_map_lookup_elem(&stats, &key);
}

static __always_inline void add_time(u32 *hist, u64 ns)
{
	u64 bucket = ev_bucket(ns);

	barrier_var(bucket);	/* the verifier of 6.1 must see it tested and used as one */
	if (bucket < EV_BUCKETS)
		hist[bucket]++;
}

/* --- works that wait --- */

static __always_inline struct ev_work_bucket *bucket_of(u64 work)
{
	u32 key = ev_hash(work >> 3, EV_WORK_BITS);

	return bpf_map_lookup_elem(&works, &key);
}

static __always_inline struct ev_work *find_work(u64 work)
{
	struct ev_work_bucket *b = bucket_of(work);

	if (!b)
		return 0;
	if (b->way[0].work == work)
		return &b->way[0];
	if (b->way[1].work == work)
		return &b->way[1];
	return 0;
}

/* A way for @work: its own, a free one, or the older of two. */
static __always_inline struct ev_work *claim_work(u64 work)
{
	struct ev_work_bucket *b = bucket_of(work);
	struct ev_work *w;
	u64 old;

	if (!b)
		return 0;
	if (b->way[0].work == work)
		return &b->way[0];
	if (b->way[1].work == work)
		return &b->way[1];
	w = b->way[0].queue_ns <= b->way[1].queue_ns ? &b->way[0] : &b->way[1];
	old = w->work;
	if (__sync_val_compare_and_swap(&w->work, old, work) == old)
		return w;
	w = w == &b->way[0] ? &b->way[1] : &b->way[0];
	old = w->work;
	return __sync_val_compare_and_swap(&w->work, old, work) == old ? w : 0;
}

static __always_inline void count_queue(u64 now, u64 pwq, u64 work)
{
	u64 func = LOADP(work_struct, work, func), wq = LOADP(pool_workqueue, pwq, wq);
	u32 slot = slot_of(func, wq);
	struct ev_stats *s = stats_of(slot);
	struct ev_work *w;

	if (!s) {
		lose(now);
		return;
	}
	if (in_window(now))
		s->queued++;
	w = claim_work(work);
	if (!w)
		return;		/* its start will be unmatched */
	w->queue_ns = now;
	w->activate_ns = now;
	w->slot = slot;
	w->throttled = 0;
}

SEC("raw_tp/workqueue_queue_work")
int on_queue(struct bpf_raw_tracepoint_args *ctx)
{
	u64 now = bpf_ktime_get_ns();

	count_queue(now, ctx->args[1], ctx->args[2]);
	sample_cost(now);
	return 0;
}

SEC("raw_tp/workqueue_activate_work")
int on_activate(struct bpf_raw_tracepoint_args *ctx)
{
	u64 work = ctx->args[0], now;
	struct ev_stats *s;
	struct ev_work *w;

	if (!(LOAD(work_struct, work, data.counter) & WORK_PWQ))
		return 0;	/* as it is queued: it was not held back */
	w = find_work(work);
	if (!w || !w->queue_ns)
		return 0;
	now = bpf_ktime_get_ns();
	w->activate_ns = now;
	w->throttled = 1;
	s = stats_of(w->slot);
	if (!s || !in_window(now))
		return 0;
	now -= w->queue_ns;
	s->throttled++;
	add_time(s->throttle, now);
	if (now > s->throttle_max)
		s->throttle_max = now;
	return 0;
}

/* --- executions --- */

/* The workqueue of an execution that we have not seen queued; 0 if unknown. */
static __noinline u64 current_wq(u64 work)
{
	u64 pwq = current_pwq(work);

	return pwq ? LOADP(pool_workqueue, pwq, wq) : 0;
}

static __always_inline struct ev_exec *exec_by_pid(u32 pid)
{
	u32 key = pid & (EV_NR_EXECS - 1);

	return bpf_map_lookup_elem(&execs, &key);
}

/* BH works run in softirqs, whoever is current: by CPU. */
static __always_inline struct ev_exec *exec_by_cpu(void)
{
	u32 key = EV_NR_EXECS + bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&execs, &key);
}

static __always_inline void begin_exec(u64 work, u64 now, u32 slot)
{
	u32 pid = bpf_get_current_pid_tgid();
	struct ev_exec *e = exec_by_pid(pid);

	if (!e)
		return;
	if (!pid || (e->work && e->pid == pid))
		e = exec_by_cpu();	/* within another execution: a softirq */
	if (!e)
		return;
	e->work = work;
	e->start_ns = now;
	e->on_cpu_ns = now;
	e->cpu_ns = 0;
	e->slot = slot;
	e->pid = pid;
}

static __always_inline void count_start(u64 now, u64 work)
{
	u64 activated = 0;
	struct ev_work *w = find_work(work);
	struct ev_stats *s;
	u32 slot, throttled = 0;

	if (w && w->queue_ns) {
		slot = w->slot;
		activated = w->activate_ns;
		throttled = w->throttled;
		if (w->work != work)
			activated = 0;		/* the way changed hands meanwhile */
		else
			w->queue_ns = 0;
	}
	if (!activated)
		slot = slot_of(LOADP(work_struct, work, func), current_wq(work));
	begin_exec(work, now, slot);
	s = stats_of(slot);
	if (!s) {
		lose(now);
		return;
	}
	if (!in_window(now))
		return;
	s->started++;
	if (!activated) {
		s->unmatched++;
		return;
	}
	s->not_throttled += !throttled;
	now -= activated;
	add_time(s->wait, now);
	if (now > s->wait_max)
		s->wait_max = now;
}

SEC("raw_tp/workqueue_execute_start")
int on_start(struct bpf_raw_tracepoint_args *ctx)
{
	u64 now = bpf_ktime_get_ns();

	count_start(now, ctx->args[0]);
	sample_cost(now);
	return 0;
}

static __always_inline struct ev_exec *find_exec(u64 work)
{
	u32 pid = bpf_get_current_pid_tgid();
	struct ev_exec *e = exec_by_pid(pid);

	if (e && e->work == work && e->pid == pid)
		return e;
	e = exec_by_cpu();
	return e && e->work == work ? e : 0;
}

static __always_inline void count_end(u64 now, u64 work, u64 func)
{
	u64 run;
	struct ev_exec *e = find_exec(work);
	u32 slot = e ? e->slot : slot_of(func, current_wq(work));
	struct ev_stats *s = stats_of(slot);

	if (e)
		e->work = 0;
	if (!s) {
		lose(now);
		return;
	}
	if (!in_window(now))
		return;
	s->ended++;
	if (!e) {
		s->unmatched_end++;
		return;
	}
	run = now - e->start_ns;
	add_time(s->run, run);
	if (run > s->run_max) {
		s->run_max = run;
		s->run_max_at = now;
	}
	if (c.count_cpu)
		s->cpu_ns += e->cpu_ns + (now - e->on_cpu_ns);
}

SEC("raw_tp/workqueue_execute_end")
int on_end(struct bpf_raw_tracepoint_args *ctx)
{
	u64 now = bpf_ktime_get_ns();

	count_end(now, ctx->args[0], ctx->args[1]);
	sample_cost(now);
	return 0;
}

/* --- CPU time, while somebody looks at it --- */

static __always_inline struct ev_exec *exec_of_worker(u64 task)
{
	u32 pid;
	struct ev_exec *e;

	if (!(LOAD(task_struct, task, flags) & PF_WQ_WORKER))
		return 0;
	pid = LOAD(task_struct, task, pid);
	e = exec_by_pid(pid);
	return e && e->work && e->pid == pid ? e : 0;
}

SEC("?raw_tp/sched_switch")
int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	struct ev_exec *off = exec_of_worker(ctx->args[1]), *on = exec_of_worker(ctx->args[2]);
	u64 now;

	if (!off && !on)
		return 0;
	now = bpf_ktime_get_ns();
	if (off)
		off->cpu_ns += now - off->on_cpu_ns;
	if (on)
		on->on_cpu_ns = now;
	return 0;
}
