/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel calls and numbers things: one pass over its BTF. */
#include "source_kern.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"

/* What the pass looks for besides flags. */
struct found {
	const struct btf_view *view;
	struct kern_btf *kb;
	uint32_t pwq_shift, flag_bits;		/* newer and older name of the same */
	int64_t timer_bases, worker_pools;	/* offsets in the per-CPU section; -1 */
	uint32_t timer_bases_size, timer_base_size;
};

static void set_flag(uint32_t *flags, enum unit unit, const char *name, uint32_t value)
{
	const char *const *names = unit_names(unit);

	for (unsigned int bit = 0; names[bit]; bit++) {
		const char *prefix = set_prefix(unit, bit);
		size_t n = strlen(prefix);

		if (!strncmp(name, prefix, n) && !strcmp(name + n, names[bit]))
			flags[bit] = value;
	}
}

static void see_scope(struct kern_btf *kb, const char *name, uint32_t value)
{
	char *to;

	if (value >= MAX_SCOPES || !strcmp(name, "NR_TYPES"))
		return;
	to = kb->scope[value];
	snprintf(to, sizeof(kb->scope[0]), "%s", strcmp(name, "DFL") ? name : "default");
	for (; *to; to++)
		*to = (char)tolower((unsigned char)*to);
}

static void see_enumerator(struct found *f, const char *name, uint32_t value)
{
	if (!strncmp(name, "WQ_AFFN_", 8))
		see_scope(f->kb, name + 8, value);
	else if (!strncmp(name, "WQ_", 3) || !strncmp(name, "__WQ_", 5))
		set_flag(f->kb->wq_flag, UNIT_WQ_FLAGS, name, value);
	else if (!strncmp(name, "POOL_", 5))
		set_flag(f->kb->pool_flag, UNIT_POOL_FLAGS, name, value);
	else if (!strcmp(name, "WORK_STRUCT_PWQ_SHIFT"))
		f->pwq_shift = value;
	else if (!strcmp(name, "WORK_STRUCT_FLAG_BITS"))
		f->flag_bits = value;
	else if (!strcmp(name, "BPF_FUNC_loop"))
		f->kb->has_loop = true;
	else if (!strcmp(name, "BPF_FUNC_snprintf"))
		f->kb->has_snprintf = true;
}

static void see_enum(struct found *f, const struct btf_type *t)
{
	const struct btf_enum *e = btf_enum(t);

	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf_view_str(f->view, e[i].name_off);

		if (*name == 'W' || *name == '_' || *name == 'P' || *name == 'B')
			see_enumerator(f, name, (uint32_t)e[i].val);
	}
}

static void see_percpu_section(struct found *f, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_var_secinfos(t);

	if (strcmp(btf_view_name(f->view, t), ".data..percpu"))
		return;
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf_view_type(f->view, v[i].type);
		const char *name = btf_view_name(f->view, var);

		if (!strcmp(name, "timer_bases")) {
			f->timer_bases = v[i].offset;
			f->timer_bases_size = v[i].size;
		} else if (!strcmp(name, "cpu_worker_pools")) {
			f->worker_pools = v[i].offset;
		}
	}
}

static const struct btf_type *member_type(const struct btf_view *v, const struct btf_type *t,
					  const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf_view_str(v, m[i].name_off), name))
			return btf_view_type(v, btf_view_skip(v, m[i].type));
	return NULL;
}

static void see_struct(struct found *f, const struct btf_type *t)
{
	const char *name = btf_view_name(f->view, t);
	const struct btf_type *member;

	if (!strcmp(name, "pool_workqueue"))
		f->kb->has_inactive = member_type(f->view, t, "inactive_works") != NULL;
	if (strcmp(name, "timer_base"))
		return;
	f->timer_base_size = t->size;
	member = member_type(f->view, t, "pending_map");
	if (member && btf_is_array(member))
		f->kb->consts.timer_words = btf_array(member)->nelems;
}

static void see_type(struct found *f, uint32_t id)
{
	const struct btf_type *t = btf_view_type(f->view, id);

	switch (btf_kind(t)) {
	case BTF_KIND_ENUM:
		see_enum(f, t);
		break;
	case BTF_KIND_DATASEC:
		see_percpu_section(f, t);
		break;
	case BTF_KIND_STRUCT:
		see_struct(f, t);
		break;
	case BTF_KIND_FUNC:
		if (!strcmp(btf_view_name(f->view, t), "bpf_rdonly_cast"))
			f->kb->rdonly_cast_id = id;
		break;
	}
}

static void conclude(const struct found *f)
{
	struct walk_consts *c = &f->kb->consts;
	uint32_t shift = f->pwq_shift ? f->pwq_shift : f->flag_bits ? f->flag_bits : 8;
	long nr_cpus = sysconf(_SC_NPROCESSORS_CONF);

	c->wq_unbound = f->kb->wq_flag[WQ_UNBOUND_BIT];
	c->pool_bh = f->kb->pool_flag[POOL_BH_BIT];
	c->pwq_mask = ~((1ull << shift) - 1);
	c->mask_words = (uint32_t)((nr_cpus + 63) / 64);
	c->nr_pools = (uint32_t)nr_cpus * 4 + 4096;
	if (f->timer_bases >= 0 && f->worker_pools >= 0 && f->timer_base_size && c->timer_words) {
		c->timer_delta = f->timer_bases - f->worker_pools;
		c->nr_timer_bases = f->timer_bases_size / f->timer_base_size;
	}
}

/*
 * BTF from before 5.12 or so has no variables. There /proc/kallsyms tells the
 * offsets, to whoever may see them, and the next symbol the size.
 */
static void see_symbols(struct found *f)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[256], name[128];
	unsigned long long at;
	bool in_timer_bases = false;

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%llx %*c %127s", &at, name) != 2 || at > INT32_MAX)
			break;		/* per-CPU symbols come first */
		if (in_timer_bases && at > (uint64_t)f->timer_bases) {
			f->timer_bases_size = (uint32_t)(at - (uint64_t)f->timer_bases);
			in_timer_bases = false;
		}
		if (!strcmp(name, "timer_bases")) {
			f->timer_bases = (int64_t)at;
			in_timer_bases = true;
		} else if (!strcmp(name, "cpu_worker_pools")) {
			f->worker_pools = (int64_t)at;
		}
	}
	if (symbols)
		fclose(symbols);
}

int kern_btf_read(struct kern_btf *kb, const char *path, struct error *err)
{
	struct found f = { .kb = kb, .view = &kb->view, .timer_bases = -1, .worker_pools = -1 };

	memset(kb, 0, sizeof(*kb));
	kb->path = path;
	if (access(path, F_OK))
		return error_set(err, "this kernel has no BTF (%s): it was built without "
				 "CONFIG_DEBUG_INFO_BTF; use a kernel that has it, as Debian's do", path);
	if (btf_view_open(&kb->view, path, err))
		return -1;
	for (uint32_t id = 1; id < kb->view.nr; id++)
		see_type(&f, id);
	if (f.timer_bases < 0)
		see_symbols(&f);
	conclude(&f);
	if (kb->consts.wq_unbound)
		return 0;
	kern_btf_close(kb);
	return error_set(err, "%s does not tell the workqueue flags: this kernel is not one that can be "
			 "read", path);
}

void kern_btf_close(struct kern_btf *kb)
{
	btf_view_close(&kb->view);
}
