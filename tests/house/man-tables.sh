#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man-tables.sh [--update] PAGE...: what stands in a manual between the lines
#	.\" begin TABLE
#	.\" end TABLE
# must be what the table of the sources gives: keys, views, commands, or with a
# KIND of tools/fields.def fields:KIND (fields:WORKQUEUE) and json:KIND, the same
# as keys of JSON. --update writes it there. And between
#	.\" names SOURCE FUNCTION...
#	.\" end names
# the names (.It Cm name) must be the keys that those functions put into JSON;
# what is said of them is the page's own.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
update=
if [ "$1" = --update ]; then
	update=1
	shift
fi

# quoted FILE MACRO: the strings of each MACRO(...), a line each, with tabs between them
quoted() {
	tr '\n\t' '  ' <"$1" | grep -oE "\\b$2\\([A-Z_0-9]+,[^\"]*(\"[^\"]*\"[^\")]*)+\\)" |
		awk -F'"' '{ line = $2; for (i = 4; i < NF; i += 2) line = line "\t" $i; print line }'
}

# commands: name and summary of each of wqdump's, from the table in its main.c
commands() {
	awk '/^const struct command commands/ { on = 1 } /^};/ { on = 0 } on' wqdump/main.c |
		tr '\n\t' '  ' | grep -oE '\{ (\.name = )?"[^"]*", *(\.summary = )?"[^"]*"' |
		awk -F'"' '{ print $2 "\t" $4 }'
}

# json KIND: key, type and help of each column that is in JSON too
json() {
	grep "^$1(" tools/fields.def | awk -F'"' '
	function type(unit) {
		if (unit ~ /^(STR|ADDR|CONSISTENCY|.*_STATE|WAITS_IN|EVENT_TYPE)$/) return "string"
		if (unit ~ /^STACK$|_FLAGS$/) return "array of strings"
		return unit == "BOOL" ? "boolean" : "number"
	}
	{ n = split($5, part, / *, */) }
	part[n - 1] == "ALL" { print $2 "\t" type(part[3]) "\t" $6 }'
}

# Each item is a head of mdoc words and its text; one character may mean something to mdoc.
items() {
	awk -F'\t' -v kind="$1" '
	function word(w) { return length(w) == 1 ? "\\&" w : w }
	function sentence(t) { return toupper(substr(t, 1, 1)) substr(t, 2) "." }
	{ gsub(/\\/, "\\e") }
	kind == "keys" {
		n = split($1, names, " ")
		head = word(names[1])
		for (i = 2; i <= n; i++) head = head " , " word(names[i])
		print ".It Ic " head "\n" sentence($2)
	}
	kind == "views" { print ".It Ic " NR " , Cm " $1 "\n" sentence($NF) }
	kind == "commands" { print ".It Cm " $1 "\n" sentence($2) }
	kind == "fields" || kind == "json" { print ".It Cm " $1 " Pq " $2 "\n" sentence($NF) }'
}

generate() {
	case $1 in
	keys) quoted wqtop/keys.def KEY | items keys ;;
	views) quoted wqtop/views.def VIEW | items views ;;
	commands) commands | items commands ;;
	json:*) json "${1#json:}" | items json ;;
	fields:*) quoted tools/fields.def "${1#fields:}" | items fields ;;
	*) return 1 ;;
	esac
}

# keys_in SOURCE FUNCTION...: the keys that they add to an object
keys_in() {
	source=$1
	shift
	for function; do
		awk -v name="[ *]$function[(]" '$0 ~ name && /^[a-z]/ { on = 1 } /^}/ { on = 0 } on' "$source"
	done | grep -oE '(add|add_int|json_object_object_add)\([a-z]+, "[a-z_]+"' | sed 's/.*"\(.*\)"/\1/' | sort
}

# check_names PAGE: after each line "names", as far as the next "end names"
check_names() {
	grep -n '^\.\\" names ' "$1" | while IFS=: read -r line text; do
		# shellcheck disable=SC2086 # a source and its functions
		keys_in ${text#* names } >"$tmp/keys"
		sed -n "$line,/^\.\\\\\" end names/s/^\.It Cm \([a-z_]*\).*/\1/p" "$1" | sort >"$tmp/names"
		[ -s "$tmp/keys" ] && diff -u "$tmp/names" "$tmp/keys" >&2 ||
			echo "man-tables: $1:$line: not the keys of ${text#* names }" >&2
	done 2>&1 | grep . >&2
}

status=0
for page; do
	check_names "$page" && status=1
	for table in $(sed -n 's/^\.\\" begin //p' "$page"); do
		generate "$table" >"$tmp/table" && [ -s "$tmp/table" ] || {
			echo "man-tables: $page: there is no table $table" >&2
			status=1
			continue
		}
		awk -v begin=".\\\\\" begin $table" -v end=".\\\\\" end $table" -v table="$tmp/table" '
			$0 == end { inside = 0 }
			!inside
			$0 == begin { inside = 1; while ((getline line <table) > 0) print line }
			' "$page" >"$tmp/page"
		if [ "$update" ]; then
			cp "$tmp/page" "$page"
		elif ! diff -u "$page" "$tmp/page" >&2; then
			echo "man-tables: $page: $table differs: tests/house/man-tables.sh --update $page" >&2
			status=1
		fi
	done
done
exit $status
