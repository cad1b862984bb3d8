/* SPDX-License-Identifier: GPL-2.0-only */
/* The least that a CO-RE program can be: it reads one field. See start.c. */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

char LICENSE[] SEC("license") = "GPL";
int pid;

SEC("raw_tp")
int one_field(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	pid = BPF_CORE_READ(task, pid);
	return 0;
}
