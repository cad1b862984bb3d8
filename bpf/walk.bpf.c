/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.bpf.c - reads the kernel's workqueues, pools, workers and works
 *
 * The program is run by BPF_PROG_TEST_RUN and never attached. It takes no
 * lock, so everything that it follows may change under it:
 *
 * - `workqueues`, the pwqs of a workqueue and the pools are freed by RCU, and a
 *   call runs under rcu_read_lock(): within one call these lists are safe.
 * - Lists of works, workers and flushers are not. Each step along them checks
 *   that next and prev agree and that the element belongs where it was found;
 *   otherwise the list's records are dropped and it is read again from its
 *   head, at most MAX_RETRIES times. A work that leaves one list for another
 *   can therefore not lead us astray.
 * - Works move downstream only: inactive > worklist > scheduled > running. So
 *   all inactive lists are read first, then the worklists, then the workers:
 *   what moves meanwhile is met twice rather than never.
 * - Between two calls anything may be freed: resume() checks what the last call
 *   kept, from the outside in, and starts the list again that does not hold.
 *
 * One element is one step() of a state machine whose state is in `st`: kernels
 * before 5.17 have no bpf_loop(), 6.1 checks its callback with constant stack
 * contents (so no state there), and any call may have to end and go on later.
 */
#include "read.h"
#include "kernel.h"
#include "list.h"
#include "fields.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_RETRIES 8
#define STEPS_LOOP (1u << 20)
#define STEPS_FOR 1024
#define CLIMB 16		/* generations of parents a step */
#define SHORT_LIST 1000		/* read in one call: it could not be taken up again */
#define OUT_SLACK 4096		/* room that one step may need */

const volatile struct walk_consts c = {};
struct walk_state st = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, char[WALK_OUT_BYTES]);
} out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk_pool);
} pools SEC(".maps");

/* By pool id: the generation of the walk that met it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} pools_seen SEC(".maps");

/* --- records --- */

static __always_inline void *emit(u32 type, u32 size)
{
	u32 zero = 0, len = st.out_len;
	char *buf = bpf_map_lookup_elem(&out, &zero);
	struct walk_rec *rec;

	barrier_var(len);
	if (!buf || len > WALK_OUT_BYTES - OUT_SLACK)
		return 0;
	st.out_len = len + size;
	st.emitted++;
	rec = (struct walk_rec *)(buf + len);
	rec->type = type;
	rec->size = size;
	rec->flags = 0;
	return rec;
}

#define EMIT(type, name) (struct name *)emit(type, sizeof(struct name))

/* Takes back what was emitted since @mark. */
static __always_inline void drop_to(u32 mark)
{
	u32 nr = st.emitted - mark;
	struct rec_drop *r;

	if (!nr)
		return;
	r = EMIT(REC_DROP, rec_drop);
	if (r)
		r->nr = nr;
	st.emitted = mark;
}

/* --- cursors --- */

static __always_inline void begin(struct walk_cursor *cur, u64 head)
{
	cur->head = head;
	cur->pos = head;
	cur->nr = 0;
	cur->mark = st.emitted;
	cur->retries = 0;
	cur->verdict = 0;
}

/* Reads the list again, or gives it up and keeps what the last pass found. */
static __always_inline int again(struct walk_cursor *cur)
{
	if (st.exact) {
		st.torn = 1;
		return 0;
	}
	st.retries++;
	if (cur->retries >= MAX_RETRIES) {
		cur->verdict |= LIST_GAVE_UP;
		st.astray++;
		return 0;
	}
	cur->retries++;
	cur->verdict |= LIST_RETRIED;
	drop_to(cur->mark);
	cur->pos = cur->head;
	cur->nr = 0;
	return 1;
}

static __always_inline void emit_list(u32 list, u64 owner, u64 pool, struct walk_cursor *cur)
{
	struct rec_list *r;

	if (!cur->verdict)
		return;
	r = EMIT(REC_LIST, rec_list);
	if (!r)
		return;
	r->rec.flags = cur->verdict;
	r->owner = owner;
	r->pool = pool;
	r->list = list;
	r->left_out = list == LIST_TIMERS ? cur->nr - WALK_LIST_MAX : 0;
}

/* --- the root --- */

static __noinline int step_climb(void)
{
	u64 task = st.tasks.pos;

	for (int i = 0; i < CLIMB && LOAD(task_struct, task, pid); i++)
		task = LOADP(task_struct, task, real_parent);
	st.tasks.pos = task;
	if (!LOAD(task_struct, task, pid)) {
		begin(&st.tasks, ADDR(task_struct, task, tasks));
		st.phase = PH_ROOT;
	} else if (++st.tasks.nr > 100000) {
		st.phase = PH_LOST;
	}
	return 0;
}

