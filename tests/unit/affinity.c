/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The affinity picture of machines that are not here, against what it should
 * look like: tests/data/affinity/NAME.txt and .json (WQKIT_UPDATE=1 rewrites).
 */
#include "tree.h"

#include "../../tools/fields.h"
#include "../../tools/out_affinity.h"

static const char scopes[][24] = { "default", "cpu", "smt", "cache", "cache_shard", "numa",
				   "system" };

#define UNBOUND FLAG_MASK(WQ_UNBOUND_BIT)
#define RECLAIM FLAG_MASK(WQ_MEM_RECLAIM_BIT)

/* How the CPUs of a workqueue find their pools: step * CPU, or one a pod of a scope. */
struct made {
	const char *name;
	uint64_t flags;
	const char *scope;	/* NULL: step * CPU */
	int base, step;
	bool strict;
};

static void add_wq(struct affinity *a, const struct made *m, int nr)
{
	struct workqueue *w = snapshot_add(&a->s, ROW_WORKQUEUE);

	w->id = snapshot_fmt(&a->s, "0x%d", nr);
	w->name = snapshot_str(&a->s, m->name);
	w->flags = m->flags;
	w->max_active = 1024;
	know(&w->has, WORKQUEUE_ID);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_FLAGS);
	know(&w->has, WORKQUEUE_MAX_ACTIVE);
	if (m->flags & UNBOUND) {
		w->cpumask = snapshot_fmt(&a->s, "0-%d", a->topo.nr_cpu_ids - 1);
		w->min_active = 8;
		know(&w->has, WORKQUEUE_CPUMASK);
		know(&w->has, WORKQUEUE_MIN_ACTIVE);
	}
	if (m->flags & RECLAIM) {
		w->rescuer_pid = 100 + nr;
		know(&w->has, WORKQUEUE_RESCUER_PID);
	}
}

static int pool_for(const struct affinity *a, const struct made *m, int cpu)
{
	for (int i = 0; m->scope && i < a->topo.nr_scopes; i++) {
		int pod = a->topo.scope[i].cpu_pod[cpu];

		if (!strcmp(a->topo.scope[i].name, m->scope))
			return pod == POD_UNKNOWN ? POOL_NONE : m->base + pod;
	}
	return m->base + m->step * cpu;
}

static void fill_wq(struct affinity *a, const struct made *m, int nr)
{
	struct affn_wq *e = &a->wq[nr];
	int nodes = a->topo.nr_node_ids;

	for_each_cpu_of(cpu, &a->topo.possible)
		e->cpu_pool[cpu] = pool_for(a, m, cpu);
	e->strict_known = true;
	e->strict = m->strict;
	if (m->flags & RECLAIM)
		e->rescuer_cpus = "0-1";
	if (!(m->flags & UNBOUND))
		return;
	e->dfl_pool = m->base - 1;
	e->node = xcalloc((size_t)nodes + 1, sizeof(*e->node));
	for (int node = 0; node <= nodes; node++)
		e->node[node] = (struct node_active){ .known = node != 1, .nr = node, .max = 512 };
}

static void add_pool(struct affinity *a, int id, int cpu)
{
	struct pool *p = snapshot_add(&a->s, ROW_POOL);

	p->id = id;
	p->refcnt = 1;
	p->workers = 3;
	p->idle = 2;
	p->cpu = cpu;
	p->cpus = "0-3";
	know(&p->has, POOL_ID);
	know(&p->has, cpu < 0 ? POOL_CPUS : POOL_CPU);
}

static void make(struct affinity *a, const char *tree, const struct made *m, int nr)
{
	const char *root = tree_make(tree);
	struct error err;

	memset(a, 0, sizeof(*a));
	CHECK_INT(topology_read(&a->topo, root, scopes, ARRAY_SIZE(scopes), &err), 0);
	tree_remove(root);
	for (int i = 0; i < nr; i++)
		add_wq(a, &m[i], i);
	add_pool(a, 1030, -1);
	add_pool(a, 2, 0);
	affinity_alloc(a);
	for (int i = 0; i < nr; i++)
		fill_wq(a, &m[i], i);
	a->pool[0] = (struct affn_pool){ .pod_cpus = "0-1", .strict = true, .strict_known = true };
}

/* --- comparing --- */

typedef void (*print_fn)(FILE *out, const struct view *v, const struct affinity *a);

static void print_text(FILE *out, const struct view *v, const struct affinity *a)
{
	out_affinity(out, v, NULL, a, true);
}

static void print_json(FILE *out, const struct view *v, const struct affinity *a)
{
	out_json_affinity(out, v, NULL, a);
}

static char *printed(const struct affinity *a, print_fn print)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct view v;

	view_init(&v, ROW_WORKQUEUE);
	print(out, &v, a);
	fclose(out);
	return text;
}

