/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wq/wq.h - the kernel's workqueues in user space, native spelling
 *
 * The function wq_f() does what the kernel's f() does; `Kernel:` names each difference. Contexts:
 *
 *	any thread	also inside a work function; never waits for another item
 *	signal-safe	also from a signal handler that interrupted anything, libwq included
 *	may wait	not from a signal handler, and not while holding what the awaited item needs
 *
 * A caller's mistake is reported once on stderr in the kernel's words and counted
 * (wq_misuse_count()).
 */
#ifndef WQ_WQ_H
#define WQ_WQ_H

#include <stdarg.h>
#include <stdio.h>
#include <wq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#if defined(__GNUC__)
#define WQ_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define WQ_MUST_CHECK __attribute__((warn_unused_result))
#else
#define WQ_PRINTF(fmt, first)
#define WQ_MUST_CHECK
#endif

/* --- initialise --- */

/**
 * wq_init_work() - make a work item
 * @work: item that is neither pending nor running
 * @func: what it shall do
 *
 * Context: any thread, signal-safe.
 * Kernel:  INIT_WORK(); also INIT_WORK_ONSTACK(), there are no debug objects.
 * Since:   0.1
 */
static inline void wq_init_work(struct work_struct *work, work_func_t func)
{
	work->data.counter = (long)(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT);
	work->entry.next = work->entry.prev = &work->entry;
	work->func = func;
}

/**
 * wq_timer_setup() - make a timer
 * @timer:    not armed
 * @function: what runs when it is due, on libwq's timer thread
 * @flags:    0, or WQ_TIMER_*
 *
 * Context: any thread, signal-safe.
 * Kernel:  timer_setup().
 * Since:   0.1
 */
static inline void wq_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
				  uint32_t flags)
{
	timer->entry.next = timer->entry.prev = NULL;
	timer->expires = 0;
	timer->function = function;
	timer->flags = flags;
	timer->bucket = 0;
	timer->due_ns = 0;
}

/**
 * wq_init_delayed_work() - make a delayed work item
 * @dwork: item that is neither pending nor running
 * @func:  what it shall do
 *
 * Context: any thread, signal-safe.
 * Kernel:  INIT_DELAYED_WORK(), also its ONSTACK form. Deferrable is the same: an idle CPU is not
 *	    woken for the timer alone, the timer thread is.
 * Since:   0.1
 */
static inline void wq_init_delayed_work(struct delayed_work *dwork, work_func_t func)
{
	wq_init_work(&dwork->work, func);
	wq_timer_setup(&dwork->timer, wq_delayed_work_timer_fn, WQ_TIMER_IRQSAFE);
	dwork->wq = NULL;
	dwork->cpu = 0;
}

/**
 * wq_init_rcu_work() - make a work item for wq_queue_rcu_work()
 * @rwork: item that is neither pending nor running
 * @func:  what it shall do
 *
 * Context: any thread, signal-safe.
 * Kernel:  INIT_RCU_WORK(), also its ONSTACK form.
 * Since:   0.1
 */
static inline void wq_init_rcu_work(struct rcu_work *rwork, work_func_t func)
{
	wq_init_work(&rwork->work, func);
	rwork->rcu.next = NULL;
	rwork->rcu.func = NULL;
	rwork->wq = NULL;
}

/* The same, and others learn the function's name: see wq_function_name(). */
#ifndef __cplusplus
#define wq_init_work(work, func) \
	do { \
		(wq_init_work)(work, func); \
		WQ_NAME_FUNCTION(func); \
	} while (0)
#define wq_init_delayed_work(dwork, func) \
	do { \
		(wq_init_delayed_work)(dwork, func); \
		WQ_NAME_FUNCTION(func); \
	} while (0)
#define wq_init_rcu_work(rwork, func) \
	do { \
		(wq_init_rcu_work)(rwork, func); \
		WQ_NAME_FUNCTION(func); \
	} while (0)
#endif

/* The delayed or rcu work item that holds @work. */
static inline struct delayed_work *wq_to_delayed_work(struct work_struct *work)
{
	return (struct delayed_work *)(void *)((char *)work - offsetof(struct delayed_work, work));
}

static inline struct rcu_work *wq_to_rcu_work(struct work_struct *work)
{
	return (struct rcu_work *)(void *)((char *)work - offsetof(struct rcu_work, work));
}

#define WQ_DECLARE_WORK(w, f) struct work_struct w = WQ_WORK_INITIALIZER(w, f)
#define WQ_DECLARE_DELAYED_WORK(w, f) struct delayed_work w = WQ_DELAYED_WORK_INITIALIZER(w, f)

/**
 * wq_work_pending() - is the item queued or armed?
 * @work: item
 *
 * A hint: it may change before the caller looks at it.
 *
 * Context: any thread, signal-safe.
 * Return:  true from queueing until the function is entered.
 * Kernel:  work_pending(); delayed_work_pending() is the same on dwork->work.
 * Since:   0.1
 */
