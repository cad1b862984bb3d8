/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk_affinity.h - the part of walk.bpf.c that only `affinity` asks for: the
 * pwqs that CPUs and nodes lead to, and the masks of pods and rescuers
 */
#ifndef WQKIT_WALK_AFFINITY_H
#define WQKIT_WALK_AFFINITY_H

/* 0 where there are no pods. */
static __always_inline u64 pod_cpumask_of(u64 attrs)
{
	if (EXISTS(workqueue_attrs, __pod_cpumask))
		return LOADP(workqueue_attrs, attrs, __pod_cpumask);
	if (EXISTS(workqueue_attrs___mask, __pod_cpumask))
		return ADDR(workqueue_attrs___mask, attrs, __pod_cpumask);
	return 0;
}

static __always_inline void read_strict(struct rec_pool *r, u64 attrs)
{
	if (!EXISTS(workqueue_attrs, affn_strict))
		return;
	r->rec.flags |= POOL_HAS_STRICT;
	if (LOAD(workqueue_attrs, attrs, affn_strict))
		r->rec.flags |= POOL_IS_STRICT;
}

static __always_inline void emit_rescuer_cpus(u64 wq, u64 task)
{
	if (task)
		emit_cpumask(wq, LOADP(task_struct, task, cpus_ptr), MASK_RESCUER);
}

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} anchor SEC(".maps");

static __always_inline u64 read_word(u64 addr)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)addr);
	return word;
}

/* A pointer of ours as a number, which the verifier then takes for one. */
#define SCRATCH (*(volatile u64 *)&st.scratch)
#define NUMBER(pointer) (SCRATCH = (u64)(pointer), SCRATCH)

#define HAS_PERCPU_ELEM \
	bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_map_lookup_percpu_elem)

/*
 * Per-CPU memory is at its pointer plus __per_cpu_offset[], whose symbol most
 * kernels do not show. But a per-CPU map has both: the kernel's struct holds
 * the pointer to its memory, and the helper returns the address of it.
 */
static __always_inline u64 percpu_address(u64 pointer, u32 cpu)
{
	u32 zero = 0;
	void *here = bpf_map_lookup_percpu_elem(&anchor, &zero, cpu);

	return here ? pointer - st.anchor + NUMBER(here) : 0;
}

/* The pwq at an address, if it is one of this workqueue. */
static __always_inline u64 read_pwq(u64 addr)
{
	u64 pwq = addr ? read_word(addr) : 0;

	return pwq && LOADP(pool_workqueue, pwq, wq) == st.wq ? pwq : 0;
}

static __always_inline void emit_slots(u32 first)
{
	u64 pointer = read_word(ADDR(workqueue_struct, st.wq, cpu_pwq));
	struct rec_slots *r = EMIT(REC_SLOTS, rec_slots);

	if (!r)
		return;
	st.anchor = read_word(ADDR(bpf_array, NUMBER(&anchor), pptrs));
	r->wq = st.wq;
	r->first = first;
	r->nr = WALK_SLOTS;
	for (u32 i = 0; i < WALK_SLOTS; i++)
		r->pwq[i] = first + i < st.nr_cpus ? read_pwq(percpu_address(pointer, first + i)) : 0;
}

/* Before 6.6 a CPU's pwq is that of its pool, or of its node. */
static __noinline int step_cpus(void)
{
	u32 first = st.base;

	if (EXISTS(workqueue_struct, cpu_pwq) && HAS_PERCPU_ELEM && first < st.nr_cpus) {
		emit_slots(first);
		st.base = first + WALK_SLOTS;
		return 0;
	}
	st.base = 0;
	st.phase = LOAD(workqueue_struct, st.wq, flags) & c.wq_unbound ? PH_NODES : PH_PWQ;
	return 0;
}

static __always_inline void read_node_active(struct rec_node *r, u32 node)
{
	u64 nna;

	if (!EXISTS(workqueue_struct, node_nr_active))
		return;
	nna = read_word(ADDR(workqueue_struct, st.wq, node_nr_active) + node * sizeof(u64));
	if (!nna)
		return;
	r->nr = LOAD(wq_node_nr_active, nna, nr.counter);
	r->max = LOAD(wq_node_nr_active, nna, max);
	r->rec.flags |= NODE_HAS_ACTIVE;
}

/* A node, and after the last one what serves those that have none. */
static __noinline int step_nodes(void)
{
	u32 node = st.base;
	struct rec_node *r = EMIT(REC_NODE, rec_node);

	if (r) {
		r->wq = st.wq;
		r->pwq = 0;
		r->node = node;
		r->nr = r->max = 0;
		if (node >= st.nr_nodes)
			r->pwq = read_pwq(ADDR(workqueue_struct, st.wq, dfl_pwq));
		else if (EXISTS(workqueue_struct, numa_pwq_tbl))
			r->pwq = read_pwq(ADDR(workqueue_struct, st.wq, numa_pwq_tbl) +
					  node * sizeof(u64));
		if (r->pwq)
			r->rec.flags |= NODE_HAS_PWQ;
		read_node_active(r, node);
	}
	st.base = node + 1;
	if (node >= st.nr_nodes)
		st.phase = PH_PWQ;
	return 0;
}

#endif
