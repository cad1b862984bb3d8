/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_kern_view.h - the kernel's BTF as it lies in its file
 *
 * libbpf copies the 5 to 10 MB twice and reads them 4 KB at a time; that was a
 * third of a command's time. Here they are mapped where the kernel can do that
 * (6.16), else read once. Nothing that is in there is trusted.
 */
#ifndef WQKIT_SOURCE_KERN_VIEW_H
#define WQKIT_SOURCE_KERN_VIEW_H

#include <bpf/btf.h>

#include "util.h"

struct btf_view {
	void *data;
	size_t size;
	const char *strings;
	uint32_t strings_len;
	const char *types;
	uint32_t *at;		/* offsets in types, by id; at[0] is not used */
	uint32_t nr;		/* ids are below */
};

int btf_view_open(struct btf_view *v, const char *path, struct error *err);
void btf_view_close(struct btf_view *v);

/* Never NULL: ids that are not there, and 0, are void; names likewise "". */
static inline const struct btf_type *btf_view_type(const struct btf_view *v, uint32_t id)
{
	static const struct btf_type none;

	return id && id < v->nr ? (const struct btf_type *)(v->types + v->at[id]) : &none;
}

static inline const char *btf_view_str(const struct btf_view *v, uint32_t offset)
{
	return offset < v->strings_len ? v->strings + offset : "";
}

/* What @id is without typedefs, const and the like; 0 where there is no such type. */
uint32_t btf_view_skip(const struct btf_view *v, uint32_t id);

static inline const char *btf_view_name(const struct btf_view *v, const struct btf_type *t)
{
	return btf_view_str(v, t->name_off);
}

#endif
