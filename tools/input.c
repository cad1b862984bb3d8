/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n;
}

int input_open(struct input *in, const char *path, struct error *err)
{
	bool is_stdin = !strcmp(path, "-");
	ssize_t n = 0;

	memset(in, 0, sizeof(*in));
	in->name = is_stdin ? "standard input" : path;
	in->fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0)
		return error_set(err, "cannot open %s: %s", in->name, strerror(errno));
	while (in->head_len < sizeof(in->head)) {
		n = read_some(in->fd, in->head + in->head_len, sizeof(in->head) - in->head_len);
		if (n <= 0)
			break;
		in->head_len += (size_t)n;
	}
	if (n < 0) {
		error_set(err, "cannot read %s: %s", in->name, strerror(errno));
		close(in->fd);
		return -1;
	}
	return 0;
}

ssize_t input_read(struct input *in, void *buf, size_t size)
{
	size_t left = in->head_len - in->head_pos;

	if (!left)
		return in->unpack ? unpack_read(in->unpack, buf, size)
				  : read_some(in->fd, buf, size);
	if (left > size)
		left = size;
	memcpy(buf, in->head + in->head_pos, left);
	in->head_pos += left;
	return (ssize_t)left;
}

int input_read_all(struct input *in, size_t max, char **text, size_t *len, struct error *err)
{
	size_t room = 0;
	ssize_t n;

	*text = NULL;
	*len = 0;
	do {
		*text = xgrow(*text, *len + 65536, &room, 1);
		n = input_read(in, *text + *len, room - *len - 1);
		if (n > 0)
			*len += (size_t)n;
	} while (n > 0 && *len <= max);
	(*text)[*len] = '\0';
	if (!n)
		return 0;
	free(*text);
	*text = NULL;
	if (n > 0)
		return error_set(err, "%s is larger than %zu MB", in->name, max >> 20);
	return error_set(err, "cannot read %s: %s", in->name, input_error(in));
}

const char *input_error(const struct input *in)
{
	const char *why = in->unpack ? unpack_error(in->unpack) : NULL;

	return why ? why : strerror(errno);
}

void input_close(struct input *in)
{
	if (in->unpack) {
		unpack_close(in->unpack);	/* with the descriptor */
		return;
	}
	close(in->fd);
}
