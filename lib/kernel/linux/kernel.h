/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/kernel.h - the odds and ends that kernel code takes for granted
 *
 * Goes on to the system's header of that name, as libc's <sys/sysinfo.h> means it, and is nothing
 * else then. min(), max(), swap() and abs() are defined only in modules: after <linux/module.h>, or
 * when KBUILD_MODNAME is defined. Not here: trace_printk(), user copies, hex dumps.
 */
#if defined(KBUILD_MODNAME) || defined(WQ_LINUX_MODULE_H)
#define WQ_IN_MODULE
#endif

/* What a file includes by itself is at level 1. */
#if !defined(WQ_LINUX_KERNEL_H) && \
	(defined(WQ_IN_MODULE) || !defined(_SYS_SYSINFO_H) || __INCLUDE_LEVEL__ == 1)
#define WQ_LINUX_KERNEL_H

#include <limits.h>
#include <stdarg.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/math.h>
#include <linux/printk.h>
#include <linux/types.h>

#ifdef __cplusplus
#include <stdio.h>
#else
int sprintf(char *buf, const char *fmt, ...) __printf(2, 3);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
#endif

/*
 * snprintf() and its kin are libc's. These know the kernel's %p extensions (see printk.h) and
 * return the length that was written.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...) WQ_SYMBOL(scnprintf) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	WQ_SYMBOL(vscnprintf) __printf(3, 0);

#define U8_MAX ((u8)~0U)
#define S8_MAX ((s8)(U8_MAX >> 1))
#define S8_MIN ((s8)(-S8_MAX - 1))
#define U16_MAX ((u16)~0U)
#define S16_MAX ((s16)(U16_MAX >> 1))
#define S16_MIN ((s16)(-S16_MAX - 1))
#define U32_MAX ((u32)~0U)
#define S32_MAX ((s32)(U32_MAX >> 1))
#define S32_MIN ((s32)(-S32_MAX - 1))
#define U64_MAX ((u64)~0ULL)
#define S64_MAX ((s64)(U64_MAX >> 1))
#define S64_MIN ((s64)(-S64_MAX - 1))

#ifdef __cplusplus
#define __must_be_array(a) 0
#else
#define __must_be_array(a) \
	(0 * sizeof(struct { int is_an_array : \
		__builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0])) ? -1 : 1; }))
#endif
#undef ARRAY_SIZE
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]) + __must_be_array(arr))
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)(n))

/* Nothing here knows whether sleeping is allowed. */
#define might_sleep() ((void)0)
#define might_sleep_if(cond) ((void)(cond))

/* Kconfig's options: none is set, so a driver's optional parts are off. */
#ifndef IS_ENABLED
#define IS_ENABLED(option) 0
#define IS_BUILTIN(option) 0
#define IS_MODULE(option) 0
#define IS_REACHABLE(option) 0
#endif

#endif

/* Every time: <linux/module.h> may come later. */
#if defined(WQ_IN_MODULE) && !defined(__cplusplus)
#include <linux/minmax.h>
#ifndef abs
#define abs(x) \
	__extension__({ \
		__typeof__(x) __wq_x = (x); \
		__wq_x < 0 ? -__wq_x : __wq_x; \
	})
#endif
#endif

#pragma GCC system_header
#include_next <linux/kernel.h>
