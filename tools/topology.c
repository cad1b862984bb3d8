/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_LEADER (-1)
#define MAX_CACHES 16

/* --- files --- */

static char *vread(const char *root, const char *fmt, va_list ap)
{
	char name[256], *path, *text;

	vsnprintf(name, sizeof(name), fmt, ap);
	path = xasprintf("%s/%s", root, name);
	text = read_file(path);
	free(path);
	return text;
}

__attribute__((format(printf, 2, 3)))
static char *read_at(const char *root, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = vread(root, fmt, ap);
	va_end(ap);
	return text;
}

__attribute__((format(printf, 3, 4)))
static bool read_list(struct cpus *c, const char *root, const char *fmt, ...)
{
	va_list ap;
	char *text;
	bool done;

	va_start(ap, fmt);
	text = vread(root, fmt, ap);
	va_end(ap);
	memset(c, 0, sizeof(*c));
	done = text && cpus_parse_list(c, text);
	free(text);
	return done;
}

__attribute__((format(printf, 2, 3)))
static int read_int(const char *root, const char *fmt, ...)
{
	va_list ap;
	char *text;
	uint64_t value;
	bool done;

	va_start(ap, fmt);
	text = vread(root, fmt, ap);
	va_end(ap);
	done = text && parse_count(text, 0, INT32_MAX, &value);
	free(text);
	return done ? (int)value : -1;
}

/* --- nodes --- */

__attribute__((format(printf, 2, 3)))
static bool exists(const char *root, const char *fmt, ...)
{
	char name[256], *path;
	va_list ap;
	bool yes;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	path = xasprintf("%s/%s", root, name);
	yes = !access(path, F_OK);
	free(path);
	return yes;
}

/* An offline CPU is on no node's list, but keeps its link to the node. */
static int linked_node(const struct topology *t, const char *root, int cpu)
{
	if (exists(root, "devices/system/cpu/cpu%d", cpu))
		for_each_cpu_of(node, &t->nodes)
			if (exists(root, "devices/system/cpu/cpu%d/node%d", cpu, node))
				return node;
	return NODE_UNKNOWN;
}

static void read_node(struct topology *t, const char *root, int node)
{
	if (!read_list(&t->node_cpus[node], root, "devices/system/node/node%d/cpulist", node))
		return;
	for_each_cpu_of(cpu, &t->node_cpus[node])
		if (cpu < t->nr_cpu_ids)
			t->cpu_node[cpu] = node;
}

static void read_nodes(struct topology *t, const char *root)
{
	t->numa = read_list(&t->nodes, root, "devices/system/node/possible");
	if (!t->numa)
		cpus_add(&t->nodes, 0);
	t->nr_node_ids = cpus_last(&t->nodes) + 1;
	t->node_cpus = xcalloc((size_t)t->nr_node_ids, sizeof(*t->node_cpus));
	t->cpu_node = xcalloc((size_t)t->nr_cpu_ids, sizeof(*t->cpu_node));
	for (int cpu = 0; cpu < t->nr_cpu_ids; cpu++)
		t->cpu_node[cpu] = t->numa ? NODE_UNKNOWN : 0;
	if (!t->numa) {
		t->node_cpus[0] = t->online;
		return;
	}
	for_each_cpu_of(node, &t->nodes)
		read_node(t, root, node);
	for_each_cpu_of(cpu, &t->possible)
		if (t->cpu_node[cpu] == NODE_UNKNOWN)
			t->cpu_node[cpu] = linked_node(t, root, cpu);
}

/* --- who shares: each CPU gets a leader, the first of its group --- */

/* Those before @cpu have one, or could not be read. */
static void lead(const struct topology *t, int *leader, int cpu, const struct cpus *group)
{
	leader[cpu] = cpu;
	for (int other = cpu + 1; other < t->nr_cpu_ids; other++)
		if (cpus_has(group, other) && leader[other] == NO_LEADER)
			leader[other] = cpu;
}

static void share_smt(const struct topology *t, const char *root, int *leader)
{
	struct cpus group;

	for_each_cpu_of(cpu, &t->possible)
		if (leader[cpu] == NO_LEADER &&
		    read_list(&group, root, "devices/system/cpu/cpu%d/topology/thread_siblings_list",
			      cpu))
			lead(t, leader, cpu, &group);
}

