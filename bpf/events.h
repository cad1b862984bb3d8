/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.h - contract [1], private half: what bpf/events.bpf.c counts, for
 * tools/source_kern_events.c, which maps these arrays and reads along.
 *
 * A slot is one pair of function and workqueue. Counters and histograms of a
 * slot exist once for each CPU, and each of them is written by one program
 * only, so that no event is lost to a race and none needs an atomic operation.
 */
#ifndef WQKIT_EVENTS_H
#define WQKIT_EVENTS_H

#define EV_SLOT_BITS 12			/* places in the table of slots */
#define EV_SLOT_PROBES 8
#define EV_WORK_BITS 15			/* buckets of two works that wait */
#define EV_EXEC_BITS 15			/* executions, by pid; CPUs behind them */
#define EV_NR_EXECS (1u << EV_EXEC_BITS)

/*
 * A time's bucket: below 16 ns the time itself, above it three bits behind the
 * leading one. A bucket is at most 1/8 of its time wide, so its middle is off
 * by at most 1/16. The last one holds all from 2^37 ns (137 s) on.
 */
#define EV_BUCKETS 288

/* Three bits behind the leading one, and its place; inlined on both sides. */
static inline __attribute__((always_inline)) unsigned int ev_bucket(unsigned long long ns)
{
	unsigned int top = 0;
	unsigned long long x = ns;

	if (ns < 16)
		return (unsigned int)ns;
	if (x >> 32) { top += 32; x >>= 32; }
	if (x >> 16) { top += 16; x >>= 16; }
	if (x >> 8) { top += 8; x >>= 8; }
	if (x >> 4) { top += 4; x >>= 4; }
	if (x >> 2) { top += 2; x >>= 2; }
	if (x >> 1) top += 1;
	if (top > 36)
		return EV_BUCKETS - 1;
	return (top - 2) * 8 + (unsigned int)(ns >> (top - 3) & 7);
}

/* Where a work waits, and a slot is looked for first. */
static inline __attribute__((always_inline)) unsigned int ev_hash(unsigned long long key,
								  unsigned int bits)
{
	return (unsigned int)(key * 0x9e3779b97f4a7c15ULL >> (64 - bits));
}

struct ev_slot {
	unsigned long long func, wq;
	unsigned int number;		/* of its counters */
	unsigned int state;		/* 0 free, 1 being written, 2 ready */
};

/* What a slot's number stands for; the name as of its first event. */
struct ev_slot_name {
	unsigned long long func, wq;
	char name[32];
};

struct ev_stats {
	/* workqueue_queue_work */
	unsigned long long queued;
	/* workqueue_activate_work, of works that were held back */
	unsigned long long throttled, throttle_max;
	/* workqueue_execute_start */
	unsigned long long started, not_throttled, wait_max;
	unsigned long long unmatched;	/* no queue event: no throttle and no wait */
	/* workqueue_execute_end */
	unsigned long long ended, run_max, run_max_at, cpu_ns;
	unsigned long long unmatched_end;	/* no start event: no run time */
	unsigned int throttle[EV_BUCKETS], wait[EV_BUCKETS], run[EV_BUCKETS];
};

/* A work that waits. queue_ns is 0 once it has started. */
struct ev_work {
	unsigned long long work, queue_ns, activate_ns;
	unsigned int slot, throttled;
};

struct ev_work_bucket {
	struct ev_work way[2];
};

/* An execution; work is 0 once it has ended. */
struct ev_exec {
	unsigned long long work, start_ns;
	unsigned long long on_cpu_ns, cpu_ns;	/* since when, and before */
	unsigned int slot, pid;
};

struct ev_consts {
	unsigned int nr_slots, nr_cpus;
	unsigned int count_cpu;		/* the program on sched_switch is attached */
	unsigned int pad;
};

struct ev_state {
	unsigned long long from_ns, to_ns;	/* events outside do not count */
	unsigned long long lost;		/* events that could not be counted */
	unsigned int nr_slots, pad;		/* numbers given away */
	unsigned long long cost_ns, cost_runs;	/* time in some runs of our programs */
};

#endif
