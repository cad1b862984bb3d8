/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stress - random operations on many items from many threads; the oracle knows
 * only the public header
 *
 *	stress [-s SEED] [-n OPERATIONS] [-t THREADS]
 *
 * It checks that every successful queueing runs exactly once or is taken back
 * exactly once, that no item runs twice at a time, that no queue executes more
 * items at a time than max_active allows, that ordered queues keep their order,
 * that a flush, a drain and a destroy leave nothing of what was queued before
 * them, and that nothing comes to a halt. The seed and the count are printed,
 * and the same seed makes the same choices; the threads' timing is the
 * machine's. SIGINT and SIGTERM end it early: what it did is checked and
 * printed.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wq/wq.h>

#define NR_ITEMS 64
#define NR_DELAYED 64
#define NR_OWN 16
#define MAX_THREADS 32
#define MAX_CPUS 1024
#define MAX_TICKETS 10000		/* that wait at a time */

static uint64_t nr_ops, max_ops = 200000, nr_runs;
static int nr_threads = 4;
static unsigned long seed;

#define fail(...) \
	do { \
		fprintf(stderr, "stress: seed %lu, about operation %llu: ", seed, \
			(unsigned long long)__atomic_load_n(&nr_ops, __ATOMIC_RELAXED)); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
		wq_show_all_workqueues(); \
		abort(); \
	} while (0)

/* splitmix64: small, and good enough to make choices */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned int pick(uint64_t *state, unsigned int n)
{
	return (unsigned int)(next_random(state) >> 33) % n;
}

enum { Q_PERCPU, Q_PERCPU_1, Q_HIGHPRI, Q_INTENSIVE, Q_UNBOUND, Q_UNBOUND_2, Q_RECLAIM,
	Q_ORDERED, Q_BH,
       NR_QUEUES };

/*
 * A queue, and how many items of it are being executed: on each CPU, or together. An unbound
 * queue's limit is per node; it is checked where there is but one.
 */
struct queue {
	struct workqueue_struct *wq;
	bool percpu;
	int limit;			/* atomic; 0: not checked */
	int *inside;			/* atomic */
	pthread_mutex_t change;		/* one change of max_active at a time */
};

static struct queue queues[NR_QUEUES];
static bool one_node;

static int *queue_enter(struct queue *q)
{
	int cpu = q->percpu ? sched_getcpu() : 0, limit, n;

	n = __atomic_add_fetch(&q->inside[cpu], 1, __ATOMIC_SEQ_CST);
	limit = __atomic_load_n(&q->limit, __ATOMIC_SEQ_CST);
	if (limit && n > limit)
		fail("%d items at a time, but max_active is %d", n, limit);
	return &q->inside[cpu];
}

static void queue_leave(int *inside)
{
	__atomic_sub_fetch(inside, 1, __ATOMIC_SEQ_CST);
}

static void queue_init(struct queue *q, struct workqueue_struct *wq, bool percpu, int limit)
{
	if (!wq)
		fail("no queue");
	q->wq = wq;
	q->percpu = percpu;
	q->limit = percpu || one_node ? limit : 0;
	q->inside = calloc(percpu ? MAX_CPUS : 1, sizeof(*q->inside));
	pthread_mutex_init(&q->change, NULL);
}

/*
 * Items that are active already when the limit sinks may still begin; a flush waits for them. So
 * the oracle knows a higher limit before the queue does, and a lower one after that.
 */
static void queue_set_max(struct queue *q, int max)
{
	pthread_mutex_lock(&q->change);
	if (!q->limit || max >= q->limit) {
		if (q->limit)
			__atomic_store_n(&q->limit, max, __ATOMIC_SEQ_CST);
		wq_workqueue_set_max_active(q->wq, max);
	} else {
		wq_workqueue_set_max_active(q->wq, max);
		wq_flush_workqueue(q->wq);
		__atomic_store_n(&q->limit, max, __ATOMIC_SEQ_CST);
	}
	pthread_mutex_unlock(&q->change);
}

/* --- items that everybody queues and takes back --- */

struct item {
	struct work_struct work;
	struct delayed_work dwork;
	struct queue *queue;
	pthread_mutex_t mutex;		/* delayed: one caller at a time */
	uint64_t queued, taken, runs;	/* atomic */
	int inside;			/* atomic */
	bool requeues;
};

static struct item items[NR_ITEMS], delayed[NR_DELAYED];

