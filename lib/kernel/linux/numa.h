/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/numa.h - no node in particular */
#ifndef WQ_LINUX_NUMA_H
#define WQ_LINUX_NUMA_H

#define NUMA_NO_NODE (-1)

#endif
