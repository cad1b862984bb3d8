# SPDX-License-Identifier: GPL-2.0-or-later
# libwq needs no privilege: its tests pass as nobody, without a capability and with none to be had.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all 'they are run without privilege anyway'
command -v setpriv >/dev/null || skip_all 'there is no setpriv'
! ldd "$O/bin/wqdump" | grep -qE 'lib[at]san' || skip_all 'once is enough, without a sanitizer'
mkdir "$TMP/tests"
find "$O/tests/lib" -maxdepth 1 -type f -perm -u+x -exec cp {} "$TMP/tests" \;
chmod -R a+rX "$TMP"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all "$@"; }

for program in "$TMP"/tests/*; do
	[ -x "$program" ] || continue
	name=$(basename "$program")
	if ! (cd "$TMP/tests" && as_nobody "$program") >"$TMP/$name.tap" 2>"$TMP/$name.err"; then
		ok "$name" sh -c 'grep -v "^ok" "$1"; tail -5 "$2"; false' - "$TMP/$name.tap" "$TMP/$name.err"
	elif skipped=$(grep '^1\.\.0 # SKIP' "$TMP/$name.tap"); then
		skip "$name" "${skipped#1..0 # SKIP }"
	else
		ok "$name" grep -q '^ok 1' "$TMP/$name.tap"
	fi
done
done_testing
