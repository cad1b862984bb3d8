/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/preempt.h - what context is this?
 *
 * The scheduler cannot be switched off: preempt_disable() is a no-op. Workers of a per-CPU queue
 * stay on their CPU anyway.
 */
#ifndef WQ_LINUX_PREEMPT_H
#define WQ_LINUX_PREEMPT_H

#include <linux/compiler.h>
#include <linux/types.h>

#define preempt_disable() barrier()
#define preempt_enable() barrier()

/* On libwq's timer thread, or in an item of a WQ_BH queue: nobody may sleep there. */
bool __wq_in_interrupt(void) WQ_SYMBOL(in_interrupt);
#define in_interrupt() __wq_in_interrupt()
#define in_softirq() __wq_in_interrupt()
#define in_task() (!__wq_in_interrupt())
#define in_atomic() __wq_in_interrupt()
#define in_hardirq() 0
#define in_irq() 0
#define in_nmi() 0

#endif
