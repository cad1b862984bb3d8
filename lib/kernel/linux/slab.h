/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/slab.h - memory: libc's malloc() under the kernel's names
 *
 * Sanitizers and malloc libraries see every block. GFP flags other than __GFP_ZERO do not matter:
 * no allocation fails because it may not sleep. Not here: __GFP_NOFAIL, devm_*, ksize().
 */
#ifndef WQ_LINUX_SLAB_H
#define WQ_LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/types.h>

static inline void *kmalloc(size_t size, gfp_t flags)
{
	return flags & __GFP_ZERO ? __builtin_calloc(1, size) : __builtin_malloc(size);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

/* NULL as well if @n times @size is more than there can be. */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kmalloc(bytes, flags);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

/* Bytes that are new are not zeroed, even with __GFP_ZERO. */
static inline void *krealloc(const void *p, size_t size, gfp_t flags)
{
	(void)flags;
	return __builtin_realloc((void *)(size_t)p, size);
}

static inline void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : krealloc(p, bytes, flags);
}

static inline void kfree(const void *p)
{
	__builtin_free((void *)(size_t)p);
}

#define kmalloc_node(size, flags, node) ((void)(node), kmalloc(size, flags))
#define kzalloc_node(size, flags, node) ((void)(node), kzalloc(size, flags))

#define kvmalloc kmalloc
#define kvzalloc kzalloc
#define kvmalloc_array kmalloc_array
#define kvcalloc kcalloc
#define kvfree kfree

/*
 * Caches of objects of one size. There is no cache: each object is a block of its own, so that
 * sanitizers see it. kmem_cache_destroy() warns of objects that are still in use.
 */
struct kmem_cache;

#define SLAB_HWCACHE_ALIGN 0x00002000u
#define SLAB_PANIC 0x00040000u
#define SLAB_RECLAIM_ACCOUNT 0x00020000u
#define SLAB_ACCOUNT 0x04000000u
typedef unsigned int slab_flags_t;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *))
	WQ_SYMBOL(kmem_cache_create);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags) WQ_SYMBOL(kmem_cache_alloc);
void kmem_cache_free(struct kmem_cache *cache, void *object) WQ_SYMBOL(kmem_cache_free);
void kmem_cache_destroy(struct kmem_cache *cache) WQ_SYMBOL(kmem_cache_destroy);

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags)
{
	return kmem_cache_alloc(cache, flags | __GFP_ZERO);
}

#define KMEM_CACHE(type, flags) \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)

#endif
