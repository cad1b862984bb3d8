/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * witness.bpf.c - the least that lets a program read the kernel: a window onto
 * its memory, and a list of its tasks. It knows no struct of the kernel's; all
 * offsets come from BTF in witness.c, and all walking is done there. The one
 * thing that it shares with the walk it bears witness for is libbpf.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define WINDOW_SIZE 4096

struct seq_file;
struct task_struct;

/* What the kernel hands to an iterator. */
struct meta {
	struct seq_file *seq;
};
struct task_iter {
	struct meta *meta;
	struct task_struct *task;
};

unsigned char window[WINDOW_SIZE];
__u64 window_at = 0;
__u32 window_size = 0;
long window_error = 0;

SEC("raw_tp/sched_switch")
int look(void *ctx)
{
	__u32 size = window_size;

	if (size > WINDOW_SIZE)
		size = WINDOW_SIZE;
	window_error = bpf_probe_read_kernel(window, size, (void *)window_at);
	return 0;
}

SEC("iter/task")
int tasks(struct task_iter *ctx)
{
	static const char line[] = "%lx\n";
	__u64 task = (__u64)ctx->task;

	if (task)
		bpf_seq_printf(ctx->meta->seq, line, sizeof(line), &task, sizeof(task));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
