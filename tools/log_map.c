/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "log.h"

static uint64_t mix(uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return key ^ key >> 29;
}

/* Where @key is, or would be. A value of 0 is a free place. */
static size_t place(const struct log_map *m, uint64_t key)
{
	size_t i = mix(key) & (m->room - 1);

	while (m->values[i] && m->keys[i] != key)
		i = (i + 1) & (m->room - 1);
	return i;
}

static void grow(struct log_map *m)
{
	struct log_map old = *m;

	m->room = old.room ? 2 * old.room : 64;
	m->keys = xcalloc(m->room, sizeof(*m->keys));
	m->values = xcalloc(m->room, sizeof(*m->values));
	for (size_t i = 0; i < old.room; i++) {
		size_t at;

		if (!old.values[i])
			continue;
		at = place(m, old.keys[i]);
		m->keys[at] = old.keys[i];
		m->values[at] = old.values[i];
	}
	free(old.keys);
	free(old.values);
}

size_t *map_at(struct log_map *m, uint64_t key)
{
	size_t at;

	if (2 * m->nr >= m->room)
		grow(m);
	at = place(m, key);
	if (!m->values[at]) {
		m->keys[at] = key;
		m->nr++;
	}
	return &m->values[at];
}

size_t map_get(const struct log_map *m, uint64_t key)
{
	return m->room ? m->values[place(m, key)] : 0;
}

void map_free(struct log_map *m)
{
	free(m->keys);
	free(m->values);
	*m = (struct log_map){ 0 };
}
