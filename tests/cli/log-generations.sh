# SPDX-License-Identifier: GPL-2.0-or-later
# A dump of each kernel generation, every production of its grammar, as tables.
. "$(dirname "$0")/lib.sh"

rows() { wqdump -f "$data/log-$1.txt" "$2" -j | jq -c ".$2[]|$3"; }
wqs='[.name,.flags,.flags_raw,.max_active,.nr_active,.running,.scheduled,.pending,.inactive,.in_flight,.ordered,.rescuer_pid]'
pwqs='[.id,.workqueue_id,.pool,.cpu,.nr_active,.max_active,.running,.scheduled,.pending,.inactive,.refcnt,.on_mayday]'
pools='[.id,.cpu,.cpus,.node,.nice,.flags,.flags_raw,.workers,.idle,.busy,.manager_pid,.worklist,.hung_ns]'
workers='[.pid,.comm,.pool,.cpu,.state,.function,.workqueue,.age_ns]'
works='[.state,.function,.workqueue,.pool,.worker_pid,.age_ns]'
waiters='[.pid,.waits_in,.function,.workqueue,.pool,.work_state,.worker_pid]'
source='[.source.kind,.source.release,.source.generation,.source.cause,.consistency]'

# --- 5.10: active with max, delayed for inactive, MANAGER_ACTIVE is bit 0 ---
is '5.10 workqueues' "$(rows 5.10 workqueues "$wqs")" \
'["events",[],0,256,5,2,0,3,0,5,false,null]
["ata_sff",["WQ_UNBOUND","WQ_MEM_RECLAIM","__WQ_ORDERED","__WQ_ORDERED_EXPLICIT"],655370,1,1,1,0,0,2,3,true,63]'
is '5.10 pwqs' "$(rows 5.10 pwqs "$pwqs")" \
'["1:events:6","1:events",6,3,5,256,2,0,3,0,7,false]
["1:ata_sff:8","1:ata_sff",8,null,1,1,1,0,0,2,4,true]'
is '5.10 pools' "$(rows 5.10 pools "$pools")" \
'[6,3,"3",0,0,["POOL_MANAGER_ACTIVE"],1,5,2,3,816,3,31000000000]
[8,null,"0-3",null,0,["POOL_DISASSOCIATED"],4,null,null,null,null,0,null]'
is '5.10 workers' "$(rows 5.10 workers "$workers")" \
'[14164,null,6,3,"busy","refill_work","events",null]
[29532,null,6,3,"busy","stall_fn [wq_stall]","events",null]
[63,null,8,null,"rescuer","ata_sff_pio_task","ata_sff",null]
[816,null,6,3,"manager",null,null,null]
[1304,null,6,3,"idle",null,null,null]
[2070,null,6,3,"idle",null,null,null]'
is '5.10 works' "$(rows 5.10 works "$works")" \
'["running","refill_work","events",6,14164,null]
["running","stall_fn [wq_stall]","events",6,29532,null]
["pending","vmpressure_work_fn","events",6,null,null]
["pending","psi_avgs_work","events",6,null,null]
["pending","psi_avgs_work","events",6,null,null]
["running","ata_sff_pio_task","ata_sff",8,63,null]
["inactive","ata_sff_pio_task","ata_sff",8,null,null]
["inactive","ata_sff_pio_task","ata_sff",8,null,null]'
is '5.10 waiters' "$(rows 5.10 waiters "$waiters")" \
'[77,"flush_work","stall_fn [wq_stall]","events",6,"running",29532]
[912,"flush_work","psi_avgs_work","events",6,"pending",null]'
is '5.10 source' "$(wqdump -f "$data/log-5.10.txt" pools -j | jq -c "$source")" \
'["log","5.10.0-8-amd64","up to 5.14","lockup","consistent"]'

# --- 6.1: inactive; a barrier behind a comma has lost its work ---
is '6.1 workqueues' "$(rows 6.1 workqueues "$wqs")" \
'["events_unbound",["WQ_UNBOUND"],2,512,2,1,0,1,1,3,false,null]'
is '6.1 pools' "$(rows 6.1 pools "$pools")" \
'[8,null,"0-3",null,0,["POOL_MANAGER_ACTIVE","POOL_DISASSOCIATED"],5,3,2,1,null,1,0]'
is '6.1 waiters' "$(rows 6.1 waiters "$waiters")" \
'[88,"flush_work",null,"events_unbound",8,"inactive",null]'
is '6.1 source' "$(wqdump -f "$data/log-6.1.txt" pools -j | jq -c "$source")" \
'["log","6.1.0-18-amd64","5.10 to 6.8",null,"consistent"]'

