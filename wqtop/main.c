/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys.h"
#include "views.h"
#include "wqtop.h"

enum { OPT_VIEW = 256, OPT_SIZE, OPT_KEYS, OPT_PRINT };

static const struct option long_options[] = {
	{ "kernel", no_argument, NULL, 'k' },
	{ "process", required_argument, NULL, 'p' },
	{ "file", required_argument, NULL, 'f' },
	{ "delay", required_argument, NULL, 'd' },
	{ "count", required_argument, NULL, 'n' },
	{ "batch", no_argument, NULL, 'b' },
	{ "columns", required_argument, NULL, 'o' },
	{ "sort", required_argument, NULL, 's' },
	{ "filter", required_argument, NULL, 'F' },
	{ "view", required_argument, NULL, OPT_VIEW },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "keys", required_argument, NULL, OPT_KEYS },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void print_usage(FILE *out)
{
	fputs("usage: wqtop [SOURCE] [OPTIONS]\n", out);
}

static void print_help(void)
{
	print_usage(stdout);
	fputs("\nShows workqueues live: what runs, what waits, and for how long. ? lists the keys.\n"
	      "\nSources:\n"
	      "  -k, --kernel         the running kernel (the default)\n"
	      "  -p, --process PID|NAME\n"
	      "                       a program on libwq; several, if there are more of that name\n"
	      "                       or -p is given several times, share the screen\n"
	      "  -f, --file FILE      play snapshots saved with `wqdump show -j`; - is standard input\n"
	      "\nOptions:\n"
	      "  -d, --delay SEC      seconds between two pictures (1)\n"
	      "  -n, --count N        end after N pictures\n"
	      "  -b, --batch          plain text, also where standard output is no terminal\n"
	      "  -o, --columns KEYS   these columns, separated by commas\n"
	      "  -s, --sort KEY       sort by a column, numbers largest first; -KEY reverses;\n"
	      "                       help lists the columns\n"
	      "  -F, --filter EXPR    a glob or /regex/ on the workqueue, or fn=, pool=, cpu=, pid=;\n"
	      "                       may be given several times: all must hold\n"
	      "      --view NAME      begin with that view, which -o and -s are about (else with\n"
	      "                       workqueues, or works while something takes longer than 1 s):\n"
	      "                      ", stdout);
	for (int i = 0; i < NR_VIEWS; i++)
		printf(" %s", view_types[i].name);
	fputs("\n"
	      "      --print          headless: print the screen as text, of this\n"
	      "      --size WxH       size (80x24), after these\n"
	      "      --keys KEYS      keys: characters, and names in braces as {PgDn}\n"
	      "  -v, --verbose        let libbpf explain what it does\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        the version\n"
	      "\nNO_COLOR=1 in the environment: no colors.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage.\n", stdout);
}

int failed(const struct error *err)
{
	fprintf(stderr, "wqtop: %s\n", err->text);
	return EXIT_FAILED;
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

int usage_error(const struct error *err)
{
	failed(err);
	print_usage(stderr);
	fputs("try: wqtop --help\n", stderr);
	return EXIT_USAGE;
}

/* --- single options --- */

static int set_size(struct options *o, const char *arg, struct error *err)
{
	uint64_t width, height;
	char text[16];
	size_t n = strcspn(arg, "x");

	snprintf(text, sizeof(text), "%.*s", (int)(n < 15 ? n : 15), arg);
	if (!arg[n] || !parse_count(text, 1, MAX_GRID, &width) ||
	    !parse_count(arg + n + 1, 1, MAX_GRID, &height))
		return error_set(err, "size \"%s\": give columns and lines from 1 to %d, as 80x24",
				 arg, MAX_GRID);
	o->width = (int)width;
	o->height = (int)height;
	return 0;
}

/* Each is tried alone, for a message of its own. */
static int add_filter(struct options *o, const char *arg, struct error *err)
{
	struct filters f = { .nr = 0 };
	int rc = filter_add(&f, arg, err);
	char *all;

	filters_free(&f);
	if (rc)
		return rc;
	if (strchr(arg, ' '))
		return error_set(err, "filter \"%s\": write a blank as ?", arg);
	all = o->filter ? xasprintf("%s %s", o->filter, arg) : xstrdup(arg);
	free(o->filter);
	o->filter = all;
	return 0;
}

/* Each name in braces must be one. */
static int set_keys(struct options *o, const char *arg, struct error *err)
{
	const char *left = arg;

	while (key_next(&left) != CODE_NONE)
		;
	if (*left)
		return error_set(err, "keys \"%s\": %s is no name of a key", arg, left);
	o->keys = arg;
	return 0;
}

static int set_view(struct options *o, const char *arg, struct error *err)
{
	o->view = arg;
	if (view_find(arg) >= 0)
		return 0;
	error_set(err, "there is no view \"%s\"; there are:", arg);
	for (int i = 0; i < NR_VIEWS; i++)
		snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text),
			 " %s", view_types[i].name);
	return -1;
}

