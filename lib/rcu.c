/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rcu.c - grace periods, as far as rcu_work needs them
 *
 * A reader stores the grace period in which its section began, with sequential consistency, into
 * a record of its thread; a grace period has passed when no record holds an older one. Callbacks
 * run on a thread of their own, because it may have to wait for readers for long.
 *
 * A fork takes the locks, so the child finds each item either among the callbacks, or on a
 * worklist: an item goes from one to the other under the lock.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

struct reader {
	u64 since;			/* A: 0 = not in a section */
	unsigned int depth;		/* S */
	bool used;			/* wq_reader_lock */
	struct reader *next;		/* I */
};

static __thread struct reader *self __attribute__((tls_model("initial-exec")));
struct wq_lock wq_reader_lock = LOCK_INIT(RANK_READER), wq_callback_lock = LOCK_INIT(RANK_CALLBACK);
static struct reader *readers;		/* wq_reader_lock to change */
static u64 period = 1;			/* A */
static struct rcu_head *callbacks, **callbacks_tail = &callbacks;	/* wq_callback_lock */
static struct rcu_head *batch;		/* wq_callback_lock: those whose grace period runs, or is over */
static bool thread_runs;		/* wq_callback_lock */
static u32 callback_word;
static pthread_key_t reader_key;
static pthread_once_t reader_once = PTHREAD_ONCE_INIT;

static void reader_gone(void *arg)
{
	struct reader *reader = arg;

	lock_acquire(&wq_reader_lock);
	reader->used = false;
	lock_release(&wq_reader_lock);
}

static void make_key(void)
{
	pthread_key_create(&reader_key, reader_gone);
	fork_init();
}

/* Records are reused, never freed. */
static struct reader *reader_register(void)
{
	struct reader *reader;

	pthread_once(&reader_once, make_key);
	lock_acquire(&wq_reader_lock);
	for (reader = readers; reader && reader->used; reader = reader->next)
		;
	if (!reader) {
		reader = calloc(1, sizeof(*reader));
		if (!reader)
			wq_bug("no memory for an RCU reader", __FILE__, __LINE__);
		reader->next = readers;
		readers = reader;
	}
	reader->used = true;
	lock_release(&wq_reader_lock);
	pthread_setspecific(reader_key, reader);
	self = reader;
	return reader;
}

void wq_rcu_read_lock(void)
{
	struct reader *reader = self ? self : reader_register();

	if (!reader->depth++)
		__atomic_exchange_n(&reader->since, __atomic_load_n(&period, __ATOMIC_SEQ_CST),
				    __ATOMIC_SEQ_CST);
}

void wq_rcu_read_unlock(void)
{
	if (!--self->depth)
		store_release(&self->since, 0);
}

static bool reader_blocks(struct reader *reader, u64 before)
{
	u64 since = __atomic_load_n(&reader->since, __ATOMIC_SEQ_CST);

	return since && since < before;
}

void wq_synchronize_rcu(void)
{
	struct timespec pause = { 0, 20000 };
	u64 before = __atomic_add_fetch(&period, 1, __ATOMIC_SEQ_CST);
	struct reader *reader;

	lock_acquire(&wq_reader_lock);
	reader = readers;
	lock_release(&wq_reader_lock);
	for (; reader; reader = reader->next)
		while (reader_blocks(reader, before)) {
			wq_block_begin();
			nanosleep(&pause, NULL);
			wq_block_end();
			if (pause.tv_nsec < 1000000)
				pause.tv_nsec *= 2;
		}
}

/* The item of this may be free as soon as it is queued. */
static void rcu_work_func(struct rcu_head *head)
{
	struct rcu_work *rwork = container_of(head, struct rcu_work, rcu);
	struct workqueue_struct *wq = rwork->wq;

	work_insert(WORK_CPU_UNBOUND, wq, &rwork->work);
	__atomic_fetch_sub(&wq->nr_rcu, 1, __ATOMIC_RELEASE);
}