bool wq_work_pending(const struct work_struct *work);
bool wq_delayed_work_pending(const struct delayed_work *dwork);

/* --- queue --- */

/**
 * wq_queue_work_on() - queue a work item on a given CPU
 * @cpu:  CPU number, or WORK_CPU_UNBOUND for the CPU of the caller
 * @wq:   queue to use; must not be destroyed before @work has run
 * @work: initialised item; ours until its function is entered, then yours
 *
 * Everything written before this call is visible to the function when it runs. If the call
 * returns false because the item was pending, the run that was pending sees it.
 *
 * Context: any thread, signal-safe. Does not allocate and does not wait.
 * Return:  true if queued now; false if it was already pending, or is disabled.
 * Kernel:  same as queue_work_on(); a @cpu that this process may not use is a hint. A queue that
 *	    is being drained or destroyed refuses the item with a warning, clears pending (as
 *	    since 7.3) and still returns true.
 * Since:   0.1
 */
bool wq_queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);

/**
 * wq_queue_work() - queue a work item
 * @wq:   queue to use
 * @work: initialised item
 *
 * Context: any thread, signal-safe. Does not allocate and does not wait.
 * Return:  as wq_queue_work_on(WORK_CPU_UNBOUND, ...).
 * Kernel:  same as queue_work().
 * Since:   0.1
 */
bool wq_queue_work(struct workqueue_struct *wq, struct work_struct *work);

/**
 * wq_queue_work_node() - queue a work item on a CPU of a NUMA node
 * @node: node, or -1
 * @wq:   unbound queue
 * @work: initialised item
 *
 * Context: any thread, signal-safe.
 * Return:  as wq_queue_work_on().
 * Kernel:  same as queue_work_node(), with its warning for a queue that is not unbound.
 * Since:   0.1
 */
bool wq_queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work);

/**
 * wq_schedule_work() - queue a work item on wq_system_percpu_wq
 * @work: initialised item
 *
 * Context: any thread, signal-safe.
 * Return:  as wq_queue_work().
 * Kernel:  same as schedule_work() since 6.17.
 * Since:   0.1
 */
bool wq_schedule_work(struct work_struct *work);
bool wq_schedule_work_on(int cpu, struct work_struct *work);

/**
 * wq_queue_delayed_work_on() - queue a work item after a delay
 * @cpu:   CPU number, or WORK_CPU_UNBOUND
 * @wq:    queue to use; must not be destroyed while the item is armed
 * @dwork: initialised item
 * @delay: jiffies (1 ms each) from now; 0 queues at once
 *
 * Never early. The item is pending from this call until its function is entered.
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if armed or queued now; false if it was pending, or is disabled.
 * Kernel:  same as queue_delayed_work_on(); the delay is counted in nanoseconds from the call,
 *	    not in ticks. A queue in destruction refuses the item with the kernel's warning.
 * Since:   0.1
 */
bool wq_queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			      unsigned long delay);
bool wq_queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			      unsigned long delay);
bool wq_schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay);
bool wq_schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);

/**
 * wq_queue_delayed_work_ns() - queue a work item after a delay in nanoseconds
 * @wq:       queue to use
 * @dwork:    initialised item
 * @delay_ns: from now, CLOCK_MONOTONIC
 *
 * Context: any thread. Not signal-safe.
 * Return:  as wq_queue_delayed_work_on().
 * Kernel:  has no such call.
 * Since:   0.1
 */
bool wq_queue_delayed_work_ns(struct workqueue_struct *wq, struct delayed_work *dwork,
			      uint64_t delay_ns);

/**
 * wq_mod_delayed_work_on() - change when a delayed item is due, or queue it
 * @cpu:   CPU number, or WORK_CPU_UNBOUND
 * @wq:    queue to use
 * @dwork: initialised item
 * @delay: jiffies from now; 0 queues at once, whatever the item's state
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if it was pending and is changed; false if it was idle (and is queued, unless
 *	    disabled).
 * Kernel:  same as mod_delayed_work_on(), the other way round than wq_queue_delayed_work().
 * Since:   0.1
 */
bool wq_mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			    unsigned long delay);
bool wq_mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			      unsigned long delay);
bool wq_mod_delayed_work_ns(struct workqueue_struct *wq, struct delayed_work *dwork,
			      uint64_t delay_ns);

/**
 * wq_queue_rcu_work() - queue a work item after an RCU grace period
 * @wq:    queue to use
 * @rwork: initialised item
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if it will run after a full grace period from now; false if it was pending or
 *	    disabled.
 * Kernel:  same as queue_rcu_work(); grace periods are those of wq_rcu_read_lock().
 * Since:   0.1
 */
bool wq_queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);

