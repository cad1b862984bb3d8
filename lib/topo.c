/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * topo.c - CPUs, what we may use of them, and the pods of each affinity scope, from sysfs
 *
 * CPU numbers are the kernel's. A machine that hides its topology has one pod and one node.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int wq_nr_cpus = 1;
int wq_nr_nodes = 1;
int *wq_cpu_node;
struct wq_pods wq_pods[WQ_AFFN_NR_TYPES];
enum wq_affn_scope wq_default_scope = WQ_AFFN_CACHE_SHARD;

const char *const wq_affn_names[WQ_AFFN_NR_TYPES] = {
	"default", "cpu", "smt", "cache", "cache_shard", "numa", "system",
};

void cpumask_set(struct cpumask *mask, int cpu)
{
	mask->bits[cpu / WQ_BITS_PER_LONG] |= 1ul << (cpu % WQ_BITS_PER_LONG);
}

int cpumask_next(const struct cpumask *mask, int cpu)
{
	for (cpu++; cpu < wq_nr_cpus; cpu++)
		if (cpumask_test(mask, cpu))
			return cpu;
	return -1;
}

int cpumask_weight(const struct cpumask *mask)
{
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mask->bits); i++)
		n += __builtin_popcountl(mask->bits[i]);
	return n;
}

bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool cpumask_and(struct cpumask *to, const struct cpumask *a, const struct cpumask *b)
{
	unsigned long any = 0;

	for (size_t i = 0; i < ARRAY_SIZE(to->bits); i++)
		any |= to->bits[i] = a->bits[i] & b->bits[i];
	return any;
}

/* "0-3,8" */
int cpumask_parse(struct cpumask *mask, const char *list)
{
	memset(mask, 0, sizeof(*mask));
	while (*list && !isspace((unsigned char)*list)) {
		unsigned long from, to;
		char *end;

		if (!isdigit((unsigned char)*list))
			return -EINVAL;
		from = to = strtoul(list, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return -EINVAL;
			to = strtoul(end + 1, &end, 10);
		}
		if (from > to || to >= WQ_NR_CPUS)
			return -EINVAL;
		for (; from <= to; from++)
			cpumask_set(mask, (int)from);
		list = end;
		if (*list == ',')
			list++;
		else if (*list && !isspace((unsigned char)*list))
			return -EINVAL;
	}
	return 0;
}

int cpumask_print(char *buf, size_t size, const struct cpumask *mask)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int cpu = cpumask_first(mask); cpu >= 0; cpu = cpumask_next(mask, cpu)) {
		int last = cpu;

		while (last + 1 < wq_nr_cpus && cpumask_test(mask, last + 1))
			last++;
		if (n < size)
			n += (size_t)snprintf(buf + n, size - n, last > cpu ? "%s%d-%d" : "%s%d",
					      n ? "," : "", cpu, last);
		cpu = last;
	}
	return (int)n;
}

static bool read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, buf, size - 1);
		close(fd);
	}
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool read_mask(struct cpumask *mask, const char *fmt, ...) WQ_PRINTF(2, 3);

static bool read_mask(struct cpumask *mask, const char *fmt, ...)
{
	char path[256], text[4096];
	va_list args;
	int n = snprintf(path, sizeof(path), "%s/devices/system/", wq_sysfs_root);

	va_start(args, fmt);
	if (n > 0 && n < (int)sizeof(path))
		vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, args);
	va_end(args);
	return read_text(path, text, sizeof(text)) && !cpumask_parse(mask, text);
}

/* The CPUs that share a cpu's last-level cache. */
static bool read_cache(struct cpumask *mask, int cpu)
{
	char path[256], text[32];
	int best = -1, best_level = -1;

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "%s/devices/system/cpu/cpu%d/cache/index%d/level",
			 wq_sysfs_root, cpu, i);
		if (!read_text(path, text, sizeof(text)))
			break;
		if (atoi(text) > best_level) {
			best_level = atoi(text);
			best = i;
		}
	}
	return best >= 0 && read_mask(mask, "cpu/cpu%d/cache/index%d/shared_cpu_list", cpu, best);
}

static bool group_of(struct cpumask *mask, enum wq_affn_scope scope, int cpu)
{
	memset(mask, 0, sizeof(*mask));
	switch (scope) {
	case WQ_AFFN_CPU:
		cpumask_set(mask, cpu);
		return true;
	case WQ_AFFN_SMT:
		if (!read_mask(mask, "cpu/cpu%d/topology/thread_siblings_list", cpu)) {
			memset(mask, 0, sizeof(*mask));
			cpumask_set(mask, cpu);
		}
		return true;
	case WQ_AFFN_CACHE:
		return read_cache(mask, cpu);
	case WQ_AFFN_NUMA:
		return read_mask(mask, "node/node%d/cpulist", wq_cpu_node[cpu]);
	default:
		return false;
	}
}

static int pods_alloc(struct wq_pods *pods)
{
	size_t n = (size_t)wq_nr_cpus;

	pods->pod_cpus = calloc(n, sizeof(*pods->pod_cpus));
	pods->pod_node = calloc(n, sizeof(int));
	pods->cpu_pod = malloc(n * sizeof(int));
	if (!pods->pod_cpus || !pods->pod_node || !pods->cpu_pod)
		return -ENOMEM;
	memset(pods->cpu_pod, 0xff, n * sizeof(int));
	return 0;
}

