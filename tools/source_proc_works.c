/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The items on a program's lists: worklists, what workers run next, what max_active holds back,
 * and armed timers. The program goes on meanwhile, and may be hostile: each node must point back
 * to the one before it, and its pwq must be one that may be on that list. A list where that is
 * not so is read again, some times, and then left out.
 */
#include <errno.h>
#include <stdlib.h>

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
	const struct works_limits *limits;
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
static bool take_item(struct walk *w, const struct list *list, uint64_t addr, const char *work)
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
				   .workqueue = seg_pwq(w->img, pwq)->workqueue,
				   .worker = list->worker, .state = list->state };
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

		if (w->img->nr_items - first >= w->limits->list ||
		    w->img->nr_items >= w->limits->all || seen++ > w->limits->list * 2)
			return WALKED;	/* the rest is counted */
		if (!memory_read(w->m, addr, work, h->work_bytes))
			return TORN;
		l = links_at(w, work, h->work_entry);
		if (l.prev != before || !take_item(w, list, addr, work))
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

static void walk_timers(struct walk *w)
{
	const struct wq_seg_header *h = &w->img->head;
	uint32_t nr = h->nr_timer_lists < MAX_TIMER_LISTS ? h->nr_timer_lists : MAX_TIMER_LISTS;
	size_t limit = w->img->nr_items + w->limits->list;

	if (limit > w->limits->all)
		limit = w->limits->all;
	for (uint32_t i = 0; h->timer_lists && i < nr && w->img->nr_items < limit; i++)
		walk_timer_list(w, h->timer_lists + (uint64_t)i * 2 * h->word_bytes, limit);
}

/* --- all lists --- */

/* Does any worker of that pool have items that it runs next? */
static bool schedules(const struct walk *w, uint32_t pool)
{
	return pool < w->img->table[WQ_SEG_POOLS].nr && w->schedules[pool];
}

static void index_addresses(struct walk *w)
{
	const struct seg_image *img = w->img;

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

static void walk_lists(struct walk *w)
{
	const struct seg_image *img = w->img;

	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++) {
		const struct wq_seg_worker *worker = seg_worker(img, i);

		if (worker && worker->work && schedules(w, worker->pool))
			walk_list(w, &(struct list){ worker->scheduled, WORK_SCHEDULED, worker->pool,
						     WQ_SEG_NONE, i });
	}
	for (uint32_t i = 0; i < img->table[WQ_SEG_POOLS].nr; i++)
		if (seg_pool(img, i))
			walk_list(w, &(struct list){ seg_pool(img, i)->worklist, WORK_PENDING, i,
						     WQ_SEG_NONE, WQ_SEG_NONE });
	for (uint32_t i = 0; i < img->table[WQ_SEG_PWQS].nr; i++) {
		const struct wq_seg_pwq *q = seg_pwq(img, i);

		if (q && (q->nr_inactive || q->nr_barriers))
			walk_list(w, &(struct list){ q->inactive, WORK_INACTIVE, q->pool, i,
						     WQ_SEG_NONE });
	}
}

/* Any list's head will do: if it cannot be read, nothing can. */
static bool may_read(const struct walk *w)
{
	char byte;

	for (uint32_t i = 0; i < w->img->table[WQ_SEG_POOLS].nr; i++)
		if (seg_pool(w->img, i) && memory_read(w->m, seg_pool(w->img, i)->worklist, &byte, 1))
			return true;
	return false;
}

void seg_read_works(struct seg_image *img, struct memory *m, const struct works_limits *limits)
{
	struct walk w = { .img = img, .m = m, .limits = limits };

	memory_forget(m);
	errno = 0;
	if (!may_read(&w)) {
		img->why_no_items = errno == EPERM ?
			"works that wait are counted, not listed: this user may not read the program's "
			"memory (see ptrace(2), Yama); root may" :
			"works that wait are counted, not listed: their lists are not in the program's "
			"memory";
		return;
	}
	index_addresses(&w);
	walk_lists(&w);
	walk_timers(&w);
	key_map_free(&w.pwqs);
	key_map_free(&w.wqs);
	free(w.schedules);
}
