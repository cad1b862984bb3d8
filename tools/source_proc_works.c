/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture of a program: its records, and the items on its lists - armed timers, what max_active
 * holds back, worklists, what workers run next. The program goes on meanwhile, and may be hostile:
 * each node must point back to the one before it, and its pwq must be one that may be on that list.
 * A list where that is not so is read again, some times, and then left out.
 *
 * Items move downstream only: armed > inactive > worklist > scheduled > running. So the lists are
 * read in that order, each kind from memory that is fresh, and the records behind them, though
 * they are needed before: they tell where the lists are. What moves meanwhile is met twice rather
 * than never, and settle() then keeps the place furthest down.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source_proc.h"

#define TRIES 3
#define LIST_LIMIT 1000u
#define ALL_LISTS_LIMIT 200000u
#define NO_LIMIT 4000000u
#define MAX_TIMER_LISTS 65536u
#define MAX_TIMERS 1000000u	/* looked at: not all of them are of delayed items */

struct walk {
	struct seg_image *img;
	struct memory *m;
	struct works_limits limits;
	struct key_map pwqs, wqs;	/* rows by address */
	bool *schedules;		/* by row of the pool */
	size_t timers_seen;
};

enum outcome { WALKED, TORN, UNREADABLE };

/* What a list's items must be. */
struct list {
	uint64_t head;			/* its address */
	enum work_state state;
	uint32_t pool, pwq, worker;	/* rows, or WQ_SEG_NONE */
};

struct works_limits works_limits(bool all_works)
{
	if (all_works)
		return (struct works_limits){ NO_LIMIT, NO_LIMIT };
	return (struct works_limits){ LIST_LIMIT, ALL_LISTS_LIMIT };
}

/* --- words of the program --- */

static uint64_t word_at(const struct walk *w, const char *bytes, size_t offset)
{
	uint64_t word64;
	uint32_t word32;

	if (w->img->head.word_bytes == 4) {
		memcpy(&word32, bytes + offset, sizeof(word32));
		return word32;
	}
	memcpy(&word64, bytes + offset, sizeof(word64));
	return word64;
}

struct links {
	uint64_t next, prev;
};

static struct links links_at(const struct walk *w, const char *bytes, size_t offset)
{
	return (struct links){ word_at(w, bytes, offset),
			       word_at(w, bytes, offset + w->img->head.word_bytes) };
}

static bool read_links(const struct walk *w, uint64_t addr, struct links *l)
{
	char bytes[16];

	if (!memory_read(w->m, addr, bytes, 2 * w->img->head.word_bytes))
		return false;
	*l = links_at(w, bytes, 0);
	return true;
}

/* --- items of a list --- */

static struct seg_item *add_item(struct walk *w)
{
	struct seg_image *img = w->img;

	img->items = xgrow(img->items, img->nr_items, &img->items_room, sizeof(*img->items));
	return &img->items[img->nr_items++];
}

static bool belongs(const struct walk *w, const struct list *list, uint32_t pwq)
{
	const struct wq_seg_pwq *q = seg_pwq(w->img, pwq);

	if (!q || (list->pwq != WQ_SEG_NONE && list->pwq != pwq))
		return false;
	return list->pool == WQ_SEG_NONE || q->pool == list->pool;
}

/* One item; false if it is none, or is not of this list. */
static bool take_item(struct walk *w, const struct list *list, uint64_t addr, const char *work,
		      bool is_first)
{
	const struct wq_seg_header *h = &w->img->head;
	uint64_t data = word_at(w, work, h->work_data), func = word_at(w, work, h->work_func);
	uint32_t pwq = WQ_SEG_NONE;
	struct seg_item *item;

	if (data & WQ_SEG_WORK_PWQ)
		pwq = key_map_get(&w->pwqs, data >> WQ_SEG_WORK_PWQ_SHIFT << WQ_SEG_WORK_PWQ_SHIFT);
	if (pwq == WQ_SEG_NONE || !belongs(w, list, pwq))
		return false;
	if (func == h->barrier_func)	/* it only stands for somebody who waits */
		return true;
	item = add_item(w);
	*item = (struct seg_item){ .address = addr, .func = func, .pwq = pwq,
				   .serial = seg_pwq(w->img, pwq)->serial, .is_first = is_first,
				   .workqueue = WQ_SEG_NONE, .worker = list->worker,
				   .state = list->state };
	if (list->worker != WQ_SEG_NONE)
		item->worker_serial = seg_worker(w->img, list->worker)->serial;
	return true;
}

