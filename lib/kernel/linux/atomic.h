/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/atomic.h - counters, exchange and compare
 *
 * The kernel's orders: what returns a value is a full barrier, what does not is none; _acquire,
 * _release and _relaxed forms exist where the kernel's code uses them. <stdatomic.h> has other
 * functions of the same names (atomic_fetch_add...): include it in another file.
 */
#ifndef WQ_LINUX_ATOMIC_H
#define WQ_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#undef atomic_fetch_add
#undef atomic_fetch_sub
#undef atomic_fetch_and
#undef atomic_fetch_or
#undef atomic_fetch_xor

typedef struct {
	s64 counter;
} atomic64_t;

#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }

#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()

#define __WQ_ATOMIC_OP(p, T, V, op) \
	static inline void p##_##op(V i, T *v) \
	{ \
		__atomic_fetch_##op(&v->counter, i, __ATOMIC_RELAXED); \
	} \
	static inline V p##_fetch_##op(V i, T *v) \
	{ \
		return __atomic_fetch_##op(&v->counter, i, __ATOMIC_SEQ_CST); \
	}

#define __WQ_ATOMIC(p, T, V) \
	static inline V p##_read(const T *v) \
	{ \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); \
	} \
	static inline V p##_read_acquire(const T *v) \
	{ \
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); \
	} \
	static inline void p##_set(T *v, V i) \
	{ \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); \
	} \
	static inline void p##_set_release(T *v, V i) \
	{ \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); \
	} \
	__WQ_ATOMIC_OP(p, T, V, add) \
	__WQ_ATOMIC_OP(p, T, V, sub) \
	__WQ_ATOMIC_OP(p, T, V, and) \
	__WQ_ATOMIC_OP(p, T, V, or) \
	__WQ_ATOMIC_OP(p, T, V, xor) \
	static inline V p##_add_return(V i, T *v) \
	{ \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline V p##_sub_return(V i, T *v) \
	{ \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline void p##_inc(T *v) \
	{ \
		p##_add(1, v); \
	} \
	static inline void p##_dec(T *v) \
	{ \
		p##_sub(1, v); \
	} \
	static inline V p##_inc_return(T *v) \
	{ \
		return p##_add_return(1, v); \
	} \
	static inline V p##_dec_return(T *v) \
	{ \
		return p##_sub_return(1, v); \
	} \
	static inline V p##_fetch_inc(T *v) \
	{ \
		return p##_fetch_add(1, v); \
	} \
	static inline V p##_fetch_dec(T *v) \
	{ \
		return p##_fetch_sub(1, v); \
	} \
	static inline bool p##_sub_and_test(V i, T *v) \
	{ \
		return p##_sub_return(i, v) == 0; \
	} \
	static inline bool p##_dec_and_test(T *v) \
	{ \
		return p##_dec_return(v) == 0; \
	} \
	static inline bool p##_inc_and_test(T *v) \
	{ \
		return p##_inc_return(v) == 0; \
	} \
	static inline bool p##_add_negative(V i, T *v) \
	{ \
		return p##_add_return(i, v) < 0; \
	} \
	static inline V p##_xchg(T *v, V i) \
	{ \
		return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static inline bool p##_try_cmpxchg(T *v, V *old, V i) \
	{ \
		return __atomic_compare_exchange_n(&v->counter, old, i, 0, __ATOMIC_SEQ_CST, \
						   __ATOMIC_RELAXED); \
	} \
	static inline V p##_cmpxchg(T *v, V old, V i) \
	{ \
		p##_try_cmpxchg(v, &old, i); \
		return old; \
	} \
	static inline V p##_fetch_add_unless(T *v, V i, V unless) \
	{ \
		V old = p##_read(v); \
		while (old != unless && !p##_try_cmpxchg(v, &old, old + i)) \
			; \
		return old; \
	} \
	static inline bool p##_add_unless(T *v, V i, V unless) \
	{ \
		return p##_fetch_add_unless(v, i, unless) != unless; \
	} \
	static inline bool p##_inc_not_zero(T *v) \
	{ \
		return p##_add_unless(v, 1, 0); \
	} \
	static inline V p##_dec_if_positive(T *v) \
	{ \
		V old = p##_read(v); \
		while (old > 0 && !p##_try_cmpxchg(v, &old, old - 1)) \
			; \
		return old - 1; \
	}

__WQ_ATOMIC(atomic, atomic_t, int)
__WQ_ATOMIC(atomic64, atomic64_t, s64)
__WQ_ATOMIC(atomic_long, atomic_long_t, long)

#undef __WQ_ATOMIC
#undef __WQ_ATOMIC_OP

#define xchg(ptr, val) __atomic_exchange_n((ptr), (val), __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, val) \
	__extension__({ \
		__typeof__(*(ptr)) __wq_old = (old); \
		(void)__atomic_compare_exchange_n((ptr), &__wq_old, (val), 0, __ATOMIC_SEQ_CST, \
						  __ATOMIC_RELAXED); \
		__wq_old; \
	})
#define try_cmpxchg(ptr, old, val) \
	__atomic_compare_exchange_n((ptr), (old), (val), 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

#endif
