/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin.bpf.c - the status file that the kernel never had: workqueues, pools,
 * workers and what is busy, as text files in bpffs
 *
 * Each file is a text iterator over a map whose elements mean nothing: they are
 * the PIN_ELEMENTS turns that one reading has. (An iterator over tasks would
 * follow the reader's pid namespace.) All begin at the list head `workqueues`,
 * whose address we were told: a symbol of the kernel, which stays. A turn runs
 * under rcu_read_lock(), takes no lock, and the lists that it follows may change
 * under it: see walk.bpf.c for what is safe and how tears are seen.
 *
 * - A reading's state is its own: two may be under way, and one may stop for an
 *   hour. It is found by the session id of the opened file.
 * - Between two turns anything may be freed: resume() checks what was kept, from
 *   the outside in.
 * - What is printed cannot be taken back. So nothing is printed twice: counts
 *   are printed when they are complete, workers are remembered by their number,
 *   pools by theirs, and the workqueues that were printed last by their places.
 * - Text goes to a buffer first. Where the file's own buffer has no room for all
 *   of it, we ask for an empty one (return 1) before anything is done: so no turn
 *   overflows, which would make the kernel repeat it.
 */
#include "read.h"
#include "kernel.h"
#include "list.h"
#include "fields.h"
#include "pin_text.h"
#include "pin_state.h"
#include "pin_lines.h"
#include "pin_busy.h"

char LICENSE[] SEC("license") = "GPL";

#define STEPS_LOOP (1u << 20)
#define STEPS_FOR 1024
#define READ_NS 1000000		/* a read(2) that has text returns after that */
#define IDLE_NS 10000000	/* a reader that did nothing for so long may lose its place */


struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PIN_ELEMENTS);
	__type(key, u32);
	__type(value, u32);
} turns SEC(".maps");

/* Which session has which place among the readers: an insertion is atomic. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PIN_READERS);
	__type(key, u32);
	__type(value, u64);
} places SEC(".maps");

/* --- the CPUs of a pool, and what its line says behind them --- */

static __always_inline void after_cpus(struct pin_reader *r)
{
	if (r->file == PIN_POOLS) {
		put_blanks(r, r->pad);
		put_char(r, ' ');
		put_read(r, r->items.retries, r->torn);
		put_char(r, ' ');
		put_flags(r);
		put_char(r, '\n');
		r->phase = PIN_PWQ;
		return;
	}
	put_pool_info(r);
	r->any = 0;
	if (r->second) {
		put_pool_counts(r);
		begin_workers(r, PIN_IDLE);
	} else {
		put_pwq_counts(r);
		begin_workers(r, PIN_IN_FLIGHT);
	}
}

static __always_inline void begin_cpus(struct pin_reader *r)
{
	r->run = -1;
	r->bit = 0;
	r->any = 0;
	r->pad = 8;
	r->phase = PIN_CPUS;
}

static __always_inline void fill(struct pin_reader *r, u32 n)
{
	r->pad = r->pad > n ? r->pad - n : 0;
}

static __always_inline void put_run(struct pin_reader *r, u32 end)
{
	if (r->any) {
		put_char(r, ',');
		fill(r, 1);
	}
	r->any = 1;
	fill(r, put_number(r->slot, r->run, 0));
	if (end - 1 > r->run) {
		put_char(r, '-');
		fill(r, 1 + put_number(r->slot, end - 1, 0));
	}
	r->run = -1;
}