/* The CPUs that share the cache furthest from the core. */
static bool last_level_cache(const char *root, int cpu, struct cpus *group)
{
	int best = 0;

	for (int i = 0; i < MAX_CACHES; i++) {
		int level = read_int(root, "devices/system/cpu/cpu%d/cache/index%d/level", cpu, i);
		char *type = read_at(root, "devices/system/cpu/cpu%d/cache/index%d/type", cpu, i);
		bool usable = type && strcmp(type, "Instruction");
		struct cpus c;

		free(type);
		if (level < 0)
			break;
		if (usable && level > best &&
		    read_list(&c, root, "devices/system/cpu/cpu%d/cache/index%d/shared_cpu_list", cpu,
			      i)) {
			best = level;
			*group = c;
		}
	}
	return best > 0;
}

/*
 * The kernel asks its scheduler domains: these end at a node's border. CPUs that
 * were isolated at boot are in none: their pod is what the kernel left there, as
 * a rule that of CPU 0.
 */
static void share_cache(const struct topology *t, const char *root, int *leader)
{
	struct cpus group, within;

	for_each_cpu_of(cpu, &t->possible) {
		if (leader[cpu] != NO_LEADER || cpus_has(&t->isolated, cpu) ||
		    !last_level_cache(root, cpu, &group))
			continue;
		memset(&within, 0, sizeof(within));
		for_each_cpu_of(other, &group)
			if (other < t->nr_cpu_ids && t->cpu_node[other] == t->cpu_node[cpu] &&
			    !cpus_has(&t->isolated, other))
				cpus_add(&within, other);
		lead(t, leader, cpu, &within);
	}
}

static void share_node(const struct topology *t, int *leader)
{
	int first[MAX_NODES];

	memset(first, 0xff, sizeof(first));
	for_each_cpu_of(cpu, &t->possible) {
		int node = t->cpu_node[cpu];

		if (node < 0 || node >= MAX_NODES)
			continue;
		if (first[node] < 0)
			first[node] = cpu;
		leader[cpu] = first[node];
	}
}

static const struct scope *find_scope(const struct topology *t, const char *name)
{
	for (int i = 0; i < t->nr_scopes; i++)
		if (!strcmp(t->scope[i].name, name))
			return &t->scope[i];
	return NULL;
}

static bool is_first_thread(const struct topology *t, const struct scope *smt, int cpu)
{
	for (int other = 0; other < cpu; other++)
		if (cpus_has(&t->possible, other) && smt->cpu_pod[other] == smt->cpu_pod[cpu])
			return false;
	return true;
}

/* One cache's cores, spread evenly over shards of about @size cores, the larger ones first. */
static void shard_cache(const struct topology *t, const struct scope *smt, struct cpus *cache,
			int size, int *leader)
{
	int nr_cores = 0, nr_shards, shard = 0, cores = 0, first = NO_LEADER;

	for_each_cpu_of(cpu, cache)
		nr_cores += is_first_thread(t, smt, cpu);
	nr_shards = (nr_cores + size / 2) / size;
	nr_shards = nr_shards > 1 ? nr_shards : 1;
	for_each_cpu_of(cpu, cache) {
		int room = nr_cores / nr_shards + (shard < nr_cores % nr_shards);

		if (!is_first_thread(t, smt, cpu))
			continue;
		if (first == NO_LEADER || cores == room) {
			shard += first != NO_LEADER;
			first = cpu;
			cores = 0;
		}
		cores++;
		for_each_cpu_of(thread, cache)
			if (smt->cpu_pod[thread] == smt->cpu_pod[cpu])
				leader[thread] = first;
	}
}

static void share_shard(const struct topology *t, const char *root, int *leader)
{
	const struct scope *smt = find_scope(t, "smt"), *cache = find_scope(t, "cache");
	int size = read_int(root, "module/workqueue/parameters/cache_shard_size");

	if (!smt || !cache || size < 0)
		return;
	for (int pod = 0; pod < cache->nr_pods; pod++) {
		struct cpus cpus = pod_cpus(t, cache, pod), known = { 0 };

		for_each_cpu_of(cpu, &cpus)
			if (smt->cpu_pod[cpu] != POD_UNKNOWN)
				cpus_add(&known, cpu);
		shard_cache(t, smt, &known, size ? size : 1, leader);
	}
}

