/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wq/types.h - the types that both spellings of libwq share
 *
 * <wq/wq.h> (wq_*) and <linux/workqueue.h> (the kernel's names) speak about the same objects.
 * Struct tags, member names, flag values and the encoding of work_struct.data are those of the
 * newest kernel, so that whoever reads a work item of the kernel reads ours. Everything here is
 * plain C11 and C++.
 */
#ifndef WQ_TYPES_H
#define WQ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- small kernel types that work items are made of --- */

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	int counter;
} atomic_t;

/* Never touched as a plain long: use the library's functions, or __atomic builtins on .counter. */
typedef struct {
	long counter;
} atomic_long_t;

#define WQ_NR_CPUS 1024			/* as CPU_SETSIZE; the kernel's NR_CPUS */
#define WQ_BITS_PER_LONG (8 * (int)sizeof(long))

struct cpumask {
	unsigned long bits[WQ_NR_CPUS / (8 * sizeof(long))];
};
typedef struct cpumask cpumask_t;
typedef struct cpumask cpumask_var_t[1];	/* as without CONFIG_CPUMASK_OFFSTACK */

/**
 * struct rcu_head - a callback that waits for a grace period
 * @next: private
 * @func: what runs after the grace period
 */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

/**
 * struct timer_list - a timer on CLOCK_MONOTONIC, fired by libwq's timer thread
 * @entry:    private: link in a bucket of the wheel
 * @expires:  when it is due, in jiffies (1 ms each, see wq_get_jiffies())
 * @function: what runs then, on the timer thread; must not sleep
 * @flags:    WQ_TIMER_*
 * @bucket:   private: 0 while not armed
 * @due_ns:   private: when it is due, exactly
 */
struct timer_list {
	struct list_head entry;
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	uint32_t flags;
	uint32_t bucket;
	uint64_t due_ns;
};

#define WQ_TIMER_DEFERRABLE 0x00080000u	/* accepted; fires as any other */
#define WQ_TIMER_IRQSAFE 0x00200000u

/* --- work items --- */

struct work_struct;
struct workqueue_struct;
typedef void (*work_func_t)(struct work_struct *work);

/**
 * struct work_struct - a work item: embed it in what the work is about
 * @data:  flags, then either the pool_workqueue it is queued on or the last pool and the disable
 *	   depth
 * @entry: link in a worklist; empty while not queued
 * @func:  what to run
 *
 * Owned by whoever set WORK_STRUCT_PENDING_BIT until the function is entered, then by the
 * function's owner: the function may free it. 32 bytes on 64-bit.
 */
struct work_struct {
	atomic_long_t data;
	struct list_head entry;
	work_func_t func;
};

/**
 * struct delayed_work - a work item and the timer that queues it
 * @work:  the item
 * @timer: armed while the delay runs
 * @wq:    where the timer queues to
 * @cpu:   on which CPU, or WORK_CPU_UNBOUND
 */
struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};

/**
 * struct rcu_work - a work item that is queued after a grace period
 */
struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
	struct workqueue_struct *wq;
};

struct execute_work {
	struct work_struct work;
};

/* work_struct.data, as since 6.10 (no debug objects, so no STATIC bit) */
enum work_bits {
	WORK_STRUCT_PENDING_BIT = 0,	/* queued, armed, or about to be */
	WORK_STRUCT_INACTIVE_BIT = 1,	/* waits for max_active */
	WORK_STRUCT_PWQ_BIT = 2,	/* data points to a pool_workqueue */
	WORK_STRUCT_LINKED_BIT = 3,	/* the next item is linked to this one */
	WORK_STRUCT_FLAG_BITS = 4,
	WORK_STRUCT_COLOR_SHIFT = 4,
	WORK_STRUCT_COLOR_BITS = 4,
	WORK_STRUCT_PWQ_SHIFT = 8,
	WORK_OFFQ_FLAG_SHIFT = 4,
	WORK_OFFQ_BH_BIT = 4,
	WORK_OFFQ_FLAG_BITS = 1,
	WORK_OFFQ_DISABLE_SHIFT = 5,
	WORK_OFFQ_DISABLE_BITS = 16,
	WORK_OFFQ_POOL_SHIFT = 21,
};

#define WORK_OFFQ_POOL_BITS (WQ_BITS_PER_LONG - 21 < 31 ? WQ_BITS_PER_LONG - 21 : 31)
#define WORK_OFFQ_POOL_NONE ((1ul << WORK_OFFQ_POOL_BITS) - 1)

enum wq_flags {
	WQ_BH = 1 << 0,			/* a per-CPU thread runs the items one at a time; they must not block */
	WQ_UNBOUND = 1 << 1,		/* not bound to a CPU */
	WQ_FREEZABLE = 1 << 2,		/* stopped by wq_freeze_workqueues_begin() */
	WQ_MEM_RECLAIM = 1 << 3,	/* has a rescuer: progresses when no thread can be created */
	WQ_HIGHPRI = 1 << 4,		/* pools of nice -20, as far as permitted */
	WQ_CPU_INTENSIVE = 1 << 5,	/* not counted by concurrency management */
	WQ_SYSFS = 1 << 6,		/* accepted; libwq has no sysfs */
	WQ_POWER_EFFICIENT = 1 << 7,	/* unbound if the power_efficient parameter is set */
	WQ_PERCPU = 1 << 8,		/* bound to the CPU that queues (also the default) */

