/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stress: pictures of the kernel beside works that queue themselves again, a
 * million times a second. No picture may miss a workqueue that is there all the
 * time or show a work that is none, and wherever a list was read again it must
 * be marked. TAP.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/fields.h"
#include "../../tools/source.h"
#include "churn.h"

#define WORKS 16
#define PICTURES 1000
#define CHURN_CPU 0

struct counts {
	unsigned long pictures, missed, garbage, too_many, too_few, unmarked;
	unsigned long retried, incomplete, works;
	unsigned long exact, wrong;	/* pictures of the pool that churns */
};

/* A workqueue of the first picture, and how many of them held it. */
struct queue {
	char id[32];
	unsigned long seen;
	bool in_last;
};

static struct queue *queues_of(const struct snapshot *s, size_t *nr)
{
	struct queue *queues = xcalloc(nr_rows(s, ROW_WORKQUEUE), sizeof(*queues));

	*nr = 0;
	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w)
		snprintf(queues[(*nr)++].id, sizeof(queues->id), "%s", w->id);
	return queues;
}

static void look_at_queues(const struct snapshot *s, struct queue *queues, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		queues[i].in_last = false;
		for_each_row(s, ROW_WORKQUEUE, struct workqueue, w)
			queues[i].in_last |= !strcmp(w->id, queues[i].id);
		queues[i].seen += queues[i].in_last;
	}
}

/* What the first and the last picture hold was there all the time. */
static unsigned long nr_missed(const struct queue *queues, size_t nr)
{
	unsigned long missed = 0;

	for (size_t i = 0; i < nr; i++)
		missed += queues[i].in_last && queues[i].seen != PICTURES;
	return missed;
}

/*
 * The works that churn are pending or running at any time. One may slip through
 * between the reading of its list and of its worker; where more are missing, a
 * list's end was not its end, and nothing says so.
 */
static void look_at_works(const struct snapshot *s, struct counts *c)
{
	unsigned long churning = 0;
	bool running = false;

	for_each_row(s, ROW_WORK, struct work, w) {
		if (w->state == WORK_DELAYED)
			continue;
		c->works++;
		if (!known(w->has, WORK_FUNCTION))
			c->garbage++;
		else if (!strcmp(w->function, "bpf_wq_work") && w->state == WORK_RUNNING)
			running = true;
		else if (!strcmp(w->function, "bpf_wq_work"))
			churning++;
	}
	c->too_many += churning > WORKS;
	c->too_few += s->consistency <= CONSISTENT && churning + running < WORKS - 1;
}

static bool is_churning(const struct work *w, const struct pool *p)
{
	return w->state != WORK_DELAYED && known(w->has, WORK_POOL) && w->pool == p->id &&
	       known(w->has, WORK_FUNCTION) && !strcmp(w->function, "bpf_wq_work");
}

/* All works of the churn, each queued once, or running, or running and queued again once. */
static bool is_right(const struct snapshot *s, const struct pool *p)
{
	uint64_t queued[WORKS];
	size_t nr = 0, only_running = 0;

	for_each_row(s, ROW_WORK, struct work, w) {
		if (!is_churning(w, p) || w->state == WORK_RUNNING)
			continue;
		for (size_t i = 0; i < nr; i++)
			if (queued[i] == w->address)
				return false;
		if (nr == WORKS)
			return false;
		queued[nr++] = w->address;
	}
	for_each_row(s, ROW_WORK, struct work, w) {
		bool again = false;

		if (!is_churning(w, p) || w->state != WORK_RUNNING)
			continue;
		for (size_t i = 0; i < nr; i++)
			again |= queued[i] == w->address;
		only_running += !again;
	}
	return nr + only_running == WORKS;
}

/* The pool of the churn, where it was read with interrupts off on its CPU. */
static void look_at_exact(const struct snapshot *s, struct counts *c)
{
	for_each_row(s, ROW_POOL, struct pool, p) {
		if (p->consistency != EXACT || p->cpu != CHURN_CPU || p->nice ||
		    p->flags & FLAG_MASK(POOL_BH_BIT))
			continue;
		c->exact++;
		c->wrong += !is_right(s, p);
	}
}

