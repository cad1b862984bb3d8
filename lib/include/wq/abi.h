/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wq/abi.h - the segment: what a program on libwq shows to others
 *
 * A program on libwq keeps its records in one memfd, WQ_SEG_NAME, which others find among
 * /proc/PID/fd, open read-only and map or read, without the program's help. This file is its
 * whole format; wq_abi(5) tells how to find one, how to read it, and what not to believe.
 *
 * The segment is a header and some tables at fixed places. All numbers are in the program's byte
 * order and of fixed width. Records never move. Of a record that is free, nothing else is to be
 * believed. What a version cannot give is 0, or WQ_SEG_NONE for a reference.
 *
 * Growth: a new field takes the place of reserved bytes at the end of its record, and the size in
 * the record's table grows; a new table is appended to the header's list. A reader uses min(size
 * of the table, sizeof in its own copy of this file) bytes of a record, and takes what is missing
 * as unknown. Whatever else changes, WQ_SEG_MAJOR changes with it.
 *
 * Each field has a letter that says how it may be read:
 *
 *	C	written once, before the record is in use (of the header: before the magic)
 *	S	written under the record's sequence lock: see wq_seg_copy()
 *	1	one aligned store at any time, outside the sequence lock: believe each alone
 *
 * Times are of CLOCK_MONOTONIC in ns; those marked "coarse" are of CLOCK_MONOTONIC_COARSE, which
 * is behind by up to header.coarse_ns, or more on a machine that skips ticks. Thread ids are those
 * of the program's own pid namespace. An address is one in the program's memory: never to be
 * followed in one's own.
 */
#ifndef WQ_ABI_H
#define WQ_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WQ_SEG_NAME "wq-trace"		/* /proc/PID/fd/N is a link to "/memfd:wq-trace (deleted)" */
#define WQ_SEG_MAGIC "libwqseg"		/* all 8 bytes, no NUL */
#define WQ_SEG_MAJOR 1u
#define WQ_SEG_MINOR 0u
#define WQ_SEG_BYTE_ORDER 0x01020304u	/* as the program writes it */
#define WQ_SEG_NONE UINT32_MAX		/* a reference to nothing */
#define WQ_SEG_CPUS 1024		/* bits of a CPU mask */

/* The tables, in the order of header.table and of their places. */
enum wq_seg_table_id {
	WQ_SEG_WORKQUEUES,
	WQ_SEG_PWQS,
	WQ_SEG_POOLS,
	WQ_SEG_WORKERS,
	WQ_SEG_WAITERS,
	WQ_SEG_FUNCTIONS,
	WQ_SEG_MISUSES,
	WQ_SEG_NR_TABLES,
};

/*
 * The geometry, part of the major version. A reader compares the header with these numbers and
 * never goes by the header's. Untouched pages take no memory.
 */
#define WQ_SEG_HEADER_BYTES 8192u

#define WQ_SEG_WORKQUEUE_STRIDE 512u
#define WQ_SEG_PWQ_STRIDE 256u
#define WQ_SEG_POOL_STRIDE 512u
#define WQ_SEG_WORKER_STRIDE 256u
#define WQ_SEG_WAITER_STRIDE 128u
#define WQ_SEG_FUNCTION_STRIDE 128u
#define WQ_SEG_MISUSE_STRIDE 256u

#define WQ_SEG_MAX_WORKQUEUES 8192u
#define WQ_SEG_MAX_PWQS 131072u
#define WQ_SEG_MAX_POOLS 8192u
#define WQ_SEG_MAX_WORKERS 16384u
#define WQ_SEG_MAX_WAITERS 4096u
#define WQ_SEG_MAX_FUNCTIONS 4096u
#define WQ_SEG_MAX_MISUSES 64u

