/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * internal.h - the library from inside
 *
 * A tour: queue_work() (work.c) takes the item's PENDING bit, chooses a pool_workqueue (pwq: one
 * per queue and CPU), and puts the item on its pool's worklist or, when max_active is reached, on
 * the pwq's inactive list. A pool (pool.c) has a limit of running workers; whoever changes its
 * worklist kicks one idle worker while fewer than that run. Workers (worker.c) take items off the
 * list and run them. flush.c waits with barriers and colours; timer.c is the wheel of delayed
 * items; rescuer.c helps a pool that gets no threads; block.c notices that a worker sleeps
 * (SCHED_IDLE sentinels, a tick; perf.c: switch records) and takes it off the running count;
 * service.c is the one thread that makes workers, ticks, and cleans up; wq.c makes and destroys
 * queues.
 *
 * What a field is protected by:
 *	I	set up before anybody else sees it
 *	L	pool->lock
 *	W	wq->mutex to change, wq->mutex or the pool's lock to read
 *	A	atomic, any order that the comment says
 *	S	only its own thread
 *	P	wq_pool_mutex
 *	M	wq_mayday_lock
 *	N	nna->lock
 *	T	the timer lock
 *
 * Lock ranks: wq_pool_mutex > wq->mutex > timer, RCU callbacks > pool->lock (two of them: by id) >
 * nna->lock, mayday; a build with DEBUG=1 checks them (enum lock_rank). No lock is held while a
 * function runs, a thread is made, or a file is read.
 */
#ifndef WQ_INTERNAL_H
#define WQ_INTERNAL_H

#include <limits.h>
#include <pthread.h>
#ifdef __has_include
#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define HAVE_SDT
#endif
#endif
#include <sys/types.h>
#include <wq/types.h>
#include <wq/wq.h>

typedef uint64_t u64;
typedef uint32_t u32;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define container_of(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CACHELINE 64
#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull

#define load_relaxed(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_relaxed(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
/* One writer at a time (under a lock), readers without: no locked instruction needed. */
#define add_relaxed(p, v) store_relaxed(p, load_relaxed(p) + (v))

#ifdef WQKIT_DEBUG
#define wq_assert(cond) \
	do { \
		if (unlikely(!(cond))) \
			wq_bug(#cond, __FILE__, __LINE__); \
	} while (0)
#else
#define wq_assert(cond) ((void)sizeof(cond))
#endif

void wq_bug(const char *what, const char *file, int line) __attribute__((noreturn, cold));

#include "segment.h"

/* --- lists --- */

static inline void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_insert(struct list_head *entry, struct list_head *prev,
			       struct list_head *next)
{
	next->prev = entry;
	entry->next = next;
	entry->prev = prev;
	prev->next = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_insert(entry, head->prev, head);
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	list_init(entry);
}

static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add_tail(entry, head);
}

#define list_entry(p, type, member) container_of(p, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, tmp, head) \
	for (pos = (head)->next, tmp = pos->next; pos != (head); pos = tmp, tmp = pos->next)

/* --- locks, the current thread (sync.c) --- */

/* A lock that spins a little and then sleeps. */
struct wq_lock {
	u32 word;			/* 1 = held */
	u32 waiters;			/* who sleep, or are about to */
#ifdef WQKIT_DEBUG
	u32 rank;			/* I: RANK_* */
	u32 order;			/* I: among those of the same rank, taken in this order */
#endif
};

/* Whoever holds one takes only those further down, or of its own rank in their order. */
enum lock_rank {
	RANK_POOLS = 1,			/* wq_pool_mutex */
	RANK_WQ,
	RANK_TIMER,
	RANK_CALLBACK,
	RANK_POOL,
	RANK_NNA,
	RANK_MAYDAY,
	RANK_RELEASE,
	RANK_WORKER,
	RANK_PWQ,
	RANK_READER,
};

#ifdef WQKIT_DEBUG
#define LOCK_INIT(r) { .rank = (r) }
void lock_init(struct wq_lock *lock, enum lock_rank rank, u32 order);
void lock_check(struct wq_lock *lock);
void lock_note(struct wq_lock *lock);
void lock_forget(struct wq_lock *lock);
/* Everything is taken, or lost, by a fork: do not follow it. */
void lock_check_pause(bool pause);
#else
#define LOCK_INIT(r) { 0 }
#define lock_init(lock, rank, order) ((void)0)
#define lock_check(lock) ((void)0)
#define lock_note(lock) ((void)0)
#define lock_forget(lock) ((void)0)
#define lock_check_pause(pause) ((void)0)
#endif

/*
 * The current thread. While depth is not 0 it holds a lock of ours; a signal handler that finds
 * it so must not take one, and leaves its item on the deferred list, for the outermost unlock.
 */
struct wq_thread {
	struct worker *worker;		/* S: if it is one */
	unsigned int depth;
	bool in_interrupt;		/* the timer thread, and WQ_BH items */
	pid_t tid;			/* or 0: see self_tid() */
	struct work_struct *deferred;
#ifdef WQKIT_DEBUG
	struct wq_lock *held[16];	/* S: in the order of taking */
	unsigned int nr_held;
	bool unchecked;
#endif
};

extern __thread struct wq_thread wq_self __attribute__((tls_model("initial-exec")));

pid_t self_tid(void);
void lock_init_barrier(void);
void lock_slow(struct wq_lock *lock);
void lock_wake(struct wq_lock *lock);
void work_run_deferred(void);

#define compiler_barrier() __asm__ __volatile__("" ::: "memory")

extern unsigned int wq_debug;		/* WQ_DEBUG, see params.c */

enum wq_debug_knob {
	KNOB_RR = 1 << 0,		/* queue on every CPU in turn */
	KNOB_YIELD = 1 << 1,		/* yield before each lock */
	KNOB_POISON = 1 << 2,		/* overwrite what is free */
	KNOB_SPAWN_SLOW = 1 << 3,	/* take 2 ms to make a thread */
	KNOB_ONE_WORKER = 1 << 4,	/* one worker per pool */
	KNOB_STEAL = 1 << 5,		/* take other CPUs' items whenever there is nothing to do */
};

void debug_yield(void);

static inline void lock_acquire(struct wq_lock *lock)
{
	u32 free = 0;

	if (unlikely(load_relaxed(&wq_debug) & KNOB_YIELD))
		debug_yield();
	wq_self.depth++;
	compiler_barrier();
	lock_check(lock);
	if (unlikely(!__atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
						  __ATOMIC_RELAXED)))
		lock_slow(lock);
	lock_note(lock);
}

