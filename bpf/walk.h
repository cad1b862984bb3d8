/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.h - contract [1], private half: what bpf/walk.bpf.c hands to
 * tools/source_kern.c
 *
 * A walk is a series of calls of one BPF program. Each call appends records to
 * `out` and returns; its state stays in the program's memory, and the next call
 * goes on. REC_DROP takes back the last records: the list that they came from
 * was seen to change, and is read again.
 */
#ifndef WQKIT_WALK_H
#define WQKIT_WALK_H

#define WALK_OUT_BYTES (1u << 20)	/* records of one call */
#define WALK_MASK_WORDS 128		/* 64-bit words of a cpumask: 8192 CPUs */
#define WALK_LIST_MAX 1000		/* works of one list that are told one by one */

enum walk_rec_type {
	REC_NONE,	/* replaced by what an exact call told */
	REC_WORKQUEUE,
	REC_PWQ,
	REC_POOL,
	REC_WORKER,
	REC_WORK,
	REC_FLUSHER,
	REC_DELAYED,
	REC_TIMER,	/* function of a timer, while delayed_work_timer_fn is unknown */
	REC_CPUMASK,
	REC_LIST,	/* how the reading of a list ended, unless it was plain */
	REC_DROP,
	REC_SLOTS,	/* the rest: only for want_affinity */
	REC_NODE,
};

/* How a list was read. */
enum walk_verdict {
	LIST_RETRIED = 1,	/* it changed, and was read again */
	LIST_CUT = 2,		/* it is longer than WALK_LIST_MAX */
	LIST_GAVE_UP = 4,	/* it kept changing */
};

enum walk_list {
	LIST_INACTIVE,
	LIST_WORKLIST,
	LIST_SCHEDULED,
	LIST_WORKERS,
	LIST_WORKQUEUES,
	LIST_PWQS,
	LIST_FLUSHERS,
	LIST_TIMERS,
};

struct walk_rec {
	unsigned short type, size;	/* size: all of the record, a multiple of 8 */
	unsigned int flags;
};

#define WQ_HAS_MIN_ACTIVE 1
#define WQ_HAS_ATTRS 2
#define WQ_HAS_SCOPE 4

struct rec_workqueue {
	struct walk_rec rec;
	unsigned long long wq;
	char name[32];
	unsigned int wq_flags;
	int max_active, min_active;
	int nice, affn_scope;
	unsigned char affn_strict, ordered, pad[2];
	int rescuer_pid;		/* 0: no rescuer */
	int pad2;
};

#define PWQ_HAS_STATS 1
#define PWQ_HAS_MAX_ACTIVE 2

struct rec_pwq {
	struct walk_rec rec;
	unsigned long long pwq, wq, pool;
	int pool_id, cpu;
	int nr_active, max_active, refcnt;
	int nr_in_flight;		/* sum over the colours: works and barriers */
	unsigned char on_mayday, pad[7];
	unsigned long long stats[8];
};

#define POOL_HAS_NR_RUNNING 1
#define POOL_HAS_STRICT 2
#define POOL_IS_STRICT 4
#define POOL_IS_EXACT 8		/* set by user space */

struct rec_pool {
	struct walk_rec rec;
	unsigned long long pool;
	int id, cpu, node, nice;
	unsigned int pool_flags;
	int nr_workers, nr_idle, nr_running;
	int refcnt;
	int manager_pid;		/* 0: none */
	unsigned char worklist_empty, pad[7];
	unsigned long long progress;	/* jiffies */
};

#define WORKER_IS_RESCUER 1
#define WORKER_HAS_START 2
#define WORKER_WORK_QUEUED 4	/* the work that it executes is queued again */

struct rec_worker {
	struct walk_rec rec;
	unsigned long long worker, pool, rescue_wq;
	unsigned long long work, func, pwq;	/* what it executes; 0: nothing */
	unsigned long long start;		/* jiffies */
	unsigned long long run_mark;		/* moves when a work begins; 0: unknown */
	unsigned int worker_flags;
	int pid;
	char comm[16];
	char desc[32];
};

#define WORK_IS_BARRIER 1

struct rec_work {
	struct walk_rec rec;
	unsigned long long work, func, pwq, pool;
	unsigned int list;		/* LIST_INACTIVE, LIST_WORKLIST, LIST_SCHEDULED */
	int pid;			/* barrier: who waits; scheduled: the worker */
	char comm[16];			/* barrier: who waits */
	unsigned long long target;	/* barrier: function waited for; 0: unknown */
};

struct rec_flusher {
	struct walk_rec rec;
	unsigned long long wq;
	int pid, pad;
	char comm[16];
};

struct rec_delayed {
	struct walk_rec rec;
	unsigned long long work, func, wq;
	unsigned long long expires;	/* jiffies */
	int cpu, pad;
};

struct rec_timer {
	struct walk_rec rec;
	unsigned long long func;
};

/* Whose mask it is; those but the first only for want_affinity. */
enum walk_mask {
	MASK_CPUS,		/* attrs->cpumask */
	MASK_POD,		/* of a pool: attrs->__pod_cpumask */
	MASK_RESCUER,		/* of a workqueue: where its rescuer may run */
};

