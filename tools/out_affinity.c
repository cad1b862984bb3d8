/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The affinity picture as text: the sections and fields of the kernel's own
 * wq_dump. CPUs stand as lists; where there are many, equal ones share a
 * column, and rows of equal steps are told by their ends: [0..127]=0..127.
 */
#include "out_affinity.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 110		/* columns of a line */
#define MANY 16			/* more than that are not told one by one */
#define SCATTERED 64		/* rows that change more often from CPU to CPU are told apart */

struct printer {
	FILE *out;
	const struct affinity *a;
	const struct workqueue **wqs;
	size_t nr_wqs;
	int name_width;
	bool heading;
};

static void title(const struct printer *p, const char *text)
{
	fprintf(p->out, "%s\n", text);
	for (size_t i = strlen(text); i; i--)
		fputc('=', p->out);
	fputc('\n', p->out);
}

/* --- lines of items, wrapped --- */

struct line {
	FILE *out;
	int indent, at;
};

static struct line line_begin(FILE *out, const char *head)
{
	return (struct line){ .out = out, .indent = fprintf(out, "%s", head), .at = (int)strlen(head) };
}

static void line_put(struct line *l, const char *item)
{
	int len = (int)strlen(item);

	if (l->at + 1 + len > WIDTH && l->at > l->indent) {
		fprintf(l->out, "\n%*s", l->indent, "");
		l->at = l->indent;
	}
	fprintf(l->out, " %s", item);
	l->at += 1 + len;
}

/* --- affinity scopes --- */

/* Is @b what @a is, each CPU higher by @step? A @step of 0 is found out. */
static bool is_shifted(const struct cpus *a, const struct cpus *b, int *step)
{
	int x = cpus_next(a, 0), y = cpus_next(b, 0);

	if (!*step)
		*step = y - x;
	while (x >= 0 && y >= 0 && y - x == *step) {
		x = cpus_next(a, x + 1);
		y = cpus_next(b, y + 1);
	}
	return x < 0 && y < 0 && *step > 0;
}

/* The last of the pods from @pod on that lie at equal distances. */
static int last_of_run(const struct topology *t, const struct scope *s, int pod)
{
	struct cpus a = pod_cpus(t, s, pod), b;
	int step = 0;

	for (; pod + 1 < s->nr_pods; pod++, a = b) {
		b = pod_cpus(t, s, pod + 1);
		if (!is_shifted(&a, &b, &step))
			break;
	}
	return pod;
}

static void put_pod_cpus(struct line *l, const struct topology *t, const struct scope *s, int pod,
			 int last)
{
	struct cpus a = pod_cpus(t, s, pod), b = pod_cpus(t, s, last);
	char *from = cpus_list(&a), *to = cpus_list(&b);
	char *item = last > pod ? xasprintf("[%d..%d]=%s..%s", pod, last, from, to)
				: xasprintf("[%d]=%s", pod, from);

	line_put(l, item);
	free(item);
	free(from);
	free(to);
}

static void print_pod_cpus(FILE *out, const struct topology *t, const struct scope *s)
{
	struct line l = line_begin(out, "  pod_cpus");

	for (int pod = 0, last; pod < s->nr_pods; pod = last + 1) {
		last = s->nr_pods > MANY ? last_of_run(t, s, pod) : pod;
		if (last < pod + 2)
			last = pod;
		put_pod_cpus(&l, t, s, pod, last);
	}
	fputc('\n', out);
}

static void put_number(struct line *l, int first, int last, int from, int to)
{
	char where[32], item[64];

	snprintf(where, sizeof(where), last > first ? from == to ? "[%d-%d]" : "[%d..%d]" : "[%d]",
		 first, last);
	if (from < -1)
		snprintf(item, sizeof(item), "%s=-", where);
	else if (from != to)
		snprintf(item, sizeof(item), "%s=%d..%d", where, from, to);
	else
		snprintf(item, sizeof(item), "%s=%d", where, from);
	line_put(l, item);
}

