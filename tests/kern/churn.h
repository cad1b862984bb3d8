/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * churn.h - works that queue themselves again, as fast as a kworker can: a load
 * for tests and benchmarks. Needs bpf_wq (6.10) and CAP_SYS_ADMIN.
 */
#ifndef WQKIT_CHURN_H
#define WQKIT_CHURN_H

#include <stdint.h>

struct churn;

/* NULL, with errno, where the kernel has no bpf_wq. */
struct churn *churn_start(unsigned int nr_works);
/* Executions so far. */
uint64_t churn_runs(struct churn *c);
void churn_stop(struct churn *c);

#endif
