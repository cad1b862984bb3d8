/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pods of the affinity scopes as the kernel has them, where /proc/kallsyms
 * shows where: with CONFIG_KALLSYMS_ALL, and to those who may see addresses.
 * Elsewhere those stay that topology.c has derived.
 */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/pods.h"

/* made by bpftool, which casts const away */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "pods_bpf.skel.h"
#pragma GCC diagnostic pop

/* The address of a symbol of the kernel itself; 0 if it is not told. */
static uint64_t find_symbol(const char *symbol)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	size_t n = strlen(symbol);
	uint64_t found = 0;
	char line[512];

	/* "address type name", 100,000 times; the address is 0 to those who may not see it */
	while (f && !found && fgets(line, sizeof(line), f)) {
		const char *name = strchr(line, ' ');

		if (name && name[1] && name[2] == ' ' && !strncmp(name + 3, symbol, n) &&
		    name[3 + n] == '\n')
			found = strtoull(line, NULL, 16);
	}
	if (f)
		fclose(f);
	return found;
}

static int number_of(const struct kern_btf *kb, const struct scope *s)
{
	for (int i = 0; i < MAX_SCOPES; i++)
		if (!strcmp(kb->scope[i], s->name))
			return i;
	return -1;
}

/* What was read is taken only if all of it makes sense. */
static bool makes_sense(const struct topology *t, const struct pods *p)
{
	if (!p->nr_pods || p->nr_pods > (unsigned int)t->nr_cpu_ids)
		return false;
	for_each_cpu_of(cpu, &t->possible)
		if (p->cpu_pod[cpu] < 0 || p->cpu_pod[cpu] >= (int)p->nr_pods)
			return false;
	for (unsigned int pod = 0; pod < p->nr_pods; pod++)
		if (p->pod_node[pod] < NODE_NONE || p->pod_node[pod] >= t->nr_node_ids)
			return false;
	return true;
}

static void take(const struct topology *t, struct scope *s, const struct pods *p)
{
	if (!makes_sense(t, p))
		return;
	s->nr_pods = (int)p->nr_pods;
	s->complete = true;
	s->derived = false;
	for_each_cpu_of(cpu, &t->possible)
		s->cpu_pod[cpu] = p->cpu_pod[cpu];
	for (int pod = 0; pod < s->nr_pods; pod++)
		s->pod_node[pod] = p->pod_node[pod];
}

static void read_scopes(struct topology *t, const struct kern_btf *kb, struct pods *p, int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	for (int i = 0; i < t->nr_scopes; i++) {
		int number = number_of(kb, &t->scope[i]);

		if (number < 0)
			continue;
		p->scope = (unsigned int)number;
		p->nr_cpus = (unsigned int)t->nr_cpu_ids;
		if (!bpf_prog_test_run_opts(fd, &opts))
			take(t, &t->scope[i], p);
	}
}

static struct pods_bpf *load(struct kern_btf *kb)
{
	struct kern_core core;
	struct pods_bpf *skel;

	kern_core_begin(&core, kb);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = core.path);
	skel = pods_bpf__open_opts(&opts);
	if (skel && (kern_core_fill(&core, kb, bpf_object__btf(skel->obj)) || pods_bpf__load(skel))) {
		pods_bpf__destroy(skel);
		skel = NULL;
	}
	kern_core_end(&core, kb);
	return skel;
}

void kern_pods_read(struct topology *t, struct kern_btf *kb)
{
	uint64_t types = t->nr_scopes ? find_symbol("wq_pod_types") : 0;
	struct pods_bpf *skel = types ? load(kb) : NULL;

	if (!skel)
		return;
	skel->bss->pods.types = types;
	read_scopes(t, kb, &skel->bss->pods, bpf_program__fd(skel->progs.read_pods));
	pods_bpf__destroy(skel);
}