/* The next CPU that is in the mask, or (within a run) is not: in one word at most. */
static __noinline int step_cpus(struct pin_reader *r)
{
	u64 word = 0, mask = cpumask_of(LOADP(worker_pool, r->pool, attrs));
	u32 bits = c.mask_words * 64, bit = r->bit;
	int cpu = LOAD(worker_pool, r->pool, cpu);

	if (cpu >= 0) {
		fill(r, put_number(r->slot, cpu, 0));
		after_cpus(r);
		return 0;
	}
	if (bit < bits) {
		bpf_probe_read_kernel(&word, sizeof(word), (void *)(mask + bit / 64 * 8));
		word = (r->run < 0 ? word : ~word) >> (bit % 64);
		if (!word) {
			r->bit = (bit / 64 + 1) * 64;
			return 0;
		}
		bit += lowest_bit(word);
		if (r->run < 0)
			r->run = bit;
		else
			put_run(r, bit);
		r->bit = bit;
		return 0;
	}
	if (r->run >= 0)
		put_run(r, bits);
	after_cpus(r);
	return 0;
}

/* --- workers of a pool --- */

static __always_inline void end_workers(struct pin_reader *r)
{
	switch (r->phase) {
	case PIN_COUNT_RUNNING:
		r->active += r->running;
		begin_inactive(r);
		break;
	case PIN_IN_FLIGHT:
		if (r->in_line)
			put_char(r, '\n');
		begin_gather(r, LIST_WORKLIST);
		break;
	case PIN_IDLE:
		put_char(r, '\n');
		r->phase = PIN_PWQ;
		break;
	default:
		r->phase = PIN_PWQ;
	}
}

static __always_inline int workers_again(struct pin_reader *r)
{
	r->running = 0;
	return again(r, &r->workers);
}

static __always_inline void count_running(struct pin_reader *r, u64 worker)
{
	if (LOADP(worker, worker, current_pwq) != r->pwq || !LOADP(worker, worker, current_work))
		return;
	if (is_barrier_func(LOADP(worker, worker, current_func)))
		return;
	if (++r->running >= r->nr_active)
		end_workers(r);		/* there can be no more */
}

static __always_inline void put_in_flight(struct pin_reader *r, u64 worker)
{
	u64 func = LOADP(worker, worker, current_func);

	if (LOADP(worker, worker, current_pwq) != r->pwq || !func || !meet_worker(r, worker))
		return;
	if (!r->any)
		PUT(r, "    in-flight: ");
	else
		PUT(r, ", ");
	r->any = 1;
	put_worker_id(r, worker);
	put_char(r, ':');
	r->phase = PIN_SCHEDULED;
	put_function(r->slot, func);
}

static __always_inline void put_idle(struct pin_reader *r, u64 worker)
{
	if (!(LOAD(worker, worker, flags) & WORKER_IDLE) || !meet_worker(r, worker))
		return;
	if (!r->any)
		PUT(r, " idle: ");
	else
		put_char(r, ' ');
	r->any = 1;
	put_worker_id(r, worker);
}

static __noinline int step_worker(struct pin_reader *r)
{
	int what = advance(&r->workers);
	u64 worker = CONTAINER(worker, r->workers.pos, node);

	if (what == AT_NEXT && LOADP(worker, worker, pool) != r->pool)
		what = TORN;
	if (what == TORN && workers_again(r))
		return 0;
	if (what != AT_NEXT) {
		end_workers(r);
		return 0;
	}
	r->worker = worker;
	switch (r->phase) {
	case PIN_COUNT_RUNNING:
		count_running(r, worker);
		break;
	case PIN_LIST_WORKERS:		/* rescuers stand with their workqueues */
		if (!LOADP(worker, worker, rescue_wq) && meet_worker(r, worker))
			put_worker(r, worker);
		break;
	case PIN_IN_FLIGHT:
		put_in_flight(r, worker);
		break;
	case PIN_IDLE:
		put_idle(r, worker);
		break;
	}
	return 0;
}

/* Behind the function that a worker executes. */
static __noinline int step_scheduled(struct pin_reader *r)
{
	if (EXISTS(worker, current_start) && LOADP(worker, r->worker, current_pwq) == r->pwq) {
		PUT(r, " for ");
		put_number(r->slot, seconds_since(LOAD(worker, r->worker, current_start)), 0);
		put_char(r, 's');
	}
	r->phase = PIN_IN_FLIGHT;
	if (!list_is_empty(ADDR(worker, r->worker, scheduled)))
		begin_gather(r, LIST_SCHEDULED);
	return 0;
}

