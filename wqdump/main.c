/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "wqdump.h"

const struct command commands[] = {
	{ "show", "what runs or waits longest, then all workqueues (the default)",
	  "Works in flight, the longest first (20 of them; `works` tells all), the tasks that wait\n"
	  "for works, and one line for each workqueue. With -j all that is known: the arrays\n"
	  "workqueues, pwqs, pools, workers, works and waiters.",
	  cmd_show, ROW_WORKQUEUE, true },
	{ "workqueues", "the workqueues, one a line",
	  "One line for each workqueue: workers executing its works now (ACTIVE), workers of the\n"
	  "pools that serve it (TOTAL), its max_active (MAX), works not yet completed (INFLIGHT).",
	  cmd_table, ROW_WORKQUEUE, true },
	{ "pwqs", "the pool_workqueues: one for each workqueue and pool",
	  "One line for each pool_workqueue, the link between a workqueue and a worker pool.",
	  cmd_table, ROW_PWQ, true },
	{ "pools", "the worker pools",
	  "One line for each worker pool. HUNG is the time since its list last moved while works\n"
	  "wait on it; READ tells how far the line can be trusted.",
	  cmd_table, ROW_POOL, true },
	{ "workers", "the kworkers: what each executes, and for whom",
	  "One line for each worker, rescuers included.",
	  cmd_table, ROW_WORKER, true },
	{ "works", "the works in flight: running, waiting, held back, delayed",
	  "One line for each work. Lists longer than 1000 are cut and the rest is counted;\n"
	  "--all tells them all.",
	  cmd_table, ROW_WORK, true },
	{ "waiters", "the tasks that wait for works to finish",
	  "One line for each task in flush_work(), cancel_work_sync() or flush_workqueue().",
	  cmd_table, ROW_WAITER, true },
	{ "busy", "what is busy, as the kernel itself dumps it",
	  "Prints \"Showing busy workqueues and worker pools:\" in the grammar of the newest kernel,\n"
	  "from any source; --as-kernel prints that of the kernel that is shown, to compare with\n"
	  "its log. What is not known is left out.",
	  cmd_busy, ROW_WORKQUEUE, false },
	{ "hogs", "the functions that a log says hogged a CPU",
	  "One line for each function in \"hogged CPU\" messages of a log (-f): how often the kernel\n"
	  "found it doing so (TIMES, summed over boots), and in how many LINES it said so.",
	  cmd_hogs, ROW_HOG, true },
	{ "list", "the live sources; with -f what a file holds: dumps of a log, snapshots",
	  "Without a file the sources that there are: the kernel, and each program on libwq that\n"
	  "this user may look at; whether they can be read, and why not.\n"
	  "With -f one line for each dump in a log, with its number for --dump, its line and time\n"
	  "stamp, why the kernel printed it, and what is in it. The columns are those of a file.",
	  cmd_list, ROW_DUMP, true },
	{ "latency", "count events for some seconds: times by function",
	  "Attaches to the workqueue tracepoints for -t seconds (5), then prints one line for each\n"
	  "function and workqueue: how many works were queued, started and ended, how long they\n"
	  "were held back (throttle), waited for a worker (wait) and ran. The last line tells the\n"
	  "interval, events that were lost and executions without a latency.",
	  cmd_latency, ROW_FUNCTION, true },
	{ "trace", "each event, as it happens, in the text of ftrace",
	  "Prints every workqueue event until -t seconds are over or Ctrl-C: queue, activate, start\n"
	  "and end of each work, in the kernel's own words. Events that were lost are counted in\n"
	  "the last line.",
	  cmd_trace, ROW_EVENT, true },
	{ "affinity", "which pool serves which CPU: scopes, pods, pools, rescuers, nodes",
	  "What the kernel's own wq_dump tells: the affinity scopes and their pods (derived from\n"
	  "/sys), the worker pools, the pool that serves each CPU of each workqueue, rescuers, and\n"
	  "active works by node. CPUs are lists. Above 16 of them, those for which all rows agree\n"
	  "share a column; where each CPU has a pool of its own, 4n+2 is that of CPU n. -F and -s\n"
	  "choose and sort the workqueues by the columns of `workqueues`.",
	  cmd_affinity, ROW_WORKQUEUE, false },
	{ .name = "save", .summary = "save the records of a program on libwq, for -f",
	  .help = "wqdump -p PROGRAM save FILE writes the segment in which the program keeps its\n"
	  "records. wqdump -f FILE shows it as the program is shown now, but for the works that\n"
	  "wait, which are in the program's memory: a core file has those, too.",
	  .run = cmd_save },
	{ .name = "pin", .summary = "make status files of the kernel in a BPF file system",
	  .help = "wqdump pin [DIR] makes the folder DIR (/sys/fs/bpf/wq) and in it the files\n"
	  "workqueues, pools, workers and busy. Nothing runs behind them: each cat reads the kernel\n"
	  "anew, and the last line, which begins with #, tells how far it can be trusted. --public\n"
	  "lets all read them, and names the folders above that still do not.",
	  .run = cmd_pin },
	{ .name = "unpin", .summary = "remove what pin made",
	  .help = "wqdump unpin [DIR] removes the files and the folder that wqdump pin [DIR] made.",
	  .run = cmd_unpin },
	{ .name = NULL },
};

