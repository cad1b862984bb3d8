/* SPDX-License-Identifier: GPL-2.0-or-later */
/* save: the records of a program on libwq, for -f. */
#include "wqdump.h"

int cmd_save(const struct options *o, const struct command *c)
{
	struct error err;
	struct source *src;
	int rc;

	if (o->nr_args != 1) {
		error_set(&err, "%s needs the name of one file", c->name);
		return usage_error(&err);
	}
	if (!o->source.process) {
		error_set(&err, "save is about a program on libwq (-p); pictures of all sources are saved "
			  "by show -j");
		return usage_error(&err);
	}
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	rc = src->ops->save(src, o->args[0], &err);
	source_close(src);
	return rc ? failed(&err) : EXIT_DONE;
}