/* The first rescuer leads to a workqueue; it stands early among the tasks. */
static __noinline int step_root(void)
{
	u64 node = LOADP(list_head, st.tasks.pos, next);
	u64 worker, wq;

	if (node == st.tasks.head || ++st.tasks.nr >= MAX_ELEMENTS) {
		st.phase = PH_LOST;
		return 0;
	}
	st.tasks.pos = node;
	worker = worker_of(CONTAINER(task_struct, node, tasks));
	if (!worker)
		return 0;
	wq = LOADP(worker, worker, rescue_wq);
	if (!wq || !is_workqueue(wq))
		return 0;
	begin(&st.wqs, ADDR(workqueue_struct, wq, list));
	st.phase = PH_HEAD;
	return 0;
}

static __always_inline void begin_workqueues(void)
{
	begin(&st.wqs, st.head);
	st.root_ns = bpf_ktime_get_ns();
	st.phase = PH_WQ;
}

/* Round the list once: exactly one node of it must be no workqueue. */
static __noinline int step_head(void)
{
	u64 node = LOADP(list_head, st.wqs.pos, next);

	if (!is_workqueue(CONTAINER(workqueue_struct, node, list))) {
		st.wqs.mark++;
		st.head = node;
	}
	if (node == st.wqs.head) {
		if (st.wqs.mark == 1)
			begin_workqueues();
		else
			st.phase = PH_LOST;
		return 0;
	}
	if (!node || ++st.wqs.nr >= MAX_ELEMENTS)
		st.phase = PH_LOST;
	st.wqs.pos = node;
	return 0;
}

/* --- workqueues --- */

static __always_inline void emit_cpumask(u64 owner, u64 mask, u32 whose)
{
	u32 bytes = c.mask_words * 8;
	struct rec_cpumask *r;

	if (bytes > WALK_MASK_WORDS * 8)
		bytes = WALK_MASK_WORDS * 8;
	r = emit(REC_CPUMASK, sizeof(struct walk_rec) + 8 + bytes);
	if (!r)
		return;
	r->rec.flags = whose;
	r->owner = owner;
	bpf_probe_read_kernel(r->words, bytes, (void *)mask);
}

#include "walk_affinity.h"

static __always_inline u64 attrs_of(u64 wq, u32 flags)
{
	if (!(flags & c.wq_unbound))
		return 0;
	if (EXISTS(workqueue_struct, unbound_attrs))
		return LOADP(workqueue_struct, wq, unbound_attrs);
	if (EXISTS(workqueue_struct___attrs, attrs))
		return LOADP(workqueue_struct___attrs, wq, attrs);
	return 0;
}

static __always_inline void read_attrs(struct rec_workqueue *r, u64 attrs)
{
	r->rec.flags |= WQ_HAS_ATTRS;
	r->nice = LOAD(workqueue_attrs, attrs, nice);
	if (!EXISTS(workqueue_attrs, affn_scope))
		return;
	r->rec.flags |= WQ_HAS_SCOPE;
	r->affn_scope = LOAD(workqueue_attrs, attrs, affn_scope);
	r->affn_strict = LOAD(workqueue_attrs, attrs, affn_strict);
	if (EXISTS(workqueue_attrs, ordered))
		r->ordered = LOAD(workqueue_attrs, attrs, ordered);
}

/* A work that is executed may have been freed: what its word says is only a hint. */
static __always_inline int is_queued(u64 work)
{
	u64 data = LOAD(work_struct, work, data.counter);

	return (data & (WORK_PENDING | WORK_PWQ)) == (WORK_PENDING | WORK_PWQ);
}

/* False if it went on to another work while it was read. */
static __always_inline int emit_worker(u64 worker, u64 pool)
{
	u64 task = LOADP(worker, worker, task);
	struct rec_worker *r = EMIT(REC_WORKER, rec_worker);

	if (!r)
		return 1;
	r->worker = worker;
	r->pool = pool;
	r->rescue_wq = LOADP(worker, worker, rescue_wq);
	r->work = LOADP(worker, worker, current_work);
	r->func = LOADP(worker, worker, current_func);
	r->pwq = LOADP(worker, worker, current_pwq);
	r->worker_flags = LOAD(worker, worker, flags);
	r->start = 0;
	if (EXISTS(worker, current_start)) {
		r->start = LOAD(worker, worker, current_start);
		r->rec.flags |= WORKER_HAS_START;
	}
	r->run_mark = EXISTS(worker, current_at) ? LOAD(worker, worker, current_at) : 0;
	if (r->rescue_wq)
		r->rec.flags |= WORKER_IS_RESCUER;
	if (r->work && is_queued(r->work))
		r->rec.flags |= WORKER_WORK_QUEUED;
	r->pid = pid_of(task);
	st.worker_pid = r->pid;
	read_comm(r->comm, task);
	bpf_core_read_str(r->desc, bpf_core_field_size(struct worker, desc) > 24 ? 32 : 24,
			  &((struct worker *)worker)->desc);
	return LOADP(worker, worker, current_work) == r->work;
}

