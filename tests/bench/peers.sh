#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# peers.sh DIR [ROUNDS]: the workloads of bench_run.h on libwq and its peers, interleaved, as an
# unprivileged user. Prints a line per metric and program: median, and the ratio to the best peer.
dir=${1:?"which directory holds the programs?"}
rounds=${2:-5}
began=$(date +%s)
peers='libuv glib tbb-enqueue asio urcu-wq'
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
chmod 755 "$out"
drop=
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null 2>&1 && drop='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi
[ -z "$drop" ] && [ "$(id -u)" = 0 ] && echo '# no setpriv: these figures are root'"'"'s' >&2

have=
for p in $peers; do
	if [ -x "$dir/$p" ]; then
		have="$have $p"
	else
		echo "# $p was not built: its package is missing (make deps-dev)" >&2
	fi
done
# The programs must be readable by whoever runs them.
cp $(for p in $have naive libwq-percpu libwq-unbound libwq-percpu-delayed libwq-unbound-delayed; do
	echo "$dir/$p"; done) "$out" || exit 1

run() { # PROGRAM WORKLOAD...
	(cd / && timeout 120 $drop "$out/$@" 2>/dev/null)
}
work='tput1 tputN pingpong lat block stall flush idle'
round=1
while [ "$round" -le "$rounds" ]; do
	echo "# round $round of $rounds, $(($(date +%s) - began)) s" >&2
	for p in $have naive libwq-percpu libwq-unbound; do
		for w in $work; do
			run "$p" "$w"
		done
	done
	for p in libuv glib asio libwq-percpu-delayed libwq-unbound-delayed; do
		[ -x "$out/$p" ] && run "$p" delayed | sed "s/^[^ ]*/$p/"
	done
	round=$((round + 1))
done >"$out/all"

# Median of each program and metric; the best peer is the one with the highest, or lowest, median.
sort -k1,1 -k2,2 -k3,3g "$out/all" | awk -v peers=" $peers " '
function finish() {
	if (n) {
		med[prog, metric] = v[int((n + 1) / 2)]
		if (!(metric in seen)) { order[++nr] = metric; seen[metric] = 1 }
		progs[prog] = 1
		unit[metric] = u
	}
	n = 0
}
$1 != prog || $2 != metric { finish(); prog = $1; metric = $2 }
$4 != "timeout" { v[++n] = $3; u = $4 }
END {
	finish()
	printf "%-16s %-22s %14s %-6s %8s\n", "metric", "program", "median", "unit", "to best"
	for (i = 1; i <= nr; i++) {
		m = order[i]; best = ""
		more = m ~ /_ops$|_rt$|live$|queued$/
		for (p in progs)
			if (index(peers, " " p " ") && ((p, m) in med) &&
			    (best == "" || (more ? med[p, m] > best : med[p, m] < best)))
				best = med[p, m]
		for (p in progs)
			if ((p, m) in med)
				printf "%-16s %-22s %14.6g %-6s %8s\n", m, p, med[p, m], unit[m],
					best + 0 ? sprintf("%.2fx", med[p, m] / best) : "-"
	}
}' | sort -s -k1,1
