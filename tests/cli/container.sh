# SPDX-License-Identifier: GPL-2.0-or-later
# As nobody in an environment like a container's (no capability, the usual seccomp profile) all
# that is about one's own programs works, and what does not says why.
. "$(dirname "$0")/lib.sh"
container=$TMP/container
[ -x "$O/tests/cli/container" ] || skip_all 'the program container is not built: make check builds it'
cp "$O/tests/cli/container" "$container"
mkdir -p "$TMP/b/bin" "$TMP/b/lib" "$TMP/house" "$TMP/own"
cp "$O/bin/wqdump" "$O/bin/wqtop" "$O/bin/wqdemo" "$TMP/b/bin"
cp -P "$O"/lib/libwq.so* "$TMP/b/lib"
cp "$top/tests/house/demo.sh" "$TMP/house"
chmod 755 "$TMP" "$TMP/b" "$TMP/b/bin" "$TMP/b/lib" "$TMP/house"
chmod 777 "$TMP/own"
PATH=$TMP/b/bin:$PATH
status "$container" true >"$TMP/rc"
[ "$(cat "$TMP/rc")" = 0 ] || skip_all "$(cat "$TMP/err")"

"$container" wqdemo >"$TMP/own/said" 2>"$TMP/own/demo.err" &
demo=$!
trap 'kill $demo 2>/dev/null; wait $demo 2>/dev/null; rm -rf "$TMP"' EXIT
until has "$TMP/own/said" 'running as PID' || ! kill -0 $demo; do :; done

inside() { "$container" "$@"; }
is 'wqdump list names it, and that it can be read' \
	"$(inside wqdump list -j | jq -c ".sources[] | select(.pid == $demo) | [.name, .readable]")" '["wqdemo",true]'
is 'the kernel cannot be read, and says so' \
	"$(inside wqdump list -j | jq -c '.sources[] | select(.kind == "kernel") | [.readable, (.why_not | length > 0)]')" \
	'[false,true]'
is 'wqdump -p by number' "$(status inside wqdump -p $demo show -j)" 0
is 'has its workqueues' "$(jq '[.workqueues[] | select(.name == "writeback" or .name == "journal")] | length' "$TMP/out")" 2
is 'and nothing is missing' "$(inside wqdump -p $demo | grep -c 'counted, not listed')" 0
# Its flusher waits for a work most of the time: one of them is soon seen.
ok 'the works that wait are listed' sh -c "until $container wqdump -p $demo works -j --all |
	jq -e '[.works[] | select(.state != \"running\")] | length > 0'; do kill -0 $demo || exit 1; done"
is 'wqtop' "$(status inside wqtop -p $demo --print)" 0
ok 'shows it' has "$TMP/out" "wqdemo (PID $demo)"
is 'wqdump save' "$(status inside wqdump -p $demo save "$TMP/own/saved")" 0
is 'and -f' "$(status inside wqdump -f "$TMP/own/saved" workqueues)" 0
ok 'show it' has "$TMP/out" 'writeback'

# Where memory cannot be read, what waits is counted. (Leak checks read it by the same means.)
export ASAN_OPTIONS=detect_leaks=0
is 'without process_vm_readv' "$(status "$container" -m wqdump -p $demo)" 0
ok 'it says what is missing, why, and who may' grep -q 'counted, not listed: this user may not read .* root may' "$TMP/out"
is 'also as JSON' "$(status "$container" -m wqdump -p $demo show -j)" 0
is 'nothing that waits is listed' "$(jq '[.works[] | select(.state != "running")] | length' "$TMP/out")" 0
is 'but counted' "$(jq '[.workqueues[] | select(.pending == null)] | length' "$TMP/out")" 0

is 'make demo' "$(status inside sh "$TMP/house/demo.sh" true "$TMP/b" </dev/null)" 0
ok 'says that it is not the kernel' has "$TMP/err" "these are not the kernel's workqueues"
ok 'and shows wqdemo' grep -q '^wqdemo (PID [0-9]*, libwq' "$TMP/out"
kill -INT $demo
wait $demo
is 'wqdemo ends well' $? 0
is 'and had nothing to say' "$(cat "$TMP/own/demo.err")" ''
done_testing
