/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.c - makes the kernel execute works, bounded in number and in time
 *
 * load pty N       N round trips through a pseudo terminal: flush_to_ldisc and
 *                  flush barriers, on an unbound queue
 * load bpfmap N    N BPF maps made and closed: each frees itself in a work at a
 *                  new address, on a per-CPU queue (needs CAP_BPF)
 *
 * Says "started" after the first thousand and then goes on, so that a test can
 * wait for it to be under way; then the number done and the seconds taken. It
 * ends after N, after a minute, or when its standard output is gone.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_SECONDS 60
#define UNDER_WAY 1000

static int failed(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	return -1;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int master = -1, slave = -1;

static int pty_open(void)
{
	struct termios raw;

	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master))
		return failed("no pseudo terminal");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || tcgetattr(slave, &raw))
		return failed(ptsname(master));
	cfmakeraw(&raw);
	return tcsetattr(slave, TCSANOW, &raw) ? failed("tcsetattr") : 0;
}

static int pty_once(void)
{
	char c = 'x';

	if (write(master, &c, 1) != 1 || read(slave, &c, 1) != 1)
		return failed("pseudo terminal");
	return 0;
}

static int bpfmap_once(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "load", 4, 8, 1, NULL);

	if (fd < 0)
		return failed("bpf_map_create");
	close(fd);
	return 0;
}

static int run(int (*once)(void), unsigned long n)
{
	double begin = seconds();
	unsigned long i;

	for (i = 0; i < n && seconds() - begin < MAX_SECONDS; i++) {
		if (once())
			return 1;
		if (i + 1 == UNDER_WAY && (puts("started") < 0 || fflush(stdout)))
			return 1;
	}
	printf("%lu in %.3f s\n", i, seconds() - begin);
	return 0;
}

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long n = argc == 3 ? strtoul(argv[2], &end, 10) : 0;

	if (!n || *end) {
		fputs("usage: load pty|bpfmap N\n", stderr);
		return 2;
	}
	if (!strcmp(argv[1], "pty"))
		return pty_open() || run(pty_once, n);
	if (!strcmp(argv[1], "bpfmap"))
		return run(bpfmap_once, n);
	fprintf(stderr, "load: \"%s\" is neither pty nor bpfmap\n", argv[1]);
	return 2;
}
