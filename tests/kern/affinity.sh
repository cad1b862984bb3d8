# SPDX-License-Identifier: GPL-2.0-or-later
# The affinity picture against what the kernel says of the same elsewhere: /sys, /proc, names.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"

sys=/sys/devices/virtual/workqueue
command -v jq >/dev/null || skip_all 'no jq here: make deps'

# A CPU list, one number a line
cpus_of() { tr , '\n' | while IFS=- read -r a b; do [ -z "$a" ] || seq "$a" "${b:-$a}"; done; }

# q FILTER: of the picture taken last
q() { jq -r "$1" "$TMP/aff"; }

# What the kernel changes meanwhile makes two looks differ: look again, three times.
agree() {
	for try in 1 2 3; do
		wqdump affinity -j >"$TMP/aff" || return 1
		"$@" && return 0
	done
	return 1
}

same() {
	printf '%s\n' "$1" | sort >"$TMP/left"
	printf '%s\n' "$2" | sort >"$TMP/right"
	[ -s "$TMP/left" ] && diff -u "$TMP/left" "$TMP/right"
}

possible=$(cpus_of </sys/devices/system/cpu/possible)
nr_possible=$(printf '%s\n' "$possible" | wc -l)
ok 'text is printed' sh -c 'wqdump affinity >"$1"' sh "$TMP/text"
for section in 'Affinity Scopes' 'Worker Pools' 'Workqueue CPU -> pool' 'Workqueue -> rescuer' \
	'Unbound workqueue -> node_nr/max_active'; do
	ok "it has the section $section" has "$TMP/text" "$section"
done

wqdump affinity -j >"$TMP/aff"
is 'the picture is complete' "$(q .consistency | sed 's/retried/consistent/')" consistent
is 'each possible CPU has a normal and a highpri pool' \
	"$(q '.affinity_pools[] | select(.cpu != null and (.bh | not)) | "\(.cpu) \(.nice)"' | sort)" \
	"$(for cpu in $possible; do echo "$cpu 0"; echo "$cpu -20"; done | sort)"
is 'and as many for BH work, or none' \
	"$(q '[.affinity_pools[] | select(.bh)] | length' | sed "s/^$((2 * nr_possible))\$/0/")" 0

# A pool of a CPU holds one reference of its own, another one for each of its pwqs.
refs_are_pwqs() {
	same "$(q '.affinity_pools[] | select(.cpu == null) | "\(.id) \(.refcnt)"')" \
		"$(wqdump pwqs -j | jq -r '.pwqs[] | select(.cpu == null) | .pool' | sort -n | uniq -c |
			awk '{ print $2 " " $1 }')"
}
ok 'an unbound pool has as many references as pwqs' agree refs_are_pwqs
is "a CPU's pool has one" "$(q '[.affinity_pools[] | select(.cpu != null) | .refcnt] | unique[]')" 1

# Only from kworker/u1:..., which is the name of a worker of pool 1
workers_have_pools() {
	for id in $(ps -e -o comm= | sed -n 's/^kworker\/u\([0-9]*\):.*/\1/p' | sort -u); do
		q '.affinity_pools[] | select(.cpu == null) | .id' | grep -qx "$id" || return 1
	done
}
if ps -e -o comm= 2>/dev/null | grep -q '^kworker/u'; then
	ok 'every kworker/uN: belongs to an unbound pool N' agree workers_have_pools
else
	skip 'every kworker/uN: belongs to an unbound pool N' 'no kworker is to be seen'
fi

# --- which pool serves a CPU ---

expand='.affinity[] | . as $w | .cpu_pool[] | "\($w.id) \($w.type) \(.cpus) \(.pool)"'
per_cpu() {
	q "$expand" | awk -v want="$1" '$2 == want' | while read -r id type cpus pool; do
		echo "$cpus" | cpus_of | while read -r cpu; do echo "$id $cpu $pool"; done
	done
}
own_pools() {
	same "$(per_cpu percpu)" \
		"$(wqdump pwqs -j | jq -r --slurpfile a "$TMP/aff" '($a[0].affinity | map({(.id): .type}) | add)
			as $type | .pwqs[] | select($type[.workqueue_id] == "percpu")
			| "\(.workqueue_id) \(.cpu) \(.pool)"')"
}
ok 'a per-CPU workqueue uses the pool of each CPU' agree own_pools
if [ -r /sys/module/workqueue/parameters/default_affinity_scope ] ||
	cmp -s /sys/devices/system/cpu/possible /sys/devices/system/cpu/online; then
	is 'the pool of every CPU of every workqueue is known' \
		"$(q '[.affinity[].cpu_pool[] | select(.pool == null)] | length')" 0
else
	skip 'the pool of every CPU of every workqueue is known' \
		'before 6.6 it is that of its node, which of offline CPUs is unknown'
