# SPDX-License-Identifier: GPL-2.0-or-later
# Modules as drivers' authors write them run, print what they shall, and can be stopped.
. "$(dirname "$0")/lib.sh"
. "$top/tests/modules/run.sh"

for c in "$top"/tests/modules/*.c; do
	name=$(basename "$c" .c)
	case $name in
	hello) done='hello: later' ;;
	*) done="$name: done" ;;
	esac
	until_line "$done" "$O/tests/modules/$name.so"
	is "$name: exit status" $rc 0
	is "$name: messages" "$(cat "$TMP/err")" ''
	is "$name: output" "$(no_cpu "$TMP/out")" "$(cat "${c%.c}.out")"
done
done_testing
