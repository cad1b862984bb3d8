/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delta.h - what two pictures, one after the other, tell together */
#ifndef WQKIT_DELTA_H
#define WQKIT_DELTA_H

#include "snapshot.h"

/*
 * Fills in @now what needs the picture before it (NULL: there is none): rates,
 * and for how long works, workers and waiters have been seen as they are. Rows
 * are matched by identity; a counter that ran backwards belongs to a new
 * object, which has no rate yet.
 *
 * The age that was seen is a lower bound, and must stay one: a work that
 * requeues itself looks the same in both pictures. Where the source counts
 * executions, a row keeps its age only if nothing began in between, by the
 * counters of its pool_workqueue or by the worker's run_mark. Where it does
 * not (kernels before 6.5), to be seen twice has to do.
 */
void delta(const struct snapshot *before, struct snapshot *now);

#endif