/**
 * wq_schedule_on_each_cpu() - run a function once on every usable CPU, and wait
 * @func: what to run
 *
 * Context: may wait. Allocates.
 * Return:  0, or -ENOMEM.
 * Kernel:  same as schedule_on_each_cpu().
 * Since:   0.1
 */
int wq_schedule_on_each_cpu(work_func_t func);

/**
 * wq_work_on_cpu() - run a function on a CPU, and wait
 * @cpu: a usable CPU
 * @fn:  what to run
 * @arg: its argument
 *
 * Context: may wait.
 * Return:  what @fn returned.
 * Kernel:  same as work_on_cpu().
 * Since:   0.1
 */
long wq_work_on_cpu(int cpu, long (*fn)(void *arg), void *arg);

/**
 * wq_execute_in_process_context() - run a function where it may sleep
 * @fn: what to run
 * @ew: an item for the case that it must be queued
 *
 * Context: any thread. On the timer thread and in a WQ_BH item the function is queued.
 * Return:  0 if it ran here, 1 if it was queued on wq_system_percpu_wq.
 * Kernel:  same as execute_in_process_context().
 * Since:   0.1
 */
int wq_execute_in_process_context(work_func_t fn, struct execute_work *ew);

/* --- flush and drain --- */

/**
 * wq_flush_work() - wait until an item's last queueing has run
 * @work: item
 *
 * Does not see a delayed item whose timer is armed: see wq_flush_delayed_work().
 *
 * Context: may wait. From the item's own function it warns, counts and waits for ever, as in the
 *	    kernel.
 * Return:  true if it waited, false if the item was idle.
 * Kernel:  same as flush_work().
 * Since:   0.1
 */
bool wq_flush_work(struct work_struct *work);

/**
 * wq_flush_delayed_work() - queue an armed item at once, and wait until it has run
 * @dwork: item
 *
 * Context: may wait. From the item's own function as wq_flush_work().
 * Return:  as wq_flush_work().
 * Kernel:  same as flush_delayed_work().
 * Since:   0.1
 */
bool wq_flush_delayed_work(struct delayed_work *dwork);

/**
 * wq_flush_rcu_work() - wait for an item's grace period, and until it has run
 * @rwork: item
 *
 * Context: may wait. Not inside wq_rcu_read_lock().
 * Return:  as wq_flush_work().
 * Kernel:  same as flush_rcu_work().
 * Since:   0.1
 */
bool wq_flush_rcu_work(struct rcu_work *rwork);

/**
 * wq_flush_workqueue() - wait until everything that is queued now has run
 * @wq: queue
 *
 * Items that are queued later are not waited for, so they cannot hold it up.
 *
 * Context: may wait. From an item of @wq it warns, counts and waits for ever, as in the kernel.
 * Kernel:  same as flush_workqueue(), without the warning for the system's queues.
 * Since:   0.1
 */
void wq_flush_workqueue(struct workqueue_struct *wq);

/**
 * wq_flush_scheduled_work() - wait until everything that is queued on wq_system_percpu_wq has run
 *
 * Context: may wait. As wq_flush_workqueue().
 * Kernel:  flush_scheduled_work(), which is deprecated there and warns; here it just works.
 * Since:   0.1
 */
void wq_flush_scheduled_work(void);

/**
 * wq_drain_workqueue() - wait until a queue is empty
 * @wq: queue
 *
 * While it waits only items of @wq itself may queue on @wq.
 *
 * Context: may wait.
 * Kernel:  same as drain_workqueue(): an item that queues itself for ever is waited for, for
 *	    ever, and said so after 10, 100, 200... tries.
 * Since:   0.1
 */
void wq_drain_workqueue(struct workqueue_struct *wq);

/* --- cancel and disable --- */

/**
 * wq_cancel_work() - take an item back if it has not started
 * @work: item
 *
 * Context: any thread. Does not wait for the function. Not signal-safe.
 * Return:  true if it was pending.
 * Kernel:  same as cancel_work().
 * Since:   0.1
 */
bool wq_cancel_work(struct work_struct *work);
bool wq_cancel_delayed_work(struct delayed_work *dwork);

/**
 * wq_cancel_work_sync() - take an item back and wait until its function is not running
 * @work: item
 *
 * Afterwards the item is neither pending nor running, unless somebody queues it again; while the
 * call waits, queueing it is refused. Its memory may be freed then, if nobody queues it.
 *
 * Context: may wait. From the item's own function it warns, counts and waits for ever, as in the
 *	    kernel.
 * Return:  true if it was pending (not: was running).
 * Kernel:  same as cancel_work_sync().
 * Since:   0.1
 */
bool wq_cancel_work_sync(struct work_struct *work);
bool wq_cancel_delayed_work_sync(struct delayed_work *dwork);

