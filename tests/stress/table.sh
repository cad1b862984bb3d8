#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# table.sh PROGRAM OPERATIONS SEED KNOB...: runs the stress test under each knob of WQ_DEBUG
# ("none": without), and prints a line for each. SEED may be empty.
program=${1:?"which program?"}
ops=${2:?"how many operations?"}
seed=$3
shift 3
err=$(mktemp) || exit 1
trap 'rm -f "$err"' EXIT
line='%-12s %10s %11s %11s %5s %8s %6s %8s\n'

# shellcheck disable=SC2059
printf "$line" KNOB SEED OPERATIONS RUNS LOST DOUBLED HALTS SECONDS
for knob; do
	start=$(date +%s)
	debug=$knob
	[ "$knob" = none ] && debug=
	if ! out=$(WQ_DEBUG=$debug "$program" -n "$ops" ${seed:+-s "$seed"} 2>"$err"); then
		echo "$out"
		cat "$err"
		exit 1
	fi >&2
	# "# seed 7, knobs none: 100 operations, 90 runs: 0 lost, 0 doubled, 0 halts"
	# shellcheck disable=SC2046,SC2059
	printf "$line" "$knob" $(printf '%s\n' "$out" |
		sed -n 's/^# seed \([0-9]*\), .*: \([0-9]*\) operations, \([0-9]*\) runs: \([0-9]*\) lost, \([0-9]*\) doubled, \([0-9]*\) halts$/\1 \2 \3 \4 \5 \6/p') \
		$(($(date +%s) - start))
done
