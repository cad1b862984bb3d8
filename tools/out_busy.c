/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot in the words of the kernel's show_all_workqueues(), which
 * log_dump.c reads back. What is unknown is left out, ages first of all.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

/* How the generations differ. */
struct grammar {
	bool max;	/* active=N/MAX, up to 6.8 */
	bool delayed;	/* the name of inactive up to 5.14 */
	bool counts;	/* N*function, since 6.3 */
	bool new_flags;	/* of pools, since 6.9; and " ,pid" */
	bool ages;	/* " for Ns", since 7.0 */
	bool raw;	/* flags as they were read, not by the newest numbers */
};

struct busy {
	FILE *out;
	const struct snapshot *s;
	struct grammar g;
	/* rows that pass the filters */
	const struct work **works;	/* by pwq, then state, then as they are */
	size_t nr_works;
	const struct waiter **waiters;
	size_t nr_waiters;
	const struct worker **rescuers;	/* by pid */
	size_t nr_rescuers;
	const struct worker **workers;	/* by pool, then as they are */
	size_t nr_workers;
	bool filtered;
};

static int choose_grammar(struct grammar *g, const struct snapshot *s, bool as_kernel,
			  struct error *err)
{
	const char *name = s->source.release ? s->source.release : s->source.generation;
	unsigned int major, minor, release;

	*g = (struct grammar){ .counts = true, .new_flags = true, .ages = true };
	if (!as_kernel)
		return 0;
	name += name ? strcspn(name, "0123456789") : 0;
	if (!name || sscanf(name, "%2u.%3u", &major, &minor) != 2)
		return error_set(err, "--as-kernel: the release of that kernel is unknown; without "
				 "it, busy prints the newest grammar");
	release = major * 1000 + minor;
	*g = (struct grammar){ .max = release < 6009,
			       .delayed = release < 5015 && !s->source.says_inactive,
			       .counts = release >= 6003, .new_flags = release >= 6009,
			       .ages = release >= 7000, .raw = true };
	return 0;
}

/* --- flags --- */

/* The bits of the newest kernel, in the order of flags.def. */
static const uint64_t wq_bits[NR_WQ_FLAGS] = {
	[WQ_BH_BIT] = 1 << 0, [WQ_UNBOUND_BIT] = 1 << 1, [WQ_FREEZABLE_BIT] = 1 << 2,
	[WQ_MEM_RECLAIM_BIT] = 1 << 3, [WQ_HIGHPRI_BIT] = 1 << 4, [WQ_CPU_INTENSIVE_BIT] = 1 << 5,
	[WQ_SYSFS_BIT] = 1 << 6, [WQ_POWER_EFFICIENT_BIT] = 1 << 7, [WQ_PERCPU_BIT] = 1 << 8,
	[WQ_DESTROYING_BIT] = 1 << 15, [WQ_DRAINING_BIT] = 1 << 16, [WQ_ORDERED_BIT] = 1 << 17,
	[WQ_LEGACY_BIT] = 1 << 18, [WQ_DEPRECATED_BIT] = 1 << 19,
};
static const uint64_t pool_bits[NR_POOL_FLAGS] = {
	[POOL_BH_BIT] = 1 << 0, [POOL_MANAGER_ACTIVE_BIT] = 1 << 1,
	[POOL_DISASSOCIATED_BIT] = 1 << 2, [POOL_BH_DRAINING_BIT] = 1 << 3,
};

static void put_flags(const struct busy *b, uint64_t flags, bool is_known, uint64_t raw,
		      const uint64_t *bits, size_t nr_bits)
{
	uint64_t value = 0;

	for (size_t i = 0; i < nr_bits; i++)
		if (flags & FLAG_MASK(i))
			value |= bits[i];
	fprintf(b->out, " flags=0x%" PRIx64, b->g.raw || !is_known ? raw : value);
}

