# SPDX-License-Identifier: GPL-2.0-or-later
# The walker as older kernels need it, and taken up again after every step, tells the same.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"

stable() { wqdump workqueues -o id,name,flags_raw,max_active,min_active,cpumask,affinity_scope,rescuer_pid; }
# A busy moment may tear a list; of ten pictures one must be whole.
whole() {
	wqdump workqueues -j -i 0.01 -n 10 | jq -r .consistency | sort -u | grep -x consistent
}
# Between two equal lists there is the same one: others may make workqueues meanwhile.
same() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		stable >"$TMP/before"
		WQKIT_WALKER=$1 stable >"$TMP/between"
		stable | cmp -s "$TMP/before" - && break
	done
	diff -u "$TMP/before" "$TMP/between"
}
for knobs in probe for probe,for short short,probe short,for short,probe,for; do
	ok "$knobs: the same workqueues" same $knobs
	is "$knobs: consistent" "$(WQKIT_WALKER=$knobs whole)" consistent
done
done_testing