/**
 * wq_disable_work() - cancel an item and refuse to queue it until it is enabled again
 * @work: item
 *
 * Nests up to 65535 times.
 *
 * Context: any thread; the _sync forms may wait. Not signal-safe.
 * Return:  true if it was pending.
 * Kernel:  same as disable_work(), disable_delayed_work() and their _sync forms.
 * Since:   0.1
 */
bool wq_disable_work(struct work_struct *work);
bool wq_disable_work_sync(struct work_struct *work);
bool wq_disable_delayed_work(struct delayed_work *dwork);
bool wq_disable_delayed_work_sync(struct delayed_work *dwork);

/**
 * wq_enable_work() - undo one wq_disable_work()
 * @work: item
 *
 * Never queues: what was refused meanwhile is lost.
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if the item can be queued now (depth 0). One call too many warns and returns
 *	    true.
 * Kernel:  same as enable_work() and enable_delayed_work().
 * Since:   0.1
 */
bool wq_enable_work(struct work_struct *work);
bool wq_enable_delayed_work(struct delayed_work *dwork);

/**
 * wq_enable_and_queue_work() - undo one wq_disable_work() and queue the item if that was the last
 * @wq:   queue to use
 * @work: item
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if the depth is 0 now and the item was queued.
 * Kernel:  same as enable_and_queue_work().
 * Since:   0.1
 */
bool wq_enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work);

/* --- queues --- */

/**
 * wq_alloc_workqueue() - make a queue
 * @fmt:        printf format of its name (31 characters are kept)
 * @flags:      WQ_*; neither WQ_PERCPU nor WQ_UNBOUND means WQ_PERCPU
 * @max_active: how many of its items may run at a time, per CPU (WQ_PERCPU) or per node
 *		(WQ_UNBOUND); 0 for WQ_DFL_ACTIVE
 *
 * Context: may wait. Allocates. The first call of a process starts the library's threads.
 * Return:  the queue, or NULL with errno set.
 * Kernel:  same as alloc_workqueue(), without the warning of 7.2 about the missing WQ_PERCPU.
 * Since:   0.1
 */
struct workqueue_struct *wq_alloc_workqueue(const char *fmt, unsigned int flags, int max_active,
					    ...) WQ_PRINTF(1, 4) WQ_MUST_CHECK;
struct workqueue_struct *wq_workqueue_alloc_va(const char *fmt, unsigned int flags, int max_active,
					       va_list args) WQ_PRINTF(1, 0) WQ_MUST_CHECK;

/**
 * wq_alloc_ordered_workqueue() - make a queue that runs one item at a time, in the order of
 * queueing
 * @fmt:   printf format of its name
 * @flags: WQ_FREEZABLE, WQ_MEM_RECLAIM, WQ_HIGHPRI
 *
 * Context: may wait. Allocates.
 * Return:  the queue, or NULL with errno set.
 * Kernel:  same as alloc_ordered_workqueue().
 * Since:   0.1
 */
struct workqueue_struct *wq_alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...)
	WQ_PRINTF(1, 3) WQ_MUST_CHECK;

/**
 * wq_create_workqueue() - make a queue as old code does: WQ_MEM_RECLAIM, max_active 1, one item at
 * a time on each CPU; unbound and freezable; ordered
 * @name: its name (31 characters are kept)
 *
 * Context: may wait. Allocates.
 * Return:  the queue, or NULL with errno set.
 * Kernel:  same as create_workqueue(), create_freezable_workqueue() and
 *	    create_singlethread_workqueue().
 * Since:   0.1
 */
struct workqueue_struct *wq_create_workqueue(const char *name) WQ_MUST_CHECK;
struct workqueue_struct *wq_create_freezable_workqueue(const char *name) WQ_MUST_CHECK;
struct workqueue_struct *wq_create_singlethread_workqueue(const char *name) WQ_MUST_CHECK;

/**
 * wq_destroy_workqueue() - run what is queued, then free the queue
 * @wq: queue; nobody may use it any more
 *
 * Delayed items that are still armed are a mistake: they are counted, reported with their
 * function, and run at once. An item that queues or arms itself again meanwhile is refused with a
 * warning.
 *
 * Context: may wait. From an item of @wq it warns, counts and waits for ever, as in the kernel.
 * Kernel:  same as destroy_workqueue(); there an armed item would use freed memory later.
 * Since:   0.1
 */
void wq_destroy_workqueue(struct workqueue_struct *wq);

/**
 * wq_workqueue_set_max_active() - change how many items may run at a time
 * @wq:         queue, not ordered and not WQ_BH
 * @max_active: as in wq_alloc_workqueue()
 *
 * Context: may wait.
 * Kernel:  same as workqueue_set_max_active().
 * Since:   0.1
 */
void wq_workqueue_set_max_active(struct workqueue_struct *wq, int max_active);

/**
 * wq_workqueue_set_min_active() - change what an unbound queue may run on every node at least
 * @wq:         unbound queue, not ordered
 * @min_active: 0 to max_active
 *
 * Context: may wait.
 * Kernel:  same as workqueue_set_min_active().
 * Since:   0.1
 */