static enum outcome walk_once(struct walk *w, const struct list *list)
{
	const struct wq_seg_header *h = &w->img->head;
	size_t first = w->img->nr_items, seen = 0;
	uint64_t before = list->head;
	struct links l;
	char work[256];

	if (!read_links(w, list->head, &l))
		return UNREADABLE;
	if (l.next == list->head)
		return l.prev == list->head ? WALKED : TORN;
	while (l.next != list->head) {
		uint64_t node = l.next, addr = node - h->work_entry;

		if (w->img->nr_items - first >= w->limits.list ||
		    w->img->nr_items >= w->limits.all || seen++ > w->limits.list * 2)
			return WALKED;	/* the rest is counted */
		if (!memory_read(w->m, addr, work, h->work_bytes))
			return TORN;
		l = links_at(w, work, h->work_entry);
		if (l.prev != before || !take_item(w, list, addr, work, before == list->head))
			return TORN;
		before = node;
	}
	return WALKED;
}

static void walk_list(struct walk *w, const struct list *list)
{
	size_t first = w->img->nr_items;
	enum outcome outcome = TORN;

	if (!list->head || w->img->why_no_items)
		return;
	for (int try = 0; try < TRIES && outcome == TORN; try++) {
		if (try) {
			w->img->nr_items = first;
			memory_forget(w->m);
		}
		outcome = walk_once(w, list);
	}
	if (outcome == WALKED)
		return;
	w->img->nr_items = first;
	if (list->pool < w->img->table[WQ_SEG_POOLS].nr)
		w->img->pool_torn[list->pool] = true;
}

/* --- armed timers --- */

/* One timer; false if it is on no such list. Those of other things are no items. */
static bool take_timer(struct walk *w, uint64_t node, struct links *l)
{
	const struct wq_seg_header *h = &w->img->head;
	uint64_t timer = node - h->timer_entry, addr = timer - h->dwork_timer, func;
	char work[256], bytes[256 + 8];
	struct seg_item *item;

	if (!read_links(w, node, l))
		return false;
	if (!memory_read(w->m, timer + h->timer_func, bytes, h->word_bytes))
		return false;
	func = word_at(w, bytes, 0);
	if (func != h->delayed_func)
		return true;
	if (!memory_read(w->m, addr, work, h->work_bytes) ||
	    !memory_read(w->m, addr + h->dwork_wq, bytes, h->word_bytes) ||
	    !memory_read(w->m, timer + h->timer_due, bytes + 8, 8))
		return false;
	item = add_item(w);
	*item = (struct seg_item){ .address = addr, .func = word_at(w, work, h->work_func),
				   .pwq = WQ_SEG_NONE, .worker = WQ_SEG_NONE, .state = WORK_DELAYED,
				   .workqueue = key_map_get(&w->wqs, word_at(w, bytes, 0)) };
	if (item->workqueue != WQ_SEG_NONE)
		item->serial = seg_workqueue(w->img, item->workqueue)->serial;
	memcpy(&item->due_ns, bytes + 8, sizeof(item->due_ns));
	return true;
}

static enum outcome walk_timers_once(struct walk *w, uint64_t head, struct links l, size_t limit)
{
	uint64_t before = head;

	while (l.next != head) {
		uint64_t node = l.next;

		if (w->img->nr_items >= limit || w->timers_seen++ > MAX_TIMERS)
			return WALKED;
		if (!take_timer(w, node, &l) || l.prev != before)
			return TORN;
		before = node;
	}
	return WALKED;
}