#define WQ_SEG_WORKQUEUES_AT WQ_SEG_HEADER_BYTES
#define WQ_SEG_PWQS_AT (WQ_SEG_WORKQUEUES_AT + WQ_SEG_MAX_WORKQUEUES * WQ_SEG_WORKQUEUE_STRIDE)
#define WQ_SEG_POOLS_AT (WQ_SEG_PWQS_AT + WQ_SEG_MAX_PWQS * WQ_SEG_PWQ_STRIDE)
#define WQ_SEG_WORKERS_AT (WQ_SEG_POOLS_AT + WQ_SEG_MAX_POOLS * WQ_SEG_POOL_STRIDE)
#define WQ_SEG_WAITERS_AT (WQ_SEG_WORKERS_AT + WQ_SEG_MAX_WORKERS * WQ_SEG_WORKER_STRIDE)
#define WQ_SEG_FUNCTIONS_AT (WQ_SEG_WAITERS_AT + WQ_SEG_MAX_WAITERS * WQ_SEG_WAITER_STRIDE)
#define WQ_SEG_MISUSES_AT (WQ_SEG_FUNCTIONS_AT + WQ_SEG_MAX_FUNCTIONS * WQ_SEG_FUNCTION_STRIDE)
/* A multiple of 64 KiB, the largest page. */
#define WQ_SEG_BYTES \
	((WQ_SEG_MISUSES_AT + WQ_SEG_MAX_MISUSES * WQ_SEG_MISUSE_STRIDE + 65535u) / 65536u * 65536u)

/* The counters, by the kernel's names and in its order; CPU time is in us. */
enum wq_seg_stat {
	WQ_SEG_STARTED,			/* items that began */
	WQ_SEG_COMPLETED,
	WQ_SEG_CPU_TIME,		/* as far as sampled: when an item outlasts a coarse tick */
	WQ_SEG_CPU_INTENSIVE,		/* items that hogged their CPU */
	WQ_SEG_CM_WAKEUP,		/* workers that got up because another one blocked */
	WQ_SEG_REPATRIATED,
	WQ_SEG_MAYDAY,			/* calls for the rescuer */
	WQ_SEG_RESCUED,			/* items that the rescuer took */
	WQ_SEG_NR_STATS,
};

/**
 * struct wq_seg_table - one table of the segment
 * @offset:   C where it begins, in bytes from the beginning of the segment
 * @stride:   C bytes from one record to the next
 * @size:     C bytes of a record that this version of the library writes; <= stride
 * @capacity: C records that there is room for
 * @nr:       1 records 0 to nr - 1 have been in use; the others were never touched
 * @left_out: 1 records that found no room, ever: what they stand for is not shown
 */
struct wq_seg_table {
	uint64_t offset;
	uint32_t stride, size;
	uint32_t capacity, nr;
	uint64_t left_out;
};

/* header.mechanism: what tells that a worker has blocked, besides the program's own word */
#define WQ_SEG_BY_SENTINEL 0x1u		/* a SCHED_IDLE thread a CPU */
#define WQ_SEG_BY_TICK 0x2u		/* a look every 1 to 10 ms while items wait */
#define WQ_SEG_BY_PERF 0x4u		/* the kernel's records of context switches */

/* header.flags */
#define WQ_SEG_PUBLISHED 0x1u		/* it is in a memfd; else a core file's only */
#define WQ_SEG_UNMANAGED 0x2u		/* unbound pools start a worker for each item */
#define WQ_SEG_NO_PROC 0x4u		/* no /proc: CPU clocks tell who sleeps */
#define WQ_SEG_NO_RSEQ 0x8u		/* no rseq area: a call tells on which CPU a thread is */

