/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * status.c - what is going on, in the kernel's grammar and as a table
 *
 * The numbers are those of the records, as others see them; items are on the lists, of which
 * there is no copy. A pool is locked only while its items are noted down: names are looked up, and
 * printed, afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum note_kind { NOTE_IN_FLIGHT, NOTE_LINKED, NOTE_PENDING, NOTE_INACTIVE };

struct note {
	enum note_kind kind;
	work_func_t func;
	pid_t waiter;			/* a barrier: who waits */
	pid_t tid;			/* in flight: the worker */
	bool rescuer;
	bool linked;
	u64 seconds;
};

struct notes {
	struct note *note;
	size_t nr, size;
	unsigned int pool_flags;
	int nr_active, refcnt;
	bool mayday;
};

static struct note *note_add(struct notes *notes, enum note_kind kind, struct work_struct *work)
{
	struct note *n;

	if (notes->nr == notes->size) {
		size_t size = notes->size ? 2 * notes->size : 64;
		struct note *more = realloc(notes->note, size * sizeof(*more));

		if (!more)
			return NULL;
		notes->note = more;
		notes->size = size;
	}
	n = &notes->note[notes->nr++];
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	if (work) {
		n->func = work->func;
		n->waiter = barrier_waiter(work);
		n->linked = load_relaxed(work_data(work)) & WORK_LINKED;
	}
	return n;
}

static void note_list(struct notes *notes, enum note_kind kind, struct list_head *head,
		      struct pool_workqueue *pwq)
{
	struct list_head *pos;

	list_for_each(pos, head) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);

		if (!pwq || data_pwq(load_relaxed(work_data(work))) == pwq)
			note_add(notes, kind, work);
	}
}

static void note_pwq(struct notes *notes, struct pool_workqueue *pwq)
{
	struct worker_pool *pool = pwq->pool;
	u64 now = coarse_ns();
	struct list_head *pos;

	pool_lock(pool);
	notes->pool_flags = pool->flags;
	notes->nr_active = (int)load_relaxed(&pwq->rec->nr_active);
	notes->refcnt = pwq->refcnt;
	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);
		struct note *n;
		u64 start;

		if (worker->current_pwq != pwq)
			continue;
		n = note_add(notes, NOTE_IN_FLIGHT, NULL);
		if (!n)
			break;
		n->func = worker->current_func;
		n->tid = (pid_t)load_relaxed(&worker->rec->tid);
		n->rescuer = worker->rescue_wq;
		start = load_relaxed(&worker->rec->start_ns);
		n->seconds = now > start ? (now - start) / NSEC_PER_SEC : 0;
		note_list(notes, NOTE_LINKED, &worker->scheduled, pwq);
	}
	note_list(notes, NOTE_PENDING, &pool->worklist, pwq);
	note_list(notes, NOTE_INACTIVE, &pwq->inactive_works, NULL);
	notes->mayday = load_relaxed(&pwq->rec->on_mayday);
	pool_unlock(pool);
}

static void print_pool_head(FILE *out, struct worker_pool *pool, unsigned int flags)
{
	char cpus[512];

	cpumask_print(cpus, sizeof(cpus), pool->attrs.cpumask);
	fprintf(out, " cpus=%s", cpus);
	if (pool->node >= 0)
		fprintf(out, " node=%d", pool->node);
	fprintf(out, " flags=0x%x", flags);
	if (flags & POOL_BH)
		fprintf(out, " bh%s", pool->attrs.nice < 0 ? "-hi" : "");
	else
		fprintf(out, " nice=%d", pool->attrs.nice);
}

static void print_name(FILE *out, const struct note *n)
{
	char name[FUNC_NAME_LEN];

	if (n->waiter)
		fprintf(out, "BAR(%d)", (int)n->waiter);
	else
		fputs(func_name(n->func, name, sizeof(name)), out);
}

static void print_in_flight(FILE *out, const struct notes *notes)
{
	bool any = false;

	for (size_t i = 0; i < notes->nr; i++) {
		const struct note *n = &notes->note[i];

		if (n->kind == NOTE_LINKED) {
			fputc(' ', out);
			print_name(out, n);
		} else if (n->kind == NOTE_IN_FLIGHT) {
			fprintf(out, "%s%d%s:", any ? " ," : "    in-flight: ", (int)n->tid,
				n->rescuer ? "(RESCUER)" : "");
			print_name(out, n);
			fprintf(out, " for %llus", (unsigned long long)n->seconds);
			any = true;
		}
	}
	if (any)
		fputc('\n', out);
}

