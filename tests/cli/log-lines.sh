# SPDX-License-Identifier: GPL-2.0-or-later
# Lines as logs really have them: in pieces, wrapped, quoted, doubled, cut.
. "$(dirname "$0")/lib.sh"

expected='["busy",14164,"refill_work"]
["busy",29532,"stall_fn [wq_stall]"]
["manager",816,null]
["idle",1304,null]
["idle",2070,null]
["running","refill_work",14164]
["running","stall_fn [wq_stall]",29532]
["pending","vmstat_update",null]
["pending","psi_avgs_work",null]
[77,"stall_fn [wq_stall]"]
[6,"3",["POOL_MANAGER_ACTIVE"],31000000000,4,2,816]
["events",6,3,256,2,2,4]'
all='(.workers[]?|[.state,.pid,.function]),(.works[]?|[.state,.function,.worker_pid]),
	(.waiters[]?|[.pid,.function]),(.pools[]?|[.id,.cpus,.flags,.hung_ns,.workers,.idle,.manager_pid]),
	(.pwqs[]?|[.workqueue,.pool,.nr_active,.max_active,.running,.pending,.refcnt])'
tables() {
	: >"$TMP/warnings"
	for kind in workers works waiters pools pwqs; do
		wqdump -f "$1" $kind -j 2>>"$TMP/warnings" || echo '{}'
	done | jq -s 'add' | jq -c "$all"
}
# same NAME: standard input as a log gives the expected tables, without a warning
same() {
	cat >"$TMP/log"
	is "$1" "$(tables "$TMP/log")" "$expected"
	is "$1: no warning" "$(cat "$TMP/warnings")" ''
}
# warned TEXT: the last run warned so
warned() { ok "warned: $1" has "$TMP/warnings" "$1"; }

cat >"$TMP/whole" <<'END'
[   10.000001] Showing busy workqueues and worker pools:
[   10.000002] workqueue events: flags=0x0
[   10.000003]   pwq 6: cpus=3 node=0 flags=0x1 nice=0 active=3/256 refcnt=4
[   10.000004]     in-flight: 14164:refill_work, 29532:stall_fn [wq_stall] BAR(77)
[   10.000005]     pending: vmstat_update, psi_avgs_work
[   10.000006] pool 6: cpus=3 node=0 flags=0x1 nice=0 hung=31s workers=4 manager: 816 idle: 1304 2070
END
same 'whole lines' <"$TMP/whole"
sed 's/^\[[^]]*\] *//' "$TMP/whole" >"$TMP/in"
same 'no stamps, no indentation' <"$TMP/in"
sed 's/$/\r/' "$TMP/whole" >"$TMP/in"
same 'carriage returns behind' <"$TMP/in"
sed 's/^/\r/' "$TMP/whole" >"$TMP/in"
same 'carriage returns before' <"$TMP/in"
sed 's/^/> > | /' "$TMP/whole" >"$TMP/in"
same 'quoted in a mail' <"$TMP/in"
sed '2,5i [   10.000002] usb 1-1: new high-speed USB device number 4 using xhci_hcd' "$TMP/whole" >"$TMP/in"
same 'lines of others in between' <"$TMP/in"
(cat "$TMP/whole"; printf '[   11.0] random: crng init done') >"$TMP/in"
same 'no newline at the end' <"$TMP/in"

