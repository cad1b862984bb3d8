# SPDX-License-Identifier: GPL-2.0-or-later
# A program on libwq, seen from outside: gates.c goes from state to state and stays in each until it
# is told to go on, so what is shown must be exactly that. Then stopped, killed, of another user.
. "$(dirname "$0")/lib.sh"
prog=gates-$$			# others may run this test, too
gates=$TMP/$prog
cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
ln -s "$(realpath "$O")/tests/cli/gates" "$gates"
[ -x "$gates" ] || skip_all 'the program gates is not built: make check builds it'
trap 'exec 3>&-; rm -rf "$TMP"' EXIT
mkfifo "$TMP/in" "$TMP/answers"

# start COMMAND...: gates, run by that; its own pid of it in $own, ours of its starter in $child
start() {
	"$@" <"$TMP/in" >"$TMP/answers" 2>"$TMP/gates.err" &
	child=$!
	exec 3>"$TMP/in" 4<"$TMP/answers"
	read -r own <&4
}

# say COMMAND: what it answers is in $answer
say() {
	echo "$1" >&3
	read -r answer <&4
}

end() {
	exec 3>&- 4<&-
	wait $child 2>"$TMP/wait.err"
}

# query FILTER: of all that is shown of $pid
query() { wqdump -p "$pid" show -j --all | jq -cr "$1"; }
# until_it COMMAND...: as soon as it succeeds, while the program lives
until_it() {
	until "$@" >"$TMP/until" 2>&1; do
		kill -0 $child 2>/dev/null || return 1
	done
}
knows_rescuers() { [ "$(query '[.workqueues[] | select(.rescuer_pid)] | length')" = 2 ]; }
nr_waiters() { [ "$(query '.waiters | length')" = "$1" ]; }

works='[.works[] | [.state, .workqueue, .function] | join(" ")] | sort | .[]'
queue_of() { echo ".workqueues[] | select(.name == \"$1\") | [.active,.total,.max,.in_flight,.running,
	.scheduled,.pending,.inactive,.nr_active,.started,.completed] | map(tostring) | join(\" \")"; }

# --- states ---

# One worker to a pool: what waits for it is certain.
start env WQ_DEBUG=one-worker "$gates"
pid=$own
until_it knows_rescuers		# a thread tells its number once it runs
is 'its workqueues are there, beside the twelve of every process' \
	"$(query '.workqueues[12:] | .[] | [.name, (.flags | join("|")), .max_active, .ordered,
		(.rescuer_pid != null), .nice] | @csv')" \
'"gate_bound","WQ_PERCPU",1,false,false,0
"gate_other","WQ_FREEZABLE|WQ_PERCPU",1024,false,false,0
"gate\x1b[2J_unbound","WQ_UNBOUND|WQ_MEM_RECLAIM",1024,false,true,0
"gate_ordered","WQ_UNBOUND|WQ_MEM_RECLAIM|__WQ_ORDERED",1,true,true,0'
is 'nothing is in flight' "$(query "$works")" ''
is 'the source is the process' "$(query '.source | [.kind, .pid, .program] | @csv')" \
	"\"process\",$pid,\"$prog\""

say 'run a 0'
is 'an item runs' "$(query "$works")" 'running gate_bound wait_at_gate'
is 'it is counted' "$(query "$(queue_of gate_bound)")" '1 1 1 1 1 0 0 0 1 1 0'
is 'its worker says so' "$(query '.workers[] | select(.state == "busy") |
	[.comm, .desc, .function, .workqueue, .cpu, (.age_ns > 0)] | @csv')" \
	"\"kworker/$cpu:0\",\"gate-0\",\"wait_at_gate\",\"gate_bound\",$cpu,true"
say 'queue a 1'
say 'queue a 2'
is 'two are held back by max_active' "$(query "$(queue_of gate_bound)")" '1 1 1 3 1 0 0 2 1 1 0'
say 'queue b 3'
is 'one waits for a worker' "$(query "$(queue_of gate_other)")" '0 1 1024 1 0 0 1 0 1 0 0'
is 'the pool tells' "$(query '.pools[] | select(.worklist > 0) |
	[.cpu, .workers, .idle, .busy, .worklist, (.hung_ns > 0)] | @csv')" "$cpu,1,0,1,1,true"
