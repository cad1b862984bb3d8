/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little of the kernel's BTF that one BPF object needs.
 *
 * Candidates for a relocation are the kernel's types of the same name and kind:
 * all of these are kept, so that libbpf decides as it would with the whole. Of
 * their members, and of those of structs inside them, those are kept whose name
 * is the name of any member in the object's own BTF. Pointers lose their type,
 * which relocations do not look at.
 */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../bpf/cast.h"

#define MAX_NESTING 32

struct root {
	const char *name;
	size_t len;		/* without the flavour, ___name */
	bool is_union, is_enum;
};

struct minimal {
	const struct btf_view *view;
	struct btf *out;
	int *made;		/* by the kernel's id: the id in out, or 0 */
	struct root *roots;	/* what the object names */
	size_t nr_roots, roots_room;
	const char **members;	/* sorted */
	size_t nr_members, members_room;
	uint32_t *found;	/* the kernel's ids of roots */
	size_t nr_found, found_room;
	int nesting, pointer;
	bool failed;
};

/* --- what the object names --- */

/* As libbpf: "worker___old" is a flavour of "worker". */
static size_t essential_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour > name ? (size_t)(flavour - name) : strlen(name);
}

static bool is_kind(const struct root *r, const struct btf_type *t)
{
	return r->is_enum ? btf_is_any_enum(t) : r->is_union ? btf_is_union(t) : btf_is_struct(t);
}

static void add_root(struct minimal *m, const char *name, const struct btf_type *t)
{
	struct root *r;

	if (!*name)
		return;
	m->roots = xgrow(m->roots, m->nr_roots, &m->roots_room, sizeof(*m->roots));
	r = &m->roots[m->nr_roots++];
	r->name = name;
	r->len = essential_len(name);
	r->is_union = btf_is_union(t);
	r->is_enum = btf_is_any_enum(t);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_local(struct minimal *m, const struct btf *local)
{
	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);

		if (!btf_is_composite(t) && !btf_is_any_enum(t))
			continue;
		add_root(m, btf__name_by_offset(local, t->name_off), t);
		for (int i = 0; btf_is_composite(t) && i < btf_vlen(t); i++) {
			m->members = xgrow(m->members, m->nr_members, &m->members_room,
					   sizeof(*m->members));
			m->members[m->nr_members++] =
				btf__name_by_offset(local, btf_members(t)[i].name_off);
		}
	}
	if (m->nr_members)
		qsort(m->members, m->nr_members, sizeof(*m->members), compare_names);
}

static bool is_root(const struct minimal *m, const struct btf_type *t)
{
	const char *name = btf_view_name(m->view, t);
	size_t len = essential_len(name);

	for (size_t i = 0; i < m->nr_roots; i++) {
		const struct root *r = &m->roots[i];

		if (r->len == len && is_kind(r, t) && !memcmp(r->name, name, len))
			return true;
	}
	return false;
}

/* --- copying types --- */

static int keep(struct minimal *m, int result)
{
	if (result >= 0)
		return result;
	errno = -result;
	m->failed = true;
	return 0;
}

static bool is_wanted(const struct minimal *m, const struct btf_member *member)
{
	const char *name = btf_view_str(m->view, member->name_off);

	if (!*name)
		return btf_is_composite(btf_view_type(m->view, btf_view_skip(m->view, member->type)));
	return m->nr_members &&
	       bsearch(&name, m->members, m->nr_members, sizeof(name), compare_names);
}

static int make(struct minimal *m, uint32_t id);

static int make_composite(struct minimal *m, const struct btf_type *t)
{
	const char *name = btf_view_name(m->view, t);
	const struct btf_member *from = btf_members(t);
	int id;

	for (int i = 0; i < btf_vlen(t); i++)
		if (is_wanted(m, &from[i]))
			make(m, from[i].type);
	id = keep(m, btf_is_union(t) ? btf__add_union(m->out, name, t->size) :
				       btf__add_struct(m->out, name, t->size));
	for (int i = 0; i < btf_vlen(t) && !m->failed; i++) {
		if (!is_wanted(m, &from[i]))
			continue;
		keep(m, btf__add_field(m->out, btf_view_str(m->view, from[i].name_off),
				       m->made[btf_view_skip(m->view, from[i].type)],
				       btf_member_bit_offset(t, (uint32_t)i),
				       btf_member_bitfield_size(t, (uint32_t)i)));
	}
	return id;
}

