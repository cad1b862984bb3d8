/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list.h - along a list of the kernel that may change under us
 *
 * Each step checks that next and prev agree. What was read since the list's
 * head is to be dropped, or known to be good, when a step says TORN.
 */
#ifndef WQKIT_LIST_H
#define WQKIT_LIST_H

#include "read.h"
#include "kernel.h"
#include "walk.h"

#define MAX_ELEMENTS (1u << 24)	/* longer than any list: we are astray */

/* Both neighbours of a node know it. */
static __always_inline int agrees(u64 node)
{
	u64 next = LOADP(list_head, node, next), prev = LOADP(list_head, node, prev);

	return next != node && LOADP(list_head, next, prev) == node &&
	       LOADP(list_head, prev, next) == node;
}

enum { AT_END, AT_NEXT, TORN };

/* One step along a list that is not protected: the next node, checked. */
static __always_inline int advance(struct walk_cursor *cur)
{
	u64 pos = cur->pos, next = LOADP(list_head, pos, next);

	if (!next || LOADP(list_head, next, prev) != pos)
		return TORN;
	if (next == cur->head)
		return AT_END;
	if (next == pos || cur->nr >= MAX_ELEMENTS)
		return TORN;
	cur->pos = next;
	cur->nr++;
	return AT_NEXT;
}

static __always_inline int list_is_empty(u64 head)
{
	return LOADP(list_head, head, next) == head;
}

#endif