say 'arm b 0'
is 'a delayed item is shown, and counts nowhere' "$(query "$(queue_of gate_other)")" \
	'0 1 1024 1 0 0 1 0 1 0 0'
is 'when it is due' "$(query '.works[] | select(.state == "delayed") |
	[.workqueue, .function, (.due_in_ns > 100e9 and .due_in_ns <= 1000e9)] | @csv')" \
	'"gate_other","pass",true'
say 'flush 0'
ok 'a thread waits for an item' until_it nr_waiters 1
is 'it is named, harmlessly, with what it waits for' "$(query '.waiters[] |
	[.comm, .waits_in, .function, .workqueue, .work_state, (.worker_pid != null)] | @csv')" \
	'"flush-\x1b[31m","flush_work","wait_at_gate","gate_bound","running",true'
say 'drain a'
ok 'another one waits for the workqueue' until_it nr_waiters 2
is 'it is named' "$(query '.waiters[] | select(.waits_in == "flush_workqueue") |
	[.comm, .workqueue] | @csv')" '"drain","gate_bound"'
is 'all works' "$(query "$works")" 'delayed gate_other pass
inactive gate_bound wait_at_gate
inactive gate_bound wait_at_gate
pending gate_other wait_at_gate
running gate_bound wait_at_gate'
is 'the works that are listed are all that are counted' "$(query '.left_out | length')" 0
is 'and nothing was torn' "$(query .consistency)" consistent

threads() {
	for task in /proc/"$pid"/task/*; do
		echo "${task##*/} $(cat "$task/comm")"
	done | grep ' kworker/' | sed 's/\x1b/\\x1b/' | sort
}
workers() { query '.workers[] | "\(.pid) \(.comm)"' | sort; }
is 'the workers are the threads called kworker/' "$(workers)" "$(threads)"

ok 'busy is in the words of the kernel' sh -c 'wqdump -p "$1" busy | grep -q "in-flight: .*:wait_at_gate"' - "$pid"
ok 'no control characters' sh -c '! { wqdump -p "$1"; wqdump -p "$1" workers; wqdump -p "$1" waiters
	wqdump -p "$1" busy; wqdump list; } | tr -d "\n" | grep -q "[[:cntrl:]]"' - "$pid"

# --- stopped: the same ---

# Without times, and without nr_running: the sentinel sees in its own time that an item blocks.
timeless='del(.time, .mono_ns) | del(.. | .age_ns?, .hung_ns?, .due_in_ns?, .age_min_ns?, .nr_running?)'
query "$timeless" >"$TMP/running"
kill -STOP "$pid"
ok 'stopped' until_it sh -c 'grep -q "^State:.T" /proc/'"$pid"'/status'
query "$timeless" >"$TMP/stopped"
ok 'a stopped process is shown the same' diff "$TMP/running" "$TMP/stopped"
is 'and it is said' "$(wqdump -p "$pid" | sed -n 2p)" '(the process is stopped)'
kill -CONT "$pid"

# --- saved, and dumped: the same ---

tables='[.source.pid, .workqueues, .pwqs, .pools, .workers]'
query "$timeless | $tables" >"$TMP/live"
is 'it is saved' "$(status wqdump -p "$pid" save "$TMP/saved")" 0
wqdump -f "$TMP/saved" show -j | jq -cr "$timeless | $tables" >"$TMP/from-saved"
ok 'what was saved is shown the same' diff "$TMP/live" "$TMP/from-saved"
is 'but for what waits, which is counted' \
	"$(wqdump -f "$TMP/saved" show -j | jq -c '[(.works | length), .left_out.works]')" '[1,4]'
is 'ages are those of the moment' "$(wqdump -f "$TMP/saved" works -j | jq '.works[0].age_ns > 0')" true
is 'list has one' "$(wqdump -f "$TMP/saved" list --no-header | wc -l)" 1
head -c 100000 "$TMP/saved" >"$TMP/cut"
is 'a cut file fails' "$(status wqdump -f "$TMP/cut")" 1
ok 'and is said to be' has "$TMP/err" 'is cut'
is 'save needs a process' "$(status wqdump save "$TMP/x")" 2
is 'save needs a name' "$(status wqdump -p "$pid" save)" 2
is 'a program is no core' "$(status wqdump -f "$O/bin/wqdump")" 1
ok 'and is told so' has "$TMP/err" 'is an ELF file, but'
# A sanitizer's shadow is terabytes of address space.
if nm "$O/tests/cli/gates" | grep -qE ' __(asan|tsan)_init'; then
	skip 'a core file is shown the same' 'a core file of a sanitized program is too large'