static void pod_add(struct wq_pods *pods, int pod, int cpu)
{
	if (pod == pods->nr_pods)
		pods->pod_node[pods->nr_pods++] = wq_cpu_node[cpu];
	pods->cpu_pod[cpu] = pod;
	cpumask_set(&pods->pod_cpus[pod], cpu);
}

/* A CPU that no readable group has is in the first pod. */
static void pods_by_group(struct wq_pods *pods, enum wq_affn_scope scope)
{
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++) {
		struct cpumask mask;
		int pod = pods->nr_pods;

		if (pods->cpu_pod[cpu] >= 0)
			continue;
		if (!group_of(&mask, scope, cpu) || !cpumask_test(&mask, cpu)) {
			pod_add(pods, 0, cpu);
			continue;
		}
		for (int c = cpumask_first(&mask); c >= 0; c = cpumask_next(&mask, c))
			if (pods->cpu_pod[c] < 0)
				pod_add(pods, pod, c);
	}
}

/* Cut each cache's pod in shards of about wq_cache_shard_size cores; siblings stay together. */
static void pods_by_shard(struct wq_pods *pods, const struct wq_pods *caches,
			  const struct wq_pods *smt)
{
	for (int cache = 0; cache < caches->nr_pods; cache++) {
		const struct cpumask *cpus = &caches->pod_cpus[cache];
		int first = pods->nr_pods, cores = 0, shards, core = 0;

		for (int c = cpumask_first(cpus); c >= 0; c = cpumask_next(cpus, c))
			cores += cpumask_first(&smt->pod_cpus[smt->cpu_pod[c]]) == c;
		shards = (cores + wq_cache_shard_size / 2) / wq_cache_shard_size;
		if (shards < 1)
			shards = 1;
		for (int c = cpumask_first(cpus); c >= 0; c = cpumask_next(cpus, c)) {
			const struct cpumask *siblings = &smt->pod_cpus[smt->cpu_pod[c]];
			int shard, big = cores % shards, size = cores / shards;

			if (pods->cpu_pod[c] >= 0)
				continue;
			/* the first `big` shards have one core more */
			shard = core < big * (size + 1) ? core / (size + 1) :
				big + (core - big * (size + 1)) / (size ? size : 1);
			if (shard >= shards)
				shard = shards - 1;
			core++;
			for (int s = cpumask_first(siblings); s >= 0; s = cpumask_next(siblings, s))
				if (pods->cpu_pod[s] < 0 && cpumask_test(cpus, s))
					pod_add(pods, first + shard, s);
		}
	}
}

static void read_nodes(void)
{
	struct cpumask nodes, cpus;

	if (!read_mask(&nodes, "node/online"))
		return;
	for (int node = 0; node < WQ_NR_CPUS; node++) {
		if (!cpumask_test(&nodes, node) || !read_mask(&cpus, "node/node%d/cpulist", node))
			continue;
		if (node >= wq_nr_nodes)
			wq_nr_nodes = node + 1;
		for (int c = cpumask_first(&cpus); c >= 0; c = cpumask_next(&cpus, c))
			wq_cpu_node[c] = node;
	}
}

static void read_cpus(struct cpumask *allowed)
{
	struct cpumask possible;

	memset(&possible, 0, sizeof(possible));
	if (!read_mask(&possible, "cpu/possible"))
		for (long c = sysconf(_SC_NPROCESSORS_CONF) - 1; c >= 0; c--)
			cpumask_set(&possible, (int)(c < WQ_NR_CPUS ? c : WQ_NR_CPUS - 1));
	wq_nr_cpus = WQ_NR_CPUS;
	for (int c = 0; c < WQ_NR_CPUS; c++)
		if (cpumask_test(&possible, c))
			wq_nr_cpus = c + 1;
	if (wq_nr_cpus == WQ_NR_CPUS && !cpumask_test(&possible, WQ_NR_CPUS - 1))
		wq_nr_cpus = 1;

	/* The caller may be a thread with a mask of its own: ask for the process' first thread. */
	if (!cpus_of_thread(getpid(), allowed))
		*allowed = possible;
	for (int c = wq_nr_cpus; c < WQ_NR_CPUS; c++)
		if (cpumask_test(allowed, c))
			wq_nr_cpus = c + 1;
}

int topo_init(void)
{
	struct cpumask allowed;

	read_cpus(&allowed);
	wq_cpu_node = calloc((size_t)wq_nr_cpus, sizeof(int));
	if (!wq_cpu_node)
		return -ENOMEM;
	read_nodes();
	if (!cpus_publish(&allowed))
		return -ENOMEM;
	for (int scope = WQ_AFFN_CPU; scope < WQ_AFFN_NR_TYPES; scope++)
		if (pods_alloc(&wq_pods[scope]))
			return -ENOMEM;
	pods_by_group(&wq_pods[WQ_AFFN_CPU], WQ_AFFN_CPU);
	pods_by_group(&wq_pods[WQ_AFFN_SMT], WQ_AFFN_SMT);
	pods_by_group(&wq_pods[WQ_AFFN_CACHE], WQ_AFFN_CACHE);
	pods_by_group(&wq_pods[WQ_AFFN_NUMA], WQ_AFFN_NUMA);
	pods_by_shard(&wq_pods[WQ_AFFN_CACHE_SHARD], &wq_pods[WQ_AFFN_CACHE],
		      &wq_pods[WQ_AFFN_SMT]);
	for (int cpu = 0; cpu < wq_nr_cpus; cpu++)
		pod_add(&wq_pods[WQ_AFFN_SYSTEM], 0, cpu);
	return 0;
}