static __always_inline void emit_workqueue(u64 wq)
{
	u32 flags = LOAD(workqueue_struct, wq, flags);
	u64 attrs = attrs_of(wq, flags), rescuer = LOADP(workqueue_struct, wq, rescuer);
	struct rec_workqueue *r = EMIT(REC_WORKQUEUE, rec_workqueue);

	if (!r)
		return;
	r->wq = wq;
	r->wq_flags = flags;
	r->nice = r->affn_scope = r->min_active = 0;
	r->affn_strict = r->ordered = 0;
	read_wq_name(r->name, wq);
	if (EXISTS(workqueue_struct, max_active)) {
		r->max_active = LOAD(workqueue_struct, wq, max_active);
		r->min_active = LOAD(workqueue_struct, wq, min_active);
		r->rec.flags |= WQ_HAS_MIN_ACTIVE;
	} else {
		r->max_active = LOAD(workqueue_struct, wq, saved_max_active);
	}
	r->rescuer_pid = rescuer ? pid_of(LOADP(worker, rescuer, task)) : 0;
	if (attrs)
		read_attrs(r, attrs);
	if (attrs)
		emit_cpumask(wq, cpumask_of(attrs), MASK_CPUS);
	if (rescuer)
		emit_worker(rescuer, 0);
	if (rescuer && st.want_affinity)
		emit_rescuer_cpus(wq, LOADP(worker, rescuer, task));
}

static __noinline int step_workqueue(void)
{
	u64 pos = LOADP(list_head, st.wqs.pos, next), wq;

	if (pos == st.head || !pos) {
		emit_list(LIST_WORKQUEUES, 0, 0, &st.wqs);
		st.pool_index = 0;
		st.phase = PH_POOL;
		return 0;
	}
	wq = CONTAINER(workqueue_struct, pos, list);
	if (++st.wqs.nr >= MAX_ELEMENTS) {
		st.phase = PH_LOST;
		return 0;
	}
	st.wqs.pos = pos;
	st.wq = wq;
	emit_workqueue(wq);
	begin(&st.pwqs, ADDR(workqueue_struct, wq, pwqs));
	st.base = 0;
	st.phase = st.want_affinity ? PH_CPUS : PH_PWQ;
	return 0;
}

/* --- beginning a list of works --- */

/*
 * Works leave a list at its head. If the one that we stand at is executed and
 * queued again, it stands at the tail, and we would take the rest of the list
 * for read. But it can only have left after all works before it, so at least as
 * many of the first work's pwq must have been started as we have met: `ahead`
 * against pwq->stats (6.5). Without these counters the first work must still be
 * the first when the list ends.
 */
static __always_inline u64 nr_started(u64 pwq)
{
	return EXISTS(pool_workqueue, stats) && pwq ? LOAD(pool_workqueue, pwq, stats[0]) : 0;
}

/* The first work, at the cursor: is it still the first once its counter is noted? */
static __always_inline int note_first(u64 pwq)
{
	st.first = st.items.pos;
	st.first_pwq = pwq;
	st.first_started = nr_started(pwq);
	return LOADP(list_head, st.items.head, next) == st.first;
}

/* May the work that we stood at have left its place before we read what is next? */
static __always_inline int may_have_left(int what)
{
	if (!st.ahead)
		return 0;
	if (EXISTS(pool_workqueue, stats))
		return nr_started(st.first_pwq) - st.first_started >= st.ahead;
	return what == AT_END && LOADP(list_head, st.items.head, next) != st.first;
}

/* At the head of the list; a barrier that comes first waits for what is executed. */
static __always_inline void at_head(u32 list)
{
	st.linked = 0;
	st.target = list == LIST_SCHEDULED ? LOADP(worker, st.worker, current_func) : 0;
	st.ahead = 0;
	st.first_pwq = 0;
}

static __always_inline void begin_works(u32 list, u64 head)
{
	begin(&st.items, head);
	at_head(list);
}

/* --- pwqs --- */

static __always_inline int has_timers(u64 pool, int cpu)
{
	u64 attrs = LOADP(worker_pool, pool, attrs);

	if (cpu < 0 || (LOAD(worker_pool, pool, flags) & c.pool_bh))
		return 0;
	return attrs && !LOAD(workqueue_attrs, attrs, nice);
}

