# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - sourced by shell tests: ok, is, skip_all, done_testing; TAP on standard output.
# Each test has a scratch folder $TMP of its own, removed at the end.
: "${top:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${O:=$top/build}"
PATH=$O/bin:$PATH
data=$top/tests/data
TMP=$(mktemp -d) || exit 1
trap 'rm -rf "$TMP"' EXIT
nr=0
nr_failed=0

# ok NAME COMMAND...: the command must succeed
ok() {
	nr=$((nr + 1))
	name=$1
	shift
	if "$@" >"$TMP/ok.log" 2>&1; then
		echo "ok $nr - $name"
	else
		nr_failed=$((nr_failed + 1))
		echo "not ok $nr - $name"
		echo "# failed: $*"
		sed 's/^/#   /' "$TMP/ok.log" | head -20
	fi
}

# is NAME GOT EXPECTED: two texts must be equal
is() {
	printf '%s\n' "$2" >"$TMP/got"
	printf '%s\n' "$3" >"$TMP/expected"
	ok "$1" diff -u "$TMP/expected" "$TMP/got"
}

# status COMMAND...: its exit status, output in $TMP/out and $TMP/err
status() {
	"$@" >"$TMP/out" 2>"$TMP/err"
	echo $?
}

# has FILE TEXT: the file holds the text
has() { grep -qF -- "$2" "$1"; }

skip() {
	nr=$((nr + 1))
	echo "ok $nr - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing() {
	echo "1..$nr"
	[ $nr_failed = 0 ]
	exit
}
