# SPDX-License-Identifier: GPL-2.0-or-later
# wqdump latency counts every start and end, as an ftrace instance on the same clock does.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"

tracefs=/sys/kernel/tracing
[ -d $tracefs/instances ] || mount -t tracefs none $tracefs 2>/dev/null
trace=$tracefs/instances/wqkit-test
mkdir $trace 2>/dev/null || skip_all "no ftrace instance can be made in $tracefs"
trap 'for e in $trace/events/workqueue/*/enable; do echo 0 >$e; done; rmdir $trace; rm -rf "$TMP"' EXIT
echo mono >$trace/trace_clock
echo 40000 >$trace/buffer_size_kb

# count EVENT: how many the instance saw within the interval of $TMP/latency
count() {
	awk -v event="$1:" -v from="$(jq .interval.from_mono_ns "$TMP/latency")" \
		-v to="$(jq .interval.to_mono_ns "$TMP/latency")" '
		{
			for (i = 3; i <= NF && $i != event; i++)
				;
			if (i > NF)
				next
			split($(i - 1), t, /[.:]/)
			ns = t[1] * 1e9 + t[2] * 1e3
			n += ns >= from && ns < to
		}
		END { print n + 0 }' $trace/trace
}

# measure LOAD ARG...: the load runs within the interval
measure() {
	echo >$trace/trace
	for e in queue_work activate_work execute_start execute_end; do
		echo 1 >$trace/events/workqueue/workqueue_$e/enable
	done
	mkfifo "$TMP/begun"
	wqdump latency -t 60 -j --begun "$TMP/begun" >"$TMP/latency" &
	pid=$!
	read -r begun <"$TMP/begun"
	"$O/tests/kern/load" "$@" >"$TMP/load"
	kill -INT $pid
	wait $pid
	for e in queue_work activate_work execute_start execute_end; do
		echo 0 >$trace/events/workqueue/workqueue_$e/enable
	done
	rm "$TMP/begun"
}
