/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procs.h - programs on libwq: which ones there are */
#ifndef WQKIT_PROCS_H
#define WQKIT_PROCS_H

#include <sys/types.h>

#include "snapshot.h"
#include "util.h"

struct proc_list {
	pid_t *pids;		/* as asked for, then by name and pid; each once */
	size_t nr, room;
};

/*
 * The processes that @which means: a pid, whatever it is, or the name of
 * programs that show their workqueues. They are added to @list. -1 with @err
 * if there is none.
 */
int procs_find(const char *which, struct proc_list *list, struct error *err);
void procs_free(struct proc_list *list);

/*
 * Adds a row of ROW_LIVE for each program on libwq that this user may look at. What was none the
 * last time is only looked at again when its files are other ones, or now and then.
 */
void procs_add(struct snapshot *s);

#endif
