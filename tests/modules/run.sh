# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - sourced: run a module until it has printed something. Nothing waits by time: the line is
# read from a pipe as soon as it is written.

# until_line TEXT MODULE [NAME=VALUE]...: wqinsmod runs it; SIGINT when a line with TEXT has come.
# Its output is then in $TMP/out and $TMP/err, its exit status in $rc.
until_line() {
	text=$1
	shift
	rm -f "$TMP/pipe"
	mkfifo "$TMP/pipe"
	: >"$TMP/out"
	# not by way of timeout, which ends alone if a signal comes before it knows its child
	timeout --foreground -k 100 300 sh -c 'echo $$ >"$0"; exec wqinsmod "$@"' "$TMP/pid" "$@" \
		>"$TMP/pipe" 2>"$TMP/err" &
	waiter=$!
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$TMP/out"
		case $line in
		*"$text"*) kill -INT "$(cat "$TMP/pid")" ;;
		esac
	done <"$TMP/pipe"
	wait $waiter
	rc=$?
}

# build NAME: $TMP/NAME.c becomes the module $TMP/NAME.so
build() {
	${CC:-cc} -shared -fPIC -I"$top/lib/kernel" -I"$top/lib/include" -o "$TMP/$1.so" "$TMP/$1.c"
}

# Which CPU it was does not matter.
no_cpu() { sed 's/CPU:* [0-9]*/CPU N/' "$@"; }