static inline bool lock_try(struct wq_lock *lock)
{
	u32 free = 0;

	wq_self.depth++;
	compiler_barrier();
	if (likely(__atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
					       __ATOMIC_RELAXED))) {
		lock_note(lock);	/* in any order: it does not wait */
		return true;
	}
	compiler_barrier();
	if (!--wq_self.depth && unlikely(wq_self.deferred))
		work_run_deferred();
	return false;
}

/* Free the lock, without running what signal handlers left: the caller looks after that. */
static inline void lock_drop(struct wq_lock *lock)
{
	lock_forget(lock);
	store_release(&lock->word, 0);
	compiler_barrier();
	if (unlikely(load_relaxed(&lock->waiters)))	/* see sync.c:lock_slow() */
		lock_wake(lock);
}

static inline void lock_leave(void)
{
	compiler_barrier();
	if (!--wq_self.depth && unlikely(wq_self.deferred))
		work_run_deferred();
}

static inline void lock_release(struct wq_lock *lock)
{
	lock_drop(lock);
	lock_leave();
}

void futex_wait(u32 *word, u32 expected, const struct timespec *timeout);
void futex_wake(u32 *word, int nr);
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}
u64 coarse_ns(void);			/* CLOCK_MONOTONIC_COARSE: some ms behind, but nearly free */

/* Somebody waits for one event. */
struct wq_done {
	u32 word;
};

void done_wait(struct wq_done *done);
void done_complete(struct wq_done *done);

/* --- what the pools are made of --- */

struct worker_pool;
struct pool_workqueue;
struct watch;

enum worker_flags {
	WORKER_DIE = 1 << 1,
	WORKER_IDLE = 1 << 2,
	WORKER_PREP = 1 << 3,		/* about to work, or to idle */
	WORKER_CPU_INTENSIVE = 1 << 6,
	WORKER_UNBOUND = 1 << 7,	/* its pool is not managed */
	WORKER_NOT_RUNNING = WORKER_PREP | WORKER_CPU_INTENSIVE | WORKER_UNBOUND,
};

/**
 * struct worker - a thread of a pool, or a rescuer
 *
 * Never freed, only reused, because sentinel and tick look at workers without a lock.
 */
