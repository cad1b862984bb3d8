/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wqscene.c - a kernel module that sets a scene of workqueues and stands still
 *
 * Queues of every kind, works in every state, tasks that wait for them. The
 * module knows what it has set up, and tells it in /proc/wqscene, one JSON
 * object a line; tests compare that with what a reader of the kernel sees.
 * Nothing but the works marked "moving" changes until the module is removed.
 *
 * "pending" is a promise only where a work that spins keeps its pool to itself:
 * from 6.5 on that needs workqueue.cpu_intensive_thresh_us=0.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#ifndef HAVE_WQ_PERCPU
#define WQ_PERCPU 0
#endif
#ifdef HAVE___WQ_ORDERED_EXPLICIT
#define ORDERED_FLAGS (WQ_UNBOUND | __WQ_ORDERED | __WQ_ORDERED_EXPLICIT)
#else
#define ORDERED_FLAGS (WQ_UNBOUND | __WQ_ORDERED)
#endif

#define ANY_CPU (-1)

static int many;
module_param(many, int, 0400);
MODULE_PARM_DESC(many, "as many idle workqueues beside the scene, the first with an odd name");

static int heap;
module_param(heap, int, 0400);
MODULE_PARM_DESC(heap, "as many works behind the hog, over the queues of many, and inactive ones");

/* --- queues --- */

struct scene_queue {
	const char *name;
	unsigned int flags;	/* as the kernel is expected to have them */
	int max_active;		/* 0: the default */
	u64 completed;		/* works that the scene has run to their end */
	struct workqueue_struct *wq;
};

static struct scene_queue percpu = { "scene_percpu", WQ_PERCPU, 0 };
static struct scene_queue highpri = { "scene_highpri", WQ_HIGHPRI | WQ_PERCPU, 7 };
static struct scene_queue unbound = { "scene_unbound", WQ_UNBOUND, 5 };
static struct scene_queue ordered = { "scene_ordered", ORDERED_FLAGS, 1 };
static struct scene_queue reclaim = { "scene_reclaim", WQ_MEM_RECLAIM | WQ_PERCPU, 3 };
static struct scene_queue freezable = { "scene_freezable", WQ_FREEZABLE | WQ_UNBOUND, 2 };
static struct scene_queue sysfs = { "scene_sysfs", WQ_SYSFS | WQ_UNBOUND, 4 };
static struct scene_queue intensive = { "scene_intensive", WQ_CPU_INTENSIVE | WQ_PERCPU, 2 };
static struct scene_queue power = { "scene_power", WQ_POWER_EFFICIENT | WQ_PERCPU, 2 };
static struct scene_queue legacy = { "scene_legacy", __WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, 1 };
#ifdef HAVE_WQ_BH
static struct scene_queue bh = { "scene_bh", WQ_BH | (WQ_PERCPU & __WQ_BH_ALLOWS), 0 };
#endif
static struct scene_queue one = { "scene_one", WQ_PERCPU, 1 };
static struct scene_queue hog = { "scene_hog", WQ_PERCPU, 16 };
static struct scene_queue flushed = { "scene_flushed", WQ_UNBOUND, 9 };
static struct scene_queue waited = { "scene_waited", WQ_PERCPU, 8 };
static struct scene_queue later = { "scene_later", WQ_PERCPU, 6 };

static struct scene_queue *const queues[] = {
	&percpu, &highpri, &unbound, &ordered, &reclaim, &freezable, &sysfs, &intensive,
	&power, &legacy, &one, &hog, &flushed, &waited, &later,
#ifdef HAVE_WQ_BH
	&bh,
#endif
};

static const struct {
	unsigned int bit;
	const char *name;
} flag_names[] = {
#define NAMED(flag) { flag, #flag }
	NAMED(WQ_UNBOUND), NAMED(WQ_FREEZABLE), NAMED(WQ_MEM_RECLAIM), NAMED(WQ_HIGHPRI),
	NAMED(WQ_CPU_INTENSIVE), NAMED(WQ_SYSFS), NAMED(WQ_POWER_EFFICIENT),
	NAMED(__WQ_ORDERED), NAMED(__WQ_LEGACY),
#ifdef HAVE_WQ_BH
	NAMED(WQ_BH),
#endif
#ifdef HAVE_WQ_PERCPU
	NAMED(WQ_PERCPU),
#endif
#ifdef HAVE___WQ_ORDERED_EXPLICIT
	NAMED(__WQ_ORDERED_EXPLICIT),
#endif
};