/* --- works that are counted: those held back, or those that wait for a worker --- */

static __always_inline void end_count(struct pin_reader *r, int torn)
{
	if (r->file == PIN_POOLS) {
		r->torn = torn;
		put_pool(r);
		begin_cpus(r);
		return;
	}
	r->in_flight += r->count;
	r->phase = PIN_PWQ;
}

static __always_inline int count_again(struct pin_reader *r)
{
	if (!again(r, &r->items))
		return 0;
	r->count = r->linked = 0;
	return 1;
}

static __always_inline int count_work(struct pin_reader *r)
{
	u64 work = CONTAINER(work_struct, r->items.pos, entry);
	u64 data = LOAD(work_struct, work, data.counter);

	if (!belongs(r, data))
		return TORN;
	if (is_mayday_cursor(work, data & c.pwq_mask))
		return AT_NEXT;
	r->count += !is_barrier(r->list, data, r->linked);
	r->linked = data & WORK_LINKED;
	return AT_NEXT;
}

static __noinline int step_count(struct pin_reader *r)
{
	int what = advance(&r->items);

	if (what == AT_NEXT)
		what = count_work(r);
	if (what == AT_NEXT || (what == TORN && count_again(r)))
		return 0;
	end_count(r, what == TORN);
	return 0;
}

/* --- workqueues and their pwqs --- */

static __always_inline void begin_workqueue(struct pin_reader *r)
{
	begin(&r->pwqs, ADDR(workqueue_struct, r->wq, pwqs));
	r->active = r->total = r->in_flight = 0;
	r->open = 0;
	r->phase = PIN_PWQ;
	if (r->file == PIN_WORKQUEUES)
		forget_pools(r);
}

/* Its line is printed: remember its place. */
static __always_inline void end_workqueue(struct pin_reader *r)
{
	struct pin_place *last = &r->ring[r->nr_done & (PIN_RING - 1)];

	if (r->file == PIN_WORKQUEUES)
		put_workqueue(r);
	*last = r->wqs;
	r->nr_done++;
	r->phase = PIN_WQ;
}

static __always_inline void begin_workqueues(struct pin_reader *r)
{
	r->wqs.pos = p.head;
	r->wqs.prev = 0;
	r->nr_done = r->skipping = 0;
	r->phase = PIN_WQ;
}

static __always_inline void end_workqueues(struct pin_reader *r)
{
	if (r->file == PIN_BUSY && !r->second) {
		r->second = 1;
		forget_pools(r);
		begin_workqueues(r);
		return;
	}
	r->phase = PIN_END;
}

/* Was the workqueue at this place printed a short while ago? */
static __noinline int is_done(struct pin_reader *r, u64 pos)
{
	for (u32 i = 0; i < PIN_RING; i++)
		if (i < r->nr_done && r->ring[i].pos == pos)
			return 1;
	return 0;
}

static __noinline int step_wq(struct pin_reader *r)
{
	u64 prev = r->wqs.pos, pos = LOADP(list_head, prev, next), rescuer;

	if (pos == p.head || !pos) {
		end_workqueues(r);
		return 0;
	}
	r->wqs.prev = prev;
	r->wqs.pos = pos;
	if (r->skipping && is_done(r, pos))
		return 0;
	r->skipping = 0;
	r->wq = CONTAINER(workqueue_struct, pos, list);
	begin_workqueue(r);
	rescuer = LOADP(workqueue_struct, r->wq, rescuer);
	if (r->file == PIN_WORKERS && rescuer)
		put_worker(r, rescuer);
	return 0;
}

/*
 * The pwqs of this workqueue from the first again. What is printed of them stays
 * printed: pools are known by their numbers, but in `busy` the rest is left out.
 */