elif command -v gcore >/dev/null && grep -q HAVE_ELF "$O/config.mk" &&
	gcore -o "$TMP/core" "$pid" >"$TMP/gcore" 2>&1; then
	wqdump -f "$TMP/core.$pid" show -j >"$TMP/core.json"
	jq -cr "$timeless | $tables" "$TMP/core.json" >"$TMP/from-core"
	ok 'a core file is shown the same' diff "$TMP/live" "$TMP/from-core"
	is 'with what waits' "$(jq -r '[.works[] | [.state, .workqueue] | join(" ")] | sort | .[]' "$TMP/core.json")" \
		"$(query '[.works[] | [.state, .workqueue] | join(" ")] | sort | .[]')"
	is 'and ages that are at least so' "$(jq -c '.works[] | select(.state == "running") |
		[.age_ns, .due_in_ns]' "$TMP/core.json")" '[null,null]'
	rm "$TMP/core.$pid"
else
	skip 'a core file is shown the same' 'no gcore, or no libelf'
fi

# --- side by side, and what needs the kernel ---

ln -s "$(realpath "$O")/tests/cli/gates" "$TMP/other-$$"
mkfifo "$TMP/in-2" "$TMP/answers-2"
"$TMP/other-$$" <"$TMP/in-2" >"$TMP/answers-2" 2>"$TMP/other.err" &
exec 5>"$TMP/in-2" 6<"$TMP/answers-2"
read -r other <&6
is 'two processes are two objects, one a line' \
	"$(wqdump -p "$pid" -p "other-$$" -j workqueues | jq -c .source.pid | xargs)" "$pid $other"
is 'each is told once' \
	"$(wqdump -p "$pid" -p "$prog" -p "$other" -p "$pid" -j workqueues | jq -c .source.pid | xargs)" "$pid $other"
is 'as text they are named' "$(wqdump -p "$pid" -p "$other" pools | grep '(PID' | xargs)" \
	"$prog (PID $pid): other-$$ (PID $other):"
is 'one that is not there' "$(status wqdump -p "$pid" -p no-such-name)" 1
ok 'is said, whatever else there is' has "$TMP/err" 'is called "no-such-name"'
exec 5>&- 6<&-
is 'list has it' "$(wqdump list -j | jq -r ".sources[] | select(.pid == $pid) |
	[.kind, .name, .readable] | @csv")" "\"process\",\"$prog\",true"
for command in affinity latency trace hogs; do
	is "$command needs the kernel" "$(status wqdump -p "$pid" $command)" 1
done
for command in pin unpin list 'show --exact'; do
	# shellcheck disable=SC2086 # words
	is "$command does not go with -p" "$(status wqdump -p "$pid" $command)" 2
done
if command -v wqtop >/dev/null; then
	is 'wqtop shows it' "$(wqtop -p "$prog" --print | grep -c "^$prog (PID $pid)  ")" 1
	wqtop -p "$pid" --view workqueues -b -d 0.01 -n 2 >"$TMP/twice"
	is 'and again' "$(grep -c 'gate_bound .*wait_at_gate' "$TMP/twice")" 2
fi

# --- on ---

say open
# Three items, and the flush_work(): the kernel counts its barrier as well.
idle='0 1 1 0 0 0 0 0 0 4 4'
is 'all are done' "$(query "$(queue_of gate_bound)")" "$idle"
is 'but the delayed one' "$(query "$works")" 'delayed gate_other pass'
say disarm
is 'which is taken back' "$(query "$works")" ''
is 'nobody waits' "$(query '.waiters | length')" 0
say 'queues 100 20'
is 'many items are all listed with --all, also while workers take them up' \
	"$(query '[.works[] | select(.workqueue | startswith("more"))] | length')" 2000
