# SPDX-License-Identifier: GPL-2.0-or-later
# show of a log: a dump at a glance, and what its "hogged CPU" lines say.
. "$(dirname "$0")/lib.sh"

cd "$data" || exit 1
is 'a dump' "$(wqdump -f log-7.0.txt)" \
'log-7.0.txt: dump 1 (lockup) at line 1
(by its grammar, of Linux 7.1 and later)
2 workqueues, 1 pools, 3 workers, 1 idle; picture consistent

STATE        AGE  POOL     PID WORKQUEUE FUNCTION
running    39.0s    58     184 events    stall_work1_fn [wq_stall]
running    3.00s    58     185 events    slow_fn
pending        -    58       - events    stall_work2_fn [wq_stall]
pending        -    58       - events    vmstat_shepherd
pending        -    58       - events    vmstat_shepherd

    PID COMM WAITS IN        AGE WORKQUEUE FUNCTION
    200 -    flush_work        - events    slow_fn

NAME   ACTIVE  TOTAL    MAX INFLIGHT   PEND  INACT    STARTED FLAGS
events      2      -      -        4      2      0          - PERCPU
events      0      -      -        1      1      0          - PERCPU|__DEPRECATED'
is 'the banner' "$(wqdump -f log-6.1.txt | head -2)" \
'log-6.1.txt: dump 1 at line 2
Linux 6.1.0-18-amd64: 1 workqueues, 1 pools, 3 workers, 2 idle; picture consistent'
is '-j holds the arrays of show' "$(wqdump -f log-7.0.txt -j | jq -c '[to_entries[] | select(.value|type == "array") | .key]')" \
	'["workqueues","pwqs","pools","workers","works","waiters"]'
is '--dump all -j, one object a line' "$(wqdump show -f log-many.txt --dump all -j | wc -l)" 7
is 'hogs beside a dump' "$(wqdump -f log-many.txt | tail -3)" \
'   TIMES THRESHOLD  LINES FUNCTION
       7    10.0ms      3 output_poll_execute
       4    20.0ms      1 fw_log_work_handler [tenstorrent]'

grep hogged log-many.txt >"$TMP/hogs"
is 'only hogs' "$(wqdump -f "$TMP/hogs")" \
'   TIMES THRESHOLD  LINES FUNCTION
       7    10.0ms      3 output_poll_execute
       4    20.0ms      1 fw_log_work_handler [tenstorrent]'
is 'only hogs -j' "$(wqdump -f "$TMP/hogs" -j | jq -c '[.workqueues,.pwqs,.pools,.workers,.works,.waiters,(.hogs|length)]')" \
	'[[],[],[],[],[],[],2]'
is 'works of only hogs' "$(status wqdump works -f "$TMP/hogs")" 1
ok 'says what there is' has "$TMP/err" 'only "hogged CPU" lines: wqdump hogs shows them'
echo 'Showing busy workqueues and worker pools:' >"$TMP/idle"
is 'a dump of nothing' "$(status wqdump show -f "$TMP/idle")" 1
ok 'says so' has "$TMP/err" 'in dump 1 nothing is busy'
wqdump -f log-7.0.txt -j >"$TMP/saved.json"
is 'saved, and read back' "$(wqdump -f "$TMP/saved.json" -j)" "$(cat "$TMP/saved.json")"
is 'with its stacks' "$(wqdump works --stack -f "$TMP/saved.json" | grep -c process_one_work)" 2
done_testing
