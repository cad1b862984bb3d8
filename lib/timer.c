/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timer.c - one wheel for all delayed items and timers, and the thread that turns it
 *
 * Eight levels of 64 buckets, ticks of 2^16 ns; a bitmap per level finds the next occupied
 * bucket, and the thread sleeps until then. Arming and disarming cost a list operation, a million
 * armed timers or one. The due time is rounded up to a tick: never early, 33 us late on average.
 *
 * An expired delayed item is queued with the timer lock held. So it can be grabbed at any moment:
 * it is in the wheel, or on a worklist.
 */
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "internal.h"

#define TICK_SHIFT 16
#define LEVELS 8
#define SLOTS 64
#define DUE (LEVELS * SLOTS + 1)	/* timer_list.bucket: on its way out of the wheel */
#define NEVER UINT64_MAX
#define TIMER_CPU_MASK 0x3ffffu		/* timer_list.flags: the CPU that armed it */
#define BATCH 32			/* timers per hold of the lock */

struct wq_lock wq_timer_lock = LOCK_INIT(RANK_TIMER);

static struct {
	u64 now;			/* T: tick up to which everything has expired */
	u64 wake_at;			/* T: tick the thread sleeps until */
	unsigned int nr;		/* T: in the wheel */
	u64 map[LEVELS];		/* T */
	struct list_head slot[LEVELS][SLOTS]; /* T */
	struct list_head due;		/* T */
	struct timer_list *running;	/* T: whose function runs */
	u32 runs;			/* A: functions that have returned */
	u32 word;			/* A: 1 = an earlier timer was armed */
} wheel;

/* --- the wheel; lock held --- */

static u64 due_tick(const struct timer_list *timer)
{
	u64 tick = timer->due_ns >> TICK_SHIFT;

	return tick + (timer->due_ns > tick << TICK_SHIFT);
}

static void wheel_put(struct timer_list *timer)
{
	u64 tick = due_tick(timer), delta;
	unsigned int level = 0, slot;

	if (tick <= wheel.now)
		tick = wheel.now + 1;
	delta = tick - wheel.now;
	while (level < LEVELS - 1 && delta >> (6 * (level + 1)))
		level++;
	slot = (unsigned int)(tick >> (6 * level)) % SLOTS;
	list_add_tail(&timer->entry, &wheel.slot[level][slot]);
	wheel.map[level] |= 1ull << slot;
	store_relaxed(&timer->bucket, level * SLOTS + slot + 1);
}

static void wheel_take(struct timer_list *timer)
{
	unsigned int bucket = timer->bucket - 1;

	list_del(&timer->entry);
	if (timer->bucket != DUE && list_empty(&wheel.slot[bucket / SLOTS][bucket % SLOTS]))
		wheel.map[bucket / SLOTS] &= ~(1ull << bucket % SLOTS);
	store_relaxed(&timer->bucket, 0);
	timer->entry.next = timer->entry.prev = NULL;
	wheel.nr--;
}

/* The first tick at which something expires or must move to a lower level. */
static u64 wheel_next(void)
{
	u64 best = NEVER;

	for (unsigned int level = 0; level < LEVELS; level++) {
		u64 map = wheel.map[level], now = wheel.now >> (6 * level), tick;
		unsigned int from = (unsigned int)(now + 1) % SLOTS;

		if (!map)
			continue;
		if (from)
			map = map >> from | map << (SLOTS - from);
		tick = (now + 1 + (u64)__builtin_ctzll(map)) << (6 * level);
		if (tick < best)
			best = tick;
	}
	return best;
}

/* Move to @tick, of which wheel_next() said that it is next. */
static void wheel_advance(u64 tick)
{
	wheel.now = tick;
	for (int level = LEVELS - 1; level >= 0; level--) {
		unsigned int slot = (unsigned int)(tick >> (6 * level)) % SLOTS;
		struct list_head *head = &wheel.slot[level][slot];

		if (tick & ((1ull << (6 * level)) - 1) || list_empty(head))
			continue;
		wheel.map[level] &= ~(1ull << slot);
		while (!list_empty(head)) {
			struct timer_list *timer = list_first(head, struct timer_list, entry);

			list_del(&timer->entry);
			if (due_tick(timer) > tick) {
				wheel_put(timer);
			} else {
				list_add_tail(&timer->entry, &wheel.due);
				store_relaxed(&timer->bucket, DUE);
			}
		}
	}
}