enum {
	OPT_ALL = 256, OPT_AS_KERNEL, OPT_DUMP, OPT_STACK, OPT_EXACT, OPT_FIELDS, OPT_NO_HEADER,
	OPT_PUBLIC,
};

static const struct option long_options[] = {
	{ "kernel", no_argument, NULL, 'k' },
	{ "process", required_argument, NULL, 'p' },
	{ "file", required_argument, NULL, 'f' },
	{ "json", no_argument, NULL, 'j' },
	{ "columns", required_argument, NULL, 'o' },
	{ "sort", required_argument, NULL, 's' },
	{ "filter", required_argument, NULL, 'F' },
	{ "interval", required_argument, NULL, 'i' },
	{ "delay", required_argument, NULL, 'd' },
	{ "count", required_argument, NULL, 'n' },
	{ "time", required_argument, NULL, 't' },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "as-kernel", no_argument, NULL, OPT_AS_KERNEL },
	{ "dump", required_argument, NULL, OPT_DUMP },
	{ "stack", no_argument, NULL, OPT_STACK },
	{ "exact", no_argument, NULL, OPT_EXACT },
	{ "fields", no_argument, NULL, OPT_FIELDS },
	{ "public", no_argument, NULL, OPT_PUBLIC },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void print_usage(FILE *out)
{
	fputs("usage: wqdump [SOURCE] [COMMAND] [OPTIONS]\n", out);
}

static void print_help(void)
{
	print_usage(stdout);
	fputs("\nShows workqueues: what runs, what waits, and for how long.\n"
	      "\nSources:\n"
	      "  -k, --kernel         the running kernel (the default)\n"
	      "  -p, --process PID|NAME\n"
	      "                       a program on libwq; may be given several times\n"
	      "  -f, --file FILE      a kernel log, or snapshots saved with `show -j`; - is standard\n"
	      "                       input; gzip, xz and zstd are unpacked; or a core file of a\n"
	      "                       program on libwq, or what `save` saved\n"
	      "\nCommands (each has its own --help):\n", stdout);
	for (const struct command *c = commands; c->name; c++)
		printf("  %-20s %s\n", c->name, c->summary);
	fputs("\nOptions:\n"
	      "  -j, --json           JSON, see wqdump-json(5)\n"
	      "  -o, --columns KEYS   these columns, separated by commas (see --fields)\n"
	      "  -s, --sort KEY       sort by a column, numbers largest first; -KEY reverses\n"
	      "  -F, --filter EXPR    a glob or /regex/ on the workqueue, or fn=, pool=, cpu=, pid=;\n"
	      "                       may be given several times: all must hold\n"
	      "  -i, --interval SEC   again and again, every SEC seconds\n"
	      "  -d, --delay SEC      the same\n"
	      "  -n, --count N        N times\n"
	      "  -t, --time SEC       count events for SEC seconds (latency, trace)\n"
	      "      --no-header      no line of headings\n"
	      "      --all            do not cut long lists of works\n"
	      "      --dump N         dump N of a log (see list), or all; the last one otherwise\n"
	      "      --stack          each worker's call trace, where a log has it\n"
	      "      --as-kernel      busy: in the grammar of the kernel that is shown\n"
	      "      --exact          read each CPU's pools on that CPU with interrupts off;\n"
	      "                       those of unbound workqueues stay consistent\n"
	      "      --fields         list the columns of the command's table\n"
	      "      --public         let all read the files (pin)\n"
	      "  -v, --verbose        let libbpf explain what it does\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        the version\n"
	      "\nExit status: 0 done, 1 failed, 2 wrong usage.\n", stdout);
}

int failed(const struct error *err)
{
	fprintf(stderr, "wqdump: %s\n", err->text);
	return EXIT_FAILED;
}

int usage_error(const struct error *err)
{
	failed(err);
	print_usage(stderr);
	fputs("try: wqdump --help\n", stderr);
	return EXIT_USAGE;
}

int flushed(void)
{
	struct error err;

	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	if (errno == EPIPE)
		exit(EXIT_DONE);
	error_set(&err, "cannot write to standard output: %s", strerror(errno));
	return failed(&err);
}

/* What the options say besides the source: which help was asked for, and what -p named. */
struct request {
	bool help, version, fields;
	const char **programs;
	size_t nr_programs;
};

static int set_interval(struct options *o, const char *arg, struct error *err)
{
	if (parse_seconds(arg, 0.01, 86400, &o->interval_ns))
		return 0;
	return error_set(err, "interval \"%s\": give seconds from 0.01 to 86400", arg);
}

static int set_time(struct options *o, const char *arg, struct error *err)
{
	if (parse_seconds(arg, 0.01, 86400, &o->seconds_ns))
		return 0;
	return error_set(err, "time \"%s\": give seconds from 0.01 to 86400", arg);
}

