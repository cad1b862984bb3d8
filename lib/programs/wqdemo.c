/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wqdemo.c - a program on libwq with something to look at, in each kind of workqueue
 *
 * It pretends to be a small storage server, written as a kernel developer would: a flusher for each
 * disk writes back and asks the ordered journal for a commit, `sync` waits for the journal, readers
 * block in plain system calls that libwq is not told of, packets queue up behind max_active 1, a
 * checksum keeps its CPU busy too long, and delayed items requeue themselves. All waiting is in
 * poll() on one eventfd, which the end makes readable: the program ends at once, and cleanly.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/cpumask.h>
#include <linux/workqueue.h>

#define EXIT_USAGE 2
#define NR_DISKS 3
#define NR_PACKETS 16
#define NR_READS 3		/* on each CPU */
#define NR_SCANS 4
#define HOG_MS 15		/* longer than cpu_intensive_thresh_us */

struct disk {
	int nr;
	struct delayed_work flush;
	struct work_struct commit;
};

struct per_cpu {
	struct delayed_work input, readahead;
	struct work_struct reads[NR_READS];
};

static struct workqueue_struct *writeback_wq, *journal_wq, *uplink_wq;
static struct workqueue_struct *read_wq, *input_wq, *scan_wq;
static struct disk disks[NR_DISKS];
static struct per_cpu *per_cpus;
static struct work_struct packets[NR_PACKETS], scans[NR_SCANS];
static struct delayed_work send, scan, checksum, sensor, watchdog;
static int end_fd = -1;