static bool is_bh(const struct scene_queue *q)
{
#ifdef HAVE_WQ_BH
	return q->flags & WQ_BH;
#else
	return false;
#endif
}

static int expected_max_active(const struct scene_queue *q)
{
	if (is_bh(q))
		return INT_MAX;
	return q->max_active ?: WQ_DFL_ACTIVE;
}

static int make_queues(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		struct scene_queue *q = queues[i];

		if (q->flags & __WQ_ORDERED)
			q->wq = alloc_ordered_workqueue("%s", 0, q->name);
		else
			q->wq = alloc_workqueue("%s", q->flags, q->max_active, q->name);
		if (!q->wq)
			return -ENOMEM;
	}
	return 0;
}

static struct workqueue_struct **crowd;

/* What a reader should not hand on to a terminal as it is. */
#define ODD_NAME "many odd \033[31m\n\303\251"

static int make_crowd(void)
{
	int i;

	if (many <= 0)
		return 0;
	crowd = kvcalloc(many, sizeof(*crowd), GFP_KERNEL);
	if (!crowd)
		return -ENOMEM;
	for (i = 0; i < many; i++) {
		if (i)
			crowd[i] = alloc_workqueue("many_%d", WQ_PERCPU, 0, i);
		else
			crowd[i] = alloc_workqueue("%s", WQ_PERCPU, 0, ODD_NAME);
		if (!crowd[i])
			return -ENOMEM;
	}
	return 0;
}

static void destroy_crowd(void)
{
	int i;

	for (i = 0; crowd && i < many; i++)
		if (crowd[i])
			destroy_workqueue(crowd[i]);
	kvfree(crowd);
}

/* --- works --- */

static DECLARE_COMPLETION(released);	/* the end of the scene */
static bool ending;

struct scene_work {
	struct work_struct work;
	struct scene_queue *queue;
	const char *function, *state;
	bool queued_again;		/* while it runs: its worker will run it once more */
	pid_t pid;			/* of the worker, once it runs */
	u64 started_ns;
	struct completion entered;
};

static struct scene_work works[64];
static int nr_works;

static void enter(struct work_struct *work)
{
	struct scene_work *w = container_of(work, struct scene_work, work);

	w->pid = task_pid_nr(current);
	w->started_ns = ktime_get_ns();
	complete_all(&w->entered);
}

/* A function of its own for each group, so that the names tell them apart. */
#define SLEEPING_WORK(name)			\
static void name(struct work_struct *work)	\
{						\
	enter(work);				\
	wait_for_completion(&released);		\
}
#define SHORT_WORK(name)			\
static void name(struct work_struct *work)	\
{						\
	enter(work);				\
}

SLEEPING_WORK(scene_one_runs)
SHORT_WORK(scene_one_waits)
SLEEPING_WORK(scene_ordered_runs)
SHORT_WORK(scene_ordered_waits)
SLEEPING_WORK(scene_unbound_runs)
SHORT_WORK(scene_unbound_waits)
SLEEPING_WORK(scene_highpri_runs)
SLEEPING_WORK(scene_reclaim_runs)
SLEEPING_WORK(scene_flushed_runs)
SLEEPING_WORK(scene_waited_runs)
SLEEPING_WORK(scene_cancelled_runs)
SLEEPING_WORK(scene_twice_runs)
SHORT_WORK(scene_behind_hog)
SHORT_WORK(scene_is_done)

static void scene_heaped(struct work_struct *work)
{
}

static void scene_hog_spins(struct work_struct *work)
{
	unsigned long deadline = jiffies + 300 * HZ;

	enter(work);
	while (!READ_ONCE(ending) && time_before(jiffies, deadline))
		cond_resched();
}

