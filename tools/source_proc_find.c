/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes, and the segment among the open files of each. What /proc says may be over by the next
 * line, and what a process calls its files is for it to choose: what is opened must be a sealed
 * memfd of the right size, and its head must name that process, as children inherit descriptors.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source_proc.h"

#define MOST_THREADS_GONE 100	/* while its segment is looked for */
#define LINK_TEXT "/memfd:" WQ_SEG_NAME " (deleted)"

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#define F_SEAL_SHRINK 2
#endif

/* --- what /proc says --- */

/* "PID (comm) state ..."; comm may hold anything, parentheses too. */
#define PF_EXITING 4		/* of include/linux/sched.h, the same since 2.6 */

/* The start of a field of /proc/PID/stat; @at: before the state, which is field 3. */
static const char *stat_field(const char *at, int nr)
{
	for (int field = 2; at && field < nr; field++) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at;
}

static bool parse_stat(const char *text, struct proc *p)
{
	const char *open = strchr(text, '('), *at = strrchr(text, ')');
	const char *flags, *start;
	size_t n;

	if (!open || !at || at < open || at[1] != ' ')
		return false;
	n = (size_t)(at - open - 1);
	if (n > 15)
		n = 15;
	p->comm[printable(p->comm, open + 1, n)] = '\0';
	p->state = at[2];
	flags = stat_field(at + 1, 9);
	start = stat_field(at + 1, 22);
	if (!flags || !start)
		return false;
	if (strtoull(flags, NULL, 10) & PF_EXITING)	/* its files may be gone, it is no zombie yet */
		p->state = 'X';
	p->nr_threads = strtoull(stat_field(at + 1, 20), NULL, 10);
	p->start_time = strtoull(start, NULL, 10);
	return true;
}

static bool read_stat(const char *path, struct proc *p)
{
	char *text = read_file(path);
	bool ok = text && parse_stat(text, p);

	free(text);
	return ok;
}

bool proc_has_ended(const struct proc *p)
{
	return p->state == 'Z' || p->state == 'X';
}

/*
 * A main thread may end while others go on. What /proc told of the process under its number is then
 * found under that of another thread, which is there though it is not listed.
 */
static void find_living_thread(struct proc *p)
{
	char path[300];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)p->pid);
	dir = opendir(path);
	while (dir && proc_has_ended(p) && (e = readdir(dir))) {
		pid_t tid = (pid_t)atoi(e->d_name);
		struct proc thread;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)p->pid, (int)tid);
		if (tid <= 0 || !read_stat(path, &thread) || proc_has_ended(&thread))
			continue;
		p->via = tid;
		p->state = thread.state;
	}
	if (dir)
		closedir(dir);
}

/* The last number of "NSpid: 123 4": it comes from the outermost namespace that we see. */
static pid_t ns_pid(const char *status, pid_t pid)
{
	const char *line = status ? strstr(status, "\nNSpid:") : NULL;
	long last = pid;

	if (!line)
		return pid;
	line += strlen("\nNSpid:");
	for (;;) {
		char *end;
		long number;

		while (*line == '\t' || *line == ' ')
			line++;
		number = strtol(line, &end, 10);
		if (end == line)
			return (pid_t)last;
		last = number;
		line = end;
	}
}

static int no_process(pid_t pid, struct error *err)
{
	if (kill(pid, 0) && errno == ESRCH)
		return error_set(err, "there is no process %d", (int)pid);
	return error_set(err, "process %d is hidden from this user (/proc is mounted with hidepid): run "
			 "it as that process's user, or as root", (int)pid);
}

int proc_look(pid_t pid, struct proc *p, struct error *err)
{
	char path[64], *text;

	*p = (struct proc){ .pid = pid, .via = pid };
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!read_stat(path, p))
		return no_process(pid, err);
	if (proc_has_ended(p) && p->nr_threads > 1)
		find_living_thread(p);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	text = read_file(path);
	p->ns_pid = ns_pid(text, pid);
	free(text);
	return 0;
}

bool proc_tids(const struct proc *p, struct key_map *tids)
{
	char path[300];
	struct dirent *e;
	DIR *dir;

	if (p->ns_pid == p->pid)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)p->pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		pid_t tid = (pid_t)atoi(e->d_name);
		char *text;

		if (tid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)p->pid, (int)tid);
		text = read_file(path);
		if (text)
			key_map_put(tids, (uint64_t)ns_pid(text, tid), (uint32_t)tid);
		free(text);
	}
	if (dir)
		closedir(dir);
	return true;
}

