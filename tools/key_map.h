/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key_map.h - numbers by key: rows by address, thread ids by those of a namespace */
#ifndef WQKIT_KEY_MAP_H
#define WQKIT_KEY_MAP_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty one. */
struct key_map {
	uint64_t *key;
	uint32_t *value;
	size_t mask, nr;
};

#define KEY_MAP_NONE UINT32_MAX	/* no value of any key */

/* A key of 0 is no key. The last value of a key stays. */
void key_map_set(struct key_map *m, uint64_t key, uint32_t value);
/* The first value of a key stays. */
void key_map_put(struct key_map *m, uint64_t key, uint32_t value);
/* Its value, or KEY_MAP_NONE. */
uint32_t key_map_get(const struct key_map *m, uint64_t key);
void key_map_free(struct key_map *m);

#endif
