# SPDX-License-Identifier: GPL-2.0-or-later
# screens.sh - sourced by the tests of screens: screen, done_screens.
# A test NAME.sh has its screens beside it in NAME.out; sh NAME.sh --update writes them anew.
[ "$1" = --update ] && update=1
. "$(dirname "$0")/../cli/lib.sh"
expected=$top/tests/tui/$(basename "$0" .sh).out
export TZ=UTC0 LC_ALL=C.UTF-8
cd "$data" || exit 1
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'

# screen NAME [OPTION...]: what wqtop prints headless must be what NAME.out has under NAME
screen() {
	title="### $1"
	shift
	{
		echo "$title"
		wqtop "$@" --print 2>&1
		echo "exit status $?"
	} >"$TMP/screen"
	cat "$TMP/screen" >>"$TMP/screens"
	[ "$update" ] && return
	awk -v title="$title" '/^### /{ on = $0 == title } on' "$expected" >"$TMP/wanted"
	ok "${title#\#\#\# }" diff -u "$TMP/wanted" "$TMP/screen"
}

done_screens() {
	if [ "$update" ]; then
		cp "$TMP/screens" "$expected"
		exit
	fi
	# a screen that no test shows any more
	ok 'nothing else is expected' diff -u "$expected" "$TMP/screens"
	done_testing
}