static __noinline int restart_pwqs(struct pin_reader *r)
{
	if (r->file == PIN_BUSY && !r->second && r->open) {
		r->gave_up++;
		end_workqueue(r);
		return 0;
	}
	if (!again(r, &r->pwqs)) {
		end_workqueue(r);
		return 0;
	}
	if (r->file == PIN_WORKQUEUES) {
		r->active = r->total = r->in_flight = 0;
		forget_pools(r);
	}
	r->phase = PIN_PWQ;
	return 0;
}

static __always_inline void begin_count_pending(struct pin_reader *r)
{
	begin(&r->items, ADDR(worker_pool, r->pool, worklist));
	r->list = LIST_WORKLIST;
	r->linked = r->count = 0;
	r->phase = PIN_COUNT_WORKS;
}

static __always_inline void begin_busy_pwq(struct pin_reader *r)
{
	if (!LOAD(pool_workqueue, r->pwq, nr_active) && list_is_empty(inactive_list(r->pwq)))
		return;
	if (!r->open)
		put_busy_workqueue(r);
	PUT(r, "  pwq ");
	put_number(r->slot, r->pool_id, 0);
	PUT(r, ": cpus=");
	begin_cpus(r);
}

static __always_inline void begin_busy_pool(struct pin_reader *r)
{
	if (LOAD(worker_pool, r->pool, nr_workers) == LOAD(worker_pool, r->pool, nr_idle))
		return;
	PUT(r, "pool ");
	put_number(r->slot, r->pool_id, 0);
	PUT(r, ": cpus=");
	begin_cpus(r);
}

static __always_inline void visit_pwq(struct pin_reader *r)
{
	if (r->file == PIN_WORKQUEUES)
		add_pwq(r);
	else if (r->file == PIN_BUSY && !r->second)
		begin_busy_pwq(r);
	else if (!meet_pool(r, r->pool_id))
		return;
	else if (r->file == PIN_BUSY)
		begin_busy_pool(r);
	else if (r->file == PIN_POOLS)
		begin_count_pending(r);
	else
		begin_workers(r, PIN_LIST_WORKERS);
}

static __noinline int step_pwq(struct pin_reader *r)
{
	u64 pos = LOADP(list_head, r->pwqs.pos, next), pwq;

	if (pos == r->pwqs.head || !pos) {
		end_workqueue(r);
		return 0;
	}
	pwq = CONTAINER(pool_workqueue, pos, pwqs_node);
	if (LOADP(pool_workqueue, pwq, wq) != r->wq || ++r->pwqs.nr >= MAX_ELEMENTS)
		return restart_pwqs(r);
	r->pwqs.pos = pos;
	r->pwq = pwq;
	r->pool = LOADP(pool_workqueue, pwq, pool);
	r->pool_id = LOAD(worker_pool, r->pool, id);
	visit_pwq(r);
	return 0;
}

/* --- the closing line --- */

static __noinline int step_end(struct pin_reader *r)
{
	if (r->file == PIN_WORKQUEUES)
		PUT(r, "# workqueues: ");
	else if (r->file == PIN_POOLS)
		PUT(r, "# pools: ");
	else if (r->file == PIN_WORKERS)
		PUT(r, "# workers: ");
	else
		PUT(r, "# busy workqueues: ");
	put_number(r->slot, r->lines, 0);
	if (r->astray) {
		PUT(r, ", incomplete: too many came and went, read again");
	} else if (r->gave_up) {
		PUT(r, ", incomplete: lists that kept changing: ");
		put_number(r->slot, r->gave_up, 0);
	} else if (r->pools_lost) {
		PUT(r, ", incomplete: pools with too high a number were left out");
	} else if (r->retries) {
		PUT(r, ", retried: ");
		put_number(r->slot, r->retries, 0);
	} else {
		PUT(r, ", consistent");
	}
	put_char(r, '\n');
	r->phase = PIN_DONE;
	return 0;
}