# --- 6.6: equal works counted, still with max; no banner ---
is '6.6 pwqs' "$(rows 6.6 pwqs "$pwqs")" '["1:mm_percpu_wq:2","1:mm_percpu_wq",2,1,5,256,1,0,4,0,6,false]'
is '6.6 works' "$(rows 6.6 works "$works")" \
'["running","drain_local_pages_wq","mm_percpu_wq",2,44,null]
["pending","lru_add_drain_per_cpu","mm_percpu_wq",2,null,null]
["pending","lru_add_drain_per_cpu","mm_percpu_wq",2,null,null]
["pending","vmstat_update","mm_percpu_wq",2,null,null]
["pending","lru_add_drain_per_cpu","mm_percpu_wq",2,null,null]'
is '6.6 waiters' "$(rows 6.6 waiters "$waiters")" \
'[131,"flush_work","lru_add_drain_per_cpu","mm_percpu_wq",2,"pending",null]
[132,"flush_work","lru_add_drain_per_cpu","mm_percpu_wq",2,"pending",null]
[133,"flush_work","lru_add_drain_per_cpu","mm_percpu_wq",2,"pending",null]'
is '6.6 source' "$(wqdump -f "$data/log-6.6.txt" pools -j | jq -c "$source")" \
'["log",null,"6.3 to 6.8",null,"consistent"]'

# --- 6.12: no max, BH pools, MANAGER_ACTIVE is bit 1, linked works ---
is '6.12 workqueues' "$(rows 6.12 workqueues "$wqs")" \
'["events_bh_highpri",["WQ_BH","WQ_HIGHPRI"],17,null,2,1,0,1,0,2,false,null]
["events_bh",["WQ_BH"],1,null,1,1,0,0,0,1,false,null]
["events",[],0,null,3,3,4,0,0,7,false,31]'
is '6.12 pools' "$(rows 6.12 pools "$pools")" \
'[5,1,"1",0,-20,["POOL_BH"],1,1,0,1,null,1,1000000000]
[0,0,"0",0,0,["POOL_BH"],1,1,0,1,null,0,0]
[6,1,"1",0,0,["POOL_MANAGER_ACTIVE"],2,4,1,3,34,0,12000000000]'
is '6.12 workers' "$(rows 6.12 workers "$workers")" \
'[null,null,5,1,"busy","tasklet_work_fn","events_bh_highpri",null]
[null,null,0,0,"busy","usb_giveback_urb_bh","events_bh",null]
[30,null,6,1,"busy","wait_for_probe_timeout","events",null]
[31,null,6,1,"rescuer","stall_fn [wq_stall]","events",null]
[32,null,6,1,"busy","linked_fn","events",null]
[34,null,6,1,"manager",null,null,null]
[33,null,6,1,"idle",null,null,null]'
is '6.12 works' "$(rows 6.12 works "$works" | tail -n +4)" \
'["running","wait_for_probe_timeout","events",6,30,null]
["running","stall_fn [wq_stall]","events",6,31,null]
["running","linked_fn","events",6,32,null]
["scheduled","next_fn","events",6,32,null]
["scheduled","next_fn","events",6,32,null]
["scheduled","next_fn","events",6,32,null]
["scheduled","last_fn","events",6,32,null]'
is '6.12 waiters' "$(rows 6.12 waiters "$waiters")" \
'[99,"flush_work","last_fn","events",6,"scheduled",32]'
is '6.12 source' "$(wqdump -f "$data/log-6.12.txt" pools -j | jq -c "$source")" \
'["log",null,"6.9 to 6.19",null,"consistent"]'

