/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel source of a build without BPF. */
#include "source.h"

struct source *source_kern_open(const struct source_options *o, struct error *err)
{
	(void)o;
	error_set(err, "this build cannot read the kernel: libbpf, clang or bpftool was missing "
		       "when it was built; install them (make deps) and build again");
	return NULL;
}