static __noinline int step_heading(struct pin_reader *r)
{
	switch (r->file) {
	case PIN_WORKQUEUES:
		PUT(r, "name                           ");
		PUT(r, "  active  total        max in-flight\n");
		break;
	case PIN_POOLS:
		PUT(r, "pool node nice workers idle busy running");
		PUT(r, " pending   hung manager cpus     read       flags\n");
		break;
	case PIN_WORKERS:
		PUT(r, "    pid comm             pool  cpu state       age ");
		PUT(r, "workqueue                       function\n");
		break;
	default:
		PUT(r, "Showing busy workqueues and worker pools:\n");
	}
	begin_workqueues(r);
	return 0;
}

/* --- going on: what the last turn kept is checked before it is used --- */

static __always_inline void break_line(struct pin_reader *r)
{
	if (r->newline)
		put_char(r, '\n');
	else if (r->in_line)
		PUT(r, " ...\n");
	r->newline = 0;
}

/* The workqueue or pwq that we were at is gone. */
static __always_inline void abandon(struct pin_reader *r)
{
	u64 word = (u32)r->pool_id / 64;

	barrier_var(word);
	if (r->file == PIN_POOLS && r->phase == PIN_COUNT_WORKS) {
		if (word < PIN_POOL_IDS / 64)	/* other workqueues lead to it */
			r->pools_met[word] &= ~(1ULL << (r->pool_id & 63));
	} else if (r->phase == PIN_LIST_WORKERS || (r->in_line && !r->newline)) {
		r->gave_up++;
	}
	break_line(r);
}

static __always_inline int place_holds(struct pin_place *place)
{
	u64 pos = place->pos;

	return agrees(pos) && LOADP(list_head, pos, prev) == place->prev &&
	       is_workqueue(CONTAINER(workqueue_struct, pos, list));
}

/*
 * Back to the last workqueue that was printed and is still where it was. (One
 * that is gone may have been created again, at the same address but at the
 * list's end: its forerunner tells.) New ones are only added at the end.
 */
static __noinline int go_back(struct pin_reader *r)
{
	abandon(r);
	r->retries++;
	r->skipping = 1;
	r->phase = PIN_WQ;
	for (u32 i = 1; i <= PIN_RING && i <= r->nr_done; i++) {
		struct pin_place *place = &r->ring[(r->nr_done - i) & (PIN_RING - 1)];

		if (place_holds(place)) {
			r->wqs = *place;
			return 0;
		}
	}
	r->wqs.pos = p.head;
	if (r->nr_done <= PIN_RING)
		return 0;	/* all that were printed are known */
	r->astray = 1;
	r->phase = PIN_END;
	return 0;
}

static __always_inline int pwq_holds(struct pin_reader *r)
{
	if (r->pwqs.pos == r->pwqs.head)
		return 1;
	return agrees(r->pwqs.pos) && LOADP(pool_workqueue, r->pwq, wq) == r->wq &&
	       LOADP(pool_workqueue, r->pwq, pool) == r->pool &&
	       LOAD(worker_pool, r->pool, id) == r->pool_id;
}

static __always_inline int worker_holds(struct pin_reader *r)
{
	return r->workers.pos == r->workers.head ||
	       (agrees(r->workers.pos) && LOADP(worker, r->worker, pool) == r->pool);
}

static __always_inline int work_holds(struct pin_reader *r)
{
	u64 work = CONTAINER(work_struct, r->items.pos, entry);

	return r->items.pos == r->items.head ||
	       (agrees(r->items.pos) && belongs(r, LOAD(work_struct, work, data.counter)));
}

static __noinline int resume_workers(struct pin_reader *r)
{
	if (worker_holds(r))
		return 1;
	if (r->phase > PIN_IDLE) {	/* in what stands behind the worker */
		r->gave_up++;
		PUT(r, " ...");
		r->phase = PIN_IN_FLIGHT;
	}
	if (!workers_again(r))
		end_workers(r);
	return 0;
}

