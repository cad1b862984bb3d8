/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/workqueue.h - the kernel's workqueues in user space, in the kernel's spelling
 *
 * Every function is the one of libwq with wq_ before its name; <wq/wq.h> describes each, and what
 * is different from the kernel. Types, flags and constants are in <wq/types.h>. Code that was
 * written for older kernels compiles: alloc_workqueue() without WQ_PERCPU and WQ_UNBOUND means
 * per-CPU, system_wq and system_unbound_wq are there, flush_scheduled_work() works.
 *
 * Not here: lockdep maps, devm_alloc_workqueue(), the attributes' sysfs files, CPU hotplug.
 */
#ifndef WQ_LINUX_WORKQUEUE_H
#define WQ_LINUX_WORKQUEUE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <wq/types.h>

/* --- declare and initialise --- */

#define WORK_DATA_INIT() WQ_WORK_DATA_INIT
#define __WORK_INITIALIZER(n, f) WQ_WORK_INITIALIZER(n, f)
#define __DELAYED_WORK_INITIALIZER(n, f, flags) WQ_DELAYED_WORK_INITIALIZER(n, f)
#define DECLARE_WORK(n, f) struct work_struct n = WQ_WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = WQ_DELAYED_WORK_INITIALIZER(n, f)
#define DECLARE_DEFERRABLE_WORK(n, f) struct delayed_work n = WQ_DEFERRABLE_WORK_INITIALIZER(n, f)

static inline void __wq_init_work(struct work_struct *work, work_func_t func)
{
	work->data.counter = (long)(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT);
	work->entry.next = work->entry.prev = &work->entry;
	work->func = func;
}

static inline void __wq_init_delayed_work(struct delayed_work *dwork, work_func_t func,
					  uint32_t flags)
{
	__wq_init_work(&dwork->work, func);
	dwork->timer.entry.next = dwork->timer.entry.prev = NULL;
	dwork->timer.expires = 0;
	dwork->timer.function = wq_delayed_work_timer_fn;
	dwork->timer.flags = WQ_TIMER_IRQSAFE | flags;
	dwork->timer.bucket = 0;
	dwork->timer.due_ns = 0;
	dwork->wq = NULL;
	dwork->cpu = 0;
}

/* Only what is neither pending nor running may be initialised again. */
#define INIT_WORK(work, func) \
	do { \
		__wq_init_work(work, func); \
		WQ_NAME_FUNCTION(func); \
	} while (0)
#define INIT_WORK_ONSTACK(work, func) INIT_WORK(work, func)
#define INIT_WORK_KEY(work, func, key) INIT_WORK(work, func)
#define INIT_WORK_ONSTACK_KEY(work, func, key) INIT_WORK(work, func)
#define __WQ_INIT_DELAYED_WORK(dwork, func, flags) \
	do { \
		__wq_init_delayed_work(dwork, func, flags); \
		WQ_NAME_FUNCTION(func); \
	} while (0)
#define INIT_DELAYED_WORK(dwork, func) __WQ_INIT_DELAYED_WORK(dwork, func, 0)
#define INIT_DELAYED_WORK_ONSTACK(dwork, func) INIT_DELAYED_WORK(dwork, func)
#define INIT_DEFERRABLE_WORK(dwork, func) \
	__WQ_INIT_DELAYED_WORK(dwork, func, WQ_TIMER_DEFERRABLE)
#define INIT_DEFERRABLE_WORK_ONSTACK(dwork, func) INIT_DEFERRABLE_WORK(dwork, func)
#define INIT_RCU_WORK(rwork, func) INIT_WORK(&(rwork)->work, func)
#define INIT_RCU_WORK_ONSTACK(rwork, func) INIT_RCU_WORK(rwork, func)

/* There are no debug objects to remove from. */
static inline void destroy_work_on_stack(struct work_struct *work)
{
	(void)work;
}

static inline void destroy_delayed_work_on_stack(struct delayed_work *dwork)
{
	(void)dwork;
}

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

#define from_work(var, callback_work, field) \
	container_of(callback_work, __typeof__(*(var)), field)

#define WORK_STRUCT_PENDING (1ul << WORK_STRUCT_PENDING_BIT)
#define WORK_STRUCT_INACTIVE (1ul << WORK_STRUCT_INACTIVE_BIT)
#define WORK_STRUCT_PWQ (1ul << WORK_STRUCT_PWQ_BIT)
#define WORK_STRUCT_LINKED (1ul << WORK_STRUCT_LINKED_BIT)
#define work_data_bits(work) ((unsigned long *)(void *)&(work)->data)
#define work_pending(work) test_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work))
#define delayed_work_pending(dwork) work_pending(&(dwork)->work)