static int make_enum(struct minimal *m, const struct btf_type *t)
{
	const struct btf_enum *e = btf_enum(t);
	int id = keep(m, btf__add_enum(m->out, btf_view_name(m->view, t), t->size));

	for (int i = 0; i < btf_vlen(t) && !m->failed; i++)
		keep(m, btf__add_enum_value(m->out, btf_view_str(m->view, e[i].name_off),
					    btf_kflag(t) ? (int64_t)e[i].val : (uint32_t)e[i].val));
	return id;
}

static int make_enum64(struct minimal *m, const struct btf_type *t)
{
	const struct btf_enum64 *e = btf_enum64(t);
	int id = keep(m, btf__add_enum64(m->out, btf_view_name(m->view, t), t->size, btf_kflag(t)));

	for (int i = 0; i < btf_vlen(t) && !m->failed; i++)
		keep(m, btf__add_enum64_value(m->out, btf_view_str(m->view, e[i].name_off),
					      btf_enum64_value(&e[i])));
	return id;
}

static int make_kind(struct minimal *m, const struct btf_type *t)
{
	const char *name = btf_view_name(m->view, t);
	const struct btf_array *a;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		/* Parts of an int were bit-fields before kernels 5.x; such are not read here. */
		if (btf_int_offset(t) || btf_int_bits(t) > t->size * 8)
			return -EOPNOTSUPP;
		return btf__add_int(m->out, name, t->size, btf_int_encoding(t));
	case BTF_KIND_FLOAT:
		return btf__add_float(m->out, name, t->size);
	case BTF_KIND_PTR:
		if (!m->pointer)
			m->pointer = btf__add_ptr(m->out, 0);
		return m->pointer;
	case BTF_KIND_ARRAY:
		a = btf_array(t);
		return btf__add_array(m->out, 0, make(m, a->type), a->nelems);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return make_composite(m, t);
	case BTF_KIND_ENUM:
		return make_enum(m, t);
	case BTF_KIND_ENUM64:
		return make_enum64(m, t);
	}
	return -EINVAL;		/* nothing else is part of a struct */
}

/* Makes @id, and what it consists of, once. Returns its id in out; 0 if that fails. */
static int make(struct minimal *m, uint32_t id)
{
	id = btf_view_skip(m->view, id);
	if (!id || m->made[id] || m->failed)
		return m->made[id];
	m->nesting++;
	m->made[id] = keep(m, m->nesting > MAX_NESTING ? -ELOOP :
			   make_kind(m, btf_view_type(m->view, id)));
	m->nesting--;
	return m->made[id];
}

static void make_roots(struct minimal *m)
{
	for (uint32_t id = 1; id < m->view->nr && !m->failed; id++) {
		const struct btf_type *t = btf_view_type(m->view, id);

		if ((!btf_is_composite(t) && !btf_is_any_enum(t)) || !t->name_off || !is_root(m, t))
			continue;
		make(m, id);
		m->found = xgrow(m->found, m->nr_found, &m->found_room, sizeof(*m->found));
		m->found[m->nr_found++] = id;
	}
}

/* --- the kernel's numbers --- */

/* Of several structs of that name, the one with most of what we read. */
static uint32_t id_of(const struct minimal *m, const char *name)
{
	size_t len = essential_len(name);
	uint32_t best = 0;
	int most = -1;

	for (size_t i = 0; i < m->nr_found; i++) {
		const struct btf_type *t = btf_view_type(m->view, m->found[i]);
		const char *other = btf_view_name(m->view, t);
		int members = btf_vlen(btf__type_by_id(m->out, (uint32_t)m->made[m->found[i]]));

		if (btf_is_struct(t) && essential_len(other) == len && !memcmp(other, name, len) &&
		    members > most) {
			best = m->found[i];
			most = members;
		}
	}
	return best;
}

