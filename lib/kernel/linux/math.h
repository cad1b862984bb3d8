/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/math.h - rounding and dividing
 *
 * abs() is for C only and only in modules, as min() is.
 */
#ifndef WQ_LINUX_MATH_H
#define WQ_LINUX_MATH_H

#include <linux/types.h>

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) (((u64)(n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) \
	__extension__({ \
		__typeof__(n) __wq_n = (n); \
		__typeof__(d) __wq_d = (d); \
		((__typeof__(n))-1) > 0 || ((__typeof__(d))-1) > 0 || (__wq_n > 0) == (__wq_d > 0) ? \
			(__wq_n + __wq_d / 2) / __wq_d : (__wq_n - __wq_d / 2) / __wq_d; \
	})
#undef roundup
#define roundup(x, y) ((((x) + (y) - 1) / (y)) * (y))
#define rounddown(x, y) ((x) - (x) % (y))
#define round_up(x, y) ((((x) - 1) | (__typeof__(x))((y) - 1)) + 1)
#define round_down(x, y) ((x) & ~(__typeof__(x))((y) - 1))
#define ALIGN(x, a) (((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)

#define do_div(n, base) \
	__extension__({ \
		u32 __wq_base = (base); \
		u32 __wq_rem = (u32)((n) % __wq_base); \
		(n) /= __wq_base; \
		__wq_rem; \
	})

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

#endif
