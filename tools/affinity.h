/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * affinity.h - which CPUs lead to which pools: the picture of `affinity`
 *
 * A snapshot of workqueues, pwqs, pools and workers, the CPUs' topology, and
 * beside each row of a workqueue or pool what only this command asks for. The
 * columns of the kernel's own script, wq_dump.
 */
#ifndef WQKIT_AFFINITY_H
#define WQKIT_AFFINITY_H

#include "snapshot.h"
#include "topology.h"

#define POOL_NONE (-1)		/* a pool's number where there is none, or it is unknown */

struct node_active {
	bool known;
	int64_t nr, max;
};

/* Beside a row of ROW_WORKQUEUE. */
struct affn_wq {
	int *cpu_pool;			/* by CPU, nr_cpu_ids of them; POOL_NONE */
	int dfl_pool;			/* unbound: the pool of its default pwq */
	bool strict, strict_known;
	const char *rescuer_cpus;	/* or NULL */
	struct node_active *node;	/* unbound: nr_node_ids of them and the default's; or NULL */
};

/* Beside a row of ROW_POOL. */
struct affn_pool {
	const char *pod_cpus;		/* or NULL */
	bool strict, strict_known;
};

struct affinity {
	struct snapshot s;
	struct topology topo;
	struct affn_wq *wq;
	struct affn_pool *pool;
};

/* Room for what stands beside the rows, once topology and rows are there. */
void affinity_alloc(struct affinity *a);
void affinity_free(struct affinity *a);

/* percpu, bh, unbound or ordered; with ",S" in text where it keeps to its pods strictly. */
const char *affinity_type(const struct workqueue *w);

static inline struct affn_wq *affn_wq_of(const struct affinity *a, const struct workqueue *w)
{
	return &a->wq[w - (const struct workqueue *)a->s.table[ROW_WORKQUEUE].rows];
}

static inline struct affn_pool *affn_pool_of(const struct affinity *a, const struct pool *p)
{
	return &a->pool[p - (const struct pool *)a->s.table[ROW_POOL].rows];
}

#endif
