/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cast.h - contract [1], private half: bpf_rdonly_cast() without libbpf's help
 *
 * As a __ksym it would make libbpf parse all of the kernel's BTF to find its
 * number, and bpf_core_type_id_kernel() would need all of it too. So programs
 * call helper CAST_CALL, which no kernel has, and tools/source_kern_core.c
 * turns that into the call of the kernel's function. It also tells the kernel's
 * numbers of structs, as the values of an enum that CO-RE looks up.
 */
#ifndef WQKIT_CAST_H
#define WQKIT_CAST_H

#define CAST_CALL 0x77710001

/* ID_x stands for struct x, as LOAD() names it; the value is the running kernel's. */
enum kernel_type_id {
	ID_list_head = 1,
	ID_hlist_node,
	ID_task_struct,
	ID_kthread,
	ID_work_struct,
	ID_timer_list,
	ID_delayed_work,
	ID_workqueue_attrs,
	ID_worker,
	ID_worker_pool,
	ID_worker_pool___atomic,
	ID_worker_pool___progress,
	ID_pool_workqueue,
	ID_swait_queue,
	ID_wq_flusher,
	ID_wq_barrier,
	ID_wq_node_nr_active,
	ID_workqueue_struct,
	ID_workqueue_struct___attrs,
};

#endif
