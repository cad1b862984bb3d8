/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumps.h - the table of contents of a file: a row for each picture in it */
#ifndef WQKIT_DUMPS_H
#define WQKIT_DUMPS_H

#include "snapshot.h"

/* Adds a row about @s, which is picture @number, to @list. */
struct dump *dumps_add(struct snapshot *list, const struct snapshot *s, uint64_t number);

#endif
