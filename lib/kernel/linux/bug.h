/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/bug.h - warnings and the end
 *
 * A warning goes to the log (printk.h) with its place. BUG() ends the program by abort(): there is
 * no task to kill while the rest goes on. Not here: stack traces, taint flags.
 */
#ifndef WQ_LINUX_BUG_H
#define WQ_LINUX_BUG_H

#include <linux/compiler.h>
#include <linux/types.h>

/* One warning, with the message unless @fmt is NULL. Kernel: warn_slowpath_fmt(). */
void warn_slowpath_fmt(const char *file, int line, const char *function, const char *fmt, ...)
	WQ_SYMBOL(warn_slowpath_fmt) __printf(4, 5) __cold;
void __wq_bug(const char *file, int line, const char *function)
	WQ_SYMBOL(kernel_bug) __noreturn __cold;

#define BUG() __wq_bug(__FILE__, __LINE__, __func__)
#define BUG_ON(cond) \
	do { \
		if (unlikely(cond)) \
			BUG(); \
	} while (0)

#define __WARN_IF(cond, ...) \
	__extension__({ \
		bool __wq_cond = !!(cond); \
		if (unlikely(__wq_cond)) \
			warn_slowpath_fmt(__FILE__, __LINE__, __func__, __VA_ARGS__); \
		unlikely(__wq_cond); \
	})
#define __WARN_ONCE_IF(cond, ...) \
	__extension__({ \
		static bool __wq_warned; \
		bool __wq_cond = !!(cond); \
		if (unlikely(__wq_cond) && !__atomic_exchange_n(&__wq_warned, true, __ATOMIC_RELAXED)) \
			warn_slowpath_fmt(__FILE__, __LINE__, __func__, __VA_ARGS__); \
		unlikely(__wq_cond); \
	})
#define WARN_ON(cond) __WARN_IF(cond, NULL)
#define WARN(cond, ...) __WARN_IF(cond, __VA_ARGS__)
#define WARN_ON_ONCE(cond) __WARN_ONCE_IF(cond, NULL)
#define WARN_ONCE(cond, ...) __WARN_ONCE_IF(cond, __VA_ARGS__)

#define BUILD_BUG_ON_MSG(cond, msg) WQ_STATIC_ASSERT(!(cond), msg)
#define BUILD_BUG_ON(cond) BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON failed: " #cond)
#ifndef __cplusplus
#ifndef static_assert
#define static_assert _Static_assert
#endif
#endif

#endif
