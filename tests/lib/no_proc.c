/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without /proc a blocked worker is found out by its CPU clock, and the segment says so. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <wq/abi.h>

#include "all_start.h"

/* An empty folder in its place; as nobody, in a user namespace of our own. */
static bool hide_proc(void)
{
	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)))
		return false;
	return !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", "/proc", "tmpfs", 0, NULL);
}

static u_int32_t segment_flags(void)
{
	const struct wq_seg_header *h = mmap(NULL, WQ_SEG_HEADER_BYTES, PROT_READ, MAP_SHARED,
					     wq_segment_fd(), 0);

	CHECK(h != MAP_FAILED);
	return h->flags;
}

TEST(blocked_workers_are_replaced)
{
	CHECK(hide_proc());
	all_start(WQ_PERCPU);
	all_start(WQ_HIGHPRI);
	all_start(WQ_UNBOUND);
	CHECK(segment_flags() & WQ_SEG_NO_PROC);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(the_tick_does_it_alone)
{
	CHECK(hide_proc());
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	all_start(WQ_PERCPU);
	all_start(WQ_UNBOUND);
}
END

TEST(usually_there_is_one)
{
	all_start(WQ_PERCPU);
	CHECK(!(segment_flags() & WQ_SEG_NO_PROC));
}
END

int main(void)
{
	const TTest *const tests[] = { blocked_workers_are_replaced, the_tick_does_it_alone,
				       usually_there_is_one, NULL };
	pid_t pid;
	int status;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	puts("1..0 # SKIP a sanitizer itself needs /proc");
	return 0;
#endif
	pid = fork();
	if (!pid)
		_exit(!hide_proc());
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		puts("1..0 # SKIP /proc cannot be hidden here: no mounting, no user namespaces");
		return 0;
	}
	return run_tests(__FILE__, tests);
}
