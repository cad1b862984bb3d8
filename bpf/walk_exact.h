/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk_exact.h - one pool of a CPU, read on that CPU with interrupts off
 *
 * Its workers and all who queue from that CPU stand still; another CPU may
 * still queue, cancel or flush. So one call reads the pool twice, and finds
 * pool->lock free in between: where both passes told the same, that is what was
 * there at that instant. (Not noticed: what another CPU takes away and puts
 * back, at the same place and with the same counters, twice in these
 * microseconds.) User space compares the passes.
 *
 * The pwqs are those that the walk has met; each is checked before it is used.
 * Any tear ends the call: there is nothing to repeat here.
 */
#ifndef WQKIT_WALK_EXACT_H
#define WQKIT_WALK_EXACT_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WALK_EXACT_PWQS);
	__type(key, u32);
	__type(value, struct walk_pwq);
} pwqs_of_pool SEC(".maps");

/* An unlocked qspinlock is 0. Where locks look otherwise, no pool is exact. */
static __always_inline int lock_is_free(void)
{
	u32 word = 1;

	if (!bpf_core_field_size(struct worker_pool, lock))
		return 1;	/* a kernel for one CPU */
	bpf_probe_read_kernel(&word, sizeof(word), (void *)ADDR(worker_pool, st.pool, lock));
	return !word;
}

static __always_inline void begin_pass(void)
{
	st.pwqs.nr = 0;
	st.pool_index = 0;
	st.phase = PH_PWQ;
}

static __noinline int exact_pwq(void)
{
	u32 index = st.pwqs.nr;
	struct walk_pwq *p = bpf_map_lookup_elem(&pwqs_of_pool, &index);
	u64 pwq, inactive;

	if (!p || index >= st.nr_exact) {
		st.phase = PH_POOL;
		return 0;
	}
	pwq = p->pwq;
	/* on its workqueue's list: not freed while this call lasts */
	if (LOADP(pool_workqueue, pwq, pool) != st.pool || LOADP(pool_workqueue, pwq, wq) != p->wq ||
	    !agrees(ADDR(pool_workqueue, pwq, pwqs_node))) {
		st.torn = 1;
		return 0;
	}
	st.pwqs.nr++;
	st.wq = p->wq;
	st.pwq = pwq;
	emit_pwq(pwq, st.pool, st.pool_id, LOAD(worker_pool, st.pool, cpu));
	inactive = inactive_list(pwq);
	if (list_is_empty(inactive))
		return 0;
	begin_works(LIST_INACTIVE, inactive);
	st.phase = PH_INACTIVE;
	return 0;
}

static __noinline int exact_pool(void)
{
	u64 worklist = ADDR(worker_pool, st.pool, worklist);

	if (st.pool_index++) {	/* back from its worklist */
		st.pool_index = 0;
		st.phase = PH_POOL_WORKERS;
		return 0;
	}
	emit_pool(st.pool);
	if (list_is_empty(worklist))
		return 0;
	begin_works(LIST_WORKLIST, worklist);
	st.phase = PH_WORKLIST;
	return 0;
}

static __always_inline void end_pass(void)
{
	if (st.first_pass_len) {
		st.phase = PH_DONE;
		return;
	}
	/* Asking for the time keeps loads before and after apart on all machines. */
	st.ended_ns = bpf_ktime_get_ns();
	if (!lock_is_free())
		st.torn = 1;
	st.ended_ns = bpf_ktime_get_ns();
	st.first_pass_len = st.out_len;
	begin_pass();
}

static __noinline int exact_workers(void)
{
	if (st.pool_index++) {	/* back from its workers */
		end_pass();
		return 0;
	}
	begin(&st.workers, ADDR(worker_pool, st.pool, workers));
	st.phase = PH_WORKERS;
	return 0;
}

/* User space has set pool, pool_id and nr_exact. */
static __noinline int begin_exact(void)
{
	st.torn = 0;
	st.emitted = 0;
	st.first_pass_len = 0;
	if (LOAD(worker_pool, st.pool, id) != st.pool_id)
		st.torn = 1;
	if (bpf_get_smp_processor_id() != LOAD(worker_pool, st.pool, cpu) && !c.exact_racing)
		st.torn = 1;
	begin_pass();
	return 0;
}

static __always_inline int exact_must_end(u64 began, u32 steps)
{
	return st.torn || st.phase >= PH_DONE || st.out_len > WALK_OUT_BYTES - 2 * OUT_SLACK ||
	       (steps % 4 == 0 && bpf_ktime_get_ns() - began > c.exact_ns);
}

#endif
