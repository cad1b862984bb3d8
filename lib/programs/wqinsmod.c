/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wqinsmod.c - run a kernel module that was compiled as a shared object
 *
 * Its init function, then whatever its work items do, then its exit function on SIGINT or SIGTERM.
 * These are blocked from before the module is loaded, so one that comes during init is answered
 * after it, and those that come during exit never. What the module prints is our output and not
 * buffered; our own messages go to standard error.
 */
#define WQ_NO_MODULE
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#define EXIT_USAGE 2

struct module {
	const char *file;		/* as the user named it */
	void *handle;
	int (*init)(void);
	void (*exit)(void);
	const struct kernel_param *const *params, *const *params_end;
};

static const char usage[] =
	"usage: wqinsmod [--help] [--version] FILE.so [NAME=VALUE]...\n";

static const char help[] =
	"Runs a kernel module that was compiled for libwq:\n"
	"\n"
	"  cc -shared $(pkg-config --cflags libwq-kernel) -o hello.so hello.c\n"
	"  wqinsmod hello.so [NAME=VALUE]...\n"
	"\n"
	"NAME=VALUE sets a parameter of the module. Its init function runs, and on SIGINT (Ctrl-C) or\n"
	"SIGTERM its exit function. SIGUSR1 shows the busy workqueues on standard error.\n";

static void say_va(const char *fmt, va_list args)
{
	fputs("wqinsmod: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

static void __printf(1, 2) say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_va(fmt, args);
	va_end(args);
}

static void __printf(1, 2) __noreturn die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_va(fmt, args);
	va_end(args);
	exit(EXIT_FAILURE);
}

/* The loader's sentence begins with the path, which the user knows. */
static void __noreturn die_of_loader(const char *file, const char *path)
{
	static const char undefined[] = "undefined symbol: ";
	const char *error = dlerror(), *symbol;

	if (!error)
		error = "the loader gives no reason";
	symbol = strstr(error, undefined);
	if (symbol) {
		symbol += sizeof(undefined) - 1;
		if (!strncmp(symbol, "wq_", 3))
			die("%s: it uses %s, which this version of libwq does not have", file,
			    symbol + 3);
		die("%s: it uses %s, which is neither in libwq nor in a library that it is linked to",
		    file, symbol);
	}
	if (!strncmp(error, path, strlen(path)) && error[strlen(path)] == ':')
		error += strlen(path) + 1 + (error[strlen(path) + 1] == ' ');
	die("%s: %s; a module is built with\n"
	    "  cc -shared $(pkg-config --cflags libwq-kernel) -o NAME.so NAME.c", file, error);
}

static void load(struct module *module, const char *file)
{
	/* A name without a slash would be looked for among the libraries. */
	char *path = realpath(file, NULL);
	const struct kernel_param *const *const *params;

	if (!path)
		die("%s: %s", file, strerror(errno));
	module->file = file;
	module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module->handle)
		die_of_loader(file, path);
	free(path);
	module->init = (int (*)(void))dlsym(module->handle, "wq_init_module");
	module->exit = (void (*)(void))dlsym(module->handle, "wq_cleanup_module");
	if (!module->init)
		die("%s: it has no module_init(): it is no module, or was compiled without "
		    "libwq's <linux/module.h>", file);
	params = dlsym(module->handle, "wq_module_params");
	module->params = params ? params[0] : NULL;
	module->params_end = params ? params[1] : NULL;
}

/* As the kernel compares them: - and _ are the same. */
static bool same_name(const char *name, const char *text, size_t n)
{
	for (; n && *name; n--, name++, text++)
		if ((*name == '-' ? '_' : *name) != (*text == '-' ? '_' : *text))
			return false;
	return !n && !*name;
}

static void __noreturn die_of_name(const struct module *module, const char *name, size_t n)
{
	const struct kernel_param *const *kp = module->params;

	say("%s: it has no parameter \"%.*s\"%s", module->file, (int)n, name,
	    kp == module->params_end ? ", nor any other" : "; it has:");
	for (; kp != module->params_end; kp++)
		fprintf(stderr, "  %s (%s)\n", (*kp)->name, (*kp)->type);
	exit(EXIT_FAILURE);
}

static void set_param(const struct module *module, const char *arg)
{
	size_t n = strcspn(arg, "=");
	const char *value = arg[n] ? arg + n + 1 : NULL;
	const struct kernel_param *const *p = module->params, *kp;
	int err = -EINVAL;

	while (p != module->params_end && !same_name((*p)->name, arg, n))
		p++;
	if (p == module->params_end)
		die_of_name(module, arg, n);
	kp = *p;
	if (!value && !(kp->ops->flags & KERNEL_PARAM_OPS_FL_NOARG))
		die("%s: parameter %s (%s) needs a value: %s=VALUE", module->file, kp->name,
		    kp->type, kp->name);
	if (kp->ops->set)
		err = kp->ops->set(value, kp);
	if (err)
		die("%s: parameter %s (%s) does not take \"%s\": %s", module->file, kp->name,
		    kp->type, value ? value : "", strerror(-err));
}

static void run_init(const struct module *module)
{
	int ret = module->init();

	if (ret < 0)
		die("%s: its init function failed: %s (%d)", module->file, strerror(-ret), ret);
	if (ret > 0)
		say("%s: its init function returned %d; 0 or -errno is the rule, going on",
		    module->file, ret);
}

static void wait_for_end(const sigset_t *signals)
{
	int sig;

	do {
		if (sigwait(signals, &sig))
			sig = 0;
		if (sig == SIGUSR1)
			show_all_workqueues();
	} while (sig != SIGINT && sig != SIGTERM);
}

static const char *parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	/* "+": what follows the file is the module's. */
	while ((c = getopt_long(argc, argv, "+hV", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			printf("%s%s", usage, help);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("wqinsmod (wqkit) " WQKIT_VERSION);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind == argc) {
		fprintf(stderr, "wqinsmod: no module is named\n%s", usage);
		exit(EXIT_USAGE);
	}
	return argv[optind];
}

int main(int argc, char **argv)
{
	const char *file = parse_options(argc, argv);
	struct module module = { 0 };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	wq_log_set_fd(fileno(stdout));

	load(&module, file);
	for (int i = optind + 1; i < argc; i++)
		set_param(&module, argv[i]);
	run_init(&module);
	wait_for_end(&signals);
	if (module.exit)
		module.exit();
	else
		say("%s: it has no module_exit(): a kernel would keep it for ever", file);
	return EXIT_SUCCESS;
}