/* value[i] for the indices that are in @of; unknown ones are below -1. */
static void print_numbers(FILE *out, const char *head, const int *value, const struct cpus *of,
			  bool many)
{
	struct line l = line_begin(out, head);

	for (int i = cpus_next(of, 0), next; i >= 0; i = next) {
		int last = i, step;

		next = cpus_next(of, i + 1);
		step = next == i + 1 ? value[next] - value[i] : -1;
		while (many && next == last + 1 && value[next] - value[last] == step &&
		       (step == 0 || (step == 1 && value[i] >= 0))) {
			last = next;
			next = cpus_next(of, next + 1);
		}
		put_number(&l, i, last, value[i], value[last]);
	}
	fputc('\n', out);
}

static void print_pods(FILE *out, const struct topology *t, const struct scope *s)
{
	struct cpus pods = { 0 };
	int *cpu_pod = xcalloc((size_t)t->nr_cpu_ids, sizeof(*cpu_pod));

	for (int pod = 0; pod < s->nr_pods; pod++)
		cpus_add(&pods, pod);
	for_each_cpu_of(cpu, &t->possible)
		cpu_pod[cpu] = s->cpu_pod[cpu] == POD_UNKNOWN ? NODE_UNKNOWN : s->cpu_pod[cpu];
	print_pod_cpus(out, t, s);
	print_numbers(out, "  pod_node", s->pod_node, &pods, s->nr_pods > MANY);
	print_numbers(out, "  cpu_pod ", cpu_pod, &t->possible, t->nr_cpu_ids > MANY);
	free(cpu_pod);
}

static void print_unknown(FILE *out, const struct topology *t, const struct scope *s)
{
	struct cpus left = pod_cpus(t, s, POD_UNKNOWN);
	char *list = cpus_list(&left);

	fprintf(out, "  nr_pods  - (%d without CPU %s, of which /sys does not tell)\n", s->nr_pods, list);
	free(list);
}

static void print_scope(FILE *out, const struct topology *t, const struct scope *s)
{
	fputc('\n', out);
	for (const char *c = s->name; *c; c++)
		fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
	fputs(s->is_default ? " (default)\n" : "\n", out);
	if (s->complete)
		fprintf(out, "  nr_pods  %d\n", s->nr_pods);
	else
		print_unknown(out, t, s);
	if (s->nr_pods)
		print_pods(out, t, s);
}

static void print_scopes(const struct printer *p)
{
	const struct topology *t = &p->a->topo;
	char *list = cpus_list(&t->unbound);
	bool derived = false;

	for (int i = 0; i < t->nr_scopes; i++)
		derived |= t->scope[i].derived;
	title(p, derived ? "Affinity Scopes (derived from /sys)" : "Affinity Scopes");
	fprintf(p->out, "wq_unbound_cpumask=%s\n", t->unbound_known ? list : "-");
	free(list);
	if (!t->nr_scopes)
		fputs("This kernel has no affinity scopes: a node's CPUs share their unbound pools.\n",
		      p->out);
	for (int i = 0; i < t->nr_scopes; i++)
		print_scope(p->out, t, &t->scope[i]);
}

/* --- worker pools --- */

static int digits(int64_t n)
{
	return snprintf(NULL, 0, "%lld", (long long)n);
}

static int compare_pools(const void *a, const void *b)
{
	int64_t x = (*(const struct pool *const *)a)->id, y = (*(const struct pool *const *)b)->id;

	return x < y ? -1 : x > y;
}