/* --- time namespaces: a process may have clocks of its own --- */

static bool same_link(pid_t pid, const char *a, pid_t other, const char *b)
{
	char path[64];
	struct stat x, y;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, a);
	if (stat(path, &x))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)other, b);
	return !stat(path, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/*
 * "monotonic 0 0\nboottime 1000 0", against those of the first namespace. The file is about the
 * namespace of its children, which is its own but between unshare() and exec().
 */
static bool read_offsets(pid_t pid, int64_t *mono_ns, int64_t *boot_ns)
{
	static const char names[2][10] = { "monotonic", "boottime" };
	int64_t *const to[2] = { mono_ns, boot_ns };
	char path[64], *text;
	bool ok = true;

	if (!same_link(pid, "time", pid, "time_for_children"))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/timens_offsets", (int)pid);
	text = read_file(path);
	for (int i = 0; i < 2; i++) {
		const char *at = text ? strstr(text, names[i]) : NULL;
		intmax_t sec;
		long nsec;

		ok &= at && sscanf(at, "%*s %jd %ld", &sec, &nsec) == 2 && sec > -INT32_MAX &&
		      sec < INT32_MAX;
		if (ok)
			*to[i] = (int64_t)sec * (int64_t)NSEC_PER_SEC + nsec;
	}
	free(text);
	return ok;
}

void proc_clocks(const struct proc *p, struct proc_clocks *clocks)
{
	int64_t mono, boot, our_mono, our_boot;

	*clocks = (struct proc_clocks){ 0, 0 };
	if (same_link(p->via, "time", getpid(), "time") || !read_offsets(p->via, &mono, &boot) ||
	    !read_offsets(getpid(), &our_mono, &our_boot))
		return;
	clocks->mono_ns = mono - our_mono;
	clocks->boot_ns = boot - our_boot;
}

/* When it began, as its own /proc tells, is what its segment says; there are @hz ticks a second. */
static bool began_then(const struct proc *p, uint64_t start_time)
{
	int64_t hz = sysconf(_SC_CLK_TCK), off;
	struct proc_clocks clocks;

	if (start_time == p->start_time)
		return true;
	proc_clocks(p, &clocks);
	if (!clocks.boot_ns)
		return false;
	off = (int64_t)(start_time - p->start_time) - clocks.boot_ns / ((int64_t)NSEC_PER_SEC / hz);
	return off >= -1 && off <= 1;	/* each was rounded */
}

/* --- one file: is it a segment, and of that process? --- */

static int map_segment(struct proc_segment *seg, const char *what, struct error *err)
{
	struct stat st;
	int seals = fcntl(seg->fd, F_GET_SEALS);

	if (fstat(seg->fd, &st) || !S_ISREG(st.st_mode) || seals < 0)
		return error_set(err, "%s: what it calls its segment is no memfd", what);
	if (!(seals & F_SEAL_SHRINK))
		return error_set(err, "%s: its segment is not sealed: it could vanish while it is read",
				 what);
	if (st.st_size != WQ_SEG_BYTES)
		return error_set(err, "%s: its segment has %jd bytes, this program knows those of %u: use "
				 "the wqkit of its libwq", what, (intmax_t)st.st_size, WQ_SEG_BYTES);
	seg->dev = st.st_dev;
	seg->ino = st.st_ino;
	seg->base = mmap(NULL, WQ_SEG_BYTES, PROT_READ, MAP_SHARED, seg->fd, 0);
	if (seg->base == MAP_FAILED) {
		seg->base = NULL;
		return error_set(err, "%s: cannot map its segment: %s", what, strerror(errno));
	}
	return 0;
}

static int check_owner(const struct proc *p, const struct wq_seg_header *h, bool *inherited,
		       const char *what, struct error *err)
{
	*inherited = h->pid != (uint32_t)p->ns_pid ||
		     (h->start_time && !began_then(p, h->start_time));
	if (*inherited)
		return error_set(err, "%s: it has inherited the segment of another process (%u), and has "
				 "none of its own: it has not used a workqueue itself", what, h->pid);
	return 0;
}

/* -1 with @err: what @dir/@name is, is not its segment. */
static int try_file(const struct proc *p, int dir, const char *name, struct proc_segment *seg,
		    struct error *err)
{
	char what[128];

	snprintf(what, sizeof(what), "%s (PID %d)", p->comm, (int)p->pid);
	seg->base = NULL;
	seg->fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (seg->fd < 0)
		return error_set(err, "%s: cannot open its segment: %s", what, strerror(errno));
	if (!map_segment(seg, what, err) && !seg_check(seg->base, what, &seg->head, err) &&
	    !check_owner(p, &seg->head, &seg->inherited, what, err))
		return 0;
	proc_segment_close(seg);
	return -1;
}

void proc_segment_close(struct proc_segment *seg)
{
	if (seg->base)
		munmap((void *)(uintptr_t)seg->base, WQ_SEG_BYTES);
	if (seg->fd >= 0)
		close(seg->fd);
	seg->base = NULL;
	seg->fd = -1;
}

/* --- where it may be --- */

enum found { FOUND, FOUND_BAD, FOUND_NONE, FOUND_NO_ENTRY };

static bool is_link_to_one(int dir, const char *name)
{
	char text[sizeof(LINK_TEXT) + 1];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));

	return n == (ssize_t)sizeof(LINK_TEXT) - 1 && !memcmp(text, LINK_TEXT, (size_t)n);
}

