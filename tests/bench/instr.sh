#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# instr.sh PROGRAM [N]: instructions that an item costs to be queued and executed, as callgrind
# counts them: the difference of 2N and N items, by N. The same from run to run but for some
# tenths, so that commits can be compared. Prints JSON, a line a figure.
program=${1:?"which program?"}
n=${2:-20000}
command -v valgrind >/dev/null 2>&1 || { echo "bench-instr: no valgrind (make deps-dev)" >&2; exit 1; }

# Threads that look who sleeps would be counted, too.
total() { # QUEUE PATH N
	WQ_PARAMS='sentinel=0 tick=0' valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$program" "$@" 2>&1 | sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p'
}
for queue in percpu unbound; do
	for path in chain batch; do
		one=$(total "$queue" "$path" "$n")
		two=$(total "$queue" "$path" $((2 * n)))
		[ "$one" ] && [ "$two" ] || { echo "bench-instr: $program failed" >&2; exit 1; }
		awk -v q="$queue" -v p="$path" -v n="$n" -v d="$((two - one))" 'BEGIN {
			printf "{\"bench\":\"instr\",\"queue\":\"%s\",\"path\":\"%s\",\"instructions\":%.1f}\n", q, p, d / n }'
	done
done
