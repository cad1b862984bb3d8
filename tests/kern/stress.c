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

#include "../../tools/fields.h"
#include "../../tools/source.h"
#include "churn.h"

#define WORKS 16
#define PICTURES 1000

struct counts {
	unsigned long pictures, missed, garbage, too_many, too_few, unmarked;
	unsigned long retried, incomplete, works;
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
		snapshot_free(&s);
	}
	printf("# %.2f million works a second beside %lu pictures: %lu retried, %lu incomplete, "
	       "%lu works seen\n",
	       (double)(churn_runs(churn) - runs) * 1e3 / (double)(mono_ns() - began), c->pictures,
	       c->retried, c->incomplete, c->works);
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

static int stress(const char *knob, struct churn *churn)
{
	struct source_options o = { 0 };
	struct counts c = { 0 };
	struct error err;
	struct source *src;

	setenv("WQKIT_WALKER", knob, 1);
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
	ok(!c.unmarked, knob, "what was read again is marked");
	source_close(src);
	return 0;
}

/* As this kernel is read, as older ones are, and with an end after each step. */
int main(void)
{
	static const char *const knobs[] = { "direct", "probe", "short" };
	struct churn *churn;

	move_to_cpu(0);
	churn = churn_start(WORKS);
	move_to_cpu(1);
	if (!churn) {
		printf("1..0 # SKIP no bpf_wq here (6.10), or not root\n");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		ok(!stress(knobs[i], churn), knobs[i], "the kernel can be read");
	churn_stop(churn);
	printf("1..%d\n", nr_tests);
	return nr_failed > 0;
}