struct worker {
	struct list_head entry;		/* L: idle list, or bucket of the busy hash */
	struct wq_seg_worker *rec;	/* I; written under L */
	struct work_struct *current_work; /* L */
	work_func_t current_func;	/* L */
	struct pool_workqueue *current_pwq; /* L */
	u64 current_start;		/* L: coarse time */
	u64 now;			/* S: coarse time at the end of the last item, 0 = has idled */
	u32 current_color;		/* L */
	unsigned int flags;		/* L */
	bool sleeping;			/* L: taken off nr_running because it blocks */
	bool woken;			/* L: it is pool->waking */
	u32 look;			/* A: LOOK_*: the sentinel asks it to */
	u32 word;			/* A: 1 = get up */
	u32 seq;			/* L: items begun */
	struct list_head scheduled;	/* L: it runs these next */
	struct worker_pool *pool;	/* L; rescuers: S while attached */
	struct list_head node;		/* L: pool->workers */
	struct workqueue_struct *rescue_wq; /* I */
	int id;				/* I */
	pid_t tid;			/* A */
	unsigned int block_depth;	/* S */
	u64 idle_since;			/* L: coarse */
	u64 cpu_ns;			/* S: thread CPU time already accounted */
	u32 mark_seq;			/* tick only: item at the last look */
	u64 mark_cpu;			/* tick only: its CPU time then */
	struct worker *next_free;	/* wq_worker_lock */
	struct wq_done exited;		/* rescuers */
	struct watch *watch;		/* L: NULL: no perf event tells about it */
	u64 desc_of;			/* L: serial of the queue that rec->desc names, 0 = something else */
};

enum { LOOK_NOT, LOOK_FOR_SLEEPERS, LOOK_FOR_WORK };

enum pool_flags {
	POOL_BH = 1 << 0,
	POOL_MANAGER_ACTIVE = 1 << 1,	/* a worker is being made */
	POOL_DISASSOCIATED = 1 << 2,	/* its CPU is not ours to use */
};

/* What pool_kick() leaves for the unlock. */
enum { AFTER_WAKE = 1, AFTER_SPAWN = 2, AFTER_MONITOR = 4 };

#define BUSY_HASH_BITS 6

/**
 * struct worker_pool - a worklist and the threads that work on it
 *
 * Never freed, so that an item's pool id can be followed without a lock.
 */
struct worker_pool {
	struct wq_lock lock;
	int cpu;			/* I: or -1 */
	int home;			/* I: a managed unbound pool: the CPU whose items it takes */
	int node;			/* I */
	int id;				/* I */
	unsigned int flags;		/* L */
	int base_limit;			/* I */
	int limit;			/* L: how many workers shall run; INT_MAX: unmanaged */
	int nr_running;			/* L, read without: as far as known */
	bool pending;			/* L, read without: worklist is not empty */
	bool waking;			/* L: one worker was woken and has not got up yet */
	bool monitored;			/* L: the service thread ticks for it */
	bool unmanaged;			/* L, read without: starts a worker for each item */
	unsigned int after;		/* L: what to do after the unlock */
	struct worker *kicked;		/* L: whom to wake then */
	u32 unwatched;			/* A: a sentinel of it is parked */
	u32 nr_begun;			/* L, read without: items */
	struct list_head worklist;	/* L */
	u64 last_progress;		/* L, read without: coarse */

	int nr_workers;			/* L, read without */
	int nr_idle;			/* L, read without */
	struct list_head idle_list;	/* L: last in, first out */
	struct worker *spare;		/* A: first of idle_list, for the sentinel */
	struct list_head workers;	/* L */
	struct list_head busy_hash[1 << BUSY_HASH_BITS]; /* L */
	u64 worker_ids[4096 / 64];	/* L */

	bool cull_armed;		/* L: the service thread watches for long idleness */
	u32 want_worker;		/* A: the service thread shall make one */
	u64 spawn_failed;		/* service: when making one first failed, 0 = did not */
	u64 spawn_retry;		/* service */
	u64 mayday_next;		/* service */
	u64 tick_next;			/* service */
	u64 backlog_since;		/* service */
	unsigned int calm;		/* service: ticks without a backlog */
	u32 nr_hits;			/* A: how often a look found a sleeper */
	bool nice_refused;		/* A: the system did not permit attrs.nice */
	u64 stall_reported;		/* service */

	struct workqueue_attrs attrs;	/* I */
	int refcnt;			/* P: pwqs that use it */
	struct worker_pool *next_unbound; /* P; readers without: append only */
	struct worker_pool *leader;	/* I: the first pool of its pod: equal means that they share */
	struct wq_seg_pool *rec;	/* I; written under L */
} __attribute__((aligned(128)));

/**
 * struct pool_workqueue - where a workqueue meets a pool
 *
 * Aligned so that an item's data can hold its address and flags. Never freed, only reused.
 */
