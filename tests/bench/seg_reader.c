/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seg_reader.c - run a program, and read all records of its segment ten times a second
 *
 * Says on stderr how often it read, and how long one reading took, at most.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wq/abi.h>

#define PERIOD_NS 100000000l

static const char *find(pid_t pid)
{
	char path[300], link[64];
	struct dirent *entry;
	void *at = NULL;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && !at && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		int fd;

		link[n > 0 ? n : 0] = '\0';
		if (strncmp(link, "/memfd:" WQ_SEG_NAME, sizeof("/memfd:" WQ_SEG_NAME) - 1))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		at = fd < 0 ? MAP_FAILED : mmap(NULL, WQ_SEG_BYTES, PROT_READ, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED)
			at = NULL;
		close(fd);
	}
	if (dir)
		closedir(dir);
	return at;
}

static void read_all(const char *seg)
{
	static const struct {
		uint32_t at, stride, size;
	} table[] = {
		{ WQ_SEG_WORKQUEUES_AT, WQ_SEG_WORKQUEUE_STRIDE, sizeof(struct wq_seg_workqueue) },
		{ WQ_SEG_PWQS_AT, WQ_SEG_PWQ_STRIDE, sizeof(struct wq_seg_pwq) },
		{ WQ_SEG_POOLS_AT, WQ_SEG_POOL_STRIDE, sizeof(struct wq_seg_pool) },
		{ WQ_SEG_WORKERS_AT, WQ_SEG_WORKER_STRIDE, sizeof(struct wq_seg_worker) },
		{ WQ_SEG_WAITERS_AT, WQ_SEG_WAITER_STRIDE, sizeof(struct wq_seg_waiter) },
	};
	const struct wq_seg_header *h = (const struct wq_seg_header *)(const void *)seg;
	uint64_t copy[512 / 8];

	for (size_t t = 0; t < sizeof(table) / sizeof(table[0]); t++)
		for (uint32_t i = 0; i < __atomic_load_n(&h->table[t].nr, __ATOMIC_RELAXED); i++)
			wq_seg_copy(copy, seg + table[t].at + (size_t)i * table[t].stride,
				    table[t].size, 0, 10);
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	struct timespec period = { 0, PERIOD_NS };
	long long worst = 0;
	const char *seg = NULL;
	int status, n = 0;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (!pid) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
		long long begin = now_ns();

		if (!seg)
			seg = find(pid);
		if (seg) {
			read_all(seg);
			n++;
			if (now_ns() - begin > worst)
				worst = now_ns() - begin;
		}
		period.tv_nsec = seg ? PERIOD_NS : PERIOD_NS / 50;
		nanosleep(&period, NULL);
	}
	fprintf(stderr, "read %d times, %lld us at most\n", n, worst / 1000);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
