# SPDX-License-Identifier: GPL-2.0-or-later
# judge_pins.sh - sourced by judge.sh: what the pinned files say, as text, against the scene.

defs="$defs"'
def hex: . as $c | "0123456789abcdef"
	| .[$c / 16 | floor:($c / 16 | floor) + 1] + .[$c % 16:$c % 16 + 1];
def harmless: explode | map(if . > 32 and . < 127 then [.] | implode else "\\x" + hex end) | add;
'

# cells FILE: the rows of a pinned file, each an array of strings, as FILE.rows
cells() {
	sed -e 1d -e '/^#/d' "$got/$1" | jq -R -c '[splits(" +")] | map(select(. != ""))' >"$got/$1.rows"
}

# told_busy FILE: the works of a pinned file `busy`: workqueue, state, function, how many;
# and who waits for them: workqueue, "waiter", pid
told_busy() {
	sed -e 's/ \[[^]]*\]//g' -e 's/+0x[^ ,]*//g' "$got/$1" | awk '
		/^workqueue / { wq = $2; sub(/:$/, "", wq) }
		/^    (in-flight|pending|inactive):/ {
			list = substr($1, 1, length($1) - 1)
			for (i = 2; i <= NF; i++) {
				word = $i
				sub(/,$/, "", word)
				if (word == "for") {
					i++
				} else if (word ~ /^[0-9]+(\(RESCUER\))?:/) {
					sub(/^[^:]*:/, "", word)
					works[wq " running " word]++
				} else if (word ~ /^BAR/) {
					gsub(/[^0-9]/, "", word)
					works[wq " waiter " word]++
				} else {
					nr = word ~ /^[0-9]+\*/ ? word + 0 : 1
					sub(/^[0-9]+\*/, "", word)
					works[wq " " (list == "in-flight" ? "scheduled" : list) " " word] += nr
				}
			}
		}
		END { for (w in works) print w, works[w] }' |
		jq -R -c '[splits(" ")]' >"$got/$1.rows"
}

judge_pins() {
	cells pin-workqueues
	ok 'pinned workqueues: active, max and in-flight as the scene has them' \
		equal scene '[inputs] as $all | $all[] | select(.is == "queue") | .name as $q
			| select($q | still) | .max_active as $max
			| [$all[] | select(.is == "work" and .workqueue == $q
				and ([.state] | inside(["running", "scheduled", "pending", "inactive"]))) | .state]
			| [$q, (map(select(. == "running")) | length), $max, length] | map(tostring)' \
		pin-workqueues.rows 'inputs | select(.[0] | startswith("scene_") and still) | [.[0, 1, 3, 4]]'
	cells pin-pools
	ok 'pinned pools: as wqdump has them' \
		equal pools 'inputs.pools[] | [.id, .node // "-", .nice, .cpus] | map(tostring)' \
		pin-pools.rows 'inputs | [.[0, 1, 2, 10]]'
	cells pin-workers
	ok 'pinned workers: who runs what' \
		equal scene 'is("work") | select(.state == "running") | [.workqueue, .function, "\(.worker_pid)"]' \
		pin-workers.rows 'inputs | select((.[6] | startswith("scene_")) and .[4] == "busy")
			| [.[6], (.[7] | sub("\\+0x.*"; "")), .[0]] | select(.[1] | startswith("scene_"))'
	busy='is("work") | select([.state] | inside(["running", "scheduled", "pending", "inactive"]))
		| [.workqueue, .state, .function]'
	told_busy pin-busy
	ok 'pinned busy: every work of the scene, and no other' \
		equal scene "[$busy] | group_by(.) | .[] | .[0] + [\"\(length)\"]" \
		pin-busy.rows 'inputs | select((.[0] | startswith("scene_") and still) and .[1] != "waiter")'
	ok 'pinned busy: who waits' \
		equal scene 'is("waiter") | select(.waits_in == "flush_work") | [.workqueue, "\(.pid)"]' \
		pin-busy.rows 'inputs | select((.[0] | startswith("scene_")) and .[1] == "waiter")
			| [.[0, 2]]'
	ok 'each file was read without a doubt' sh -c \
		"! tail -qn 1 '$got'/pin-workqueues '$got'/pin-pools '$got'/pin-workers '$got'/pin-busy |
		grep -v consistent"
	is 'unpin leaves nothing' "$(grep -v '\.debug$' "$got/unpin-left")" ''
	judge_crowd
}

judge_crowd() {
	ok 'a crowd of workqueues, and nothing moved meanwhile' \
		equal crowd-witness "$lines" crowd-after "$lines"
	for i in 1 2 3 4; do
		cells crowd-$i
		ok "reader $i sees each workqueue of a crowd once" \
			equal crowd-witness 'inputs | [(.name | harmless), "\(.max_active)"]' \
			crowd-$i.rows 'inputs | [.[0, 3]]'
		ok 'the odd name harms nobody' grep -F 'many\x20odd\x20\x1b[31m\x0a\xc3\xa9 ' "$got/crowd-$i"
		ok "and knows it" grep '^# workqueues: 15[0-9][0-9], consistent' "$got/crowd-$i"
	done
}