struct pool_workqueue {
	struct worker_pool *pool;	/* A: I, but read of a stale pwq */
	struct workqueue_struct *wq;	/* A: as pool */
	struct wq_seg_pwq *rec;		/* I; written under L; the counters are only there */
	u32 index;			/* I: of rec */
	bool has_base;			/* W: the queue's own reference */
	bool retiring;			/* W: new attributes have replaced it */
	int work_color;			/* L */
	int flush_color;		/* L: -1 = none */
	int refcnt;			/* L: one of the queue, one per item */
	int nr_active;			/* L, read without */
	int nr_in_flight[WORK_NR_COLORS]; /* L */
	bool plugged;			/* L: a predecessor of an ordered queue is not empty */
	struct list_head inactive_works; /* L */
	u32 nr_inactive;		/* L, read without */
	u32 nr_scheduled;		/* L: items on a worker's scheduled list */
	struct list_head pending_node;	/* N */
	bool waiting;			/* L: it is on nna->pending_pwqs */
	int places;			/* L: taken from nna, but free */
	unsigned int handed_on;		/* L: places given from item to item of its own */
	struct list_head pwqs_node;	/* W: wq->pwqs */
	struct list_head mayday_node;	/* M */
	struct pool_workqueue *next_free; /* release and free lists */
} __attribute__((aligned(1 << WORK_STRUCT_PWQ_SHIFT)));

/* What the unbound pwqs of a node share: how many items may be active there. */
struct wq_node_nr_active {
	int max;			/* A */
	int nr;				/* A, seq_cst with nr_waiting */
	int nr_waiting;			/* A, seq_cst with nr: length of pending_pwqs */
	struct wq_lock lock;
	struct list_head pending_pwqs;	/* N */
} __attribute__((aligned(CACHELINE)));

struct wq_flusher {
	struct list_head list;		/* W */
	int flush_color;		/* W */
	struct wq_done done;
};

/* A deferred item keeps its queue and a CPU number in one word (work.c). */
#define WQ_ALIGN (2 * WQ_NR_CPUS)

struct workqueue_struct {
	struct wq_seg_workqueue *rec;	/* I; written under W */
	u64 serial;			/* I: never that of another one */
	unsigned int flags;		/* A: changed under W */
	int max_active;			/* A: changed under W */
	int min_active;			/* A: changed under W */
	int saved_max_active;		/* W */
	int saved_min_active;		/* W */
	struct pool_workqueue **cpu_pwq; /* A: changed under W */
	struct pool_workqueue *dfl_pwq;	/* W */
	struct wq_node_nr_active *node_nr_active; /* I: nodes + 1, NULL if per-CPU */
	struct workqueue_attrs *attrs;	/* W: NULL if per-CPU */

	struct wq_lock mutex;
	struct list_head pwqs;		/* W: oldest last */
	struct list_head list;		/* P */
	int work_color;			/* W */
	int flush_color;		/* W */
	int nr_pwqs_to_flush;		/* A */
	struct wq_flusher *first_flusher; /* W */
	struct list_head flusher_queue;	/* W */
	struct list_head flusher_overflow; /* W */
	int nr_drainers;		/* W */
	int nr_armed;			/* T, read without */
	int nr_rcu;			/* A: rcu_works in their grace period */
	struct wq_blocked blocked;	/* A: each of them */

	struct list_head maydays;	/* M */
	struct worker *rescuer;		/* I */
	char name[WQ_NAME_LEN];		/* I */
} __attribute__((aligned(WQ_ALIGN)));

/* A flush that waits for one item: an item of its own right behind. */
struct wq_barrier {
	struct work_struct work;
	struct wq_done done;
	pid_t tid;			/* who waits */
};

/* --- the runtime's globals --- */

/* Locks of one file each, here for fork.c only. */
extern struct wq_lock wq_timer_lock, wq_release_lock, wq_worker_lock, wq_pwq_lock, wq_reader_lock,
	wq_callback_lock;


extern struct wq_lock wq_pool_mutex;
extern struct wq_lock wq_mayday_lock;
extern struct list_head wq_workqueues;	/* P */
extern bool wq_freezing;		/* P */
extern bool wq_exiting;			/* A */

struct wq_percpu {
	struct worker_pool bh[2], std[2];	/* normal, highpri */
};

extern struct wq_percpu *wq_percpu;	/* one per possible CPU */
extern struct worker_pool *wq_unbound_pools; /* A: list, append only */

#define WQ_MAX_POOLS 8192
extern struct worker_pool *wq_pools[WQ_MAX_POOLS]; /* A: by id, append only */
extern int wq_nr_pools;			/* A */

/* process.c: everything is set up and the threads run, or an errno */
extern u32 wq_started;
int wq_start_slow(void);

static inline int wq_start(void)
{
	return likely(load_acquire(&wq_started)) ? 0 : wq_start_slow();
}

int system_wqs_init(void);

/* --- events: what a tracer hooks into; one load and a branch while nobody does --- */

enum wq_event_type { WQ_EVENT_QUEUE, WQ_EVENT_ACTIVATE, WQ_EVENT_START, WQ_EVENT_END };