/* Returns true if the thread must get up earlier than it meant to. */
static bool arm(struct timer_list *timer, u64 due_ns)
{
	u64 now = now_ns() >> TICK_SHIFT;

	if (!wheel.nr++ && now > wheel.now)
		wheel.now = now;
	timer->due_ns = due_ns;
	timer->expires = (unsigned long)(due_ns / NSEC_PER_MSEC);
	wheel_put(timer);
	if (due_tick(timer) >= wheel.wake_at)
		return false;
	wheel.wake_at = due_tick(timer);
	return true;
}

static void kick_thread(void)
{
	store_release(&wheel.word, 1);
	futex_wake(&wheel.word, 1);
}

static bool is_delayed(const struct timer_list *timer)
{
	return timer->function == wq_delayed_work_timer_fn;
}

static struct delayed_work *timer_dwork(struct timer_list *timer)
{
	return container_of(timer, struct delayed_work, timer);
}

/* --- delayed items --- */

static void add_armed(struct workqueue_struct *wq, int n)
{
	add_relaxed(&wq->nr_armed, n);
	record_set(wq->rec, nr_armed, wq->nr_armed);
}

static void queue_expired(struct delayed_work *dwork)
{
	int cpu = dwork->cpu;

	add_armed(dwork->wq, -1);
	if (cpu == WORK_CPU_UNBOUND)
		cpu = (int)(dwork->timer.flags & TIMER_CPU_MASK);
	work_insert(cpu, dwork->wq, &dwork->work);
}

/*
 * The address is what marks a timer as a delayed item's; called only if somebody calls it by
 * hand.
 */
void wq_delayed_work_timer_fn(struct timer_list *timer)
{
	struct delayed_work *dwork = timer_dwork(timer);

	work_insert(dwork->cpu, dwork->wq, &dwork->work);
}

void timer_arm_delayed(struct delayed_work *dwork, u64 ns)
{
	struct workqueue_struct *wq = dwork->wq;
	char name[FUNC_NAME_LEN];
	u64 due = now_ns() + ns;
	bool kick = false, refused;

	dwork->timer.flags = (dwork->timer.flags & ~TIMER_CPU_MASK) | (u32)this_cpu();
	lock_acquire(&wq_timer_lock);
	refused = load_relaxed(&wq->flags) & __WQ_DESTROYING;
	if (!refused) {
		add_armed(wq, 1);
		kick = arm(&dwork->timer, due < ns ? NEVER >> 1 : due);
	}
	lock_release(&wq_timer_lock);
	if (kick)
		kick_thread();
	if (unlikely(refused)) {
		wq_warn_once("workqueue: cannot queue %s on wq %s",
			     func_name(dwork->work.func, name, sizeof(name)), wq->name);
		work_clear_pending(&dwork->work);
	}
}

/* --- timers --- */

bool timer_disarm(struct timer_list *timer)
{
	bool armed;

	if (!load_relaxed(&timer->bucket))
		return false;
	lock_acquire(&wq_timer_lock);
	armed = timer->bucket;
	if (armed) {
		wheel_take(timer);
		if (is_delayed(timer))
			add_armed(timer_dwork(timer)->wq, -1);
	}
	lock_release(&wq_timer_lock);
	return armed;
}

int wq_mod_timer(struct timer_list *timer, unsigned long expires)
{
	bool armed, kick;

	wq_start();
	lock_acquire(&wq_timer_lock);
	armed = timer->bucket;
	if (armed)
		wheel_take(timer);
	kick = arm(timer, (u64)expires * NSEC_PER_MSEC);
	timer->expires = expires;
	lock_release(&wq_timer_lock);
	if (kick)
		kick_thread();
	return armed;
}

void wq_add_timer(struct timer_list *timer)
{
	wq_mod_timer(timer, timer->expires);
}

int wq_timer_delete(struct timer_list *timer)
{
	return timer_disarm(timer);
}

int wq_timer_delete_sync(struct timer_list *timer)
{
	int armed = 0;
	u32 runs;

	for (;;) {
		bool running;

		lock_acquire(&wq_timer_lock);
		if (timer->bucket) {
			wheel_take(timer);
			armed = 1;
		}
		running = wheel.running == timer;
		runs = load_acquire(&wheel.runs);
		lock_release(&wq_timer_lock);
		if (!running)
			return armed;
		wq_block_begin();
		futex_wait(&wheel.runs, runs, NULL);
		wq_block_end();
	}
}

bool wq_timer_pending(const struct timer_list *timer)
{
	return load_relaxed(&timer->bucket);
}

