/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call traces of workers: which worker each is of, what it executes. A trace
 * without a "Workqueue:" line in it is of no worker, unless the dump knows its pid.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "log.h"

#define MAX_FRAMES_BYTES ((size_t)65536)

static void begin(struct dump_parser *p)
{
	trace_end(p);
	p->in_trace = true;
	p->has_function = false;
	p->trace_pid = -1;
	p->trace_comm = p->trace_wq = p->trace_function = p->trace_desc = NULL;
	p->frames_len = 0;
}

/* The number behind @word, blanks or not; -1 if there is none. */
static int64_t number_after(const char *text, size_t len, const char *word)
{
	const char *p = log_find(text, len, word), *end = text + len;
	uint64_t value;

	if (!p)
		return -1;
	p += strlen(word);
	while (p < end && *p == ' ')
		p++;
	return p < end && isdigit((unsigned char)*p) && log_number(&p, end, &value) &&
	       value <= INT32_MAX ? (int64_t)value : -1;
}

static const char *trimmed(struct dump_parser *p, const char *text, size_t len)
{
	while (len && text[len - 1] == ' ')
		len--;
	return len ? snapshot_strn(p->s, text, len) : NULL;
}

/* task:kworker/14:1    state:I stack:0     pid:184   ... */
void trace_task(struct dump_parser *p, const char *text, size_t len)
{
	const char *comm = text + strlen("task:"), *state = log_find(text, len, " state:");

	begin(p);
	if (state && state > comm)
		p->trace_comm = trimmed(p, comm, (size_t)(state - comm));
	p->trace_pid = number_after(text, len, " pid:");
}

/* CPU: 2 PID: 41 Comm: kworker/2:1 Tainted: G        W          6.8.0-31-generic #31-Ubuntu */
void trace_cpu(struct dump_parser *p, const char *text, size_t len)
{
	static const char *const behind[] = { " Not tainted ", " Tainted: ", " Kdump: " };
	const char *comm = log_find(text, len, " Comm: "), *end = text + len, *first = end;

	begin(p);
	p->trace_pid = number_after(text, len, " PID: ");
	comm += strlen(" Comm: ");
	for (size_t i = 0; i < ARRAY_SIZE(behind); i++) {
		const char *q = log_find(comm, (size_t)(end - comm), behind[i]);

		if (q && q < first)
			first = q;
	}
	p->trace_comm = trimmed(p, comm, (size_t)(first - comm));
	while (first < end && !isdigit((unsigned char)*first))
		first++;
	len = first < end ? (size_t)(end - first) : 0;
	for (size_t i = 0; i < len; i++)
		if (first[i] == ' ')
			len = i;
	if (len && memchr(first, '.', len))
		p->release = snapshot_strn(p->s, first, len);
}

/* Workqueue: NAME FUNCTION[ [module]][ (DESC)]; the name may hold blanks, the rest does not. */
void trace_workqueue(struct dump_parser *p, const char *text, size_t len)
{
	const char *name = text + strlen("Workqueue: "), *end = text + len, *fn, *open;

	if (!p->in_trace)
		begin(p);
	if (end[-1] == ')' && (open = memrchr(name, '(', (size_t)(end - name))) && open > name &&
	    open[-1] == ' ') {
		p->trace_desc = trimmed(p, open + 1, (size_t)(end - open) - 2);
		end = open;
	}
	while (end > name && end[-1] == ' ')
		end--;
	fn = end;
	if (fn > name && fn[-1] == ']' && (open = memrchr(name, '[', (size_t)(fn - name))))
		for (fn = open; fn > name && fn[-1] == ' '; fn--)
			;
	while (fn > name && fn[-1] != ' ')
		fn--;
	p->trace_function = trimmed(p, fn, (size_t)(end - fn));
	p->trace_wq = trimmed(p, name, (size_t)(fn - name));
	/* an idle worker's is 0x0 */
	p->has_function = p->trace_function && strcmp(p->trace_function, "0x0");
}

void trace_frame(struct dump_parser *p, const char *text, size_t len)
{
	if (!p->in_trace || p->frames_len + 4 * len + 2 > MAX_FRAMES_BYTES)
		return;
	p->frames = xgrow(p->frames, p->frames_len + 4 * len + 2, &p->frames_room, 1);
	if (p->frames_len)
		p->frames[p->frames_len++] = '\n';
	p->frames_len += printable(p->frames + p->frames_len, text, len);
}

/* A worker that the dump does not list, but that has a trace here */
static size_t add_worker(struct dump_parser *p)
{
	struct worker *w = snapshot_add(p->s, ROW_WORKER);
	size_t row = nr_rows(p->s, ROW_WORKER);
	struct work *work;

	w->state = p->has_function ? WORKER_BUSY : WORKER_IDLE;
	know(&w->has, WORKER_STATE);
	if (p->trace_pid >= 0) {
		w->pid = p->trace_pid;
		know(&w->has, WORKER_PID);
	}
	if (p->trace_pool >= 0) {
		w->pool = p->trace_pool;
		know(&w->has, WORKER_POOL);
	}
	if (!p->has_function)
		return row;
	w->function = p->trace_function;
	know(&w->has, WORKER_FUNCTION);
	work = snapshot_add(p->s, ROW_WORK);
	work->state = WORK_RUNNING;
	work->function = p->trace_function;
	work->has = UINT64_C(1) << WORK_STATE | UINT64_C(1) << WORK_FUNCTION;
	if (p->trace_wq) {
		w->workqueue = work->workqueue = p->trace_wq;
		know(&w->has, WORKER_WORKQUEUE);
		know(&work->has, WORK_WORKQUEUE);
	}
	if (known(w->has, WORKER_POOL)) {
		work->pool = w->pool;
		know(&work->has, WORK_POOL);
	}
	if (known(w->has, WORKER_PID)) {
		work->worker_pid = w->pid;
		know(&work->has, WORK_WORKER_PID);
		*map_at(&p->running, (uint64_t)w->pid) = nr_rows(p->s, ROW_WORK);
	} else if (p->frames_len) {
		work->stack = snapshot_lines(p->s, p->frames);
		know(&work->has, WORK_STACK);
	}
	return row;
}

static void describe(struct dump_parser *p, struct worker *w)
{
	if (p->trace_comm) {
		w->comm = p->trace_comm;
		know(&w->has, WORKER_COMM);
	}
	if (p->trace_desc) {
		w->desc = p->trace_desc;
		know(&w->has, WORKER_DESC);
	}
	if (p->frames_len) {
		w->stack = snapshot_lines(p->s, p->frames);
		know(&w->has, WORKER_STACK);
	}
}

void trace_end(struct dump_parser *p)
{
	bool is_kworker = p->trace_wq || p->has_function || p->trace_desc;
	size_t row = 0, work_row;
	struct worker *w;

	if (!p->in_trace)
		return;
	p->in_trace = false;
	if (p->trace_pid >= 0)
		row = map_get(&p->workers, (uint64_t)p->trace_pid);
	if (!row && !is_kworker)
		return;
	if (!row) {
		row = add_worker(p);
		if (p->trace_pid >= 0)
			*map_at(&p->workers, (uint64_t)p->trace_pid) = row;
	}
	w = snapshot_row(p->s, ROW_WORKER, row - 1);
	describe(p, w);
	work_row = p->trace_pid >= 0 ? map_get(&p->running, (uint64_t)p->trace_pid) : 0;
	if (work_row && known(w->has, WORKER_STACK)) {
		struct work *work = snapshot_row(p->s, ROW_WORK, work_row - 1);

		work->stack = w->stack;
		know(&work->has, WORK_STACK);
	}
}