static void put_pool_info(const struct busy *b, const struct pool *p)
{
	bool has_flags = known(p->has, POOL_FLAGS), bh;

	bh = has_flags && p->flags & FLAG_MASK(POOL_BH_BIT);
	if (known(p->has, POOL_CPUS))
		fprintf(b->out, " cpus=%s", p->cpus);
	if (known(p->has, POOL_NODE))
		fprintf(b->out, " node=%" PRId64, p->node);
	if (has_flags || known(p->has, POOL_FLAGS_RAW))
		put_flags(b, p->flags, has_flags && !(b->g.raw && known(p->has, POOL_FLAGS_RAW)),
			  p->flags_raw, pool_bits, NR_POOL_FLAGS);
	if (bh)
		fprintf(b->out, " bh%s", known(p->has, POOL_NICE) && p->nice < 0 ? "-hi" : "");
	else if (known(p->has, POOL_NICE))
		fprintf(b->out, " nice=%" PRId64, p->nice);
}

/* --- which works are of which pwq --- */

static int compare_states(const struct work *a, const struct work *b)
{
	int x = a->state <= WORK_SCHEDULED ? 0 : (int)a->state;
	int y = b->state <= WORK_SCHEDULED ? 0 : (int)b->state;

	return x - y;
}

/* Several pwqs of an unbound workqueue may feed one pool. */
static const char *pwq_of(const struct work *w)
{
	return known(w->has, WORK_PWQ_ID) ? w->pwq_id : "";
}

static int compare_places(const struct work *a, const struct work *b)
{
	if (a->wq != b->wq)
		return a->wq < b->wq ? -1 : 1;
	if (a->pool != b->pool)
		return a->pool < b->pool ? -1 : 1;
	return strcmp(pwq_of(a), pwq_of(b));
}

static int compare_works(const void *x, const void *y)
{
	const struct work *a = *(const struct work *const *)x, *b = *(const struct work *const *)y;
	int order = compare_places(a, b);

	if (!order)
		order = compare_states(a, b);
	return order ? order : a < b ? -1 : a > b;	/* rows of one table */
}