# pr_cont() with other lines in between: each piece is a line of its own
same 'in pieces' <<'END'
[   10.000001] Showing busy workqueues and worker pools:
[   10.000002] workqueue events: flags=0x0
[   10.000003]   pwq 6:
[   10.000004]  cpus=3
[   10.000005] usb 1-1: new high-speed USB device number 4 using xhci_hcd
[   10.000006]  node=0
[   10.000007]  flags=0x1 nice=0
[   10.000008]  active=3/256 refcnt=4
[   10.000009]     in-flight:
[   10.000010]  14164:refill_work
[   10.000011] , 29532:stall_fn [wq_stall]
[   10.000012]  BAR(77)
[   10.000013]     pending:
[   10.000014]  vmstat_update
[   10.000015] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready
[   10.000016] , psi_avgs_work
[   10.000017] pool 6:
[   10.000018]  cpus=3 node=0 flags=0x1 nice=0
[   10.000019]  hung=31s workers=4
[   10.000020]  manager: 816
[   10.000021]  idle: 1304
[   10.000022]  2070
END
# the same through /dev/kmsg: c begins, + goes on
same 'in pieces, as extended records' <<'END'
6,1,10000001,-;Showing busy workqueues and worker pools:
6,2,10000002,-;workqueue events: flags=0x0
6,3,10000003,c;  pwq 6: cpus=3
6,4,10000004,+; node=0 flags=0x1 nice=0 active=3/256 refcnt=4
6,5,10000005,-;    in-flight: 14164:refill_work, 29532:stall_fn [wq_stall] BAR(77)
6,6,10000006,-;usb 1-1: new high-speed USB device number 4 using xhci_hcd
 SUBSYSTEM=usb
 DEVICE=c189:3
6,7,10000007,-,ncfrag=0/44;    pending: vmstat_up
6,7,10000007,-,ncfrag=22/44;date, psi_avgs_work
6,8,10000008,-;pool 6: cpus=3 node=0 flags=0x1 nice=0 hung=31s workers=4 manager: 816 idle: 1304 2070
END
same 'wrapped by a mail program' <<'END'
> [   10.000001] Showing busy workqueues and worker
> pools:
> [   10.000002] workqueue events:
> flags=0x0
> [   10.000003]   pwq 6: cpus=3 node=0 flags=0x1 nice=0
> active=3/256 refcnt=4
> [   10.000004]     in-flight: 14164:refill_work, 29532:stall_fn
> [wq_stall] BAR(77)
> [   10.000005]     pending: vmstat_up
> date, psi_avgs_work
> [   10.000006] pool 6: cpus=3 node=0 flags=0x1 nice=0 hung=31s
> workers=4 manager: 816 idle: 1304
> 2070
END
same 'quoted-printable' <<'END'
[   10.000001] Showing busy workqueues and worker pools:
[   10.000002] workqueue events: flags=3D0x0
[   10.000003]   pwq 6: cpus=3D3 node=3D0 flags=3D0x1 nice=3D0 active=3D3/25=
6 refcnt=3D4
[   10.000004]     in-flight: 14164:refill_work, 29532:stall_fn [wq_stall] B=
AR(77)=20
[   10.000005]     pending: vmstat_upd=
ate, psi_avgs_work
[   10.000006] pool 6: cpus=3D3 node=3D0 flags=3D0x1 nice=3D0 hung=3D31s work=
ers=3D4 manager: 816 idle: 1304 2070
END

# where lists are joined: a name goes on without a blank, all else with one
cat >"$TMP/joined" <<'END'
workqueue events: flags=0x0
  pwq 6: cpus=3 node=0 flags=0x1 nice=0 active=3/256 refcnt=4
    pending: one_
fn, two_fn
[mod], three_fn
BAR(5), four_fn,
five_fn
, six_fn
END
is 'lists joined' "$(wqdump -f "$TMP/joined" works -j 2>/dev/null | jq -c '[.works[].function]')" \
	'["one_fn","two_fn [mod]","three_fn","four_fn","five_fn","six_fn"]'

