/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build with DEBUG=1 stops at the first lock that is taken against the ranks. */
#ifndef WQKIT_DEBUG
#define WQKIT_DEBUG
#endif
#include <setjmp.h>

#include "../../lib/sync.c"
#include "../unit/test.h"

/* What sync.c needs of the library. */
unsigned int wq_debug;
int wq_nr_cpus = 1;
static jmp_buf stopped;

void wq_bug(const char *what, const char *file, int line)
{
	(void)what;
	(void)file;
	(void)line;
	longjmp(stopped, 1);
}

void work_run_deferred(void)
{
}

void wq_block_begin(void)
{
}

void wq_block_end(void)
{
}

/* Is it refused to take the second one while the first one is held? */
static bool refused(struct wq_lock *first, struct wq_lock *second)
{
	volatile bool stops = true;

	if (!setjmp(stopped)) {
		lock_acquire(first);
		lock_acquire(second);
		stops = false;
	}
	first->word = second->word = 0;
	lock_check_pause(false);
	return stops;
}

TEST(the_order_of_the_ranks)
{
	struct wq_lock pools = LOCK_INIT(RANK_POOLS), wq = LOCK_INIT(RANK_WQ),
		       pool = LOCK_INIT(RANK_POOL), none = { 0 };

	CHECK(!refused(&pools, &wq));
	CHECK(!refused(&wq, &pool));
	CHECK(!refused(&pools, &pool));
	CHECK(refused(&pool, &wq));
	CHECK(refused(&wq, &pools));
	CHECK(refused(&wq, &wq));
	CHECK(refused(&wq, &none));
}
END

TEST(two_pools_go_by_their_ids)
{
	struct wq_lock one, two;

	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	lock_init(&one, RANK_POOL, 1);
	lock_init(&two, RANK_POOL, 2);
	CHECK(!refused(&one, &two));
	CHECK(refused(&two, &one));
}
END

TEST(trying_does_not_wait_and_letting_go_forgets)
{
	struct wq_lock wq = LOCK_INIT(RANK_WQ), pool = LOCK_INIT(RANK_POOL),
		       other = LOCK_INIT(RANK_POOL);

	lock_acquire(&pool);
	CHECK(lock_try(&wq));
	lock_release(&pool);
	/* the wq's alone is held now */
	CHECK_UINT(wq_self.nr_held, 1);
	lock_acquire(&other);
	lock_release(&other);
	lock_release(&wq);
	CHECK_UINT(wq_self.nr_held, 0);
	CHECK_UINT(wq_self.depth, 0);
}
END

TESTS(the_order_of_the_ranks, two_pools_go_by_their_ids,
      trying_does_not_wait_and_letting_go_forgets)
