/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness.c - lists the kernel's workqueues, one JSON object a line
 *
 * A second walker, to compare wqdump with: it shares no code and as few
 * thoughts as possible with bpf/walk. The walk happens here, in user space,
 * through a window onto kernel memory, with the offsets that BTF gives. It
 * starts from the symbol `workqueues` where kallsyms has it, else (or with -t)
 * from the first rescuer among the tasks.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "witness.skel.h"

#define PF_WQ_WORKER 0x20
#define MAX_STEPS 100000
#define MAX_TRIES 20

static struct witness_bpf *skel;
static struct btf *btf;

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("witness: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	exit(1);
}

/* --- offsets --- */

/* Where a member lies; size 0: this kernel does not have it. */
struct place {
	uint32_t offset, size;
	uint32_t count;		/* of an array's elements, else 1 */
};

static bool find_member(const struct btf_type *t, const char *name, uint32_t base, struct place *p)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++) {
		uint32_t id = (uint32_t)btf__resolve_type(btf, m[i].type);
		const struct btf_type *type = btf__type_by_id(btf, id);
		uint32_t at = base + btf_member_bit_offset(t, (uint32_t)i) / 8;

		if (!m[i].name_off) {
			if (btf_is_composite(type) && find_member(type, name, at, p))
				return true;
		} else if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name)) {
			p->offset = at;
			p->size = (uint32_t)btf__resolve_size(btf, id);
			p->count = btf_is_array(type) ? btf_array(type)->nelems : 1;
			return true;
		}
	}
	return false;
}

static const struct btf_type *find_struct(const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	if (id < 0)
		die("struct %s is not in this kernel's BTF", name);
	return btf__type_by_id(btf, (uint32_t)id);
}

static struct place optional(const char *in, const char *member)
{
	struct place p = { 0 };

	find_member(find_struct(in), member, 0, &p);
	return p;
}

static struct place place(const char *in, const char *member)
{
	struct place p = optional(in, member);

	if (!p.size)
		die("struct %s has no %s in this kernel", in, member);
	return p;
}

/* All that we read, by struct and member. */
static struct {
	struct {
		struct place flags, kthread;
	} task;
	struct {
		struct place data;
	} kthread;
	struct {
		struct place rescue_wq;
	} worker;
	struct {
		uint32_t size;
		struct place list, pwqs, name, flags, max_active;
	} wq;
	struct {
		uint32_t size;
		struct place wq, pool, node, nr_active, stats;
	} pwq;
	struct {
		uint32_t size;
		struct place id, cpu;
	} pool;
} k;

static void learn(void)
{
	k.task.flags = place("task_struct", "flags");
	k.task.kthread = optional("task_struct", "worker_private");
	if (!k.task.kthread.size)
		k.task.kthread = place("task_struct", "set_child_tid");
	k.kthread.data = place("kthread", "data");
	k.worker.rescue_wq = place("worker", "rescue_wq");
	k.wq.size = find_struct("workqueue_struct")->size;
	k.wq.list = place("workqueue_struct", "list");
	k.wq.pwqs = place("workqueue_struct", "pwqs");
	k.wq.name = place("workqueue_struct", "name");
	k.wq.flags = place("workqueue_struct", "flags");
	k.wq.max_active = place("workqueue_struct", "saved_max_active");
	k.pwq.size = find_struct("pool_workqueue")->size;
	k.pwq.wq = place("pool_workqueue", "wq");
	k.pwq.pool = place("pool_workqueue", "pool");
	k.pwq.node = place("pool_workqueue", "pwqs_node");
	k.pwq.nr_active = place("pool_workqueue", "nr_active");
	k.pwq.stats = optional("pool_workqueue", "stats");
	k.pool.size = find_struct("worker_pool")->size;
	k.pool.id = place("worker_pool", "id");
	k.pool.cpu = place("worker_pool", "cpu");
}

/* --- memory --- */

struct bytes {
	uint64_t at;
	uint8_t data[sizeof(skel->bss->window)];
};

static bool look(struct bytes *b, uint64_t at, uint32_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err;

	if (size > sizeof(b->data))
		die("%u bytes are more than the window shows", size);
	skel->bss->window_at = at;
	skel->bss->window_size = size;
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.look), &opts);
	if (err)
		die("cannot look at kernel memory: %s", strerror(-err));
	if (skel->bss->window_error)
		return false;
	b->at = at;
	memcpy(b->data, skel->bss->window, size);
	return true;
}

/* An unsigned number at @offset, of 1 to 8 bytes. */
static uint64_t number(const struct bytes *b, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	memcpy(&value, b->data + offset, size > 8 ? 8 : size);
	return value;
}

static uint64_t get(const struct bytes *b, struct place p)
{
	return number(b, p.offset, p.size / p.count);
}

static int64_t get_int(const struct bytes *b, struct place p)
{
	return p.size == 4 ? (int32_t)get(b, p) : (int64_t)get(b, p);
}

static uint64_t pointer(uint64_t at)
{
	struct bytes b;

	return look(&b, at, 8) ? number(&b, 0, 8) : 0;
}

/* --- where to start --- */

static uint64_t symbol(const char *wanted)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], name[256];
	uint64_t at = 0, found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &at, name) == 2 && !strcmp(name, wanted))
			found = at;
	if (f)
		fclose(f);
	return found;
}

