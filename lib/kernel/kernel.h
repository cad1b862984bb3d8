/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel.h - what the files behind the kernel's spelling share, and what they take from the core */
#ifndef WQ_KERNEL_KERNEL_H
#define WQ_KERNEL_KERNEL_H

#include <stdarg.h>
#include <stddef.h>
#include <wq/types.h>

/* vsprintf.c: as vsnprintf(), with the kernel's formats. */
size_t format_kernel(char *buf, size_t size, const char *fmt, va_list args);

/* ../warn.c: a function's name, also a static one's. ../internal.h, which declares it for the core,
 * has integers of its own called u64. */
const char *func_name(work_func_t func, char *buf, size_t size);

#endif
