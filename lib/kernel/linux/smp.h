/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/smp.h - which CPU is this?
 *
 * A hint, except in an item of a per-CPU queue: a program's other threads may move at any time,
 * get_cpu() does not keep them. Not here: calls on other CPUs (use work_on_cpu()).
 */
#ifndef WQ_LINUX_SMP_H
#define WQ_LINUX_SMP_H

#include <linux/compiler.h>
#include <linux/cpumask.h>

int smp_processor_id(void) WQ_SYMBOL(smp_processor_id);
#define raw_smp_processor_id() smp_processor_id()
#define get_cpu() smp_processor_id()
#define put_cpu() barrier()

#endif
