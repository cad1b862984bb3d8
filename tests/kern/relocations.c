/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relocations [BTF...]: libbpf relocates every program of our BPF objects to
 * the same instructions with the BTF that we make as with the kernel's whole
 * BTF. No program is loaded, so any kernel's BTF will do.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/source_kern.h"
#include "../../tools/source_kern_events.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "events_direct.skel.h"
#include "events_probe.skel.h"
#include "trace_probe.skel.h"
#include "walk_direct.skel.h"
#include "walk_probe.skel.h"
#pragma GCC diagnostic pop

static const struct {
	const char *name;
	const void *(*elf)(size_t *size);
} objects[] = {
	{ "walk_direct", walk_direct__elf_bytes },
	{ "walk_probe", walk_probe__elf_bytes },
	{ "events_direct", events_direct__elf_bytes },
	{ "events_probe", events_probe__elf_bytes },
	{ "trace_probe", trace_probe__elf_bytes },
};

/* What libbpf would have loaded. */
struct program {
	struct bpf_insn *insns;
	size_t nr;
};

static struct program taken;
static int nr_tests;
static bool failed;

static void result(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void result(bool ok, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%sok %d - ", ok ? "" : "not ", ++nr_tests);
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	failed |= !ok;
}

static int silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int take(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	(void)opts;
	(void)cookie;
	taken.nr = bpf_program__insn_cnt(prog);
	taken.insns = xcalloc(taken.nr, sizeof(*taken.insns));
	memcpy(taken.insns, bpf_program__insns(prog), taken.nr * sizeof(*taken.insns));
	return -ECANCELED;
}

static struct bpf_object *open_object(size_t i, const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = btf,
		    .object_name = objects[i].name);
	size_t size;
	const void *elf = objects[i].elf(&size);

	return bpf_object__open_mem(elf, size, &opts);
}

/* The instructions of the @nth program, or none. */
static struct program relocate(size_t i, int nth, const char *btf)
{
	struct bpf_object *obj = open_object(i, btf);
	struct bpf_program *prog;

	taken = (struct program){ 0 };
	if (!obj)
		return taken;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !nth--);
	bpf_object__load(obj);
	bpf_object__close(obj);
	return taken;
}

static bool is_load_of_64(const struct bpf_insn *in)
{
	return in->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* libbpf makes this of what it cannot relocate. */
static bool is_poison(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_CALL) && in->imm >= 195896080 && in->imm < 195896080 + 100000;
}

/* The whole BTF has no enum kernel_type_id; the number is looked at in check_ids(). */
static bool is_type_id(const struct program *with, const struct program *whole, size_t i)
{
	return i + 1 < with->nr && is_load_of_64(&with->insns[i]) && !with->insns[i].src_reg &&
	       is_poison(&whole->insns[i]) && is_poison(&whole->insns[i + 1]);
}

static bool same_but_for_fd(struct bpf_insn a, struct bpf_insn b)
{
	if (is_load_of_64(&a) && (a.src_reg == BPF_PSEUDO_MAP_FD || a.src_reg == BPF_PSEUDO_MAP_VALUE))
		a.imm = b.imm;
	return !memcmp(&a, &b, sizeof(a));
}

/* Programs of an object: each with our BTF and with the whole. */
static void compare(size_t o, int nth, const char *name, const char *minimal, const char *path)
{
	struct program with = relocate(o, nth, minimal), whole = relocate(o, nth, path);
	size_t i, ids = 0;

	for (i = 0; i < with.nr && i < whole.nr; i++) {
		if (is_type_id(&with, &whole, i)) {
			ids++;
			i++;
		} else if (!same_but_for_fd(with.insns[i], whole.insns[i])) {
			break;
		}
	}
	result(with.nr && i == with.nr && i == whole.nr, "%s: %s %s: the same %zu instructions (%zu ids)",
	       path, objects[o].name, name, with.nr, ids);
	if (i < with.nr && i < whole.nr)
		printf("# at %zu: code %#x imm %d, with the whole BTF %#x and %d\n", i,
		       with.insns[i].code, with.insns[i].imm, whole.insns[i].code, whole.insns[i].imm);
	free(with.insns);
	free(whole.insns);
}

/* Each number is that of a struct of the name. Objects with probe reads have none. */
static void check_ids(const char *object, const struct btf *minimal, const struct btf *whole)
{
	int id = btf__find_by_name_kind(minimal, "kernel_type_id", BTF_KIND_ENUM);
	const struct btf_type *t = btf__type_by_id(minimal, id > 0 ? (uint32_t)id : 0);
	int right = 0;

	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(minimal, btf_enum(t)[i].name_off);
		const struct btf_type *s = btf__type_by_id(whole, (uint32_t)btf_enum(t)[i].val);
		const char *flavour = strstr(name, "___");
		size_t len = flavour ? (size_t)(flavour - name) : strlen(name);

		if (s && btf_is_struct(s) && strlen(name) > 3 &&
		    !strncmp(btf__name_by_offset(whole, s->name_off), name + 3, len - 3) &&
		    strlen(btf__name_by_offset(whole, s->name_off)) == len - 3)
			right++;
	}
	if (strstr(object, "_direct"))
		result(right && right == btf_vlen(t), "%s: %d of %d type ids are the kernel's", object,
		       right, btf_vlen(t));
}

static void check_object(size_t o, struct kern_btf *kb, const char *path, const struct btf *whole)
{
	struct bpf_object *obj = open_object(o, path);
	int fd = memfd_create("minimal", MFD_CLOEXEC), nth = 0;
	struct bpf_program *prog;
	struct btf *btf;
	const void *data;
	uint32_t size = 0;
	char minimal[32];

	btf = obj ? kern_btf_minimal(kb, bpf_object__btf(obj)) : NULL;
	data = btf ? btf__raw_data(btf, &size) : NULL;
	snprintf(minimal, sizeof(minimal), "/proc/self/fd/%d", fd);
	result(data && write(fd, data, size) == (ssize_t)size, "%s: %s: a BTF of %u bytes", path,
	       objects[o].name, size);
	if (data) {
		check_ids(objects[o].name, btf, whole);
		bpf_object__for_each_program(prog, obj)
			compare(o, nth++, bpf_program__name(prog), minimal, path);
	}
	btf__free(btf);
	bpf_object__close(obj);
	close(fd);
}

static void check_kernel(const char *path)
{
	struct btf *whole = btf__parse(path, NULL);
	struct kern_btf kb;
	struct error err = { "" };
	bool ok = whole && !kern_btf_read(&kb, path, &err);

	result(ok, "%s: is read %s", path, err.text);
	for (size_t o = 0; ok && o < ARRAY_SIZE(objects); o++)
		check_object(o, &kb, path, whole);
	if (ok)
		kern_btf_close(&kb);
	btf__free(whole);
}

static bool may_make_maps(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 8, 1, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = take);

	if (access(VMLINUX_BTF, R_OK) || !may_make_maps()) {
		printf("1..0 # SKIP needs BTF and CAP_BPF\n");
		return 0;
	}
	libbpf_set_print(silent);
	if (libbpf_register_prog_handler("raw_tp+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &opts) < 0) {
		printf("Bail out! libbpf takes no handler\n");
		return 1;
	}
	if (argc < 2)
		check_kernel(VMLINUX_BTF);
	for (int i = 1; i < argc; i++)
		check_kernel(argv[i]);
	printf("1..%d\n", nr_tests);
	return failed;
}
