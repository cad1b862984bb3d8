/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ages that were seen are lower bounds: never longer than the truth. */
#include "test.h"

#include "../../tools/delta.h"
#include "../../tools/fields.h"
#include "../../tools/summary.h"
#include "../../tools/util.h"

#define SEC NSEC_PER_SEC

static struct work *add_work(struct snapshot *s, uint64_t address, enum work_state state)
{
	struct work *w = snapshot_add(s, ROW_WORK);

	w->address = address;
	w->state = state;
	w->function = "fn";
	w->workqueue_id = "q";
	w->pool = 3;
	w->worker_pid = 77;
	know(&w->has, WORK_ADDRESS);
	know(&w->has, WORK_STATE);
	know(&w->has, WORK_FUNCTION);
	know(&w->has, WORK_WORKQUEUE_ID);
	know(&w->has, WORK_POOL);
	know(&w->has, WORK_WORKER_PID);
	return w;
}

static void add_pwq(struct snapshot *s, uint64_t started)
{
	struct pwq *p = snapshot_add(s, ROW_PWQ);

	p->workqueue_id = "q";
	p->pool = 3;
	p->stat[STAT_STARTED] = started;
	know(&p->has, PWQ_WORKQUEUE_ID);
	know(&p->has, PWQ_POOL);
	know(&p->has, PWQ_STARTED);
}

static struct workqueue *add_wq(struct snapshot *s, const char *id, uint64_t started)
{
	struct workqueue *w = snapshot_add(s, ROW_WORKQUEUE);

	w->id = w->name = id;
	w->stat[STAT_STARTED] = w->stat[STAT_COMPLETED] = started;
	know(&w->has, WORKQUEUE_ID);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_STARTED);
	know(&w->has, WORKQUEUE_COMPLETED);
	return w;
}

static struct worker *add_worker(struct snapshot *s, int64_t pid, uint64_t run_mark)
{
	struct worker *w = snapshot_add(s, ROW_WORKER);

	w->pid = pid;
	w->function = "fn";
	w->workqueue_id = "q";
	w->pool = 3;
	w->run_mark = run_mark;
	know(&w->has, WORKER_PID);
	know(&w->has, WORKER_FUNCTION);
	know(&w->has, WORKER_WORKQUEUE_ID);
	know(&w->has, WORKER_POOL);
	return w;
}

static struct waiter *add_waiter(struct snapshot *s, int64_t pid, uint64_t waits_in)
{
	struct waiter *w = snapshot_add(s, ROW_WAITER);

	w->pid = pid;
	w->waits_in = waits_in;
	w->workqueue_id = "q";
	know(&w->has, WAITER_PID);
	know(&w->has, WAITER_WAITS_IN);
	know(&w->has, WAITER_WORKQUEUE_ID);
	return w;
}

struct two {
	struct snapshot before, now;
};

static struct two two(void)
{
	struct two t;

	snapshot_init(&t.before);
	snapshot_init(&t.now);
	t.before.mono_ns = 10 * SEC;
	t.now.mono_ns = 13 * SEC;
	return t;
}

static void run(struct two *t)
{
	delta(NULL, &t->before);
	delta(&t->before, &t->now);
}

static const struct work *work0(const struct two *t)
{
	return snapshot_row(&t->now, ROW_WORK, 0);
}

static void done(struct two *t)
{
	snapshot_free(&t->before);
	snapshot_free(&t->now);
}

TEST(seen_twice_is_that_old_at_least)
{
	struct two t = two();
	struct snapshot third;

	add_work(&t.before, 1, WORK_PENDING);
	add_work(&t.now, 1, WORK_PENDING);
	run(&t);
	CHECK(known(work0(&t)->has, WORK_AGE_MIN));
	CHECK_UINT(work0(&t)->age_min_ns, 3 * SEC);
	CHECK(!known(work0(&t)->has, WORK_AGE));
	snapshot_init(&third);
	third.mono_ns = 20 * SEC;
	add_work(&third, 1, WORK_PENDING);
	delta(&t.now, &third);
	CHECK_UINT(((const struct work *)snapshot_row(&third, ROW_WORK, 0))->age_min_ns, 10 * SEC);
	snapshot_free(&third);
	done(&t);
}
END

TEST(seen_once_has_no_age)
{
	struct two t = two();

	add_work(&t.before, 1, WORK_PENDING);
	add_work(&t.now, 2, WORK_PENDING);
	run(&t);
	CHECK(!known(work0(&t)->has, WORK_AGE_MIN));
	done(&t);
}
END

TEST(to_run_is_not_to_wait)
{
	struct two t = two();

	add_work(&t.before, 1, WORK_INACTIVE);
	add_work(&t.before, 2, WORK_PENDING);
	add_work(&t.now, 1, WORK_PENDING);	/* still waits */
	add_work(&t.now, 2, WORK_RUNNING);
	run(&t);
	CHECK_UINT(work0(&t)->age_min_ns, 3 * SEC);
	CHECK(!known(work0(&t)[1].has, WORK_AGE_MIN));
	done(&t);
}
END

