/* SPDX-License-Identifier: GPL-2.0-only */
/* trace.bpf.c - the four workqueue events, one by one, through a ring buffer */
#include "read.h"
#include "kernel.h"
#include "fields.h"
#include "trace.h"

char LICENSE[] SEC("license") = "GPL";

unsigned long long lost;	/* the ring buffer was full */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);	/* user space sets it */
} events SEC(".maps");

static __always_inline struct trace_event *begin(u32 type, u64 work, u64 func)
{
	struct trace_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	e->mono_ns = bpf_ktime_get_ns();
	e->work = work;
	e->func = func;
	e->cpu = bpf_get_smp_processor_id();
	e->type = type;
	e->pid = bpf_get_current_pid_tgid();
	e->req_cpu = e->pool_cpu = e->pool = -1;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->workqueue[0] = 0;
	return e;
}

SEC("raw_tp/workqueue_queue_work")
int trace_queue(struct bpf_raw_tracepoint_args *ctx)
{
	u64 pwq = ctx->args[1], work = ctx->args[2], pool = LOADP(pool_workqueue, pwq, pool);
	struct trace_event *e = begin(TRACE_QUEUE, work, LOADP(work_struct, work, func));

	if (!e)
		return 0;
	e->req_cpu = (int)ctx->args[0];
	e->pool_cpu = LOAD(worker_pool, pool, cpu);
	e->pool = LOAD(worker_pool, pool, id);
	read_wq_name(e->workqueue, LOADP(pool_workqueue, pwq, wq));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("raw_tp/workqueue_activate_work")
int trace_activate(struct bpf_raw_tracepoint_args *ctx)
{
	u64 work = ctx->args[0];
	struct trace_event *e = begin(TRACE_ACTIVATE, work, LOADP(work_struct, work, func));

	if (e)
		bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline int trace_execution(u32 type, u64 work, u64 func)
{
	struct trace_event *e = begin(type, work, func);
	u64 pwq;

	if (!e)
		return 0;
	pwq = current_pwq(work);
	if (pwq) {
		e->pool = LOAD(worker_pool, LOADP(pool_workqueue, pwq, pool), id);
		read_wq_name(e->workqueue, LOADP(pool_workqueue, pwq, wq));
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("raw_tp/workqueue_execute_start")
int trace_start(struct bpf_raw_tracepoint_args *ctx)
{
	u64 work = ctx->args[0];

	return trace_execution(TRACE_START, work, LOADP(work_struct, work, func));
}

SEC("raw_tp/workqueue_execute_end")
int trace_end(struct bpf_raw_tracepoint_args *ctx)
{
	return trace_execution(TRACE_END, ctx->args[0], ctx->args[1]);
}
