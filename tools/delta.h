/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delta.h - what two pictures, one after the other, tell together */
#ifndef WQKIT_DELTA_H
#define WQKIT_DELTA_H

#include "snapshot.h"

/*
 * Fills in @now what needs the picture before it (NULL: there is none): rates,
 * and for how long running and waiting works have been seen unchanged. Rows
 * are matched by identity; a counter that ran backwards belongs to a new
 * object, which has no rate yet.
 */
void delta(const struct snapshot *before, struct snapshot *now);

#endif
