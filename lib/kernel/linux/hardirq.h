/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/hardirq.h - see linux/preempt.h */
#ifndef WQ_LINUX_HARDIRQ_H
#define WQ_LINUX_HARDIRQ_H

#include <linux/preempt.h>

#endif
