#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lint.sh: what a reviewer should not have to look for.
cd "$(dirname "$0")/../.." || exit 1
status=0
fail() {
	echo "lint: $1" >&2
	status=1
}
found() { [ -n "$1" ] && printf '%s\n' "$1" >&2; }

tests/house/layers.sh || status=1

for f in $(git ls-files '*.c' '*.h' '*.def' '*.sh' 'Makefile' 'man/*'); do
	head -3 "$f" | grep -q SPDX-License-Identifier || fail "$f has no SPDX line"
done

if found "$(git grep -nE '\b(u|nano)?sleep *\(' -- 'tests/*.c' ':!tests/bench' ':!tests/kern/lab' ':!tests/kern/scene')"; then
	fail "a sleep in a test: use a gate, or the injected clock"
fi
if found "$(git grep -nE '^ {8}' -- '*.c' '*.h' | head -5)"; then
	fail "indent with tabs"
fi
if found "$(git grep -nE '[[:space:]]+$' -- '*.c' '*.h' '*.sh' '*.def' Makefile | head -5)"; then
	fail "white space at the end of a line"
fi
if found "$(git grep -nE '^.{101,}' -- '*.c' '*.h' | head -5)"; then
	fail "a line of more than 100 columns"
fi
if found "$(git grep -nE '(^|[^:"])//' -- '*.c' '*.h' | head -5)"; then
	fail "a // comment"
fi
if found "$(git grep -n '<curses.h>' -- '*.c' '*.h' ':!wqtop/term.c')"; then
	fail "only wqtop/term.c may include curses"
fi
if found "$(git grep -nE 'if \(.*json' -- 'tools/*.c' ':!tools/out_json.c' ':!tools/source*.c')"; then
	fail "if (json) outside out_json.c"
fi

# Sizes, by ctags: functions of at most 120 lines, files of at most 1200.
if command -v ctags >/dev/null 2>&1; then
	long=$(git ls-files '*.c' '*.h' | ctags -L - --languages=C --kinds-C=f --fields=+ne -f - 2>/dev/null |
		awk -F'\t' '{ a = b = 0
			for (i = 4; i <= NF; i++) {
				if ($i ~ /^line:/) a = substr($i, 6)
				if ($i ~ /^end:/) b = substr($i, 5)
			}
			if (b - a > 120) print $2 ": " $1 " has " b - a " lines" }')
	found "$long" && fail "a function is too long"
else
	echo "lint: no ctags, function sizes are not checked (make deps-dev)" >&2
fi
big=$(git ls-files '*.c' '*.h' | xargs wc -l | awk '$2 != "total" && $1 > 1200 { print $2 ": " $1 " lines" }')
found "$big" && fail "a file is too long"

for page in $(git ls-files 'man/*.[1357]'); do
	if command -v mandoc >/dev/null 2>&1; then
		mandoc -Tlint -Wwarning "$page" || fail "$page: mandoc"
	fi
	if command -v groff >/dev/null 2>&1; then
		found "$(groff -mdoc -ww -Tutf8 -z "$page" 2>&1)" && fail "$page: groff"
	fi
done
# shellcheck disable=SC2046 # a list of pages
tests/house/man-tables.sh $(git ls-files 'man/*.[1357]') || status=1
[ $status = 0 ] && echo "lint: clean"
exit $status
