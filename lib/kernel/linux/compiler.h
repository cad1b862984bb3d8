/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/compiler.h - what the kernel calls the compiler's tricks
 *
 * Also the memory barriers of <asm/barrier.h>. Not here: instrumentation, sparse's checks (the
 * address space markers are empty), static calls; __used, which is a member of a struct of libc.
 */
#ifndef WQ_LINUX_COMPILER_H
#define WQ_LINUX_COMPILER_H

/*
 * The kernel's f() is the symbol wq_f of libwq: no clash with a function of the program, and
 * address, variable arguments and members called f work, which a #define would break.
 */
#define WQ_SYMBOL(f) __asm__("wq_" #f) __attribute__((__visibility__("default")))

#ifdef __cplusplus
#define WQ_STATIC_ASSERT(cond, msg) static_assert(cond, msg)
#else
#define WQ_STATIC_ASSERT(cond, msg) _Static_assert(cond, msg)
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define unreachable() __builtin_unreachable()

#ifndef __always_inline
#define __always_inline __inline __attribute__((__always_inline__))
#endif
#ifndef __attribute_const__
#define __attribute_const__ __attribute__((__const__))
#endif
#ifndef __must_check
#define __must_check __attribute__((__warn_unused_result__))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif
#ifndef __always_unused
#define __always_unused __attribute__((__unused__))
#endif
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef __aligned
#define __aligned(x) __attribute__((__aligned__(x)))
#endif
#ifndef __printf
#define __printf(fmt, first) __attribute__((__format__(__printf__, fmt, first)))
#endif
#ifndef __compiletime_warning
#define __compiletime_warning(msg) __attribute__((__warning__(msg)))
#endif
#ifndef __malloc
#define __malloc __attribute__((__malloc__))
#endif
#ifndef __weak
#define __weak __attribute__((__weak__))
#endif
#ifndef __cold
#define __cold __attribute__((__cold__))
#endif
#ifndef __pure
#define __pure __attribute__((__pure__))
#endif
#ifndef __section
#define __section(name) __attribute__((__section__(name)))
#endif
#ifndef __noreturn
#define __noreturn __attribute__((__noreturn__))
#endif

/* In C++ these names belong to attributes. */
#ifndef __cplusplus
#ifndef noinline
#define noinline __attribute__((__noinline__))
#endif
#ifndef fallthrough
#define fallthrough __attribute__((__fallthrough__))
#endif
#endif

#ifndef __user
#define __user
#endif
#ifndef __kernel
#define __kernel
#endif
#ifndef __iomem
#define __iomem
#endif
#ifndef __percpu
#define __percpu
#endif
#ifndef __rcu
#define __rcu
#endif
#ifndef __force
#define __force
#endif
#ifndef __acquires
#define __acquires(x)
#define __releases(x)
#endif
#ifndef asmlinkage
#define asmlinkage
#endif
#ifndef notrace
#define notrace
#endif
#ifndef __read_mostly
#define __read_mostly
#endif
#ifndef __ro_after_init
#define __ro_after_init
#endif

#define __stringify_1(...) #__VA_ARGS__
#define __stringify(...) __stringify_1(__VA_ARGS__)
#define __WQ_PASTE(a, b) a##b
#define __PASTE(a, b) __WQ_PASTE(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__PASTE(__UNIQUE_ID_, prefix), __COUNTER__)

static inline void barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

/* Atomic, so that a sanitizer knows; for what fits a register, as in the kernel. */
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val) __atomic_store_n(&(x), (val), __ATOMIC_RELAXED)
#define data_race(expr) (expr)

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define mb() smp_mb()
#define rmb() smp_rmb()
#define wmb() smp_wmb()
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_store_mb(var, value) \
	do { \
		WRITE_ONCE(var, value); \
		smp_mb(); \
	} while (0)

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("pause" : : : "memory");
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ __volatile__("yield" : : : "memory");
#else
	barrier();
#endif
}

#endif
