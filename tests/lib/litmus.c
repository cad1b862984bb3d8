/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory ordering: how often is the outcome seen that the kernel's documentation forbids? All
 * data are accessed relaxed, so that nothing but libwq orders them. What only ran on x86 or in
 * an emulator was not run on weak hardware.
 */
#include <sched.h>

#include "probe.h"

#ifdef __SANITIZE_THREAD__
#define ROUNDS 5000
#else
#define ROUNDS 30000
#endif

#define READ(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)

static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	char pad1[128];
	int x;
	char pad2[128];
	int y;
	char pad3[128];
	int seen_x, seen_y, runs;
} t;

static void begin(const char *name, unsigned int flags, work_func_t func)
{
	memset(&t, 0, sizeof(t));
	t.wq = wq_alloc_workqueue("%s", flags, 0, name);
	CHECK(t.wq != NULL);
	wq_init_work(&t.work, func);
}

static const unsigned int kinds[] = { WQ_PERCPU, WQ_UNBOUND };

/*
 * Message passing, <linux/workqueue.h> on queue_work():
 *
 *	{ x = 0 }
 *	WRITE(x, 1);				r1 = READ(x);
 *	r0 = queue_work(wq, work);
 *
 *	forbids r0 == true && r1 == 0
 */
static void read_x(struct work_struct *work)
{
	(void)work;
	WRITE(t.seen_x, READ(t.x));
	/* only to wait by: it orders what the test reads, not what this run has read */
	__atomic_store_n(&t.runs, READ(t.runs) + 1, __ATOMIC_RELEASE);
}

static int runs_now(void)
{
	return __atomic_load_n(&t.runs, __ATOMIC_ACQUIRE);
}

TEST(a_successful_queueing_passes_what_was_written)
{
	int forbidden = 0;

	for (int k = 0; k < 2; k++) {
		begin("mp", kinds[k], read_x);
		for (int i = 1; i <= ROUNDS; i++) {
			WRITE(t.x, i);
			if (wq_queue_work_on(i & 1, t.wq, &t.work))
				while (runs_now() != i)
					sched_yield();
			forbidden += READ(t.seen_x) != i;
			/* the worker may not have left it: it would go to the same CPU again */
			wq_flush_work(&t.work);
		}
		wq_destroy_workqueue(t.wq);
	}
	CHECK_INT(forbidden, 0);
}
END

/*
 * Store buffering, set_work_pool_and_clear_pending(): who queues an item that is pending already
 * is sure that the run to come sees what it wrote.
 *
 *	WRITE(x, 1);				pending is cleared
 *	r0 = queue_work(wq, work);		r1 = READ(x);
 *
 *	forbids r0 == false && r1 == 0, unless another run follows
 */
