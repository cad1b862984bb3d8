# SPDX-License-Identifier: GPL-2.0-or-later
# Core files that the kernel writes: the same tables, with names of functions while the files are
# those that ran. A test must not change what the kernel does with them: it looks whether it can.
. "$(dirname "$0")/lib.sh"
grep -q HAVE_ELF "$O/config.mk" || skip_all 'no libelf'
[ -x "$O/tests/cli/gates" ] || skip_all 'the program gates is not built: make check builds it'
# A sanitizer's shadow is terabytes of address space.
if nm "$O/tests/cli/gates" | grep -qE ' __(asan|tsan)_init'; then
	skip_all 'a core file of a sanitized program is too large'
fi
pattern=$(cat /proc/sys/kernel/core_pattern)
case $pattern in
'' | *[/\|%]*) skip_all "core files do not go to where the program is (core_pattern is \"$pattern\")" ;;
esac
(ulimit -c unlimited) 2>/dev/null || skip_all 'core files are limited (ulimit -c)'

trap 'exec 3>&- 4<&-; rm -rf "$TMP"' EXIT
mkfifo "$TMP/in" "$TMP/answers"
mkdir "$TMP/dir"
cp "$O/tests/cli/gates" "$TMP/dir/program"

# start ENV...: the program, in a folder of its own
start() {
	(
		cd "$TMP/dir" || exit
		ulimit -c unlimited
		exec env LD_LIBRARY_PATH="$(realpath "$O")/lib" "$@" ./program
	) <"$TMP/in" >"$TMP/answers" 2>"$TMP/err" &
	child=$!
	exec 3>"$TMP/in" 4<"$TMP/answers"
	read -r pid <&4
}

say() {
	echo "$1" >&3
	read -r answer <&4
}

# Ends it; its core file is $TMP/core. Its input stays open: at the end of that it would end by
# itself, maybe sooner.
dump() {
	rm -f "$TMP/core"
	kill -ABRT "$pid"
	wait "$child" 2>/dev/null
	exec 3>&- 4<&-
	mv "$TMP/dir/$pattern"* "$TMP/core"
}

works() { wqdump "$@" show -j | jq -r '.works[] | [.state, .workqueue, .function] | join(" ")' | sort; }
timeless='del(.. | .age_ns?, .hung_ns?, .due_in_ns?, .age_min_ns?, .nr_running?) |
	[.source.pid, .source.program, .workqueues, .pwqs, .pools, .workers, .works]'
waiting='inactive gate_bound wait_at_gate
pending gate_other wait_without_name
running gate_bound wait_at_gate'

start WQ_DEBUG=one-worker
say 'run a 0'
say 'queue a 1'
say 'queue b 7'
is 'what the library has no name for is named by the file' "$(works -p "$pid")" "$waiting"
wqdump -p "$pid" show -j | jq -S "$timeless" >"$TMP/live"
dump
wqdump -f "$TMP/core" show -j | jq -S "$timeless" >"$TMP/dead"
ok 'a core file is shown as the program was' diff "$TMP/live" "$TMP/dead"
is 'with those names' "$(works -f "$TMP/core")" "$waiting"

for bytes in 1000 100000 1000000; do
	head -c $bytes "$TMP/core" >"$TMP/cut"
	ok "one that ends after $bytes bytes does no harm" \
		sh -c 'wqdump -f "$0" 2>"$1" || [ $? = 1 ]' "$TMP/cut" "$TMP/err"
done

mv "$TMP/dir/program" "$TMP/dir/other"
is 'where the file has gone, its name has to do' \
	"$(works -f "$TMP/core" | sed -n 's/0x[0-9a-f]*/OFFSET/; s/^pending //p')" 'gate_other program+OFFSET'
cp "$O/bin/wqdemo" "$TMP/dir/program"
is 'one that was built anew is another one' \
	"$(works -f "$TMP/core" | sed -n 's/0x[0-9a-f]*/OFFSET/; s/^pending //p')" 'gate_other program+OFFSET'
rm "$TMP/dir/program"
mkfifo "$TMP/dir/program"
is 'what is no file is not opened' \
	"$(works -f "$TMP/core" | sed -n 's/0x[0-9a-f]*/OFFSET/; s/^pending //p')" 'gate_other program+OFFSET'
rm "$TMP/dir/program"
mv "$TMP/dir/other" "$TMP/dir/program"

start WQ_DEBUG=one-worker
say 'run a 0'
say leave
dump
is 'one whose main thread had ended' "$(works -f "$TMP/core")" 'running gate_bound wait_at_gate'

start WQ_PARAMS=publish=0
say 'run a 0'
dump
is 'one that had not shown its workqueues' "$(works -f "$TMP/core")" 'running gate_bound wait_at_gate'

start
echo 0x31 >"/proc/$pid/coredump_filter"
say 'run a 0'
dump
is 'one without shared memory fails' "$(status wqdump -f "$TMP/core")" 1
ok 'and is told why' has "$TMP/err" 'bit 1 of /proc/PID/coredump_filter'
done_testing
