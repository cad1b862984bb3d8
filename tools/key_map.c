/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers by key: open hashing. */
#include "key_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "util.h"

/* Keys may come from a hostile program: which ones meet must not be for it to choose. */
static uint64_t secret(void)
{
	static uint64_t number;

	if (!number) {
		const void *random = (const void *)getauxval(AT_RANDOM);

		if (random)
			memcpy(&number, random, sizeof(number));
		number |= 1;
	}
	return number;
}

static size_t slot_of(const struct key_map *m, uint64_t key)
{
	uint64_t mixed = (key ^ key >> 29) * secret();
	size_t i = (size_t)(mixed ^ mixed >> 32) & m->mask;

	while (m->key[i] && m->key[i] != key)
		i = (i + 1) & m->mask;
	return i;
}

static void map_resize(struct key_map *m, size_t size)
{
	struct key_map old = *m;

	m->key = xcalloc(size, sizeof(*m->key));
	m->value = xcalloc(size, sizeof(*m->value));
	m->mask = size - 1;
	for (size_t i = 0; old.key && i <= old.mask; i++) {
		if (old.key[i]) {
			size_t at = slot_of(m, old.key[i]);

			m->key[at] = old.key[i];
			m->value[at] = old.value[i];
		}
	}
	free(old.key);
	free(old.value);
}

/* Where @key is, or is to be; its slot's key is 0 then. */
static size_t slot_for(struct key_map *m, uint64_t key)
{
	if (!m->key || m->nr * 2 > m->mask)
		map_resize(m, m->key ? (m->mask + 1) * 2 : 64);
	return slot_of(m, key);
}

void key_map_set(struct key_map *m, uint64_t key, uint32_t value)
{
	size_t i;

	if (!key)
		return;
	i = slot_for(m, key);
	m->nr += !m->key[i];
	m->key[i] = key;
	m->value[i] = value;
}

void key_map_put(struct key_map *m, uint64_t key, uint32_t value)
{
	if (key_map_get(m, key) == KEY_MAP_NONE)
		key_map_set(m, key, value);
}

uint32_t key_map_get(const struct key_map *m, uint64_t key)
{
	size_t i;

	if (!m->key || !key)
		return KEY_MAP_NONE;
	i = slot_of(m, key);
	return m->key[i] ? m->value[i] : KEY_MAP_NONE;
}

void key_map_free(struct key_map *m)
{
	free(m->key);
	free(m->value);
	*m = (struct key_map){ .nr = 0 };
}
