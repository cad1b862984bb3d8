/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pods.bpf.c - reads one of the kernel's wq_pod_types[]
 *
 * The address comes from a kernel that shows its data symbols. Pods are made at
 * boot and never change. Run by BPF_PROG_TEST_RUN, once for each scope.
 */
#include "read.h"
#include "kernel.h"
#include "pods.h"

char LICENSE[] SEC("license") = "GPL";

struct pods pods = {};

SEC("raw_tp")
int read_pods(void *ctx)
{
	u64 type = pods.types + pods.scope * bpf_core_type_size(struct wq_pod_type);
	u32 nr_cpus = pods.nr_cpus, nr_pods = LOAD(wq_pod_type, type, nr_pods);
	u64 cpu_pod = LOADP(wq_pod_type, type, cpu_pod), pod_node = LOADP(wq_pod_type, type, pod_node);

	pods.nr_pods = 0;
	if (nr_cpus > PODS_MAX || nr_pods > PODS_MAX)
		return 0;
	if (!bpf_probe_read_kernel(pods.cpu_pod, nr_cpus * sizeof(int), (void *)cpu_pod) &&
	    !bpf_probe_read_kernel(pods.pod_node, nr_pods * sizeof(int), (void *)pod_node))
		pods.nr_pods = nr_pods;
	return 0;
}