static void print_pool(const struct printer *p, const struct pool *q, int id_width, int ref_width)
{
	const struct affn_pool *e = affn_pool_of(p->a, q);

	fprintf(p->out, "pool[%0*lld] ref=%*lld nice=%3lld idle/workers=%3llu/%3llu ", id_width,
		(long long)q->id, ref_width, (long long)q->refcnt, (long long)q->nice,
		(unsigned long long)q->idle, (unsigned long long)q->workers);
	if (known(q->has, POOL_CPU)) {
		fprintf(p->out, "cpu=%3lld%s\n", (long long)q->cpu,
			q->flags & FLAG_MASK(POOL_BH_BIT) ? " bh" : "");
		return;
	}
	fprintf(p->out, "cpus=%s", known(q->has, POOL_CPUS) ? q->cpus : "-");
	if (e->pod_cpus)
		fprintf(p->out, " pod_cpus=%s", e->pod_cpus);
	fputs(e->strict_known && e->strict ? " strict\n" : "\n", p->out);
}

static void print_pools(const struct printer *p, const struct filters *f)
{
	struct view v = { .kind = ROW_POOL, .sort = -1 };
	int id_width = 1, ref_width = 1;
	const struct pool **pools;
	size_t nr;

	pools = (const struct pool **)view_rows(&v, f, &p->a->s, &nr);
	qsort(pools, nr, sizeof(*pools), compare_pools);
	for (size_t i = 0; i < nr; i++) {
		int id = digits(pools[i]->id), ref = digits(pools[i]->refcnt);

		id_width = id > id_width ? id : id_width;
		ref_width = ref > ref_width ? ref : ref_width;
	}
	title(p, "Worker Pools");
	for (size_t i = 0; i < nr; i++)
		print_pool(p, pools[i], id_width, ref_width);
	free(pools);
}

/* --- workqueue > pool of each CPU --- */

/*
 * Where each CPU has a pool of its own, its number grows with the CPU's: the
 * row is then told by @slope and an offset, else (slope 0) by the pool itself.
 */
struct row {
	const struct affn_wq *e;
	int slope;
	bool scattered;		/* in no order that columns could show */
};

struct column {
	int first;		/* CPU that stands for all */
	uint64_t hash;
	struct cpus cpus;
	char *label, *legend;	/* the legend is the list behind a label like #1 */
	int width;
};

struct matrix {
	const struct printer *p;
	struct row *row;
	struct column *col;
	size_t nr_cols, room;
	bool grouped;
	int dfl_width;
};

static int key_of(const struct row *r, int cpu)
{
	int pool = r->e->cpu_pool[cpu];

	if (r->scattered)
		return 0;
	return pool == POOL_NONE ? INT32_MIN : pool - r->slope * cpu;
}

/* 0 unless the pools that are known are each CPU's own, in ascending order. */
static int find_slope(const struct cpus *cpus, const int *pool)
{
	int first = -1, before = -1, slope = 0;

	for_each_cpu_of(cpu, cpus) {
		if (pool[cpu] == POOL_NONE)
			continue;
		if (before >= 0 && pool[cpu] <= pool[before])
			return 0;
		if (first < 0)
			first = cpu;
		else if (!slope)
			slope = (pool[cpu] - pool[first]) / (cpu - first);
		before = cpu;
	}
	return slope;
}

static bool is_scattered(const struct cpus *cpus, const struct row *r)
{
	int changes = 0, before = INT32_MIN;

	for_each_cpu_of(cpu, cpus) {
		changes += key_of(r, cpu) != before;
		before = key_of(r, cpu);
	}
	return changes > SCATTERED;
}

static bool same_column(const struct matrix *m, int a, int b)
{
	for (size_t i = 0; i < m->p->nr_wqs; i++)
		if (key_of(&m->row[i], a) != key_of(&m->row[i], b))
			return false;
	return true;
}

static void add_cpu(struct matrix *m, int cpu)
{
	uint64_t hash = 0;
	struct column *c;

	for (size_t i = 0; i < m->p->nr_wqs; i++)
		hash = (hash ^ (uint32_t)key_of(&m->row[i], cpu)) * UINT64_C(0x100000001b3);
	for (size_t i = 0; m->grouped && i < m->nr_cols; i++) {
		c = &m->col[i];
		if (c->hash == hash && same_column(m, c->first, cpu)) {
			cpus_add(&c->cpus, cpu);
			return;
		}
	}
	m->col = xgrow(m->col, m->nr_cols, &m->room, sizeof(*m->col));
	c = &m->col[m->nr_cols++];
	*c = (struct column){ .first = cpu, .hash = hash };
	cpus_add(&c->cpus, cpu);
}