TEST(another_worker_is_another_run)
{
	struct two t = two();

	add_work(&t.before, 1, WORK_RUNNING);
	add_work(&t.now, 1, WORK_RUNNING)->worker_pid = 78;
	run(&t);
	CHECK(!known(work0(&t)->has, WORK_AGE_MIN));
	done(&t);
}
END

TEST(what_may_have_run_again_starts_anew)
{
	struct two t = two();

	add_pwq(&t.before, 5);
	add_pwq(&t.now, 6);
	add_work(&t.before, 1, WORK_RUNNING);
	add_work(&t.before, 2, WORK_PENDING);
	add_work(&t.now, 1, WORK_RUNNING);
	add_work(&t.now, 2, WORK_PENDING);
	run(&t);
	CHECK(!known(work0(&t)[0].has, WORK_AGE_MIN));
	CHECK(!known(work0(&t)[1].has, WORK_AGE_MIN));
	done(&t);
}
END

TEST(a_quiet_queue_proves_the_age)
{
	struct two t = two();

	add_wq(&t.before, "q", 5);
	add_wq(&t.now, "q", 6);		/* elsewhere: in another pool */
	add_pwq(&t.before, 5);
	add_pwq(&t.now, 5);
	add_work(&t.before, 1, WORK_RUNNING);
	add_work(&t.now, 1, WORK_RUNNING);
	run(&t);
	CHECK_UINT(work0(&t)->age_min_ns, 3 * SEC);
	done(&t);
}
END

TEST(a_worker_that_began_nothing_proves_the_age)
{
	struct two t = two();

	add_pwq(&t.before, 5);
	add_pwq(&t.now, 600);
	add_worker(&t.before, 77, 1234);
	add_worker(&t.now, 77, 1234);
	add_worker(&t.before, 78, 1);
	add_worker(&t.now, 78, 2);
	add_work(&t.before, 1, WORK_RUNNING);
	add_work(&t.now, 1, WORK_RUNNING);
	run(&t);
	CHECK_UINT(work0(&t)->age_min_ns, 3 * SEC);
	CHECK(known(((struct worker *)snapshot_row(&t.now, ROW_WORKER, 0))->has, WORKER_AGE_MIN));
	CHECK(!known(((struct worker *)snapshot_row(&t.now, ROW_WORKER, 1))->has, WORKER_AGE_MIN));
	done(&t);
}
END

TEST(waiters_age_while_their_queue_stands)
{
	struct two t = two();

	add_wq(&t.before, "q", 5);
	add_wq(&t.now, "q", 5);
	add_waiter(&t.before, 9, WAITS_FLUSH_WORK);
	add_waiter(&t.before, 10, WAITS_FLUSH_WORK);
	add_waiter(&t.now, 9, WAITS_FLUSH_WORK);
	add_waiter(&t.now, 10, WAITS_FLUSH_WORKQUEUE);
	run(&t);
	CHECK_UINT(((struct waiter *)snapshot_row(&t.now, ROW_WAITER, 0))->age_min_ns, 3 * SEC);
	CHECK(!known(((struct waiter *)snapshot_row(&t.now, ROW_WAITER, 1))->has, WAITER_AGE_MIN));
	done(&t);
	t = two();
	add_wq(&t.before, "q", 5);
	add_wq(&t.now, "q", 6);
	add_waiter(&t.before, 9, WAITS_FLUSH_WORK);
	add_waiter(&t.now, 9, WAITS_FLUSH_WORK);
	run(&t);
	CHECK(!known(((struct waiter *)snapshot_row(&t.now, ROW_WAITER, 0))->has, WAITER_AGE_MIN));
	done(&t);
}
END

TEST(a_saved_age_goes_on)
{
	struct two t = two();
	struct work *w = add_work(&t.before, 1, WORK_PENDING);

	w->age_min_ns = 4 * SEC;
	know(&w->has, WORK_AGE_MIN);
	add_work(&t.now, 1, WORK_PENDING);
	run(&t);
	CHECK_UINT(work0(&t)->age_min_ns, 7 * SEC);
	done(&t);
}
END

TEST(a_timer_that_is_armed_anew_starts_anew)
{
	struct two t = two();
	struct work *w;

	for (int i = 0; i < 2; i++) {
		w = add_work(&t.before, 1 + (uint64_t)i, WORK_DELAYED);
		w->due_in_ns = 5 * (int64_t)SEC;
		know(&w->has, WORK_DUE_IN);
		w = add_work(&t.now, 1 + (uint64_t)i, WORK_DELAYED);
		w->due_in_ns = (2 + i) * (int64_t)SEC;	/* 3 s later: the same, and another */
		know(&w->has, WORK_DUE_IN);
	}
	run(&t);
	CHECK_UINT(work0(&t)->age_min_ns, 3 * SEC);
	CHECK(!known(work0(&t)[1].has, WORK_AGE_MIN));
	done(&t);
}
END