bool wq_in_interrupt(void)
{
	return wq_self.in_interrupt;
}

/* --- the thread --- */

static void run_function(struct timer_list *timer)
{
	wheel.running = timer;
	lock_release(&wq_timer_lock);
	timer->function(timer);
	lock_acquire(&wq_timer_lock);
	wheel.running = NULL;
	__atomic_fetch_add(&wheel.runs, 1, __ATOMIC_RELEASE);
	futex_wake(&wheel.runs, INT_MAX);
}

static void expire_due(void)
{
	for (int n = 1; !list_empty(&wheel.due); n++) {
		struct timer_list *timer = list_first(&wheel.due, struct timer_list, entry);

		wheel_take(timer);
		if (likely(is_delayed(timer)))
			queue_expired(timer_dwork(timer));
		else
			run_function(timer);
		if (n % BATCH == 0) {
			lock_release(&wq_timer_lock);
			lock_acquire(&wq_timer_lock);
		}
	}
}

static void sleep_until(u64 tick)
{
	u64 at = tick << TICK_SHIFT, now = now_ns();
	struct timespec ts;

	if (tick == NEVER) {
		futex_wait(&wheel.word, 0, NULL);
	} else if (at > now) {
		ts.tv_sec = (time_t)((at - now) / NSEC_PER_SEC);
		ts.tv_nsec = (long)((at - now) % NSEC_PER_SEC);
		futex_wait(&wheel.word, 0, &ts);
	}
}

static void *timer_main(void *arg)
{
	(void)arg;
	wq_self.in_interrupt = true;
	thread_set_name("wq-timer");
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	process_set(timer_tid, (u32)self_tid());
	lock_acquire(&wq_timer_lock);
	for (;;) {
		u64 now = now_ns() >> TICK_SHIFT, next;

		while ((next = wheel_next()) <= now) {
			wheel_advance(next);
			expire_due();
		}
		if (next == NEVER && now > wheel.now)
			wheel.now = now;
		wheel.wake_at = next;
		store_relaxed(&wheel.word, 0);
		lock_release(&wq_timer_lock);
		sleep_until(next);
		lock_acquire(&wq_timer_lock);
	}
	return NULL;
}

int timers_close_wq(struct workqueue_struct *wq, work_func_t *func)
{
	struct list_head *pos, *tmp;
	int n = 0;

	lock_acquire(&wq_timer_lock);
	for (unsigned int i = 0; wq->nr_armed && i <= LEVELS * SLOTS; i++) {
		struct list_head *head = i == LEVELS * SLOTS ? &wheel.due :
					 &wheel.slot[i / SLOTS][i % SLOTS];

		list_for_each_safe(pos, tmp, head) {
			struct timer_list *timer = list_entry(pos, struct timer_list, entry);

			if (!is_delayed(timer) || timer_dwork(timer)->wq != wq)
				continue;
			*func = timer_dwork(timer)->work.func;
			wheel_take(timer);
			queue_expired(timer_dwork(timer));
			n++;
		}
	}
	wq_set_flag(wq, __WQ_DESTROYING);
	lock_release(&wq_timer_lock);
	return n;
}

u64 timers_address(u32 *nr)
{
	*nr = LEVELS * SLOTS + 1;	/* the last one is due */
	return (uintptr_t)wheel.slot;
}

int timers_start(void)
{
	if (!wheel.due.next) {
		for (int i = 0; i < LEVELS * SLOTS; i++)
			list_init(&wheel.slot[i / SLOTS][i % SLOTS]);
		list_init(&wheel.due);
		wheel.wake_at = NEVER;
	}
	return thread_start(timer_main, NULL, 64 << 10);
}

void timers_fork_child(void)
{
	if (!wheel.due.next)		/* never started */
		return;
	for (unsigned int i = 0; i <= LEVELS * SLOTS; i++) {
		struct list_head *head = i == LEVELS * SLOTS ? &wheel.due :
					 &wheel.slot[i / SLOTS][i % SLOTS];

		while (!list_empty(head)) {
			struct timer_list *timer = list_first(head, struct timer_list, entry);

			wheel_take(timer);
			if (is_delayed(timer))
				work_clear_pending(&timer_dwork(timer)->work);
		}
	}
	memset(wheel.map, 0, sizeof(wheel.map));
	wheel.nr = 0;
	wheel.wake_at = NEVER;
	wheel.running = NULL;
	wheel.word = 0;
}