struct rec_cpumask {
	struct walk_rec rec;		/* flags: enum walk_mask */
	unsigned long long owner;	/* a workqueue or a pool */
	unsigned long long words[WALK_MASK_WORDS];	/* cut to the machine's size */
};

struct rec_list {
	struct walk_rec rec;		/* flags: enum walk_verdict */
	unsigned long long owner;	/* pwq, pool, worker or workqueue */
	unsigned long long pool;	/* the pool that it belongs to, or 0 */
	unsigned int list;
	unsigned int left_out;		/* LIST_TIMERS: those beyond WALK_LIST_MAX */
};

/* The pwqs of CPUs; 0: none, or unknown. */
#define WALK_SLOTS 32
struct rec_slots {
	struct walk_rec rec;
	unsigned long long wq;
	unsigned int first, nr;
	unsigned long long pwq[WALK_SLOTS];
};

#define NODE_HAS_PWQ 1
#define NODE_HAS_ACTIVE 2

struct rec_node {
	struct walk_rec rec;
	unsigned long long wq, pwq;
	int node;			/* the number of nodes: the default pwq */
	int nr, max, pad;
};

struct rec_drop {
	struct walk_rec rec;
	unsigned int nr, pad;
};

/* What user space tells the program before it is loaded. */
struct walk_consts {
	unsigned int wq_unbound;	/* WQ_UNBOUND */
	unsigned int pool_bh;		/* POOL_BH, or 0 */
	unsigned int mask_words;
	unsigned int nr_pools;		/* room in the maps of pools */
	unsigned int nr_timer_bases;	/* per CPU; 0: timers cannot be found */
	unsigned int timer_words;	/* longs of a base's pending_map */
	unsigned int call_ns;		/* no call much longer than this */
	unsigned int steps_a_look;	/* steps between two looks at the clock */
	unsigned int exact_ns;		/* no call with interrupts off much longer than this */
	unsigned int exact_racing;	/* for tests: on any CPU, with interrupts on */
	unsigned long long pwq_mask;	/* the bits of work_struct.data that are a pwq */
	long long timer_delta;		/* timer_bases - cpu_worker_pools */
};

enum walk_phase {
	PH_CLIMB,		/* from the current task up to pid 0 */
	PH_ROOT,		/* find a workqueue, by the tasks' rescuers */
	PH_HEAD,		/* find the head of `workqueues` from there */
	PH_WQ,
	PH_CPUS,
	PH_NODES,
	PH_PWQ,
	PH_INACTIVE,
	PH_FLUSHERS,
	PH_POOL,
	PH_WORKLIST,
	PH_POOL_WORKERS,
	PH_WORKERS,
	PH_SCHEDULED,
	PH_POOL_TIMERS,
	PH_TIMERS,
	PH_BUCKET,
	PH_DONE,
	PH_LOST,		/* no workqueue was found */
};

/* A walk along one list; all of it are addresses of list_heads. */
struct walk_cursor {
	unsigned long long head, pos;
	unsigned int nr;		/* elements met */
	unsigned int mark;		/* records emitted before the list began */
	unsigned int retries, verdict;
};

/* The walk's state: user space clears it, sets `want`, and reads `phase`. */
struct walk_state {
	unsigned int phase;
	unsigned int want_timers, all_works, want_affinity;
	unsigned int nr_cpus, nr_nodes;			/* nr_cpu_ids and nr_node_ids */
	unsigned long long head;			/* of `workqueues`; kept between walks */
	unsigned long long delayed_fn;			/* delayed_work_timer_fn, or 0 */
	unsigned long long jiffies, began_ns, ended_ns, root_ns;
	unsigned int out_len, nr_pools, generation, retries;
	unsigned int emitted, astray;			/* records alive; lists given up */
	unsigned long long wq, pwq, pool, worker;	/* where we are */
	int pool_id, worker_pid;
	unsigned int pool_index, linked;
	unsigned long long target;			/* function of the work before a barrier */
	unsigned long long first, first_pwq, first_started;	/* of the list of works */
	unsigned long long ahead;			/* works of first_pwq that were met */
	unsigned int base, bucket;
	struct walk_cursor tasks, wqs, pwqs, items, workers;
	unsigned int pools_lost, is_going_on;
	unsigned long long call_began;
	unsigned int nr_names, pad2;			/* for the program `resolve` */
	unsigned long long anchor, scratch;		/* see percpu_address() */
	unsigned int exact;				/* read only `pool`: see walk_exact.h */
	unsigned int nr_exact;				/* its pwqs, in pwqs_of_pool */
	unsigned int first_pass_len, torn;		/* of exact: bytes of out; do not trust it */
};

/* A pool that the walk has met. */
struct walk_pool {
	unsigned long long pool;
	int id, cpu;
	unsigned int timers, pad;	/* timers: its CPU's timers are found from it */
};

/* A pwq that an exact call is to read, and whose it was. */
#define WALK_EXACT_PWQS 1024
struct walk_pwq {
	unsigned long long pwq, wq;
};

/* Names of functions, for the program `resolve`. */
#define RESOLVE_MAX 64
struct resolve_name {
	unsigned long long addr;
	char name[120];
};

#endif
