/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of a record that the sequence lock calls whole is whole, whatever is written meanwhile
 *
 * WQ_TORN_READS copies are compared with what the writers never do.
 */
#include "outsider.h"

#define NR 8

static struct thing {
	struct work_struct work;
	struct workqueue_struct *wq;	/* two in a row share one */
	uint32_t index;			/* of its record */
} things[NR];

static int stop, writers_cpu, readers_cpu;

/* Eight functions that differ. */
#define FUNC(n) \
	static void func##n(struct work_struct *work) \
	{ \
		struct thing *thing = (struct thing *)(void *)work; \
		if (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) \
			wq_queue_work_on(writers_cpu, thing->wq, work); \
		__asm__ volatile("" :: "i"(n)); \
	}
FUNC(0)
FUNC(1)
FUNC(2)
FUNC(3)
FUNC(4)
FUNC(5)
FUNC(6)
FUNC(7)

static const work_func_t funcs[NR] = { func0, func1, func2, func3, func4, func5, func6, func7 };

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK_INT(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* Makes and destroys workqueues whose names are one letter, 31 times. */
static void churn(void *arg)
{
	unsigned int n = 0;

	(void)arg;
	run_on(writers_cpu);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		char name[32];
		int flags = n & 1 ? WQ_UNBOUND : WQ_PERCPU;

		memset(name, 'a' + (int)(n++ % 26), sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		wq_destroy_workqueue(wq_alloc_workqueue("%s", (unsigned int)flags, 0, name));
	}
}

/* libcheck's own writes a note to a file each time. */
#define MUST(cond) \
	do { \
		if (!(cond)) \
			ck_abort_msg("torn: %s", #cond); \
	} while (0)

/* Returns whether it ran something. */
static bool check_worker(const char *seg, uint32_t i)
{
	struct wq_seg_worker worker;
	struct wq_seg_pwq pwq;
	struct thing *thing;

	SEG_READ(seg, WORKER, i, &worker);
	if (!worker.serial || !worker.work)
		return false;
	thing = (struct thing *)(uintptr_t)worker.work;
	MUST(thing >= things && thing < things + NR);
	MUST(worker.func == (uintptr_t)funcs[thing - things]);
	SEG_READ(seg, PWQ, worker.pwq, &pwq);
	MUST(pwq.workqueue == thing->index);
	MUST(worker.desc[0] == '0' + (thing - things) / 2 * 2);
	return true;
}

static void check_wq(const char *seg, uint32_t i)
{
	struct wq_seg_workqueue wq;

	SEG_READ(seg, WORKQUEUE, i, &wq);
	if (!wq.serial || wq.name[1] != wq.name[2])	/* free, or not of churn() */
		return;
	MUST(wq.address != 0);
	for (int c = 0; c < 31; c++)
		MUST(wq.name[c] == wq.name[0]);
	MUST(wq.name[31] == 0);
}

static unsigned long reads_wanted(void)
{
	const char *n = getenv("WQ_TORN_READS");

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return n ? strtoul(n, NULL, 0) : 100000;
#else
	return n ? strtoul(n, NULL, 0) : 1000000;
#endif
}

/* Writers and reader at the same time, where there are two CPUs. */
static void choose_cpus(void)
{
	cpu_set_t set;

	CHECK_INT(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(writers_cpu, &set))
		writers_cpu++;
	readers_cpu = writers_cpu;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			readers_cpu = cpu;
}

TEST(no_copy_is_torn)
{
	unsigned long reads = 0, want = reads_wanted(), busy = 0;
	struct wq_seg_workqueue rec;
	struct helper maker;
	const char *seg;

	choose_cpus();
	CHECK(wq_segment_fd() >= 0);
	seg = outsider_map(getpid());
	for (int i = 0; i < NR; i++) {
		char name[8];

		wq_init_work(&things[i].work, funcs[i]);
		snprintf(name, sizeof(name), "%d-torn", i / 2 * 2);
		things[i].wq = i & 1 ? things[i - 1].wq :
			       wq_alloc_workqueue("%s", i & 2 ? WQ_UNBOUND : WQ_PERCPU, 0, name);
		things[i].index = seg_find_wq(seg, name, &rec);
		CHECK(things[i].index != WQ_SEG_NONE);
	}
	for (int i = 0; i < NR; i++)
		wq_queue_work_on(writers_cpu, things[i].wq, &things[i].work);
	helper_start(&maker, churn, NULL);
	run_on(readers_cpu);
	/* churn() gets on, too, however slow it is beside the items */
	for (uint32_t turn = 0; reads < want || busy < want / 20 ||
	     __atomic_load_n(&seg_header(seg)->generation, __ATOMIC_RELAXED) <= 100; turn++) {
		uint32_t workers = seg_nr(seg, WQ_SEG_WORKERS);

		for (uint32_t i = 0; i < workers; i++)
			busy += check_worker(seg, i);
		check_wq(seg, turn % seg_nr(seg, WQ_SEG_WORKQUEUES));
		reads += workers + 1;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	helper_join(&maker);
	for (int i = 0; i < NR; i += 2)
		wq_destroy_workqueue(things[i].wq);
}
END

TESTS(no_copy_is_torn)