static __noinline int resume_works(struct pin_reader *r)
{
	if (work_holds(r))
		return 0;
	if (r->phase == PIN_COUNT_WORKS) {
		if (!count_again(r))
			end_count(r, 1);
		return 0;
	}
	if (r->phase == PIN_GATHER && gather_again(r))
		return 0;
	if (r->phase == PIN_GROUP)
		r->gave_up++;
	else
		r->at_group = 0;
	r->more = 0;
	r->torn = 1;
	r->phase = PIN_GROUP;
	return 0;
}

static __noinline int resume(struct pin_reader *r)
{
	u32 phase = r->phase;

	if (phase < PIN_WQ || phase >= PIN_END || r->wqs.pos == p.head)
		return 0;
	if (!place_holds(&r->wqs))
		return go_back(r);
	if (phase == PIN_WQ)
		return 0;
	if (!pwq_holds(r)) {
		abandon(r);
		return restart_pwqs(r);
	}
	if ((phase >= PIN_COUNT_RUNNING && phase <= PIN_SCHEDULED) ||
	    (phase >= PIN_GATHER && r->list == LIST_SCHEDULED)) {
		if (!resume_workers(r))
			return 0;
	}
	if (phase == PIN_COUNT_WORKS || phase == PIN_GATHER || (phase == PIN_GROUP && r->more))
		resume_works(r);
	return 0;
}

/* --- the machine --- */

static __always_inline void one_step(struct pin_reader *r)
{
	if (r->newline) {
		put_char(r, '\n');
		r->newline = 0;
	}
	switch (r->phase) {
	case PIN_HEADING: step_heading(r); break;
	case PIN_WQ: step_wq(r); break;
	case PIN_PWQ: step_pwq(r); break;
	case PIN_CPUS: step_cpus(r); break;
	case PIN_COUNT_RUNNING:
	case PIN_LIST_WORKERS:
	case PIN_IN_FLIGHT:
	case PIN_IDLE: step_worker(r); break;
	case PIN_SCHEDULED: step_scheduled(r); break;
	case PIN_COUNT_WORKS: step_count(r); break;
	case PIN_GATHER: step_gather(r); break;
	case PIN_GROUP: step_group(r); break;
	case PIN_END: step_end(r); break;
	}
}

static __always_inline int must_end(struct pin_reader *r)
{
	if (r->phase == PIN_DONE || r->want || r->len > PIN_TEXT - PIN_ROOM)
		return 1;
	return ++r->steps % c.steps_a_look == 0 && bpf_ktime_get_ns() - r->show_ns > c.call_ns;
}

/* Not static: verified once, whatever calls it how often. 1: this turn ends. */
__noinline int step(u32 slot)
{
	struct pin_reader *r = reader(slot);

	if (!r)
		return 1;
	one_step(r);
	return must_end(r);
}

/* --- readers --- */

#define NO_PLACE PIN_READERS

static __noinline u32 find_reader(u64 id)
{
	for (u32 i = 0; i < PIN_READERS; i++) {
		u32 slot = (id + i) & (PIN_READERS - 1);
		struct pin_reader *r = reader(slot);

		if (r && r->id == id)
			return slot;
	}
	return NO_PLACE;
}

static __always_inline int take_place(u32 slot, u64 id)
{
	return !bpf_map_update_elem(&places, &slot, &id, BPF_NOEXIST);
}

/* A free place, or that of the reader who has been silent longest. */
static __noinline u32 find_place(u64 id, u64 now)
{
	u64 oldest = now - IDLE_NS;
	u32 victim = NO_PLACE;

	for (u32 i = 0; i < PIN_READERS; i++) {
		u32 slot = (id + i) & (PIN_READERS - 1);
		struct pin_reader *r = reader(slot);

		if (!r)
			break;
		if (!r->id) {
			if (take_place(slot, id))
				return slot;
		} else if (r->used_ns < oldest) {
			oldest = r->used_ns;
			victim = slot;
		}
	}
	if (victim != NO_PLACE && !bpf_map_delete_elem(&places, &victim) && take_place(victim, id))
		return victim;
	return NO_PLACE;
}