extern void (*wq_event_hook)(enum wq_event_type type, int req_cpu, struct pool_workqueue *pwq,
			     struct work_struct *work, work_func_t func);

/*
 * The same for uprobes, bpftrace and perf: a nop each, named as the kernel's trace events, with
 * their fields in their order; where <sys/sdt.h> is missing, there are none.
 */
#ifdef HAVE_SDT
#define PROBE_WQ_EVENT_QUEUE(req_cpu, pwq, work, func) \
	STAP_PROBE5(libwq, workqueue_queue_work, work, func, &(pwq)->wq->name[0], req_cpu, \
		    (pwq)->pool->cpu)
#define PROBE_WQ_EVENT_ACTIVATE(req_cpu, pwq, work, func) \
	STAP_PROBE2(libwq, workqueue_activate_work, work, func)
#define PROBE_WQ_EVENT_START(req_cpu, pwq, work, func) \
	STAP_PROBE2(libwq, workqueue_execute_start, work, func)
#define PROBE_WQ_EVENT_END(req_cpu, pwq, work, func) \
	STAP_PROBE2(libwq, workqueue_execute_end, work, func)
#else
#define PROBE_WQ_EVENT_QUEUE(...) ((void)0)
#define PROBE_WQ_EVENT_ACTIVATE(...) ((void)0)
#define PROBE_WQ_EVENT_START(...) ((void)0)
#define PROBE_WQ_EVENT_END(...) ((void)0)
#endif

#define wq_event(type, ...) \
	do { \
		void (*hook)(enum wq_event_type, int, struct pool_workqueue *, \
			     struct work_struct *, work_func_t) = load_acquire(&wq_event_hook); \
		PROBE_##type(__VA_ARGS__); \
		if (unlikely(hook)) \
			hook(type, __VA_ARGS__); \
	} while (0)

/* --- warn.c --- */

/* A place in our code that finds mistakes. */
struct misuse_site {
	u32 said;			/* A */
	u32 slot;			/* A: its record's index + 1, and which segment that is in */
};

/* A caller's mistake: counted each time, printed once per place. */
#define wq_warn_once(...) \
	do { \
		static struct misuse_site site; \
		wq_misuse(&site, true, __VA_ARGS__); \
	} while (0)

/* The same, printed each time. */
#define wq_warn(...) \
	do { \
		static struct misuse_site site; \
		wq_misuse(&site, false, __VA_ARGS__); \
	} while (0)

void wq_misuse(struct misuse_site *site, bool once, const char *fmt, ...) WQ_PRINTF(3, 4);
void wq_print(const char *fmt, ...) WQ_PRINTF(1, 2);
/* The segment is there: show the names that were told so far. */
void names_show(void);
void names_fork_child(void);
/* As %ps: the function's name if it can be found, else module+offset. */
const char *func_name(work_func_t func, char *buf, size_t size);
#define FUNC_NAME_LEN 160

/* --- topo.c --- */

struct wq_pods {
	int nr_pods;
	struct cpumask *pod_cpus;
	int *pod_node;
	int *cpu_pod;
};

extern int wq_nr_cpus;			/* possible CPU numbers are below */
extern int wq_nr_nodes;
extern int *wq_cpu_node;
extern struct wq_pods wq_pods[WQ_AFFN_NR_TYPES];
extern enum wq_affn_scope wq_default_scope;

int topo_init(void);
int cpumask_parse(struct cpumask *mask, const char *list);
int cpumask_print(char *buf, size_t size, const struct cpumask *mask);
int cpumask_weight(const struct cpumask *mask);
int cpumask_next(const struct cpumask *mask, int cpu);
#define cpumask_first(mask) cpumask_next(mask, -1)
bool cpumask_equal(const struct cpumask *a, const struct cpumask *b);
/* a & b, returns false if that is empty */
bool cpumask_and(struct cpumask *to, const struct cpumask *a, const struct cpumask *b);
void cpumask_set(struct cpumask *mask, int cpu);
extern const char *const wq_affn_names[WQ_AFFN_NR_TYPES];

static inline bool cpumask_test(const struct cpumask *mask, int cpu)
{
	return mask->bits[cpu / WQ_BITS_PER_LONG] >> (cpu % WQ_BITS_PER_LONG) & 1;
}

int this_cpu(void);
bool rseq_is_used(void);

/* --- cpus.c --- */

/* Never changed once it is published, and never freed. */
struct wq_cpus {
	struct cpumask allowed;		/* I: what this process may use */
	struct cpumask unbound;		/* I: what unbound queues may use of it: not empty */
	struct wq_cpus *next;		/* P */
};