static void make_ids(struct minimal *m, const struct btf *local)
{
	int id = btf__find_by_name_kind(local, "kernel_type_id", BTF_KIND_ENUM);
	const struct btf_type *t = id > 0 ? btf__type_by_id(local, (uint32_t)id) : NULL;

	if (!t || m->failed)
		return;
	keep(m, btf__add_enum(m->out, "kernel_type_id", 4));
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(local, btf_enum(t)[i].name_off);
		uint32_t value = id_of(m, name + strlen("ID_"));

		if (value)
			keep(m, btf__add_enum_value(m->out, name, value));
	}
}

struct btf *kern_btf_minimal(struct kern_btf *kb, const struct btf *local)
{
	struct minimal m = { .view = &kb->view };
	struct error err;

	if (!kb->view.data && btf_view_open(&kb->view, kb->path, &err))
		return NULL;
	m.out = btf__new_empty();
	if (!m.out)
		return NULL;
	m.made = xcalloc(kb->view.nr + 1, sizeof(*m.made));
	read_local(&m, local);
	make_roots(&m);
	make_ids(&m, local);
	free(m.made);
	free(m.roots);
	free(m.members);
	free(m.found);
	if (!m.failed)
		return m.out;
	btf__free(m.out);
	return NULL;
}

/* --- bpf_rdonly_cast() --- */

/* libbpf calls this when a program is relocated, just before it is loaded. */
static int set_casts(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cast_id)
{
	size_t nr = bpf_program__insn_cnt(prog);
	struct bpf_insn *insns = xcalloc(nr, sizeof(*insns));
	int err;

	(void)opts;
	memcpy(insns, bpf_program__insns(prog), nr * sizeof(*insns));
	for (size_t i = 0; i < nr; i++) {
		struct bpf_insn *in = &insns[i];

		if (in->code == (BPF_JMP | BPF_CALL) && !in->src_reg && in->imm == CAST_CALL) {
			in->src_reg = BPF_PSEUDO_KFUNC_CALL;
			in->imm = (int)cast_id;
		}
	}
	err = bpf_program__set_insns(prog, insns, nr);
	free(insns);
	return err;
}

/* libbpf's own handler has more forms of the name: none that we use. */
static int attach_raw_tp(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	const char *name = strchr(bpf_program__section_name(prog), '/');

	(void)cookie;
	*link = bpf_program__attach_raw_tracepoint(prog, name ? name + 1 : "");
	return *link ? 0 : -errno;
}

/* For all objects with SEC("raw_tp") or SEC("raw_tp/...") that are opened from now on. */
static bool allow_casts(const struct kern_btf *kb)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = set_casts,
		    .prog_attach_fn = attach_raw_tp, .cookie = kb->rdonly_cast_id);
	static int handler = -1;

	/* Once: libbpf moves its handlers when one is added, under the programs that use them. */
	if (handler < 0)
		handler = libbpf_register_prog_handler("raw_tp+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &opts);
	return handler >= 0;
}

/* --- the file --- */

static void close_file(struct kern_core *core)
{
	if (core->fd >= 0)
		close(core->fd);
	core->fd = -1;
}

void kern_core_begin(struct kern_core *core, const struct kern_btf *kb)
{
	core->fd = memfd_create("wqkit-btf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	snprintf(core->path, sizeof(core->path), "/proc/self/fd/%d", core->fd);
	if (core->fd < 0 || access(core->path, R_OK)) {
		close_file(core);
		snprintf(core->path, sizeof(core->path), VMLINUX_BTF);
	}
	core->casts = kb->rdonly_cast_id && core->fd >= 0 && !walker_knob("probe") && allow_casts(kb);
}

int kern_core_fill(const struct kern_core *core, struct kern_btf *kb, const struct btf *local)
{
	struct btf *btf;
	const void *data;
	uint32_t size;
	ssize_t n;

	if (core->fd < 0)
		return 0;
	btf = kern_btf_minimal(kb, local);
	if (!btf)
		return -1;
	data = btf__raw_data(btf, &size);
	n = data ? write(core->fd, data, size) : -1;
	btf__free(btf);
	if (n != (ssize_t)size)
		return -1;
	return fcntl(core->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

void kern_core_end(struct kern_core *core, struct kern_btf *kb)
{
	int saved = errno;

	close_file(core);
	kern_btf_close(kb);
	errno = saved;
}
