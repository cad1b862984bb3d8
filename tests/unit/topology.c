/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pods of the affinity scopes, from trees like /sys. */
#include "tree.h"

#include "../../tools/topology.h"

static const char scopes[][24] = { "default", "cpu", "smt", "cache", "cache_shard", "numa",
				   "system" };

static void read_tree(struct topology *t, const char *name)
{
	const char *root = tree_make(name);
	struct error err;

	CHECK_INT(topology_read(t, root, scopes, ARRAY_SIZE(scopes), &err), 0);
	tree_remove(root);
}

static const struct scope *scope(const struct topology *t, const char *name)
{
	for (int i = 0; i < t->nr_scopes; i++)
		if (!strcmp(t->scope[i].name, name))
			return &t->scope[i];
	ck_abort_msg("no scope %s", name);
	return NULL;
}

static void check_pod(const struct topology *t, const char *name, int pod, const char *cpus,
		      int node)
{
	const struct scope *s = scope(t, name);
	struct cpus c = pod_cpus(t, s, pod);
	char *list = cpus_list(&c);

	CHECK_STR(list, cpus);
	CHECK_INT(s->pod_node[pod], node);
	free(list);
}

TEST(lists_of_cpus)
{
	struct cpus c;
	char *list;

	CHECK(cpus_parse_list(&c, "0-3,8,63-64,8191"));
	CHECK(cpus_has(&c, 8191) && cpus_has(&c, 63) && !cpus_has(&c, 4));
	list = cpus_list(&c);
	CHECK_STR(list, "0-3,8,63-64,8191");
	free(list);
	CHECK_INT(cpus_last(&c), 8191);
	CHECK(cpus_parse_list(&c, ""));
	CHECK_INT(cpus_next(&c, 0), -1);
	CHECK_INT(cpus_last(&c), -1);
}
END

TEST(bad_lists_and_masks)
{
	static const char *const lists[] = { "x", "1-", "-1", "3-1", "1,,2", "1,", "8192", "0-99999999999",
					     "1 2", "4294967297" };
	static const char *const masks[] = { "", "x", ",", "1,2", "f,fffffff" };
	struct cpus c;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CHECK(!cpus_parse_list(&c, lists[i]));
		CHECK_INT(cpus_next(&c, 0), -1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++)
		CHECK(!cpus_parse_mask(&c, masks[i]));
}
END

TEST(masks_of_cpus)
{
	struct cpus c;
	char *list;

	CHECK(cpus_parse_mask(&c, "81,00000000,f000000f"));
	list = cpus_list(&c);
	CHECK_STR(list, "0-3,28-31,64,71");
	free(list);
	CHECK(cpus_parse_mask(&c, "3"));
	CHECK_INT(cpus_last(&c), 1);
}
END

TEST(pods_of_256_cpus)
{
	struct topology t;

	read_tree(&t, "256-cpus");
	CHECK_INT(t.nr_cpu_ids, 256);
	CHECK_INT(t.nr_node_ids, 2);
	CHECK(t.numa && t.unbound_known);
	CHECK_INT(scope(&t, "cpu")->nr_pods, 256);
	CHECK_INT(scope(&t, "smt")->nr_pods, 128);
	CHECK_INT(scope(&t, "cache")->nr_pods, 16);
	CHECK_INT(scope(&t, "numa")->nr_pods, 2);
	CHECK_INT(scope(&t, "system")->nr_pods, 1);
	check_pod(&t, "cpu", 255, "255", 1);
	check_pod(&t, "smt", 127, "127,255", 1);
	check_pod(&t, "cache", 0, "0-7,128-135", 0);
	check_pod(&t, "cache", 15, "120-127,248-255", 1);
	check_pod(&t, "numa", 1, "64-127,192-255", 1);
	check_pod(&t, "system", 0, "0-255", NODE_NONE);
	CHECK_INT(scope(&t, "cache")->cpu_pod[130], 0);
	CHECK(scope(&t, "cache")->is_default && !scope(&t, "numa")->is_default);
	CHECK(scope(&t, "cache")->complete);
	/* this kernel has no size of shards, so no shards either */
	CHECK_INT(scope(&t, "cache_shard")->nr_pods, 0);
	CHECK(!scope(&t, "cache_shard")->complete);
	topology_free(&t);
}
END

TEST(shards_never_split_a_core)
{
	struct topology t;

	read_tree(&t, "36-cores");
	CHECK_INT(scope(&t, "cache")->nr_pods, 1);
	CHECK_INT(scope(&t, "cache_shard")->nr_pods, 5);
	check_pod(&t, "cache_shard", 0, "0-15", 0);	/* 8 cores, then 7 each */
	check_pod(&t, "cache_shard", 1, "16-29", 0);
	check_pod(&t, "cache_shard", 4, "58-71", 0);
	CHECK(scope(&t, "cache_shard")->complete);
	topology_free(&t);
}
END

TEST(what_is_offline_is_unknown)
{
	struct topology t;

	read_tree(&t, "8-cpus");
	CHECK(!scope(&t, "cache")->complete);
	CHECK_INT(scope(&t, "cache")->cpu_pod[4], POD_UNKNOWN);
	/* one cache, cut at the node's border; an isolated CPU is in no scheduler domain */
	CHECK_INT(scope(&t, "cache")->nr_pods, 2);
	check_pod(&t, "cache", 0, "0-1", 0);
	check_pod(&t, "cache", 1, "2", 1);
	CHECK_INT(scope(&t, "cache")->cpu_pod[3], POD_UNKNOWN);
	CHECK(scope(&t, "cache")->derived);
	/* offline CPUs keep their node's link, absent ones have none */
	check_pod(&t, "numa", 1, "2-5", 1);
	CHECK_INT(scope(&t, "numa")->cpu_pod[6], POD_UNKNOWN);
	CHECK(!scope(&t, "numa")->complete);
	CHECK(scope(&t, "cpu")->complete);
	CHECK_INT(scope(&t, "cpu")->pod_node[7], NODE_UNKNOWN);
	/* CPU 0 has no file and 2 a broken one: they lead nobody */
	CHECK_INT(scope(&t, "smt")->cpu_pod[0], POD_UNKNOWN);
	CHECK_INT(scope(&t, "smt")->cpu_pod[2], POD_UNKNOWN);
	check_pod(&t, "smt", 0, "1", 0);
	check_pod(&t, "smt", 1, "3", 1);
	CHECK(!t.unbound_known);
	topology_free(&t);
}
END

TEST(no_sysfs_is_an_error)
{
	struct topology t;
	struct error err;

	CHECK_INT(topology_read(&t, "/nonexistent", scopes, ARRAY_SIZE(scopes), &err), -1);
	CHECK(strstr(err.text, "/nonexistent/devices/system/cpu/possible"));
	topology_free(&t);
}
END

TESTS(lists_of_cpus, bad_lists_and_masks, masks_of_cpus, pods_of_256_cpus,
      shards_never_split_a_core, what_is_offline_is_unknown, no_sysfs_is_an_error)