/**
 * struct wq_seg_header - the segment's first page
 * @magic:        C WQ_SEG_MAGIC, written last; while it is not there, come again
 * @major:        C WQ_SEG_MAJOR: another one means another format
 * @minor:        C WQ_SEG_MINOR: grows with what is appended
 * @byte_order:   C WQ_SEG_BYTE_ORDER
 * @word_bytes:   C sizeof(long) of the program: 4 or 8
 * @header_size:  C bytes of this struct
 * @nr_tables:    C tables that are described in @table
 * @segment_size: C WQ_SEG_BYTES
 * @pid:          C the program's pid, in its own pid namespace; another one: an inherited copy
 * @flags:        C WQ_SEG_PUBLISHED and so on
 * @start_time:   C when the process began, in clock ticks since the boot: field 22 of
 *		    /proc/PID/stat; 0: unknown
 * @start_ns:     C CLOCK_MONOTONIC when the segment was made
 * @start_real_ns: C CLOCK_REALTIME then
 * @coarse_ns:    C from one tick of CLOCK_MONOTONIC_COARSE to the next
 * @library:      C libwq's version, NUL-terminated
 * @program:      C the program's name, NUL-terminated
 * @generation:   1 grows whenever a workqueue, pwq, pool or worker comes or goes: the same before
 *		    and after a pass means that the pass saw one set of records
 * @mechanism:    1 WQ_SEG_BY_*
 * @nr_sentinels: 1 SCHED_IDLE threads that run
 * @service_tid:  1 thread that makes workers and ticks: it is each pool's manager
 * @timer_tid:    1 thread that queues delayed items
 * @nr_cpus:      C CPU numbers are below
 * @nr_nodes:     C NUMA nodes
 * @default_scope: 1 affinity scope that WQ_SEG_SCOPE_DEFAULT stands for
 * @cpus_allowed: S CPUs that the program may use, as bits; under @seq. As its library last saw
 *		    them: it looks when it runs something
 * @unbound_cpus: S CPUs of those that unbound workqueues may use, as bits; under @seq
 * @seq:          the sequence lock of @cpus_allowed and @unbound_cpus
 *
 * To read items in the program's memory (process_vm_readv(), or a core file):
 * @work_bytes:   C sizeof(struct work_struct)
 * @work_data:    C offset of .data in it, a long: WQ_SEG_WORK_* and the pwq's address
 * @work_entry:   C offset of .entry, a list link: the addresses of the next and the previous one
 * @work_func:    C offset of .func, the address of its function
 * @barrier_tid:  C offset, from a barrier's work_struct, of the int with the thread that waits
 * @dwork_timer:  C offset of .timer in a delayed item
 * @dwork_wq:     C offset of .wq in a delayed item: address of the workqueue
 * @timer_entry:  C offset of .entry, a list link, in a timer
 * @timer_func:   C offset of .function in a timer; @delayed_func: it is a delayed item's
 * @timer_due:    C offset of .due_ns, 64 bits, in a timer
 * @barrier_func: C function of the items that only stand for a flush_work(): not works
 * @delayed_func: C function of the timers of delayed items
 * @timer_lists:  C address of the timer wheel: heads of lists, one behind the other; before its
 *		    first use those are 0
 * @nr_timer_lists: C how many
 *
 * Counters of the process:
 * @misuses:       1 calls that broke the rules, see table WQ_SEG_MISUSES
 * @workers_made:  1 worker threads that were started
 * @workers_ended: 1 worker threads that have ended
 * @spawn_failed:  1 threads that could not be started
 * @stalls:        1 reports of the watchdog: a worklist did not move
 */
struct wq_seg_header {
	char magic[8];
	uint32_t major, minor;
	uint32_t byte_order, word_bytes;
	uint32_t header_size, nr_tables;
	uint64_t segment_size;
	uint32_t pid, flags;
	uint64_t start_time;
	uint64_t start_ns, start_real_ns;
	uint64_t coarse_ns;
	char library[16];
	char program[64];
	uint32_t nr_cpus, nr_nodes;
	uint32_t seq, reserved0;
	uint64_t cpus_allowed[WQ_SEG_CPUS / 64];
	uint64_t unbound_cpus[WQ_SEG_CPUS / 64];

	uint32_t work_bytes, work_data, work_entry, work_func;
	uint32_t barrier_tid, dwork_timer, dwork_wq;
	uint32_t timer_entry, timer_func, timer_due;
	uint64_t barrier_func, delayed_func;
	uint64_t timer_lists;
	uint32_t nr_timer_lists, reserved1;

	struct wq_seg_table table[32];

	uint64_t generation;
	uint64_t misuses;
	uint64_t workers_made, workers_ended;
	uint64_t spawn_failed;
	uint64_t stalls;
	uint32_t mechanism, nr_sentinels;
	uint32_t service_tid, timer_tid;
	uint32_t default_scope, reserved2;
};

/* work_struct.data; with WQ_SEG_WORK_PWQ the other bits are the address of the item's pwq */
#define WQ_SEG_WORK_PENDING 0x1u
#define WQ_SEG_WORK_INACTIVE 0x2u	/* waits for max_active; also set in barriers */
#define WQ_SEG_WORK_PWQ 0x4u
#define WQ_SEG_WORK_LINKED 0x8u		/* the next one on the list belongs to it */
#define WQ_SEG_WORK_PWQ_SHIFT 8		/* bits below are not part of the address */

/* workqueue.affn_scope */
enum wq_seg_scope {
	WQ_SEG_SCOPE_DEFAULT,
	WQ_SEG_SCOPE_CPU,
	WQ_SEG_SCOPE_SMT,
	WQ_SEG_SCOPE_CACHE,
	WQ_SEG_SCOPE_CACHE_SHARD,
	WQ_SEG_SCOPE_NUMA,
	WQ_SEG_SCOPE_SYSTEM,
	WQ_SEG_NR_SCOPES,
};