extern const struct wq_cpus *wq_cpus;	/* A: changed under P */
extern struct cpumask wq_unbound_requested; /* P: empty means all */
extern struct cpumask wq_housekeeping;	/* P: empty means all */

/* Who needs it twice calls once and keeps the pointer: it may be another one the next time. */
static inline const struct cpumask *cpus_allowed(void)
{
	return &load_acquire(&wq_cpus)->allowed;
}

static inline const struct cpumask *cpus_unbound(void)
{
	return &load_acquire(&wq_cpus)->unbound;
}

bool cpus_publish(const struct cpumask *allowed);
/* False if the system does not say, or does not let us; tid 0 is the calling thread. */
bool cpus_of_thread(pid_t tid, struct cpumask *mask);
bool cpus_set_thread(pid_t tid, const struct cpumask *mask);
void worker_apply_mask(const struct worker_pool *pool, pid_t tid);
void cpus_suspect(const struct worker_pool *pool);
bool cpus_look(void);
void cpus_serve(void);
void cpus_note_first(void);
void cpus_adopt(void);
void cpus_start(void);
void cpus_fork_child(bool worker);
/* What lib/kernel calls cpu_online_mask. */
const struct cpumask *wq_cpus_online(void);

/* --- params.c --- */

extern u64 wq_cpu_intensive_ns;		/* A */
extern unsigned int wq_hog_warn;	/* A */
extern bool wq_power_efficient;
extern u64 wq_watchdog_ns;		/* A */
extern unsigned int wq_panic_on_stall, wq_panic_on_stall_time;
extern int wq_cache_shard_size;
extern bool wq_use_sentinel, wq_use_tick, wq_use_perf, wq_unmanaged, wq_publish;
extern size_t wq_stack_size;
extern const char *wq_sysfs_root;
extern int wq_nospawn;			/* A: so many thread creations fail */

void params_init(void);

/* --- work.c --- */

#define WORK_PENDING (1ul << WORK_STRUCT_PENDING_BIT)
#define WORK_INACTIVE (1ul << WORK_STRUCT_INACTIVE_BIT)
#define WORK_PWQ (1ul << WORK_STRUCT_PWQ_BIT)
#define WORK_LINKED (1ul << WORK_STRUCT_LINKED_BIT)
#define WORK_PWQ_MASK (~((1ul << WORK_STRUCT_PWQ_SHIFT) - 1))

static inline unsigned long *work_data(struct work_struct *work)
{
	return (unsigned long *)&work->data.counter;
}

static inline struct pool_workqueue *data_pwq(unsigned long data)
{
	return data & WORK_PWQ ? (struct pool_workqueue *)(data & WORK_PWQ_MASK) : NULL;
}

static inline int data_color(unsigned long data)
{
	return data >> WORK_STRUCT_COLOR_SHIFT & (WORK_NR_COLORS - 1);
}

static inline unsigned int data_disable_depth(unsigned long data)
{
	return data >> WORK_OFFQ_DISABLE_SHIFT & ((1u << WORK_OFFQ_DISABLE_BITS) - 1);
}

/* The pool an item is queued on or was queued on last, or NULL. */
static inline struct worker_pool *data_pool(unsigned long data)
{
	unsigned long id = data >> WORK_OFFQ_POOL_SHIFT & WORK_OFFQ_POOL_NONE;

	if (data & WORK_PWQ)
		return load_relaxed(&data_pwq(data)->pool);
	return id >= WQ_MAX_POOLS ? NULL : load_acquire(&wq_pools[id]);
}

void work_insert(int req_cpu, struct workqueue_struct *wq, struct work_struct *work);
/* Put an item on a list: worklist if active. pool locked. */
void pwq_insert(struct pool_workqueue *pwq, struct work_struct *work, struct list_head *head,
		unsigned long flags);
bool work_cancel(struct work_struct *work, unsigned int cflags);
enum { CANCEL_DELAYED = 1, CANCEL_DISABLE = 2 };
void work_clear_pending(struct work_struct *work);

/* flush.c: wait for a work whose owner is cancelling it */
void flush_for_cancel(struct work_struct *work);

/* --- active.c: max_active --- */

/* pool locked */
static inline void pwq_add_active(struct pool_workqueue *pwq, int n)
{
	shown_add(pwq, nr_active, n);
}

static inline void pwq_add_inactive(struct pool_workqueue *pwq, u32 n)
{
	shown_add(pwq, nr_inactive, n);
}

#define pwq_count(pwq, stat_id, n) record_add((pwq)->rec, stat[stat_id], (u64)(n))