/* The workqueue that a task is the rescuer of, or 0. */
static uint64_t rescued_by(uint64_t task)
{
	struct bytes b;
	uint64_t worker;

	if (!look(&b, task + k.task.flags.offset, 4) || !(number(&b, 0, 4) & PF_WQ_WORKER))
		return 0;
	worker = pointer(pointer(task + k.task.kthread.offset) + k.kthread.data.offset);
	return worker ? pointer(worker + k.worker.rescue_wq.offset) : 0;
}

static uint64_t first_rescued(void)
{
	struct bpf_link *link = bpf_program__attach_iter(skel->progs.tasks, NULL);
	uint64_t task, wq = 0;
	FILE *f;
	int fd;

	if (!link)
		die("cannot list tasks: %s", strerror(errno));
	fd = bpf_iter_create(bpf_link__fd(link));
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f)
		die("cannot list tasks: %s", strerror(errno));
	while (!wq && fscanf(f, "%" SCNx64, &task) == 1)
		wq = rescued_by(task);
	fclose(f);
	bpf_link__destroy(link);
	return wq;
}

/* --- the walk --- */

/* A list node: its neighbours agree that it is one, or the list has moved. */
static bool next_node(uint64_t node, uint64_t *next)
{
	*next = pointer(node);
	return *next && pointer(*next + 8) == node;
}

static void print_name(FILE *out, const uint8_t *name, uint32_t size)
{
	for (uint32_t i = 0; i < size && name[i]; i++) {
		if (name[i] < 0x20 || name[i] >= 0x7f || name[i] == '"' || name[i] == '\\')
			fprintf(out, "\\u%04x", name[i]);
		else
			fputc(name[i], out);
	}
}

static bool print_pwq(FILE *out, uint64_t at)
{
	struct bytes pwq, pool;

	if (!look(&pwq, at, k.pwq.size) || !look(&pool, get(&pwq, k.pwq.pool), k.pool.size))
		return false;
	fprintf(out, "{\"pool\":%" PRId64 ",\"cpu\":%" PRId64 ",\"nr_active\":%" PRId64,
		get_int(&pool, k.pool.id), get_int(&pool, k.pool.cpu),
		get_int(&pwq, k.pwq.nr_active));
	for (uint32_t i = 0; k.pwq.stats.size && i < k.pwq.stats.count; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : ",\"stats\":[",
			number(&pwq, k.pwq.stats.offset + i * 8, 8));
	fputs(k.pwq.stats.size ? "]}" : "}", out);
	return true;
}

static bool print_pwqs(FILE *out, uint64_t head)
{
	uint64_t node = head;

	for (int i = 0; i < MAX_STEPS; i++) {
		if (!next_node(node, &node))
			return false;
		if (node == head)
			return true;
		if (i)
			fputc(',', out);
		if (!print_pwq(out, node - k.pwq.node.offset))
			return false;
	}
	return false;
}

/* The head of the list of all workqueues has no workqueue round it. */
static bool is_workqueue(uint64_t at)
{
	uint64_t pwq = pointer(at + k.wq.pwqs.offset) - k.pwq.node.offset;

	return pointer(pwq + k.pwq.wq.offset) == at;
}

static bool print_workqueue(FILE *out, uint64_t at)
{
	struct bytes wq;

	if (!look(&wq, at, k.wq.size))
		return false;
	fputs("{\"name\":\"", out);
	print_name(out, wq.data + k.wq.name.offset, k.wq.name.size);
	fprintf(out, "\",\"flags_raw\":%" PRIu64 ",\"max_active\":%" PRId64 ",\"pwqs\":[",
		get(&wq, k.wq.flags),
		get_int(&wq, k.wq.max_active));
	if (!print_pwqs(out, at + k.wq.pwqs.offset))
		return false;
	fputs("]}\n", out);
	return true;
}

/* Round the circle once, from any of its nodes; false if it moved meanwhile. */
static bool print_all(FILE *out, uint64_t start)
{
	uint64_t node = start;

	for (int i = 0; i < MAX_STEPS; i++) {
		uint64_t at;

		if (!next_node(node, &node))
			return false;
		at = node - k.wq.list.offset;
		if (is_workqueue(at) && !print_workqueue(out, at))
			return false;
		if (node == start)
			return true;
	}
	return false;
}

static bool from_tasks;

static uint64_t find_start(void)
{
	uint64_t start = from_tasks ? 0 : symbol("workqueues");

	if (!start) {
		start = first_rescued();
		if (!start)
			die("no rescuer among the tasks, and kallsyms does not tell `workqueues`");
		start += k.wq.list.offset;
	}
	return start;
}

int main(int argc, char **argv)
{
	from_tasks = argc == 2 && !strcmp(argv[1], "-t");
	if (argc > 1 && !from_tasks)
		die("usage: witness [-t]");
	btf = btf__load_vmlinux_btf();
	if (!btf)
		die("no BTF: %s", strerror(errno));
	learn();
	skel = witness_bpf__open_and_load();
	if (!skel)
		die("cannot load: %s", strerror(errno));
	for (int i = 0; i < MAX_TRIES; i++) {
		char *text;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		bool whole = print_all(out, find_start());

		fclose(out);
		if (whole)
			fwrite(text, 1, size, stdout);
		free(text);
		if (whole)
			return fflush(stdout) || ferror(stdout);
	}
	die("the list moved in each of %d tries", MAX_TRIES);
}
