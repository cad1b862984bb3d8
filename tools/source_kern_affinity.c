/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of a walk with want_affinity > what stands beside the rows.
 *
 * kern_fill() makes one row of each record of a workqueue and of a pool, in the
 * records' order; what belongs to one follows its record, before the next.
 */
#include "source_kern.h"

#include <stdlib.h>
#include <string.h>

#include "affinity.h"
#include "fields.h"

struct pwq_pool {
	uint64_t pwq;
	int pool, cpu;
};

struct affn_fill {
	struct affinity *a;
	struct pwq_pool *pwqs;		/* sorted */
	size_t nr_pwqs;
	struct affn_wq *wq;		/* whose records we are at */
	uint64_t wq_addr;
	bool unbound;
	struct affn_pool *pool;
	uint64_t pool_addr;
};

static int compare_pwqs(const void *a, const void *b)
{
	uint64_t x = ((const struct pwq_pool *)a)->pwq, y = ((const struct pwq_pool *)b)->pwq;

	return x < y ? -1 : x > y;
}

static void collect_pwqs(struct affn_fill *f, const struct records *r)
{
	f->pwqs = xcalloc(r->nr, sizeof(*f->pwqs));
	for (size_t i = 0; i < r->nr; i++) {
		const struct rec_pwq *p = (const struct rec_pwq *)record(r, i);

		if (p->rec.type == REC_PWQ)
			f->pwqs[f->nr_pwqs++] = (struct pwq_pool){ p->pwq, p->pool_id, p->cpu };
	}
	qsort(f->pwqs, f->nr_pwqs, sizeof(*f->pwqs), compare_pwqs);
}

/* A pwq that the walk has not met is younger than its list: its pool is unknown. */
static int pool_of(const struct affn_fill *f, uint64_t pwq)
{
	struct pwq_pool key = { .pwq = pwq }, *p = NULL;

	if (pwq && f->nr_pwqs)
		p = bsearch(&key, f->pwqs, f->nr_pwqs, sizeof(key), compare_pwqs);
	return p ? p->pool : POOL_NONE;
}

static void see_workqueue(struct affn_fill *f, const struct rec_workqueue *r, uint32_t wq_unbound)
{
	f->wq = f->wq ? f->wq + 1 : f->a->wq;
	f->wq_addr = r->wq;
	f->unbound = r->wq_flags & wq_unbound;
	f->wq->strict_known = r->rec.flags & WQ_HAS_SCOPE;
	f->wq->strict = r->affn_strict;
}

static void see_slots(const struct affn_fill *f, const struct rec_slots *r)
{
	for (unsigned int i = 0; i < r->nr && i < WALK_SLOTS; i++)
		if (r->first + i < (unsigned int)f->a->topo.nr_cpu_ids)
			f->wq->cpu_pool[r->first + i] = pool_of(f, r->pwq[i]);
}

/* Before 6.6 the CPUs of a node share its pwq. */
static void see_node(struct affn_fill *f, const struct rec_node *r)
{
	const struct topology *t = &f->a->topo;
	int pool = r->rec.flags & NODE_HAS_PWQ ? pool_of(f, r->pwq) : POOL_NONE;

	if (r->node < 0 || r->node > t->nr_node_ids)
		return;
	if (r->node == t->nr_node_ids)
		f->wq->dfl_pool = pool;
	for (int cpu = 0; cpu < t->nr_cpu_ids && pool != POOL_NONE; cpu++)
		if (t->cpu_node[cpu] == r->node)
			f->wq->cpu_pool[cpu] = pool;
	if (!(r->rec.flags & NODE_HAS_ACTIVE))
		return;
	if (!f->wq->node)
		f->wq->node = xcalloc((size_t)t->nr_node_ids + 1, sizeof(*f->wq->node));
	f->wq->node[r->node] = (struct node_active){ .known = true, .nr = r->nr, .max = r->max };
}

/* A CPU's own pool serves the per-CPU workqueues on it, whatever else is known. */
static void see_pwq(const struct affn_fill *f, const struct rec_pwq *r)
{
	if (!f->unbound && r->cpu >= 0 && r->cpu < f->a->topo.nr_cpu_ids)
		f->wq->cpu_pool[r->cpu] = r->pool_id;
}

static void see_pool(struct affn_fill *f, const struct rec_pool *r)
{
	f->pool = f->pool ? f->pool + 1 : f->a->pool;
	f->pool_addr = r->pool;
	f->pool->strict_known = r->rec.flags & POOL_HAS_STRICT;
	f->pool->strict = r->rec.flags & POOL_IS_STRICT;
}

static const char *list_of(struct snapshot *s, const struct rec_cpumask *r)
{
	size_t nr = (r->rec.size - offsetof(struct rec_cpumask, words)) / 8;
	struct cpus c = { 0 };
	const char *list;
	char *text;

	for (size_t i = 0; i < nr && i < ARRAY_SIZE(c.word); i++)
		c.word[i] = r->words[i];
	text = cpus_list(&c);
	list = snapshot_str(s, text);
	free(text);
	return list;
}

static void see_mask(const struct affn_fill *f, const struct rec_cpumask *r)
{
	if (r->rec.flags == MASK_POD && f->pool && r->owner == f->pool_addr)
		f->pool->pod_cpus = list_of(&f->a->s, r);
	else if (r->rec.flags == MASK_RESCUER && f->wq && r->owner == f->wq_addr)
		f->wq->rescuer_cpus = list_of(&f->a->s, r);
}

static void see(struct affn_fill *f, const struct walk_rec *rec, uint32_t wq_unbound)
{
	switch (rec->type) {
	case REC_WORKQUEUE: see_workqueue(f, (const void *)rec, wq_unbound); break;
	case REC_POOL: see_pool(f, (const void *)rec); break;
	case REC_CPUMASK: see_mask(f, (const void *)rec); break;
	case REC_SLOTS:
		if (((const struct rec_slots *)rec)->wq == f->wq_addr)
			see_slots(f, (const void *)rec);
		break;
	case REC_NODE:
		if (((const struct rec_node *)rec)->wq == f->wq_addr)
			see_node(f, (const void *)rec);
		break;
	case REC_PWQ:
		if (((const struct rec_pwq *)rec)->wq == f->wq_addr)
			see_pwq(f, (const void *)rec);
		break;
	}
}

void kern_affinity_fill(struct affinity *a, const struct records *r, const struct kern_btf *kb)
{
	struct affn_fill f = { .a = a };

	affinity_alloc(a);
	collect_pwqs(&f, r);
	for (size_t i = 0; i < r->nr; i++)
		see(&f, record(r, i), kb->consts.wq_unbound);
	free(f.pwqs);
}
