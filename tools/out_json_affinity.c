/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The affinity picture as JSON, as wqdump-json(5) describes it. */
#include "out_affinity.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "out_json.h"

static void add(json_object *o, const char *key, json_object *value)
{
	json_object_object_add(o, key, value);
}

static void add_int(json_object *o, const char *key, bool is_known, int64_t value)
{
	add(o, key, is_known ? json_object_new_int64(value) : NULL);
}

static json_object *list_of(const struct cpus *c)
{
	char *list = cpus_list(c);
	json_object *o = json_object_new_string(list);

	free(list);
	return o;
}

/* --- scopes and nodes --- */

static json_object *pods_of(const struct topology *t, const struct scope *s)
{
	json_object *array = json_object_new_array();

	for (int pod = 0; pod < s->nr_pods; pod++) {
		json_object *o = json_object_new_object();
		struct cpus cpus = pod_cpus(t, s, pod);

		add(o, "pod", json_object_new_int(pod));
		add(o, "cpus", list_of(&cpus));
		add_int(o, "node", s->pod_node[pod] != NODE_UNKNOWN, s->pod_node[pod]);
		json_object_array_add(array, o);
	}
	return array;
}

static json_object *cpu_pods_of(const struct topology *t, const struct scope *s)
{
	json_object *array = json_object_new_array();

	for (int cpu = 0; cpu < t->nr_cpu_ids; cpu++)
		json_object_array_add(array, s->cpu_pod[cpu] == POD_UNKNOWN
				      ? NULL : json_object_new_int(s->cpu_pod[cpu]));
	return array;
}

static json_object *scopes_of(const struct topology *t)
{
	json_object *array = json_object_new_array();

	for (int i = 0; i < t->nr_scopes; i++) {
		const struct scope *s = &t->scope[i];
		json_object *o = json_object_new_object();

		add(o, "scope", json_object_new_string(s->name));
		add(o, "default", json_object_new_boolean(s->is_default));
		add(o, "derived", json_object_new_boolean(s->derived));
		add_int(o, "nr_pods", s->complete, s->nr_pods);
		add(o, "pods", pods_of(t, s));
		add(o, "cpu_pod", cpu_pods_of(t, s));
		json_object_array_add(array, o);
	}
	return array;
}

static json_object *nodes_of(const struct topology *t)
{
	json_object *array = json_object_new_array();

	for_each_cpu_of(node, &t->nodes) {
		json_object *o = json_object_new_object();

		add(o, "node", json_object_new_int(node));
		add(o, "cpus", list_of(&t->node_cpus[node]));
		json_object_array_add(array, o);
	}
	return array;
}

/* --- pools --- */

static json_object *pools_of(const struct affinity *a, const struct filters *f)
{
	struct view v = { .kind = ROW_POOL, .sort = -1 };
	json_object *array = json_object_new_array();
	size_t nr;
	const void **rows = view_rows(&v, f, &a->s, &nr);

	for (size_t i = 0; i < nr; i++) {
		const struct pool *p = rows[i];
		const struct affn_pool *e = affn_pool_of(a, p);
		json_object *o = json_object_new_object();

		add(o, "id", json_object_new_int64(p->id));
		add(o, "refcnt", json_object_new_int64(p->refcnt));
		add(o, "nice", json_object_new_int64(p->nice));
		add(o, "idle", json_object_new_uint64(p->idle));
		add(o, "workers", json_object_new_uint64(p->workers));
		add_int(o, "cpu", known(p->has, POOL_CPU), p->cpu);
		add(o, "bh", json_object_new_boolean((p->flags & FLAG_MASK(POOL_BH_BIT)) != 0));
		add(o, "cpus", json_string_or_null(known(p->has, POOL_CPUS) ? p->cpus : NULL));
		add(o, "pod_cpus", json_string_or_null(e->pod_cpus));
		add(o, "strict", e->strict_known ? json_object_new_boolean(e->strict) : NULL);
		json_object_array_add(array, o);
	}
	free(rows);
	return array;
}

/* --- workqueues --- */

