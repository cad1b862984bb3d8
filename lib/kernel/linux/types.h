/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/types.h - the kernel's names of integers, and small structs
 *
 * Goes on to the header of the same name in /usr/include/linux (__u8 ... __be64), which libc's
 * headers may have meant; therefore it has as little as it can, and few macros. Not here: dev_t,
 * mode_t, off_t and time_t, which differ from libc's.
 */
#ifndef WQ_LINUX_TYPES_H
#define WQ_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wq/types.h>		/* list_head, atomic_t, rcu_head */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned short ushort;

/* As libc has them, which may come later. */
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef __INT64_TYPE__ loff_t;

typedef unsigned int gfp_t;
typedef unsigned int fmode_t;
typedef unsigned short umode_t;
typedef u64 sector_t;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef u64 resource_size_t;

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#endif

#pragma GCC system_header
#include_next <linux/types.h>