static __always_inline void meet_pool(u64 pool, int id, int cpu)
{
	u32 key = id, nr = st.nr_pools;
	u32 *seen = bpf_map_lookup_elem(&pools_seen, &key);
	struct walk_pool *p;

	if (seen && *seen == st.generation)
		return;
	p = bpf_map_lookup_elem(&pools, &nr);
	if (!seen || !p) {
		st.pools_lost++;
		return;
	}
	*seen = st.generation;
	p->pool = pool;
	p->id = id;
	p->cpu = cpu;
	p->timers = has_timers(pool, cpu);
	st.nr_pools = nr + 1;
}

static __always_inline int sum_in_flight(u64 pwq)
{
	int nr[16] = {}, sum = 0;

	bpf_probe_read_kernel(nr, bpf_core_field_size(struct pool_workqueue, nr_in_flight) == 60 ? 60 : 64,
			      (void *)ADDR(pool_workqueue, pwq, nr_in_flight));
	for (int i = 0; i < 16; i++)
		sum += nr[i];
	return sum;
}

static __always_inline void read_stats(struct rec_pwq *r, u64 pwq)
{
	if (EXISTS(pool_workqueue, stats)) {
		bpf_probe_read_kernel(r->stats, sizeof(r->stats),
				      (void *)ADDR(pool_workqueue, pwq, stats));
		r->rec.flags |= PWQ_HAS_STATS;
	}
}

static __always_inline void emit_pwq(u64 pwq, u64 pool, int id, int cpu)
{
	struct rec_pwq *r = EMIT(REC_PWQ, rec_pwq);

	if (!r)
		return;
	r->pwq = pwq;
	r->wq = st.wq;
	r->pool = pool;
	r->pool_id = id;
	r->cpu = cpu;
	r->nr_active = LOAD(pool_workqueue, pwq, nr_active);
	r->refcnt = LOAD(pool_workqueue, pwq, refcnt);
	r->nr_in_flight = sum_in_flight(pwq);
	r->on_mayday = !list_is_empty(ADDR(pool_workqueue, pwq, mayday_node));
	r->max_active = 0;
	if (EXISTS(pool_workqueue, max_active)) {
		r->max_active = LOAD(pool_workqueue, pwq, max_active);
		r->rec.flags |= PWQ_HAS_MAX_ACTIVE;
	}
	read_stats(r, pwq);
}

static __always_inline void end_pwqs(void)
{
	u64 first = LOADP(workqueue_struct, st.wq, first_flusher);

	emit_list(LIST_PWQS, st.wq, 0, &st.pwqs);
	st.phase = PH_WQ;
	if (!first)
		return;
	begin(&st.items, ADDR(workqueue_struct, st.wq, flusher_queue));
	st.bucket = 0;
	st.phase = PH_FLUSHERS;
}

static __noinline int step_pwq(void)
{
	u64 pos = LOADP(list_head, st.pwqs.pos, next), pwq, pool, inactive;
	int id, cpu;

	if (pos == st.pwqs.head || !pos) {
		end_pwqs();
		return 0;
	}
	pwq = CONTAINER(pool_workqueue, pos, pwqs_node);
	if (LOADP(pool_workqueue, pwq, wq) != st.wq || ++st.pwqs.nr >= MAX_ELEMENTS) {
		if (!again(&st.pwqs))
			end_pwqs();
		return 0;
	}
	pool = LOADP(pool_workqueue, pwq, pool);
	id = LOAD(worker_pool, pool, id);
	cpu = LOAD(worker_pool, pool, cpu);
	st.pwqs.pos = pos;
	st.pwq = pwq;
	st.pool = pool;
	meet_pool(pool, id, cpu);
	emit_pwq(pwq, pool, id, cpu);
	inactive = inactive_list(pwq);
	if (list_is_empty(inactive))
		return 0;
	begin_works(LIST_INACTIVE, inactive);
	st.phase = PH_INACTIVE;
	return 0;
}

/* --- works of one list --- */

static __always_inline void emit_work(u32 list, u64 work, u64 data, u64 pwq, int barrier)
{
	struct rec_work *r = EMIT(REC_WORK, rec_work);
	u64 task;

	if (!r)
		return;
	r->work = work;
	r->func = LOADP(work_struct, work, func);
	r->pwq = pwq;
	r->pool = st.pool;
	r->list = list;
	r->pid = list == LIST_SCHEDULED ? st.worker_pid : 0;
	r->comm[0] = 0;
	r->target = st.target;
	if (!barrier) {
		st.target = r->func;
		return;
	}
	r->rec.flags = WORK_IS_BARRIER;
	task = LOADP(wq_barrier, CONTAINER(wq_barrier, work, work), task);
	r->pid = pid_of(task);
	read_comm(r->comm, task);
}