static int compare_pids(const void *x, const void *y)
{
	const struct worker *a = *(const struct worker *const *)x;
	const struct worker *b = *(const struct worker *const *)y;

	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int compare_pools(const void *x, const void *y)
{
	const struct worker *a = *(const struct worker *const *)x;
	const struct worker *b = *(const struct worker *const *)y;

	if (a->pool != b->pool)
		return a->pool < b->pool ? -1 : 1;
	return a < b ? -1 : a > b;
}

static bool has_place(const struct work *w)
{
	return w->wq >= 0 && known(w->has, WORK_POOL) && known(w->has, WORK_STATE) &&
	       w->state != WORK_DELAYED;
}

static const void **passing(const struct busy *b, enum row_kind kind, const struct filters *f,
			    size_t *nr)
{
	struct view v;

	view_init(&v, kind);
	return view_rows(&v, f, b->s, nr);
}

static void collect(struct busy *b, const struct filters *f)
{
	size_t nr, kept = 0;

	b->works = (const struct work **)passing(b, ROW_WORK, f, &nr);
	for (size_t i = 0; i < nr; i++)
		if (has_place(b->works[i]))
			b->works[kept++] = b->works[i];
	b->nr_works = kept;
	qsort(b->works, kept, sizeof(*b->works), compare_works);
	/* who waits for a work is shown with it */
	b->waiters = (const struct waiter **)passing(b, ROW_WAITER, NULL, &b->nr_waiters);
	b->workers = (const struct worker **)passing(b, ROW_WORKER, NULL, &nr);
	for (size_t i = kept = 0; i < nr; i++)
		if (known(b->workers[i]->has, WORKER_PID) &&
		    known(b->workers[i]->has, WORKER_POOL) &&
		    known(b->workers[i]->has, WORKER_STATE))
			b->workers[kept++] = b->workers[i];
	b->nr_workers = kept;
	qsort(b->workers, kept, sizeof(*b->workers), compare_pools);
	b->rescuers = (const struct worker **)passing(b, ROW_WORKER, NULL, &nr);
	for (size_t i = kept = 0; i < nr; i++)
		if (known(b->rescuers[i]->has, WORKER_PID) &&
		    known(b->rescuers[i]->has, WORKER_STATE) &&
		    b->rescuers[i]->state == WORKER_RESCUER)
			b->rescuers[kept++] = b->rescuers[i];
	b->nr_rescuers = kept;
	qsort(b->rescuers, kept, sizeof(*b->rescuers), compare_pids);
}

static const struct work **works_at(const struct busy *b, struct work key, size_t *nr)
{
	size_t low = 0, high = b->nr_works, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_places(b->works[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < b->nr_works && !compare_places(b->works[end], &key); end++)
		;
	*nr = end - low;
	return b->works + low;
}

/* The works of a pwq: a part of b->works. */
static const struct work **works_of(const struct busy *b, const struct pwq *q, size_t *nr)
{
	struct work key = { .wq = q->wq, .pool = q->pool };
	const struct work **works = works_at(b, key, nr);

	if (*nr || !known(q->has, PWQ_ID))
		return works;
	key.pwq_id = q->id;
	know(&key.has, WORK_PWQ_ID);
	return works_at(b, key, nr);
}

/* --- barriers --- */

static bool same_text(uint64_t has_a, unsigned int field_a, const char *a, uint64_t has_b,
		      unsigned int field_b, const char *b)
{
	return known(has_a, field_a) && known(has_b, field_b) && !strcmp(a, b);
}

/* Fields that both know must agree. */
static bool fits(const struct waiter *w, const struct work *work)
{
	if (!same_text(w->has, WAITER_FUNCTION, w->function, work->has, WORK_FUNCTION,
		       work->function) || w->wq != work->wq)
		return false;
	if (known(w->has, WAITER_POOL) && known(work->has, WORK_POOL) && w->pool != work->pool)
		return false;
	if (known(w->has, WAITER_WORK_STATE) && w->work_state != work->state)
		return false;
	return !known(w->has, WAITER_WORKER_PID) || !known(work->has, WORK_WORKER_PID) ||
	       w->worker_pid == work->worker_pid;
}

/* The work that the waiter waits for, as far as can be told; NULL. */
static const struct work *work_of(const struct busy *b, const struct waiter *w)
{
	if (!known(w->has, WAITER_PID) || w->waits_in != WAITS_FLUSH_WORK)
		return NULL;
	if (w->work_nr && w->work_nr <= nr_rows(b->s, ROW_WORK)) {
		const struct work *work = snapshot_row(b->s, ROW_WORK, w->work_nr - 1);

		if (fits(w, work))
			return work;
	}
	if (known(w->has, WAITER_WORK))
		for (size_t i = 0; i < b->nr_works; i++)
			if (known(b->works[i]->has, WORK_ADDRESS) &&
			    b->works[i]->address == w->work)
				return b->works[i];
	for (size_t i = 0; known(w->has, WAITER_FUNCTION) && i < b->nr_works; i++)
		if (fits(w, b->works[i]))
			return b->works[i];
	return NULL;
}

struct barrier {
	const struct work *work;
	const struct waiter *waiter;
};

static int compare_barriers(const void *x, const void *y)
{
	const struct barrier *a = x, *b = y;

	if (a->work != b->work)
		return a->work < b->work ? -1 : 1;
	return a->waiter < b->waiter ? -1 : a->waiter > b->waiter;
}

/* All barriers by their work, the ones without one first. */
static struct barrier *find_barriers(const struct busy *b)
{
	struct barrier *list = xcalloc(b->nr_waiters, sizeof(*list));

	for (size_t i = 0; i < b->nr_waiters; i++)
		list[i] = (struct barrier){ work_of(b, b->waiters[i]), b->waiters[i] };
	qsort(list, b->nr_waiters, sizeof(*list), compare_barriers);
	return list;
}

static const struct barrier *barriers_of(const struct busy *b, const struct barrier *list,
					 const struct work *work)
{
	size_t low = 0, high = b->nr_waiters;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list[mid].work < work)
			low = mid + 1;
		else
			high = mid;
	}
	return low < b->nr_waiters && list[low].work == work ? &list[low] : NULL;
}