bool pwq_tryinc_active(struct pool_workqueue *pwq, bool fill);
bool pwq_activate_first(struct pool_workqueue *pwq, bool fill);
void pwq_dec_in_flight(struct pool_workqueue *pwq, unsigned long data);
void pwq_put(struct pool_workqueue *pwq);
struct wq_node_nr_active *pwq_nna(struct pool_workqueue *pwq);
void wq_update_active_limits(struct workqueue_struct *wq);
void pwq_unplug(struct pool_workqueue *pwq);

/* --- pool.c --- */

int pools_init(void);
struct worker_pool *pool_get_unbound(const struct workqueue_attrs *attrs, int home);
/* Its CPU is ours to use, or not: see POOL_DISASSOCIATED. */
void pool_associate(struct worker_pool *pool, bool usable);
/* Take some of the items that wait behind a busy CPU of the pod. */
bool pool_steal(struct worker_pool *pool);
void pool_unlock_slow(struct worker_pool *pool);
void pool_kick(struct worker_pool *pool);
void worker_wake(struct worker *worker);
struct worker *find_executing(struct worker_pool *pool, struct work_struct *work);
/* Move an item, and the ones linked behind it, to the end of a list. */
void move_linked(struct work_struct *work, struct list_head *head);
void pool_record(struct worker_pool *pool);

/* The worklist has moved. pool locked. */
static inline void pool_progress(struct worker_pool *pool, u64 now)
{
	if (unlikely(pool->last_progress != now))
		shown_set(pool, last_progress, now);
}

static inline void pool_set_flags(struct worker_pool *pool, unsigned int flags)
{
	store_relaxed(&pool->flags, flags);
	record_set(pool->rec, flags, flags | (load_relaxed(&pool->unmanaged) ? WQ_SEG_POOL_UNMANAGED : 0) |
		   (load_relaxed(&pool->nice_refused) ? WQ_SEG_POOL_NICE_REFUSED : 0));
}

static inline void pool_lock(struct worker_pool *pool)
{
	lock_acquire(&pool->lock);
}

/* Unlock, and wake whom pool_kick() chose. */
static inline void pool_unlock(struct worker_pool *pool)
{
	if (unlikely(pool->after)) {
		pool_unlock_slow(pool);
		return;
	}
	lock_release(&pool->lock);
}

/* The worklist has changed: tell those who look without the lock. */
static inline void pool_sync_pending(struct worker_pool *pool)
{
	bool pending = !list_empty(&pool->worklist);

	if (pending != pool->pending)
		store_relaxed(&pool->pending, pending);
}

/* Another worker would be of no use. pool locked. */
static inline bool pool_is_full(const struct worker_pool *pool)
{
	return pool->nr_workers && (load_relaxed(&pool->flags) & POOL_BH ||
				    load_relaxed(&wq_debug) & KNOB_ONE_WORKER);
}

/*
 * Shall the service thread make one? A spare takes over when the worker that runs blocks. While
 * items wait and some have blocked already, the next ones are likely to: then one spare more is
 * made meanwhile, as making one takes longer than an item does to block. pool locked.
 */
static inline bool pool_wants_worker(const struct worker_pool *pool)
{
	bool blocks = pool->pending && pool->nr_workers - pool->nr_idle > pool->nr_running;

	return pool->nr_idle < 1 + blocks && !pool_is_full(pool);
}

/* Items wait behind workers that are believed to run. */
static inline bool pool_starves(const struct worker_pool *pool)
{
	return __atomic_load_n(&pool->pending, __ATOMIC_SEQ_CST) && !load_relaxed(&pool->unmanaged) &&
	       load_relaxed(&pool->nr_running) >= load_relaxed(&pool->limit);
}

static inline bool need_more_worker(const struct worker_pool *pool)
{
	return !list_empty(&pool->worklist) && pool->nr_running < pool->limit;
}

static inline bool keep_working(const struct worker_pool *pool)
{
	return !list_empty(&pool->worklist) && pool->nr_running <= pool->limit;
}

static inline struct list_head *busy_bucket(struct worker_pool *pool, struct work_struct *work)
{
	uintptr_t v = (uintptr_t)work >> 5;

	return &pool->busy_hash[(v ^ v >> BUSY_HASH_BITS ^ v >> 13) & ((1 << BUSY_HASH_BITS) - 1)];
}

/* See find_executing(). */
static inline struct worker *find_in_bucket(struct list_head *bucket, struct work_struct *work)
{
	struct list_head *pos;

	list_for_each(pos, bucket) {
		struct worker *worker = list_entry(pos, struct worker, entry);

		if (worker->current_work == work && worker->current_func == work->func)
			return worker;
	}
	return NULL;
}

/* --- worker.c --- */

