/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "grid.h"
#include "../tools/util.h"

const struct key keys[] = {
#define KEY(action, names, help) { ACTION_##action, names, help },
#include "keys.def"
#undef KEY
	{ ACTION_NONE, NULL, NULL },
};

static const struct {
	uint32_t code;
	const char *name;
} named[] = {
	{ ' ', "Space" },
	{ CODE_TAB, "Tab" },
	{ CODE_ENTER, "Enter" },
	{ CODE_ESC, "Esc" },
	{ CODE_BACKSPACE, "Backspace" },
	{ CODE_SHIFT_TAB, "Shift-Tab" },
	{ CODE_DOWN, "Down" },
	{ CODE_UP, "Up" },
	{ CODE_LEFT, "Left" },
	{ CODE_RIGHT, "Right" },
	{ CODE_PAGE_DOWN, "PgDn" },
	{ CODE_PAGE_UP, "PgUp" },
	{ CODE_HOME, "Home" },
	{ CODE_END, "End" },
	{ CODE_F1, "F1" },
	{ CODE_F10, "F10" },
};

/* The code of the name at @name, of @n bytes, or CODE_NONE. */
static uint32_t named_code(const char *name, size_t n)
{
	if (n == 1)
		return (unsigned char)*name;
	if (n == 6 && !strncmp(name, "Ctrl-", 5) && name[5] >= 'A' && name[5] <= 'Z')
		return (uint32_t)(name[5] - 'A' + 1);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (strlen(named[i].name) == n && !strncmp(named[i].name, name, n))
			return named[i].code;
	return CODE_NONE;
}

enum action key_action(uint32_t code)
{
	for (const struct key *k = keys; k->names; k++) {
		for (const char *name = k->names; *name; ) {
			size_t n = strcspn(name, " ");

			if (code != CODE_NONE && named_code(name, n) == code)
				return k->action;
			name += n + (name[n] == ' ');
		}
	}
	return ACTION_NONE;
}

uint32_t key_next(const char **text)
{
	const char *end = **text == '{' ? strchr(*text, '}') : NULL;
	uint32_t code;

	if (**text == '{') {
		code = end ? named_code(*text + 1, (size_t)(end - *text) - 1) : CODE_NONE;
		if (code != CODE_NONE)
			*text = end + 1;
		return code;
	}
	return utf8_next(text);
}