# --- twice ---
sed p "$TMP/whole" >"$TMP/in"
same 'every line twice' <"$TMP/in"
cat "$TMP/whole" "$TMP/whole" >"$TMP/in"
same 'the whole dump twice' <"$TMP/in"
(sed -n 1,3p "$TMP/whole"; cat "$TMP/whole"; sed -n 4,6p "$TMP/whole") >"$TMP/in"
same 'a run of lines twice' <"$TMP/in"
(sed 's/^/<6>/' "$TMP/whole"; sed 's/^/Nov 25 09:31:03 srv1 kernel: /' "$TMP/whole") >"$TMP/in"
same 'twice behind different prefixes' <"$TMP/in"
# equal lines of different workqueues are no repetition
cat >"$TMP/equal" <<'END'
[   10.000001] workqueue a: flags=0x0
[   10.000001]   pwq 6: cpus=3 node=0 flags=0x1 nice=0 active=1/256 refcnt=2
[   10.000001]     pending: one_fn
[   10.000001] workqueue b: flags=0x0
[   10.000001]   pwq 6: cpus=3 node=0 flags=0x1 nice=0 active=1/256 refcnt=2
[   10.000001]     pending: one_fn
END
is 'equal lines that are meant' "$(wqdump -f "$TMP/equal" works -j | jq -c '.works[]|[.workqueue,.function]')" \
'["a","one_fn"]
["b","one_fn"]'
sed 's/^\[[^]]*\] *//; p' "$TMP/whole" >"$TMP/log"
tables "$TMP/log" >"$TMP/out"
is 'without stamps both are kept' "$(grep -c refill_work "$TMP/out")" 4
warned 'log: line 2: repeats line 1, and there are no time stamps: both are kept'

# --- damaged ---
sed -n '4,$p' "$TMP/whole" >"$TMP/log"
is 'cut at its beginning' "$(tables "$TMP/log" | grep running)" \
'["running","refill_work",14164]
["running","stall_fn [wq_stall]",29532]'
warned 'log: line 1: the beginning of this dump is missing'
is 'it is incomplete' "$(wqdump -f "$TMP/log" works -j 2>/dev/null | jq -r .consistency)" incomplete
sed -n '3,$p' "$TMP/whole" >"$TMP/log"
is 'no workqueue line' "$(tables "$TMP/log" | tail -1)" '[null,6,3,256,2,2,4]'
warned 'log: line 1: the beginning of this dump is missing'
sed -n '1,4p' "$TMP/whole" | sed '4s/, 29532.*/, 295/' | head -c -1 >"$TMP/log"
is 'cut at its end' "$(tables "$TMP/log" | grep busy)" '["busy",14164,"refill_work"]'
warned 'log: line 4: the log ends inside this line'
sed -n '1,5p' "$TMP/whole" >"$TMP/log"
is 'no pool lines' "$(tables "$TMP/log" | grep '^\[6')" '[6,"3",["POOL_MANAGER_ACTIVE"],null,null,null,null]'
warned 'log: line 5: the end of this dump is missing: no line of pool 6 follows'
sed -n '1,3p' "$TMP/whole" >"$TMP/log"
tables "$TMP/log" >/dev/null
warned 'log: line 3: pwq 6 has 3 active works, and none follows'
sed 's/in-flight: 14164:refill_work,/in-flight: ?:?!, 12:ok_fn,/; s/refcnt=4/refcnt=x/' "$TMP/whole" >"$TMP/log"
is 'what is readable stays' "$(tables "$TMP/log" | grep -e busy -e events)" \
'["busy",12,"ok_fn"]
["busy",29532,"stall_fn [wq_stall]"]
["events",6,3,256,2,2,null]'
warned 'log: line 3: cannot read "refcnt=x"'
warned 'log: line 4: cannot read "?:?!"'
is 'warnings are in the JSON, too' "$(wqdump -f "$TMP/log" pwqs -j 2>/dev/null | jq -r '.warnings[0]')" \
	'line 3: cannot read "refcnt=x"'

# --- what a name may hold ---
printf 'workqueue e\033[31m\001v: flags=0x1: flags=0x2\n  pwq 8: cpus=0-3 flags=0x4 nice=0 active=1 refcnt=2\n' >"$TMP/log"
printf '    pending: fn\302\233\377\001, b\n' >>"$TMP/log"
is 'control characters' "$(wqdump -f "$TMP/log" works -o workqueue,function --no-header -s workqueue)" \
'e\x01v: flags=0x1 fn\xc2\x9b\xff\x01
e\x01v: flags=0x1 b'
done_testing
