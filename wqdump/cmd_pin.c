/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin, unpin: status files of the kernel's workqueues, for plain cat. */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../tools/pin.h"
#include "wqdump.h"

static int find_dir(const struct options *o, const struct command *c, const char **dir)
{
	struct error err;

	if (o->source.file || o->source.process)
		error_set(&err, "%s is about the running kernel: %s does not go with it", c->name,
			  o->source.file ? "-f" : "-p");
	else if (o->nr_args > 1)
		error_set(&err, "%s takes one folder, not \"%s\" too", c->name, o->args[1]);
	else if (o->nr_args && !*o->args[0])
		error_set(&err, "%s: the folder has no name", c->name);
	else {
		*dir = o->nr_args ? o->args[0] : PIN_DIR;
		return EXIT_DONE;
	}
	return usage_error(&err);
}

/* Folders above that keep others out, from the outermost on. */
static void tell_blockers(const char *path)
{
	char *copy = strdup(path), *parent = copy ? dirname(copy) : NULL;
	struct stat st;

	if (parent && strcmp(parent, path))
		tell_blockers(parent);
	if (parent && !stat(path, &st) && !(st.st_mode & S_IXOTH))
		fprintf(stderr, "wqdump: %s (mode %04o) still keeps others out: chmod o+x %s\n", path,
			(unsigned int)st.st_mode & 07777, path);
	free(copy);
}

int cmd_pin(const struct options *o, const struct command *c)
{
	char real[PATH_MAX];
	const char *dir;
	struct error err;

	if (find_dir(o, c, &dir))
		return EXIT_USAGE;
	if (kern_pin(dir, o->public, o->source.verbose, &err))
		return failed(&err);
	for (int i = 0; i < NR_PINS; i++)
		printf("%s/%s\n", dir, pin_names[i]);
	if (o->public && realpath(dir, real))
		tell_blockers(real);
	return flushed();
}

int cmd_unpin(const struct options *o, const struct command *c)
{
	const char *dir;
	struct error err;
	bool left;

	if (find_dir(o, c, &dir))
		return EXIT_USAGE;
	if (pin_remove(dir, &left, &err))
		return failed(&err);
	if (left)
		fprintf(stderr, "wqdump: %s stays: it holds something that pin did not make\n", dir);
	return EXIT_DONE;
}