static void add(uint64_t *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void item_body(struct item *it)
{
	int *inside = queue_enter(it->queue);
	uint64_t n;

	if (__atomic_add_fetch(&it->inside, 1, __ATOMIC_SEQ_CST) != 1)
		fail("item %p runs twice at a time", (void *)it);
	n = __atomic_add_fetch(&it->runs, 1, __ATOMIC_RELAXED);
	if (it->requeues && n % 3 == 0 && wq_queue_work(it->queue->wq, &it->work))
		add(&it->queued);
	if (n % 64 == 0)
		sched_yield();
	__atomic_sub_fetch(&it->inside, 1, __ATOMIC_SEQ_CST);
	queue_leave(inside);
}

static void item_func(struct work_struct *work)
{
	item_body((struct item *)(void *)((char *)work - offsetof(struct item, work)));
}

static void delayed_func(struct work_struct *work)
{
	item_body((struct item *)(void *)((char *)work - offsetof(struct item, dwork.work)));
}

static void op_item(uint64_t *rnd)
{
	struct item *it = &items[pick(rnd, NR_ITEMS)];

	switch (pick(rnd, 32)) {
	case 0:
		if (wq_cancel_work(&it->work))
			add(&it->taken);
		break;
	case 1:
		if (wq_cancel_work_sync(&it->work))
			add(&it->taken);
		break;
	case 2:
		wq_flush_work(&it->work);
		break;
	case 3:
		if (pick(rnd, 2) ? wq_disable_work(&it->work) : wq_disable_work_sync(&it->work))
			add(&it->taken);
		wq_enable_work(&it->work);
		break;
	case 4:
		wq_work_busy(&it->work);
		break;
	default:
		if (wq_queue_work_on(pick(rnd, 4) ? WORK_CPU_UNBOUND : (int)pick(rnd, 2),
				     it->queue->wq, &it->work))
			add(&it->queued);
		break;
	}
}

static void op_delayed(uint64_t *rnd)
{
	struct item *it = &delayed[pick(rnd, NR_DELAYED)];
	uint64_t ns = pick(rnd, 4) ? pick(rnd, 300000) : 0;

	pthread_mutex_lock(&it->mutex);
	switch (pick(rnd, 16)) {
	case 0:
		if (wq_cancel_delayed_work(&it->dwork))
			add(&it->taken);
		break;
	case 1:
		if (wq_cancel_delayed_work_sync(&it->dwork))
			add(&it->taken);
		break;
	case 2:
		wq_flush_delayed_work(&it->dwork);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		/* the other way round: false means queued now */
		if (!wq_mod_delayed_work_ns(it->queue->wq, &it->dwork, ns))
			add(&it->queued);
		break;
	default:
		if (wq_queue_delayed_work_ns(it->queue->wq, &it->dwork, ns))
			add(&it->queued);
		break;
	}
	pthread_mutex_unlock(&it->mutex);
}

/* --- a thread's own items: flush, drain and destroy must leave none of them --- */

struct own {
	struct work_struct work;
	struct queue *queue;
	int runs;
	int chain;			/* so often it queues itself again */
};

static void own_func(struct work_struct *work)
{
	struct own *own = (struct own *)(void *)work;
	int *inside = queue_enter(own->queue);
	bool again = own->chain > 0;

	if (again) {
		own->chain--;
		if (!wq_queue_work(own->queue->wq, work))
			fail("an item that runs cannot be queued");
	}
	queue_leave(inside);
	/* the last run of it: it may be gone after that */
	__atomic_add_fetch(&own->runs, 1, __ATOMIC_RELAXED);
}

enum { BY_FLUSH, BY_DRAIN, BY_DESTROY };

static const char *const own_ends[] = { "flush", "drain", "destroy" };

/* Queue them all, and have the queue emptied. What is chained, only these two wait for. */
static void own_run(uint64_t *rnd, struct queue *q, int end)
{
	struct own own[NR_OWN];
	int chain = end == BY_FLUSH ? 0 : (int)pick(rnd, 4);

	memset(own, 0, sizeof(own));
	for (int i = 0; i < NR_OWN; i++) {
		own[i].queue = q;
		own[i].chain = chain;
		wq_init_work(&own[i].work, own_func);
		if (!wq_queue_work_on((int)pick(rnd, 2), q->wq, &own[i].work))
			fail("a fresh item is refused");
	}
	if (end == BY_DESTROY)
		wq_destroy_workqueue(q->wq);
	else if (end == BY_DRAIN)
		wq_drain_workqueue(q->wq);
	else
		wq_flush_workqueue(q->wq);
	for (int i = 0; i < NR_OWN; i++) {
		if (__atomic_load_n(&own[i].runs, __ATOMIC_RELAXED) != 1 + chain)
			fail("item %d ran %d times and not %d after %s", i, own[i].runs, 1 + chain,
			     own_ends[end]);
		/* its worker may still be leaving it */
		wq_cancel_work_sync(&own[i].work);
	}
}

static void op_own(uint64_t *rnd)
{
	int max = 1 + (int)pick(rnd, 4);
	bool percpu = pick(rnd, 2);
	struct queue own;

	if (pick(rnd, 4)) {
		own_run(rnd, &queues[pick(rnd, NR_QUEUES)], BY_FLUSH);
		return;
	}
	queue_init(&own, wq_alloc_workqueue("tmp", percpu ? WQ_PERCPU : WQ_UNBOUND, max), percpu, max);
	if (pick(rnd, 2))
		own_run(rnd, &own, BY_DRAIN);
	own_run(rnd, &own, BY_DESTROY);
	free(own.inside);
}

/* --- order --- */

struct ticket {
	struct work_struct work;
	uint64_t number;
};

static pthread_mutex_t ticket_mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t tickets, expected;

static void ticket_func(struct work_struct *work)
{
	struct ticket *t = (struct ticket *)(void *)work;
	int *inside = queue_enter(&queues[Q_ORDERED]);

	if (t->number != __atomic_load_n(&expected, __ATOMIC_RELAXED))
		fail("ticket %llu ran instead of %llu", (unsigned long long)t->number,
		     (unsigned long long)expected);
	__atomic_store_n(&expected, t->number + 1, __ATOMIC_RELAXED);
	free(t);
	queue_leave(inside);
}

static void op_ticket(uint64_t *rnd)
{
	struct ticket *t = malloc(sizeof(*t));

	wq_init_work(&t->work, ticket_func);
	pthread_mutex_lock(&ticket_mutex);
	t->number = tickets++;
	wq_queue_work_on((int)pick(rnd, 2), queues[Q_ORDERED].wq, &t->work);
	if (tickets - __atomic_load_n(&expected, __ATOMIC_RELAXED) > MAX_TICKETS)
		wq_flush_workqueue(queues[Q_ORDERED].wq);
	pthread_mutex_unlock(&ticket_mutex);
}

/* --- changes of the queues themselves --- */

static void op_change(uint64_t *rnd)
{
	static const int unbound[] = { Q_UNBOUND, Q_UNBOUND_2, Q_RECLAIM, Q_ORDERED };
	struct workqueue_struct *wq = queues[unbound[pick(rnd, 4)]].wq;
	struct workqueue_attrs *attrs;

	switch (pick(rnd, 4)) {
	case 0:
		attrs = wq_alloc_workqueue_attrs();
		attrs->affn_scope = (enum wq_affn_scope)pick(rnd, WQ_AFFN_NR_TYPES);
		attrs->affn_strict = pick(rnd, 2);
		if (wq_apply_workqueue_attrs(wq, attrs))
			fail("attributes are refused");
		wq_free_workqueue_attrs(attrs);
		break;
	case 1:
		queue_set_max(&queues[Q_UNBOUND_2], 1 + (int)pick(rnd, 8));
		queue_set_max(&queues[Q_UNBOUND], pick(rnd, 2) ? WQ_MAX_ACTIVE :
			      1 + (int)pick(rnd, 4));
		break;
	case 2:
		queue_set_max(&queues[Q_PERCPU_1], 1 + (int)pick(rnd, 3));
		break;
	default:
		wq_workqueue_set_min_active(queues[Q_UNBOUND_2].wq, (int)pick(rnd, 4));
		break;
	}
}

static void *thread_main(void *arg)
{
	uint64_t rnd = seed * 1000003u + (uintptr_t)arg;

	while (__atomic_load_n(&nr_ops, __ATOMIC_RELAXED) <
	       __atomic_load_n(&max_ops, __ATOMIC_RELAXED)) {
		unsigned int op = pick(&rnd, 1000);

		if (op < 600)
			op_item(&rnd);
		else if (op < 900)
			op_delayed(&rnd);
		else if (op < 970)
			op_ticket(&rnd);
		else if (op < 998)
			op_own(&rnd);
		else
			op_change(&rnd);
		add(&nr_ops);
	}
	return NULL;
}

/* Every half minute something must have happened. */
static void *guard_main(void *arg)
{
	uint64_t last = 0;

	(void)arg;
	for (;;) {
		uint64_t now;
		struct timespec half_minute = { 30, 0 };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &half_minute, NULL);
		now = __atomic_load_n(&nr_ops, __ATOMIC_RELAXED);
		if (now == last)
			fail("halted after %llu operations", (unsigned long long)now);
		last = now;
	}
	return NULL;
}

