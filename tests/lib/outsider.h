/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outsider.h - the segment of this process, seen as another one sees it
 *
 * Found by its name among the open files, opened again, and mapped read-only.
 */
#ifndef WQKIT_OUTSIDER_H
#define WQKIT_OUTSIDER_H

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <wq/abi.h>

#include "probe.h"

/* The number of the file whose link says that it is a segment, or -1. */
static inline int outsider_find(pid_t pid)
{
	static const char name[] = "/memfd:" WQ_SEG_NAME " (deleted)";
	char path[64], link[64];
	struct dirent *entry;
	int found = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	CHECK(dir != NULL);
	while ((entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link));

		if (n == (ssize_t)sizeof(name) - 1 && !memcmp(link, name, sizeof(name) - 1))
			found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

static inline int outsider_open(pid_t pid, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, outsider_find(pid));
	return open(path, flags | O_CLOEXEC);
}

/* The segment of a process that has one. */
static inline const char *outsider_map(pid_t pid)
{
	int fd = outsider_open(pid, O_RDONLY);
	void *at;

	CHECK(fd >= 0);
	at = mmap(NULL, WQ_SEG_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(at != MAP_FAILED);
	close(fd);
	return at;
}

static inline const struct wq_seg_header *seg_header(const char *seg)
{
	return (const struct wq_seg_header *)(const void *)seg;
}

static inline uint32_t seg_nr(const char *seg, enum wq_seg_table_id id)
{
	return __atomic_load_n(&seg_header(seg)->table[id].nr, __ATOMIC_RELAXED);
}

/*
 * Copy a record. Its writer may have been preempted in the middle of it; libcheck's timeout ends
 * it if it never goes on.
 */
static inline void seg_read(const char *seg, uint32_t at, uint32_t stride, uint32_t index,
			    void *to, size_t size)
{
	const char *from = seg + at + (size_t)index * stride;

	while (!wq_seg_copy(to, from, size, 0, 100))
		sched_yield();
}

#define SEG_READ(seg, NAME, index, to) \
	seg_read(seg, WQ_SEG_##NAME##S_AT, WQ_SEG_##NAME##_STRIDE, index, to, sizeof(*(to)))

/* Index of the workqueue of that name, or WQ_SEG_NONE. */
static inline uint32_t seg_find_wq(const char *seg, const char *name, struct wq_seg_workqueue *wq)
{
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_WORKQUEUES); i++) {
		SEG_READ(seg, WORKQUEUE, i, wq);
		if (wq->serial && !strcmp(wq->name, name))
			return i;
	}
	return WQ_SEG_NONE;
}

/* The pwqs of a workqueue, summed up into one; returns how many. */
static inline int seg_sum_pwqs(const char *seg, uint32_t wq, struct wq_seg_pwq *sum)
{
	int n = 0;

	memset(sum, 0, sizeof(*sum));
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_PWQS); i++) {
		struct wq_seg_pwq pwq;

		SEG_READ(seg, PWQ, i, &pwq);
		if (!pwq.serial || pwq.workqueue != wq)
			continue;
		sum->nr_active += pwq.nr_active;
		sum->nr_inactive += pwq.nr_inactive;
		sum->nr_scheduled += pwq.nr_scheduled;
		sum->nr_barriers += pwq.nr_barriers;
		if (pwq.nr_inactive)
			sum->inactive = pwq.inactive;
		for (int s = 0; s < WQ_SEG_NR_STATS; s++)
			sum->stat[s] += pwq.stat[s];
		n++;
	}
	return n;
}

/* Whoever runs that item. */
static inline bool seg_find_runner(const char *seg, const struct work_struct *work,
				   struct wq_seg_worker *worker)
{
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_WORKERS); i++) {
		SEG_READ(seg, WORKER, i, worker);
		if (worker->serial && worker->work == (uintptr_t)work)
			return true;
	}
	return false;
}

#endif