void wq_workqueue_set_min_active(struct workqueue_struct *wq, int min_active);

/* --- attributes of unbound queues --- */

/**
 * wq_alloc_workqueue_attrs() - make attributes with their default values
 *
 * Context: any thread. Allocates.
 * Return:  the attributes, for wq_free_workqueue_attrs(), or NULL with errno set.
 * Kernel:  same as alloc_workqueue_attrs().
 * Since:   0.1
 */
struct workqueue_attrs *wq_alloc_workqueue_attrs(void) WQ_MUST_CHECK;

/**
 * wq_free_workqueue_attrs() - free what wq_alloc_workqueue_attrs() made
 * @attrs: attributes, or NULL
 *
 * Context: any thread.
 * Kernel:  same as free_workqueue_attrs().
 * Since:   0.1
 */
void wq_free_workqueue_attrs(struct workqueue_attrs *attrs);

/**
 * wq_apply_workqueue_attrs() - change what an unbound queue's workers are like
 * @wq:    unbound queue
 * @attrs: copied
 *
 * Items that are queued stay where they are; an ordered queue keeps its order across the change.
 *
 * Context: may wait. Allocates.
 * Return:  0, -EINVAL (not unbound, no such scope), or -ENOMEM; then nothing has changed.
 * Kernel:  same as apply_workqueue_attrs(); an ordered queue stays ordered whatever
 *	    @attrs->ordered says.
 * Since:   0.1
 */
int wq_apply_workqueue_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs);

/**
 * wq_workqueue_unbound_set_cpumask() - the CPUs that unbound queues may use
 * @mask: CPUs; those that this process may not use are ignored
 *
 * It also ends what wq_workqueue_unbound_housekeeping_update() has said.
 *
 * Context: may wait.
 * Return:  0, or -EINVAL if no usable CPU is left.
 * Kernel:  as a write to /sys/devices/virtual/workqueue/cpumask.
 * Since:   0.1
 */
int wq_workqueue_unbound_set_cpumask(const struct cpumask *mask);

/**
 * wq_workqueue_unbound_housekeeping_update() - keep unbound queues off isolated CPUs
 * @hk: CPUs for housekeeping: unbound queues use those of them that
 *	wq_workqueue_unbound_set_cpumask() allows; if there are none, it is ignored
 *
 * Context: may wait.
 * Return:  0, or -errno.
 * Kernel:  same as workqueue_unbound_housekeeping_update(). The other function is that of 6.8 to
 *	    6.18, with the CPUs that are isolated.
 * Since:   0.1
 */
int wq_workqueue_unbound_housekeeping_update(const struct cpumask *hk);
int wq_workqueue_unbound_exclude_cpumask(const struct cpumask *exclude);

/* --- look --- */

/**
 * wq_work_busy() - is the item pending or running?
 * @work: item
 *
 * Context: any thread. A hint.
 * Return:  WORK_BUSY_PENDING and WORK_BUSY_RUNNING, or 0.
 * Kernel:  same as work_busy().
 * Since:   0.1
 */
unsigned int wq_work_busy(struct work_struct *work);

/**
 * wq_workqueue_congested() - do items of the queue wait for max_active?
 * @cpu: CPU, or WORK_CPU_UNBOUND for the caller's
 * @wq:  queue
 *
 * Context: any thread. A hint.
 * Return:  true if so on @cpu.
 * Kernel:  same as workqueue_congested().
 * Since:   0.1
 */
bool wq_workqueue_congested(int cpu, struct workqueue_struct *wq);

/**
 * wq_current_work() - the item that the caller is executing
 *
 * Context: any thread.
 * Return:  the item, which its function may have freed already; NULL if the caller is no worker.
 * Kernel:  same as current_work().
 * Since:   0.1
 */
struct work_struct *wq_current_work(void);

/**
 * wq_current_is_workqueue_rescuer() - is the caller the rescuer of a queue?
 *
 * Context: any thread.
 * Return:  true if so, whatever it executes.
 * Kernel:  same as current_is_workqueue_rescuer().
 * Since:   0.1
 */
bool wq_current_is_workqueue_rescuer(void);

/**
 * wq_current_is_workqueue_mem_reclaim() - does the caller execute an item of a WQ_MEM_RECLAIM
 * queue?
 *
 * Context: any thread.
 * Return:  true if so; a queue of wq_create_workqueue() and the like does not count.
 * Kernel:  same as current_is_workqueue_mem_reclaim().
 * Since:   0.1
 */
bool wq_current_is_workqueue_mem_reclaim(void);

/**
 * wq_set_worker_desc() - say what the current item is about, for whoever looks
 * @fmt: printf format; 31 characters are kept
 *
 * Good until the function returns.
 *
 * Context: a work function; elsewhere it does nothing.
 * Kernel:  same as set_worker_desc().
 * Since:   0.1
 */
