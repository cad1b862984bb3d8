# SPDX-License-Identifier: GPL-2.0-or-later
# A log with several dumps: they are numbered, chosen, and each says why it is there.
. "$(dirname "$0")/lib.sh"
log=$data/log-many.txt

is 'list' "$(wqdump list -f "$log" -o dump,line,time,cause,workqueues,pools,running,pending,inactive,hung_ns)" \
' DUMP   LINE TIME       CAUSE      WQS POOLS   RUN   PEND  INACT     HUNG
    1      3 30.000001  backtrace    -     -     1      -      -        -
    2     13 100.000002 sysrq        1     1     1      0      0        0
    3     33 200.000002 freeze       1     1     0      1      3        -
    4     38 300.000001 destroy      1     1     0      1      0        -
    5     44 400.000001 lockup       1     2     0      1      0    42.0s
    6     51 430.000001 lockup       1     1     0      2      0    1m01s
    7     57 440.000001 backtrace    -     -     1      -      -        -'
is 'list -j' "$(wqdump list -f "$log" -j | jq -c '.dumps[5]|[.dump,.line,.mono_ns,.cause,.release,.pending]')" \
	'[6,51,430000001000,"lockup","6.8.0-31-generic",2]'
is 'the last dump is the default, backtraces apart' \
	"$(wqdump works -f "$log" -j | jq -c '.source.dump,[.works[].function]')" \
'6
["vmstat_update","vmstat_shepherd"]'
is '--dump N' "$(wqdump works -f "$log" --dump 3 -j | jq -c '[.works[]|[.state,.function]]')" \
	'[["pending","mmc_rescan [mmc_core]"],["inactive","mmc_rescan [mmc_core]"],["inactive","mmc_rescan [mmc_core]"],["inactive","mmc_rescan [mmc_core]"]]'
is '--dump all, one object a line' \
	"$(wqdump works -f "$log" --dump all -j | jq -c '[.source.dump,.source.cause,.source.line,(.works|length)]')" \
'[1,"backtrace",3,1]
[2,"sysrq",13,1]
[3,"freeze",33,4]
[4,"destroy",38,1]
[5,"lockup",44,1]
[6,"lockup",51,2]
[7,"backtrace",57,1]'
is 'as tables, each with what it is' "$(cd "$data" && wqdump works -f log-many.txt --dump all -o state | grep log)" \
'log-many.txt: dump 1 (backtrace) at line 3, 30.000001
log-many.txt: dump 2 (sysrq) at line 13, 100.000002
log-many.txt: dump 3 (freeze) at line 33, 200.000002
log-many.txt: dump 4 (destroy) at line 38, 300.000001
log-many.txt: dump 5 (lockup) at line 44, 400.000001
log-many.txt: dump 6 (lockup) at line 51, 430.000001
log-many.txt: dump 7 (backtrace) at line 57, 440.000001'
is 'show says it once' "$(wqdump -f "$log" --dump all | grep -c 'dump [0-9]')" 7
is 'a backtrace alone' "$(wqdump workers -f "$log" --dump 1 -j | jq -c '.workers[]|[.pid,.comm,.state,.workqueue,.function,.pool,.cpu,.stack]')" \
	'[41,"kworker/2:1","busy","events","warn_fn [bad_module]",null,null,["dump_stack_lvl+0x48/0x70","warn_fn+0x12/0x30 [bad_module]","process_one_work+0x16c/0x350"]]'
is 'sysrq-t: traces belong to the dump behind them' \
	"$(wqdump workers -f "$log" --dump 2 -j | jq -c '.workers[]|[.pid,.comm,.desc,.state,.function,.stack]')" \
'[52,"kworker/u8:1","flush-8:0","busy","wb_workfn",["__schedule+0x27c/0x6b0","wb_workfn+0x1b/0x40"]]
[51,null,null,"idle",null,null]
[53,null,null,"idle",null,null]'
is 'destroy: the pwq is not counted twice' "$(wqdump pwqs -f "$log" --dump 4 -j | jq -c '.pwqs[]|[.workqueue,.pool,.pending]')" \
	'["my_wq",2,1]'
is 'destroy: the flag, by its name' "$(wqdump workqueues -f "$log" --dump 4 -o name,flags --no-header)" \
	'my_wq MEM_RECLAIM|__DESTROYING'
is 'lockup: a pool that the dump does not list' "$(wqdump pools -f "$log" --dump 5 -j | jq -c '.pools[]|[.id,.cpu,.cpus,.nice,.hung_ns,.workers]')" \
'[0,0,"0",0,31000000000,null]
[null,2,"2",-20,42000000000,null]'
is 'freeze: what waits in a pool is not all there' "$(wqdump pools -f "$log" --dump 3 -j | jq -c '.pools[0].worklist')" null
is 'a dump that is not there' "$(status wqdump works -f "$log" --dump 8)" 1
ok 'says how many there are' has "$TMP/err" 'log-many.txt has 7 dumps, and no dump 8'
is 'a wrong number' "$(status wqdump works -f "$log" --dump x)" 2
is 'nothing of what is asked for' "$(status wqdump waiters -f "$log")" 1
ok 'says so' has "$TMP/err" 'log-many.txt: dump 6 holds no waiters'
printf 'nothing\nof the kind\n' >"$TMP/none"
is 'no dump at all' "$(status wqdump works -f "$TMP/none")" 1
ok 'says so, too' has "$TMP/err" 'none holds no dump of workqueues'
is 'list of no dump' "$(status wqdump list -f "$TMP/none")" 1
is 'from a pipe' "$(wqdump works -f - -o function --no-header <"$log" | tr '\n' ,)" 'vmstat_update,vmstat_shepherd,'

# --- hogs ---
is 'hogs' "$(wqdump hogs -f "$log")" \
'   TIMES THRESHOLD  LINES FUNCTION
       7    10.0ms      3 output_poll_execute
       4    20.0ms      1 fw_log_work_handler [tenstorrent]'
is 'hogs -j' "$(wqdump hogs -f "$log" -j | jq -c '.hogs[]|[.function,.threshold_ns,.times,.lines,.last_mono_ns]')" \
'["output_poll_execute",10000000,7,3,430000006000]
["fw_log_work_handler [tenstorrent]",20000000,4,1,150000002000]'
is 'no hogs' "$(status wqdump hogs -f "$data/log-6.1.txt")" 1
ok 'says so' has "$TMP/err" 'holds no "hogged CPU" line'
# a new boot counts from 0 again; a line from two consoles is one line
(cat "$log"; sed 's/ 7 times/ 4 times/; s/430.000006/440.000006/' "$log" | grep '440.000006.* 4 times' | sed p) >"$TMP/log"
is 'over two boots' "$(wqdump hogs -f "$TMP/log" -j | jq -c '.hogs[0]|[.times,.lines]')" '[11,4]'
done_testing
