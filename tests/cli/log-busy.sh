# SPDX-License-Identifier: GPL-2.0-or-later
# busy: the kernel's own dump, from any snapshot, in the newest grammar; it reads back the same.
. "$(dirname "$0")/lib.sh"

busy() { wqdump busy -f "$data/log-$1.txt" $2; }

is '7.1 as it was' "$(busy 7.0)" \
'Showing busy workqueues and worker pools:
workqueue events: flags=0x100
  pwq 58: cpus=14 node=0 flags=0x0 nice=0 active=4 refcnt=5
    in-flight: 184:stall_work1_fn [wq_stall] for 39s ,185:slow_fn for 3s BAR(200)
    pending: stall_work2_fn [wq_stall], vmstat_shepherd
workqueue events: flags=0x80100
  pwq 58: cpus=14 node=0 flags=0x0 nice=0 active=1 refcnt=2
    pending: vmstat_shepherd
pool 58: cpus=14 node=0 flags=0x0 nice=0 hung=39s workers=3 idle: 183'
is '6.12, ages unknown' "$(busy 6.12)" \
"$(sed 's/^\[[^]]*\] //; /^pool/d' "$data/log-6.12.txt")
pool 5: cpus=1 node=0 flags=0x1 bh-hi hung=1s workers=1
pool 0: cpus=0 node=0 flags=0x1 bh hung=0s workers=1
pool 6: cpus=1 node=0 flags=0x2 nice=0 hung=12s workers=4 manager: 34 idle: 33"
is '6.6 loses the maximum' "$(busy 6.6 | sed -n '3,5p')" \
'  pwq 2: cpus=1 node=0 flags=0x0 nice=0 active=5 refcnt=6
    in-flight: 44:drain_local_pages_wq
    pending: 2*lru_add_drain_per_cpu BAR(131), vmstat_update, lru_add_drain_per_cpu BAR(132) BAR(133)'
is '5.10: flags by the newest numbers' "$(busy 5.10)" \
'Showing busy workqueues and worker pools:
workqueue events: flags=0x0
  pwq 6: cpus=3 node=0 flags=0x2 nice=0 active=5 refcnt=7
    in-flight: 14164:refill_work ,29532:stall_fn [wq_stall] BAR(77)
    pending: vmpressure_work_fn, psi_avgs_work BAR(912), psi_avgs_work
workqueue ata_sff: flags=0x2000a
  pwq 8: cpus=0-3 flags=0x4 nice=0 active=1 refcnt=4 MAYDAY
    in-flight: 63(RESCUER):ata_sff_pio_task
    inactive: 2*ata_sff_pio_task
pool 6: cpus=3 node=0 flags=0x2 nice=0 hung=31s workers=5 manager: 816 idle: 1304 2070'
for v in 5.10 6.1; do
	is "$v --as-kernel is what it was" "$(busy $v --as-kernel)" \
		"$(sed 's/^\[[^]]*\] //; /^Linux/d; /^BUG/d' "$data/log-$v.txt" |
			if [ $v = 6.1 ]; then sed 's/flags=0x4 nice=0 active/flags=0x5 nice=0 active/'; else cat; fi)"
done
is '6.6 --as-kernel, by the grammar' "$(busy 6.6 --as-kernel)" "$(sed 's/^\[[^]]*\] //' "$data/log-6.6.txt")"

# Read back: the same rows, from each generation and each kind of source.
model() {
	for kind in workqueues pwqs pools workers works waiters; do
		wqdump -f "$1" $kind -j | jq -c ".$kind[]$2"
	done
}
for v in 5.10 6.1 6.6 6.12 7.0; do
	busy $v >"$TMP/first"
	wqdump busy -f "$TMP/first" >"$TMP/second"
	ok "$v again" diff -u "$TMP/first" "$TMP/second"
done
# what the newest grammar cannot say: max_active, thread names, stacks
drop='|del(.max_active,.max,.comm,.stack)'
for v in 6.12 7.0; do
	busy $v >"$TMP/first"
	model "$data/log-$v.txt" "$drop" >"$TMP/a"
	model "$TMP/first" "$drop" >"$TMP/b"
	ok "$v: the same model" diff -u "$TMP/a" "$TMP/b"
done