void wq_set_worker_desc(const char *fmt, ...) WQ_PRINTF(1, 2);

/**
 * wq_worker_info() - what a worker is doing, in the words of the kernel's stack traces
 * @tid:  a thread of this process, or 0: the caller
 * @buf:  where to: "Workqueue: QUEUE FUNCTION", and " (DESCRIPTION)" if its item has set one
 * @size: of @buf; the text is cut to it
 *
 * Context: any thread. Not signal-safe.
 * Return:  true if that thread executes an item; else @buf becomes empty.
 * Kernel:  print_worker_info(), which prints it.
 * Since:   0.1
 */
bool wq_worker_info(int tid, char *buf, size_t size);

/**
 * wq_show_all_workqueues() - print the queues and pools that are busy, to stderr, in the kernel's
 * grammar
 *
 * Context: any thread. The _to forms print to @out.
 * Kernel:  show_all_workqueues(), show_one_workqueue(), show_freezable_workqueues().
 * Since:   0.1
 */
void wq_show_all_workqueues(void);
void wq_show_one_workqueue(struct workqueue_struct *wq);
void wq_show_freezable_workqueues(void);
void wq_show_all_workqueues_to(FILE *out);
void wq_show_one_workqueue_to(struct workqueue_struct *wq, FILE *out);

/**
 * wq_status_print() - a line per queue: name, active, total, max, in-flight
 * @out: where to
 *
 * Context: any thread.
 * Kernel:  has no such file.
 * Since:   0.1
 */
void wq_status_print(FILE *out);

/**
 * wq_watchdog_touch() - the watchdog is not to bark for now
 * @cpu: of which CPU's pools; a negative one is all CPUs
 *
 * A pool whose worklist has not moved for watchdog_thresh seconds is reported on stderr, once each
 * such time, with all busy queues, and counted; panic_on_stall=N aborts at the Nth report,
 * panic_on_stall_time=S once a stall has lasted S seconds. This begins the time anew. As in the
 * kernel, unbound pools are touched with any CPU.
 *
 * Context: any thread, signal-safe.
 * Kernel:  same as wq_watchdog_touch(), which wants a CPU since 6.11.
 * Since:   0.1
 */
void wq_watchdog_touch(int cpu);

/**
 * wq_misuse_count() - how many mistakes of callers were found since the process began
 *
 * Each is counted; each kind is printed once per place.
 *
 * Context: any thread, signal-safe.
 * Since:   0.1
 */
uint64_t wq_misuse_count(void);

/**
 * wq_mechanism() - how blocked workers are noticed in this process
 *
 * Context: any thread.
 * Return:  "sentinel+tick"; "sentinel" or "tick", where the other is switched off or there is no
 *	    SCHED_IDLE; or "none"; with perf=1, if it is permitted, "sentinel+tick+perf" and so on.
 * Since:   0.1
 */
const char *wq_mechanism(void);

/**
 * wq_cpus_get() - the CPUs that libwq uses, after a look whether those that it may have changed
 * @mask: where to
 *
 * taskset -a, a cpuset or CPU hotplug change what the process may use; libwq notices when its
 * workers run, or when this is called. A CPU that is lost is to libwq what an unplugged one is to
 * the kernel: its pools are shown as DISASSOCIATED (flags 0x4), what is queued for it runs
 * elsewhere, a worker for each item; once it is back, its workers are too. What counts is the
 * mask of the library's own service thread, which begins as that of the process's first thread:
 * a program that gives one of its own threads another mask changes nothing here.
 *
 * Context: may wait. Not signal-safe.
 * Return:  how many CPUs, or -errno.
 * Kernel:  cpu_online_mask; its hotplug callbacks do what this is about.
 * Since:   0.1
 */
int wq_cpus_get(struct cpumask *mask);

/**
 * wq_perf_error() - whether the kernel's records of context switches are used, and why not
 *
 * The parameter perf=1 asks for them. They tell exactly when a worker sleeps, in whatever call,
 * but each one costs the worker more than the switch itself while items wait: see libwq(7).
 *
 * Context: any thread.
 * Return:  0, or -errno: -ECANCELED: nobody asked; -EACCES: kernel.perf_event_paranoid is above
 *	    2; -EPERM: a seccomp filter, or no memory left that may be locked (some workers are not
 *	    watched then); -ENOSYS: the kernel is older than 5.9, or has no perf events.
 * Kernel:  needs none.
 * Since:   0.1
 */
int wq_perf_error(void);

/* How long a queue's items have slept: summed up as each one ends, rescuers' excepted. */
struct wq_blocked {
	uint64_t ns;
	uint64_t times;
	uint64_t missed;		/* switches that were too many at a time to be seen */
};

