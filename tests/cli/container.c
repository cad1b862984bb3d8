/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container [-m] COMMAND...: run it as nobody in an environment like a container's: no capability,
 * none to be had, and a seccomp filter that refuses what the usual default profile refuses; with
 * -m, as older ones, also to read another process's memory.
 */
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

/* Those that need a capability in the profile, and those that it never allows. */
static const unsigned int refused[] = {
	SYS_bpf, SYS_perf_event_open, SYS_mount, SYS_umount2, SYS_unshare, SYS_setns, SYS_syslog,
	SYS_kcmp, SYS_pidfd_getfd, SYS_process_madvise, SYS_fanotify_init, SYS_quotactl,
	SYS_pivot_root, SYS_chroot, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_init_module,
	SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_open_by_handle_at, SYS_acct,
	SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname,
	SYS_mbind, SYS_get_mempolicy, SYS_set_mempolicy, SYS_add_key, SYS_request_key, SYS_keyctl,
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_userfaultfd,
	SYS_move_pages, SYS_migrate_pages, SYS_lookup_dcookie, SYS_vhangup, SYS_personality,
	SYS_fsopen, SYS_fsmount, SYS_fsconfig, SYS_fspick, SYS_open_tree, SYS_move_mount,
};
static const unsigned int memory[] = { SYS_process_vm_readv, SYS_process_vm_writev, SYS_ptrace };

static struct sock_filter filter[2 * (sizeof(refused) + sizeof(memory)) / sizeof(int) + 4];
static unsigned short len;

static void add(unsigned int code, unsigned int k, unsigned char jf)
{
	filter[len++] = (struct sock_filter)BPF_JUMP((unsigned short)code, k, 0, jf);
}

static void refuse(unsigned int nr, int error)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, nr, 1);
	add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error, 0);
}

static int set_filter(int without_memory)
{
	struct sock_fprog prog = { .filter = filter };

	add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0);
	refuse(SYS_clone3, ENOSYS);	/* so that the libc takes clone() */
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		refuse(refused[i], EPERM);
	for (size_t i = 0; without_memory && i < sizeof(memory) / sizeof(*memory); i++)
		refuse(memory[i], EPERM);
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0);
	prog.len = len;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int become_nobody(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap))
			return -1;
	return setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	       setresuid(NOBODY, NOBODY, NOBODY);
}

int main(int argc, char **argv)
{
	int without_memory = argc > 1 && !strcmp(argv[1], "-m");

	argv += 1 + without_memory;
	if (!*argv) {
		fputs("usage: container [-m] COMMAND...\n", stderr);
		return 2;
	}
	if (geteuid() == 0 && become_nobody()) {
		perror("container: cannot become nobody");
		return 125;
	}
	if (set_filter(without_memory)) {
		perror("container: cannot set the filter");
		return 125;
	}
	execvp(*argv, argv);
	fprintf(stderr, "container: %s: %s\n", *argv, strerror(errno));
	return 127;
}