/* A function and its name: %ps would add the module to it. */
struct named {
	work_func_t fn;
	const char *name;
};
#define NAME(fn) ((struct named){ fn, #fn })

static struct scene_work *queue_one(struct scene_queue *q, int cpu, struct named f,
				    const char *state)
{
	struct scene_work *w = &works[nr_works++];

	BUG_ON(nr_works > ARRAY_SIZE(works));
	INIT_WORK(&w->work, f.fn);
	init_completion(&w->entered);
	w->queue = q;
	w->function = f.name;
	w->state = state;
	if (cpu == ANY_CPU)
		queue_work(q->wq, &w->work);
	else
		queue_work_on(cpu, q->wq, &w->work);
	return w;
}

static struct scene_work *start_one(struct scene_queue *q, int cpu, struct named f)
{
	struct scene_work *w = queue_one(q, cpu, f, "running");

	wait_for_completion(&w->entered);
	return w;
}

static void queue_some(int nr, struct scene_queue *q, int cpu, struct named f, const char *state)
{
	while (nr--)
		queue_one(q, cpu, f, state);
}

/* Runs works to their end; only flush_workqueue() leaves the counters alone. */
static void run_some(int nr, struct scene_queue *q, int cpu)
{
	q->completed += nr;
	while (nr--) {
		queue_one(q, cpu, NAME(scene_is_done), "done");
		flush_workqueue(q->wq);
	}
}

static struct rcu_work rcu_waits;

static void scene_rcu_waits(struct work_struct *work)
{
}

/* After its grace period it is an ordinary work. */
static void queue_rcu(struct scene_queue *q)
{
	INIT_RCU_WORK(&rcu_waits, scene_rcu_waits);
	queue_rcu_work(q->wq, &rcu_waits);
	rcu_barrier();
}

/*
 * Queued while it runs, a work is found by another worker of the pool and handed
 * to the one that runs it. The pool's list is in order, so a short work behind it
 * has run only when that has happened.
 */
static void queue_twice(struct scene_queue *q, int cpu)
{
	struct scene_work *w = start_one(q, cpu, NAME(scene_twice_runs));

	queue_work_on(cpu, q->wq, &w->work);
	w->queued_again = true;
	wait_for_completion(&queue_one(q, cpu, NAME(scene_is_done), "done")->entered);
}

/* --- delayed works --- */

struct scene_delayed {
	struct delayed_work dwork;
	struct scene_queue *queue;
	u64 due_ns;
};

static struct scene_delayed delayed[4];
static int nr_delayed;
static struct delayed_work again;

static void scene_is_late(struct work_struct *work)
{
}

static void delay_one(struct scene_queue *q, int cpu, unsigned int seconds)
{
	struct scene_delayed *d = &delayed[nr_delayed++];

	INIT_DELAYED_WORK(&d->dwork, scene_is_late);
	d->queue = q;
	d->due_ns = ktime_get_ns() + seconds * (u64)NSEC_PER_SEC;
	if (cpu == ANY_CPU)
		queue_delayed_work(q->wq, &d->dwork, seconds * HZ);
	else
		queue_delayed_work_on(cpu, q->wq, &d->dwork, seconds * HZ);
}

static void scene_again_and_again(struct work_struct *work)
{
	if (!READ_ONCE(ending))
		queue_delayed_work_on(0, later.wq, &again, 1);
}

/* --- tasks that wait --- */

struct scene_waiter {
	struct task_struct *task;
	const char *name;
	struct scene_queue *queue;
	struct scene_work *work;	/* NULL: it waits for the queue */
	bool cancels;
};

static struct scene_waiter waiters[8];
static int nr_waiters;

