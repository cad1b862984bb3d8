/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program whose segment nobody may see works as any other. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "outsider.h"

/* From now on memfd_create() fails so. */
static void deny_memfd(int err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	CHECK_INT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), 0);
}

/* Everything works, the counters too; and there is nothing to find. */
static void works_unseen(int err)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("unseen", WQ_UNBOUND, 1);
	struct wq_counters sum;
	struct counter c;
	struct probe p;

	CHECK(wq != NULL);
	CHECK_INT(wq_segment_fd(), -err);
	CHECK_INT(outsider_find(getpid()), -1);
	probe_init(&p);
	counter_init(&c);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	wq_queue_work(wq, &c.work);
	gate_open(&p.leave);
	wq_flush_workqueue(wq);
	wq_workqueue_counters(wq, &sum);
	CHECK_UINT(sum.started, 2);
	CHECK_UINT(sum.completed, 2);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}

TEST(a_filter_without_memfd_create)
{
	deny_memfd(EPERM);
	works_unseen(EPERM);
}
END

TEST(a_kernel_without_memfd_create)
{
	deny_memfd(ENOSYS);
	works_unseen(ENOSYS);
}
END

/* ftruncate() beyond it would be the program's end. */
TEST(a_limit_on_files)
{
	struct rlimit small = { 4096, 4096 };

	CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
	works_unseen(EFBIG);
}
END

TEST(it_is_switched_off)
{
	CHECK_INT(wq_param_set("publish", "0"), 0);
	works_unseen(ECANCELED);
	CHECK_INT(wq_param_set("publish", "1"), -EPERM);	/* too late */
}
END

/* A sanitizer needs both for itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TESTS_OF_LIMITS
#else
#define TESTS_OF_LIMITS , no_file_descriptors, no_address_space

TEST(no_file_descriptors)
{
	struct rlimit none;
	int fd = dup(0);

	CHECK(fd >= 0);
	none.rlim_cur = none.rlim_max = (rlim_t)fd;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	close(fd);
	CHECK_INT(wq_segment_fd(), -EMFILE);
	CHECK(wq_alloc_workqueue("unseen", WQ_UNBOUND, 1) != NULL);
}
END

/* No room in the address space, not for what is in no file either. */
TEST(no_address_space)
{
	struct rlimit limit;
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long pages;

	CHECK(in && fscanf(in, "%lu", &pages) == 1);
	fclose(in);
	limit.rlim_cur = limit.rlim_max = pages * (unsigned long)getpagesize() + WQ_SEG_BYTES / 2;
	CHECK_INT(setrlimit(RLIMIT_AS, &limit), 0);
	CHECK_INT(wq_param_set("sentinel", "0"), 0);
	works_unseen(ENOMEM);
}
END

#endif

TESTS(a_filter_without_memfd_create, a_kernel_without_memfd_create, a_limit_on_files,
      it_is_switched_off TESTS_OF_LIMITS)