/* Neighbours with the same pool together: [{"cpus": "0-3", "pool": 8}, ...] */
static json_object *cpu_pools_of(const struct topology *t, const int *cpu_pool)
{
	json_object *array = json_object_new_array();

	for (int cpu = cpus_next(&t->possible, 0), next; cpu >= 0; cpu = next) {
		struct cpus cpus = { 0 };
		json_object *o = json_object_new_object();

		for (next = cpu; next >= 0 && cpu_pool[next] == cpu_pool[cpu];
		     next = cpus_next(&t->possible, next + 1))
			cpus_add(&cpus, next);
		add(o, "cpus", list_of(&cpus));
		add_int(o, "pool", cpu_pool[cpu] != POOL_NONE, cpu_pool[cpu]);
		json_object_array_add(array, o);
	}
	return array;
}

static json_object *active_of(const struct node_active *n, int node)
{
	json_object *o = json_object_new_object();

	add_int(o, "node", node >= 0, node);
	add_int(o, "nr", n->known, n->nr);
	add_int(o, "max", n->known, n->max);
	return o;
}

/* One for each node, and one with node null for what belongs to no single node. */
static json_object *node_active_of(const struct topology *t, const struct node_active *n)
{
	json_object *array;

	if (!n)
		return NULL;
	array = json_object_new_array();
	for_each_cpu_of(node, &t->nodes)
		json_object_array_add(array, active_of(&n[node], node));
	json_object_array_add(array, active_of(&n[t->nr_node_ids], -1));
	return array;
}

static json_object *workqueue_of(const struct affinity *a, const struct workqueue *w)
{
	const struct affn_wq *e = affn_wq_of(a, w);
	json_object *o = json_object_new_object();

	add(o, "id", json_object_new_string(w->id));
	add(o, "name", json_object_new_string(w->name));
	add(o, "type", json_object_new_string(affinity_type(w)));
	add(o, "strict", e->strict_known ? json_object_new_boolean(e->strict) : NULL);
	add(o, "affinity_scope", json_string_or_null(known(w->has, WORKQUEUE_AFFINITY_SCOPE)
						     ? w->affinity_scope : NULL));
	add(o, "cpu_pool", cpu_pools_of(&a->topo, e->cpu_pool));
	add_int(o, "dfl_pool", e->dfl_pool != POOL_NONE, e->dfl_pool);
	add(o, "unbound_cpus", json_string_or_null(known(w->has, WORKQUEUE_CPUMASK)
						   ? w->cpumask : NULL));
	add_int(o, "rescuer_pid", known(w->has, WORKQUEUE_RESCUER_PID), w->rescuer_pid);
	add(o, "rescuer_cpus", json_string_or_null(e->rescuer_cpus));
	add_int(o, "min_active", known(w->has, WORKQUEUE_MIN_ACTIVE), w->min_active);
	add_int(o, "max_active", known(w->has, WORKQUEUE_MAX_ACTIVE), w->max_active);
	add(o, "node_active", node_active_of(&a->topo, e->node));
	return o;
}

static json_object *workqueues_of(const struct affinity *a, const struct view *v,
				  const struct filters *f)
{
	json_object *array = json_object_new_array();
	size_t nr;
	const void **rows = view_rows(v, f, &a->s, &nr);

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, workqueue_of(a, rows[i]));
	free(rows);
	return array;
}

void out_json_affinity(FILE *out, const struct view *v, const struct filters *f,
		       const struct affinity *a)
{
	json_object *o = json_object_new_object();

	json_add_head(o, &a->s, 0);
	add(o, "unbound_cpumask", a->topo.unbound_known ? list_of(&a->topo.unbound) : NULL);
	add(o, "online_cpus", list_of(&a->topo.online));
	add(o, "affinity_nodes", nodes_of(&a->topo));
	add(o, "affinity_scopes", scopes_of(&a->topo));
	add(o, "affinity_pools", pools_of(a, f));
	add(o, "affinity", workqueues_of(a, v, f));
	json_print(out, o, false);
}