	__WQ_DESTROYING = 1 << 15,
	__WQ_DRAINING = 1 << 16,
	__WQ_ORDERED = 1 << 17,
	__WQ_LEGACY = 1 << 18,
	__WQ_DEPRECATED = 1 << 19,	/* an older name of a system-wide queue */
	__WQ_BH_ALLOWS = WQ_BH | WQ_HIGHPRI | WQ_PERCPU,
};

enum wq_consts {
	WQ_MAX_ACTIVE = 2048,
	WQ_UNBOUND_MAX_ACTIVE = WQ_MAX_ACTIVE,
	WQ_DFL_ACTIVE = WQ_MAX_ACTIVE / 2,
	WQ_DFL_MIN_ACTIVE = 8,
	WORK_NR_COLORS = 16,
	WORK_CPU_UNBOUND = WQ_NR_CPUS,
	WORK_BUSY_PENDING = 1 << 0,
	WORK_BUSY_RUNNING = 1 << 1,
	WORKER_DESC_LEN = 32,
	WQ_NAME_LEN = 32,
};

/* Which CPUs share the workers of an unbound queue. */
enum wq_affn_scope {
	WQ_AFFN_DFL,			/* the default_affinity_scope parameter */
	WQ_AFFN_CPU,
	WQ_AFFN_SMT,
	WQ_AFFN_CACHE,
	WQ_AFFN_CACHE_SHARD,		/* parts of a last-level cache */
	WQ_AFFN_NUMA,
	WQ_AFFN_SYSTEM,
	WQ_AFFN_NR_TYPES,
};

/**
 * struct workqueue_attrs - what an unbound queue's workers are like
 * @nice:          nice level, as far as permitted
 * @cpumask:       CPUs the workers may use
 * @__pod_cpumask: private
 * @affn_strict:   workers never leave their pod
 * @affn_scope:    what a pod is
 * @ordered:       private to ordered queues
 */
struct workqueue_attrs {
	int nice;
	cpumask_var_t cpumask;
	cpumask_var_t __pod_cpumask;
	bool affn_strict;
	enum wq_affn_scope affn_scope;
	bool ordered;
};

/* --- static initialisers --- */

#define WQ_WORK_DATA_INIT { (long)(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT) }

/* `struct work_struct w = WQ_WORK_INITIALIZER(w, function);` */
#define WQ_WORK_INITIALIZER(w, f) \
	{ WQ_WORK_DATA_INIT, { &(w).entry, &(w).entry }, (f) }

#define WQ_TIMER_INITIALIZER(f, fl) { { NULL, NULL }, 0, (f), (fl), 0, 0 }

#define WQ_DELAYED_WORK_INITIALIZER(dw, f) \
	{ WQ_WORK_INITIALIZER((dw).work, f), \
	  WQ_TIMER_INITIALIZER(wq_delayed_work_timer_fn, WQ_TIMER_IRQSAFE), NULL, 0 }

#define WQ_DEFERRABLE_WORK_INITIALIZER(dw, f) \
	{ WQ_WORK_INITIALIZER((dw).work, f), \
	  WQ_TIMER_INITIALIZER(wq_delayed_work_timer_fn, WQ_TIMER_IRQSAFE | WQ_TIMER_DEFERRABLE), NULL, 0 }

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

void wq_delayed_work_timer_fn(struct timer_list *timer);

/**
 * wq_function_name() - tell others what a work function is called
 * @said: 0; set to 1: the name need not be told again. Or NULL
 * @func: the function
 * @name: its name, which is copied, up to 111 bytes
 *
 * Whoever looks at this process from outside shows it where the program's file has no symbol for
 * the function. Initialising an item with the name of a function does it, except statically and
 * in C++. The first name stays.
 *
 * Context: any thread, signal-safe.
 * Kernel:  has kallsyms.
 * Since:   0.1
 */
void wq_function_name(uint32_t *said, work_func_t func, const char *name);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/*
 * Once for each place in the source: is @func the name of a function, or a variable that holds
 * some function?
 */
#if defined(__GNUC__) && !defined(__cplusplus)
#define WQ_NAME_FUNCTION(func) \
	do { \
		static uint32_t wq_said_; \
		if (__builtin_types_compatible_p(__typeof__(func), void(struct work_struct *)) && \
		    !__atomic_load_n(&wq_said_, __ATOMIC_RELAXED)) \
			wq_function_name(&wq_said_, func, #func); \
	} while (0)
#else
#define WQ_NAME_FUNCTION(func) ((void)0)
#endif

#ifdef __cplusplus
}
#endif
#endif
