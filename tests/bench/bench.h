/* SPDX-License-Identifier: MIT
 *
 * bench.h - shared harness for the libwq peer baselines (types and helpers).
 *
 * A peer program is
 *
 *	struct peer_item { ... };	what that API wants inside a work item
 *	#define PEER_NAME "..."
 *	#include "bench.h"
 *	static inline void peer_submit(struct bitem *b) { ... }
 *	...hooks, see bench_run.h...
 *	#include "bench_run.h"
 *
 * It is valid C11 (GNU) and C++17, so the same workloads serve both.
 * Output: one line per number, `name metric value unit`.
 */
#ifndef WQ_PEER_BENCH_H
#define WQ_PEER_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef PEER_NAME
#error "define PEER_NAME"
#endif

#ifdef __cplusplus
#define WQB_TLS thread_local
#else
#define WQB_TLS _Thread_local
#endif

#ifndef WQB_NO_INT_TYPES	/* a peer's own headers may bring u32/u64 */
typedef uint64_t u64;
typedef uint32_t u32;
#endif

struct bitem;
typedef void (*bfn_t)(struct bitem *);

/* One benchmark work item.  `p` is whatever the peer's API needs embedded. */
struct bitem {
	struct peer_item p;
	bfn_t fn;
	u64 t;			/* due or submit time, ns */
	u64 arg;
};

static inline u64 now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

static inline u64 thread_cpu_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

static inline u64 tv_ns(struct timeval tv)
{
	return (u64)tv.tv_sec * 1000000000ull + (u64)tv.tv_usec * 1000ull;
}

static inline u64 proc_cpu_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

static inline void sleep_ns(u64 ns)
{
	struct timespec ts;
	ts.tv_sec = (time_t)(ns / 1000000000ull);
	ts.tv_nsec = (long)(ns % 1000000000ull);
	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static inline void cpu_relax_(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static inline int bench_ncpu(void)
{
	cpu_set_t s;
	if (sched_getaffinity(0, sizeof(s), &s))
		return 1;
	return CPU_COUNT(&s);
}

static inline void futex_wait_u32(u32 *p, u32 v, const struct timespec *to)
{
	syscall(SYS_futex, p, FUTEX_WAIT_PRIVATE, v, to, NULL, 0);
}
static inline void futex_wake_u32(u32 *p, int n)
{
	syscall(SYS_futex, p, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

/* ---- output ------------------------------------------------------------ */
static inline void emit(const char *metric, double v, const char *unit)
{
	printf("%s %s %.6g %s\n", PEER_NAME, metric, v, unit);
	fflush(stdout);
}

static int cmp_u64(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;
	return x < y ? -1 : x > y;
}

static inline void emit_pct(const char *pfx, u64 *v, size_t n)
{
	char name[128];
	static const struct { const char *s; double q; } q[] = {
		{ "p50", .50 }, { "p90", .90 }, { "p99", .99 }, { "p999", .999 },
	};
	qsort(v, n, sizeof(*v), cmp_u64);
	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		size_t k = (size_t)(q[i].q * (double)n);
		if (k >= n)
			k = n - 1;
		snprintf(name, sizeof(name), "%s_%s", pfx, q[i].s);
		emit(name, (double)v[k], "ns");
	}
}

/* ---- completion counting ----------------------------------------------- */
/* One padded counter per executing thread: no shared cache line is written
 * by the tasks, so counting costs the same ~1 ns with every peer. */
#define WQB_SLOTS 4096
struct wqb_slot { u64 n; char pad[128 - sizeof(u64)]; };
static struct wqb_slot wqb_slots[WQB_SLOTS] __attribute__((aligned(128)));
static u32 wqb_nslots;
static WQB_TLS struct wqb_slot *wqb_my;

static inline struct wqb_slot *wqb_slot(void)
{
	if (__builtin_expect(!wqb_my, 0))
		wqb_my = &wqb_slots[__atomic_fetch_add(&wqb_nslots, 1,
				__ATOMIC_RELAXED) % WQB_SLOTS];
	return wqb_my;
}
static inline void wqb_done(void)
{
	struct wqb_slot *s = wqb_slot();
	__atomic_store_n(&s->n, __atomic_load_n(&s->n, __ATOMIC_RELAXED) + 1,
			 __ATOMIC_RELEASE);
}
static inline u64 wqb_sum(void)
{
	u64 r = 0;
	u32 n = __atomic_load_n(&wqb_nslots, __ATOMIC_ACQUIRE);
	if (n > WQB_SLOTS)
		n = WQB_SLOTS;
	for (u32 i = 0; i < n; i++)
		r += __atomic_load_n(&wqb_slots[i].n, __ATOMIC_ACQUIRE);
	return r;
}
/* Distinct threads that ran something since the given snapshot. */
static u64 wqb_snap[WQB_SLOTS];
static inline void wqb_snapshot(void)
{
	for (u32 i = 0; i < WQB_SLOTS; i++)
		wqb_snap[i] = __atomic_load_n(&wqb_slots[i].n, __ATOMIC_RELAXED);
}
static inline u32 wqb_threads_since(void)
{
	u32 r = 0;
	for (u32 i = 0; i < WQB_SLOTS; i++)
		r += __atomic_load_n(&wqb_slots[i].n, __ATOMIC_RELAXED) != wqb_snap[i];
	return r;
}

/* ---- memory / scheduler counters ---------------------------------------- */
static inline long rss_bytes(void)
{
	long a = 0, b = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f) {
		if (fscanf(f, "%ld %ld", &a, &b) != 2)
			b = 0;
		fclose(f);
	}
	return b * sysconf(_SC_PAGESIZE);
}

static inline long nr_threads(void)
{
	char line[128];
	long n = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Threads: %ld", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static inline void *xcalloc_touch(size_t n, size_t sz)
{
	void *p = mmap(NULL, n * sz, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

static inline u64 xorshift(u64 *s)
{
	u64 x = *s;
	x ^= x << 13; x ^= x >> 7; x ^= x << 17;
	return *s = x;
}

/* A gate: work items (or main) block on it until it opens. */
struct gate { u32 v; };
static inline void gate_wait(struct gate *g)
{
	while (!__atomic_load_n(&g->v, __ATOMIC_ACQUIRE))
		futex_wait_u32(&g->v, 0, NULL);
}
static inline int gate_wait_for(struct gate *g, u64 ns)
{
	u64 end = now_ns() + ns;
	while (!__atomic_load_n(&g->v, __ATOMIC_ACQUIRE)) {
		u64 n = now_ns();
		struct timespec ts;
		if (n >= end)
			return 0;
		ts.tv_sec = (time_t)((end - n) / 1000000000ull);
		ts.tv_nsec = (long)((end - n) % 1000000000ull);
		futex_wait_u32(&g->v, 0, &ts);
	}
	return 1;
}
static inline void gate_open(struct gate *g)
{
	__atomic_store_n(&g->v, 1, __ATOMIC_RELEASE);
	futex_wake_u32(&g->v, INT_MAX);
}

#endif
