/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/timer.h - timers
 *
 * They fire on libwq's timer thread, never early. A function must not sleep there. Includes libc's
 * <time.h>, whose timer_delete() is for timers of another type; the two are told apart by it.
 * Not here: hrtimers, timers bound to a CPU (add_timer_on() is a hint).
 */
#ifndef WQ_LINUX_TIMER_H
#define WQ_LINUX_TIMER_H

#include <time.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/types.h>

#define TIMER_DEFERRABLE WQ_TIMER_DEFERRABLE
#define TIMER_IRQSAFE WQ_TIMER_IRQSAFE
#define TIMER_PINNED 0u

#define __TIMER_INITIALIZER(function, flags) WQ_TIMER_INITIALIZER(function, flags)
#define DEFINE_TIMER(name, function) struct timer_list name = WQ_TIMER_INITIALIZER(function, 0)

static inline void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
			       unsigned int flags)
{
	timer->entry.next = timer->entry.prev = NULL;
	timer->expires = 0;
	timer->function = function;
	timer->flags = flags;
	timer->bucket = 0;
	timer->due_ns = 0;
}

#define timer_setup_on_stack timer_setup
#define destroy_timer_on_stack(timer) ((void)(timer))
#define from_timer(var, callback_timer, field) \
	container_of(callback_timer, __typeof__(*(var)), field)
#define timer_container_of(var, callback_timer, field) from_timer(var, callback_timer, field)

int mod_timer(struct timer_list *timer, unsigned long expires) WQ_SYMBOL(mod_timer);
void add_timer(struct timer_list *timer) WQ_SYMBOL(add_timer);
int timer_delete_sync(struct timer_list *timer) WQ_SYMBOL(timer_delete_sync);
bool timer_pending(const struct timer_list *timer) WQ_SYMBOL(timer_pending);
int __wq_timer_delete(struct timer_list *timer) WQ_SYMBOL(timer_delete);

#ifdef __cplusplus
static inline int timer_delete(struct timer_list *timer)
{
	return __wq_timer_delete(timer);
}
#else
#define timer_delete(timer) \
	_Generic((timer), struct timer_list *: __wq_timer_delete, default: timer_delete)(timer)
#endif
#define del_timer(timer) __wq_timer_delete(timer)
#define del_timer_sync(timer) timer_delete_sync(timer)
#define timer_shutdown_sync(timer) timer_delete_sync(timer)

static inline void add_timer_on(struct timer_list *timer, int cpu)
{
	(void)cpu;
	add_timer(timer);
}

#endif
