/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/timekeeping.h - the clocks; see linux/ktime.h */
#ifndef WQ_LINUX_TIMEKEEPING_H
#define WQ_LINUX_TIMEKEEPING_H

#include <linux/ktime.h>

#endif