static void walk_timer_list(struct walk *w, uint64_t head, size_t limit)
{
	size_t first = w->img->nr_items;
	struct links l;

	for (int try = 0; try < TRIES; try++) {
		if (try)
			memory_forget(w->m);
		w->img->nr_items = first;
		if (!read_links(w, head, &l) || !l.next)	/* not in use yet */
			return;
		if (walk_timers_once(w, head, l, limit) == WALKED)
			return;
	}
	w->img->nr_items = first;	/* what is missing is counted as left out */
}

/* False if none is armed. */
static bool walk_timers(struct walk *w)
{
	const struct wq_seg_header *h = &w->img->head;
	bool any = false;
	uint32_t nr = h->nr_timer_lists < MAX_TIMER_LISTS ? h->nr_timer_lists : MAX_TIMER_LISTS;
	size_t limit = w->img->nr_items + w->limits.list;

	if (limit > w->limits.all)
		limit = w->limits.all;
	for (uint32_t i = 0; h->timer_lists && i < nr && w->img->nr_items < limit; i++)
		walk_timer_list(w, h->timer_lists + (uint64_t)i * 2 * h->word_bytes, limit);
	for (uint32_t i = 0; i < w->img->table[WQ_SEG_WORKQUEUES].nr && !any; i++)
		any = seg_workqueue(w->img, i) && seg_workqueue(w->img, i)->nr_armed;
	return any;
}

/* --- all lists --- */

static void index_rows(struct walk *w)
{
	const struct seg_image *img = w->img;

	key_map_free(&w->pwqs);
	key_map_free(&w->wqs);
	free(w->schedules);
	w->schedules = xcalloc(img->table[WQ_SEG_POOLS].nr + 1, sizeof(*w->schedules));
	for (uint32_t i = 0; i < img->table[WQ_SEG_PWQS].nr; i++) {
		const struct wq_seg_pwq *q = seg_pwq(img, i);

		if (!q)
			continue;
		key_map_put(&w->pwqs, q->address, i);
		if (q->nr_scheduled && q->pool < img->table[WQ_SEG_POOLS].nr)
			w->schedules[q->pool] = true;
	}
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKQUEUES].nr; i++)
		if (seg_workqueue(img, i))
			key_map_put(&w->wqs, seg_workqueue(img, i)->address, i);
}

/* Records are as they are now, and so is memory. */
static void look_again(struct walk *w, const void *base)
{
	enum consistency before = w->img->consistency;

	seg_read(w->img, base);
	if (w->img->consistency < before)
		w->img->consistency = before;
	index_rows(w);
	memory_forget(w->m);
}

/* What is held back leaves room for what is closer to running. */
static void walk_inactive(struct walk *w)
{
	size_t all = w->limits.all;

	w->limits.all = all / 4 * 3;
	for (uint32_t i = 0; i < w->img->table[WQ_SEG_PWQS].nr; i++) {
		const struct wq_seg_pwq *q = seg_pwq(w->img, i);

		if (q && (q->nr_inactive || q->nr_barriers))
			walk_list(w, &(struct list){ q->inactive, WORK_INACTIVE, q->pool, i,
						     WQ_SEG_NONE });
	}
	w->limits.all = all;
}

static void walk_worklist(struct walk *w, uint32_t pool)
{
	if (seg_pool(w->img, pool))
		walk_list(w, &(struct list){ seg_pool(w->img, pool)->worklist, WORK_PENDING, pool,
					     WQ_SEG_NONE, WQ_SEG_NONE });
}

/* False if there is nothing of that kind. */
static bool walk_scheduled(struct walk *w)
{
	const struct seg_image *img = w->img;
	bool any = false;

	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++) {
		const struct wq_seg_worker *worker = seg_worker(img, i);

		if (!worker || !worker->work || worker->pool >= img->table[WQ_SEG_POOLS].nr ||
		    !w->schedules[worker->pool])
			continue;
		any = true;
		walk_list(w, &(struct list){ worker->scheduled, WORK_SCHEDULED, worker->pool,
					     WQ_SEG_NONE, i });
	}
	return any;
}

