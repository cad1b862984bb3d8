/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel source of a build without BPF. */
#include "pin.h"
#include "source.h"

struct source *source_kern_open(const struct source_options *o, struct error *err)
{
	(void)o;
	error_set(err, "this build cannot read the kernel: libbpf, clang or bpftool was missing "
		       "when it was built; install them (make deps) and build again");
	return NULL;
}

int kern_pin(const char *dir, bool public, bool verbose, struct error *err)
{
	(void)public;
	(void)verbose;
	return error_set(err, "this build cannot pin files in %s: libbpf, clang or bpftool was "
			 "missing when it was built; install them (make deps) and build again", dir);
}
