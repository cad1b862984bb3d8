/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/stddef.h - NULL, offsetof(), sizeof_field(); goes on to the system's header of that name */
#ifndef WQ_LINUX_STDDEF_H
#define WQ_LINUX_STDDEF_H

#include <stdbool.h>
#include <stddef.h>

#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif

#pragma GCC system_header
#include_next <linux/stddef.h>
