/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's locks and waits, between threads of a program. */
#include <pthread.h>
#include <sys/wait.h>

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "../unit/test.h"

#define NR_THREADS 4
#define NR_ROUNDS 20000

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static long counter;

static void run_threads(void *(*function)(void *))
{
	pthread_t threads[NR_THREADS];

	for (int i = 0; i < NR_THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, function, NULL), 0);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void *count_under_mutex(void *arg)
{
	for (int i = 0; i < NR_ROUNDS; i++) {
		mutex_lock(&mutex);
		counter++;
		mutex_unlock(&mutex);
	}
	return arg;
}

static void *count_under_spinlock(void *arg)
{
	unsigned long flags;

	for (int i = 0; i < NR_ROUNDS; i++) {
		spin_lock_irqsave(&spinlock, flags);
		counter++;
		spin_unlock_irqrestore(&spinlock, flags);
	}
	return arg;
}

TEST(mutex_excludes)
{
	run_threads(count_under_mutex);
	CHECK_INT(counter, NR_THREADS * NR_ROUNDS);
	CHECK(!mutex_is_locked(&mutex));
}
END

TEST(spinlock_excludes)
{
	run_threads(count_under_spinlock);
	CHECK_INT(counter, NR_THREADS * NR_ROUNDS);
}
END

TEST(trylock_does_not_wait)
{
	CHECK(mutex_trylock(&mutex));
	CHECK(!mutex_trylock(&mutex));
	mutex_unlock(&mutex);
	CHECK(spin_trylock(&spinlock));
	CHECK(!spin_trylock(&spinlock));
	spin_unlock(&spinlock);
}
END

static DECLARE_COMPLETION(ping);
static DECLARE_COMPLETION(pong);

static void *answer(void *arg)
{
	for (int i = 0; i < NR_ROUNDS / 10; i++) {
		wait_for_completion(&ping);
		complete(&pong);
	}
	return arg;
}

TEST(completions_go_to_and_fro)
{
	pthread_t thread;

	pthread_create(&thread, NULL, answer, NULL);
	for (int i = 0; i < NR_ROUNDS / 10; i++) {
		complete(&ping);
		wait_for_completion(&pong);
	}
	pthread_join(thread, NULL);
	CHECK(!completion_done(&ping));
	CHECK(!completion_done(&pong));
}
END

static void *wait_for_ping(void *arg)
{
	wait_for_completion(&ping);
	return arg;
}

TEST(complete_all_wakes_everybody_now_and_later)
{
	pthread_t threads[NR_THREADS];

	for (int i = 0; i < NR_THREADS; i++)
		pthread_create(&threads[i], NULL, wait_for_ping, NULL);
	complete_all(&ping);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	wait_for_completion(&ping);
	CHECK(completion_done(&ping));
	reinit_completion(&ping);
	CHECK(!completion_done(&ping));
}
END

TEST(each_complete_wakes_one)
{
	complete(&ping);
	complete(&ping);
	CHECK(try_wait_for_completion(&ping));
	CHECK(completion_done(&ping));
	CHECK(wait_for_completion_timeout(&ping, HZ) > 0);
	CHECK(!try_wait_for_completion(&ping));
	CHECK_UINT(wait_for_completion_timeout(&ping, 0), 0);
	CHECK_UINT(wait_for_completion_timeout(&ping, 2), 0);
}
END

/* The waiter's stack frame, and the completion with it, is gone right after its wake-up. */
static void *complete_it(void *arg)
{
	complete(arg);
	return NULL;
}

TEST(a_completion_may_die_as_soon_as_it_is_done)
{
	for (int i = 0; i < 200; i++) {
		DECLARE_COMPLETION_ONSTACK(done);
		pthread_t thread;

		pthread_create(&thread, NULL, complete_it, &done);
		wait_for_completion(&done);
		memset(&done, 0xaa, sizeof(done));
		pthread_join(thread, NULL);
	}
}
END

static DECLARE_WAIT_QUEUE_HEAD(queue);
static atomic_t turn;

/* Even turns are this thread's. */
static void *take_turns(void *arg)
{
	for (int i = 0; i < NR_ROUNDS / 10; i++) {
		wait_event(queue, atomic_read(&turn) % 2);
		atomic_inc(&turn);
		wake_up(&queue);
	}
	return arg;
}

TEST(no_wake_up_is_lost)
{
	pthread_t thread;

	pthread_create(&thread, NULL, take_turns, NULL);
	for (int i = 0; i < NR_ROUNDS / 10; i++) {
		CHECK_INT(wait_event_interruptible(queue, atomic_read(&turn) % 2 == 0), 0);
		atomic_inc(&turn);
		wake_up_all(&queue);
	}
	pthread_join(thread, NULL);
	CHECK_INT(atomic_read(&turn), 2 * (NR_ROUNDS / 10));
	CHECK(!waitqueue_active(&queue));
}
END

TEST(wait_event_timeout_tells_which)
{
	CHECK_INT(wait_event_timeout(queue, false, 2), 0);
	CHECK(wait_event_timeout(queue, true, 0) >= 1);
	CHECK(wait_event_timeout(queue, true, 3600 * HZ) > 3000 * HZ);
	CHECK(wait_event_timeout(queue, true, MAX_SCHEDULE_TIMEOUT) > 0);
}
END

TEST(sleeps_are_never_short)
{
	unsigned long start = jiffies;

	msleep(5);
	CHECK(time_after_eq(jiffies, start + 5));
	start = jiffies;
	CHECK_INT(schedule_timeout_interruptible(3), 0);
	CHECK(time_after_eq(jiffies, start + 3));
	start = jiffies;
	udelay(2000);
	CHECK(time_after_eq(jiffies, start + 2));
}
END

TEST(current_is_this_thread_also_after_a_fork)
{
	pid_t pid;
	int status;

	CHECK_INT(current->pid, getpid());
	pid = fork();
	if (!pid)
		_exit(current->pid != getpid() || current->tgid != getpid());
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}
END

TESTS(mutex_excludes, spinlock_excludes, trylock_does_not_wait, completions_go_to_and_fro,
      complete_all_wakes_everybody_now_and_later, each_complete_wakes_one,
      a_completion_may_die_as_soon_as_it_is_done, no_wake_up_is_lost,
      wait_event_timeout_tells_which, sleeps_are_never_short,
      current_is_this_thread_also_after_a_fork)
