/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/build_bug.h - BUILD_BUG_ON() */
#ifndef WQ_LINUX_BUILD_BUG_H
#define WQ_LINUX_BUILD_BUG_H

#include <linux/bug.h>

#endif
