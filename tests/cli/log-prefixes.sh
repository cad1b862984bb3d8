# SPDX-License-Identifier: GPL-2.0-or-later
# One dump behind the prefixes that dmesg, journalctl, syslog daemons, serial consoles and
# netconsole put before it: the same tables from all.
. "$(dirname "$0")/lib.sh"

expected='["log","6.1.0-18-amd64"]
["busy",14164,6,3,"refill_work [wq_stall]","events"]
["manager",816,6,3,null,null]
["running","refill_work [wq_stall]",14164]
["pending","vmstat_update",null]
[6,["POOL_MANAGER_ACTIVE"],31000000000,2,0]'
all='[.source.kind,.source.release],(.workers[]|[.state,.pid,.pool,.cpu,.function,.workqueue]),
	(.works[]|[.state,.function,.worker_pid]),(.pools[]|[.id,.flags,.hung_ns,.workers,.idle])'

tables() {
	for kind in workers works pools; do
		wqdump -f "$1" $kind -j || return
	done | jq -s 'add' | jq -c "$all"
}
moment() { wqdump -f "$data/log-prefix-$1.txt" pools -j | jq -c '[.time,.mono_ns,.source.host]'; }

for log in "$data"/log-prefix-*.txt; do
	is "${log##*/log-prefix-}" "$(tables "$log")" "$expected"
done

# What the prefix tells about the moment: never a guess.
is 'seconds since the boot' "$(moment dmesg)" '[null,123456001000,null]'
is 'a date without a zone' "$(moment dmesg-T)" '[null,null,null]'
is 'a date with a zone' "$(moment dmesg-iso)" '["2026-11-25T09:12:08.456001Z",null,null]'
is 'a date and a host' "$(moment rsyslog)" '["2026-11-25T09:31:03.123456Z",123456001000,"srv1"]'
is 'the journal, monotonic' "$(moment journal-short-monotonic)" '[null,123456002000,"srv1"]'
is 'the journal, in UTC' "$(moment journal-short-full)" '["2025-11-25T09:33:09.000000Z",null,"srv1"]'
is 'the journal, since 1970' "$(moment journal-short-unix)" '["2025-11-25T09:33:09.456001Z",null,"srv1"]'
is 'netconsole' "$(moment netconsole)" '[null,123456001000,null]'

# A prefix that nobody knows does not hide the dump.
sed 's/^\[/lab7 run#12 | [/' "$data/log-6.1.txt" >"$TMP/unknown"
is 'an unknown prefix' "$(wqdump -f "$TMP/unknown" works -j | jq -c '.works[]|[.state,.function]')" \
'["running","flush_to_ldisc"]
["pending","flush_to_ldisc"]
["inactive","idle_cull_fn"]'
done_testing
