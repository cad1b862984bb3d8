/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.h - what a key is called and what it does */
#ifndef WQKIT_KEYS_H
#define WQKIT_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* A key is the character that it makes, or one of these beyond Unicode. */
enum {
	CODE_NONE,
	CODE_TAB = '\t',
	CODE_ENTER = '\r',
	CODE_ESC = 27,
	CODE_BACKSPACE = 127,
	CODE_SPECIAL = 0x110000,
	CODE_SHIFT_TAB = CODE_SPECIAL,
	CODE_DOWN,
	CODE_UP,
	CODE_LEFT,
	CODE_RIGHT,
	CODE_PAGE_DOWN,
	CODE_PAGE_UP,
	CODE_HOME,
	CODE_END,
	CODE_F1,
	CODE_F10,
	CODE_RESIZE,	/* no keys: the terminal has another size, */
	CODE_GONE,	/* or is gone, or a signal asks us to end */
};

enum action {
	ACTION_NONE,
#define KEY(action, names, help) ACTION_##action,
#include "keys.def"
#undef KEY
	NR_ACTIONS
};

struct key {
	enum action action;
	const char *names, *help;
};

extern const struct key keys[];		/* ends with ACTION_NONE */

enum action key_action(uint32_t code);

/*
 * The next key of the text of --keys, "jj{PgDn}/ev*{Enter}": characters, and
 * names in braces. Moves *@text on; CODE_NONE at the end or at a wrong name,
 * which *@text then points to.
 */
uint32_t key_next(const char **text);

#endif