/* --- pools that take items from each other --- */

static bool runs_a_work(const struct walk *w, const struct wq_seg_worker *worker)
{
	return worker && worker->work && worker->func != w->img->head.barrier_func;
}

/* What is on each pool's worklist by the program's counters, less what was met there. */
static int64_t *count_missed(const struct walk *w)
{
	const struct seg_image *img = w->img;
	uint32_t nr = img->table[WQ_SEG_POOLS].nr;
	int64_t *missed = xcalloc(nr + 1, sizeof(*missed));

	for (uint32_t i = 0; i < img->table[WQ_SEG_PWQS].nr; i++) {
		const struct wq_seg_pwq *q = seg_pwq(img, i);

		if (q && q->pool < nr)
			missed[q->pool] += (int64_t)q->nr_active - q->nr_scheduled;
	}
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++) {
		const struct wq_seg_worker *worker = seg_worker(img, i);
		const struct wq_seg_pwq *q = runs_a_work(w, worker) ? seg_pwq(img, worker->pwq) : NULL;

		if (q && q->pool < nr)
			missed[q->pool]--;
	}
	for (size_t i = 0; i < img->nr_items; i++) {
		const struct wq_seg_pwq *q = seg_pwq(img, img->items[i].pwq);

		if (img->items[i].state == WORK_PENDING && q && q->pool < nr)
			missed[q->pool]--;
	}
	return missed;
}

/*
 * An item may have gone from the end of a list that was still to be read to the beginning of one
 * that had been. False if nothing is missing.
 */
static bool walk_for_stolen(struct walk *w)
{
	const struct seg_image *img = w->img;
	int64_t *missed = count_missed(w);
	bool any = false;

	for (uint32_t i = 0; i < img->table[WQ_SEG_POOLS].nr; i++) {
		if (missed[i] <= 0 || !seg_pool(img, i) || seg_pool(img, i)->home < 0)
			continue;
		any = true;
		walk_worklist(w, i);
	}
	free(missed);
	return any;
}

/* --- what was met twice --- */

struct met {
	struct key_map running;			/* rows of workers by the work that they run */
	uint32_t *nr_listed, *nr_running;	/* by row of the pwq */
};

/*
 * It runs: has it been queued again? Its worker tells of it before it is taken off the list, and
 * its pending bit goes last. What stands first on its list in that moment is one more than the
 * counters say.
 */
static bool is_queued_again(const struct walk *w, const struct met *met,
			    const struct seg_item *item)
{
	const struct wq_seg_header *h = &w->img->head;
	const struct wq_seg_pwq *q = seg_pwq(w->img, item->pwq);
	char bytes[8];

	if (!memory_read(w->m, item->address + h->work_data, bytes, h->word_bytes) ||
	    !(word_at(w, bytes, 0) & WQ_SEG_WORK_PENDING))
		return false;
	if (item->state == WORK_DELAYED || !item->is_first || !q)
		return true;
	return (uint64_t)met->nr_listed[item->pwq] + met->nr_running[item->pwq] <=
	       (uint64_t)q->nr_active + q->nr_inactive;
}

/* A row that was given to another while lists were read is not the item's any more. */
static bool still_has_rows(const struct walk *w, struct seg_item *item)
{
	const struct wq_seg_workqueue *wq = seg_workqueue(w->img, item->workqueue);
	const struct wq_seg_pwq *q = seg_pwq(w->img, item->pwq);
	const struct wq_seg_worker *worker = seg_worker(w->img, item->worker);

	if (worker && worker->serial != item->worker_serial)
		item->worker = WQ_SEG_NONE;
	if (item->state != WORK_DELAYED)
		return q && q->serial == item->serial;	/* or all items of the pwq are done */
	if (wq && wq->serial != item->serial)
		item->workqueue = WQ_SEG_NONE;
	return true;
}

