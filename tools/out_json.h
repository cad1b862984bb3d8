/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_json.h - what the files that write JSON share */
#ifndef WQKIT_OUT_JSON_H
#define WQKIT_OUT_JSON_H

#include <stdio.h>

#include "snapshot.h"

struct json_object;

/* schema, source, time and the rest of the head; @kinds are those of left_out. */
void json_add_head(struct json_object *o, const struct snapshot *s, unsigned int kinds);
/* Prints the object and lets it go. */
void json_print(FILE *out, struct json_object *o, bool pretty);

struct json_object *json_string_or_null(const char *s);

#endif