# --- 7.0 and 7.1: ages; two workqueues of one name; bit 19 is DEPRECATED; call traces ---
is '7.1 workqueues' "$(rows 7.0 workqueues "$wqs")" \
'["events",["WQ_PERCPU"],256,null,4,2,0,2,0,4,false,null]
["events",["WQ_PERCPU","__WQ_DEPRECATED"],524544,null,1,0,0,1,0,1,false,null]'
is '7.1 pwqs' "$(rows 7.0 pwqs "$pwqs")" \
'["1:events:58","1:events",58,14,4,null,2,0,2,0,5,false]
["2:events:58","2:events",58,14,1,null,0,0,1,0,2,false]'
is '7.1 workers' "$(rows 7.0 workers "$workers")" \
'[184,"kworker/14:1",58,14,"busy","stall_work1_fn [wq_stall]","events",39000000000]
[185,"kworker/14:2",58,14,"busy","slow_fn","events",3000000000]
[183,null,58,14,"idle",null,null,null]'
is '7.1 works' "$(rows 7.0 works "$works")" \
'["running","stall_work1_fn [wq_stall]","events",58,184,39000000000]
["running","slow_fn","events",58,185,3000000000]
["pending","stall_work2_fn [wq_stall]","events",58,null,null]
["pending","vmstat_shepherd","events",58,null,null]
["pending","vmstat_shepherd","events",58,null,null]'
is '7.1 pools' "$(rows 7.0 pools "$pools")" \
'[58,14,"14",0,0,[],0,3,1,2,null,3,39000000000]'
is '7.1 source' "$(wqdump -f "$data/log-7.0.txt" pools -j | jq -c "$source")" \
'["log",null,"7.1 and later","lockup","consistent"]'
is '7.1 moment' "$(wqdump -f "$data/log-7.0.txt" pools -j | jq -c '[.time,.mono_ns]')" '[null,99000001000]'
is '7.1 stacks' "$(rows 7.0 works 'select(.stack)|[.function,.stack[0],.stack[2],.stack[4],(.stack|length)]')" \
'["stall_work1_fn [wq_stall]","__schedule+0x3fa/0x9c0","stall_work1_fn+0x2a/0x40 [wq_stall]","? worker_thread+0x10/0x3a0",6]
["slow_fn","slow_fn+0x11/0x20",null,null,2]'
is '7.1 works --stack' "$(wqdump -f "$data/log-7.0.txt" works --stack -o state,worker_pid,function -F fn=slow_fn)" \
'STATE       PID FUNCTION
running     185 slow_fn
    slow_fn+0x11/0x20
    process_one_work+0x18f/0x350'

# --- a banner decides what the flags mean, not the grammar ---
sed 's/active=\([0-9]*\)\/[0-9]*/active=\1/' "$data/log-5.10.txt" >"$TMP/odd"
is 'the banner wins' "$(wqdump -f "$TMP/odd" pools -j 2>"$TMP/err" | jq -c '.pools[0].flags')" \
	'["POOL_MANAGER_ACTIVE"]'
disagree='line 2: the log is of Linux 5.10.0-8-amd64, but this dump is in the grammar of Linux 6.9 and later: its flags are read as those of 5.10.0-8-amd64'
is 'that it disagrees with the grammar is said' "$(cat "$TMP/err")" "wqdump: $TMP/odd: $disagree"
is 'in JSON, too' "$(wqdump -f "$TMP/odd" pools -j 2>/dev/null | jq -r '.warnings[]')" "$disagree"
sed 's/Linux version 5.10/Linux version 6.12/' "$data/log-5.10.txt" >"$TMP/newer"
is 'a grammar that is too old is said' "$(wqdump -f "$TMP/newer" pools 2>&1 >/dev/null)" \
	"wqdump: $TMP/newer: line 2: the log is of Linux 6.12.0-8-amd64, but this dump is in the grammar of Linux up to 5.14: its flags are read as those of 6.12.0-8-amd64"
cat "$TMP/odd" "$TMP/odd" >"$TMP/twice"
is 'once a log' "$(wqdump -f "$TMP/twice" list 2>&1 >/dev/null | grep -c 'the log is of')" 1
is 'once a log, dump by dump' "$(wqdump -f "$TMP/twice" pools --dump all 2>&1 >/dev/null | grep -c 'the log is of')" 1
sed 's/delayed:/inactive:/' "$data/log-5.10.txt" >"$TMP/5.10.y"
is '5.10.y, which says inactive' "$(wqdump busy --as-kernel -f "$TMP/5.10.y" 2>&1 | grep active:)" \
	'    inactive: ata_sff_pio_task, ata_sff_pio_task'
is 'and never where they agree' "$(cd "$data" && for log in log-5.10.txt log-6.1.txt log-many.txt; do
	wqdump list -f $log 2>&1 | grep 'the log is of'; done; wqdump list -f "$TMP/5.10.y" 2>&1 | grep 'the log')" ''
grep -v 'Linux version' "$TMP/odd" | sed 's/delayed:/inactive:/' >"$TMP/new"
is 'else the grammar' "$(wqdump -f "$TMP/new" pools -j | jq -c '.pools[0].flags')" '["POOL_BH"]'
done_testing