static void index_met(const struct walk *w, struct met *met)
{
	const struct seg_image *img = w->img;

	met->nr_listed = xcalloc(img->table[WQ_SEG_PWQS].nr + 1, sizeof(*met->nr_listed));
	met->nr_running = xcalloc(img->table[WQ_SEG_PWQS].nr + 1, sizeof(*met->nr_running));
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++) {
		const struct wq_seg_worker *worker = seg_worker(img, i);

		if (!runs_a_work(w, worker))
			continue;
		key_map_set(&met->running, worker->work, i);
		if (worker->pwq < img->table[WQ_SEG_PWQS].nr)
			met->nr_running[worker->pwq]++;
	}
	for (size_t i = 0; i < img->nr_items; i++)
		if (!img->items[i].met_again && img->items[i].pwq < img->table[WQ_SEG_PWQS].nr)
			met->nr_listed[img->items[i].pwq]++;
}

/* The last place is the furthest down. */
static void mark_earlier_places(struct seg_image *img)
{
	struct key_map last = { .nr = 0 };

	for (size_t i = 0; i < img->nr_items; i++) {
		uint32_t before = key_map_get(&last, img->items[i].address);

		if (before != KEY_MAP_NONE)
			img->items[before].met_again = true;
		key_map_set(&last, img->items[i].address, (uint32_t)i);
	}
	key_map_free(&last);
}

/* Each item once, and where it runs only there, unless it was queued again. */
static void settle(struct walk *w)
{
	struct met met = { .nr_listed = NULL };
	struct seg_image *img = w->img;
	size_t nr = 0;

	memory_forget(w->m);
	mark_earlier_places(img);
	index_met(w, &met);
	for (size_t i = 0; i < img->nr_items; i++) {
		struct seg_item *item = &img->items[i];

		if (item->met_again || !still_has_rows(w, item))
			continue;
		if (key_map_get(&met.running, item->address) != KEY_MAP_NONE &&
		    !is_queued_again(w, &met, item))
			continue;
		img->items[nr++] = *item;
	}
	img->nr_items = nr;
	key_map_free(&met.running);
	free(met.nr_listed);
	free(met.nr_running);
}

/* --- the picture --- */

/* Any list's head will do: if it cannot be read, nothing can. */
static bool may_read(const struct walk *w)
{
	char byte;

	errno = 0;
	for (uint32_t i = 0; i < w->img->table[WQ_SEG_POOLS].nr; i++)
		if (seg_pool(w->img, i) && memory_read(w->m, seg_pool(w->img, i)->worklist, &byte, 1))
			return true;
	return false;
}

static void walk_downstream(struct walk *w, const void *base)
{
	/* lists that the counters call empty are not read: what is due fills them */
	if (walk_timers(w))
		look_again(w, base);
	memory_forget(w->m);
	walk_inactive(w);
	memory_forget(w->m);
	for (uint32_t i = 0; i < w->img->table[WQ_SEG_POOLS].nr; i++)
		walk_worklist(w, i);
	look_again(w, base);
	if (walk_for_stolen(w))
		look_again(w, base);
	if (walk_scheduled(w))
		look_again(w, base);
	settle(w);
}

static void begin_items(struct seg_image *img)
{
	img->nr_items = 0;
	if (!img->pool_torn)
		img->pool_torn = xcalloc(WQ_SEG_MAX_POOLS, sizeof(*img->pool_torn));
	memset(img->pool_torn, 0, WQ_SEG_MAX_POOLS * sizeof(*img->pool_torn));
	img->why_no_items = NULL;
}

void seg_picture(struct seg_image *img, const void *base, struct memory *m,
		 const struct works_limits *limits)
{
	struct walk w = { .img = img, .m = m, .limits = *limits };

	seg_read(img, base);
	begin_items(img);
	memory_forget(m);
	if (!may_read(&w)) {
		img->why_no_items = errno == EPERM ?
			"works that wait are counted, not listed: this user may not read the program's "
			"memory (see ptrace(2), Yama); root may" :
			"works that wait are counted, not listed: their lists are not in the program's "
			"memory";
		return;
	}
	index_rows(&w);
	walk_downstream(&w, base);
	key_map_free(&w.pwqs);
	key_map_free(&w.wqs);
	free(w.schedules);
}
