/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program on libwq that does what it is told on standard input, and answers each line with one
 * once that is so: `ok`, or a number. Items wait at a gate, so every state lasts as long as needed.
 * The function of the last item, number 7, is one that the library does not know by name.
 *
 *	run QUEUE N	item N is queued, and has entered its function
 *	queue QUEUE N	item N is queued
 *	arm QUEUE N	delayed item N is armed, for 1000 s
 *	flush N		a thread begins to wait for item N
 *	drain QUEUE	a thread begins to wait for the queue
 *	open		all items go on; all of them and all waiters have ended
 *	disarm		delayed items are cancelled
 *	queues N M	N more queues are made, with M items each, of which one may run at a time
 *	fork		a child, which does nothing but wait for us to end: its pid
 *	close		descriptors from 3 on are closed
 *	exec PROGRAM	it becomes another program
 *	leave		the main thread has ended, and another one is told what to do
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/cpumask.h>
#include <linux/workqueue.h>

#define NR_ITEMS 8

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int open;
	unsigned int entered;		/* items, as bits */
};

static struct gate gate = { .mutex = PTHREAD_MUTEX_INITIALIZER,
			    .changed = PTHREAD_COND_INITIALIZER };
static struct work_struct items[NR_ITEMS];
static struct delayed_work delayed[NR_ITEMS];
static struct workqueue_struct *queues[4];
static pthread_t waiters[NR_ITEMS];
static int nr_waiters;

static void wait_at_gate(struct work_struct *work)
{
	int item = work >= items && work < items + NR_ITEMS ? (int)(work - items) : NR_ITEMS;

	set_worker_desc("gate-%d", item);
	pthread_mutex_lock(&gate.mutex);
	gate.entered |= 1u << item;
	pthread_cond_broadcast(&gate.changed);
	while (!gate.open)
		pthread_cond_wait(&gate.changed, &gate.mutex);
	pthread_mutex_unlock(&gate.mutex);
}

static void wait_without_name(struct work_struct *work)
{
	wait_at_gate(work);
}

static void pass(struct work_struct *work)
{
	(void)work;
}

static void until_entered(int item)
{
	pthread_mutex_lock(&gate.mutex);
	while (!(gate.entered & 1u << item))
		pthread_cond_wait(&gate.changed, &gate.mutex);
	pthread_mutex_unlock(&gate.mutex);
}

static void *flush_item(void *arg)
{
	pthread_setname_np(pthread_self(), "flush-\033[31m");
	flush_work(arg);
	return NULL;
}

static void *flush_queue(void *arg)
{
	pthread_setname_np(pthread_self(), "drain");
	flush_workqueue(arg);
	return NULL;
}

static void start_waiter(void *(*fn)(void *), void *arg)
{
	if (nr_waiters == NR_ITEMS || pthread_create(&waiters[nr_waiters++], NULL, fn, arg))
		exit(EXIT_FAILURE);
}

static void open_gate(void)
{
	pthread_mutex_lock(&gate.mutex);
	gate.open = 1;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.mutex);
	for (int i = 0; i < 4; i++)
		flush_workqueue(queues[i]);
	while (nr_waiters)
		pthread_join(waiters[--nr_waiters], NULL);
	gate.open = 0;
	gate.entered = 0;
}

static void make_queues(int nr, int items_each)
{
	struct work_struct *many = calloc((size_t)nr * (size_t)items_each, sizeof(*many));

	for (int i = 0; many && i < nr; i++) {
		struct workqueue_struct *wq = alloc_workqueue("more-%d", WQ_UNBOUND, 1, i);

		for (int k = 0; wq && k < items_each; k++) {
			struct work_struct *work = &many[i * items_each + k];

			INIT_WORK(work, k ? pass : wait_at_gate);
			queue_work(wq, work);
		}
	}
}

static int fork_child(void)
{
	pid_t pid = fork();

	if (pid)
		return (int)pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void obey(const char *word, const char *arg, int n)
{
	struct workqueue_struct *wq = queues[arg[0] >= 'a' && arg[0] <= 'd' ? arg[0] - 'a' : 0];

	n = n < 0 ? 0 : n;
	if (!strcmp(word, "run") || !strcmp(word, "queue"))
		queue_work_on((int)cpumask_first(cpu_online_mask), wq, &items[n % NR_ITEMS]);
	if (!strcmp(word, "run"))
		until_entered(n % NR_ITEMS);
	if (!strcmp(word, "arm"))
		queue_delayed_work(wq, &delayed[n % NR_ITEMS], 1000 * 1000);
	if (!strcmp(word, "flush"))
		start_waiter(flush_item, &items[atoi(arg) % NR_ITEMS]);
	if (!strcmp(word, "drain"))
		start_waiter(flush_queue, wq);
	if (!strcmp(word, "open"))
		open_gate();
	for (int i = 0; !strcmp(word, "disarm") && i < NR_ITEMS; i++)
		cancel_delayed_work_sync(&delayed[i]);
	if (!strcmp(word, "queues"))
		make_queues(atoi(arg), n);
	if (!strcmp(word, "close"))
		close_range(3, ~0u, 0);
	if (!strcmp(word, "exec"))
		execlp(arg, arg, NULL);
}

static pthread_t main_thread;

static void *serve(void *left);

static void leave(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, serve, &main_thread))
		exit(EXIT_FAILURE);
	pthread_exit(NULL);
}

static void *serve(void *left)
{
	char line[256], word[16], arg[128];

	if (left) {
		pthread_join(main_thread, NULL);
		puts("ok");
	}
	while (fgets(line, sizeof(line), stdin)) {
		int n = -1;

		arg[0] = '\0';
		if (sscanf(line, "%15s %127s %d", word, arg, &n) < 1)
			continue;
		if (!strcmp(word, "fork")) {
			printf("%d\n", fork_child());
			continue;
		}
		if (!strcmp(word, "leave"))
			leave();
		obey(word, arg, n);
		puts("ok");
	}
	exit(EXIT_SUCCESS);
}

int main(void)
{
	main_thread = pthread_self();
	setvbuf(stdout, NULL, _IOLBF, 0);
	queues[0] = alloc_workqueue("gate_bound", WQ_PERCPU, 1);
	queues[1] = alloc_workqueue("gate_other", WQ_PERCPU | WQ_FREEZABLE, 0);
	queues[2] = alloc_workqueue("gate\033[2J_unbound", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	queues[3] = alloc_ordered_workqueue("gate_ordered", WQ_MEM_RECLAIM);
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&items[i], wait_at_gate);
		INIT_DELAYED_WORK(&delayed[i], pass);
	}
	items[NR_ITEMS - 1].func = wait_without_name;
	printf("%d\n", (int)getpid());
	serve(NULL);
	return EXIT_SUCCESS;
}