# A saved picture of a kernel: a pwq without works is not busy, nor is an idle pool.
cat >"$TMP/kernel.json" <<'END'
{"schema":"wqkit/1.0","source":{"kind":"kernel","release":"6.1.0-18-amd64"},
"workqueues":[{"id":"0x1","name":"events","flags":["WQ_PERCPU"],"flags_raw":256},
	{"id":"0x2","name":"idle","flags":[],"flags_raw":0}],
"pwqs":[{"id":"0xa","workqueue":"events","workqueue_id":"0x1","pool":2,"nr_active":3,"max_active":1024,"inactive":1,"refcnt":5},
	{"id":"0xb","workqueue":"idle","workqueue_id":"0x2","pool":2,"nr_active":0,"inactive":0,"refcnt":1}],
"pools":[{"id":2,"cpu":0,"cpus":"0","node":0,"nice":0,"flags":[],"flags_raw":0,"workers":3,"idle":1,"hung_ns":1999999999},
	{"id":3,"cpu":0,"cpus":"0","node":0,"nice":-20,"flags":[],"flags_raw":0,"workers":2,"idle":2,"hung_ns":0}],
"workers":[{"pid":11,"pool":2,"state":"busy","function":"a_fn","workqueue_id":"0x1"},
	{"pid":12,"pool":2,"state":"idle"},{"pid":13,"pool":2,"state":"manager"}],
"works":[{"address":"0x100","function":"a_fn","workqueue_id":"0x1","pool":2,"state":"running","worker_pid":11,"age_ns":2500000000},
	{"address":"0x101","function":"b_fn","workqueue_id":"0x1","pool":2,"state":"pending"},
	{"address":"0x102","function":"b_fn","workqueue_id":"0x1","pool":2,"state":"pending"},
	{"address":"0x103","function":"c_fn","workqueue_id":"0x1","pool":2,"state":"inactive"}],
"waiters":[{"pid":21,"waits_in":"flush_work","function":"b_fn","workqueue_id":"0x1","work":"0x102"},
	{"pid":22,"waits_in":"flush_workqueue","workqueue_id":"0x1"}]}
END
is 'of a kernel' "$(wqdump busy -f "$TMP/kernel.json")" \
'Showing busy workqueues and worker pools:
workqueue events: flags=0x100
  pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=3 refcnt=5
    in-flight: 11:a_fn for 2s
    pending: 2*b_fn BAR(21)
    inactive: c_fn
pool 2: cpus=0 node=0 flags=0x0 nice=0 hung=1s workers=3 manager: 13 idle: 12'
is 'of a kernel, as it prints' "$(wqdump busy -f "$TMP/kernel.json" --as-kernel | sed -n 3,5p)" \
'  pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=3/1024 refcnt=5
    in-flight: 11:a_fn
    pending: b_fn, b_fn BAR(21)'
is 'filtered' "$(wqdump busy -f "$data/log-7.0.txt" -F fn=slow_fn | sed -n 3,9p)" \
'  pwq 58: cpus=14 node=0 flags=0x0 nice=0 active=4 refcnt=5
    in-flight: 185:slow_fn for 3s BAR(200)
pool 58: cpus=14 node=0 flags=0x0 nice=0 hung=39s workers=3 idle: 183'
# since 6.6 several pwqs of an unbound workqueue feed one pool, each with works of its own
cat >"$TMP/shared" <<'END'
Showing busy workqueues and worker pools:
workqueue events_unbound: flags=0x2
  pwq 8: cpus=0-1 flags=0x4 nice=0 active=1 refcnt=2
    pending: one_fn
  pwq 8: cpus=0-1 flags=0x4 nice=0 active=2 refcnt=3
    pending: two_fn BAR(7), one_fn
END
is 'pwqs that share a pool' "$(wqdump busy -f "$TMP/shared")" "$(cat "$TMP/shared")"
is 'busy has no JSON' "$(status wqdump busy -j -f "$data/log-7.0.txt")" 2
ok 'says what has' has "$TMP/err" 'show -j'
# A worker that a damaged log has twice: what is behind it must not double with each reading.
cat >"$TMP/twice" <<'END'
workqueue events: flags=0x0
  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=3 refcnt=4
    in-flight: 7:one_fn for 1s two_fn ,7:three_fn for 1s four_fn ,8:five_fn for 2s six_fn
END
is 'works behind a worker are printed once' "$(wqdump busy -f "$TMP/twice" | grep in-flight)" \
	'    in-flight: 7:one_fn for 1s two_fn four_fn ,7:three_fn for 1s ,8:five_fn for 2s six_fn'
done_testing
