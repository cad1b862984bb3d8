/* SPDX-License-Identifier: GPL-2.0-only */
/* pin_state.h - where a reader of a pinned file is, and what it has met */
#ifndef WQKIT_PIN_STATE_H
#define WQKIT_PIN_STATE_H

#include "read.h"
#include "kernel.h"
#include "list.h"
#include "fields.h"
#include "pin_text.h"

#define MAX_RETRIES 8
#define WORKER_IDLE 4		/* the same on all kernels */

const volatile struct walk_consts c = {};
static u64 barrier_func = 0;	/* wq_barrier_func, once it was met */

/* --- lists --- */

static __always_inline void begin(struct walk_cursor *cur, u64 head)
{
	cur->head = head;
	cur->pos = head;
	cur->nr = 0;
	cur->retries = 0;
}

/* From the list's head again, or no more. */
static __always_inline int again(struct pin_reader *r, struct walk_cursor *cur)
{
	if (cur->retries >= MAX_RETRIES) {
		r->gave_up++;
		return 0;
	}
	cur->retries++;
	cur->pos = cur->head;
	cur->nr = 0;
	r->retries++;
	return 1;
}

/* --- what was met --- */

static __always_inline void forget_pools(struct pin_reader *r)
{
	u64 bytes = (r->last_pool_word + 1) * 8;

	barrier_var(bytes);
	if (bytes > sizeof(r->pools_met))
		bytes = sizeof(r->pools_met);
	bpf_probe_read_kernel(r->pools_met, bytes, 0);	/* fails, and leaves zeros */
	r->last_pool_word = 0;
}

/* Is this pool met for the first time? */
static __always_inline int meet_pool(struct pin_reader *r, u32 id)
{
	u64 word = id / 64, bit = 1ULL << (id % 64);

	barrier_var(word);
	if (word >= PIN_POOL_IDS / 64) {
		r->pools_lost++;
		return 0;
	}
	if (r->pools_met[word] & bit)
		return 0;
	r->pools_met[word] |= bit;
	if (word > r->last_pool_word)
		r->last_pool_word = word;
	return 1;
}

static __always_inline void begin_workers(struct pin_reader *r, u32 phase)
{
	begin(&r->workers, ADDR(worker_pool, r->pool, workers));
	bpf_probe_read_kernel(r->workers_met, sizeof(r->workers_met), 0);
	r->phase = phase;
}

/*
 * The same for a worker of the pool. Rescuers have no number, but only one is
 * asked for; those with too high a number are always new.
 */
static __always_inline int meet_worker(struct pin_reader *r, u64 worker)
{
	u32 id = LOADP(worker, worker, rescue_wq) ? PIN_WORKER_IDS - 1 : LOAD(worker, worker, id);
	u64 word = id / 64, bit = 1ULL << (id % 64);

	barrier_var(word);
	if (word >= PIN_WORKER_IDS / 64)
		return 1;
	if (r->workers_met[word] & bit)
		return 0;
	r->workers_met[word] |= bit;
	return 1;
}

/* A barrier is no work of its workqueue. Its function has no other name. */
static __noinline int is_barrier_func(u64 func)
{
	u64 name[3] = {}, barrier[2];

	if (func == barrier_func)
		return 1;
	if (barrier_func || !p.has_snprintf)
		return 0;
	BPF_SNPRINTF((char *)name, sizeof(name), "%ps", func);
	__builtin_memcpy(barrier, "wq_barrier_func", sizeof(barrier));
	if (name[0] != barrier[0] || name[1] != barrier[1])
		return 0;
	barrier_func = func;
	return 1;
}

#endif
