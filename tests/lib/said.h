/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * said.h - what the library says on stderr, line by line
 *
 * Reading waits for the next line: a test waits for a message, not for a time.
 */
#ifndef WQKIT_SAID_H
#define WQKIT_SAID_H

#include <regex.h>

#include "probe.h"

static FILE *said;
static char said_line[1024];

/* From here on stderr is for said_next(). */
static inline void said_begin(void)
{
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK(dup2(fds[1], STDERR_FILENO) >= 0);
	close(fds[1]);
	said = fdopen(fds[0], "r");
	CHECK(said != NULL);
}

static inline bool said_matches(const char *pattern)
{
	regex_t re;
	bool yes;

	CHECK_INT(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	yes = !regexec(&re, said_line, 0, NULL, 0);
	regfree(&re);
	return yes;
}

/* The next line. Returns false when nobody can say anything any more. */
static inline bool said_next(void)
{
	if (!fgets(said_line, sizeof(said_line), said))
		return false;
	said_line[strcspn(said_line, "\n")] = '\0';
	return true;
}

/* Wait until it says something like this. */
static inline void said_wait(const char *pattern)
{
	while (said_next())
		if (said_matches(pattern))
			return;
	ck_abort_msg("not said: %s", pattern);
}

#endif