is 'and counted' "$(query '[.workqueues[] | select(.name | startswith("more")) | .in_flight] | add')" 2000

# --- other processes ---

is 'a number that is none' "$(status wqdump -p 4194305)" 1
ok 'is said' has "$TMP/err" 'there is no process 4194305'
is 'a name that is none' "$(status wqdump -p no-such-name)" 1
ok 'is said' has "$TMP/err" 'is called "no-such-name"'
is 'a process that is no program on libwq' "$(status wqdump -p $$)" 1
ok 'is said' has "$TMP/err" 'shows no workqueues: it is no program on libwq'
say fork
is 'a child that only inherits' "$(status wqdump -p "$answer")" 1
ok 'has none' grep -qE 'shows no workqueues|does not show its workqueues|inherited' "$TMP/err"

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	cp "$O/bin/wqdump" "$TMP/wqdump"
	chmod 755 "$TMP" "$TMP/wqdump"
	is "another user's process" "$(status as_nobody "$TMP/wqdump" -p "$pid")" 1
	ok 'is refused, with whose it is' has "$TMP/err" "(PID $pid) is another user's (root): run it as that user, or as root"
	is 'and is not in its list' "$(as_nobody "$TMP/wqdump" list -j | jq "[.sources[] | select(.pid == $pid)] | length")" 0
	if unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc' 2>"$TMP/err"; then
		unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc
			exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' - "$TMP/wqdump" -p "$pid" 2>"$TMP/err"
		ok 'one that /proc hides is said to be' has "$TMP/err" "process $pid is hidden from this user"
	else
		skip 'one that /proc hides is said to be' 'no mounting here'
	fi
else
	skip "another user's process" 'only root can be another user'
fi
# --- the end: SIGKILL, a closed descriptor, exec ---

says() { has "$1" "$2" || { cat "$1"; return 1; }; }
# watch: in the background, without the program's standard input, whose end it waits for
watch() {
	exec 3>&- 4<&-
	wqtop -p "$pid" -b -d 0.01 2>"$TMP/top.err" >"$TMP/top"
	echo $? >"$TMP/top.rc"
}
watch &
watcher=$!
ok 'wqtop looks on' until_it has "$TMP/top" "$prog (PID"
kill -KILL "$pid"
wait $watcher
is 'it ends in batch mode' "$(cat "$TMP/top.rc")" 1
ok 'saying why' says "$TMP/top.err" "$prog (PID $pid) has ended"
end
is 'a dead process' "$(status wqdump -p "$pid")" 1

start env WQ_DEBUG=one-worker "$gates"
pid=$own
say 'run a 0'
say close
listed() { wqdump list -j | jq -c ".sources[] | select(.pid == $pid) | [.name, .readable]"; }
if [ "$(id -u)" = 0 ]; then
	is 'without its descriptor, root finds the mapping' "$(query "$works")" \
		'running gate_bound wait_at_gate'
	is 'by its name, too' "$(wqdump -p "$prog" -j workers | jq .source.pid)" "$pid"
	is 'and list does' "$(listed)" "[\"$prog\",true]"
else
	is 'without its descriptor' "$(status wqdump -p "$pid")" 1
	ok 'it is said who can still read it' has "$TMP/err" 'can still read it'
	is 'list says so' "$(listed)" "[\"$prog\",false]"
fi
end

# The user's own process, with and without the one capability that is needed.
cp -L "$O/bin/wqdump" "$O/tests/cli/gates" "$O"/lib/libwq.so.0 "$TMP"
chmod 755 "$TMP" "$TMP/wqdump" "$TMP/gates" "$TMP/libwq.so.0"
as_its_user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
restore='--inh-caps +checkpoint_restore --ambient-caps +checkpoint_restore'
# shellcheck disable=SC2086 # words
if [ "$(id -u)" = 0 ] && as_its_user $restore env LD_LIBRARY_PATH="$TMP" "$TMP/gates" </dev/null >"$TMP/try" 2>&1; then
	start setpriv --reuid=65534 --regid=65534 --clear-groups env LD_LIBRARY_PATH="$TMP" "$TMP/gates"
	pid=$own
	say close
	is 'its user does not find it' "$(status as_its_user "$TMP/wqdump" -p "$pid")" 1
	ok 'and is told who does' has "$TMP/err" 'CAP_CHECKPOINT_RESTORE, can still read it'
	is 'but does with that capability' "$(status as_its_user $restore "$TMP/wqdump" -p "$pid")" 0
	end
