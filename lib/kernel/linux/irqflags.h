/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/irqflags.h - interrupts, which a program does not have
 *
 * Switching them off is a no-op. Code that relies on it to keep others of the same CPU out needs a
 * lock here.
 */
#ifndef WQ_LINUX_IRQFLAGS_H
#define WQ_LINUX_IRQFLAGS_H

#include <linux/compiler.h>

#define __wq_irq_save(flags) \
	do { \
		unsigned long *__wq_flags = &(flags); \
		*__wq_flags = 0; \
		barrier(); \
	} while (0)
#define local_irq_save(flags) __wq_irq_save(flags)
#define local_irq_restore(flags) ((void)(flags), barrier())
#define local_irq_disable() barrier()
#define local_irq_enable() barrier()
#define local_bh_disable() barrier()
#define local_bh_enable() barrier()
#define irqs_disabled() 0

#endif
