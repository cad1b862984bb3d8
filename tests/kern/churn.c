/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "churn.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "churn.skel.h"

struct churn {
	struct churn_bpf *skel;
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level, (void)fmt, (void)args;
	return 0;
}

struct churn *churn_start(unsigned int nr_works)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct churn *c;
	struct churn_bpf *skel;

	libbpf_set_print(quiet);
	skel = churn_bpf__open_and_load();
	if (!skel)
		return NULL;
	skel->bss->nr = nr_works;
	if (!bpf_prog_test_run_opts(bpf_program__fd(skel->progs.begin), &opts) && !opts.retval &&
	    (c = malloc(sizeof(*c)))) {
		c->skel = skel;
		return c;
	}
	churn_bpf__destroy(skel);
	errno = EOPNOTSUPP;
	return NULL;
}

uint64_t churn_runs(struct churn *c)
{
	struct {
		uint64_t runs, work[2];
	} item;
	uint64_t sum = 0;

	for (int i = 0; i < (int)c->skel->bss->nr; i++)
		if (!bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.items), &i, &item))
			sum += item.runs;
	return sum;
}

void churn_stop(struct churn *c)
{
	c->skel->bss->stop = 1;
	churn_bpf__destroy(c->skel);
	free(c);
}
