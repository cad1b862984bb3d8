/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary.h - what a picture's rows tell about its workqueues */
#ifndef WQKIT_SUMMARY_H
#define WQKIT_SUMMARY_H

#include "snapshot.h"

/*
 * Fills what the source left unknown and the other rows tell: sums over a
 * workqueue's pool_workqueues, the workers that serve it, its oldest work.
 * A sum is known only if each of its parts is.
 */
void summarize(struct snapshot *s);

/* Each workqueue's oldest work in flight; again once more ages are known. */
void summarize_oldest(struct snapshot *s);

#endif