static bool put_barriers(const struct busy *b, const struct barrier *list, const struct work *work)
{
	const struct barrier *bar = barriers_of(b, list, work), *end = list + b->nr_waiters;

	if (!bar)
		return false;
	for (; bar < end && bar->work == work; bar++)
		fprintf(b->out, " BAR(%" PRId64 ")", bar->waiter->pid);
	return true;
}

/* Barriers whose work has left the list stand behind a comma. */
static void put_lost_barriers(const struct busy *b, const struct barrier *list,
			      const struct pwq *q, enum work_state state, bool comma)
{
	for (size_t i = 0; i < b->nr_waiters && !list[i].work; i++) {
		const struct waiter *w = list[i].waiter;

		if (!known(w->has, WAITER_PID) || !known(w->has, WAITER_POOL) || w->wq != q->wq ||
		    w->pool != q->pool || !known(w->has, WAITER_WORK_STATE) ||
		    w->work_state != state)
			continue;
		fprintf(b->out, "%s BAR(%" PRId64 ")", comma ? "," : "", w->pid);
		comma = true;
	}
}

/* --- lists of works --- */

static const char *function_of(const struct work *w)
{
	return known(w->has, WORK_FUNCTION) ? w->function : "0x0";
}

static bool same_function(const struct work *a, const struct work *b)
{
	const char *x = function_of(a), *y = function_of(b);

	return x == y || !strcmp(x, y);
}

/* How many of works[0..nr) are printed as one, the last of them perhaps with barriers. */
static size_t run_of(const struct busy *b, const struct barrier *list, const struct work **works,
		     size_t nr)
{
	size_t n = 1;

	while (b->g.counts && n < nr && !compare_states(works[0], works[n]) &&
	       same_function(works[0], works[n]) &&
	       !barriers_of(b, list, works[n - 1]))
		n++;
	return n;
}

static void put_run(const struct busy *b, const struct work *w, size_t n)
{
	if (n > 1)
		fprintf(b->out, " %zu*%s", n, function_of(w));
	else
		fprintf(b->out, " %s", function_of(w));
}

static void put_waiting(const struct busy *b, const struct barrier *list, const struct pwq *q,
			enum work_state state, const struct work **works, size_t nr)
{
	size_t i = 0, n;

	while (i < nr && works[i]->state != state)
		i++;
	if (i == nr)
		return;
	fprintf(b->out, "    %s:", state == WORK_PENDING ? "pending"
		: b->g.delayed ? "delayed" : "inactive");
	for (bool comma = false; i < nr && works[i]->state == state; i += n, comma = true) {
		n = run_of(b, list, works + i, nr - i);
		fputs(comma ? "," : "", b->out);
		put_run(b, works[i], n);
		put_barriers(b, list, works[i + n - 1]);
	}
	put_lost_barriers(b, list, q, state, true);
	fputc('\n', b->out);
}

static void put_worker(const struct busy *b, const struct pool *pool, const struct work *w)
{
	struct worker key = { .pid = w->worker_pid }, *k = &key;

	if (!known(w->has, WORK_WORKER_PID)) {
		fprintf(b->out, "bh%s", pool && known(pool->has, POOL_NICE) && pool->nice < 0
			? "-hi" : "");
		return;
	}
	fprintf(b->out, "%" PRId64 "%s", w->worker_pid,
		bsearch(&k, b->rescuers, b->nr_rescuers, sizeof(k), compare_pids)
		? "(RESCUER)" : "");
}

/* By worker; those of BH pools, which have no pid, first. */
static int compare_runners(const struct work *a, const struct work *b)
{
	bool known_a = known(a->has, WORK_WORKER_PID), known_b = known(b->has, WORK_WORKER_PID);

	if (known_a != known_b || !known_a)
		return known_a - known_b;
	return a->worker_pid < b->worker_pid ? -1 : a->worker_pid > b->worker_pid;
}

static int compare_scheduled(const void *x, const void *y)
{
	const struct work *a = *(const struct work *const *)x, *b = *(const struct work *const *)y;
	int order = compare_runners(a, b);

	return order ? order : a < b ? -1 : a > b;
}

struct scheduled {
	const struct work **works;	/* by worker */
	size_t nr;
	bool *done;			/* those that begin here have been printed */
};

