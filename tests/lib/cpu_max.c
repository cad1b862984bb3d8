/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Under a limit of CPU time blocked workers are replaced, by whatever gets a share of it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "all_start.h"

static bool write_to(const char *group, const char *file, const char *text)
{
	char path[160];
	int fd, rc;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	rc = (int)write(fd, text, strlen(text));
	close(fd);
	return rc > 0;
}

/* A group of our own with a fifth of a CPU, and this process in it: cgroup v2, or v1. */
static bool limit_in(const char *root, const char *file, const char *quota, char group[160])
{
	snprintf(group, 160, "%s/wqkit-test-%d", root, (int)getpid());
	if (mkdir(group, 0755))
		return false;
	if (write_to(group, file, quota) && write_to(group, "cgroup.procs", "0"))
		return true;
	rmdir(group);
	return false;
}

static bool limit(char group[160])
{
	return limit_in("/sys/fs/cgroup", "cpu.max", "20000 100000", group) ||
	       limit_in("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "20000", group);
}

/* The child does the work; its parent removes the group behind it. */
static int in_group(void (*fn)(void))
{
	char group[160] = "";
	int status, pipe_fd[2];
	ssize_t n;
	pid_t pid;

	if (pipe(pipe_fd))
		return -1;
	pid = fork();
	if (!pid) {
		if (!limit(group) || write(pipe_fd[1], group, sizeof(group)) < 0)
			_exit(77);
		if (fn)
			fn();
		_exit(0);
	}
	close(pipe_fd[1]);
	n = read(pipe_fd[0], group, sizeof(group));
	close(pipe_fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (n > 0)
		while (rmdir(group) && errno == EBUSY)
			;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void blocking_items(void)
{
	all_start(WQ_PERCPU);
	all_start(WQ_HIGHPRI);
	all_start(WQ_UNBOUND);
	if (wq_misuse_count())
		_exit(1);
}

TEST(blocked_workers_are_replaced)
{
	CHECK_INT(in_group(blocking_items), 0);
}
END

int main(void)
{
	const TTest *const tests[] = { blocked_workers_are_replaced, NULL };

	if (in_group(NULL)) {
		puts("1..0 # SKIP no cgroup can be made here whose CPU time is limited");
		return 0;
	}
	return run_tests(__FILE__, tests);
}
