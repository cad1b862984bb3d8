/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * read.h - reading kernel memory at an address that may be stale
 *
 * LOAD() reads a field of the struct at an address; a bad address gives zeros.
 * Where the kernel has bpf_rdonly_cast() (6.2), that is one load instruction
 * (WALK_DIRECT, WALK_KFUNC); elsewhere it is a call of bpf_probe_read_kernel(). Addresses
 * are plain numbers, so that nothing depends on what the verifier thinks of
 * pointers.
 */
#ifndef WQKIT_READ_H
#define WQKIT_READ_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "cast.h"

typedef unsigned long long u64;
typedef unsigned int u32;

/* The address of a field. */
#define ADDR(type, addr, field) ((u64)(addr) + bpf_core_field_offset(struct type, field))
/* The struct whose field is at an address. */
#define CONTAINER(type, addr, field) ((u64)(addr) - bpf_core_field_offset(struct type, field))
#define EXISTS(type, field) bpf_core_field_exists(struct type, field)

#ifdef WALK_DIRECT
static void *(*rdonly_cast)(u64 addr, u64 type_id) = (void *)CAST_CALL;
#define CAST(type, addr) \
	((struct type *)rdonly_cast(addr, bpf_core_enum_value(enum kernel_type_id, ID_##type)))
#elif defined(WALK_KFUNC)	/* libbpf's way: slow to load, but for every type of program */
extern void *bpf_rdonly_cast(const void *obj, __u32 type_id) __ksym;
#define CAST(type, addr) \
	((struct type *)bpf_rdonly_cast((void *)(addr), bpf_core_type_id_kernel(struct type)))
#endif

#ifdef CAST
#define LOAD(type, addr, field) (CAST(type, addr)->field)
/*
 * A pointer field as a number. Read as the `long` of some struct, since the
 * verifier allows no arithmetic with what it knows to be a pointer.
 */
#define LOADP(type, addr, field) \
	((u64)CAST(work_struct, ADDR(type, addr, field))->data.counter)
#else
#define LOAD(type, addr, field) \
	({ \
		u64 __addr = (u64)(addr);	/* apart: CO-RE relocates all that it sees */ \
		typeof(((struct type *)0)->field) __value = 0; \
		bpf_core_read(&__value, sizeof(__value), &((struct type *)__addr)->field); \
		__value; \
	})
#define LOADP(type, addr, field) ((u64)LOAD(type, addr, field))
#endif

/* The number of the lowest bit of a word that is not 0. */
static __always_inline u32 lowest_bit(u64 word)
{
	u32 nr = 0;

	for (int shift = 32; shift; shift /= 2) {
		if (!(word & ((1ULL << shift) - 1))) {
			word >>= shift;
			nr += shift;
		}
	}
	return nr;
}

#endif
