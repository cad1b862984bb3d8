/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - a file or standard input whose first bytes can be looked at */
#ifndef WQKIT_INPUT_H
#define WQKIT_INPUT_H

#include <sys/types.h>

#include "util.h"

struct unpack;

struct input {
	int fd;
	const char *name;	/* for messages: the path, or "standard input" */
	char head[4096];	/* the first bytes, still to be read */
	size_t head_len, head_pos;
	struct unpack *unpack;	/* what it is packed with, or NULL */
};

/* Opens @path ("-": standard input) and fills the head. -1 with @err. */
int input_open(struct input *in, const char *path, struct error *err);

/* As read(2), the head first; never a short count of 0 before the end. */
ssize_t input_read(struct input *in, void *buf, size_t size);

/* All of it in a fresh buffer, with a NUL behind it. -1 with @err. */
int input_read_all(struct input *in, size_t max, char **text, size_t *len, struct error *err);

/*
 * If the head says that it is packed by gzip, xz or zstd, what is read from
 * here on, the head included, is what was packed. -1 with @err. Done by
 * source_unpack.c, which may know the libraries.
 */
int input_unpack(struct input *in, struct error *err);
ssize_t unpack_read(struct unpack *u, void *buf, size_t size);
const char *unpack_error(const struct unpack *u);	/* NULL: errno says it */
void unpack_close(struct unpack *u);

/* Why input_read() has failed. */
const char *input_error(const struct input *in);

void input_close(struct input *in);

#endif