/* Equal ones in a row are counted; a linked one is followed without a comma. */
static void print_waiting(FILE *out, const struct notes *notes, enum note_kind kind,
			  const char *head)
{
	bool any = false, comma = false;

	for (size_t i = 0; i < notes->nr; i++) {
		const struct note *n = &notes->note[i];
		size_t same = 1;

		if (n->kind != kind)
			continue;
		while (!n->waiter && !n->linked && i + 1 < notes->nr &&
		       notes->note[i + 1].kind == kind && notes->note[i + 1].func == n->func &&
		       !notes->note[i + 1].waiter) {
			same++;
			n = &notes->note[++i];
		}
		fprintf(out, "%s%s ", any ? "" : head, comma ? "," : "");
		if (same > 1)
			fprintf(out, "%zu*", same);
		print_name(out, n);
		any = true;
		comma = !n->linked;
	}
	if (any)
		fputc('\n', out);
}

static void print_pwq(FILE *out, struct pool_workqueue *pwq)
{
	struct notes notes = { 0 };

	note_pwq(&notes, pwq);
	if (notes.nr_active || notes.nr) {
		fprintf(out, "  pwq %d:", pwq->pool->id);
		print_pool_head(out, pwq->pool, notes.pool_flags);
		fprintf(out, " active=%d refcnt=%d%s\n", notes.nr_active, notes.refcnt,
			notes.mayday ? " MAYDAY" : "");
		print_in_flight(out, &notes);
		print_waiting(out, &notes, NOTE_PENDING, "    pending:");
		print_waiting(out, &notes, NOTE_INACTIVE, "    inactive:");
	}
	free(notes.note);
}

static void print_wq(FILE *out, struct workqueue_struct *wq)
{
	struct list_head *pos;
	bool idle = true;

	lock_acquire(&wq->mutex);
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		idle = idle && !load_relaxed(&pwq->nr_active) && !load_relaxed(&pwq->nr_inactive);
	}
	if (!idle) {
		fprintf(out, "workqueue %s: flags=0x%x\n", wq->name, load_relaxed(&wq->flags));
		list_for_each(pos, &wq->pwqs)
			print_pwq(out, list_entry(pos, struct pool_workqueue, pwqs_node));
	}
	lock_release(&wq->mutex);
}

static void print_pool(FILE *out, struct worker_pool *pool)
{
	pid_t idle[64];
	unsigned int flags;
	int nr_idle = 0, nr_workers;
	u64 now = coarse_ns(), hung = 0;
	struct list_head *pos;

	pool_lock(pool);
	flags = pool->flags;
	nr_workers = pool->nr_workers;
	if (nr_workers == pool->nr_idle) {
		pool_unlock(pool);
		return;
	}
	if (!list_empty(&pool->worklist) && now > pool->last_progress)
		hung = (now - pool->last_progress) / NSEC_PER_SEC;
	list_for_each(pos, &pool->idle_list)
		if (nr_idle < (int)ARRAY_SIZE(idle))
			idle[nr_idle++] = load_relaxed(&list_entry(pos, struct worker, entry)->tid);
	pool_unlock(pool);

	fprintf(out, "pool %d:", pool->id);
	print_pool_head(out, pool, flags);
	fprintf(out, " hung=%llus workers=%d", (unsigned long long)hung, nr_workers);
	for (int i = 0; i < nr_idle; i++)
		fprintf(out, "%s %d", i ? "" : " idle:", (int)idle[i]);
	fputc('\n', out);
}

static void print_wqs(FILE *out, unsigned int only)
{
	struct list_head *pos;

	lock_acquire(&wq_pool_mutex);
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);

		if (!only || load_relaxed(&wq->flags) & only)
			print_wq(out, wq);
	}
	lock_release(&wq_pool_mutex);
}

void wq_show_all_workqueues_to(FILE *out)
{
	wq_start();
	fputs("Showing busy workqueues and worker pools:\n", out);
	print_wqs(out, 0);
	for (int id = 0; id < load_acquire(&wq_nr_pools); id++)
		print_pool(out, wq_pools[id]);
	fflush(out);
}

void wq_show_all_workqueues(void)
{
	wq_show_all_workqueues_to(stderr);
}

void wq_show_one_workqueue_to(struct workqueue_struct *wq, FILE *out)
{
	wq_start();
	print_wq(out, wq);
	fflush(out);
}

void wq_show_one_workqueue(struct workqueue_struct *wq)
{
	wq_show_one_workqueue_to(wq, stderr);
}

