/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs on libwq: which there are, and pictures of one. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fields.h"
#include "procs.h"
#include "source_proc.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

struct proc_source {
	struct source src;
	struct proc proc;
	struct proc_segment seg;
	struct seg_image img;
	struct memory memory;
	struct works_limits limits;
	struct proc_names names;
	struct utsname uts;
	int pidfd;			/* -1: this kernel has none */
};

/* --- reading --- */

static bool has_ended(struct proc_source *ps)
{
	struct pollfd pfd = { .fd = ps->pidfd, .events = POLLIN };
	struct error err;
	struct proc now;

	if (ps->pidfd >= 0 && poll(&pfd, 1, 0) > 0)
		return true;
	if (proc_look(ps->proc.pid, &now, &err) || now.start_time != ps->proc.start_time ||
	    proc_has_ended(&now))
		return true;
	ps->proc = now;		/* its state, its name */
	return false;
}

/* After an exec() it may have another segment, or none. */
static int find_again(struct proc_source *ps, struct error *err)
{
	struct proc_segment seg;

	if (proc_segment_is_there(&ps->proc, &ps->seg))
		return 0;
	if (proc_segment_open(&ps->proc, &seg, err))
		return -1;
	proc_segment_close(&ps->seg);
	ps->seg = seg;
	proc_names_clear(&ps->names);
	return 0;
}

/* It may end meanwhile, and then what it has is not to be found. */
static int look_again(struct proc_source *ps, struct error *err)
{
	if (!has_ended(ps)) {
		if (!find_again(ps, err))
			return 0;
		if (!has_ended(ps))
			return -1;
	}
	return error_set(err, "%s (PID %d) has ended", ps->proc.comm, (int)ps->proc.pid);
}

static void prepare(struct proc_source *ps)
{
	struct proc_clocks clocks;

	proc_clocks(&ps->proc, &clocks);
	ps->img.clock_ns = clocks.mono_ns;
	ps->img.head = ps->seg.head;
}

static int proc_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err)
{
	struct proc_source *ps = (struct proc_source *)src;
	struct proc_facts facts = { .pid = ps->proc.pid, .program = ps->proc.comm,
				    .names = &ps->names };
	struct key_map tids = { .nr = 0 };

	(void)kinds;
	if (look_again(ps, err))
		return -1;
	if (proc_tids(&ps->proc, &tids))
		facts.tids = &tids;
	ps->names.nr_lookups = 0;
	s->time_ns = real_ns();
	prepare(ps);
	seg_picture(&ps->img, ps->seg.base, &ps->memory, &ps->limits);
	seg_fill(s, &ps->img, &facts);
	s->source.host = snapshot_str(s, ps->uts.nodename);
	if (ps->proc.state == 'T' || ps->proc.state == 't')
		s->hint = "the process is stopped";
	key_map_free(&tids);
	return 0;
}

static int proc_save(struct source *src, const char *path, struct error *err)
{
	struct proc_source *ps = (struct proc_source *)src;

	prepare(ps);
	return seg_save(ps->seg.base, &ps->img, path, err);
}

static void proc_close(struct source *src)
{
	struct proc_source *ps = (struct proc_source *)src;

	proc_segment_close(&ps->seg);
	seg_free(&ps->img);
	memory_free(&ps->memory);
	proc_names_clear(&ps->names);
	if (ps->pidfd >= 0)
		close(ps->pidfd);
	free(ps);
}

static const struct source_ops proc_ops = { .read = proc_read, .save = proc_save,
					      .close = proc_close };

/* The pidfd is taken first: the process that is looked at then is that one, or has ended. */
static int open_process(struct proc_source *ps, pid_t pid, struct error *err)
{
	ps->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (proc_look(pid, &ps->proc, err))
		return -1;
	return proc_segment_open(&ps->proc, &ps->seg, err);
}

/* One of several: the user has to say which. */
static pid_t only_one(const char *which, const struct proc_list *list, struct error *err)
{
	size_t len;

	if (list->nr == 1)
		return list->pids[0];
	error_set(err, "%zu programs are called %s, choose one by its PID:", list->nr, which);
	for (size_t i = 0; i < list->nr && (len = strlen(err->text)) < sizeof(err->text) - 16; i++)
		snprintf(err->text + len, sizeof(err->text) - len, " %d", (int)list->pids[i]);
	return 0;
}

struct source *source_proc_open(const struct source_options *o, struct error *err)
{
	struct proc_source *ps = xcalloc(1, sizeof(*ps));
	struct proc_list list = { .nr = 0 };
	pid_t pid = 0;

	ps->src.ops = &proc_ops;
	ps->src.kind = SOURCE_PROCESS;
	ps->seg.fd = ps->pidfd = -1;
	ps->limits = works_limits(o->all_works);
	ps->memory = (struct memory){ .read_page = memory_read_process, .arg = &ps->proc.via };
	ps->names.look_up = proc_look_up;
	ps->names.arg = &ps->proc;
	uname(&ps->uts);
	if (!procs_find(o->process, &list, err))
		pid = only_one(o->process, &list, err);
	procs_free(&list);
	if (pid && !open_process(ps, pid, err))
		return &ps->src;
	proc_close(&ps->src);
	return NULL;
}

/* --- which there are --- */

#define LOOK_ANEW 8	/* rounds: what was no program on libwq may become one */

/*
 * A process in whose files no segment was. What stat() says of its folder of files is another once
 * another process has its number, and, from Linux 6.2 on, once it has more or fewer files.
 */
struct stranger {
	pid_t pid;
	ino_t ino;
	off_t nr_files;
};