/* The element at the cursor is a work of this list; TORN if it is not. */
static __always_inline int visit_work(u32 list)
{
	u64 work = CONTAINER(work_struct, st.items.pos, entry);
	u64 data = LOAD(work_struct, work, data.counter);
	u64 pwq = data & c.pwq_mask;
	int barrier;

	if (!(data & WORK_PWQ))
		return TORN;
	if (list == LIST_INACTIVE ? pwq != st.pwq : LOADP(pool_workqueue, pwq, pool) != st.pool)
		return TORN;
	if (is_mayday_cursor(work, pwq))
		return AT_NEXT;
	if (st.items.nr > WALK_LIST_MAX && !st.all_works) {
		st.items.verdict |= LIST_CUT;
		return AT_END;
	}
	if (!st.first_pwq && !note_first(pwq) && st.items.nr == 1)
		return TORN;
	st.ahead += pwq == st.first_pwq;
	barrier = is_barrier(list, data, st.linked);
	emit_work(list, work, data, pwq, barrier);
	st.linked = data & WORK_LINKED;
	return AT_NEXT;
}

/* Where the reading goes on once a list of works has ended. */
static __always_inline void end_works(u32 list)
{
	u64 owner = list == LIST_INACTIVE ? st.pwq : list == LIST_WORKLIST ? st.pool : st.worker;

	emit_list(list, owner, st.pool, &st.items);
	st.phase = list == LIST_INACTIVE ? PH_PWQ : list == LIST_WORKLIST ? PH_POOL : PH_WORKERS;
}

static __always_inline void restart_works(u32 list)
{
	at_head(list);
	if (!again(&st.items))
		end_works(list);
}

static __always_inline int step_work(u32 list)
{
	int what = advance(&st.items);

	if (may_have_left(what))
		what = TORN;
	if (what == AT_NEXT)
		what = visit_work(list);
	if (what == AT_NEXT)
		return 0;
	if (what == TORN)
		restart_works(list);
	else
		end_works(list);
	return 0;
}

static __noinline int step_inactive(void)
{
	return step_work(LIST_INACTIVE);
}

static __noinline int step_worklist(void)
{
	return step_work(LIST_WORKLIST);
}

static __noinline int step_scheduled(void)
{
	return step_work(LIST_SCHEDULED);
}

/* --- flushers: the first, those queued, those that found no colour --- */

static __always_inline void emit_flusher(u64 flusher)
{
	u64 waits = ADDR(wq_flusher, flusher, done.wait.task_list);
	u64 first = LOADP(list_head, waits, next), task;
	struct rec_flusher *r;

	if (!first || first == waits)
		return;		/* it has been woken, or does not sleep yet */
	task = LOADP(swait_queue, CONTAINER(swait_queue, first, task_list), task);
	r = EMIT(REC_FLUSHER, rec_flusher);
	if (!r)
		return;
	r->wq = st.wq;
	r->pid = pid_of(task);
	read_comm(r->comm, task);
}

static __noinline int step_flusher(void)
{
	int what;

	if (!st.bucket) {
		emit_flusher(LOADP(workqueue_struct, st.wq, first_flusher));
		st.bucket = 1;
		return 0;
	}
	what = advance(&st.items);
	if (what == AT_NEXT) {
		emit_flusher(CONTAINER(wq_flusher, st.items.pos, list));
		return 0;
	}
	if (what == TORN && again(&st.items)) {
		st.bucket = st.bucket == 1 ? 0 : 2;
		return 0;
	}
	emit_list(LIST_FLUSHERS, st.wq, 0, &st.items);
	if (st.bucket == 1) {
		st.bucket = 2;
		begin(&st.items, ADDR(workqueue_struct, st.wq, flusher_overflow));
		return 0;
	}
	st.phase = PH_WQ;
	return 0;
}

/* --- pools --- */

/* The next pool that is still what it was; 0 when there are no more. */
static __always_inline int next_pool(void)
{
	u32 index = st.pool_index;
	struct walk_pool *p = bpf_map_lookup_elem(&pools, &index);

	st.pool = 0;
	if (!p || index >= st.nr_pools)
		return 0;
	st.pool_index = index + 1;
	st.pool_id = p->id;
	if (LOAD(worker_pool, p->pool, id) == p->id && LOAD(worker_pool, p->pool, cpu) == p->cpu)
		st.pool = p->pool;
	return 1;
}

