/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/time64.h - how many of one unit of time are in another */
#ifndef WQ_LINUX_TIME64_H
#define WQ_LINUX_TIME64_H

#include <linux/types.h>

#define MSEC_PER_SEC 1000L
#define USEC_PER_MSEC 1000L
#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define USEC_PER_SEC 1000000L
#define NSEC_PER_SEC 1000000000L

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

#endif