/* A list that was read again must have left a mark on a pool, or on the picture. */
static void look_at_marks(const struct snapshot *s, struct counts *c)
{
	c->retried += s->consistency == RETRIED;
	c->incomplete += s->consistency == INCOMPLETE;
	if (s->source.retries && s->consistency < RETRIED)
		c->unmarked++;
}

static int take_pictures(struct source *src, struct churn *churn, struct counts *c)
{
	uint64_t runs = churn_runs(churn), began = mono_ns();
	struct queue *queues = NULL;
	size_t nr = 0;
	struct error err;

	for (int i = 0; i < PICTURES; i++) {
		struct snapshot s;

		if (source_read(src, KINDS_SHOW, &s, &err)) {
			printf("# %s\n", err.text);
			return -1;
		}
		if (!i)
			queues = queues_of(&s, &nr);
		c->pictures++;
		look_at_queues(&s, queues, nr);
		look_at_works(&s, c);
		look_at_marks(&s, c);
		look_at_exact(&s, c);
		snapshot_free(&s);
	}
	printf("# %.2f million works a second beside %lu pictures: %lu retried, %lu incomplete, "
	       "%lu works seen, %lu exact\n",
	       (double)(churn_runs(churn) - runs) * 1e3 / (double)(mono_ns() - began), c->pictures,
	       c->retried, c->incomplete, c->works, c->exact);
	c->missed = nr_missed(queues, nr);
	free(queues);
	return 0;
}

/* Works stay on the CPU that queued them first; the pictures are taken from another. */
static void move_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);	/* with one CPU: they take turns */
}

static int nr_tests, nr_failed;

static void ok(int holds, const char *knob, const char *what)
{
	printf("%sok %d - %s: %s\n", holds ? "" : "not ", ++nr_tests, knob, what);
	nr_failed += !holds;
}

static int stress(const char *knob, struct churn *churn, bool exact)
{
	struct source_options o = { .exact = exact };
	struct counts c = { 0 };
	struct error err;
	struct source *src;

	setenv("WQKIT_WALKER", knob, 1);
	if (exact)
		printf("# with --exact:\n");
	src = source_open(&o, &err);
	if (!src) {
		printf("# %s\n", err.text);
		return -1;
	}
	ok(!take_pictures(src, churn, &c), knob, "every picture is taken");
	ok(!c.missed, knob, "no workqueue is missed");
	ok(!c.garbage, knob, "no work is none");
	ok(!c.too_many, knob, "no work is met twice");
	ok(!c.too_few, knob, "no work is missed without a mark");
	/* the marks of a pool go when an exact picture replaces what was read again */
	ok(exact || !c.unmarked, knob, "what was read again is marked");
	ok(!c.wrong, knob, "an exact pool holds each work once");
	if (!exact)
		ok(!c.exact, knob, "no pool says exact unasked");
	else if (strcmp(knob, "racing"))	/* there it may always have changed */
		ok(c.exact >= PICTURES * 9 / 10, knob, "the pool is exact most of the time");
	source_close(src);
	return 0;
}

/*
 * As this kernel is read, as older ones are, and with an end after each step.
 * Exact pictures need a second CPU, from which that of the churn is interrupted.
 */
int main(void)
{
	static const struct {
		const char *knob;
		bool exact;
	} runs[] = {
		{ "direct", false }, { "probe", false }, { "short", false },
		{ "direct", true }, { "probe", true }, { "racing", true },
	};
	size_t nr = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? ARRAY_SIZE(runs) : 3;
	struct churn *churn;

	move_to_cpu(CHURN_CPU);
	churn = churn_start(WORKS);
	move_to_cpu(1);
	if (!churn) {
		printf("1..0 # SKIP no bpf_wq here (6.10), or not root\n");
		return 0;
	}
	for (size_t i = 0; i < nr; i++)
		ok(!stress(runs[i].knob, churn, runs[i].exact), runs[i].knob,
		   "the kernel can be read");
	churn_stop(churn);
	printf("1..%d\n", nr_tests);
	return nr_failed > 0;
}