static void cell_text(const struct row *r, int cpu, char *text, size_t size)
{
	int key = key_of(r, cpu);
	char slope[16] = "";

	if (r->slope > 1)
		snprintf(slope, sizeof(slope), "%d", r->slope);
	if (key == INT32_MIN)
		snprintf(text, size, "-");
	else if (!r->slope)
		snprintf(text, size, "%d", key);
	else
		snprintf(text, size, key ? "%sn%+d" : "%sn", slope, key);
}

static void widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

/* Columns in front of the first CPU's. */
static int head_width(const struct printer *p)
{
	return p->name_width + 1 + 9;
}

static int total_width(const struct matrix *m)
{
	int width = head_width(m->p) + 1 + m->dfl_width + 1;

	for (size_t i = 0; i < m->nr_cols; i++)
		width += 1 + m->col[i].width;
	return width;
}

/* Lists that make the lines too long are told before, by a number. */
static void number_columns(struct matrix *m)
{
	for (size_t i = 0; i < m->nr_cols; i++) {
		m->col[i].legend = m->col[i].label;
		m->col[i].label = xasprintf("#%zu", i + 1);
	}
}

static void measure_columns(struct matrix *m)
{
	char cell[32];

	for (size_t i = 0; i < m->nr_cols; i++) {
		struct column *c = &m->col[i];

		c->width = 0;
		widen(&c->width, c->label);
		for (size_t k = 0; k < m->p->nr_wqs; k++) {
			cell_text(&m->row[k], c->first, cell, sizeof(cell));
			widen(&c->width, cell);
		}
	}
	m->dfl_width = 3;
	for (size_t k = 0; k < m->p->nr_wqs; k++)
		if (digits(m->row[k].e->dfl_pool) > m->dfl_width)
			m->dfl_width = digits(m->row[k].e->dfl_pool);
}

static void label_columns(struct matrix *m)
{
	for (size_t i = 0; i < m->nr_cols; i++)
		m->col[i].label = cpus_list(&m->col[i].cpus);
	measure_columns(m);
	if (m->grouped && total_width(m) > WIDTH) {
		number_columns(m);
		measure_columns(m);
	}
}

static void matrix_make(struct matrix *m, const struct printer *p)
{
	const struct cpus *cpus = &p->a->topo.possible;

	*m = (struct matrix){ .p = p, .grouped = p->a->topo.nr_cpu_ids > MANY };
	m->row = xcalloc(p->nr_wqs, sizeof(*m->row));
	for (size_t i = 0; i < p->nr_wqs; i++) {
		m->row[i].e = affn_wq_of(p->a, p->wqs[i]);
		if (m->grouped)
			m->row[i].slope = find_slope(cpus, m->row[i].e->cpu_pool);
		m->row[i].scattered = m->grouped && is_scattered(cpus, &m->row[i]);
	}
	for_each_cpu_of(cpu, cpus)
		add_cpu(m, cpu);
	label_columns(m);
}

static void matrix_free(struct matrix *m)
{
	for (size_t i = 0; i < m->nr_cols; i++) {
		free(m->col[i].label);
		free(m->col[i].legend);
	}
	free(m->col);
	free(m->row);
}

static void print_type(const struct printer *p, const struct workqueue *w)
{
	const struct affn_wq *e = affn_wq_of(p->a, w);
	const char *type = affinity_type(w);

	fprintf(p->out, "%-*s %s%-*s", p->name_width, w->name, type, 9 - (int)strlen(type),
		!strcmp(type, "unbound") && e->strict ? ",S" : "");
}

