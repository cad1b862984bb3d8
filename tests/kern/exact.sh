# SPDX-License-Identifier: GPL-2.0-or-later
# --exact: the pools of CPUs are read where nothing can move, idle and busy; no other pool says so.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"
PATH=$O/tests/kern:$PATH

[ "$(nproc)" -gt 1 ] || skip_all 'one CPU: there is none to interrupt another from'

# FILE: what it says of the pools of CPUs, and of the others
of_cpus() { jq -r '.pools[] | select(.cpu != null).consistency' "$1" | sort -u; }
of_others() { jq -r '.pools[] | select(.cpu == null).consistency' "$1" | sort -u; }

# Something may move at any time, or a call take too long: of 100 pictures one must be exact throughout.
all_exact() {
	for i in $(seq 100); do
		wqdump pools -j --exact >"$TMP/pools.json" || return 1
		! of_others "$TMP/pools.json" | grep -qx exact || return 1
		[ "$(of_cpus "$TMP/pools.json")" = exact ] && return
	done
	cat "$TMP/pools.json"
	return 1
}

none_exact() { wqdump pools -j >"$TMP/pools.json" && ! grep -q '"exact"' "$TMP/pools.json"; }

# What does not change is the same with and without.
stable() {
	wqdump "$@" workqueues -j | jq -c '.workqueues | map([.id, .name, .flags_raw, .max_active])'
	wqdump "$@" pwqs -j | jq -c '.pwqs | map([.id, .workqueue_id, .pool, .cpu])'
	wqdump "$@" pools -j | jq -c '.pools | map([.id, .cpu, .cpus, .nice])'
}
same() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		stable >"$TMP/plain"
		stable --exact >"$TMP/exact"
		stable >"$TMP/after"
		cmp -s "$TMP/plain" "$TMP/after" && break
	done
	diff -u "$TMP/plain" "$TMP/exact"
}

# under MODE: while works are being executed
under() {
	mkfifo "$TMP/load.$1"
	load "$1" 100000000 >"$TMP/load.$1" &
	loader=$!
	read -r said <"$TMP/load.$1"
	[ "$said" = started ] && all_exact
	result=$?
	kill $loader
	return $result
}

ok 'not without being asked' none_exact
ok 'idle' all_exact
ok 'the same rows' same
for knobs in probe probe,for; do
	export WQKIT_WALKER=$knobs
	ok "as older kernels are read: $knobs" all_exact
	unset WQKIT_WALKER
done
ok 'under a load of works at ever new addresses' under bpfmap
ok 'under a load of pseudo terminals' under pty
done_testing
