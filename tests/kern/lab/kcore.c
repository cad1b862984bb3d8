/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcore.c - which pool serves which CPU, from /proc/kcore and the kernel's symbols
 *
 * For the lab: kernels that show their data symbols. It shares nothing with
 * bpf/walk but BTF, follows the kernel's own per-CPU offsets and prints a JSON
 * line for each workqueue and affinity scope, as an idle kernel has them.
 */
#include <bpf/btf.h>
#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WQ_UNBOUND 2
#define MAX_SEGMENTS 64

static int kcore;
static Elf64_Phdr segment[MAX_SEGMENTS];
static int nr_segments;
static struct btf *btf;
static int nr_cpus, nr_nodes;
static uint64_t cpu_offset;		/* __per_cpu_offset[] */

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "kcore: %s\n", what);
	exit(1);
}

/* --- memory --- */

static void open_kcore(void)
{
	Elf64_Ehdr head;

	kcore = open("/proc/kcore", O_RDONLY);
	if (kcore < 0 || pread(kcore, &head, sizeof(head), 0) != sizeof(head))
		fail("cannot read /proc/kcore");
	nr_segments = head.e_phnum < MAX_SEGMENTS ? head.e_phnum : MAX_SEGMENTS;
	if (pread(kcore, segment, sizeof(*segment) * (size_t)nr_segments, (off_t)head.e_phoff) < 0)
		fail("/proc/kcore has no segments");
}

static void read_at(uint64_t addr, void *to, size_t size)
{
	for (int i = 0; i < nr_segments; i++) {
		const Elf64_Phdr *s = &segment[i];

		if (s->p_type != PT_LOAD || addr < s->p_vaddr || addr - s->p_vaddr >= s->p_memsz)
			continue;
		if (pread(kcore, to, size, (off_t)(s->p_offset + (addr - s->p_vaddr))) == (ssize_t)size)
			return;
	}
	fail("an address is in no segment");
}

static uint64_t word_at(uint64_t addr)
{
	uint64_t word;

	read_at(addr, &word, sizeof(word));
	return word;
}

static int int_at(uint64_t addr)
{
	int value;

	read_at(addr, &value, sizeof(value));
	return value;
}

/* --- names --- */

static uint64_t symbol(const char *wanted)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], name[256];
	unsigned long long addr, found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %*c %255s", &addr, name) == 2 && !strcmp(name, wanted))
			found = addr;
	if (f)
		fclose(f);
	return found;
}

static int member(const struct btf_type *t, const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return (int)btf_member_bit_offset(t, (uint32_t)i) / 8;
	return -1;
}

static const struct btf_type *type(const char *name, uint32_t kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
}

/* The offset of a member, or -1. */
static int offset(const char *structure, const char *name)
{
	const struct btf_type *t = type(structure, BTF_KIND_STRUCT);

	return t ? member(t, name) : -1;
}

static int pool_of(uint64_t pwq)
{
	return int_at(word_at(pwq + (uint64_t)offset("pool_workqueue", "pool")) +
		      (uint64_t)offset("worker_pool", "id"));
}

/* --- scopes --- */

static void print_ints(const char *key, uint64_t array, int nr)
{
	printf(",\"%s\":[", key);
	for (int i = 0; i < nr; i++)
		printf("%s%d", i ? "," : "", int_at(array + 4 * (uint64_t)i));
	putchar(']');
}

static void print_scope(const char *name, uint64_t pods)
{
	int nr_pods = int_at(pods + (uint64_t)offset("wq_pod_type", "nr_pods"));

	if (!nr_pods)
		return;
	printf("{\"is\":\"scope\",\"scope\":\"");
	for (; *name; name++)
		putchar(tolower((unsigned char)*name));
	printf("\",\"nr_pods\":%d", nr_pods);
	print_ints("cpu_pod", word_at(pods + (uint64_t)offset("wq_pod_type", "cpu_pod")), nr_cpus);
	print_ints("pod_node", word_at(pods + (uint64_t)offset("wq_pod_type", "pod_node")), nr_pods);
	puts("}");
}