static void __noreturn __printf(1, 2) die(const char *fmt, ...)
{
	va_list args;

	fputs("wqdemo: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* A slow device: a system call that libwq knows nothing of. False once the program ends. */
static bool wait_for_device(int ms)
{
	struct pollfd end = { .fd = end_fd, .events = POLLIN };

	return poll(&end, 1, ms) <= 0;
}

/* --- disks: a flusher each, and one journal for all --- */

static void commit_transaction(struct work_struct *work)
{
	struct disk *disk = container_of(work, struct disk, commit);

	set_worker_desc("commit-8:%d", disk->nr);
	wait_for_device(70);
}

static void flush_disk(struct work_struct *work)
{
	struct disk *disk = container_of(to_delayed_work(work), struct disk, flush);

	set_worker_desc("flush-8:%d", disk->nr);
	for (int page = 0; page < 8; page++)
		if (!wait_for_device(25))
			return;
	queue_work(journal_wq, &disk->commit);
	queue_delayed_work(writeback_wq, &disk->flush, 100 + 50 * (unsigned long)disk->nr);
}

/* sync(1): whoever waits for all of the journal, then for the transaction of one disk. */
static void *sync_for_ever(void *arg)
{
	pthread_setname_np(pthread_self(), "sync");
	while (wait_for_device(50)) {
		flush_workqueue(journal_wq);
		queue_work(journal_wq, &disks[0].commit);
		flush_work(&disks[0].commit);
	}
	return arg;
}

/* --- each CPU: reads that block, and input that must not wait --- */

static void read_block(struct work_struct *work)
{
	(void)work;
	wait_for_device(200);
}

static void read_ahead(struct work_struct *work)
{
	struct per_cpu *pc = container_of(to_delayed_work(work), struct per_cpu, readahead);
	int cpu = (int)(pc - per_cpus);

	for (int i = 0; i < NR_READS; i++)
		queue_work_on(cpu, read_wq, &pc->reads[i]);
	queue_delayed_work_on(cpu, read_wq, &pc->readahead, 300);
}

static void handle_input(struct work_struct *work)
{
	struct per_cpu *pc = container_of(to_delayed_work(work), struct per_cpu, input);

	wait_for_device(5);
	queue_delayed_work_on((int)(pc - per_cpus), input_wq, &pc->input, 100);
}

/* --- the rest --- */

static void send_packet(struct work_struct *work)
{
	(void)work;
	wait_for_device(30);
}

static void fill_uplink(struct work_struct *work)
{
	(void)work;
	for (int i = 0; i < NR_PACKETS; i++)
		queue_work_on((int)cpumask_first(cpu_online_mask), uplink_wq, &packets[i]);
	schedule_delayed_work(&send, 600);
}

static void scan_files(struct work_struct *work)
{
	(void)work;
	wait_for_device(400);
}

static void scan_again(struct work_struct *work)
{
	(void)work;
	for (int i = 0; i < NR_SCANS; i++)
		queue_work(scan_wq, &scans[i]);
	schedule_delayed_work(&scan, 700);
}

/* The hog: now and then, on whatever CPU. */
static void checksum_all(struct work_struct *work)
{
	int64_t until = now_ns(CLOCK_THREAD_CPUTIME_ID) + HOG_MS * NSEC_PER_MSEC;

	(void)work;
	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		;
	schedule_delayed_work(&checksum, 3000);
}

static void device_hangs(struct work_struct *work)
{
	(void)work;
	fputs("wqdemo: the sensor was not read for 5 s\n", stderr);
}

static void read_sensor(struct work_struct *work)
{
	(void)work;
	mod_delayed_work(system_percpu_wq, &watchdog, 5000);
	schedule_delayed_work(&sensor, 1000);
}

/* --- begin and end --- */

static struct workqueue_struct *made(struct workqueue_struct *wq, const char *name)
{
	if (!wq)
		die("cannot make the workqueue %s: %s", name, strerror(errno));
	return wq;
}

static void make_queues(void)
{
	writeback_wq = made(alloc_workqueue("writeback", WQ_UNBOUND | WQ_MEM_RECLAIM, 0), "writeback");
	journal_wq = made(alloc_ordered_workqueue("journal", WQ_MEM_RECLAIM), "journal");
	uplink_wq = made(alloc_workqueue("uplink", WQ_PERCPU, 1), "uplink");
	read_wq = made(alloc_workqueue("read", WQ_PERCPU, 0), "read");
	input_wq = made(alloc_workqueue("input", WQ_PERCPU | WQ_HIGHPRI, 0), "input");
	scan_wq = made(alloc_workqueue("scan", WQ_UNBOUND, 0), "scan");
}

static void init_items(void)
{
	for (int i = 0; i < NR_DISKS; i++) {
		disks[i].nr = i;
		INIT_DELAYED_WORK(&disks[i].flush, flush_disk);
		INIT_WORK(&disks[i].commit, commit_transaction);
	}
	for (int i = 0; i < NR_PACKETS; i++)
		INIT_WORK(&packets[i], send_packet);
	for (int i = 0; i < NR_SCANS; i++)
		INIT_WORK(&scans[i], scan_files);
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		INIT_DELAYED_WORK(&per_cpus[cpu].input, handle_input);
		INIT_DELAYED_WORK(&per_cpus[cpu].readahead, read_ahead);
		for (int i = 0; i < NR_READS; i++)
			INIT_WORK(&per_cpus[cpu].reads[i], read_block);
	}
	INIT_DELAYED_WORK(&send, fill_uplink);
	INIT_DELAYED_WORK(&scan, scan_again);
	INIT_DELAYED_WORK(&checksum, checksum_all);
	INIT_DELAYED_WORK(&sensor, read_sensor);
	INIT_DELAYED_WORK(&watchdog, device_hangs);
}

/* Waits for the first round, so that whoever looks from now on finds all kinds of workers. */
static void begin(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		queue_delayed_work_on((int)cpu, input_wq, &per_cpus[cpu].input, 0);
		queue_delayed_work_on((int)cpu, read_wq, &per_cpus[cpu].readahead, 0);
	}
	for (int i = 0; i < NR_DISKS; i++)
		queue_delayed_work(writeback_wq, &disks[i].flush, 0);
	schedule_delayed_work(&send, 0);
	schedule_delayed_work(&scan, 0);
	schedule_delayed_work(&sensor, 0);
	schedule_delayed_work(&checksum, 500);
	flush_workqueue(input_wq);
	flush_workqueue(read_wq);
	flush_workqueue(writeback_wq);
}