static void find_leaders(const struct topology *t, const char *root, const char *name, int *leader)
{
	for (int cpu = 0; cpu < t->nr_cpu_ids; cpu++)
		leader[cpu] = NO_LEADER;
	if (!strcmp(name, "smt"))
		share_smt(t, root, leader);
	else if (!strcmp(name, "cache"))
		share_cache(t, root, leader);
	else if (!strcmp(name, "cache_shard"))
		share_shard(t, root, leader);
	else if (!strcmp(name, "numa"))
		share_node(t, leader);
	for_each_cpu_of(cpu, &t->possible)
		if (!strcmp(name, "cpu"))
			leader[cpu] = cpu;
		else if (!strcmp(name, "system"))
			leader[cpu] = cpus_next(&t->possible, 0);
}

/* --- scopes --- */

/* Pods are numbered as their first CPUs come; a pod's node is that of its last CPU. */
static void add_scope(struct topology *t, const char *root, const char *name)
{
	size_t n = (size_t)t->nr_cpu_ids;
	int *leader = xcalloc(n, sizeof(*leader));
	struct scope *s = &t->scope[t->nr_scopes];

	snprintf(s->name, sizeof(s->name), "%s", name);
	s->cpu_pod = xcalloc(n, sizeof(*s->cpu_pod));
	s->pod_node = xcalloc(n, sizeof(*s->pod_node));
	s->complete = s->derived = true;
	for (int cpu = 0; cpu < t->nr_cpu_ids; cpu++)
		s->cpu_pod[cpu] = POD_UNKNOWN;
	find_leaders(t, root, name, leader);
	for_each_cpu_of(cpu, &t->possible) {
		int to = leader[cpu];

		if (to == NO_LEADER) {
			s->complete = false;
			continue;
		}
		s->cpu_pod[cpu] = to == cpu ? s->nr_pods++ : s->cpu_pod[to];
		s->pod_node[s->cpu_pod[cpu]] = strcmp(name, "system") ? t->cpu_node[cpu] : NODE_NONE;
	}
	t->nr_scopes++;
	free(leader);
}

struct cpus pod_cpus(const struct topology *t, const struct scope *s, int pod)
{
	struct cpus c = { 0 };

	for_each_cpu_of(cpu, &t->possible)
		if (s->cpu_pod[cpu] == pod)
			cpus_add(&c, cpu);
	return c;
}

static void read_unbound(struct topology *t, const char *root)
{
	char *text = read_at(root, "devices/virtual/workqueue/cpumask");

	t->unbound_known = text && cpus_parse_mask(&t->unbound, text);
	free(text);
}

static void add_scopes(struct topology *t, const char *root, const char (*names)[24], int nr_names)
{
	char *dfl = read_at(root, "module/workqueue/parameters/default_affinity_scope");

	for (int i = 0; i < nr_names && t->nr_scopes < MAX_SCOPES; i++) {
		if (!*names[i] || !strcmp(names[i], "default"))
			continue;
		add_scope(t, root, names[i]);
		t->scope[t->nr_scopes - 1].is_default = dfl && !strcmp(dfl, names[i]);
	}
	free(dfl);
}

int topology_read(struct topology *t, const char *root, const char (*names)[24], int nr_names,
		  struct error *err)
{
	memset(t, 0, sizeof(*t));
	errno = 0;
	if (!read_list(&t->possible, root, "devices/system/cpu/possible") ||
	    cpus_next(&t->possible, 0) < 0)
		return error_set(err, "cannot read the CPUs from %s/devices/system/cpu/possible: %s "
				 "(is sysfs mounted?)", root, errno ? strerror(errno) : "no list");
	t->nr_cpu_ids = cpus_last(&t->possible) + 1;
	if (!read_list(&t->online, root, "devices/system/cpu/online"))
		t->online = t->possible;
	read_list(&t->isolated, root, "devices/system/cpu/isolated");
	read_unbound(t, root);
	read_nodes(t, root);
	add_scopes(t, root, names, nr_names);
	return 0;
}

void topology_free(struct topology *t)
{
	for (int i = 0; i < t->nr_scopes; i++) {
		free(t->scope[i].cpu_pod);
		free(t->scope[i].pod_node);
	}
	free(t->node_cpus);
	free(t->cpu_node);
	memset(t, 0, sizeof(*t));
}