static __always_inline void emit_pool(u64 pool)
{
	u64 attrs = LOADP(worker_pool, pool, attrs), manager = LOADP(worker_pool, pool, manager);
	struct rec_pool *r = EMIT(REC_POOL, rec_pool);

	if (!r)
		return;
	r->pool = pool;
	r->id = st.pool_id;
	r->cpu = LOAD(worker_pool, pool, cpu);
	r->node = LOAD(worker_pool, pool, node);
	r->pool_flags = LOAD(worker_pool, pool, flags);
	r->nr_workers = LOAD(worker_pool, pool, nr_workers);
	r->nr_idle = LOAD(worker_pool, pool, nr_idle);
	r->refcnt = LOAD(worker_pool, pool, refcnt);
	r->worklist_empty = list_is_empty(ADDR(worker_pool, pool, worklist));
	r->nr_running = nr_running_of(pool);
	r->rec.flags = POOL_HAS_NR_RUNNING;
	r->progress = progress_of(pool);
	r->manager_pid = manager ? pid_of(LOADP(worker, manager, task)) : 0;
	r->nice = attrs ? LOAD(workqueue_attrs, attrs, nice) : 0;
	if (attrs && st.want_affinity)
		read_strict(r, attrs);
	if (!attrs || r->cpu >= 0)
		return;
	emit_cpumask(pool, cpumask_of(attrs), MASK_CPUS);
	if (st.want_affinity && pod_cpumask_of(attrs))
		emit_cpumask(pool, pod_cpumask_of(attrs), MASK_POD);
}

static __noinline int step_pool(void)
{
	u64 worklist;

	if (!next_pool()) {
		st.pool_index = 0;
		st.phase = PH_POOL_WORKERS;
		return 0;
	}
	if (!st.pool)
		return 0;
	emit_pool(st.pool);
	worklist = ADDR(worker_pool, st.pool, worklist);
	if (list_is_empty(worklist))
		return 0;
	begin_works(LIST_WORKLIST, worklist);
	st.phase = PH_WORKLIST;
	return 0;
}

/* --- workers --- */

static __noinline int step_pool_workers(void)
{
	if (!next_pool()) {
		st.pool_index = 0;
		st.phase = st.want_timers && c.nr_timer_bases ? PH_POOL_TIMERS : PH_DONE;
		return 0;
	}
	if (!st.pool)
		return 0;
	begin(&st.workers, ADDR(worker_pool, st.pool, workers));
	st.phase = PH_WORKERS;
	return 0;
}

static __noinline int step_worker(void)
{
	int what = advance(&st.workers);
	u64 worker, scheduled;

	worker = CONTAINER(worker, st.workers.pos, node);
	if (what == AT_NEXT && LOADP(worker, worker, pool) != st.pool)
		what = TORN;
	if (what == TORN && again(&st.workers))
		return 0;
	if (what != AT_NEXT) {
		emit_list(LIST_WORKERS, st.pool, st.pool, &st.workers);
		st.phase = PH_POOL_WORKERS;
		return 0;
	}
	st.worker = worker;
	if (!emit_worker(worker, st.pool) && again(&st.workers))
		return 0;
	scheduled = ADDR(worker, worker, scheduled);
	if (list_is_empty(scheduled))
		return 0;
	begin_works(LIST_SCHEDULED, scheduled);
	st.phase = PH_SCHEDULED;
	return 0;
}

/* --- armed delayed works: the timer wheels of each CPU --- */

static __noinline int step_pool_timers(void)
{
	u32 index = st.pool_index;
	struct walk_pool *p;

	if (!next_pool()) {
		st.phase = PH_DONE;
		return 0;
	}
	p = bpf_map_lookup_elem(&pools, &index);
	if (!st.pool || !p || !p->timers)
		return 0;
	st.base = 0;
	st.bucket = 0;
	begin(&st.workers, 0);	/* here: counts the timers of this CPU */
	st.phase = PH_TIMERS;
	return 0;
}

static __always_inline u64 timer_base(void)
{
	return st.pool + c.timer_delta + (u64)st.base * bpf_core_type_size(struct timer_base);
}

/* The next bucket whose bit is set. */
static __noinline int step_timers(void)
{
	u64 word, base = timer_base();
	u32 bucket = st.bucket;

	if (bucket >= c.timer_words * 64) {
		st.bucket = 0;
		if (++st.base >= c.nr_timer_bases) {
			emit_list(LIST_TIMERS, st.pool, 0, &st.workers);
			st.phase = PH_POOL_TIMERS;
		}
		return 0;
	}
	bpf_probe_read_kernel(&word, sizeof(word),
			      (void *)(ADDR(timer_base, base, pending_map) + bucket / 64 * 8));
	word >>= bucket % 64;
	if (!word) {
		st.bucket = (bucket / 64 + 1) * 64;
		return 0;
	}
	bucket += lowest_bit(word);
	st.bucket = bucket;
	begin(&st.items, ADDR(timer_base, base, vectors) + bucket * sizeof(u64));
	st.workers.pos = st.workers.nr;
	st.phase = PH_BUCKET;
	return 0;
}

