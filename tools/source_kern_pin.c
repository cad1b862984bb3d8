/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads bpf/pin.bpf.c and pins its iterators. */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bpf/pin.h"
#include "pin.h"

/* made by bpftool, which casts const away */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "pin_direct.skel.h"
#include "pin_probe.skel.h"
#pragma GCC diagnostic pop

_Static_assert((int)NR_PINS == (int)NR_PIN_FILES && PIN_BUSY == 3, "pin_names is in this order");

/* --- the programs --- */

struct pins {
	struct bpf_object *obj;
	struct bpf_program *prog[NR_PIN_FILES];
	void *skel;
	void (*destroy)(void *skel);
	struct walk_consts *walk;
	struct pin_consts *pin;
};

#define DEFINE_PINS(kind) \
	static void destroy_##kind(void *skel) \
	{ \
		pin_##kind##__destroy(skel); \
	} \
	static int open_##kind(struct pins *p, const struct bpf_object_open_opts *opts) \
	{ \
		struct pin_##kind *s = pin_##kind##__open_opts(opts); \
		if (!s) \
			return -1; \
		*p = (struct pins){ \
			.obj = s->obj, .skel = s, .destroy = destroy_##kind, \
			.walk = &s->rodata->c, .pin = &s->rodata->p, \
		}; \
		return 0; \
	}

DEFINE_PINS(direct)
DEFINE_PINS(probe)

/* Of each file there are two programs: with bpf_loop() and without. */
static int choose_programs(struct pins *p, bool loop)
{
	char name[32];

	for (int i = 0; i < NR_PIN_FILES; i++) {
		snprintf(name, sizeof(name), "%s_%s", pin_names[i], loop ? "loop" : "for");
		p->prog[i] = bpf_object__find_program_by_name(p->obj, name);
		if (!p->prog[i])
			return -1;
		bpf_program__set_autoload(p->prog[i], true);
	}
	return 0;
}

static int load(struct pins *p, const struct kern_btf *kb, const struct walk_consts *walk,
		const struct kern_root *root)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = VMLINUX_BTF);
	bool direct = kb->rdonly_cast_id && !walker_knob("probe");

	if (direct ? open_direct(p, &opts) : open_probe(p, &opts))
		return -1;
	*p->walk = *walk;
	*p->pin = (struct pin_consts){
		.head = root->head, .hz = root->hz, .has_snprintf = kb->has_snprintf,
		.manager_active = kb->pool_flag[POOL_MANAGER_ACTIVE_BIT],
		.disassociated = kb->pool_flag[POOL_DISASSOCIATED_BIT],
		.bh_draining = kb->pool_flag[POOL_BH_DRAINING_BIT],
	};
	if (choose_programs(p, kb->has_loop && !walker_knob("for")))
		return -1;
	return bpf_object__load(p->obj);
}

/* --- the files --- */

static int pin_file(const struct pins *p, const char *path, int file, bool public)
{
	union bpf_iter_link_info target = { 0 };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &target,
		    .link_info_len = sizeof(target));
	struct bpf_link *link;
	int rc;

	target.map.map_fd = (uint32_t)bpf_object__find_map_fd_by_name(p->obj, "turns");
	link = bpf_program__attach_iter(p->prog[file], &opts);
	if (!link)
		return -1;
	rc = bpf_link__pin(link, path);
	if (!rc && chmod(path, public ? 0444 : 0400)) {
		rc = -errno;
		unlink(path);
		errno = -rc;
	}
	bpf_link__destroy(link);
	return rc;
}

static int pin_files(const struct pins *p, const char *dir, bool public, struct error *err)
{
	for (int i = 0; i < NR_PIN_FILES; i++) {
		char *path = pin_path(dir, i);
		int rc = pin_file(p, path, i, public);

		if (rc)
			error_set(err, "cannot pin %s: %s", path, strerror(errno));
		free(path);
		if (rc) {
			pin_remove_files(dir);
			return -1;
		}
	}
	return 0;
}

static int make_files(const struct pins *p, const char *dir, bool public, struct error *err)
{
	if (mkdir(dir, 0700))
		return error_set(err, "cannot make the folder %s: %s%s", dir, strerror(errno),
				 errno == EACCES ? ": only the owner of the folder above can; run as "
				 "root, or name a folder in a BPF file system of yours" : "");
	if (pin_files(p, dir, public, err))
		return -1;
	if (public && chmod(dir, 0755)) {
		error_set(err, "cannot open %s to all: %s", dir, strerror(errno));
		pin_remove_files(dir);
		return -1;
	}
	return 0;
}

int kern_pin(const char *dir, bool public, bool verbose, struct error *err)
{
	struct kern_btf kb;
	struct walk_consts consts;
	struct kern_root root;
	struct pins p = { 0 };
	int rc = -1;

	if (pin_check_folder(dir, err) || kern_root_find(verbose, &kb, &consts, &root, err))
		return -1;
	if (load(&p, &kb, &consts, &root))
		error_set(err, "cannot load the programs of the files: %s", strerror(errno));
	else
		rc = make_files(&p, dir, public, err);
	if (p.skel)
		p.destroy(p.skel);
	return rc;
}
