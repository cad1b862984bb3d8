/* SPDX-License-Identifier: GPL-2.0-only */
/* pods.h - what bpf/pods.bpf.c and tools/source_kern_pods.c share */
#ifndef WQKIT_PODS_H
#define WQKIT_PODS_H

#define PODS_MAX 8192		/* pods, and CPUs */

struct pods {
	unsigned long long types;	/* in: the address of wq_pod_types[] */
	unsigned int scope, nr_cpus;	/* in: the scope's number; nr_cpu_ids */
	unsigned int nr_pods;		/* out: 0 if that could not be read */
	unsigned int pad;
	int cpu_pod[PODS_MAX], pod_node[PODS_MAX];
};

#endif
