/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's BTF as it lies in its file: checked once, then read in place. */
#include "source_kern_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BTF_BYTES (256u << 20)
#define MAX_MODIFIERS 64	/* typedefs of const of typedefs: more is a circle */

static void *map_file(int fd, size_t size)
{
	void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	return data == MAP_FAILED ? NULL : data;
}

static void *read_whole(int fd, size_t size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t len = 0;
	ssize_t n;

	if (data == MAP_FAILED)
		return NULL;
	while (len < size) {
		n = read(fd, data + len, size - len);
		if (n > 0) {
			len += (size_t)n;
		} else if (!n || errno != EINTR) {
			errno = n ? errno : EIO;
			munmap(data, size);
			return NULL;
		}
	}
	return data;
}

static int load(struct btf_view *v, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st)) {
		close(fd);
		return -1;
	}
	if (st.st_size < (off_t)sizeof(struct btf_header) || st.st_size > MAX_BTF_BYTES) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	v->size = (size_t)st.st_size;
	v->data = map_file(fd, v->size);
	if (!v->data)
		v->data = read_whole(fd, v->size);
	close(fd);
	return v->data ? 0 : -1;
}

/* Bytes of a type with all that follows it; 0 if its kind is unknown. */
static size_t type_bytes(const struct btf_type *t)
{
	size_t vlen = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(*t) + sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(*t) + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(*t) + vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*t) + vlen * 8;
	case BTF_KIND_ENUM64:
	case BTF_KIND_DATASEC:
		return sizeof(*t) + vlen * 12;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return sizeof(*t);
	}
	return 0;
}

/* After this, every type lies whole inside the file, and every string ends. */
static bool index_types(struct btf_view *v)
{
	const struct btf_header *h = v->data;
	size_t body = v->size, at = 0, bytes;

	if (h->magic != BTF_MAGIC || h->version != BTF_VERSION || h->hdr_len < sizeof(*h) ||
	    h->hdr_len > v->size || h->hdr_len % 4)
		return false;
	body -= h->hdr_len;
	if (h->type_off % 4 || h->type_off > body || h->type_len > body - h->type_off ||
	    h->str_off > body || h->str_len > body - h->str_off || !h->str_len)
		return false;
	v->types = (const char *)v->data + h->hdr_len + h->type_off;
	v->strings = (const char *)v->data + h->hdr_len + h->str_off;
	v->strings_len = h->str_len;
	if (v->strings[0] || v->strings[h->str_len - 1])
		return false;
	v->at = xcalloc(h->type_len / sizeof(struct btf_type) + 1, sizeof(*v->at));
	for (v->nr = 1; at + sizeof(struct btf_type) <= h->type_len; v->nr++, at += bytes) {
		v->at[v->nr] = (uint32_t)at;
		bytes = type_bytes((const struct btf_type *)(v->types + at));
		if (!bytes || bytes > h->type_len - at)
			return false;
	}
	return at == h->type_len;
}

int btf_view_open(struct btf_view *v, const char *path, struct error *err)
{
	memset(v, 0, sizeof(*v));
	if (load(v, path))
		return error_set(err, "cannot read %s: %s", path, strerror(errno));
	if (index_types(v))
		return 0;
	btf_view_close(v);
	return error_set(err, "%s is no BTF that can be read: it is damaged, or newer than this program",
			 path);
}

void btf_view_close(struct btf_view *v)
{
	if (v->data)
		munmap(v->data, v->size);
	free(v->at);
	memset(v, 0, sizeof(*v));
}

uint32_t btf_view_skip(const struct btf_view *v, uint32_t id)
{
	for (int i = 0; i < MAX_MODIFIERS; i++) {
		const struct btf_type *t = btf_view_type(v, id);

		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return id < v->nr ? id : 0;
		id = t->type;
	}
	return 0;
}