static DIR *open_fds(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	return opendir(path);
}

/* False, too, if we may not look. */
static bool has_fd_of_one(pid_t pid, bool *may_look)
{
	DIR *dir = open_fds(pid);
	struct dirent *e;
	bool yes = false;

	*may_look = dir != NULL;
	while (dir && !yes && (e = readdir(dir)))
		yes = is_link_to_one(dirfd(dir), e->d_name);
	if (dir)
		closedir(dir);
	return yes;
}

static bool see_name(void *arg, const char *range, const char *line)
{
	(void)arg;
	(void)range;
	return strstr(line, " " LINK_TEXT "\n");
}

/*
 * What has closed its descriptor still has the mapping, and threads: a program on libwq is never
 * alone. So the mappings, which take longer, are only looked at where there are some.
 */
bool proc_may_have_segment(pid_t pid)
{
	struct error err;
	bool may_look;
	struct proc p;

	if (has_fd_of_one(pid, &may_look))
		return true;
	if (!may_look || proc_look(pid, &p, &err) || p.nr_threads < 2)
		return false;
	return (p.via != pid && has_fd_of_one(p.via, &may_look)) ||
	       proc_each_mapping(&p, see_name, NULL);
}

/* Among its open files. FOUND_BAD with @err: there is something of that name. */
static enum found try_fds(const struct proc *p, struct proc_segment *seg, struct error *err)
{
	DIR *dir = open_fds(p->via);
	enum found found = FOUND_NONE;
	struct dirent *e;

	if (!dir)
		return FOUND_NO_ENTRY;
	while (found != FOUND && (e = readdir(dir))) {
		if (!is_link_to_one(dirfd(dir), e->d_name))
			continue;
		found = try_file(p, dirfd(dir), e->d_name, seg, err) ? FOUND_BAD : FOUND;
		if (found == FOUND)
			snprintf(seg->path, sizeof(seg->path), "/proc/%d/fd/%.16s", (int)p->via,
				 e->d_name);
	}
	closedir(dir);
	return found;
}

bool proc_each_mapping(const struct proc *p, see_fn see, void *arg)
{
	char path[64], line[4352];
	bool end = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)p->via);
	f = fopen(path, "re");
	while (f && !end && fgets(line, sizeof(line), f)) {
		char range[40];

		snprintf(range, sizeof(range), "%.*s", (int)strcspn(line, " "), line);
		end = see(arg, range, line);
	}
	if (f)
		fclose(f);
	return end;
}

struct map_search {
	const struct proc *p;
	struct proc_segment *seg;
	struct error *err;
	enum found found;
	bool mapped, has_libwq;
	ino_t ino;
};

static bool see_mapping(void *arg, const char *range, const char *line)
{
	struct map_search *ms = arg;
	char path[64];
	struct stat st;
	int dir;

	if (strstr(line, "/libwq.so."))
		ms->has_libwq = true;
	if (!strstr(line, " " LINK_TEXT "\n"))
		return false;
	ms->mapped = true;
	snprintf(path, sizeof(path), "/proc/%d/map_files", (int)ms->p->via);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	/* faccessat() would take the real user's capabilities: mostly none */
	if (!fstatat(dir, range, &st, 0))
		ms->found = try_file(ms->p, dir, range, ms->seg, ms->err) ? FOUND_BAD : FOUND;
	close(dir);
	if (ms->found == FOUND)
		snprintf(ms->seg->path, sizeof(ms->seg->path), "/proc/%d/map_files/%.36s",
			 (int)ms->p->via, range);
	return ms->found == FOUND;
}