/**
 * wq_workqueue_blocked() - how long the items of a queue slept while they were executed
 * @wq:  queue
 * @sum: the answer
 *
 * Exact, unlike the difference of elapsed and CPU time: being preempted is not sleeping.
 *
 * Context: any thread.
 * Return:  0, or the error of wq_perf_error().
 * Kernel:  has no such call.
 * Since:   0.1
 */
int wq_workqueue_blocked(struct workqueue_struct *wq, struct wq_blocked *sum);

/**
 * wq_segment_fd() - the memory that shows this process's queues to others
 *
 * Others find it among /proc/PID/fd by its name, "wq-trace"; its format is <wq/abi.h>. It is
 * closed on exec, and the child of a fork gets one of its own. A program that closes all files
 * should leave this one open: libwq works without, but is not found any more.
 *
 * Context: any thread.
 * Return:  the file descriptor, or -errno: why this process is not shown. -ECANCELED: the
 *	    parameter publish=0; what memfd_create() said, under a seccomp filter; -EFBIG: under
 *	    RLIMIT_FSIZE.
 * Kernel:  needs none.
 * Since:   0.1
 */
int wq_segment_fd(void);

/* The counters of a queue, by the names of the kernel's own monitor script, and what libwq adds. */
struct wq_counters {
	uint64_t started, completed, cpu_time_us, cpu_intensive, cm_wakeup, repatriated, mayday, rescued;
	uint64_t nr_armed;		/* delayed items whose timer runs */
};

/**
 * wq_workqueue_counters() - what a queue has done, summed over its CPUs
 * @wq:  queue
 * @sum: filled: events since the queue's creation, or since the fork in a child; microseconds of
 *	 CPU time; items
 *
 * Context: any thread. The counters are read one by one while they move.
 * Kernel:  has them for its monitor script, enum pool_workqueue_stats.
 * Since:   0.1
 */
void wq_workqueue_counters(struct workqueue_struct *wq, struct wq_counters *sum);

/* --- the moment of blocking --- */

/**
 * wq_block_begin() - a worker says that it is about to sleep
 *
 * Nobody has to: a sleeping worker is noticed anyway, some microseconds later. Nests. Elsewhere
 * than in a work function it does nothing.
 *
 * Context: any thread. Call wq_block_end() after the sleep.
 * Kernel:  what the scheduler does by itself (wq_worker_sleeping(), wq_worker_running()).
 * Since:   0.1
 */
void wq_block_begin(void);
void wq_block_end(void);

/* --- freezing --- */

/**
 * wq_freeze_workqueues_begin() - stop WQ_FREEZABLE queues from starting items
 *
 * Running ones go on: see wq_freeze_workqueues_busy(). What is queued waits.
 *
 * Context: may wait.
 * Kernel:  same as freeze_workqueues_begin().
 * Since:   0.1
 */
void wq_freeze_workqueues_begin(void);

/**
 * wq_freeze_workqueues_busy() - does a frozen queue still run items?
 *
 * Context: may wait. After wq_freeze_workqueues_begin().
 * Return:  true if so.
 * Kernel:  same as freeze_workqueues_busy().
 * Since:   0.1
 */
bool wq_freeze_workqueues_busy(void);

/**
 * wq_thaw_workqueues() - let frozen queues go on
 *
 * Context: may wait. Without wq_freeze_workqueues_begin() it does nothing.
 * Kernel:  same as thaw_workqueues().
 * Since:   0.1
 */
void wq_thaw_workqueues(void);

/* --- parameters --- */

/**
 * wq_param_set() - set a parameter of the kernel's workqueue module
 * @name:  cpu_intensive_thresh_us, cpu_intensive_warning_thresh, power_efficient,
 *	   default_affinity_scope, cache_shard_size, debug_force_rr_cpu, watchdog_thresh,
 *	   panic_on_stall, panic_on_stall_time, unbound_cpus; libwq's own: stack_size, sentinel,
 *	   tick, unmanaged, publish
 * @value: as written to /sys/module/workqueue/parameters/NAME; watchdog_thresh takes milliseconds,
 *	   too, with "ms" behind the number
 *
 * The environment's WQ_PARAMS="name=value name=value" is read before the first queue is made.
 *
 * Context: any thread.
 * Return:  0, -ENOENT (no such parameter), -EINVAL, or -EPERM (read only once started).
 * Since:   0.1
 */
int wq_param_set(const char *name, const char *value);

/**
 * wq_param_get() - the value of a parameter
 * @name:  as in wq_param_set()
 * @value: filled with text, as read from /sys/module/workqueue/parameters/NAME
 * @size:  of it, in bytes; longer text is cut
 *
 * Context: any thread.
 * Return:  0, or -ENOENT.
 * Since:   0.1
 */
int wq_param_get(const char *name, char *value, size_t size);

/* --- timers and grace periods --- */

