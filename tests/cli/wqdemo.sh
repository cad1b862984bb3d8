# SPDX-License-Identifier: GPL-2.0-or-later
# wqdemo: options, the end by signals and by time, the kernel's words, and its threads' names.
. "$(dirname "$0")/lib.sh"

for option in --help -h; do
	is "$option succeeds" "$(status wqdemo $option)" 0
	ok "$option is on standard output" has "$TMP/out" 'usage: wqdemo'
done
is '--version succeeds' "$(status wqdemo --version)" 0
for args in --nonsense -x -t '-t x' '-t 0' '-t 1x' '-t nan' '-t -1' extra; do
	# shellcheck disable=SC2086 # words
	is "$args is a usage error" "$(status wqdemo $args)" 2
	ok "$args: usage is on standard error" has "$TMP/err" 'usage: wqdemo'
	is "$args: nothing is on standard output" "$(cat "$TMP/out")" ''
done
is 'it ends after -t' "$(status wqdemo -t 0.2)" 0
is 'and has no complaints' "$(cat "$TMP/err")" ''

# demo_with COMMAND...: wqdemo runs, COMMAND once it says so, which must end it; status in $rc
demo_with() {
	rm -f "$TMP/pipe"
	mkfifo "$TMP/pipe"
	: >"$TMP/out"
	timeout -k 10 100 "$O/bin/wqdemo" >"$TMP/pipe" 2>"$TMP/err" &
	waiter=$!
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$TMP/out"
		pid=$(expr "$line" : 'wqdemo: running as PID \([0-9]*\)')
		[ -n "$pid" ] && "$@"
	done <"$TMP/pipe"
	wait $waiter
	rc=$?
}
demo_with eval 'kill -INT $pid'
is 'SIGINT ends it' $rc 0
is 'without complaints' "$(cat "$TMP/err")" ''
demo_with eval 'kill -TERM $pid'
is 'SIGTERM ends it' $rc 0

# Again until it was looked at in the right moment: what it does comes and goes.
show() {
	cat /proc/"$pid"/task/*/comm >"$TMP/comms"
	until has "$TMP/err" 'workqueue writeback: flags=0xa' && has "$TMP/err" ':flush_disk'; do
		kill -USR1 "$pid" || return
	done
	kill "$pid"
}
demo_with show
is 'SIGUSR1 does not end it' $rc 0
is 'it shows what is busy' "$(head -1 "$TMP/err")" 'Showing busy workqueues and worker pools:'
ok 'with functions' grep -q 'in-flight: .*:flush_disk for' "$TMP/err"

cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
for comm in "kworker/$cpu:0" "kworker/$cpu:0H" 'kworker/u[0-9]*:0' kworker/R-write kworker/R-journ
do
	ok "it has a thread $comm" grep -qx "$comm" "$TMP/comms"
done
done_testing
