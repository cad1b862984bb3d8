/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_affinity.h - the affinity picture, for people and for programs */
#ifndef WQKIT_OUT_AFFINITY_H
#define WQKIT_OUT_AFFINITY_H

#include "affinity.h"
#include "rows.h"

/* @v: which workqueues in which order (ROW_WORKQUEUE); its columns are not used. */
void out_affinity(FILE *out, const struct view *v, const struct filters *f,
		  const struct affinity *a, bool heading);
void out_json_affinity(FILE *out, const struct view *v, const struct filters *f,
		       const struct affinity *a);

#endif