/**
 * struct wq_seg_workqueue - a workqueue
 * @seq:        the record's sequence lock
 * @flags:      1 WQ_* and __WQ_* as in <wq/types.h>, the kernel's bits
 * @serial:     S no two workqueues of this process have the same; 0: the record is free
 * @address:    S its struct workqueue_struct
 * @name:       S NUL-terminated
 * @max_active: 1 most items active, per CPU or per node; 0 while it is frozen; INT32_MAX: WQ_BH
 * @min_active: 1 items that a node may always have active (unbound)
 * @nice:       S nice level that it asked for
 * @affn_scope: S enum wq_seg_scope (unbound)
 * @affn_strict: S 1: workers never leave their pod (unbound)
 * @rescuer:    1 index of its rescuer among the workers, or WQ_SEG_NONE
 * @cpus:       S CPUs that it asked for, as bits (unbound; all 0: per-CPU)
 * @dead_stat:  1 what the pwqs that are gone had counted; add those of its pwqs
 * @nr_armed:   1 delayed items whose time has not come: counted nowhere else
 *
 * Written by whoever makes, changes or destroys the workqueue; @nr_armed when an item is armed,
 * taken back or due.
 */
struct wq_seg_workqueue {
	uint32_t seq, flags;
	uint64_t serial;
	uint64_t address;
	char name[32];
	int32_t max_active, min_active;

	int32_t nice;
	uint32_t affn_scope, affn_strict;
	uint32_t rescuer;
	uint64_t reserved0[6];

	uint64_t cpus[WQ_SEG_CPUS / 64];

	uint64_t dead_stat[WQ_SEG_NR_STATS];

	uint64_t nr_armed;
	uint64_t reserved[7];
};

/**
 * struct wq_seg_pwq - a pool_workqueue: where a workqueue meets a pool
 * @seq:          the record's sequence lock
 * @workqueue:    S index of its workqueue
 * @serial:       S no two pwqs of this process have the same; 0: the record is free
 * @address:      S its struct pool_workqueue: what work_struct.data points to
 * @inactive:     S address of the head of its list of items held back by max_active; barriers
 *		    are among them
 * @pool:         S index of its pool
 * @stat:         1 the kernel's counters, since this pwq came to be
 * @nr_active:    1 items that run, are about to, or are on the pool's worklist
 * @nr_inactive:  1 items held back by max_active
 * @nr_scheduled: 1 those of @nr_active that are linked to a worker, which runs them next
 * @nr_barriers:  1 flush_work()s that wait in it
 * @on_mayday:    1 1: it waits for the rescuer
 * @has_base:     1 1: its workqueue uses it; 0: replaced by new attributes, on its way out
 *
 * In flight are nr_active + nr_inactive; on the pool's worklist, nr_active less nr_scheduled and
 * the workers whose @pwq it is. The kernel's refcnt is has_base + nr_active + nr_inactive +
 * nr_barriers + on_mayday. A pwq whose workqueue's record is free is on its way out.
 *
 * Written with the pool locked, by whoever queues, runs, cancels or flushes.
 */
struct wq_seg_pwq {
	uint32_t seq, workqueue;
	uint64_t serial;
	uint64_t address;
	uint64_t inactive;
	uint32_t pool, reserved0;
	uint64_t reserved1[3];

	uint64_t stat[WQ_SEG_NR_STATS];

	uint32_t nr_active, nr_inactive;
	uint32_t nr_scheduled, nr_barriers;
	uint32_t on_mayday, has_base;
	uint32_t reserved2[10];
};

/* pool.flags: the kernel's bits, and from bit 16 on ours */
#define WQ_SEG_POOL_BH 0x1u
#define WQ_SEG_POOL_MANAGER_ACTIVE 0x2u	/* header.service_tid makes a worker for it */
#define WQ_SEG_POOL_DISASSOCIATED 0x4u	/* its CPU is not the program's to use: works anywhere */
#define WQ_SEG_POOL_UNMANAGED 0x10000u	/* starts a worker for each item; nr_running says nothing */
#define WQ_SEG_POOL_NICE_REFUSED 0x20000u /* the system did not permit @nice */