static int wait_for_works(void *arg)
{
	struct scene_waiter *w = arg;

	if (!w->work)
		flush_workqueue(w->queue->wq);
	else if (w->cancels)
		cancel_work_sync(&w->work->work);
	else
		flush_work(&w->work->work);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* Returns once the task is blocked in its flush: nothing else in there sleeps. */
static int start_waiter(const char *name, struct scene_queue *q, struct scene_work *work,
			bool cancels)
{
	struct scene_waiter *w = &waiters[nr_waiters];
	unsigned long deadline = jiffies + 30 * HZ;
	struct task_struct *task;

	w->name = name;
	w->queue = q;
	w->work = work;
	w->cancels = cancels;
	task = kthread_run(wait_for_works, w, "%s", name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	w->task = task;
	nr_waiters++;
	while (task_state_to_char(task) != 'D') {
		if (time_after(jiffies, deadline))
			return -ETIMEDOUT;
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

/* --- what /proc/wqscene says --- */

static void show_queue(struct seq_file *m, const struct scene_queue *q)
{
	const char *comma = "";
	int i;

	seq_printf(m, "{\"is\":\"queue\",\"name\":\"%s\",\"flags_raw\":%u,\"flags\":[", q->name,
		   q->flags);
	for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (q->flags & flag_names[i].bit) {
			seq_printf(m, "%s\"%s\"", comma, flag_names[i].name);
			comma = ",";
		}
	}
	seq_printf(m, "],\"max_active\":%d", expected_max_active(q));
	if (q->completed)
		seq_printf(m, ",\"completed\":%llu", q->completed);
	seq_puts(m, "}\n");
}

static void show_work(struct seq_file *m, const struct scene_queue *q, const char *state,
		      const char *function, const struct work_struct *work)
{
	seq_printf(m, "{\"is\":\"work\",\"state\":\"%s\",\"function\":\"%s\",\"workqueue\":\"%s\","
		   "\"address\":\"0x%lx\"", state, function, q->name, (unsigned long)work);
}

static void show_scene_work(struct seq_file *m, const struct scene_work *w)
{
	show_work(m, w->queue, w->state, w->function, &w->work);
	if (w->pid)
		seq_printf(m, ",\"worker_pid\":%d,\"started_ns\":%llu", w->pid, w->started_ns);
	seq_puts(m, "}\n");
	if (!w->queued_again)
		return;
	show_work(m, w->queue, "scheduled", w->function, &w->work);
	seq_printf(m, ",\"worker_pid\":%d}\n", w->pid);
}

static void show_waiter(struct seq_file *m, const struct scene_waiter *w)
{
	seq_printf(m, "{\"is\":\"waiter\",\"pid\":%d,\"comm\":\"%s\",\"waits_in\":\"%s\","
		   "\"workqueue\":\"%s\"", task_pid_nr(w->task), w->name,
		   w->work ? "flush_work" : "flush_workqueue", w->queue->name);
	if (w->work)
		seq_printf(m, ",\"function\":\"%s\"", w->work->function);
	seq_puts(m, "}\n");
}

static int show_scene(struct seq_file *m, void *arg)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++)
		show_queue(m, queues[i]);
	for (i = 0; i < nr_works; i++)
		show_scene_work(m, &works[i]);
	show_work(m, &unbound, "inactive", "scene_rcu_waits", &rcu_waits.work);
	seq_puts(m, "}\n");
	for (i = 0; i < nr_delayed; i++) {
		show_work(m, delayed[i].queue, "delayed", "scene_is_late", &delayed[i].dwork.work);
		seq_printf(m, ",\"due_ns\":%llu}\n", delayed[i].due_ns);
	}
	show_work(m, &later, "moving", "scene_again_and_again", &again.work);
	seq_puts(m, "}\n");
	for (i = 0; i < nr_waiters; i++)
		show_waiter(m, &waiters[i]);
	return 0;
}

/* --- the scene: set, and taken down --- */

/* What does not disturb the rest comes first. */
static void set_works(void)
{
	int i;

	run_some(10, &percpu, 0);
	run_some(3, &sysfs, ANY_CPU);
#ifdef HAVE_WQ_BH
	run_some(4, &bh, 0);
#endif
	start_one(&highpri, 0, NAME(scene_highpri_runs));
	start_one(&reclaim, 0, NAME(scene_reclaim_runs));
	start_one(&one, 0, NAME(scene_one_runs));
	queue_some(3, &one, 0, NAME(scene_one_waits), "inactive");
	for (i = 0; i < unbound.max_active; i++)
		start_one(&unbound, ANY_CPU, NAME(scene_unbound_runs));
	queue_some(2, &unbound, ANY_CPU, NAME(scene_unbound_waits), "inactive");
	queue_rcu(&unbound);
	queue_twice(&waited, 0);
	delay_one(&later, ANY_CPU, 60);
	delay_one(&later, 1, 300);
	delay_one(&percpu, ANY_CPU, 3600);
	queue_delayed_work_on(0, later.wq, &again, 1);
}

static int set_waiters(void)
{
	struct scene_work *runs = start_one(&waited, 0, NAME(scene_waited_runs));
	struct scene_work *cancelled = start_one(&waited, 0, NAME(scene_cancelled_runs));
	struct scene_work *waits;

	start_one(&flushed, ANY_CPU, NAME(scene_flushed_runs));
	start_one(&ordered, ANY_CPU, NAME(scene_ordered_runs));
	waits = queue_one(&ordered, ANY_CPU, NAME(scene_ordered_waits), "inactive");
	queue_one(&ordered, ANY_CPU, NAME(scene_ordered_waits), "inactive");
	return start_waiter("scene_flush_1", &waited, runs, false) ?:
	       start_waiter("scene_flush_2", &waited, runs, false) ?:
	       start_waiter("scene_cancel", &waited, cancelled, true) ?:
	       start_waiter("scene_flush_in", &ordered, waits, false) ?:
	       start_waiter("scene_flush_wq1", &flushed, NULL, false) ?:
	       start_waiter("scene_flush_wq2", &flushed, NULL, false);
}

static struct work_struct *heaped;	/* twice heap */

static int make_heap(void)
{
	if (heap <= 0 || many <= 0)
		heap = 0;
	else
		heaped = kvcalloc(2 * heap, sizeof(*heaped), GFP_KERNEL);
	return heap && !heaped ? -ENOMEM : 0;
}

/* With the hog before them and max_active 1 before the others, none begins. */
static void queue_heap(void)
{
	int i;

	for (i = 0; i < heap; i++) {
		INIT_WORK(&heaped[2 * i], scene_heaped);
		INIT_WORK(&heaped[2 * i + 1], scene_heaped);
		queue_work_on(1, crowd[i % many], &heaped[2 * i]);
		queue_work_on(0, one.wq, &heaped[2 * i + 1]);
	}
}

/* The last: from here on CPU 1 has one worker that spins. */
static void set_hog(void)
{
	start_one(&hog, 1, NAME(scene_hog_spins));
	queue_some(3, &hog, 1, NAME(scene_behind_hog), "pending");
	queue_some(2, &percpu, 1, NAME(scene_behind_hog), "pending");
}

static void take_down(void)
{
	int i;

	remove_proc_entry("wqscene", NULL);
	WRITE_ONCE(ending, true);
	complete_all(&released);
	for (i = 0; i < nr_waiters; i++)
		kthread_stop(waiters[i].task);
	cancel_delayed_work_sync(&again);
	for (i = 0; i < nr_delayed; i++)
		cancel_delayed_work_sync(&delayed[i].dwork);
	for (i = 0; i < ARRAY_SIZE(queues); i++)
		if (queues[i]->wq)
			destroy_workqueue(queues[i]->wq);
	destroy_crowd();
	kvfree(heaped);
}

static int __init scene_init(void)
{
	int err;

	INIT_DELAYED_WORK(&again, scene_again_and_again);
	if (!cpu_online(1))
		return -ENODEV;
	if (!proc_create_single("wqscene", 0400, NULL, show_scene))
		return -ENOMEM;
	err = make_queues() ?: make_crowd() ?: make_heap();
	if (!err) {
		set_works();
		err = set_waiters();
	}
	if (err) {
		take_down();
		return err;
	}
	set_hog();
	queue_heap();
	return 0;
}

static void __exit scene_exit(void)
{
	take_down();
}

module_init(scene_init);
module_exit(scene_exit);
MODULE_DESCRIPTION("A scene of workqueues for tests");
MODULE_LICENSE("GPL");
