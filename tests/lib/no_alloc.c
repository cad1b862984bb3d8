/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queueing allocates nothing: not for the first item, nor for the 10,000th that waits. */
#include <stdlib.h>

#include "probe.h"

#define NR_ITEMS 10000

static __thread bool counting;
static __thread unsigned int nr_allocs;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_COUNT 0
#else
#define CAN_COUNT 1

/* In place of the libc's, for the whole program. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t nr, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

void *malloc(size_t size)
{
	nr_allocs += counting;
	return __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	nr_allocs += counting;
	return __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
	nr_allocs += counting;
	return __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	nr_allocs += counting;
	return __libc_memalign(align, size);
}
#endif

static struct counter items[NR_ITEMS];
static struct probe hold;

static void queue_all(struct workqueue_struct *wq)
{
	probe_init(&hold);
	CHECK(wq_queue_work_on(0, wq, &hold.work));
	gate_pass(&hold.entered);
	for (int i = 0; i < NR_ITEMS; i++)
		counter_init(&items[i]);
	nr_allocs = 0;
	counting = true;
	for (int i = 0; i < NR_ITEMS; i++)
		wq_queue_work_on(0, wq, &items[i].work);
	counting = false;
	CHECK_UINT(nr_allocs, 0);
	for (int i = 0; i < NR_ITEMS; i++)
		CHECK(wq_work_pending(&items[i].work));
	gate_open(&hold.leave);
	wq_destroy_workqueue(wq);
	for (int i = 0; i < NR_ITEMS; i++)
		CHECK_INT(counter_runs(&items[i]), 1);
}

TEST(the_counting_counts)
{
	void *(*volatile get)(size_t) = malloc;	/* not what the compiler thinks it knows of it */
	void *block;

	counting = true;
	block = get(1);
	counting = false;
	free(block);
	CHECK_UINT(nr_allocs, 1);
}
END

TEST(behind_max_active)
{
	queue_all(wq_alloc_workqueue("inactive", WQ_PERCPU, 1));
}
END

TEST(on_an_ordered_queue)
{
	queue_all(wq_alloc_ordered_workqueue("ordered", 0));
}
END

static struct delayed_work later[NR_ITEMS];

static void nothing(struct work_struct *work)
{
	(void)work;
}

TEST(armed)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("armed", WQ_PERCPU, 0);

	for (int i = 0; i < NR_ITEMS; i++)
		wq_init_delayed_work(&later[i], nothing);
	nr_allocs = 0;
	counting = true;
	for (int i = 0; i < NR_ITEMS; i++)
		wq_queue_delayed_work(wq, &later[i], 1000000 + (unsigned long)i);
	counting = false;
	CHECK_UINT(nr_allocs, 0);
	for (int i = 0; i < NR_ITEMS; i++)
		CHECK(wq_cancel_delayed_work(&later[i]));
	wq_destroy_workqueue(wq);
}
END

int main(void)
{
	const TTest *const tests[] = { the_counting_counts, behind_max_active, on_an_ordered_queue,
				       armed, NULL };

	if (!CAN_COUNT) {
		puts("1..0 # SKIP a sanitizer brings an allocator of its own");
		return 0;
	}
	return run_tests(__FILE__, tests);
}
