/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/minmax.h - min(), max(), clamp(), swap()
 *
 * C only: in C++ the names are the standard library's. <linux/kernel.h> brings them only into
 * modules (after <linux/module.h>, or with KBUILD_MODNAME), as libc's headers may include it.
 */
#ifndef WQ_LINUX_MINMAX_H
#define WQ_LINUX_MINMAX_H

#include <linux/compiler.h>

#ifndef __cplusplus

/* Each argument is evaluated once; two types that differ are a warning, as in the kernel. */
#define __wq_minmax(x, op, y, ux, uy) \
	__extension__({ \
		__typeof__(x) ux = (x); \
		__typeof__(y) uy = (y); \
		(void)sizeof(&ux == &uy); \
		ux op uy ? ux : uy; \
	})
#undef min
#undef max
#define min(x, y) __wq_minmax(x, <, y, __UNIQUE_ID(x_), __UNIQUE_ID(y_))
#define max(x, y) __wq_minmax(x, >, y, __UNIQUE_ID(x_), __UNIQUE_ID(y_))

#define __wq_minmax_t(x, op, y, ux, uy) \
	__extension__({ \
		__typeof__(x) ux = (x); \
		__typeof__(x) uy = (y); \
		ux op uy ? ux : uy; \
	})
#define min_t(type, x, y) __wq_minmax_t((type)(x), <, (type)(y), __UNIQUE_ID(x_), __UNIQUE_ID(y_))
#define max_t(type, x, y) __wq_minmax_t((type)(x), >, (type)(y), __UNIQUE_ID(x_), __UNIQUE_ID(y_))
#define min3(x, y, z) min((__typeof__(x))min(x, y), z)
#define max3(x, y, z) max((__typeof__(x))max(x, y), z)

#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi) clamp_t(__typeof__(val), val, lo, hi)
#define clamp(val, lo, hi) min((__typeof__(val))max(val, lo), hi)

#define __wq_swap(a, b, t) \
	do { \
		__typeof__(a) t = (a); \
		(a) = (b); \
		(b) = t; \
	} while (0)
#define swap(a, b) __wq_swap(a, b, __UNIQUE_ID(swap_))

#endif
#endif
