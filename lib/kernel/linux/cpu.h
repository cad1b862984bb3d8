/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/cpu.h - see linux/cpumask.h; nothing goes offline while a program looks */
#ifndef WQ_LINUX_CPU_H
#define WQ_LINUX_CPU_H

#include <linux/cpumask.h>

#endif
