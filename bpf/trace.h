/* SPDX-License-Identifier: GPL-2.0-only */
/* trace.h - contract [1], private half: the stream of bpf/trace.bpf.c */
#ifndef WQKIT_TRACE_H
#define WQKIT_TRACE_H

enum trace_type { TRACE_QUEUE, TRACE_ACTIVATE, TRACE_START, TRACE_END };

struct trace_event {
	unsigned long long mono_ns, work, func;
	unsigned int cpu, type;		/* type: enum trace_type */
	int pid;			/* of the task that it happened in */
	int req_cpu, pool_cpu, pool;	/* pool: -1 if unknown; the CPUs: TRACE_QUEUE */
	char comm[16];
	char workqueue[32];		/* empty if unknown */
};

#endif