/* The last one counts; of -p all do. */
static void set_source(struct options *o, const char *file, const char *program)
{
	o->source.file = file;
	o->source.process = program;
	o->source.dump = DUMP_ALL;	/* of a log: one after the other */
	if (!program)
		o->nr_programs = 0;
	else
		o->programs = xgrow(o->programs, o->nr_programs, &o->room_programs,
				    sizeof(*o->programs));
	if (program)
		o->programs[o->nr_programs++] = program;
}

static int set_option(int opt, const char *arg, struct options *o, struct error *err)
{
	switch (opt) {
	case 'k': set_source(o, NULL, NULL); return 0;
	case 'p': set_source(o, NULL, arg); return 0;
	case 'f': set_source(o, arg, NULL); return 0;
	case 'b': o->batch = true; return 0;
	case 'o': o->columns = arg; return 0;
	case 's': o->sort = arg; return 0;
	case 'F': return add_filter(o, arg, err);
	case 'v': o->source.verbose = true; return 0;
	case OPT_VIEW: return set_view(o, arg, err);
	case OPT_SIZE: return set_size(o, arg, err);
	case OPT_KEYS: return set_keys(o, arg, err);
	case OPT_PRINT: o->print = true; return 0;
	case 'd':
		if (parse_seconds(arg, 0.01, 86400, &o->delay_ns))
			return 0;
		return error_set(err, "delay \"%s\": give seconds from 0.01 to 86400", arg);
	case 'n':
		if (parse_count(arg, 1, UINT64_MAX, &o->count))
			return 0;
		return error_set(err, "count \"%s\": give a number from 1", arg);
	default:
		return error_set(err, "that option is unknown, or lacks its argument");
	}
}

/* --- all of them --- */

static enum view_id view_of(const struct options *o)
{
	return o->view ? (enum view_id)view_find(o->view) : VIEW_WORKQUEUES;
}

static int check_options(const struct options *o, struct error *err)
{
	struct table t;

	table_init(&t, view_of(o));
	if ((o->columns && table_columns(&t, o->columns, err)) ||
	    (o->sort && table_sort(&t, o->sort, err)))
		return -1;
	if ((o->keys || o->width) && !o->print)
		return error_set(err, "--size and --keys are for --print");
	if (o->print && o->batch)
		return error_set(err, "--print and --batch exclude each other");
	return 0;
}

/* The processes that -p means. */
static int find_programs(struct options *o, struct error *err)
{
	for (size_t i = 0; i < o->nr_programs; i++)
		if (procs_find(o->programs[i], &o->processes, err))
			return -1;
	return 0;
}

static int run(struct options *o)
{
	struct error err;

	if (o->sort && !strcmp(o->sort, "help")) {
		fields_help(stdout, view_types[view_of(o)].kind);
		return flushed();
	}
	if (check_options(o, &err))
		return usage_error(&err);
	if (!o->width) {
		o->width = 80;
		o->height = 24;
	}
	if (find_programs(o, &err))
		return failed(&err);
	if (o->print)
		return run_headless(o);
	return o->batch || !isatty(STDOUT_FILENO) ? run_batch(o) : run_terminal(o);
}

/* All that stands on the command line; what is asked for instead of a screen is done at once. */
static int main_with(struct options *o, int argc, char **argv)
{
	struct error err;
	int opt;

	while ((opt = getopt_long(argc, argv, "kp:f:d:n:bo:s:F:vhV", long_options, NULL)) != -1) {
		switch (opt) {
		case '?':	/* getopt has named it */
			print_usage(stderr);
			fputs("try: wqtop --help\n", stderr);
			return EXIT_USAGE;
		case 'h':
			print_help();
			return flushed();
		case 'V':
			puts("wqtop " WQKIT_VERSION);
			return flushed();
		default:
			if (set_option(opt, optarg, o, &err))
				return usage_error(&err);
		}
	}
	if (optind < argc) {
		error_set(&err, "argument \"%s\" is not an option", argv[optind]);
		return usage_error(&err);
	}
	return run(o);
}

int main(int argc, char **argv)
{
	struct options o = { .delay_ns = NSEC_PER_SEC };
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	status = main_with(&o, argc, argv);
	free(o.filter);
	free(o.programs);
	procs_free(&o.processes);
	return status;
}