static void settle(struct item *it, struct work_struct *work, bool timer)
{
	if (timer)
		wq_flush_delayed_work(&it->dwork);
	while (wq_flush_work(work))
		;
	nr_runs += it->runs;
	if (it->queued != it->taken + it->runs)
		fail("item %p: queued %llu, taken back %llu, ran %llu", (void *)it,
		     (unsigned long long)it->queued, (unsigned long long)it->taken,
		     (unsigned long long)it->runs);
}

/* max_active 0 is WQ_DFL_ACTIVE, which 128 items and the few own ones never reach. */
static void make_queues(void)
{
	one_node = access("/sys/devices/system/node/node1", F_OK);
	queue_init(&queues[Q_PERCPU], wq_alloc_workqueue("s_percpu", WQ_PERCPU, 0), true, WQ_DFL_ACTIVE);
	queue_init(&queues[Q_PERCPU_1], wq_alloc_workqueue("s_percpu_1", WQ_PERCPU, 1), true, 1);
	queue_init(&queues[Q_HIGHPRI], wq_alloc_workqueue("s_highpri", WQ_HIGHPRI, 0), true,
		   WQ_DFL_ACTIVE);
	queue_init(&queues[Q_INTENSIVE], wq_alloc_workqueue("s_intensive", WQ_CPU_INTENSIVE, 3), true, 3);
	queue_init(&queues[Q_UNBOUND], wq_alloc_workqueue("s_unbound", WQ_UNBOUND, 0), false,
		   WQ_DFL_ACTIVE);
	queue_init(&queues[Q_UNBOUND_2], wq_alloc_workqueue("s_unbound_2", WQ_UNBOUND, 2), false, 2);
	queue_init(&queues[Q_RECLAIM], wq_alloc_workqueue("s_reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 5),
		   false, 5);
	queue_init(&queues[Q_ORDERED], wq_alloc_ordered_workqueue("s_ordered", WQ_MEM_RECLAIM), false, 1);
	queue_init(&queues[Q_BH], wq_system_bh_wq, true, 1);
	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].queue = &queues[i % NR_QUEUES];
		items[i].requeues = i % 5 == 0;
		wq_init_work(&items[i].work, item_func);
	}
	for (int i = 0; i < NR_DELAYED; i++) {
		delayed[i].queue = &queues[i % NR_QUEUES];
		pthread_mutex_init(&delayed[i].mutex, NULL);
		wq_init_delayed_work(&delayed[i].dwork, delayed_func);
	}
}