static void compare(const struct affinity *a, print_fn print, const char *name)
{
	char *got = printed(a, print), *expected, path[512];
	const char *file = __FILE__;

	snprintf(path, sizeof(path), "%.*s/../data/affinity/%s", (int)(strrchr(file, '/') - file), file,
		 name);
	if (getenv("WQKIT_UPDATE") && *getenv("WQKIT_UPDATE")) {
		FILE *out = fopen(path, "w");

		CHECK(out != NULL);
		fputs(got, out);
		fclose(out);
	}
	got[strlen(got) - 1] = '\0';	/* as read_file() does */
	expected = read_file(path);
	CHECK(expected != NULL);
	CHECK_STR(got, expected);
	free(got);
	free(expected);
}

TEST(big_machines_are_grouped)
{
	static const struct made made[] = {
		{ .name = "events", .base = 2, .step = 4 },
		{ .name = "events_bh", .flags = FLAG_MASK(WQ_BH_BIT), .step = 4 },
		{ .name = "mm_percpu_wq", .flags = RECLAIM, .base = 2, .step = 4 },
		{ .name = "events_unbound", .flags = UNBOUND, .scope = "cache", .base = 1030 },
		{ .name = "kcryptd", .flags = UNBOUND | RECLAIM, .scope = "numa", .base = 1050,
		  .strict = true },
		{ .name = "one_a_cpu", .flags = UNBOUND, .scope = "cpu", .base = 1100 },
		{ .name = "a_name_of_all_its_31_characters", .flags = UNBOUND |
		  FLAG_MASK(WQ_ORDERED_BIT), .base = 1025 },
	};
	struct affinity a;

	make(&a, "256-cpus", made, ARRAY_SIZE(made));
	compare(&a, print_text, "256-cpus.txt");
	affinity_free(&a);
}
END

TEST(small_machines_show_each_cpu)
{
	static const struct made made[] = {
		{ .name = "events", .flags = RECLAIM, .base = 2, .step = 4 },
		{ .name = "events_unbound", .flags = UNBOUND, .scope = "cache", .base = 33 },
	};
	struct affinity a;

	make(&a, "8-cpus", made, ARRAY_SIZE(made));
	compare(&a, print_text, "8-cpus.txt");
	compare(&a, print_json, "8-cpus.json");
	affinity_free(&a);
}
END

/* Pools of hot-plugged CPUs need not grow with the CPUs: such CPUs stand apart. */
TEST(odd_pools_get_columns_of_their_own)
{
	static const struct made made[] = { { .name = "events", .base = 2, .step = 4 } };
	struct affinity a;
	char *text;

	make(&a, "36-cores", made, 1);
	a.wq[0].cpu_pool[70] = 900;
	a.wq[0].cpu_pool[71] = POOL_NONE;
	text = printed(&a, print_text);
	CHECK(strstr(text, " 0-69     70 71 dfl]"));
	CHECK(strstr(text, " 4n+2 4n+620  -\n"));	/* 4 * 70 + 620 = 900 */
	free(text);
	a.wq[0].cpu_pool[71] = 901;
	text = printed(&a, print_text);
	CHECK(strstr(text, " 4n+2 4n+620 4n+617\n"));
	free(text);
	affinity_free(&a);
}
END

/* Pools in no order do not give every CPU a column: their row stands below the others. */
TEST(scattered_pools_stand_apart)
{
	static const struct made made[] = {
		{ .name = "events", .base = 2, .step = 4 },
		{ .name = "scattered", .flags = UNBOUND, .scope = "cpu", .base = 1100 },
	};
	struct affinity a;
	char *text;

	make(&a, "256-cpus", made, ARRAY_SIZE(made));
	for (int cpu = 0; cpu < 256; cpu++)
		a.wq[1].cpu_pool[cpu] = 1100 + (cpu * 37) % 256;
	a.wq[1].cpu_pool[255] = POOL_NONE;
	text = printed(&a, print_text);
	CHECK(strstr(text, "\\ type CPU  0-255  dfl]\nevents                   percpu     4n+2\n"));
	CHECK(strstr(text, "scattered                unbound   1099\n  [0]=1100 [1]=1137 "));
	CHECK(strstr(text, " [255]=-\n"));
	free(text);
	for (int cpu = 0; cpu < 256; cpu++)	/* in order, but by no rule */
		a.wq[1].cpu_pool[cpu] = 1100 + cpu * 2 + cpu % 7;
	text = printed(&a, print_text);
	CHECK(strstr(text, "\\ type CPU  0-255  dfl]"));
	free(text);
	affinity_free(&a);
}
END

TEST(a_kernel_without_scopes_says_so)
{
	struct affinity a = { 0 };
	const char *root = tree_make("8-cpus");
	struct error err;
	char *text;

	CHECK_INT(topology_read(&a.topo, root, scopes, 0, &err), 0);
	tree_remove(root);
	affinity_alloc(&a);
	text = printed(&a, print_text);
	CHECK(strstr(text, "no affinity scopes"));
	CHECK(strstr(text, "wq_unbound_cpumask=-"));
	free(text);
	affinity_free(&a);
}
END

TESTS(big_machines_are_grouped, small_machines_show_each_cpu, odd_pools_get_columns_of_their_own,
      scattered_pools_stand_apart, a_kernel_without_scopes_says_so)
