/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/stringify.h - __stringify() */
#ifndef WQ_LINUX_STRINGIFY_H
#define WQ_LINUX_STRINGIFY_H

#include <linux/compiler.h>

#endif