static void print_scopes(void)
{
	const struct btf_type *scopes = type("wq_affn_scope", BTF_KIND_ENUM);
	const struct btf_type *pods = type("wq_pod_type", BTF_KIND_STRUCT);
	uint64_t types = symbol("wq_pod_types");

	if (!scopes || !pods || !types)
		return;		/* before 6.6 */
	for (int i = 0; i < btf_vlen(scopes); i++) {
		const struct btf_enum *e = &btf_enum(scopes)[i];
		const char *name = btf__name_by_offset(btf, e->name_off);

		if (!strncmp(name, "WQ_AFFN_", 8) && strcmp(name + 8, "DFL") &&
		    strcmp(name + 8, "NR_TYPES"))
			print_scope(name + 8, types + pods->size * (uint64_t)e->val);
	}
}

/* --- workqueues --- */

static int node_of(int cpu)
{
	char path[64];

	for (int node = 0; node < nr_nodes; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", cpu, node);
		if (!access(path, F_OK))
			return node;
	}
	return 0;	/* a kernel without nodes */
}

/* From 6.6 on a per-CPU pointer to each pwq; before, the pwq itself, or one a node. */
static uint64_t pwq_of(uint64_t wq, int cpu, bool unbound)
{
	int pointers = offset("workqueue_struct", "cpu_pwq");
	uint64_t per_cpu = word_at(cpu_offset + 8 * (uint64_t)cpu);

	if (pointers >= 0)
		return word_at(word_at(wq + (uint64_t)pointers) + per_cpu);
	if (!unbound)
		return word_at(wq + (uint64_t)offset("workqueue_struct", "cpu_pwqs")) + per_cpu;
	return word_at(wq + (uint64_t)offset("workqueue_struct", "numa_pwq_tbl") +
		       8 * (uint64_t)node_of(cpu));
}

/* One for each node, and one for those that belong to none. */
static void print_node_max(uint64_t wq)
{
	int nodes = offset("workqueue_struct", "node_nr_active");

	printf(",\"node_max\":");
	if (nodes < 0) {
		printf("null");		/* before 6.9 */
		return;
	}
	for (int node = 0; node <= nr_nodes; node++)
		printf("%c%d", node ? ',' : '[',
		       int_at(word_at(wq + (uint64_t)nodes + 8 * (uint64_t)node) +
			      (uint64_t)offset("wq_node_nr_active", "max")));
	putchar(']');
}

static void print_workqueue(uint64_t wq)
{
	char name[25] = "";
	bool unbound;

	read_at(wq + (uint64_t)offset("workqueue_struct", "name"), name, sizeof(name) - 1);
	unbound = int_at(wq + (uint64_t)offset("workqueue_struct", "flags")) & WQ_UNBOUND;
	printf("{\"is\":\"queue\",\"name\":\"%s\",\"cpu_pool\":[", name);
	for (int cpu = 0; cpu < nr_cpus; cpu++)
		printf("%s%d", cpu ? "," : "", pool_of(pwq_of(wq, cpu, unbound)));
	if (unbound) {
		printf("],\"dfl_pool\":%d",
		       pool_of(word_at(wq + (uint64_t)offset("workqueue_struct", "dfl_pwq"))));
		print_node_max(wq);
	} else {
		printf("],\"dfl_pool\":null,\"node_max\":null");
	}
	puts("}");
}

int main(void)
{
	uint64_t head = symbol("workqueues");
	int list;

	btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	cpu_offset = symbol("__per_cpu_offset");
	if (!btf || !head || !cpu_offset)
		fail("this kernel does not show its symbols");
	open_kcore();
	nr_cpus = int_at(symbol("nr_cpu_ids"));
	nr_nodes = int_at(symbol("nr_node_ids"));
	print_scopes();
	list = offset("workqueue_struct", "list");
	for (uint64_t node = word_at(head); node != head; node = word_at(node))
		print_workqueue(node - (uint64_t)list);
	return 0;
}
