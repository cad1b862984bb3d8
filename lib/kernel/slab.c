/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slab.c - caches of objects: a size, a constructor and a count of what is in use */
#include <errno.h>
#include <stdlib.h>

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/slab.h>
#include <linux/string.h>

struct kmem_cache {
	size_t size, align;
	void (*ctor)(void *object);
	atomic_long_t nr_in_use;
	char name[];
};

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = kzalloc(sizeof(*cache) + strlen(name) + 1, GFP_KERNEL);

	if (!cache)
		return NULL;
	cache->size = size;
	cache->align = flags & SLAB_HWCACHE_ALIGN && align < 64 ? 64 : align;
	cache->ctor = ctor;
	strcpy(cache->name, name);
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags)
{
	void *object = NULL;

	if (cache->align <= 2 * sizeof(void *))
		object = malloc(cache->size);
	else if (posix_memalign(&object, cache->align, cache->size))
		object = NULL;
	if (!object)
		return NULL;
	atomic_long_inc(&cache->nr_in_use);
	if (flags & __GFP_ZERO)
		memset(object, 0, cache->size);
	if (cache->ctor)
		cache->ctor(object);
	return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (!object)
		return;
	atomic_long_dec(&cache->nr_in_use);
	free(object);
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (!cache)
		return;
	WARN(atomic_long_read(&cache->nr_in_use), "kmem_cache_destroy %s: Slab cache still has objects",
	     cache->name);
	kfree(cache);
}
