/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's lists, bits, numbers, strings, errors and times. */
#include <sys/wait.h>
#include <unistd.h>

#include <linux/module.h>

#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/hardirq.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../unit/test.h"

struct node {
	struct list_head list;
	struct hlist_node hash;
	struct rcu_head rcu;
	int n;
};

/* The numbers of a list as digits. */
static const char *digits(struct list_head *head)
{
	static char text[32];
	size_t len = 0;
	struct node *node;

	list_for_each_entry(node, head, list)
		text[len++] = (char)('0' + node->n);
	text[len] = '\0';
	return text;
}

TEST(lists_keep_their_order)
{
	LIST_HEAD(a);
	LIST_HEAD(b);
	struct node nodes[6], *node, *next;

	CHECK(list_empty(&a));
	for (int i = 0; i < 6; i++) {
		nodes[i].n = i;
		list_add_tail(&nodes[i].list, &a);
	}
	CHECK_STR(digits(&a), "012345");
	list_move(&nodes[5].list, &a);
	list_move_tail(&nodes[0].list, &a);
	CHECK_STR(digits(&a), "512340");
	list_cut_position(&b, &a, &nodes[2].list);
	CHECK_STR(digits(&b), "512");
	CHECK_STR(digits(&a), "340");
	list_splice_tail_init(&b, &a);
	CHECK(list_empty(&b));
	CHECK_STR(digits(&a), "340512");
	list_for_each_entry_safe(node, next, &a, list)
		if (node->n % 2)
			list_del(&node->list);
	CHECK_STR(digits(&a), "402");
	CHECK_INT(list_first_entry(&a, struct node, list)->n, 4);
	CHECK_INT(list_last_entry(&a, struct node, list)->n, 2);
	CHECK(!list_first_entry_or_null(&b, struct node, list));
	CHECK_INT((int)list_count_nodes(&a), 3);
	list_rotate_left(&a);
	CHECK_STR(digits(&a), "024");
}
END

TEST(hash_chains)
{
	HLIST_HEAD(head);
	struct node nodes[3], *node;
	int sum = 0;

	for (int i = 0; i < 3; i++) {
		nodes[i].n = 1 << i;
		hlist_add_head(&nodes[i].hash, &head);
	}
	hlist_del_init(&nodes[1].hash);
	CHECK(hlist_unhashed(&nodes[1].hash));
	hlist_for_each_entry(node, &head, hash)
		sum += node->n;
	CHECK_INT(sum, 5);
}
END

TEST(bits_are_found)
{
	DECLARE_BITMAP(map, 200);
	unsigned int bit, n = 0;

	bitmap_zero(map, 200);
	CHECK(bitmap_empty(map, 200));
	CHECK(!test_and_set_bit(63, map));
	CHECK(test_and_set_bit(63, map));
	set_bit(64, map);
	__set_bit(199, map);
	for_each_set_bit(bit, map, 200)
		n = 3 * n + bit;
	CHECK_UINT(n, 9 * 63 + 3 * 64 + 199);
	CHECK_UINT(find_next_bit(map, 199, 65), 199);
	CHECK_UINT(find_first_zero_bit(map, 200), 0);
	CHECK(test_and_clear_bit(64, map));
	CHECK(!test_bit(64, map));
	CHECK_INT(ffs(0), 0);
	CHECK_INT(ffs(8), 4);
	CHECK_INT(fls(0), 0);
	CHECK_INT(fls(0x80000000u), 32);
	CHECK_UINT(hweight64(0xff00ff), 16);
	CHECK_UINT(GENMASK(7, 4), 0xf0);
}
END

TEST(masks_of_cpus)
{
	struct cpumask a, b;
	unsigned int cpu, n = 0;

	cpumask_clear(&a);
	cpumask_set_cpu(0, &a);
	cpumask_set_cpu(1000, &a);
	cpumask_copy(&b, &a);
	CHECK(cpumask_equal(&a, &b));
	cpumask_clear_cpu(1000, &b);
	CHECK(cpumask_subset(&b, &a) && !cpumask_subset(&a, &b));
	CHECK(cpumask_equal(&b, cpumask_of(0)));
	for_each_cpu(cpu, &a)
		n += cpu;
	CHECK_UINT(n, 1000);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		CHECK_UINT(cpumask_weight(cpumask_of(cpu)), 1);
		CHECK_UINT(cpumask_first(cpumask_of(cpu)), cpu);
	}
	CHECK(num_online_cpus() >= 1 && num_online_cpus() <= num_possible_cpus());
	CHECK(cpu_online(smp_processor_id()));
	CHECK((unsigned int)smp_processor_id() < nr_cpu_ids);
}
END

