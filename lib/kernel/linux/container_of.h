/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/container_of.h - from a member to what it is in */
#ifndef WQ_LINUX_CONTAINER_OF_H
#define WQ_LINUX_CONTAINER_OF_H

#include <linux/compiler.h>
#include <linux/stddef.h>

/* A pointer of the wrong type is a warning (the comparison); C++ has no such check. */
#ifdef __cplusplus
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#else
#define container_of(ptr, type, member) \
	__extension__({ \
		void *__wq_member = (void *)(ptr); \
		(void)sizeof((ptr) == &((type *)0)->member); \
		((type *)((char *)__wq_member - offsetof(type, member))); \
	})
#endif
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#define typeof_member(type, member) __typeof__(((type *)0)->member)

#endif