fi
is 'and the default pool of every unbound one' \
	"$(q '[.affinity[] | select((.type == "unbound" or .type == "ordered") and .dfl_pool == null)] | length')" 0
is 'an ordered one has a single pool' \
	"$(q '[.affinity[] | select(.type == "ordered") | [.cpu_pool[].pool, .dfl_pool] | unique | length]
		| unique | . - [1] | length')" 0
is 'every CPU is served once' \
	"$(q '[.affinity[].cpu_pool | map(.cpus) | join(",")] | unique[]' | while read -r list; do
		echo "$list" | cpus_of | sort -n | tr '\n' ' '; echo; done | sort -u)" \
	"$(echo $possible | sed 's/$/ /')"

# The pods of the kernel itself are seen in its pools: those of workqueues of the default
# scope, cut to the CPUs that they may use, are what was derived.
if [ -r /sys/module/workqueue/parameters/default_affinity_scope ]; then
	is 'the default scope is marked' "$(q '.affinity_scopes[] | select(.default) | .scope')" \
		"$(cat /sys/module/workqueue/parameters/default_affinity_scope)"
	all=$(q .unbound_cpumask)
	pods_agree() {
		same "$(q ".unbound_cpumask as \$all
			| (.affinity_pools | map({(.id | tostring): .pod_cpus}) | add) as \$pod
			| [.affinity[] | select(.affinity_scope == \"default\" and .type == \"unbound\"
				and .unbound_cpus == \$all) | .cpu_pool[].pool | \$pod[tostring]] | unique[]")" \
			"$(q '.affinity_scopes[] | select(.default) | .pods[].cpus')"
	}
	if [ "$all" = "$(cat /sys/devices/system/cpu/online)" ]; then
		ok 'the pods that were derived are those of the pools' agree pods_agree
	else
		skip 'the pods that were derived are those of the pools' 'not all CPUs serve unbound works'
	fi
fi

# --- /sys and /proc ---

mask=$(cat $sys/cpumask 2>/dev/null | tr -d ,)
to_mask() { cpus_of | awk '{ bit[$1] = 1; if ($1 > max) max = $1 }
	END { for (d = int(max / 4); d >= 0; d--)
		printf "%x", bit[4*d] + 2 * bit[4*d+1] + 4 * bit[4*d+2] + 8 * bit[4*d+3]; print "" }'; }
if [ -n "$mask" ]; then
	is 'the CPUs of unbound workqueues' "$(q .unbound_cpumask | to_mask)" "$(echo "$mask" | sed 's/^0*//')"
fi
for dir in $sys/*/; do
	wq=$(basename "$dir")
	[ -r "$dir/cpumask" ] || continue
	is "$wq: CPUs asked for" "$(q ".affinity[] | select(.name == \"$wq\") | .unbound_cpus" | to_mask)" \
		"$(tr -d , <"$dir/cpumask" | sed 's/^0*//')"
	is "$wq: max_active" "$(q ".affinity[] | select(.name == \"$wq\") | .max_active")" \
		"$(cat "$dir/max_active")"
done
rescuers_run_there() {
	same "$(q '.affinity[] | select(.rescuer_pid) | "\(.rescuer_pid) \(.rescuer_cpus)"')" \
		"$(for pid in $(q '.affinity[].rescuer_pid // empty'); do
			echo "$pid $(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$pid/status")"
		done)"
}
ok 'rescuers may run where /proc says' agree rescuers_run_there
rescuers_are_threads() {
	same "$(q '.affinity[].rescuer_pid // empty')" \
		"$(ps -e -o pid=,comm= | awk '$2 ~ /^kworker\/R-/ { print $1 }')"
}
if ps -e -o comm= 2>/dev/null | grep -q '^kworker/R-'; then
	ok 'every kworker/R- is a rescuer, and no other' agree rescuers_are_threads
fi

# --- options ---

is '-F chooses workqueues' "$(wqdump affinity -j -F events | jq -r '[.affinity[].name] | unique[]')" events
is '-f has no such picture' "$(wqdump workqueues -j >"$TMP/saved"
	status wqdump -f "$TMP/saved" affinity)" 1
ok 'and says so' has "$TMP/err" 'running kernel'
is '-o is refused' "$(status wqdump affinity -o name)" 2
is '-n takes it again' "$(wqdump affinity -j -i 0.01 -n 3 | wc -l)" 3
walker_agrees() {
	pools='.affinity[] | [.name, .cpu_pool, .dfl_pool] | tojson'
	same "$(q "$pools")" "$(WQKIT_WALKER=$1 wqdump affinity -j | jq -r "$pools")"
}
for knobs in probe for short,probe,for; do
	ok "$knobs: the same pools for all CPUs" agree walker_agrees $knobs
done
done_testing