static int set_count(struct options *o, const char *arg, struct error *err)
{
	if (parse_count(arg, 1, UINT64_MAX, &o->count))
		return 0;
	return error_set(err, "count \"%s\": give a number from 1", arg);
}

static int set_dump(struct options *o, const char *arg, struct error *err)
{
	uint64_t number;

	if (!strcmp(arg, "all")) {
		o->source.dump = DUMP_ALL;
		return 0;
	}
	if (!parse_count(arg, 1, INT32_MAX, &number))
		return error_set(err, "dump \"%s\": give a number from 1 (see list), or all", arg);
	o->source.dump = (int64_t)number;
	return 0;
}

/* The last one counts; of -p all do. They are looked for when all options are known. */
static int set_source(struct options *o, struct request *r, const char *file, const char *process)
{
	o->source.file = file;
	o->source.process = process;
	if (process)
		r->programs[r->nr_programs++] = process;
	else
		r->nr_programs = 0;
	return 0;
}

/* 0; -1 with @err: wrong usage */
static int set_option(int opt, const char *arg, struct options *o, struct request *r,
		      struct error *err)
{
	switch (opt) {
	case 'k': return set_source(o, r, NULL, NULL);
	case 'p': return set_source(o, r, NULL, arg);
	case 'f': return set_source(o, r, arg, NULL);
	case 'j': o->json = true; return 0;
	case 'o': o->columns = arg; return 0;
	case 's': o->sort = arg; return 0;
	case 'F': return filter_add(&o->filters, arg, err);
	case 'd':
	case 'i': return set_interval(o, arg, err);
	case 'n': return set_count(o, arg, err);
	case 't': return set_time(o, arg, err);
	case 'v': o->source.verbose = true; return 0;
	case 'h': r->help = true; return 0;
	case 'V': r->version = true; return 0;
	case OPT_NO_HEADER: o->no_header = true; return 0;
	case OPT_ALL: o->source.all_works = true; return 0;
	case OPT_AS_KERNEL: o->as_kernel = true; return 0;
	case OPT_DUMP: return set_dump(o, arg, err);
	case OPT_STACK: o->stack = true; return 0;
	case OPT_PUBLIC: o->public = true; return 0;
	case OPT_EXACT: o->source.exact = true; return 0;
	case OPT_FIELDS: r->fields = true; return 0;
	default: return error_set(err, "that option is unknown, or lacks its argument");
	}
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int print_command_help(const struct command *c)
{
	/* two are about a folder, and about no source */
	if (c->run == cmd_pin || c->run == cmd_unpin)
		printf("usage: wqdump %s [OPTIONS] [DIR]\n\n%s\n", c->name, c->help);
	else
		printf("usage: wqdump [SOURCE] %s [OPTIONS]\n\n%s\n", c->name, c->help);
	if (c->has_table) {
		printf("\nColumns for -o and -s (default: %s):\n", row_types[c->kind].columns);
		fields_help(stdout, c->kind);
	}
	return flushed();
}

static int run(int argc, char **argv, struct options *o, const struct request *r)
{
	const struct command *c = &commands[0];
	struct error err;

	if (r->version) {
		puts("wqdump " WQKIT_VERSION);
		return flushed();
	}
	if (argc > 0 && !(c = find_command(argv[0]))) {
		error_set(&err, "\"%s\" is not a command", argv[0]);
		return usage_error(&err);
	}
	if (r->help && argc > 0)
		return print_command_help(c);
	if (r->help) {
		print_help();
		return flushed();
	}
	if (r->fields) {
		fields_help(stdout, c->kind);
		return flushed();
	}
	if (o->source.exact && o->source.process) {
		error_set(&err, "--exact is about the running kernel: -p does not go with it");
		return usage_error(&err);
	}
	for (size_t i = 0; i < r->nr_programs; i++)
		if (procs_find(r->programs[i], &o->processes, &err))
			return failed(&err);
	o->args = argv + 1;
	o->nr_args = argc > 1 ? argc - 1 : 0;
	return c->run(o, c);
}

/* All that stands on the command line, then what it asks for. */
static int main_with(int argc, char **argv, struct options *o, struct request *r)
{
	struct error err;
	int opt;

	while ((opt = getopt_long(argc, argv, "kp:f:jo:s:F:i:d:n:t:vhV", long_options, NULL)) != -1) {
		if (opt == '?') {	/* getopt has named it */
			print_usage(stderr);
			fputs("try: wqdump --help\n", stderr);
			return EXIT_USAGE;
		}
		if (set_option(opt, optarg, o, r, &err))
			return usage_error(&err);
	}
	return run(argc - optind, argv + optind, o, r);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct request r = { .programs = xcalloc((size_t)argc, sizeof(*r.programs)) };
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	status = main_with(argc, argv, &o, &r);
	filters_free(&o.filters);
	procs_free(&o.processes);
	free(r.programs);
	return status;
}
