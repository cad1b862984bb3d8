#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# log: 1 GB of a kernel's log, page-cached, 1 % of it dump lines, against grep in the same
# minutes; and the most memory that it takes. Output: a JSON object a line.
: "${O:=build}" "${BENCH_MB:=1000}" "${BENCH_DIR:=${TMPDIR:-/tmp}}"
log=$(mktemp "$BENCH_DIR/wqkit-bench-XXXXXX") || exit 1
trap 'rm -f "$log" "$log.part" "$log.time"' EXIT

# One part has a dump of ten lines among its ordinary ones; its stamps differ from copy to copy.
awk -v mb="$BENCH_MB" 'BEGIN {
	split("usb 1-1: new high-speed USB device number 4 using xhci_hcd|" \
	      "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.|" \
	      "audit: type=1400 audit(1700000000.123:45): apparmor=\"STATUS\" operation=\"profile_load\"|" \
	      "IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready|" \
	      "irq 16: nobody cared (try booting with the \"irqpoll\" option)|" \
	      "TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.", other, "|")
	split("Showing busy workqueues and worker pools:|workqueue events: flags=0x0|" \
	      "  pwq 6: cpus=3 node=0 flags=0x1 nice=0 active=5/256 refcnt=7|" \
	      "    in-flight: 14164:refill_work, 29532:stall_fn [wq_stall] BAR(77)|" \
	      "    pending: vmpressure_work_fn, psi_avgs_work BAR(912), psi_avgs_work|" \
	      "workqueue writeback: flags=0x4a|  pwq 8: cpus=0-3 flags=0x4 nice=0 active=1/256 refcnt=4|" \
	      "    in-flight: 63:wb_workfn|pool 6: cpus=3 node=0 flags=0x1 nice=0 hung=31s workers=5 idle: 1304|" \
	      "pool 8: cpus=0-3 flags=0x4 nice=0 hung=0s workers=3 idle: 51 53", dump, "|")
	n = split("", none)
	while (bytes < mb * 1000000) {
		if (dumped * 100 < bytes)
			for (i = 1; i <= 10; i++) {
				line = sprintf("[%12.6f] %s", t += 0.000001, dump[i])
				bytes += length(line) + 1
				dumped += length(line) + 1
				print line
			}
		for (i = 0; i < 60; i++) {
			line = sprintf("[%12.6f] %s", t += 0.001, other[1 + k++ % 6])
			bytes += length(line) + 1
			print line
		}
	}
}' >"$log"

now() { date +%s%N; }
best() {	# the best of five, in nanoseconds
	least=
	for _ in 1 2 3 4 5; do
		t=$(now)
		"$@" >/dev/null || exit 1
		t=$(($(now) - t))
		[ -n "$least" ] && [ "$least" -le "$t" ] || least=$t
	done
	echo "$least"
}
search() { LC_ALL=C grep -c workqueue "$log" | cat; }	# into /dev/null it would stop at the first
read_dump() { "$O/bin/wqdump" works -f "$log"; }
list_dumps() { "$O/bin/wqdump" list -f "$log"; }

cat "$log" >/dev/null
grep_ns=$(best search)
show_ns=$(best read_dump)
list_ns=$(best list_dumps)
# VmHWM of a process that is done, from its parent's view
if command -v busybox >/dev/null 2>&1; then
	busybox time -f %M "$O/bin/wqdump" works -f "$log" 2>"$log.time" >/dev/null
	kb=$(tail -1 "$log.time")
fi
printf '{"bench":"log","bytes":%s,"grep_ns":%s,"last_dump_ns":%s,"ratio":%s,"target_ratio":3,"list_ns":%s,"max_rss_kb":%s,"target_rss_kb":65536}\n' \
	"$(wc -c <"$log")" "$grep_ns" "$show_ns" \
	"$(awk "BEGIN { printf \"%.2f\", $show_ns / $grep_ns }")" "$list_ns" "${kb:-null}"