TEST(numbers_are_read_strictly)
{
	unsigned long long ull;
	long long ll;
	int i;
	u8 byte;
	bool b;

	CHECK_INT(kstrtoint("42\n", 10, &i), 0);
	CHECK_INT(i, 42);
	CHECK_INT(kstrtoint("-0x10", 0, &i), 0);
	CHECK_INT(i, -16);
	CHECK_INT(kstrtoint("010", 0, &i), 0);
	CHECK_INT(i, 8);
	CHECK_INT(kstrtoint("2147483648", 10, &i), -ERANGE);
	CHECK_INT(kstrtoint("", 10, &i), -EINVAL);
	CHECK_INT(kstrtoint(" 1", 10, &i), -EINVAL);
	CHECK_INT(kstrtoint("1 ", 10, &i), -EINVAL);
	CHECK_INT(kstrtoint("1x", 10, &i), -EINVAL);
	CHECK_INT(kstrtou8("256", 10, &byte), -ERANGE);
	CHECK_INT(kstrtou8("-1", 10, &byte), -EINVAL);
	CHECK_INT(kstrtoull("18446744073709551615", 10, &ull), 0);
	CHECK(ull == U64_MAX);
	CHECK_INT(kstrtoull("18446744073709551616", 10, &ull), -ERANGE);
	CHECK_INT(kstrtoll("-9223372036854775808", 10, &ll), 0);
	CHECK(ll == S64_MIN);
	CHECK_INT(kstrtoll("-9223372036854775809", 10, &ll), -ERANGE);
	CHECK(!kstrtobool("on", &b) && b && !kstrtobool("N", &b) && !b);
	CHECK_INT(kstrtobool("maybe", &b), -EINVAL);
}
END

TEST(strings_of_the_kernel)
{
	static const char *const words[] = { "zero", "one", NULL, "three" };
	char buf[8] = "", text[] = " \tab c\n";

	CHECK_INT(strscpy(buf, "1234567", sizeof(buf)), 7);
	CHECK_INT(strscpy(buf, "12345678", sizeof(buf)), -E2BIG);
	CHECK_STR(buf, "1234567");
	CHECK_INT(strscpy(buf, "1", 0), -E2BIG);
	CHECK_STR(strim(text), "ab c");
	CHECK(sysfs_streq("a\n", "a") && sysfs_streq("a", "a\n") && !sysfs_streq("a\n\n", "a"));
	CHECK_INT(match_string(words, 4, "one"), 1);
	CHECK_INT(match_string(words, 4, "three"), -EINVAL);
}
END

TEST(errors_in_pointers)
{
	int x;

	CHECK(IS_ERR(ERR_PTR(-ENOENT)) && PTR_ERR(ERR_PTR(-ENOENT)) == -ENOENT);
	CHECK(!IS_ERR(&x) && !IS_ERR(NULL) && IS_ERR_OR_NULL(NULL));
	CHECK_INT(PTR_ERR_OR_ZERO(&x), 0);
	CHECK_INT(PTR_ERR_OR_ZERO(ERR_PTR(-EIO)), -EIO);
}
END

TEST(small_arithmetic)
{
	int a = 1, b = 2;

	swap(a, b);
	CHECK(a == 2 && b == 1);
	CHECK_INT(min(3, 4) + max(3, 4) + clamp(9, 1, 5), 12);
	CHECK_INT(min_t(int, -1, 1u), -1);
	CHECK_INT(min(max(1, min(5, 3)), 9), 3);
	CHECK_INT(abs(-3), 3);
	CHECK(abs(-(1ll << 40)) == 1ll << 40);
	CHECK_INT(DIV_ROUND_UP(7, 3), 3);
	CHECK_INT(DIV_ROUND_CLOSEST(8, 3), 3);
	CHECK_INT(DIV_ROUND_CLOSEST(-8, 3), -3);
	CHECK_INT(roundup(7, 4) + round_up(7, 4) + ALIGN(7, 4), 24);
	CHECK_INT((int)ARRAY_SIZE(((int[]){ 1, 2, 3 })), 3);
}
END

TEST(times_wrap)
{
	unsigned long end = ~0ul;

	CHECK_INT(HZ, 1000);
	CHECK(time_after(end + 5, end) && time_before(end, end + 5) && !time_after(end, end));
	CHECK(time_after_eq(end, end));
	CHECK_UINT(msecs_to_jiffies(5), 5);
	CHECK_UINT(msecs_to_jiffies(-1), MAX_JIFFY_OFFSET);
	CHECK_UINT(usecs_to_jiffies(1), 1);
	CHECK_UINT(usecs_to_jiffies(1000), 1);
	CHECK_UINT(round_jiffies(jiffies + 100 * HZ) % HZ, 0);
	CHECK_INT(ktime_ms_delta(ms_to_ktime(7), us_to_ktime(2000)), 5);
	CHECK(ktime_get() > 0 && ktime_get_real() > ktime_get());
}
END