static void print_dfl(const struct matrix *m, size_t i)
{
	if (!(m->p->wqs[i]->flags & FLAG_MASK(WQ_UNBOUND_BIT)))
		return;
	if (m->row[i].e->dfl_pool == POOL_NONE)
		fprintf(m->p->out, " %*s", m->dfl_width, "-");
	else
		fprintf(m->p->out, " %*d", m->dfl_width, m->row[i].e->dfl_pool);
}

/* The columns from @from up to @to, behind them the default pool if they are the last. */
static void print_block(const struct matrix *m, size_t from, size_t to)
{
	FILE *out = m->p->out;
	char cell[32];

	if (m->p->heading) {
		fprintf(out, "[%-*s\\ %-9s", m->p->name_width - 1, "workqueue", "type CPU");
		for (size_t k = from; k < to; k++)
			fprintf(out, " %*s", m->col[k].width, m->col[k].label);
		if (to == m->nr_cols)
			fprintf(out, " %*s", m->dfl_width, "dfl");
		fputs("]\n", out);
	}
	for (size_t i = 0; i < m->p->nr_wqs; i++) {
		if (m->row[i].scattered)
			continue;
		print_type(m->p, m->p->wqs[i]);
		for (size_t k = from; k < to; k++) {
			cell_text(&m->row[i], m->col[k].first, cell, sizeof(cell));
			fprintf(out, " %*s", m->col[k].width, cell);
		}
		if (to == m->nr_cols)
			print_dfl(m, i);
		fputc('\n', out);
	}
}

static void print_scattered(const struct matrix *m)
{
	const struct topology *t = &m->p->a->topo;
	int *pool = xcalloc((size_t)t->nr_cpu_ids, sizeof(*pool));

	for (size_t i = 0; i < m->p->nr_wqs; i++) {
		if (!m->row[i].scattered)
			continue;
		for_each_cpu_of(cpu, &t->possible) {
			pool[cpu] = m->row[i].e->cpu_pool[cpu];
			if (pool[cpu] == POOL_NONE)
				pool[cpu] = NODE_UNKNOWN;
		}
		fputc('\n', m->p->out);
		print_type(m->p, m->p->wqs[i]);
		print_dfl(m, i);
		fputc('\n', m->p->out);
		print_numbers(m->p->out, " ", pool, &t->possible, true);
	}
	free(pool);
}

static void print_legend(const struct matrix *m)
{
	bool sloped = false;

	for (size_t i = 0; i < m->p->nr_wqs; i++)
		sloped |= m->row[i].slope != 0;
	if (sloped)
		fputs("n: the number of the CPU, each of which has a pool of its own\n", m->p->out);
	for (size_t k = 0; k < m->nr_cols; k++)
		if (m->col[k].legend)
			fprintf(m->p->out, "%s: CPU %s\n", m->col[k].label, m->col[k].legend);
}

static void print_matrix(const struct printer *p)
{
	struct matrix m;

	title(p, "Workqueue CPU -> pool");
	matrix_make(&m, p);
	print_legend(&m);
	for (size_t from = 0, to; from < m.nr_cols; from = to) {
		int width = head_width(p) + 1 + m.dfl_width + 1;

		for (to = from; to < m.nr_cols; to++) {
			width += 1 + m.col[to].width;
			if (width > WIDTH && to > from)
				break;
		}
		if (from)
			fputc('\n', p->out);
		print_block(&m, from, to);
	}
	print_scattered(&m);
	matrix_free(&m);
}

/* --- rescuers --- */