/* Of local users: getpwuid() needs shared libraries, which a static program does not have. */
static void user_name(uid_t uid, char *name, size_t size)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw;

	snprintf(name, size, "%u", (unsigned int)uid);
	while (f && (pw = fgetpwent(f)))
		if (pw->pw_uid == uid) {
			snprintf(name, size, "%s", pw->pw_name);
			break;
		}
	if (f)
		fclose(f);
}

static int no_entry(const struct proc *p, struct error *err)
{
	char path[64], user[64];
	struct stat st;
	struct error gone;
	struct proc now;

	snprintf(path, sizeof(path), "/proc/%d", (int)p->pid);
	if (proc_look(p->pid, &now, &gone) || stat(path, &st) || proc_has_ended(&now))
		return error_set(err, "%s (PID %d) has ended", p->comm, (int)p->pid);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	if (!stat(path, &st) && st.st_uid == geteuid())
		return error_set(err, "%s (PID %d) does not let other programs look into it, though it "
				 "is yours: run it as root", p->comm, (int)p->pid);
	snprintf(path, sizeof(path), "/proc/%d", (int)p->pid);
	if (stat(path, &st))
		st.st_uid = 0;
	user_name(st.st_uid, user, sizeof(user));
	return error_set(err, "%s (PID %d) is another user's (%s): run it as that user, or as root",
			 p->comm, (int)p->pid, user);
}

static int open_via(const struct proc *p, struct proc_segment *seg, struct error *err)
{
	struct map_search ms = { .p = p, .seg = seg, .err = err, .found = FOUND_NONE };
	enum found found;

	*seg = (struct proc_segment){ .fd = -1 };
	found = try_fds(p, seg, err);
	if (found == FOUND)
		return 0;
	if (found == FOUND_BAD)
		return -1;
	if (found == FOUND_NO_ENTRY)
		return no_entry(p, err);
	proc_each_mapping(p, see_mapping, &ms);
	if (ms.found == FOUND)
		return 0;
	if (ms.found == FOUND_BAD)
		return -1;
	if (ms.mapped)
		return error_set(err, "%s (PID %d) has closed the descriptor of its segment: root, or "
				 "who has CAP_CHECKPOINT_RESTORE, can still read it", p->comm, (int)p->pid);
	if (ms.has_libwq)
		return error_set(err, "%s (PID %d) has libwq, but does not show its workqueues: it has "
				 "made none yet, or could make no memfd (a seccomp filter, a limit, or "
				 "publish=0)", p->comm, (int)p->pid);
	return error_set(err, "%s (PID %d) shows no workqueues: it is no program on libwq, or has made "
			 "none yet, or could make no memfd", p->comm, (int)p->pid);
}

/* The thread that was asked for it may be the next one to end, the others after it. */
int proc_segment_open(const struct proc *p, struct proc_segment *seg, struct error *err)
{
	struct proc now = *p;
	struct error gone;

	for (int try = 0; try < MOST_THREADS_GONE; try++) {
		pid_t via = now.via;

		if (!open_via(&now, seg, err))
			return 0;
		if (proc_look(p->pid, &now, &gone) || now.start_time != p->start_time ||
		    proc_has_ended(&now))
			return error_set(err, "%s (PID %d) has ended", p->comm, (int)p->pid);
		if (now.via == via)
			break;
	}
	return -1;
}

/* --- later on --- */

static bool see_inode(void *arg, const char *range, const char *line)
{
	const struct map_search *ms = arg;
	char inode[32];

	(void)range;
	snprintf(inode, sizeof(inode), " %ju ", (uintmax_t)ms->ino);
	return strstr(line, inode) && strstr(line, " " LINK_TEXT "\n");
}

/* Its descriptor is the quick way; a program may close it and still be the same. */
bool proc_segment_is_there(const struct proc *p, const struct proc_segment *seg)
{
	struct map_search ms = { .ino = seg->ino };
	struct stat st;

	if (!stat(seg->path, &st) && st.st_dev == seg->dev && st.st_ino == seg->ino)
		return true;
	return proc_each_mapping(p, see_inode, &ms);
}
