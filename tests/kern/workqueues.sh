# SPDX-License-Identifier: GPL-2.0-or-later
# wqdump lists exactly the running kernel's workqueues, as the witness sees them, idle and busy.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"
PATH=$O/tests/kern:$PATH

# One row a workqueue: name, flags, max_active; from a file of either.
of_witness() { jq -c '[.name, .flags_raw, .max_active]' "$1" | sort; }
of_wqdump() { jq -c '.workqueues[] | [.name, .flags_raw, .max_active]' "$1" | sort; }

# Workqueues come and go on a living system: only when two looks of the witness agree must
# the one of wqdump between them agree too.
same_list() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		witness >"$TMP/before" && wqdump workqueues -j >"$TMP/between" &&
			witness >"$TMP/after" || return 1
		of_witness "$TMP/before" >"$TMP/expected"
		of_witness "$TMP/after" | cmp -s "$TMP/expected" - && break
	done
	[ -s "$TMP/expected" ] && of_wqdump "$TMP/between" | diff -u "$TMP/expected" - &&
		jq -e '.consistency != "incomplete"' "$TMP/between"
}

# under MODE: five times while works are being executed
under() {
	mkfifo "$TMP/load.$1"
	load "$1" 100000000 >"$TMP/load.$1" &
	loader=$!
	read -r said <"$TMP/load.$1"
	[ "$said" = started ] || return 1
	for i in 1 2 3 4 5; do
		same_list || { kill $loader; return 1; }
	done
	kill $loader
}

ok 'idle' same_list
wqdump pools -j >"$TMP/pools"
ok 'the flags of pools, as this kernel numbers them' jq -e '.pools | any(.flags_raw > 0) and
	all(.flags_raw != null and (.flags_raw == 0) == (.flags == []))' "$TMP/pools"
ok 'under a load of pseudo terminals' under pty
ok 'under a load of works at ever new addresses' under bpfmap
done_testing