/* Those of the last round, by pid: most processes are strangers, and stay so. */
static struct strangers {
	struct stranger *list;
	size_t nr, room;
	struct key_map by_pid;
	unsigned int round;
} strangers;

static void strangers_free(struct strangers *s)
{
	free(s->list);
	key_map_free(&s->by_pid);
}

static bool look_at_files(pid_t pid, struct stranger *s)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if (stat(path, &st))
		return false;
	*s = (struct stranger){ .pid = pid, .ino = st.st_ino, .nr_files = st.st_size };
	return true;
}

/* The same as it was, and not among those whose turn it is to be looked at anyhow. */
static bool is_known(const struct stranger *now)
{
	uint32_t at = key_map_get(&strangers.by_pid, (uint64_t)now->pid);

	return at != KEY_MAP_NONE && strangers.list[at].ino == now->ino &&
	       strangers.list[at].nr_files == now->nr_files &&
	       (unsigned int)now->pid % LOOK_ANEW != strangers.round % LOOK_ANEW;
}

static void remember(struct strangers *all, const struct stranger *s)
{
	key_map_set(&all->by_pid, (uint64_t)s->pid, (uint32_t)all->nr);
	all->list = xgrow(all->list, all->nr, &all->room, sizeof(*all->list));
	all->list[all->nr++] = *s;
}

struct candidate {
	struct proc proc;
	char program[64];
	struct error why_not;		/* empty: it can be read */
};

struct candidates {
	struct candidate *list;
	size_t nr, room;
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = strcmp(x->proc.comm, y->proc.comm);

	return order ? order : x->proc.pid < y->proc.pid ? -1 : x->proc.pid > y->proc.pid;
}

/* False: it is no program on libwq. */
static bool try_process(struct candidates *all, pid_t pid)
{
	struct candidate c = { .program = "" };
	struct proc_segment seg;
	struct error err;

	if (!proc_may_have_segment(pid) || proc_look(pid, &c.proc, &err))
		return false;
	if (proc_segment_open(&c.proc, &seg, &c.why_not)) {
		if (seg.inherited)	/* a child that is no program on libwq itself */
			return true;
	} else {
		memcpy(c.program, seg.head.program, sizeof(c.program));
		c.why_not.text[0] = '\0';
		proc_segment_close(&seg);
	}
	all->list = xgrow(all->list, all->nr, &all->room, sizeof(*all->list));
	all->list[all->nr++] = c;
	return true;
}

static void find_all(struct candidates *all)
{
	struct strangers now = { .round = strangers.round + 1 };
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct stranger s;

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    !look_at_files((pid_t)atoi(e->d_name), &s))
			continue;
		if (is_known(&s) || !try_process(all, s.pid))
			remember(&now, &s);
	}
	if (dir)
		closedir(dir);
	strangers_free(&strangers);
	strangers = now;
	if (all->nr)
		qsort(all->list, all->nr, sizeof(*all->list), compare_candidates);
}

/* Unless it is there. */
static void add_pid(struct proc_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->pids[i] == pid)
			return;
	list->pids = xgrow(list->pids, list->nr, &list->room, sizeof(*list->pids));
	list->pids[list->nr++] = pid;
}

/* A process of that name which is no program on libwq: why not, for it or for the first of them. */
static int none_of_name(const char *name, struct error *err)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir))) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)atoi(e->d_name) : 0;
		struct proc_segment seg;
		struct proc p;

		if (!pid || proc_look(pid, &p, err) || strcmp(p.comm, name))
			continue;
		found = true;
		if (!proc_segment_open(&p, &seg, err))	/* it has just begun */
			proc_segment_close(&seg);
	}
	if (dir)
		closedir(dir);
	if (found)
		return -1;
	return error_set(err, "no program on libwq that this user may look at is called \"%s\" (wqdump "
			 "list names them)", name);
}

int procs_find(const char *which, struct proc_list *list, struct error *err)
{
	struct candidates all = { .nr = 0 };
	bool found = false;
	uint64_t pid;

	if (which[strspn(which, "0123456789")] == '\0') {
		if (!parse_count(which, 1, INT32_MAX, &pid))
			return error_set(err, "\"%s\" is no PID, nor the name of a program", which);
		add_pid(list, (pid_t)pid);
		return 0;
	}
	find_all(&all);
	for (size_t i = 0; i < all.nr; i++) {
		const struct candidate *c = &all.list[i];

		if (c->why_not.text[0] || (strcmp(c->proc.comm, which) && strcmp(c->program, which)))
			continue;
		add_pid(list, c->proc.pid);
		found = true;
	}
	free(all.list);
	return found ? 0 : none_of_name(which, err);
}

void procs_free(struct proc_list *list)
{
	free(list->pids);
	*list = (struct proc_list){ .nr = 0 };
}

void procs_add(struct snapshot *s)
{
	struct candidates all = { .nr = 0 };
	struct utsname uts;

	uname(&uts);
	find_all(&all);
	for (size_t i = 0; i < all.nr; i++) {
		struct live *row = snapshot_add(s, ROW_LIVE);

		row->kind = "process";
		row->pid = all.list[i].proc.pid;
		row->name = snapshot_str(s, all.list[i].proc.comm);
		row->host = snapshot_str(s, uts.nodename);
		row->readable = !all.list[i].why_not.text[0];
		know(&row->has, LIVE_KIND);
		know(&row->has, LIVE_PID);
		know(&row->has, LIVE_NAME);
		know(&row->has, LIVE_HOST);
		know(&row->has, LIVE_READABLE);
		if (row->readable)
			continue;
		row->why_not = snapshot_str(s, all.list[i].why_not.text);
		know(&row->has, LIVE_WHY_NOT);
	}
	free(all.list);
}
