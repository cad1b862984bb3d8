/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child of fork() has a segment of its own, or none; it never writes to its parent's. */
#include <errno.h>
#include <sys/wait.h>

#include "outsider.h"

static struct workqueue_struct *wq;
static struct counter c;

/* Has this process a mapping of any segment? */
static bool has_mapping(void)
{
	FILE *in = fopen("/proc/self/maps", "r");
	bool found = false;
	char line[512];

	while (in && fgets(line, sizeof(line), in))
		found |= strstr(line, WQ_SEG_NAME) != NULL;
	if (in)
		fclose(in);
	return found;
}

/* In the child: 0, or the number of what is wrong. */
static int child(const char *parents)
{
	struct wq_seg_workqueue rec;
	struct wq_seg_pwq sum;
	const char *seg;
	uint32_t index;

	munmap((void *)(uintptr_t)parents, WQ_SEG_BYTES);
	if (outsider_find(getpid()) >= 0 || has_mapping())
		return 1;	/* its parent's is closed, its own not needed yet */
	wq_queue_work(wq, &c.work);
	wq_flush_workqueue(wq);
	if (outsider_find(getpid()) < 0)
		return 2;
	seg = outsider_map(getpid());
	if (seg_header(seg)->pid != (uint32_t)getpid())
		return 3;
	index = seg_find_wq(seg, "forked", &rec);
	if (index == WQ_SEG_NONE || rec.max_active != 5 || rec.nice != 7)
		return 4;
	do	/* the flush is over a moment before the item is */
		seg_sum_pwqs(seg, index, &sum);
	while (sum.nr_active);
	if (sum.stat[WQ_SEG_STARTED] != 1)
		return 5;	/* counters are the process's own */
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_WORKERS); i++) {
		struct wq_seg_worker worker;

		SEG_READ(seg, WORKER, i, &worker);
		if (worker.serial && worker.work)
			return 6;	/* what its parent's workers run */
	}
	wq_destroy_workqueue(wq);
	return seg_find_wq(seg, "forked", &rec) == WQ_SEG_NONE ? 0 : 7;
}

TEST(a_child_has_its_own)
{
	struct workqueue_attrs *attrs;
	struct wq_seg_workqueue rec;
	struct wq_seg_worker worker;
	struct wq_seg_pwq sum;
	const char *seg;
	uint64_t workers;
	struct probe p;
	uint32_t index;
	int status;
	pid_t pid;

	wq = wq_alloc_workqueue("forked", WQ_UNBOUND, 5);
	attrs = wq_alloc_workqueue_attrs();
	attrs->nice = 7;
	CHECK_INT(wq_apply_workqueue_attrs(wq, attrs), 0);
	wq_free_workqueue_attrs(attrs);
	probe_init(&p);
	counter_init(&c);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	seg = outsider_map(getpid());
	workers = seg_header(seg)->workers_made;
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(child(seg));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
	/* nothing of it happened here */
	index = seg_find_wq(seg, "forked", &rec);
	CHECK(index != WQ_SEG_NONE);
	CHECK(seg_find_runner(seg, &p.work, &worker));
	seg_sum_pwqs(seg, index, &sum);
	CHECK_UINT(sum.stat[WQ_SEG_STARTED], 1);
	CHECK_UINT(sum.nr_active, 1);
	CHECK(seg_header(seg)->workers_made - workers <= 1);
	CHECK(outsider_find(getpid()) >= 0);
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
}
END

/* The number of the file may be another file's by then: that one stays open. */
TEST(a_child_closes_nothing_else)
{
	int fd, status;
	pid_t pid;

	fd = wq_segment_fd();
	CHECK(fd >= 0);
	CHECK_INT(dup2(STDERR_FILENO, fd), fd);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(fcntl(fd, F_GETFD) < 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
	close(fd);
}
END

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
int main(void)
{
	(void)a_child_has_its_own;
	(void)a_child_closes_nothing_else;
	puts("1..0 # SKIP a sanitizer's own locks do not survive fork() of a process with threads");
	return 0;
}
#else
TESTS(a_child_has_its_own, a_child_closes_nothing_else)
#endif