void wq_show_freezable_workqueues(void)
{
	wq_start();
	print_wqs(stderr, WQ_FREEZABLE);
}

/* The watchdog has found a pool whose worklist has not moved. Service thread. */
void status_print_stall(struct worker_pool *pool, u64 seconds)
{
	fputs("BUG: workqueue lockup - pool", stderr);
	print_pool_head(stderr, pool, load_relaxed(&pool->flags));
	fprintf(stderr, " stuck for %llus!\n", (unsigned long long)seconds);
}

static void count_wq(struct workqueue_struct *wq, int *active, int *total, int *in_flight)
{
	struct list_head *pos, *pos2;

	*active = *total = *in_flight = 0;
	lock_acquire(&wq->mutex);
	list_for_each(pos, &wq->pwqs) {
		struct pool_workqueue *pwq = list_entry(pos, struct pool_workqueue, pwqs_node);

		pool_lock(pwq->pool);
		*total += (int)load_relaxed(&pwq->pool->rec->nr_workers);
		*in_flight += (int)(load_relaxed(&pwq->rec->nr_active) +
				    load_relaxed(&pwq->rec->nr_inactive));
		list_for_each(pos2, &pwq->pool->workers) {
			struct worker *worker = list_entry(pos2, struct worker, node);

			*active += worker->current_pwq == pwq && !barrier_func(worker->current_func);
		}
		pool_unlock(pwq->pool);
	}
	lock_release(&wq->mutex);
}

void wq_status_print(FILE *out)
{
	struct list_head *pos;

	wq_start();
	fprintf(out, "%-31s %7s %7s %7s %9s\n", "name", "active", "total", "max", "in-flight");
	lock_acquire(&wq_pool_mutex);
	list_for_each(pos, &wq_workqueues) {
		struct workqueue_struct *wq = list_entry(pos, struct workqueue_struct, list);
		int active, total, in_flight, max = load_relaxed(&wq->max_active);

		count_wq(wq, &active, &total, &in_flight);
		if (max == INT_MAX)
			fprintf(out, "%-31s %7d %7d %7s %9d\n", wq->name, active, total, "-",
				in_flight);
		else
			fprintf(out, "%-31s %7d %7d %7d %9d\n", wq->name, active, total, max,
				in_flight);
	}
	lock_release(&wq_pool_mutex);
}

void wq_set_worker_desc(const char *fmt, ...)
{
	struct worker *worker = wq_self.worker;
	char desc[WORKER_DESC_LEN] = "";
	va_list args;

	if (!worker || !worker->current_work)
		return;
	va_start(args, fmt);
	vsnprintf(desc, sizeof(desc), fmt, args);
	va_end(args);
	pool_lock(worker->pool);
	worker_set_desc(worker, desc, 0);
	pool_unlock(worker->pool);
}

/* A worker of the pool, what it runs, and for whom. Returns false if it is none of this pool's. */
static bool find_worker(struct worker_pool *pool, pid_t tid, work_func_t *func,
			char name[WQ_NAME_LEN], char desc[WORKER_DESC_LEN])
{
	struct list_head *pos;
	bool found = false;

	*func = NULL;
	pool_lock(pool);
	list_for_each(pos, &pool->workers) {
		struct worker *worker = list_entry(pos, struct worker, node);

		if (load_relaxed(&worker->tid) != tid)
			continue;
		found = true;
		if (worker->current_pwq && !barrier_func(worker->current_func)) {
			*func = worker->current_func;
			memcpy(name, worker->current_pwq->wq->name, WQ_NAME_LEN);
			memcpy(desc, worker->rec->desc, WORKER_DESC_LEN);
		}
		break;
	}
	pool_unlock(pool);
	return found;
}

bool wq_worker_info(int tid, char *buf, size_t size)
{
	char name[WQ_NAME_LEN], desc[WORKER_DESC_LEN], func_text[FUNC_NAME_LEN];
	work_func_t func = NULL;

	wq_start();
	if (!tid)
		tid = self_tid();
	if (size)
		buf[0] = '\0';
	for (int id = 0; id < load_acquire(&wq_nr_pools); id++)
		if (find_worker(wq_pools[id], tid, &func, name, desc))
			break;
	if (!func)
		return false;
	func_name(func, func_text, sizeof(func_text));
	if (desc[0] && strcmp(desc, name))
		snprintf(buf, size, "Workqueue: %s %s (%s)", name, func_text, desc);
	else
		snprintf(buf, size, "Workqueue: %s %s", name, func_text);
	return true;
}