TEST(time_that_ran_backwards_tells_nothing)
{
	struct two t = two();

	t.now.mono_ns = 9 * SEC;
	add_work(&t.before, 1, WORK_PENDING);
	add_work(&t.now, 1, WORK_PENDING);
	run(&t);
	CHECK(!known(work0(&t)->has, WORK_AGE_MIN));
	done(&t);
}
END

static struct function *add_function(struct snapshot *s, uint64_t from, uint64_t started)
{
	struct function *f = snapshot_add(s, ROW_FUNCTION);

	s->interval = (struct interval){ .known = true, .from_mono_ns = from,
					 .to_mono_ns = s->mono_ns };
	f->function = "fn";
	f->started = started;
	know(&f->has, FUNCTION_FUNCTION);
	know(&f->has, FUNCTION_STARTED);
	return f;
}

TEST(functions_rates_are_of_their_interval)
{
	struct two t = two();

	add_function(&t.before, 10 * SEC - SEC / 2, 100);
	add_function(&t.now, 10 * SEC - SEC / 2, 400);	/* counted on */
	run(&t);
	ck_assert_double_eq(((struct function *)snapshot_row(&t.now, ROW_FUNCTION, 0))->started_rate,
			    100.0);
	done(&t);
	t = two();
	add_function(&t.before, 9 * SEC, 100);
	add_function(&t.now, 12 * SEC, 400);		/* counted anew */
	run(&t);
	ck_assert_double_eq(((struct function *)snapshot_row(&t.now, ROW_FUNCTION, 0))->started_rate,
			    400.0);
	done(&t);
}
END

static void set_age(struct work *w, uint64_t ns)
{
	w->age_ns = ns;
	know(&w->has, WORK_AGE);
}

TEST(the_oldest_work_runs_if_any_does)
{
	struct snapshot s;
	struct workqueue *q;

	snapshot_init(&s);
	add_wq(&s, "q", 0);
	add_wq(&s, "idle", 0);
	set_age(add_work(&s, 1, WORK_PENDING), 9 * SEC);
	add_work(&s, 2, WORK_RUNNING);
	set_age(add_work(&s, 3, WORK_RUNNING), 2 * SEC);
	set_age(add_work(&s, 4, WORK_DELAYED), 99 * SEC);
	((struct work *)snapshot_row(&s, ROW_WORK, 2))->function = "oldest";
	snapshot_link(&s);
	summarize(&s);
	q = snapshot_row(&s, ROW_WORKQUEUE, 0);
	CHECK_STR(q->oldest_function, "oldest");
	CHECK_UINT(q->oldest_age_ns, 2 * SEC);
	CHECK(!known(q->has, WORKQUEUE_OLDEST_AGE_MIN));
	q = snapshot_row(&s, ROW_WORKQUEUE, 1);
	CHECK(known(q->has, WORKQUEUE_OLDEST_FUNCTION));
	CHECK_STR(q->oldest_function, "");		/* nothing in flight: known */
	CHECK(!known(q->has, WORKQUEUE_OLDEST_AGE));
	s.left_out[ROW_WORK] = 1;
	summarize(&s);
	CHECK(!known(q->has, WORKQUEUE_OLDEST_FUNCTION));
	snapshot_free(&s);
}
END

TEST(the_oldest_work_has_the_age_that_was_seen)
{
	struct two t = two();
	struct workqueue *q;

	add_wq(&t.before, "q", 5);
	add_wq(&t.now, "q", 5);
	add_work(&t.before, 1, WORK_PENDING);
	add_work(&t.now, 2, WORK_PENDING);
	add_work(&t.now, 1, WORK_PENDING)->function = "old";
	((struct work *)snapshot_row(&t.before, ROW_WORK, 0))->function = "old";
	snapshot_link(&t.before);
	snapshot_link(&t.now);
	run(&t);
	q = snapshot_row(&t.now, ROW_WORKQUEUE, 0);
	CHECK_STR(q->oldest_function, "old");
	CHECK_UINT(q->oldest_age_min_ns, 3 * SEC);
	CHECK(!known(q->has, WORKQUEUE_OLDEST_AGE));
	done(&t);
}
END

TESTS(seen_twice_is_that_old_at_least, seen_once_has_no_age, to_run_is_not_to_wait,
      another_worker_is_another_run, what_may_have_run_again_starts_anew,
      a_quiet_queue_proves_the_age, a_worker_that_began_nothing_proves_the_age,
      waiters_age_while_their_queue_stands, a_saved_age_goes_on,
      a_timer_that_is_armed_anew_starts_anew, time_that_ran_backwards_tells_nothing,
      functions_rates_are_of_their_interval,
      the_oldest_work_runs_if_any_does, the_oldest_work_has_the_age_that_was_seen)