static void print_rescuers(const struct printer *p)
{
	int width = 12;

	title(p, "Workqueue -> rescuer");
	for (size_t i = 0; i < p->nr_wqs; i++)
		if (known(p->wqs[i]->has, WORKQUEUE_CPUMASK) && (int)strlen(p->wqs[i]->cpumask) > width)
			width = (int)strlen(p->wqs[i]->cpumask);
	if (p->heading)
		fprintf(p->out, "[%-*s\\ %-*s %7s rescuer_cpus]\n", p->name_width - 1, "workqueue", width,
			"unbound_cpus", "pid");
	for (size_t i = 0; i < p->nr_wqs; i++) {
		const struct workqueue *w = p->wqs[i];
		const struct affn_wq *e = affn_wq_of(p->a, w);

		if (!(w->flags & FLAG_MASK(WQ_MEM_RECLAIM_BIT)))
			continue;
		fprintf(p->out, "%-*s  %-*s ", p->name_width, w->name, width,
			known(w->has, WORKQUEUE_CPUMASK) ? w->cpumask
			: w->flags & FLAG_MASK(WQ_UNBOUND_BIT) ? "-" : "");
		if (known(w->has, WORKQUEUE_RESCUER_PID))
			fprintf(p->out, "%7lld", (long long)w->rescuer_pid);
		else
			fprintf(p->out, "%7s", "-");
		fprintf(p->out, " %s\n", e->rescuer_cpus ? e->rescuer_cpus : "-");
	}
}

/* --- active works of nodes --- */

static void print_active(FILE *out, const struct node_active *n)
{
	char text[48];

	if (n && n->known)
		snprintf(text, sizeof(text), "%lld/%lld", (long long)n->nr, (long long)n->max);
	else
		snprintf(text, sizeof(text), "-/-");
	fprintf(out, " %9s", text);
}

static void print_limit(FILE *out, bool is_known, int64_t limit)
{
	if (is_known)
		fprintf(out, " %4lld", (long long)limit);
	else
		fprintf(out, " %4s", "-");
}

static void print_node_heads(const struct printer *p)
{
	const struct topology *t = &p->a->topo;
	char *list = cpus_list(&t->online), label[24];

	fprintf(p->out, "online_cpus=%s\n", list);
	free(list);
	for_each_cpu_of(node, &t->nodes) {
		list = cpus_list(&t->node_cpus[node]);
		fprintf(p->out, "NODE[%02d]=%s\n", node, list);
		free(list);
	}
	if (!p->heading)
		return;
	fprintf(p->out, "\n[%-*s\\  min  max", p->name_width - 1, "workqueue");
	for_each_cpu_of(node, &t->nodes) {
		snprintf(label, sizeof(label), "NODE %d", node);
		fprintf(p->out, " %9s", label);
	}
	fprintf(p->out, " %9s]\n", "dfl");
}

static void print_nodes(const struct printer *p)
{
	const struct topology *t = &p->a->topo;

	title(p, "Unbound workqueue -> node_nr/max_active");
	print_node_heads(p);
	for (size_t i = 0; i < p->nr_wqs; i++) {
		const struct workqueue *w = p->wqs[i];
		const struct node_active *n = affn_wq_of(p->a, w)->node;

		if (!(w->flags & FLAG_MASK(WQ_UNBOUND_BIT)))
			continue;
		fprintf(p->out, "%-*s ", p->name_width, w->name);
		print_limit(p->out, known(w->has, WORKQUEUE_MIN_ACTIVE), w->min_active);
		print_limit(p->out, known(w->has, WORKQUEUE_MAX_ACTIVE), w->max_active);
		for_each_cpu_of(node, &t->nodes)
			print_active(p->out, n ? &n[node] : NULL);
		print_active(p->out, n ? &n[t->nr_node_ids] : NULL);
		fputc('\n', p->out);
	}
}

void out_affinity(FILE *out, const struct view *v, const struct filters *f,
		  const struct affinity *a, bool heading)
{
	struct printer p = { .out = out, .a = a, .name_width = 24, .heading = heading };

	p.wqs = (const struct workqueue **)view_rows(v, f, &a->s, &p.nr_wqs);
	for (size_t i = 0; i < p.nr_wqs; i++)
		if ((int)strlen(p.wqs[i]->name) > p.name_width)
			p.name_width = (int)strlen(p.wqs[i]->name);
	print_scopes(&p);
	fputc('\n', out);
	print_pools(&p, f);
	fputc('\n', out);
	print_matrix(&p);
	fputc('\n', out);
	print_rescuers(&p);
	fputc('\n', out);
	print_nodes(&p);
	free(p.wqs);
}
