/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stderr.h - what a test says on the standard error */
#ifndef WQKIT_TEST_STDERR_H
#define WQKIT_TEST_STDERR_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../unit/test.h"

/* From now on into a file without a name. */
static inline void stderr_catch(void)
{
	FILE *file = tmpfile();

	CHECK(file != NULL);
	CHECK(dup2(fileno(file), STDERR_FILENO) == STDERR_FILENO);
	fclose(file);
}

/* All that was said since; good until the next call. */
static inline const char *stderr_caught(void)
{
	static char text[65536];
	ssize_t n = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);

	CHECK(n >= 0);
	text[n] = '\0';
	return text;
}

/* How often @what is in it. */
static inline int stderr_times(const char *what)
{
	const char *at = stderr_caught();
	int times = 0;

	while ((at = strstr(at, what))) {
		at += strlen(what);
		times++;
	}
	return times;
}

#endif
