/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "../../tools/rows.h"
#include "../../tools/summary.h"
#include "../../tools/delta.h"

static struct workqueue *add_wq(struct snapshot *s, const char *name, uint64_t started)
{
	struct workqueue *w = snapshot_add(s, ROW_WORKQUEUE);

	w->id = snapshot_str(s, name);
	w->name = snapshot_str(s, name);
	w->stat[STAT_STARTED] = started;
	know(&w->has, WORKQUEUE_ID);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_STARTED);
	return w;
}

static void three(struct snapshot *s)
{
	snapshot_init(s);
	add_wq(s, "events", 10);
	add_wq(s, "writeback", 300);
	forget(&add_wq(s, "events_long", 0)->has, WORKQUEUE_STARTED);
}

static const char *order(struct view *v, const struct filters *f, struct snapshot *s)
{
	static char names[256];
	size_t nr;
	const void **rows = view_rows(v, f, s, &nr);

	names[0] = '\0';
	for (size_t i = 0; i < nr; i++) {
		strcat(names, ((const struct workqueue *)rows[i])->name);
		strcat(names, " ");
	}
	free(rows);
	return names;
}

TEST(numbers_sort_largest_first_unknown_last)
{
	struct snapshot s;
	struct view v;
	struct error err;

	three(&s);
	view_init(&v, ROW_WORKQUEUE);
	CHECK_INT(view_sort(&v, "started", &err), 0);
	CHECK_STR(order(&v, NULL, &s), "writeback events events_long ");
	CHECK_INT(view_sort(&v, "-started", &err), 0);
	CHECK_STR(order(&v, NULL, &s), "events writeback events_long ");
	CHECK_INT(view_sort(&v, "name", &err), 0);
	CHECK_STR(order(&v, NULL, &s), "events events_long writeback ");
	snapshot_free(&s);
}
END

TEST(filters_all_must_hold)
{
	struct snapshot s;
	struct view v;
	struct filters f = { 0 };
	struct error err;

	three(&s);
	view_init(&v, ROW_WORKQUEUE);
	CHECK_INT(filter_add(&f, "ev*", &err), 0);
	CHECK_STR(order(&v, &f, &s), "events events_long ");
	CHECK_INT(filter_add(&f, "/_l.ng$/", &err), 0);
	CHECK_STR(order(&v, &f, &s), "events_long ");
	filters_free(&f);
	snapshot_free(&s);
}
END

TEST(bad_filters_are_named)
{
	struct filters f = { 0 };
	struct error err;

	CHECK_INT(filter_add(&f, "", &err), -1);
	CHECK_INT(filter_add(&f, "pool=x", &err), -1);
	CHECK(strstr(err.text, "pool=x"));
	CHECK_INT(filter_add(&f, "/(/", &err), -1);
	CHECK(strstr(err.text, "/(/"));
	CHECK_UINT(f.nr, 0);
	filters_free(&f);
}
END

TEST(unknown_columns_are_named)
{
	struct view v;
	struct error err;

	view_init(&v, ROW_POOL);
	CHECK_INT(view_columns(&v, "id,nonsense", &err), -1);
	CHECK(strstr(err.text, "nonsense"));
	CHECK(strstr(err.text, "worklist"));
	CHECK_INT(view_columns(&v, "id,,cpu", &err), -1);
	CHECK_INT(view_columns(&v, "id,cpu", &err), 0);
	CHECK_INT(v.nr_columns, 2);
}
END

TEST(rates_belong_to_the_same_object)
{
	struct snapshot before, now;
	struct workqueue *w;

	three(&before);
	three(&now);
	before.mono_ns = 1000000000;
	now.mono_ns = 3000000000;
	w = snapshot_row(&now, ROW_WORKQUEUE, 0);
	w->stat[STAT_STARTED] = 50;
	w = snapshot_row(&now, ROW_WORKQUEUE, 1);
	w->stat[STAT_STARTED] = 299;	/* ran backwards: a new object */
	delta(&before, &now);
	w = snapshot_row(&now, ROW_WORKQUEUE, 0);
	CHECK(known(w->has, WORKQUEUE_STARTED_RATE));
	ck_assert_double_eq(w->started_rate, 20.0);
	w = snapshot_row(&now, ROW_WORKQUEUE, 1);
	CHECK(!known(w->has, WORKQUEUE_STARTED_RATE));
	w = snapshot_row(&now, ROW_WORKQUEUE, 2);
	CHECK(!known(w->has, WORKQUEUE_STARTED_RATE));
	snapshot_free(&before);
	snapshot_free(&now);
}
END

static struct pwq *add_pwq(struct snapshot *s, const char *wq, int64_t pool, uint64_t running)
{
	struct pwq *p = snapshot_add(s, ROW_PWQ);

	p->workqueue_id = snapshot_str(s, wq);
	p->pool = pool;
	p->running = running;
	know(&p->has, PWQ_WORKQUEUE_ID);
	know(&p->has, PWQ_POOL);
	know(&p->has, PWQ_RUNNING);
	return p;
}

static void add_pool(struct snapshot *s, int64_t id, uint64_t workers)
{
	struct pool *p = snapshot_add(s, ROW_POOL);

	p->id = id;
	p->workers = workers;
	know(&p->has, POOL_ID);
	know(&p->has, POOL_WORKERS);
}

TEST(sums_count_each_pool_once_and_need_every_part)
{
	struct snapshot s;
	struct workqueue *w;

	three(&s);
	add_pool(&s, 2, 3);
	add_pool(&s, 6, 4);
	add_pwq(&s, "events", 2, 1);
	add_pwq(&s, "events", 6, 2);
	add_pwq(&s, "events", 6, 0);
	add_pwq(&s, "writeback", 2, 5);
	forget(&add_pwq(&s, "writeback", 9, 0)->has, PWQ_RUNNING);
	snapshot_link(&s);
	summarize(&s);
	w = snapshot_row(&s, ROW_WORKQUEUE, 0);
	CHECK_UINT(w->running, 3);
	CHECK_UINT(w->total, 7);
	w = snapshot_row(&s, ROW_WORKQUEUE, 1);
	CHECK(!known(w->has, WORKQUEUE_RUNNING));
	CHECK(!known(w->has, WORKQUEUE_TOTAL));		/* pool 9 is not there */
	w = snapshot_row(&s, ROW_WORKQUEUE, 2);
	CHECK(!known(w->has, WORKQUEUE_RUNNING));
	snapshot_free(&s);
}
END

TESTS(numbers_sort_largest_first_unknown_last, filters_all_must_hold, bad_filters_are_named,
      unknown_columns_are_named, rates_belong_to_the_same_object,
      sums_count_each_pool_once_and_need_every_part)
