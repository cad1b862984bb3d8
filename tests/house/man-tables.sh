#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man-tables.sh [--update] PAGE...: what stands in a manual between the lines
#	.\" begin TABLE
#	.\" end TABLE
# must be what the table of the sources gives: keys, views, or fields:KIND with
# a KIND of tools/fields.def (fields:WORKQUEUE). --update writes it there.
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
	kind == "fields" { print ".It Cm " $1 " Pq " $2 "\n" sentence($NF) }'
}

generate() {
	case $1 in
	keys) quoted wqtop/keys.def KEY | items keys ;;
	views) quoted wqtop/views.def VIEW | items views ;;
	fields:*) quoted tools/fields.def "${1#fields:}" | items fields ;;
	*) return 1 ;;
	esac
}

status=0
for page; do
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