int worker_create(struct worker_pool *pool);
struct worker *worker_alloc(void);
void worker_free(struct worker *worker);
void worker_park(struct worker *worker);
void worker_process_scheduled(struct worker *worker);
bool worker_assign(struct work_struct *work, struct worker *worker);
void worker_set_flags(struct worker *worker, unsigned int flags);
void worker_clr_flags(struct worker *worker, unsigned int flags);
void worker_record(struct worker *worker);
void worker_set_desc(struct worker *worker, const char desc[WORKER_DESC_LEN], u64 of);

/* Its flags have changed. pool locked. */
static inline void worker_show_flags(struct worker *worker)
{
	record_set(worker->rec, flags,
		   worker->flags | (worker->sleeping ? WQ_SEG_WORKER_SLEEPING : 0));
}
int thread_start(void *(*fn)(void *), void *arg, size_t stack);
void thread_set_name(const char *name);
#define IDLE_WORKER_TIMEOUT_NS (300 * NSEC_PER_SEC)
/* Returns when to come again, or 0. */
u64 pool_cull(struct worker_pool *pool, u64 now);
bool pool_too_many_idle(const struct worker_pool *pool);

/* --- rescuer.c --- */

int rescuer_start(struct workqueue_struct *wq);
void rescuer_stop(struct workqueue_struct *wq);
void pool_send_mayday(struct worker_pool *pool);

/* --- block.c --- */

int sentinels_start(void);
void sentinels_kick(struct worker_pool *pool);
void sentinels_exit(void);
void sentinels_pin(void);
void worker_take_off(struct worker *worker);
void worker_back_on(struct worker *worker);
bool pool_look(struct worker_pool *pool, bool tick);
void pool_find_hogs(struct worker_pool *pool, u64 now);

/* --- perf.c --- */

void perf_start(void);
bool perf_runs(void);
void perf_kick(void);
void perf_watch(struct worker *worker);
void perf_unwatch(struct worker *worker);
void perf_item_begins(struct watch *w);
void perf_item_ends(struct watch *w, struct workqueue_struct *wq);
void perf_fork_child(void);

/* --- service.c --- */

int service_start(void);
void service_kick(void);
void service_want_worker(struct worker_pool *pool);
void service_release_pwq(struct pool_workqueue *pwq);

/* --- timer.c --- */

int timers_start(void);
/* The caller owns the item's PENDING; refused, with a warning, if its queue is being destroyed. */
void timer_arm_delayed(struct delayed_work *dwork, u64 ns);
/*
 * The queue is about to be destroyed: queue at once what is still armed for it, and refuse what
 * is armed from now on. Returns how many there were, and the function of one.
 */
int timers_close_wq(struct workqueue_struct *wq, work_func_t *func);
bool timer_disarm(struct timer_list *timer);
u64 now_ns(void);
/* Of the wheel's lists: the first head, and how many there are. */
u64 timers_address(u32 *nr);

/* --- fork.c --- */

int fork_init(void);	/* each time, before the first lock that a fork has to take */
void process_fork_child(void);
void wqs_fork_child(void);
int wqs_start_rescuers(void);
void workers_fork_child(struct worker_pool *pool);
void service_fork_child(void);
void timers_fork_child(void);
void sentinels_fork_child(void);
void rcu_fork_child(void);
void items_drop(struct list_head *head);

/* --- status.c --- */

void status_print_stall(struct worker_pool *pool, u64 seconds);

/* --- wq.c --- */

/* Others look without a lock, and change other flags. */
static inline void wq_set_flag(struct workqueue_struct *wq, unsigned int flag)
{
	__atomic_fetch_or(&wq->flags, flag, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&wq->rec->flags, flag, __ATOMIC_RELAXED);
}

static inline void wq_clear_flag(struct workqueue_struct *wq, unsigned int flag)
{
	__atomic_fetch_and(&wq->flags, ~flag, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&wq->rec->flags, ~flag, __ATOMIC_RELAXED);
}

/* What unbound queues may use has changed. P. Return: 0, or -ENOMEM: some queue is as before. */
int wqs_apply_unbound(void);
void pwq_released(struct pool_workqueue *pwq);
bool is_chained_work(struct workqueue_struct *wq);
bool pwq_busy(struct pool_workqueue *pwq);
/* After a fork: give everything a record again. Return: 0 or an errno. */
int records_renew(void);

/* flush.c: who waits by this item, if it is a barrier; else 0 */
pid_t barrier_waiter(struct work_struct *work);
bool barrier_func(work_func_t func);
u64 barrier_address(void);
/* flush.c: what linux/workqueue.h calls where it sees such a queue flushed */
void wq_warn_flushing_systemwide_wq(void) __attribute__((visibility("default")));
void misuses_fork_child(void);

#endif
