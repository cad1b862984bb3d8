/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * as_nobody.c - runs a program as uid 65534 with CAP_BPF and CAP_PERFMON alone
 *
 * as_nobody PROGRAM [ARGUMENT]...: for the lab, whose guests have no setpriv.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static int set_capabilities(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		uint32_t word = (uint32_t)(caps >> 32 * i);

		data[i] = (struct __user_cap_data_struct){ word, word, word };
	}
	return (int)syscall(SYS_capset, &head, data);
}

/* Ambient capabilities are those that survive the execve() of an ordinary program. */
static int become_nobody(void)
{
	uint64_t caps = UINT64_C(1) << CAP_BPF | UINT64_C(1) << CAP_PERFMON;

	return prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) ||
	       setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ||
	       set_capabilities(caps) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_BPF, 0, 0) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: as_nobody PROGRAM [ARGUMENT]...\n", stderr);
		return 2;
	}
	if (become_nobody()) {
		fprintf(stderr, "as_nobody: cannot become nobody: %s\n", strerror(errno));
		return 125;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "as_nobody: %s: %s\n", argv[1], strerror(errno));
	return 127;
}
