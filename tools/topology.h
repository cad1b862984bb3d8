/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology.h - the affinity scopes of workqueues, derived from /sys
 *
 * The kernel groups its CPUs once, at boot: each affinity scope is a list of
 * pods. It shows that nowhere, but makes it from what /sys tells too: who
 * shares a core, a last level cache, a node. This is the same derivation.
 * CPUs that are offline have no topology in /sys: their pod is unknown.
 */
#ifndef WQKIT_TOPOLOGY_H
#define WQKIT_TOPOLOGY_H

#include "cpus.h"
#include "util.h"

#define MAX_SCOPES 16
#define MAX_NODES 1024

enum { POD_UNKNOWN = -1, NODE_NONE = -1, NODE_UNKNOWN = -2 };

struct scope {
	char name[24];			/* cpu, smt, cache, cache_shard, numa, system */
	bool is_default;
	bool derived;			/* from /sys, not the kernel's own */
	bool complete;			/* the pod of each possible CPU is known */
	int nr_pods;			/* that are known */
	int *cpu_pod;			/* by CPU, nr_cpu_ids of them */
	int *pod_node;			/* by pod; NODE_NONE: no node in particular */
};

struct topology {
	int nr_cpu_ids, nr_node_ids;
	struct cpus possible, online, isolated;
	struct cpus unbound;		/* wq_unbound_cpumask */
	bool unbound_known;
	struct cpus nodes;		/* possible nodes */
	bool numa;			/* this kernel has nodes */
	struct cpus *node_cpus;		/* by node: its online CPUs */
	int *cpu_node;			/* by CPU; NODE_UNKNOWN */
	struct scope scope[MAX_SCOPES];
	int nr_scopes;
};

/*
 * @root: "/sys", or a tree like it. @names: the scopes that this kernel has, in
 * its order, an empty one where it has none of that number. -1 with @err if
 * not even the possible CPUs can be had.
 */
int topology_read(struct topology *t, const char *root, const char (*names)[24], int nr_names,
		  struct error *err);
void topology_free(struct topology *t);

/* The CPUs of a pod. */
struct cpus pod_cpus(const struct topology *t, const struct scope *s, int pod);

#endif
