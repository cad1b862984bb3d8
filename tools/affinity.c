/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "affinity.h"

#include <stdlib.h>
#include <string.h>

void affinity_alloc(struct affinity *a)
{
	a->wq = xcalloc(nr_rows(&a->s, ROW_WORKQUEUE), sizeof(*a->wq));
	a->pool = xcalloc(nr_rows(&a->s, ROW_POOL), sizeof(*a->pool));
	for (size_t i = 0; i < nr_rows(&a->s, ROW_WORKQUEUE); i++) {
		a->wq[i].dfl_pool = POOL_NONE;
		a->wq[i].cpu_pool = xcalloc((size_t)a->topo.nr_cpu_ids, sizeof(int));
		for (int cpu = 0; cpu < a->topo.nr_cpu_ids; cpu++)
			a->wq[i].cpu_pool[cpu] = POOL_NONE;
	}
}

void affinity_free(struct affinity *a)
{
	for (size_t i = 0; a->wq && i < nr_rows(&a->s, ROW_WORKQUEUE); i++) {
		free(a->wq[i].cpu_pool);
		free(a->wq[i].node);
	}
	free(a->wq);
	free(a->pool);
	topology_free(&a->topo);
	snapshot_free(&a->s);
	memset(a, 0, sizeof(*a));
}

const char *affinity_type(const struct workqueue *w)
{
	if (w->flags & FLAG_MASK(WQ_UNBOUND_BIT))
		return w->flags & FLAG_MASK(WQ_ORDERED_BIT) ? "ordered" : "unbound";
	return w->flags & FLAG_MASK(WQ_BH_BIT) ? "bh" : "percpu";
}