/**
 * struct wq_seg_pool - a worker pool; its index is its number
 * @seq:        the record's sequence lock
 * @flags:      1 WQ_SEG_POOL_*
 * @serial:     S 0: the record is free. Pools are never freed
 * @address:    S its struct worker_pool
 * @worklist:   S address of the head of its list of items; barriers are among them
 * @cpu:        S its CPU, or -1: unbound
 * @home:       S an unbound pool for the items of one CPU: which; else -1
 * @node:       S its NUMA node, or -1
 * @nice:       S nice level of its workers
 * @affn_strict: S 1: its workers stay on @pod_cpus
 * @cpus:       S CPUs that its workers may use, as bits
 * @pod_cpus:   S CPUs that its workers are for
 * @nr_workers: 1 its workers
 * @nr_idle:    1 those with nothing to do
 * @nr_running: 1 those that run, as far as known
 * @limit:      1 how many shall run at a time, at most
 * @refcnt:     1 pwqs that use it (unbound)
 * @last_progress: 1 coarse: when its worklist last moved; hung since then while items wait
 *
 * Written by whoever makes it, and with the pool locked.
 */
struct wq_seg_pool {
	uint32_t seq, flags;
	uint64_t serial;
	uint64_t address;
	uint64_t worklist;
	int32_t cpu, home, node, nice;
	uint32_t affn_strict, reserved0;
	uint64_t reserved1;

	uint64_t cpus[WQ_SEG_CPUS / 64];
	uint64_t pod_cpus[WQ_SEG_CPUS / 64];

	uint32_t nr_workers, nr_idle;
	int32_t nr_running, limit;
	uint32_t refcnt, reserved2;
	uint64_t last_progress;
	uint64_t reserved3[4];
};

/* worker.flags: the kernel's bits, and from bit 16 on ours */
#define WQ_SEG_WORKER_DIE 0x2u
#define WQ_SEG_WORKER_IDLE 0x4u
#define WQ_SEG_WORKER_PREP 0x8u
#define WQ_SEG_WORKER_CPU_INTENSIVE 0x40u
#define WQ_SEG_WORKER_UNBOUND 0x80u
#define WQ_SEG_WORKER_SLEEPING 0x10000u	/* known to be blocked: not counted as running */

/**
 * struct wq_seg_worker - a worker or a rescuer
 * @seq:       the record's sequence lock; changes whenever it begins an item
 * @pwq:       S index of the pwq of that item; says nothing while @work is 0
 * @work:      S address of the item that it runs; 0: none. Set to 0 by one store, outside the
 *		 sequence lock; the fields about the item keep what they had then
 * @func:      S address of that item's function
 * @start_ns:  S coarse: when that item began
 * @serial:    S no two workers of this process have the same; 0: the record is free
 * @pool:      S index of its pool; WQ_SEG_NONE: a rescuer that has nothing to do
 * @id:        S its number in the pool, as in its thread's name
 * @rescue_wq: S a rescuer: index of its workqueue; else WQ_SEG_NONE
 * @flags:     1 WQ_SEG_WORKER_*
 * @tid:       1 its thread; 0: about to be
 * @idle_since: 1 coarse: since when it has been idle, while WQ_SEG_WORKER_IDLE is set
 * @address:   S its struct worker
 * @scheduled: S address of the head of its list of items that it runs next, barriers among them
 * @desc:      S what it works for, or worked for last: the workqueue's name, or what the item said
 *		 by set_worker_desc(); NUL-terminated
 *
 * Written by itself, and with its pool locked.
 */
struct wq_seg_worker {
	uint32_t seq, pwq;
	uint64_t work, func;
	uint64_t start_ns;
	uint64_t serial;
	uint32_t pool, id, rescue_wq, reserved0;
	uint64_t reserved1;

	uint32_t flags, tid;
	uint64_t idle_since;
	uint64_t reserved2[6];

	uint64_t address, scheduled;
	char desc[32];
	uint64_t reserved3[2];
};

enum wq_seg_wait {
	WQ_SEG_FLUSH_WORK = 1,		/* flush_work(), flush_delayed_work() */
	WQ_SEG_CANCEL_WORK,		/* cancel_work_sync() and its like wait for an item that runs */
	WQ_SEG_FLUSH_WORKQUEUE,
	WQ_SEG_DRAIN_WORKQUEUE,		/* drain_workqueue(), destroy_workqueue() */
};

/**
 * struct wq_seg_waiter - a thread that waits in the library for items
 * @seq:       the record's sequence lock
 * @kind:      S enum wq_seg_wait; another one is a newer library's
 * @serial:    S no two waits of this process have the same; 0: the record is free
 * @since_ns:  S when it began to wait
 * @tid:       S the thread
 * @workqueue: S index of the workqueue that it waits for, or whose item it waits for
 * @pwq:       S index of the pwq of that item, or WQ_SEG_NONE
 * @worker:    S index of the worker that ran the item when the wait began, or WQ_SEG_NONE: the
 *		 item was queued then
 * @work:      S address of that item, or 0
 * @func:      S address of its function, or 0
 *
 * Written by the thread itself, before and after it waits.
 */
