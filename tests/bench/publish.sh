#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# publish.sh DIR [ROUNDS]: what it costs a program that others can see its workqueues: without
# (publish=0), with, and with a reader at 10 Hz; one after the other in changing order, as an
# unprivileged user. Output: a JSON object a metric, with the medians of the ratios of runs of the
# same round, and their quartiles; and of the best runs, which a busy machine disturbs least.
#
# Two runs of the same program differ by 20 %, and the median of N ratios by about 25 % / sqrt(N):
# so the runs are short, and each of the ROUNDS is 30 of them. 5 rounds take 8 minutes.
dir=${1:?"which directory holds the programs?"}
rounds=$((${2:-5} * 30))
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
chmod 755 "$out"
drop=
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1 &&
	drop='setpriv --reuid=65534 --regid=65534 --clear-groups'
cp "$dir/libwq-percpu" "$dir/libwq-unbound" "$dir/seg_reader" "$out" || exit 1

run() { # ROUND HOW PROGRAM WORKLOAD
	publish=1 reader=
	[ "$2" = without ] && publish=0
	[ "$2" = reader ] && reader=$out/seg_reader
	(cd / && WQ_PARAMS=publish=$publish WQB_N="${WQB_N:-300000}" \
		WQB_LAT="${WQB_LAT:-2000}" \
		timeout 120 $drop $reader "$out/$3" "$4" 2>/dev/null) | sed "s/^/$1 $2 /"
}

round=1
while [ "$round" -le "$rounds" ]; do
	case $((round % 3)) in
	0) order='without with reader' ;;
	1) order='with reader without' ;;
	2) order='reader without with' ;;
	esac
	for program in libwq-percpu libwq-unbound; do
		for work in tput1 tputN pingpong lat; do
			for how in $order; do
				run "$round" "$how" "$program" "$work"
			done
		done
	done
	round=$((round + 1))
done >"$out/all"

awk '
function median(list, n, part,   v, i, j, t) {
	split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
	return v[int((n - 1) * part + 1.5)]
}
$4 ~ /_ops$|_cpu$|lat_p50$|lat_p99$/ && $5 > 0 {
	key = $3 " " $4
	if (!(key in seen)) { seen[key] = 1; order[++nr] = key }
	value[$1, $2, key] = $5
	unit[key] = $6
	if ($1 > rounds) rounds = $1
	if (!(($2, key) in best) || ($4 ~ /_ops$/ ? $5 > best[$2, key] : $5 < best[$2, key]))
		best[$2, key] = $5
}
END {
	for (i = 1; i <= nr; i++) {
		key = order[i]
		base = with = reader = ""
		n = 0
		for (r = 1; r <= rounds; r++) {
			b = value[r, "without", key]; w = value[r, "with", key]; d = value[r, "reader", key]
			if (!b || !w || !d) continue
			n++
			base = base " " b; with = with " " w / b; reader = reader " " d / b
		}
		split(key, name, " ")
		printf "{\"bench\":\"publish\",\"program\":\"%s\",\"metric\":\"%s\",\"unit\":\"%s\",\"rounds\":%d,", \
			name[1], name[2], unit[key], n
		printf "\"without\":%.4g,\"with_ratio\":%.3f,\"with_quartiles\":[%.3f,%.3f],", median(base, n, .5),
			median(with, n, .5), median(with, n, .25), median(with, n, .75)
		printf "\"reader_ratio\":%.3f,\"reader_quartiles\":[%.3f,%.3f],",
			median(reader, n, .5), median(reader, n, .25), median(reader, n, .75)
		printf "\"with_best_ratio\":%.3f,\"reader_best_ratio\":%.3f,\"target\":[0.97,1.03]}\n",
			best["with", key] / best["without", key], best["reader", key] / best["without", key]
	}
}' "$out/all"