static void collect_scheduled(struct scheduled *s, const struct work **works, size_t nr)
{
	s->works = xcalloc(nr, sizeof(*s->works));
	s->done = xcalloc(nr, sizeof(*s->done));
	s->nr = 0;
	for (size_t i = 0; i < nr && works[i]->state <= WORK_SCHEDULED; i++)
		if (works[i]->state == WORK_SCHEDULED)
			s->works[s->nr++] = works[i];
	qsort(s->works, s->nr, sizeof(*s->works), compare_scheduled);
}

/*
 * What is scheduled behind @running, once: a worker that a damaged log has twice would double it,
 * and again whenever that is read back.
 */
static void put_scheduled(const struct busy *b, const struct barrier *list,
			  const struct work *running, struct scheduled *s)
{
	size_t low = 0, high = s->nr, n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_runners(s->works[mid], running) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == s->nr || compare_runners(s->works[low], running) || s->done[low])
		return;
	s->done[low] = true;
	while (high < s->nr && !compare_runners(s->works[high], running))
		high++;
	for (; low < high; low += n) {
		n = run_of(b, list, s->works + low, high - low);
		put_run(b, s->works[low], n);
		put_barriers(b, list, s->works[low + n - 1]);
	}
}

static void put_running(const struct busy *b, const struct barrier *list, const struct pwq *q,
			const struct work **works, size_t nr)
{
	const struct pool *pool = q->pool_row < 0 ? NULL
				  : snapshot_row(b->s, ROW_POOL, (size_t)q->pool_row);
	struct scheduled scheduled;
	bool any = false;

	collect_scheduled(&scheduled, works, nr);
	for (size_t i = 0; i < nr && works[i]->state <= WORK_SCHEDULED; i++) {
		const struct work *w = works[i];

		if (w->state != WORK_RUNNING)
			continue;
		fputs(!any ? "    in-flight: " : b->g.new_flags ? " ," : ", ", b->out);
		any = true;
		put_worker(b, pool, w);
		fprintf(b->out, ":%s", function_of(w));
		if (b->g.ages && known(w->has, WORK_AGE))
			fprintf(b->out, " for %" PRIu64 "s", w->age_ns / NSEC_PER_SEC);
		put_barriers(b, list, w);
		put_scheduled(b, list, w, &scheduled);
	}
	if (any)
		fputc('\n', b->out);
	free(scheduled.works);
	free(scheduled.done);
}

/* --- workqueues and pools --- */

static bool is_busy(const struct busy *b, const struct pwq *q)
{
	size_t nr;

	works_of(b, q, &nr);
	if (nr || b->filtered)
		return nr;
	return (known(q->has, PWQ_NR_ACTIVE) && q->nr_active) ||
	       (known(q->has, PWQ_INACTIVE) && q->inactive);
}

static void put_pwq(const struct busy *b, const struct barrier *list, const struct pwq *q)
{
	size_t nr;
	const struct work **works = works_of(b, q, &nr);

	fprintf(b->out, "  pwq %" PRId64 ":", q->pool);
	if (q->pool_row >= 0)
		put_pool_info(b, snapshot_row(b->s, ROW_POOL, (size_t)q->pool_row));
	if (known(q->has, PWQ_NR_ACTIVE)) {
		const struct workqueue *w = wq_of(b->s, q->wq);

		fprintf(b->out, " active=%" PRIu64, q->nr_active);
		if (b->g.max && known(q->has, PWQ_MAX_ACTIVE))
			fprintf(b->out, "/%" PRId64, q->max_active);
		else if (b->g.max && w && known(w->has, WORKQUEUE_MAX_ACTIVE))
			fprintf(b->out, "/%" PRId64, w->max_active);
	}
	if (known(q->has, PWQ_REFCNT))
		fprintf(b->out, " refcnt=%" PRId64, q->refcnt);
	if (known(q->has, PWQ_ON_MAYDAY) && q->on_mayday)
		fputs(" MAYDAY", b->out);
	fputc('\n', b->out);
	put_running(b, list, q, works, nr);
	put_waiting(b, list, q, WORK_PENDING, works, nr);
	put_waiting(b, list, q, WORK_INACTIVE, works, nr);
}