struct wq_seg_waiter {
	uint32_t seq, kind;
	uint64_t serial;
	uint64_t since_ns;
	uint32_t tid, workqueue, pwq, worker;
	uint64_t work, func;
	uint64_t reserved[2];
};

/**
 * struct wq_seg_function - the name of a work function, as the source has it
 * @seq:     the record's sequence lock
 * @address: S the function; 0: the record is free
 * @name:    S NUL-terminated
 *
 * Written by the first INIT_WORK(), or wq_init_work(), that names the function. The symbol table of
 * the program's file knows better where there is one.
 */
struct wq_seg_function {
	uint32_t seq, reserved0;
	uint64_t address;
	char name[112];
};

/**
 * struct wq_seg_misuse - a kind of call that broke the rules
 * @seq:     the record's sequence lock
 * @nr:      1 how often; 0: the record is free
 * @last_ns: 1 coarse: when it happened last
 * @text:    S what was said the first time, NUL-terminated
 */
struct wq_seg_misuse {
	uint32_t seq, reserved0;
	uint64_t nr;
	uint64_t last_ns;
	char text[232];
};

#if defined(__cplusplus)
#define WQ_SEG_ASSERT(cond) static_assert(cond, #cond)
#else
#define WQ_SEG_ASSERT(cond) _Static_assert(cond, #cond)
#endif

WQ_SEG_ASSERT(sizeof(struct wq_seg_table) == 32);
WQ_SEG_ASSERT(sizeof(struct wq_seg_header) <= WQ_SEG_HEADER_BYTES);
WQ_SEG_ASSERT(sizeof(struct wq_seg_workqueue) <= WQ_SEG_WORKQUEUE_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_pwq) <= WQ_SEG_PWQ_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_pool) <= WQ_SEG_POOL_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_worker) <= WQ_SEG_WORKER_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_waiter) <= WQ_SEG_WAITER_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_function) <= WQ_SEG_FUNCTION_STRIDE);
WQ_SEG_ASSERT(sizeof(struct wq_seg_misuse) <= WQ_SEG_MISUSE_STRIDE);
/* Counters have cache lines of their own. */
WQ_SEG_ASSERT(offsetof(struct wq_seg_workqueue, dead_stat) == 256);
WQ_SEG_ASSERT(offsetof(struct wq_seg_pwq, stat) == 64);
WQ_SEG_ASSERT(offsetof(struct wq_seg_pwq, nr_active) == 128);
WQ_SEG_ASSERT(offsetof(struct wq_seg_pool, nr_workers) == 320);
WQ_SEG_ASSERT(offsetof(struct wq_seg_worker, flags) == 64);
WQ_SEG_ASSERT(offsetof(struct wq_seg_worker, address) == 128);

#if defined(__GNUC__)
/**
 * wq_seg_copy() - copy a record, or the header, that may be written meanwhile
 * @to:     where to, 8-byte aligned
 * @from:   the record: in a mapping of the segment
 * @bytes:  how many, a multiple of 8
 * @seq_at: offset of its sequence lock
 * @tries:  how often to try
 *
 * A writer makes seq odd, writes, and makes it even again. A copy between two looks that found
 * the same even number is whole in its fields marked S. Those marked 1 are each as they were at
 * some moment in between. In what a dead program left, an even seq is enough.
 *
 * Return: false if a writer was met each time: the record is to be shown as unknown.
 */
static inline bool wq_seg_copy(void *to, const void *from, size_t bytes, size_t seq_at, int tries)
{
	const uint64_t *word = (const uint64_t *)from;
	uint64_t *copy = (uint64_t *)to;
	const uint32_t *seq = (const uint32_t *)(const void *)((const char *)from + seq_at);

	while (tries-- > 0) {
		uint32_t before = __atomic_load_n(seq, __ATOMIC_ACQUIRE);

		if (before & 1)
			continue;
		/* acquire, so that the second look at seq comes after */
		for (size_t i = 0; i < bytes / sizeof(*word); i++)
			copy[i] = __atomic_load_n(&word[i], __ATOMIC_ACQUIRE);
		if (__atomic_load_n(seq, __ATOMIC_RELAXED) == before)
			return true;
	}
	return false;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
