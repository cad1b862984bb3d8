# SPDX-License-Identifier: GPL-2.0-or-later
# judge.sh - sourced by lab.sh: compares what the scene, the witness and wqdump say.
# Each comparison is two jq programs over two files of $got, which must print the same rows;
# the scene is at hand as $scene, and whether this kernel must tell start times as $ages.
# What the scene does not promise is left out: barriers, and the one work that moves.

defs='
def promised: (.workqueue // .name | startswith("scene_"))
	and .function != "wq_barrier_func" and .function != "scene_again_and_again";
def still: . != "scene_later";
def counted: . as $name | ["scene_percpu", "scene_sysfs", "scene_bh"] | index($name);
def no_module: if . then sub(" \\[.*\\]$"; "") else . end;
def works: inputs.works[] | .function |= no_module | select(promised);
def workers: inputs.workers[] | .function |= no_module | select(.workqueue and .function and promised);
def is($kind): inputs | select(.is == $kind);
def cpus: [split(",")[] | split("-") | map(tonumber) | range(.[0]; .[-1] + 1)];
def cpu_pools: [.cpu_pool[] | .pool as $pool | .cpus | cpus[] | [., $pool]] | sort | map(.[1]);
def plain: startswith("many odd") | not;
def far($a; $b): $a - $b | fabs > 1e9;
'

. "$lab/judge_pins.sh"

# rows FILE FILTER
rows() {
	if [ -e "$got/$1.status" ] && [ "$(cat "$got/$1.status")" != 0 ]; then
		echo "$1 failed: $(cat "$got/$1.err")" >&2
		return 1
	fi
	jq -n -c --slurpfile scene "$scene" --argjson ages ${ages:-false} "$defs $2" "$got/$1" >"$TMP/rows" &&
		LC_ALL=C sort "$TMP/rows"
}

# equal FILE FILTER FILE FILTER: two files agree, and there is something to agree on
equal() {
	rows "$1" "$2" >"$TMP/left" && rows "$3" "$4" >"$TMP/right" &&
		[ -s "$TMP/left" ] && diff -U0 --label "$1" --label "$3" "$TMP/left" "$TMP/right"
}

# none FILE FILTER: no row is printed
none() { rows "$1" "$2" >"$TMP/left" && ! grep . "$TMP/left"; }

lines='inputs | [.name, .flags_raw, .max_active]'
listed='inputs.workqueues[] | [.name, .flags_raw, .max_active]'

# same_list PREFIX: between two looks of the witness, wqdump lists the same workqueues
same_list() {
	ok "$1wqdump lists the witness's workqueues" \
		equal "$1witness" "$lines" "$1workqueues" "$listed"
	ok "$1nothing moved meanwhile" equal "$1witness" "$lines" "$1after" "$lines"
}

# latency may have to refuse
quiet() { ! cat $(ls "$got"/*.err | grep -v /latency) | grep .; }
all_done() { ! grep -L '^0$' $(ls "$got"/*.status | grep -v /latency) | grep .; }

judge_witness() {
	ok 'the witness sees the same from the symbol and from the tasks' \
		equal bare-witness "$lines" bare-after "$lines"
	[ -z "$no_module" ] || return
	ok 'the witness sees the same with two capabilities' \
		equal witness "$lines" nobody-after "$lines"
	ok "the witness sees the scene's workqueues" \
		equal scene 'is("queue") | [.name, .flags_raw, .max_active]' \
		witness 'inputs | select(promised) | [.name, .flags_raw, .max_active]'
}

judge_wqdump() {
	for prefix in bare- loaded-pty- loaded-bpfmap-; do
		same_list "$prefix"
	done
	judge_affinity
	[ -z "$no_module" ] || return
	same_list ''
	judge_scene
	judge_pins
	judge_events
	[ -z "$heap" ] || judge_heap
}

# The scene's works at the time of FILE: a slow guest may get to see its timers expire.
known_works() {
	echo 'is("work") | select([.state] | inside(["done", "moving"]) | not)
		| select(.due_ns == null or .due_ns > '"$(jq .mono_ns "$got/$1")"')
		| [.workqueue, .state, .function, .address, .worker_pid]'
}

judge_affinity() {
	pools='is("queue") | [.name[:24], .cpu_pool, .dfl_pool, .node_max]'
	pods='is("scope") | [.scope, .nr_pods, .cpu_pod, .pod_node]'
	for picture in affinity affinity-derived affinity-nobody; do
		ok "$picture: the pool of each CPU, and nodes' max_active" \
			equal kcore "$pools" $picture 'inputs.affinity[] | [.name[:24], cpu_pools,
				.dfl_pool, (.node_active | if . then map(.max) else null end)]'
		[ -n "$(rows kcore "$pods")" ] || continue
		ok "$picture: scopes and pods" equal kcore "$pods" $picture 'inputs.affinity_scopes[]
			| [.scope, .nr_pods, .cpu_pod, [.pods[].node]]'
	done
	if [ -n "$(rows kcore "$pods")" ]; then
		ok 'affinity: two pools where two CPUs are apart' equal affinity \
			'inputs.affinity[] | select(.name == "writeback") | [cpu_pools | unique | length]' \
			affinity 'input | [2]'
		ok 'affinity: pods are derived only where the symbol is not shown' \
			none affinity 'inputs.affinity_scopes[] | select(.derived)'
		ok 'affinity: and then they are' \
			none affinity-derived 'inputs.affinity_scopes[] | select(.derived | not)'
	fi
}

judge_scene() {
	ok 'workqueues: names, flags and max_active as made' \
		equal scene 'is("queue") | [.name, .flags_raw, (.flags | sort), .max_active]' \
		workqueues 'inputs.workqueues[] | select(promised)
			| [.name, .flags_raw, (.flags | sort), .max_active]'
	ok 'workqueues: how many run, are scheduled, pending, inactive' \
		equal scene '[inputs] as $all | $all[] | select(.is == "queue") | .name | select(still)
			| . as $q | [., (("running", "scheduled", "pending", "inactive") as $state
			| [$all[] | select(.is == "work" and .workqueue == $q and .state == $state)]
			| length)]' \
		workqueues 'inputs.workqueues[] | select(promised) | select(.name | still)
			| [.name, .running, .scheduled, .pending, .inactive]'
	ok 'workqueues: completed as far as this kernel counts' \
		equal witness 'inputs | select(.name | counted)
			| [.name, ([.pwqs[].stats // [] | .[1]] | add)]' \
		workqueues 'inputs.workqueues[] | select(.name | counted) | [.name, .completed]'
	ok 'workqueues: rescuers where memory is reclaimed' \
		equal scene 'is("queue") | select(.flags | index("WQ_MEM_RECLAIM")) | .name' \
		workqueues 'inputs.workqueues[] | select(promised and .rescuer_pid) | .name'
	ok 'pwqs: pool, CPU and nr_active as the witness sees them' \
		equal witness 'inputs | select(promised) | select(.name | still) | .name as $q | .pwqs[]
			| [$q, .pool, (.cpu | if . < 0 then null else . end), .nr_active]' \
		pwqs 'inputs.pwqs[] | select(promised) | select(.workqueue | still)
			| [.workqueue, .pool, .cpu, .nr_active]'
	dumped='works | [.workqueue, .state, .function, .address, .worker_pid]'
	ok 'works: state, function, address, worker' equal scene "$(known_works works)" works "$dumped"
	works=$(known_works nobody)
	if [ -z "$names_need_syslog" ]; then
		ok 'works: the same with two capabilities' equal scene "$works" nobody "$dumped"
	else
		ok 'works: the same with two capabilities, but for names and delayed works' \
			equal scene "$works | select(.[1] != \"delayed\" and (.[0] | still)) | .[2] = null" \
			nobody "$dumped | select(.[0] | still)"
	fi
	ok 'works: due when their timers are' none works 'input as $got | $scene[]
		| select(.due_ns and .due_ns > $got.mono_ns) | . as $w | [$got.works[] | select(.address == $w.address)][0].due_in_ns as $in
		| select($in == null or far($got.mono_ns + $in; $w.due_ns))'
	ok 'works: as old as they are, or of unknown age where the kernel does not tell' none works '
		input as $got | $scene[] | select(.state == "running") | . as $w
		| [$got.works[] | select(.address == $w.address and .state == "running")][0].age_ns as $age
		| select(if $age then far($got.mono_ns - $age; $w.started_ns) else $ages end)'
	ok 'workers: who runs what' \
		equal scene 'is("work") | select(.state == "running") | [.workqueue, .function, .worker_pid]' \
		workers 'workers | [.workqueue, .function, .pid]'
	ok 'waiters: who waits for what' \
		equal scene 'is("waiter") | [.comm, .pid, .waits_in, .workqueue, .function]' \
		waiters 'inputs.waiters[] | .function |= no_module | select(promised)
			| [.comm, .pid, .waits_in, .workqueue, .function]'
	ok 'pools: read without a doubt' none pools 'inputs.pools[] | select(.consistency == "incomplete")'
	judge_log
}

# The scene's blocks of a dump: without what stands before the text, and without the pools,
# which serve others, too. What one hash holds is printed in any order.
blocks() {
	sed 's/^\[ *[0-9.]*\] //' "$1" | awk '
		/^workqueue / { on = /^workqueue scene_/ && !/scene_later/ }
		/^pool / { on = 0 }
		on && /in-flight: / {
			n = split(substr($0, 16), worker, / ?, ?/)
			for (i = 1; i <= n; i++)
				print "    in-flight: " worker[i] | "LC_ALL=C sort"
			close("LC_ALL=C sort")
			next
		}
		on { print; fflush() }' >"$TMP/blocks.$2"
	[ -s "$TMP/blocks.$2" ]
}
same_blocks() {
	sed -n '/Showing busy workqueues/,$p' "$got/sysrq" >"$TMP/kernels"
	blocks "$TMP/kernels" kernel && blocks "$got/busy" ours &&
		diff -U1 "$TMP/blocks.kernel" "$TMP/blocks.ours"
}

# The kernel's own dump (sysrq-t), read as a log, tells the same as its memory.
judge_log() {
	for array in works waiters workers; do
		wqdump $array -f "$got/sysrq" -j >"$got/log-$array" 2>"$got/log-$array.err"
		echo $? >"$got/log-$array.status"
	done
	shown='is("work") | select([.state] | inside(["done", "moving", "delayed"]) | not)
		| select(.workqueue | still) | [.workqueue, .state, .function, .worker_pid]'
	ok 'sysrq-t as a log: works' equal scene "$shown" \
		log-works 'works | select(.workqueue | still)
			| [.workqueue, .state, .function, .worker_pid]'
	ok 'sysrq-t as a log: who waits for which work' \
		equal scene 'is("waiter") | select(.waits_in == "flush_work")
			| [.pid, .workqueue, .function]' \
		log-waiters 'inputs.waiters[] | .function |= no_module | select(promised)
			| [.pid, .workqueue, .function]'
	ok 'sysrq-t as a log: call traces of what runs' \
		equal scene 'is("work") | select(.state == "running" and .worker_pid) | [.worker_pid, true]' \
		log-workers 'workers | select(.pid) | [.pid, (.stack | length > 0)]'
	ok 'busy --as-kernel prints what the kernel prints' same_blocks
	wqdump works -f "$got/busy" -j >"$got/back-works"
	ok 'and read back it is what was read live' \
		equal works 'works | select([.state] | inside(["delayed"]) | not)
			| select(.workqueue | still) | [.workqueue, .state, .function, .worker_pid]' \
		back-works 'works | select(.workqueue | still)
			| [.workqueue, .state, .function, .worker_pid]'
}

# "[started,ended]" as ftrace saw them in the interval that wqdump tells, both in microseconds.
counted_by_ftrace() {
	jq -r '[.interval.from_mono_ns, .interval.to_mono_ns] | map(. / 1000 | floor | tostring) | join(" ")' \
		"$got/latency" >"$TMP/interval" && read -r from to <"$TMP/interval" || return
	sed -E 's/^.* ([0-9]+)\.([0-9]{6}): workqueue_execute_(start|end): .*/\1\2 \3/' "$got/ftrace" |
		awk -v from="$from" -v to="$to" '
			$1 >= from && $1 < to { nr[$2]++ }
			END { printf "[%d,%d]\n", nr["start"], nr["end"] }'
}

# A program of ours that an interrupt finds running misses that interrupt's event, and counts it.
judge_events() {
	again='select(.function | no_module == "scene_again_and_again")'
	ok 'trace: queue, activate, start, end, again and again' none trace "
		{\"workqueue_queue_work\": 0, \"workqueue_activate_work\": 1,
		 \"workqueue_execute_start\": 2, \"workqueue_execute_end\": 3} as \$place
		| [inputs] | (.[-1].lost // 0) as \$lost | [.[].events[] | $again | \$place[.event]]
		| . as \$seen | if length < 8 then \"only \(length) events\"
			elif \$lost > 0 then empty else range(1; length)
			| select(\$seen[.] != (\$seen[. - 1] + 1) % 4) end"
	if [ -n "$no_latency" ]; then
		ok 'latency: refused, with the reason' has "$got/latency.err" "$no_latency"
		return
	fi
	counted_by_ftrace >"$got/counted"
	ok 'latency: there was something to count' none counted 'inputs | select(.[0] == 0)'
	ok 'latency: started and ended as often as ftrace saw, but for the lost' none latency "
		$(cat "$got/counted") as \$counted | inputs | .lost as \$lost | .functions[] | $again
		| [.started, .ended] as \$ours | (0, 1) | \$counted[.] - \$ours[.]
		| select(. < 0 or . > \$lost)"
	ok 'latency: the scene has its row' rows latency "input.functions | any($again | true)
		| if . then . else error end"
}

# 100,000 works wait in a pool for the hog, each tenth for the same of 10,000 workqueues, and
# 100,000 for a workqueue's only place. The kernel's own works may be left out as well.
judge_heap() {
	ok 'heap: the witness and wqdump see the same 10,000 workqueues' \
		equal heap-witness 'inputs | select(.name | plain) | [.name, .flags_raw, .max_active]' \
		heap-workqueues 'inputs.workqueues[] | select(.name | plain)
			| [.name, .flags_raw, .max_active]'
	ok 'heap: nothing moved meanwhile' equal heap-witness "$lines" heap-after "$lines"
	ok 'heap: pending and inactive works are counted' none heap-workqueues 'input.workqueues
		| ([.[] | select(.name | startswith("many")) | .pending] | unique, length),
			(.[] | select(.name == "scene_one") | .inactive)
		| select(. != [10] and . != 10000 and . != 100003)'
	ok 'heap: works are told or left out' none heap-works 'input
		| ([.works[] | select(.function | no_module == "scene_heaped")] | length) as $told
		| select($told < 1900 or $told + .left_out.works < 200000
			or $told + .left_out.works > 200100) | [$told, .left_out]'
	ok 'heap: works --all tells each' none heap-all 'input
		| [.works[] | select(.function | no_module == "scene_heaped")]
		| ([.[] | .state] | group_by(.) | map([.[0], length])), (map(.address) | unique | length)
		| select(. != [["inactive", 100000], ["pending", 100000]] and . != 200000)'
}

judge() {
	ok 'every command succeeded' all_done
	ok 'and said nothing on standard error' quiet
	judge_witness
	judge_wqdump
}