static int nr_released;

static void release(struct kref *kref)
{
	(void)kref;
	nr_released++;
}

TEST(references_end_once)
{
	struct kref kref;
	atomic_t a = ATOMIC_INIT(1);

	kref_init(&kref);
	kref_get(&kref);
	CHECK(!kref_put(&kref, release));
	CHECK(kref_put(&kref, release));
	CHECK(!kref_get_unless_zero(&kref));
	CHECK_INT(nr_released, 1);
	CHECK(!atomic_add_unless(&a, 1, 1) && atomic_dec_and_test(&a) && !atomic_inc_not_zero(&a));
	CHECK_INT(atomic_dec_if_positive(&a), -1);
	CHECK_INT(atomic_cmpxchg(&a, 0, 5), 0);
	CHECK_INT(atomic_fetch_add(2, &a), 5);
	CHECK_INT(atomic_read(&a), 7);
}
END

static void construct(void *object)
{
	((struct node *)object)->n = 7;
}

TEST(memory)
{
	struct kmem_cache *cache = kmem_cache_create("nodes", sizeof(struct node), 128, 0, construct);
	struct node *node = kmem_cache_alloc(cache, GFP_KERNEL);
	unsigned char *p = kcalloc(3, 5, GFP_KERNEL);

	CHECK_INT(node->n, 7);
	CHECK_UINT((unsigned long)node % 128, 0);
	kmem_cache_free(cache, node);
	kmem_cache_destroy(cache);
	for (int i = 0; i < 15; i++)
		CHECK_INT(p[i], 0);
	kfree(p);
	CHECK(!kmalloc_array((size_t)-1 / 2, 3, GFP_KERNEL));
	kfree(NULL);
}
END

static void free_some(void)
{
	for (int i = 0; i < 100; i++) {
		struct node *node = kzalloc(sizeof(*node), GFP_KERNEL);

		kfree_rcu(node, rcu);
	}
}

/* Whether they were freed, the leak checker of make SAN=address tells. */
TEST(kfree_rcu_frees)
{
	free_some();
	kvfree_rcu_barrier();
}
END

/*
 * Not under sanitizers: one allows no new threads in such a child, the other
 * looks for leaks at its end and waits for threads that are not there.
 */
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
TEST(kfree_rcu_frees_in_a_child_too)
{
	int status;
	pid_t pid;

	flush_scheduled_work();		/* a program that uses queues */
	rcu_read_lock();
	free_some();			/* waits for us */
	pid = fork();
	rcu_read_unlock();
	if (!pid) {
		free_some();
		kvfree_rcu_barrier();
		exit(0);
	}
	kvfree_rcu_barrier();
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}
END
#endif

static bool is_pending(struct work_struct *work)
{
	return work_pending(work);
}

TEST(work_items_are_initialised_alike)
{
	static DECLARE_WORK(declared, NULL);
	static DECLARE_DELAYED_WORK(declared_delayed, NULL);
	struct work_struct work;
	struct delayed_work dwork;
	struct rcu_work rwork;

	INIT_WORK(&work, NULL);
	INIT_DELAYED_WORK(&dwork, NULL);
	INIT_RCU_WORK(&rwork, NULL);
	CHECK(*work_data_bits(&work) == *work_data_bits(&declared));
	CHECK(*work_data_bits(&dwork.work) == *work_data_bits(&declared_delayed.work));
	CHECK(dwork.timer.function == delayed_work_timer_fn);
	CHECK(declared_delayed.timer.function == delayed_work_timer_fn);
	CHECK(list_empty(&work.entry) && list_empty(&declared.entry));
	CHECK(to_delayed_work(&dwork.work) == &dwork && to_rcu_work(&rwork.work) == &rwork);
	CHECK(!is_pending(&work) && !delayed_work_pending(&dwork));
	CHECK(!current_work() && !in_interrupt());
}
END

TESTS(lists_keep_their_order, hash_chains, bits_are_found, masks_of_cpus, numbers_are_read_strictly,
      strings_of_the_kernel, errors_in_pointers, small_arithmetic, times_wrap, references_end_once,
      memory, kfree_rcu_frees, work_items_are_initialised_alike
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
      , kfree_rcu_frees_in_a_child_too
#endif
      )