/* --- queue --- */

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
	WQ_SYMBOL(queue_work_on);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work) WQ_SYMBOL(queue_work);
bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work)
	WQ_SYMBOL(queue_work_node);
bool schedule_work(struct work_struct *work) WQ_SYMBOL(schedule_work);
bool schedule_work_on(int cpu, struct work_struct *work) WQ_SYMBOL(schedule_work_on);

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			   unsigned long delay) WQ_SYMBOL(queue_delayed_work_on);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay) WQ_SYMBOL(queue_delayed_work);
bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay)
	WQ_SYMBOL(schedule_delayed_work_on);
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
	WQ_SYMBOL(schedule_delayed_work);
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay) WQ_SYMBOL(mod_delayed_work_on);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay) WQ_SYMBOL(mod_delayed_work);
void delayed_work_timer_fn(struct timer_list *timer) WQ_SYMBOL(delayed_work_timer_fn);

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork) WQ_SYMBOL(queue_rcu_work);

int schedule_on_each_cpu(work_func_t func) WQ_SYMBOL(schedule_on_each_cpu);
int execute_in_process_context(work_func_t func, struct execute_work *ew)
	WQ_SYMBOL(execute_in_process_context);
long work_on_cpu(int cpu, long (*func)(void *arg), void *arg) WQ_SYMBOL(work_on_cpu);
#define work_on_cpu_safe work_on_cpu

/* --- wait --- */

bool flush_work(struct work_struct *work) WQ_SYMBOL(flush_work);
bool flush_delayed_work(struct delayed_work *dwork) WQ_SYMBOL(flush_delayed_work);
bool flush_rcu_work(struct rcu_work *rwork) WQ_SYMBOL(flush_rcu_work);
void __flush_workqueue(struct workqueue_struct *wq) WQ_SYMBOL(flush_workqueue);
void flush_scheduled_work(void) WQ_SYMBOL(flush_scheduled_work);
void drain_workqueue(struct workqueue_struct *wq) WQ_SYMBOL(drain_workqueue);

/* --- cancel, disable, enable --- */

bool cancel_work(struct work_struct *work) WQ_SYMBOL(cancel_work);
bool cancel_work_sync(struct work_struct *work) WQ_SYMBOL(cancel_work_sync);
bool cancel_delayed_work(struct delayed_work *dwork) WQ_SYMBOL(cancel_delayed_work);
bool cancel_delayed_work_sync(struct delayed_work *dwork) WQ_SYMBOL(cancel_delayed_work_sync);
bool disable_work(struct work_struct *work) WQ_SYMBOL(disable_work);
bool disable_work_sync(struct work_struct *work) WQ_SYMBOL(disable_work_sync);
bool disable_delayed_work(struct delayed_work *dwork) WQ_SYMBOL(disable_delayed_work);
bool disable_delayed_work_sync(struct delayed_work *dwork) WQ_SYMBOL(disable_delayed_work_sync);
bool enable_work(struct work_struct *work) WQ_SYMBOL(enable_work);
bool enable_delayed_work(struct delayed_work *dwork) WQ_SYMBOL(enable_delayed_work);
bool enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work)
	WQ_SYMBOL(enable_and_queue_work);

/* --- queues --- */

__must_check struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
						      int max_active, ...)
	WQ_SYMBOL(alloc_workqueue) __printf(1, 4);
__must_check struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags,
							      ...)
	WQ_SYMBOL(alloc_ordered_workqueue) __printf(1, 3);
__must_check struct workqueue_struct *create_workqueue(const char *name)
	WQ_SYMBOL(create_workqueue);
__must_check struct workqueue_struct *create_freezable_workqueue(const char *name)
	WQ_SYMBOL(create_freezable_workqueue);
__must_check struct workqueue_struct *create_singlethread_workqueue(const char *name)
	WQ_SYMBOL(create_singlethread_workqueue);
void destroy_workqueue(struct workqueue_struct *wq) WQ_SYMBOL(destroy_workqueue);

void workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
	WQ_SYMBOL(workqueue_set_max_active);
void workqueue_set_min_active(struct workqueue_struct *wq, int min_active)
	WQ_SYMBOL(workqueue_set_min_active);

struct workqueue_attrs *alloc_workqueue_attrs(void) WQ_SYMBOL(alloc_workqueue_attrs);
void free_workqueue_attrs(struct workqueue_attrs *attrs) WQ_SYMBOL(free_workqueue_attrs);
int apply_workqueue_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
	WQ_SYMBOL(apply_workqueue_attrs);