/**
 * wq_get_jiffies() - what time it is, in milliseconds
 *
 * Context: any thread, signal-safe.
 * Return:  milliseconds of CLOCK_MONOTONIC.
 * Kernel:  jiffies with HZ=1000; those begin near an overflow, these at the system's start.
 * Since:   0.1
 */
unsigned long wq_get_jiffies(void);

/**
 * wq_ktime_get_ns() - what time it is, in nanoseconds
 *
 * Context: any thread, signal-safe.
 * Return:  nanoseconds of CLOCK_MONOTONIC.
 * Kernel:  same as ktime_get_ns().
 * Since:   0.1
 */
uint64_t wq_ktime_get_ns(void);

/**
 * wq_mod_timer() - arm a timer, or change when it is due
 * @timer:   set up by wq_timer_setup()
 * @expires: jiffies; in the past means at once
 *
 * Context: any thread, also the timer's function. Not signal-safe.
 * Return:  1 if it was armed, else 0.
 * Kernel:  same as mod_timer(), on libwq's timer thread.
 * Since:   0.1
 */
int wq_mod_timer(struct timer_list *timer, unsigned long expires);

/**
 * wq_add_timer() - arm a timer for its own expires
 * @timer: set up and not armed
 *
 * Context: any thread, also the timer's function. Not signal-safe.
 * Kernel:  same as add_timer().
 * Since:   0.1
 */
void wq_add_timer(struct timer_list *timer);

/**
 * wq_timer_delete() - disarm a timer; the _sync form also waits until its function is not running
 * @timer: set up
 *
 * Context: any thread; the _sync form may wait, and not in the timer's function. Not signal-safe.
 * Return:  1 if it was armed, else 0.
 * Kernel:  same as timer_delete() and timer_delete_sync().
 * Since:   0.1
 */
int wq_timer_delete(struct timer_list *timer);
int wq_timer_delete_sync(struct timer_list *timer);

/**
 * wq_timer_pending() - is a timer armed?
 * @timer: set up
 *
 * Context: any thread. A hint unless others are kept from it.
 * Return:  true from arming until its function is entered.
 * Kernel:  same as timer_pending().
 * Since:   0.1
 */
bool wq_timer_pending(const struct timer_list *timer);

/**
 * wq_in_interrupt() - is the caller where it must not sleep?
 *
 * Context: any thread.
 * Return:  true on the timer thread and in a WQ_BH item.
 * Kernel:  what in_interrupt() says there.
 * Since:   0.1
 */
bool wq_in_interrupt(void);

/**
 * wq_rcu_read_lock() - begin a section that grace periods wait for
 *
 * Nests; wq_rcu_read_unlock() ends it. Must not be held while waiting in this library.
 *
 * Context: any thread, signal-safe after the thread's first use.
 * Kernel:  same as rcu_read_lock() and rcu_read_unlock().
 * Since:   0.1
 */
void wq_rcu_read_lock(void);
void wq_rcu_read_unlock(void);

/**
 * wq_synchronize_rcu() - wait until every section that was open at the call has ended
 *
 * Context: may wait. Not in such a section.
 * Kernel:  same as synchronize_rcu().
 * Since:   0.1
 */
void wq_synchronize_rcu(void);

/**
 * wq_call_rcu() - run a function after a grace period
 * @head: embedded in what it is about; private until then
 * @func: what to run, on a thread of the library; it must not sleep
 *
 * Context: any thread. Does not wait. Not signal-safe.
 * Kernel:  same as call_rcu().
 * Since:   0.1
 */
void wq_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/**
 * wq_rcu_barrier() - wait until the functions of all earlier wq_call_rcu() calls have run
 *
 * Context: may wait. Not in a section, nor in such a function.
 * Kernel:  same as rcu_barrier().
 * Since:   0.1
 */
void wq_rcu_barrier(void);

/* --- the system's queues --- */

extern struct workqueue_struct *wq_system_wq;			/* an older "events" */
extern struct workqueue_struct *wq_system_percpu_wq;		/* events */
extern struct workqueue_struct *wq_system_highpri_wq;		/* events_highpri */
extern struct workqueue_struct *wq_system_long_wq;		/* events_long */
extern struct workqueue_struct *wq_system_unbound_wq;		/* an older "events_unbound" */
extern struct workqueue_struct *wq_system_dfl_wq;		/* events_unbound */
extern struct workqueue_struct *wq_system_freezable_wq;		/* events_freezable */
extern struct workqueue_struct *wq_system_power_efficient_wq;	/* events_power_efficient */
extern struct workqueue_struct *wq_system_freezable_power_efficient_wq;
extern struct workqueue_struct *wq_system_bh_wq;		/* events_bh */
extern struct workqueue_struct *wq_system_bh_highpri_wq;	/* events_bh_highpri */
extern struct workqueue_struct *wq_system_dfl_long_wq;		/* events_dfl_long */

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