static __noinline u32 new_reader(u64 id, u32 file)
{
	u64 now = bpf_ktime_get_ns();
	u32 slot = find_place(id, now);
	struct pin_reader *r = reader(slot);

	if (!r)
		return NO_PLACE;
	r->used_ns = now;
	r->slot = slot;
	r->file = file;
	r->phase = PIN_HEADING;
	r->lines = r->retries = r->gave_up = r->pools_lost = r->astray = 0;
	r->second = r->newline = r->in_line = 0;
	r->want = 0;
	r->last_pool_word = PIN_POOL_IDS / 64 - 1;
	forget_pools(r);
	barrier();
	r->id = id;	/* last: with it, the place can be taken over */
	return slot;
}

static __always_inline void leave(struct pin_reader *r)
{
	u32 slot = r->slot;

	r->id = 0;
	barrier();
	bpf_map_delete_elem(&places, &slot);
}

/* --- turns --- */

static long loop_step(u32 index, void *slot)
{
	return step(*(u32 *)slot) != 0;
}

static __always_inline void take_steps(u32 slot, int loop)
{
	if (loop) {		/* 5.17 and later */
		bpf_loop(STEPS_LOOP, loop_step, &slot, 0);
		return;
	}
	for (u32 i = 0; i < STEPS_FOR; i++)
		if (step(slot))
			break;
}

static __always_inline void write_text(struct seq_file *seq, struct pin_reader *r)
{
	u64 len = r->len;

	barrier_var(len);
	if (len <= PIN_TEXT)
		bpf_seq_write(seq, r->text, len);
	if (r->want)		/* %pB: the function that an address returns to */
		BPF_SEQ_PRINTF(seq, "%pB", r->want + 1);
	r->len = 0;
	r->want = 0;
}

/* After the last turn. Who has no place any more could not be told before. */
static __always_inline int finish(struct seq_file *seq, u64 id)
{
	struct pin_reader *r = reader(find_reader(id));

	if (!r) {
		BPF_SEQ_PRINTF(seq, "\n# incomplete: too many readers at once, read again\n");
		return 0;
	}
	if (r->phase != PIN_DONE)
		BPF_SEQ_PRINTF(seq, "\n# incomplete: too long for one reading\n");
	leave(r);
	return 0;
}

static __always_inline int turn(struct bpf_iter__bpf_map_elem *ctx, u32 file, int loop)
{
	struct seq_file *seq = ctx->meta->seq;
	u64 id = ctx->meta->session_id, now = bpf_ktime_get_ns();
	u32 *key = ctx->key, slot;
	struct pin_reader *r;

	if (!key)
		return finish(seq, id);
	slot = find_reader(id);
	if (slot == NO_PLACE && !*key)
		slot = new_reader(id, file);
	r = reader(slot);
	if (!r || r->phase == PIN_DONE)
		return 0;
	r->used_ns = now;
	if (!seq->count)
		r->read_ns = now;
	else if (seq->size - seq->count < PIN_TEXT + 512 || now - r->read_ns > READ_NS)
		return 1;
	r->show_ns = now;
	r->steps = r->len = 0;
	resume(r);
	take_steps(slot, loop);
	write_text(seq, r);
	return 0;
}

#define FILE(name, file) \
	SEC("?iter/bpf_map_elem") int name##_loop(struct bpf_iter__bpf_map_elem *ctx) \
	{ \
		return turn(ctx, file, 1); \
	} \
	SEC("?iter/bpf_map_elem") int name##_for(struct bpf_iter__bpf_map_elem *ctx) \
	{ \
		return turn(ctx, file, 0); \
	}

FILE(workqueues, PIN_WORKQUEUES)
FILE(pools, PIN_POOLS)
FILE(workers, PIN_WORKERS)
FILE(busy, PIN_BUSY)