static bool take_batch(void)
{
	bool any;

	lock_acquire(&wq_callback_lock);
	batch = callbacks;
	callbacks = NULL;
	callbacks_tail = &callbacks;
	any = batch;
	lock_release(&wq_callback_lock);
	return any;
}

/* The next one of the batch; items are queued here. Returns false at the end. */
static bool run_next(void)
{
	struct rcu_head *head;

	lock_acquire(&wq_callback_lock);
	head = batch;
	if (head)
		batch = head->next;
	if (head && head->func == rcu_work_func) {
		rcu_work_func(head);
		lock_release(&wq_callback_lock);
		return true;
	}
	lock_release(&wq_callback_lock);
	if (head)
		head->func(head);
	return head;
}

static void *rcu_main(void *arg)
{
	(void)arg;
	wq_self.in_interrupt = true;
	thread_set_name("wq-rcu");
	for (;;) {
		store_relaxed(&callback_word, 0);
		if (!take_batch()) {
			futex_wait(&callback_word, 0, NULL);
			continue;
		}
		wq_synchronize_rcu();
		while (run_next())
			;
	}
	return NULL;
}

/* Without a thread the grace period is waited for here; the promise is the same, only slower. */
void wq_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	bool runs;

	head->next = NULL;
	head->func = func;
	fork_init();
	lock_acquire(&wq_callback_lock);
	runs = thread_runs;
	if (!runs)
		runs = thread_runs = !thread_start(rcu_main, NULL, 64 << 10);
	if (runs) {
		*callbacks_tail = head;
		callbacks_tail = &head->next;
	}
	lock_release(&wq_callback_lock);
	if (runs) {
		__atomic_exchange_n(&callback_word, 1, __ATOMIC_ACQ_REL);
		futex_wake(&callback_word, 1);
		return;
	}
	wq_synchronize_rcu();
	func(head);
}

struct barrier_head {
	struct rcu_head rcu;
	struct wq_done done;
};

static void barrier_reached(struct rcu_head *head)
{
	done_complete(&container_of(head, struct barrier_head, rcu)->done);
}

void wq_rcu_barrier(void)
{
	struct barrier_head barrier = { .done = { 0 } };

	wq_call_rcu(&barrier.rcu, barrier_reached);
	done_wait(&barrier.done);
}

/* --- rcu_work --- */

bool wq_queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	unsigned long *data = work_data(&rwork->work);
	unsigned long old;

	wq_start();
	old = __atomic_fetch_or(data, WORK_PENDING, __ATOMIC_SEQ_CST);
	if (old & WORK_PENDING)
		return false;
	if (data_disable_depth(old)) {
		wq_warn_once("workqueue: queue_rcu_work() of a disabled item on wq %s", wq->name);
		work_clear_pending(&rwork->work);
		return false;
	}
	rwork->wq = wq;
	__atomic_fetch_add(&wq->nr_rcu, 1, __ATOMIC_RELAXED);
	wq_call_rcu(&rwork->rcu, rcu_work_func);
	return true;
}

bool wq_flush_rcu_work(struct rcu_work *rwork)
{
	if (!wq_work_pending(&rwork->work))
		return wq_flush_work(&rwork->work);
	wq_rcu_barrier();
	wq_flush_work(&rwork->work);
	return true;
}

static void items_forget(struct rcu_head *head)
{
	for (; head; head = head->next)
		if (head->func == rcu_work_func)
			work_clear_pending(&container_of(head, struct rcu_work, rcu)->work);
}

void rcu_fork_child(void)
{
	for (struct reader *reader = readers; reader; reader = reader->next)
		if (reader != self)
			reader->since = 0;
	items_forget(batch);
	items_forget(callbacks);
	batch = callbacks = NULL;
	callbacks_tail = &callbacks;
	thread_runs = false;
}