int workqueue_unbound_housekeeping_update(const struct cpumask *hk)
	WQ_SYMBOL(workqueue_unbound_housekeeping_update);
int workqueue_unbound_exclude_cpumask(const struct cpumask *exclude)
	WQ_SYMBOL(workqueue_unbound_exclude_cpumask);

/* As in a kernel without sysfs: there is nothing to register with, and that is no error. */
static inline int workqueue_sysfs_register(struct workqueue_struct *wq)
{
	(void)wq;
	return 0;
}

/* --- look --- */

unsigned int work_busy(struct work_struct *work) WQ_SYMBOL(work_busy);
bool workqueue_congested(int cpu, struct workqueue_struct *wq) WQ_SYMBOL(workqueue_congested);
struct work_struct *current_work(void) WQ_SYMBOL(current_work);
bool current_is_workqueue_rescuer(void) WQ_SYMBOL(current_is_workqueue_rescuer);
bool current_is_workqueue_mem_reclaim(void) WQ_SYMBOL(current_is_workqueue_mem_reclaim);
void set_worker_desc(const char *fmt, ...) WQ_SYMBOL(set_worker_desc) __printf(1, 2);
void show_all_workqueues(void) WQ_SYMBOL(show_all_workqueues);
void show_one_workqueue(struct workqueue_struct *wq) WQ_SYMBOL(show_one_workqueue);
void show_freezable_workqueues(void) WQ_SYMBOL(show_freezable_workqueues);

/* Nothing if the task is no worker that executes an item. */
struct task_struct;
void print_worker_info(const char *log_lvl, struct task_struct *task)
	WQ_SYMBOL(print_worker_info);
void wq_watchdog_touch(int cpu);

/* --- freezing --- */

void freeze_workqueues_begin(void) WQ_SYMBOL(freeze_workqueues_begin);
bool freeze_workqueues_busy(void) WQ_SYMBOL(freeze_workqueues_busy);
void thaw_workqueues(void) WQ_SYMBOL(thaw_workqueues);

/* --- the system's queues --- */

extern struct workqueue_struct *system_wq WQ_SYMBOL(system_wq);
extern struct workqueue_struct *system_percpu_wq WQ_SYMBOL(system_percpu_wq);
extern struct workqueue_struct *system_highpri_wq WQ_SYMBOL(system_highpri_wq);
extern struct workqueue_struct *system_long_wq WQ_SYMBOL(system_long_wq);
extern struct workqueue_struct *system_unbound_wq WQ_SYMBOL(system_unbound_wq);
extern struct workqueue_struct *system_dfl_wq WQ_SYMBOL(system_dfl_wq);
extern struct workqueue_struct *system_dfl_long_wq WQ_SYMBOL(system_dfl_long_wq);
extern struct workqueue_struct *system_freezable_wq WQ_SYMBOL(system_freezable_wq);
extern struct workqueue_struct *system_power_efficient_wq WQ_SYMBOL(system_power_efficient_wq);
extern struct workqueue_struct *system_freezable_power_efficient_wq
	WQ_SYMBOL(system_freezable_power_efficient_wq);
extern struct workqueue_struct *system_bh_wq WQ_SYMBOL(system_bh_wq);
extern struct workqueue_struct *system_bh_highpri_wq WQ_SYMBOL(system_bh_highpri_wq);

void __warn_flushing_systemwide_wq(void) WQ_SYMBOL(warn_flushing_systemwide_wq)
	__compiletime_warning("Please avoid flushing system-wide workqueues.");

#define __WQ_IS(wq, other) (__builtin_constant_p((wq) == (other)) && (wq) == (other))

/* A system-wide queue has items of others: who waits for all of them may wait for ever. */
#define flush_workqueue(wq) \
	({ \
		struct workqueue_struct *_wq = (wq); \
		\
		if (__WQ_IS(_wq, system_percpu_wq) || __WQ_IS(_wq, system_highpri_wq) || \
		    __WQ_IS(_wq, system_long_wq) || __WQ_IS(_wq, system_dfl_long_wq) || \
		    __WQ_IS(_wq, system_dfl_wq) || __WQ_IS(_wq, system_freezable_wq) || \
		    __WQ_IS(_wq, system_power_efficient_wq) || \
		    __WQ_IS(_wq, system_freezable_power_efficient_wq)) \
			__warn_flushing_systemwide_wq(); \
		__flush_workqueue(_wq); \
	})

#endif