static void put_workqueue(const struct busy *b, const struct workqueue *w)
{
	bool has_flags = known(w->has, WORKQUEUE_FLAGS), has_raw = known(w->has, WORKQUEUE_FLAGS_RAW);

	fprintf(b->out, "workqueue %s:", known(w->has, WORKQUEUE_NAME) ? w->name : "-");
	if (has_flags || has_raw)
		put_flags(b, w->flags, has_flags && !(b->g.raw && has_raw), w->flags_raw, wq_bits,
			  NR_WQ_FLAGS);
	fputc('\n', b->out);
}

static int compare_pwqs(const void *x, const void *y)
{
	const struct pwq *a = *(const struct pwq *const *)x, *b = *(const struct pwq *const *)y;

	if (a->wq != b->wq)
		return a->wq < b->wq ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void put_workqueues(const struct busy *b, const struct filters *f)
{
	struct barrier *list = find_barriers(b);
	const struct pwq **pwqs;
	size_t nr;
	int wq = -1;

	pwqs = (const struct pwq **)passing(b, ROW_PWQ, f, &nr);
	qsort(pwqs, nr, sizeof(*pwqs), compare_pwqs);
	for (size_t i = 0; i < nr; i++) {
		if (pwqs[i]->wq < 0 || !known(pwqs[i]->has, PWQ_POOL) || !is_busy(b, pwqs[i]))
			continue;
		if (pwqs[i]->wq != wq)
			put_workqueue(b, wq_of(b->s, pwqs[i]->wq));
		wq = pwqs[i]->wq;
		put_pwq(b, list, pwqs[i]);
	}
	free(pwqs);
	free(list);
}

/* The pids of a pool's workers in @state */
static void put_pids(const struct busy *b, const struct pool *p, enum worker_state state,
		     const char *heading)
{
	size_t low = 0, high = b->nr_workers;
	bool first = true;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->workers[mid]->pool < p->id)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < b->nr_workers && b->workers[low]->pool == p->id; low++) {
		if (b->workers[low]->state != state)
			continue;
		fprintf(b->out, "%s %" PRId64, first ? heading : "", b->workers[low]->pid);
		first = false;
	}
}

static void put_pool(const struct busy *b, const struct pool *p)
{
	fprintf(b->out, "pool %" PRId64 ":", p->id);
	put_pool_info(b, p);
	if (known(p->has, POOL_HUNG))
		fprintf(b->out, " hung=%" PRIu64 "s", p->hung_ns / NSEC_PER_SEC);
	fprintf(b->out, " workers=%" PRIu64, p->workers);
	if (known(p->has, POOL_MANAGER_PID) && p->manager_pid > 0)
		fprintf(b->out, " manager: %" PRId64, p->manager_pid);
	else
		put_pids(b, p, WORKER_MANAGER, " manager:");
	put_pids(b, p, WORKER_IDLE, " idle:");
	fputc('\n', b->out);
}

/* With a filter, the pools of the works that pass it. */
static bool has_work(const struct busy *b, const struct pool *p)
{
	for (size_t i = 0; i < b->nr_works; i++)
		if (b->works[i]->pool == p->id)
			return true;
	return !b->filtered;
}

int out_busy(FILE *out, const struct snapshot *s, const struct filters *f, bool as_kernel,
	     struct error *err)
{
	struct busy b = { .out = out, .s = s, .filtered = f && f->nr };

	if (choose_grammar(&b.g, s, as_kernel, err))
		return -1;
	collect(&b, f);
	fputs("Showing busy workqueues and worker pools:\n", out);
	put_workqueues(&b, f);
	for_each_row(s, ROW_POOL, struct pool, p)
		if (known(p->has, POOL_ID) && known(p->has, POOL_WORKERS) &&
		    known(p->has, POOL_IDLE) && p->workers != p->idle && has_work(&b, p))
			put_pool(&b, p);
	free(b.works);
	free(b.waiters);
	free(b.rescuers);
	free(b.workers);
	return 0;
}