static __always_inline void emit_timer(u64 timer)
{
	u64 func = LOADP(timer_list, timer, function);
	u64 dwork = CONTAINER(delayed_work, timer, timer);
	struct rec_delayed *r;

	if (!st.delayed_fn) {
		struct rec_timer *t = EMIT(REC_TIMER, rec_timer);

		if (t)
			t->func = func;
		return;
	}
	if (func != st.delayed_fn)
		return;
	if (++st.workers.nr > WALK_LIST_MAX && !st.all_works) {
		st.workers.verdict |= LIST_CUT;
		return;
	}
	r = EMIT(REC_DELAYED, rec_delayed);
	if (!r)
		return;
	r->work = dwork;
	r->func = LOADP(delayed_work, dwork, work.func);
	r->wq = LOADP(delayed_work, dwork, wq);
	r->cpu = LOAD(delayed_work, dwork, cpu);
	r->expires = LOAD(timer_list, timer, expires);
}

static __always_inline int bucket_again(void)
{
	st.workers.nr = st.workers.pos;
	return again(&st.items);
}

/* A bucket is an hlist: `next` is its node's first word, as `first` is the head's. */
static __noinline int step_bucket(void)
{
	u64 pos = st.items.pos, node = LOADP(hlist_node, pos, next);

	if (node && LOADP(hlist_node, node, pprev) != pos) {
		if (bucket_again())
			return 0;
		node = 0;
	}
	if (!node || ++st.items.nr >= MAX_ELEMENTS) {
		st.workers.verdict |= st.items.verdict;
		st.bucket++;
		st.phase = PH_TIMERS;
		return 0;
	}
	st.items.pos = node;
	emit_timer(CONTAINER(timer_list, node, entry));
	return 0;
}

#include "walk_exact.h"

/* --- the machine --- */

/* Not static: verified once, whatever calls it how often. */
__noinline int step(void)
{
	switch (st.phase) {
	case PH_CLIMB: return step_climb();
	case PH_ROOT: return step_root();
	case PH_HEAD: return step_head();
	case PH_WQ: return step_workqueue();
	case PH_CPUS: return step_cpus();
	case PH_NODES: return step_nodes();
	case PH_PWQ: return st.exact ? exact_pwq() : step_pwq();
	case PH_INACTIVE: return step_inactive();
	case PH_FLUSHERS: return step_flusher();
	case PH_POOL: return st.exact ? exact_pool() : step_pool();
	case PH_WORKLIST: return step_worklist();
	case PH_POOL_WORKERS: return st.exact ? exact_workers() : step_pool_workers();
	case PH_WORKERS: return step_worker();
	case PH_SCHEDULED: return step_scheduled();
	case PH_POOL_TIMERS: return step_pool_timers();
	case PH_TIMERS: return step_timers();
	case PH_BUCKET: return step_bucket();
	default: return 1;
	}
}

/* --- going on: what the last call kept is checked before it is used --- */

static __always_inline void restart_workqueues(void)
{
	if (!again(&st.wqs)) {
		emit_list(LIST_WORKQUEUES, 0, 0, &st.wqs);
		st.pool_index = 0;
		st.phase = PH_POOL;
		return;
	}
	st.phase = PH_WQ;
}

static __always_inline void restart_pwqs(void)
{
	if (again(&st.pwqs))
		st.phase = PH_PWQ;
	else
		st.phase = PH_WQ;
}

/* Between calls a work may have moved: its list must still be the one we were on. */
static __always_inline void resume_works(u32 list)
{
	u64 data, pwq;

	if (st.items.pos == st.items.head)
		return;
	data = LOAD(work_struct, CONTAINER(work_struct, st.items.pos, entry), data.counter);
	pwq = data & c.pwq_mask;
	if (!agrees(st.items.pos) || !(data & WORK_PWQ) ||
	    (list == LIST_INACTIVE ? pwq != st.pwq : LOADP(pool_workqueue, pwq, pool) != st.pool))
		restart_works(list);
}

static __noinline int resume_workqueues(void)
{
	if (st.wqs.pos == st.head)
		return 0;
	if (!agrees(st.wqs.pos) || !is_workqueue(CONTAINER(workqueue_struct, st.wqs.pos, list)))
		restart_workqueues();
	return 0;
}

static __noinline int resume_pwqs(void)
{
	if (st.phase != PH_PWQ && st.phase != PH_INACTIVE)
		return 0;
	if (st.pwqs.pos != st.pwqs.head &&
	    (!agrees(st.pwqs.pos) || LOADP(pool_workqueue, st.pwq, wq) != st.wq ||
	     LOADP(pool_workqueue, st.pwq, pool) != st.pool)) {
		restart_pwqs();
		return 0;
	}
	if (st.phase == PH_INACTIVE)
		resume_works(LIST_INACTIVE);
	return 0;
}

/* A pool that is gone takes its list along. */
static __always_inline int pool_holds(void)
{
	return LOAD(worker_pool, st.pool, id) == st.pool_id;
}