/* Whose pool the items go to. After the library has seen which CPUs there are. */
static void leave_cpu_0(void)
{
	cpu_set_t cpus;

	CHECK_INT(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	CPU_CLR(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

TEST(a_refused_queueing_passes_it_too)
{
	int forbidden = 0, refused = 0;

	for (int k = 0; k < 2; k++) {
		int x = 0;

		begin("sb", kinds[k], read_x);
		leave_cpu_0();
		for (int i = 0; i < ROUNDS; i++) {
			/* bursts, which end while the item is pending, begins, or runs */
			for (int n = 0; n < 1 + i % 24; n++) {
				WRITE(t.x, ++x);
				refused += !wq_queue_work_on(0, t.wq, &t.work);
			}
			wq_flush_work(&t.work);
			forbidden += READ(t.seen_x) != x;
		}
		wq_destroy_workqueue(t.wq);
	}
	CHECK(refused > 0);
	CHECK_INT(forbidden, 0);
}
END

/*
 * Another thread queues it all the time. What is pending at our call is the second run to end
 * from there on, at most; a flush would not wait for it while the other one is about to queue.
 */
static int stop;

static void keep_queueing(void *arg)
{
	(void)arg;
	while (!READ(stop))
		wq_queue_work_on(1, t.wq, &t.work);
}

TEST(also_if_somebody_else_queued_it)
{
	int forbidden = 0;
	struct helper h;

	begin("sb2", WQ_UNBOUND, read_x);
	helper_start(&h, keep_queueing, NULL);
	for (int i = 1; i <= ROUNDS / 8; i++) {
		int runs = runs_now();

		WRITE(t.x, i);
		wq_queue_work_on(0, t.wq, &t.work);
		while (runs_now() - runs < 2)
			sched_yield();
		forbidden += READ(t.seen_x) < i;
	}
	WRITE(stop, 1);
	helper_join(&h);
	wq_destroy_workqueue(t.wq);
	CHECK_INT(forbidden, 0);
}
END

/*
 * What the function wrote is seen by whoever has waited for it: flush_work(), also where it
 * returns false because the item is idle already, flush_workqueue() and cancel_work_sync().
 */
static void write_y(struct work_struct *work)
{
	(void)work;
	WRITE(t.y, READ(t.y) + 1);
}

static void wait_by(int how)
{
	switch (how) {
	case 0:
		wq_flush_work(&t.work);
		break;
	case 1:
		wq_flush_workqueue(t.wq);
		break;
	default:
		/* not to be taken back: it is to run */
		while (wq_work_pending(&t.work))
			sched_yield();
		wq_cancel_work_sync(&t.work);
		break;
	}
}

TEST(whoever_waited_sees_what_the_function_wrote)
{
	int forbidden = 0;

	for (int k = 0; k < 2; k++) {
		begin("wait", kinds[k], write_y);
		for (int i = 1; i <= ROUNDS; i++) {
			CHECK(wq_queue_work_on(i & 1, t.wq, &t.work));
			wait_by(i % 3);
			forbidden += READ(t.y) != i;
		}
		wq_destroy_workqueue(t.wq);
	}
	CHECK_INT(forbidden, 0);
}
END

/*
 * A run sees what the one before it wrote, wherever each of them ran: plain data, which TSan
 * watches.
 */
static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	long plain, left;
} chain;

static void add_one(struct work_struct *work)
{
	long left = READ(chain.left) - 1;

	chain.plain++;
	if (left > 0)
		wq_queue_work_on((int)(left & 1), chain.wq, work);
	WRITE(chain.left, left);
}

TEST(a_run_sees_what_the_last_one_wrote)
{
	for (int k = 0; k < 2; k++) {
		chain.wq = wq_alloc_workqueue("chain", kinds[k], 0);
		chain.plain = 0;
		chain.left = ROUNDS;
		wq_init_work(&chain.work, add_one);
		wq_queue_work(chain.wq, &chain.work);
		while (READ(chain.left))
			sched_yield();
		wq_destroy_workqueue(chain.wq);
		CHECK_INT(chain.plain, ROUNDS);
	}
}
END

/* An ordered queue: what one item wrote, the next one sees. */
static struct {
	struct work_struct work;
	long number;
} steps[16];

static long expected, out_of_order;

static void step_func(struct work_struct *work)
{
	long number = ((__typeof__(&steps[0]))(void *)work)->number;

	out_of_order += expected != number;
	expected = number + 1;
}

TEST(ordered_items_see_what_the_one_before_wrote)
{
	struct workqueue_struct *wq = wq_alloc_ordered_workqueue("steps", 0);
	long number = 0;

	for (int i = 0; i < ROUNDS / 16; i++) {
		for (int n = 0; n < 16; n++) {
			steps[n].number = number++;
			wq_init_work(&steps[n].work, step_func);
			CHECK(wq_queue_work_on(n & 1, wq, &steps[n].work));
		}
		wq_flush_workqueue(wq);
		for (int n = 0; n < 16; n++)
			wq_cancel_work_sync(&steps[n].work);
	}
	wq_destroy_workqueue(wq);
	CHECK_INT(out_of_order, 0);
	CHECK_INT(expected, number);
}
END

/*
 * Two that meet: a thread says that it has gone and then queues; the function looks whether it
 * has, and then ends. One of the two must see the other one, or the message is lost:
 *
 *	WRITE(x, i);				pending is cleared
 *	r0 = queue_work(wq, work);		r1 = READ(x); WRITE(y, r1);
 *
 * over many independent items, without a wait between them.
 */
#define NR_MEET 64

static struct meet {
	struct work_struct work;
	int x, y;
} meets[NR_MEET];

static void meet_func(struct work_struct *work)
{
	struct meet *m = (struct meet *)(void *)work;

	WRITE(m->y, READ(m->x));
}

TEST(no_message_is_lost_without_a_wait)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("meet", WQ_UNBOUND, 0);
	int forbidden = 0;

	for (int n = 0; n < NR_MEET; n++)
		wq_init_work(&meets[n].work, meet_func);
	for (int i = 1; i <= ROUNDS * 4; i++) {
		struct meet *m = &meets[i % NR_MEET];

		WRITE(m->x, i);
		wq_queue_work_on(i & 1, wq, &m->work);
	}
	wq_flush_workqueue(wq);
	for (int n = 0; n < NR_MEET; n++)
		forbidden += READ(meets[n].y) != READ(meets[n].x);
	wq_destroy_workqueue(wq);
	CHECK_INT(forbidden, 0);
}
END

TESTS(a_successful_queueing_passes_what_was_written, a_refused_queueing_passes_it_too,
      also_if_somebody_else_queued_it, whoever_waited_sees_what_the_function_wrote,
      a_run_sees_what_the_last_one_wrote, ordered_items_see_what_the_one_before_wrote,
      no_message_is_lost_without_a_wait)
