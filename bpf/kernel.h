/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - the few kernel structs and fields that we read, for CO-RE
 *
 * Only names and types matter: offsets come from the running kernel's BTF. A
 * struct with a suffix (___name) is a flavour: the same kernel struct as some
 * other kernels have it. Every field that is not in all kernels from 5.10 on is
 * read behind bpf_core_field_exists(); versions are never compared, as stable
 * trees carry back-ports.
 */
#ifndef WQKIT_KERNEL_H
#define WQKIT_KERNEL_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

struct cpumask;
struct worker;
struct worker_pool;
struct workqueue_struct;
struct pool_workqueue;

struct task_struct {
	unsigned int flags;
	int pid;
	char comm[16];
	struct task_struct *real_parent;
	struct list_head tasks, children, sibling;
	void *worker_private;			/* 5.17: struct kthread */
	int *set_child_tid;			/* before: struct kthread */
	struct cpumask *cpus_ptr;
};

struct kthread {
	void *data;
};

struct work_struct {
	atomic_long_t data;
	struct list_head entry;
	void (*func)(struct work_struct *);
};

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct timer_list *);
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};

struct timer_base {
	unsigned long pending_map[1];
	struct hlist_head vectors[1];
};

enum wq_affn_scope { WQ_AFFN_DFL };

struct workqueue_attrs {
	int nice;
	struct cpumask *cpumask;		/* where cpumask_var_t is a pointer */
	struct cpumask *__pod_cpumask;		/* 6.6 */
	_Bool affn_strict;			/* 6.6 */
	enum wq_affn_scope affn_scope;		/* 6.6 */
	_Bool ordered;				/* 6.6 */
};

struct workqueue_attrs___mask {
	struct {
		unsigned long bits[1];
	} cpumask[1], __pod_cpumask[1];		/* where it is the mask itself */
};

struct worker {
	struct list_head node, scheduled;
	struct work_struct *current_work;
	void (*current_func)(struct work_struct *);
	struct pool_workqueue *current_pwq;
	u64 current_at;				/* 6.5: its CPU time when the work began, or it woke */
	unsigned long current_start;		/* 7.0, jiffies */
	struct task_struct *task;
	struct worker_pool *pool;
	unsigned int flags;
	int id;
	char desc[24];				/* 24 or 32 */
	struct workqueue_struct *rescue_wq;
};

struct raw_spinlock {
	int unused;				/* we look at its first word, see walk_exact.h */
};

struct worker_pool {
	struct raw_spinlock lock;
	int cpu, node, id;
	unsigned int flags;
	unsigned long watchdog_ts;		/* up to 6.19 */
	int nr_running;				/* from 5.18 */
	struct list_head worklist;
	int nr_workers, nr_idle;
	struct worker *manager;
	struct list_head workers;
	struct workqueue_attrs *attrs;
	int refcnt;
};

struct worker_pool___atomic {
	atomic_t nr_running;			/* up to 5.17 */
};

struct worker_pool___progress {
	unsigned long last_progress_ts;		/* from 7.0 */
};

struct pool_workqueue {
	struct worker_pool *pool;
	struct workqueue_struct *wq;
	int refcnt, nr_active;
	int max_active;				/* up to 6.8 */
	int nr_in_flight[16];			/* 15 before 5.15 */
	struct list_head inactive_works;	/* delayed_works before 5.15 */
	struct list_head pwqs_node, mayday_node;
	struct work_struct mayday_cursor;	/* 7.0, and back-ports */
	unsigned long long stats[8];		/* 6.5 */
};

struct pool_workqueue___delayed {
	struct list_head delayed_works;
};

struct swait_queue {
	struct task_struct *task;
	struct list_head task_list;
};

struct swait_queue_head {
	struct list_head task_list;
};

struct completion {
	struct swait_queue_head wait;
};

struct wq_flusher {
	struct list_head list;
	struct completion done;
};

struct wq_barrier {
	struct work_struct work;
	struct task_struct *task;
};

struct wq_node_nr_active {
	int max;
	atomic_t nr;
};

struct workqueue_struct {
	struct list_head pwqs, list;
	struct wq_flusher *first_flusher;
	struct list_head flusher_queue, flusher_overflow;
	struct worker *rescuer;
	int max_active, min_active;		/* 6.9 */
	int saved_max_active;
	struct workqueue_attrs *unbound_attrs;	/* up to 7.2 */
	struct pool_workqueue *dfl_pwq;
	struct pool_workqueue **cpu_pwq;	/* 6.6, per CPU */
	struct pool_workqueue *numa_pwq_tbl[1];	/* up to 6.5, by node */
	struct wq_node_nr_active *node_nr_active[1];	/* 6.9, by node, and one more */
	char name[24];				/* 24 or 32 */
	unsigned int flags;
};

struct workqueue_struct___attrs {
	struct workqueue_attrs *attrs;		/* 7.3, for all workqueues */
};

struct wq_pod_type {				/* 6.6 */
	int nr_pods;
	int *pod_node, *cpu_pod;
};

struct bpf_array {
	void *pptrs[1];				/* per CPU */
};

struct seq_file {
	unsigned long size, count;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	unsigned long long session_id;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key, *value;
};

#pragma clang attribute pop

#define PF_WQ_WORKER 0x20

/* work_struct.data, the same bits on all kernels */
#define WORK_PENDING 1
#define WORK_INACTIVE 2
#define WORK_PWQ 4
#define WORK_LINKED 8

#endif