static void end_early(int sig)
{
	(void)sig;
	__atomic_store_n(&max_ops, 0, __ATOMIC_RELAXED);
}

static void run(void)
{
	pthread_t threads[MAX_THREADS], guard;

	make_queues();
	if (pthread_create(&guard, NULL, guard_main, NULL))
		fail("no guard");
	for (int i = 0; i < nr_threads; i++)
		if (pthread_create(&threads[i], NULL, thread_main, (void *)(intptr_t)(i + 1)))
			fail("no thread");
	for (int i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < NR_DELAYED; i++)
		settle(&delayed[i], &delayed[i].dwork.work, true);
	for (int i = 0; i < NR_ITEMS; i++)
		settle(&items[i], &items[i].work, false);
	for (int i = 0; i < NR_QUEUES; i++)
		if (i != Q_BH)
			wq_destroy_workqueue(queues[i].wq);
	if (tickets != expected)
		fail("%llu tickets, %llu ran", (unsigned long long)tickets,
		     (unsigned long long)expected);
	if (wq_misuse_count())
		fail("%llu mistakes reported", (unsigned long long)wq_misuse_count());
}

int main(int argc, char **argv)
{
	const char *env = getenv("WQ_DEBUG"), *knobs = env && *env ? env : "none";
	struct timespec now;
	int c;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = (unsigned long)(now.tv_sec ^ now.tv_nsec) % 1000000000;
	while ((c = getopt(argc, argv, "s:n:t:")) != -1) {
		if (c == 's') {
			seed = strtoul(optarg, NULL, 10);
		} else if (c == 'n') {
			max_ops = strtoull(optarg, NULL, 10);
		} else if (c == 't') {
			nr_threads = atoi(optarg);
		} else {
			fprintf(stderr, "usage: stress [-s SEED] [-n OPERATIONS] [-t THREADS]\n");
			return 2;
		}
	}
	if (nr_threads < 1 || nr_threads > MAX_THREADS) {
		fprintf(stderr, "stress: 1 to %d threads\n", MAX_THREADS);
		return 2;
	}
	printf("1..1\n# seed %lu, knobs %s\n", seed, knobs);
	fflush(stdout);
	signal(SIGINT, end_early);
	signal(SIGTERM, end_early);
	run();
	printf("# seed %lu, knobs %s: %llu operations, %llu runs: 0 lost, 0 doubled, 0 halts\n", seed,
	       knobs, (unsigned long long)nr_ops, (unsigned long long)nr_runs);
	if (!one_node)
		printf("# several nodes: max_active of unbound queues was not checked\n");
	printf("ok 1 - stress\n");
	return 0;
}