static __noinline int resume_pools(void)
{
	if (st.phase == PH_WORKLIST) {
		if (pool_holds()) {
			resume_works(LIST_WORKLIST);
		} else {
			drop_to(st.items.mark);
			st.phase = PH_POOL;
		}
		return 0;
	}
	if (st.phase != PH_WORKERS && st.phase != PH_SCHEDULED)
		return 0;
	if (!pool_holds()) {
		drop_to(st.workers.mark);
		st.phase = PH_POOL_WORKERS;
		return 0;
	}
	if (st.workers.pos != st.workers.head &&
	    (!agrees(st.workers.pos) || LOADP(worker, st.worker, pool) != st.pool)) {
		st.phase = PH_WORKERS;
		if (!again(&st.workers)) {
			emit_list(LIST_WORKERS, st.pool, st.pool, &st.workers);
			st.phase = PH_POOL_WORKERS;
		}
		return 0;
	}
	if (st.phase == PH_SCHEDULED)
		resume_works(LIST_SCHEDULED);
	return 0;
}

static __noinline int resume(void)
{
	switch (st.phase) {
	case PH_FLUSHERS:	/* short, and on the stacks of those who wait: from the start */
		drop_to(st.items.mark);
		begin(&st.items, ADDR(workqueue_struct, st.wq, flusher_queue));
		st.bucket = 0;
		break;
	case PH_BUCKET:
		if (!bucket_again()) {
			st.workers.verdict |= st.items.verdict;
			st.bucket++;
			st.phase = PH_TIMERS;
		}
		return 0;
	case PH_ROOT:
		if (!agrees(st.tasks.pos))
			st.phase = PH_CLIMB;
		return 0;
	case PH_HEAD:
		if (!agrees(st.wqs.pos))
			st.phase = PH_CLIMB;
		return 0;
	}
	if (st.phase >= PH_WQ && st.phase <= PH_FLUSHERS) {
		resume_workqueues();
		resume_pwqs();
	} else {
		resume_pools();
	}
	return 0;
}

/* A fresh walk: user space has set the phase to PH_CLIMB. */
static __noinline int begin_walk(void)
{
	st.began_ns = bpf_ktime_get_ns();
	st.jiffies = bpf_jiffies64();
	st.generation++;
	st.nr_pools = st.retries = st.astray = st.emitted = st.pools_lost = 0;
	if (st.head) {
		begin_workqueues();
		st.root_ns = st.began_ns;
	}
	return 0;
}

static __always_inline int must_end(u64 began, u32 steps)
{
	if (st.exact)
		return exact_must_end(began, steps);
	if (st.phase >= PH_DONE || st.out_len > WALK_OUT_BYTES - 2 * OUT_SLACK)
		return 1;
	if (st.phase == PH_CLIMB ||
	    ((st.phase == PH_FLUSHERS || st.phase == PH_BUCKET) && st.items.nr < SHORT_LIST))
		return 0;
	return steps % c.steps_a_look == 0 && bpf_ktime_get_ns() - began > c.call_ns;
}

static __always_inline void begin_call(void)
{
	st.call_began = bpf_ktime_get_ns();
	st.out_len = 0;
	if (st.exact) {
		begin_exact();
		return;
	}
	if (!st.is_going_on)
		begin_walk();
	else if (st.phase > PH_CLIMB)
		resume();
	if (st.phase == PH_CLIMB) {
		st.tasks.pos = bpf_get_current_task();
		st.tasks.nr = 0;
	}
	st.is_going_on = 1;
}

static long loop_step(u32 index, void *unused)
{
	step();
	return must_end(st.call_began, index + 1);
}

/* 5.17 and later */
SEC("?raw_tp")
int walk_loop(void *ctx)
{
	u32 unused = 0;

	begin_call();
	bpf_loop(STEPS_LOOP, loop_step, &unused, 0);
	st.ended_ns = bpf_ktime_get_ns();
	return st.phase >= PH_DONE;
}

/* before: more calls, each with few steps */
SEC("?raw_tp")
int walk_for(void *ctx)
{
	begin_call();
	for (u32 i = 0; i < STEPS_FOR; i++) {
		step();
		if (must_end(st.call_began, i + 1))
			break;
	}
	st.ended_ns = bpf_ktime_get_ns();
	return st.phase >= PH_DONE;
}

/* --- names of functions: %ps (5.13) needs neither kallsyms nor its capability --- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RESOLVE_MAX);
	__type(key, u32);
	__type(value, struct resolve_name);
} names SEC(".maps");

SEC("?raw_tp")
int resolve(void *ctx)
{
	for (u32 i = 0; i < RESOLVE_MAX; i++) {
		u32 key = i;
		struct resolve_name *n = bpf_map_lookup_elem(&names, &key);

		if (!n || i >= st.nr_names)
			break;
		BPF_SNPRINTF(n->name, sizeof(n->name), "%ps", n->addr);
	}
	return 0;
}