else
	skip "a user's own closed descriptor" 'only root can be a user with CAP_CHECKPOINT_RESTORE'
fi

start env WQ_DEBUG=one-worker "$gates"
pid=$own
say 'run a 0'
say 'queue b 1'
say leave
is 'without its main thread' "$(query "$works")" 'pending gate_other wait_at_gate
running gate_bound wait_at_gate'
is 'it has not ended' "$(wqdump -p "$prog" -i 0.01 -n 2 -j workers | jq -c .source.pid | xargs)" "$pid $pid"
is 'list has it' "$(listed)" "[\"$prog\",true]"
is 'its workers are its threads' "$(workers)" "$(threads)"
ok 'it is saved' wqdump -p "$pid" save "$TMP/saved-2"
watch &
watcher=$!
ok 'wqtop looks on' until_it has "$TMP/top" "$prog (PID"
end
wait $watcher
ok 'until all have ended' says "$TMP/top.err" "$prog (PID $pid) has ended"

start env "$gates"
pid=$own
echo 'exec cat' >&3
until_it sh -c "grep -qx cat /proc/$pid/comm"
is 'after an exec it is no program on libwq' "$(status wqdump -p "$pid")" 1
ok 'and it is said' has "$TMP/err" "cat (PID $pid) shows no workqueues"
end

# --- list, again and again: what becomes a program on libwq, and what ends ---

is 'list -i goes on' "$(wqdump list -i 0.01 -n 3 -j | jq -s length)" 3
start sh -c 'echo $$; read -r go; echo $go; exec "$0"' "$gates"
pid=$own
wqdump list -i 0.01 -j >"$TMP/list" 3>&- 4<&- &
lister=$!
last_has() { tail -n 2 "$TMP/list" | head -n 1 | jq -e ".sources | any(.pid == $pid)"; }
ok 'list looks on' until_it test -s "$TMP/list"
ok 'a shell is not in it' sh -c '! head -n 1 "$0" | jq -e ".sources | any(.pid == $1)"' "$TMP/list" "$pid"
say go
read -r own <&4
ok 'what becomes a program on libwq is, in time' until_it last_has
end
ended() { ! last_has; }
child=$lister
ok 'until it ends' until_it ended
kill "$lister"
wait "$lister"
is 'a signal ends it well' $? 0

start env WQ_PARAMS=publish=0 "$gates"
pid=$own
is 'one that does not publish' "$(status wqdump -p "$pid")" 1
ok 'is told from one without libwq' has "$TMP/err" 'has libwq, but does not show its workqueues'
end

if unshare -p -f true 2>/dev/null; then
	start unshare -p -f "$gates"
	pid=$(cat /proc/$child/task/$child/children | tr -d ' ')
	say 'run a 0'
	is 'in a pid namespace' "$(query .source.pid)" "$pid"
	is 'its workers have our numbers' "$(workers)" "$(threads)"
	end
else
	skip 'in a pid namespace' 'only root can make one here'
fi

# Clocks that are ahead of ours.
if unshare -T -f --boottime 1000 --monotonic 5000 true 2>/dev/null; then
	start unshare -T -f --boottime 1000 --monotonic 5000 "$gates"
	pid=$own
	say 'run a 0'
	say 'arm b 0'
	is 'in a time namespace' "$(query "$works")" 'delayed gate_other pass
running gate_bound wait_at_gate'
	is 'times are by its clock' "$(query '.works[] | if .state == "running" then .age_ns < 4000e9
		else .due_in_ns > 100e9 and .due_in_ns <= 1000e9 end')" 'true
true'
	ok 'what is saved' wqdump -p "$pid" save "$TMP/saved-3"
	is 'has its times, too' "$(wqdump -f "$TMP/saved-3" works -j | jq '.works[0].age_ns < 4000e9')" true
	is 'by its name' "$(wqdump -p "$prog" -j workers | jq .source.pid)" "$pid"
	end
else
	skip 'in a time namespace' 'only root can make one here, from Linux 5.6 on'
fi
done_testing
