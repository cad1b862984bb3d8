# SPDX-License-Identifier: GPL-2.0-or-later
# The options of each program are the same in its table, in --help and in its manual,
# each with or without an argument; commands and arrays have a section of their own.
. "$(dirname "$0")/lib.sh"

# A line for each option: its letter or -, its name, and "arg" if it takes one.
of_table() {
	sed -n 's/^\t{ "\([a-z-]*\)", \([a-z]*\)_argument, NULL, \(.*\) },$/\3 \1 \2/p' "$top/$1/main.c" |
		sed "s/^OPT_[A-Z_]*/-/; s/^'\(.\)'/\1/; s/ no\$//; s/ required\$/ arg/" | sort
}
of_help() {
	"$1" --help | sed -n 's/^  \( \|-\)\(.\)\(,\| \) --\([a-z-]*\)\( [A-Z]\)\{0,1\}.*/\2 \4\5/p' |
		sed 's/^ /-/; s/ [A-Z]$/ arg/' | sort
}
of_manual() {
	sed -n -e 's/^\.It Fl -\([a-z-]*\)/- \1/p' -e 's/^\.It Fl \([A-Za-z]\) \(Ar [a-z]* \)\{0,1\}, \(Fl \)\{0,1\}-/\1 /p' \
		"$top/man/$1.1" | sed 's/ Ar .*/ arg/' | sort
}

for program in wqdump wqtop; do
	command -v $program >/dev/null || {
		skip "$program" 'it was not built here'
		continue
	}
	of_table $program >"$TMP/table"
	ok "$program has options" test -s "$TMP/table"
	is "$program --help tells them all" "$(of_help $program)" "$(cat "$TMP/table")"
	is "so does $program(1)" "$(of_manual $program)" "$(cat "$TMP/table")"
done

wqdump --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' >"$TMP/commands"
ok 'wqdump has commands' test -s "$TMP/commands"
is 'wqdump(1) has a section for each' \
	"$(sed -n '/^\.Ss Commands/,/^\.Ss Columns/s/^\.Ss \([a-z]*\)$/\1/p' "$top/man/wqdump.1")" \
	"$(cat "$TMP/commands")"
is 'each has a help of its own' \
	"$(while read -r command; do wqdump "$command" --help | sed -n '1s/.* wqdump \(\[SOURCE\] \)*\([a-z]*\) .*/\2/p'; done <"$TMP/commands")" \
	"$(cat "$TMP/commands")"
is 'wqdump-json(5) has each array' "$(wqdump -f "$data/scene.json" -j | head -1 |
	jq -r 'to_entries[] | select(.value | type == "array").key' | while read -r array; do
		grep -qx "\.Ss $array" "$top/man/wqdump-json.5" || echo "$array"
	done)" ''
done_testing