static void end(pthread_t syncer)
{
	if (eventfd_write(end_fd, 1))
		die("cannot end: %s", strerror(errno));
	pthread_join(syncer, NULL);
	for (int i = 0; i < NR_DISKS; i++)
		cancel_delayed_work_sync(&disks[i].flush);
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		cancel_delayed_work_sync(&per_cpus[cpu].input);
		cancel_delayed_work_sync(&per_cpus[cpu].readahead);
	}
	cancel_delayed_work_sync(&send);
	cancel_delayed_work_sync(&scan);
	cancel_delayed_work_sync(&checksum);
	cancel_delayed_work_sync(&sensor);	/* before what it arms */
	cancel_delayed_work_sync(&watchdog);
	destroy_workqueue(writeback_wq);
	destroy_workqueue(journal_wq);
	destroy_workqueue(uplink_wq);
	destroy_workqueue(read_wq);
	destroy_workqueue(input_wq);
	destroy_workqueue(scan_wq);
	free(per_cpus);
	close(end_fd);
}

/* Until SIGINT or SIGTERM, or @until_ns of CLOCK_MONOTONIC; 0 is for ever. */
static void wait_for_end(const sigset_t *signals, int64_t until_ns)
{
	int sig = 0;

	while (sig != SIGINT && sig != SIGTERM) {
		int64_t left = until_ns - now_ns(CLOCK_MONOTONIC);
		struct timespec ts = { (time_t)(left / NSEC_PER_SEC), (long)(left % NSEC_PER_SEC) };

		if (until_ns && left <= 0)
			return;
		sig = sigtimedwait(signals, NULL, until_ns ? &ts : NULL);
		if (sig == SIGUSR1)
			show_all_workqueues();
	}
}

/* --- options --- */

static const char usage[] = "usage: wqdemo [-t SEC] [--help] [--version]\n";

static const char help[] =
	"\n"
	"A program on libwq to look at: it pretends to work, in each kind of workqueue, until Ctrl-C or\n"
	"SIGTERM. SIGUSR1 shows its busy workqueues on standard error, in the kernel's own words.\n"
	"\n"
	"  -t, --time SEC   end after SEC seconds\n"
	"  -h, --help       this text\n"
	"  -V, --version    the version\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static void __noreturn die_of_usage(void)
{
	fprintf(stderr, "%stry: wqdemo --help\n", usage);
	exit(EXIT_USAGE);
}

static int64_t parse_time(const char *text)
{
	char *rest;
	double seconds = strtod(text, &rest);

	if (*rest || rest == text || !(seconds >= 0.01 && seconds <= 86400)) {
		fprintf(stderr, "wqdemo: time \"%s\": give seconds from 0.01 to 86400\n", text);
		die_of_usage();
	}
	return (int64_t)(seconds * 1e9);
}

/* Nanoseconds to run; 0 is for ever. */
static int64_t parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "time", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t run_ns = 0;
	int c;

	while ((c = getopt_long(argc, argv, "t:hV", options, NULL)) != -1) {
		switch (c) {
		case 't':
			run_ns = parse_time(optarg);
			break;
		case 'h':
			printf("%s%s", usage, help);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("wqdemo (wqkit) " WQKIT_VERSION);
			exit(EXIT_SUCCESS);
		default:	/* getopt has named it */
			die_of_usage();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "wqdemo: it takes no argument \"%s\"\n", argv[optind]);
		die_of_usage();
	}
	return run_ns;
}

int main(int argc, char **argv)
{
	int64_t run_ns = parse_options(argc, argv);
	int64_t until_ns = run_ns ? now_ns(CLOCK_MONOTONIC) + run_ns : 0;
	pthread_t syncer;
	sigset_t signals;

	/* Before there is any thread; the library's own take no signals anyway. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	end_fd = eventfd(0, EFD_CLOEXEC);
	per_cpus = calloc(nr_cpu_ids, sizeof(*per_cpus));
	if (end_fd < 0 || !per_cpus)
		die("cannot begin: %s", strerror(errno));
	make_queues();
	init_items();
	begin();
	errno = pthread_create(&syncer, NULL, sync_for_ever, NULL);
	if (errno)
		die("cannot make a thread: %s", strerror(errno));
	printf("wqdemo: running as PID %d%s\n", (int)getpid(), run_ns ? "" : " until Ctrl-C");
	fflush(stdout);
	wait_for_end(&signals, until_ns);
	end(syncer);
	return EXIT_SUCCESS;
}
