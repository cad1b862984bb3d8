# SPDX-License-Identifier: GPL-2.0-or-later
# The pinned files: what they say, to how many readers at once, and who makes and removes them.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"
PATH=$O/tests/kern:$PATH

mkdir "$TMP/bpf"
mount -t bpf bpf "$TMP/bpf" 2>"$TMP/mount" ||
	skip_all "no BPF file system can be mounted here: $(head -1 "$TMP/mount")"
trap 'umount -l "$TMP/bpf"; rm -rf "$TMP"' EXIT
dir=$TMP/bpf/wq

# --- making them ---

is 'pin succeeds' "$(status wqdump pin "$dir")" 0
is 'and names the files' "$(cat "$TMP/out")" \
	"$(for file in workqueues pools workers busy; do echo "$dir/$file"; done)"
is 'which are for their owner alone' "$(cd "$dir" && stat -c '%a %n' . * | tr '\n' ,)" \
	'700 .,400 busy,400 pools,400 workers,400 workqueues,'
is 'pinning twice fails' "$(status wqdump pin "$dir")" 1
ok 'and says what to do' has "$TMP/err" "wqdump unpin $dir"
is 'a folder that others made is refused' "$(mkdir "$TMP/bpf/own" && status wqdump pin "$TMP/bpf/own")" 1
ok 'as such' has "$TMP/err" 'did not make it'
is 'a folder elsewhere is refused' "$(status wqdump pin "$TMP/wq")" 1
ok 'with what to do' has "$TMP/err" 'mount -t bpf bpf /sys/fs/bpf'
is 'nothing is left of it' "$(ls -d "$TMP"/wq* 2>&1 | grep -c "^$TMP/wq")" 0
is 'two folders are a usage error' "$(status wqdump pin "$dir" "$dir")" 2
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
	is 'without capabilities it fails' \
		"$(status setpriv --bounding-set=-all --inh-caps=-all wqdump pin "$TMP/bpf/two")" 1
	ok 'and says which are missing' has "$TMP/err" 'CAP_BPF and CAP_PERFMON'
else
	skip 'without capabilities it fails' 'no setpriv here'
fi

# --- what they say ---

# as the manual says, because head seeks when it has enough
is 'a part of a file through a pipe' "$(cat "$dir/workqueues" 2>"$TMP/err" | head -n 1 2>>"$TMP/err" | cut -c1-4)" name
is 'without a complaint' "$(cat "$TMP/err")" ''

# The rows of a file, one blank between two columns.
rows() { sed -e 1d -e '/^#/d' "$1" | tr -s ' ' | sed 's/^ //'; }

# same_rows FILE ARRAY FILTER COLUMNS: a file between two equal looks of wqdump says the same
same_rows() {
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		wqdump "$2" -j | jq -r ".${2}[] | $3 | map(. // \"-\" | tostring) | join(\" \")" |
			sort >"$TMP/before" || return 1
		cat "$dir/$1" >"$TMP/text" || return 1
		wqdump "$2" -j | jq -r ".${2}[] | $3 | map(. // \"-\" | tostring) | join(\" \")" |
			sort >"$TMP/after" || return 1
		cmp -s "$TMP/before" "$TMP/after" && break
	done
	rows "$TMP/text" | cut -d ' ' -f "$4" | sort >"$TMP/rows"
	[ -s "$TMP/rows" ] && diff -u "$TMP/before" "$TMP/rows"
}

same_workqueues() { same_rows workqueues workqueues '[.name, .active, .total, .max, .in_flight]' 1-5; }
same_pools() { same_rows pools pools '[.id, .node, .nice, .workers, .cpus]' 1-4,11; }
same_workers() { same_rows workers workers '[.pid, .comm, .pool, .cpu]' 1-4; }

is 'workqueues: its columns' "$(cat "$dir/workqueues" | sed 1q | tr -s ' ')" 'name active total max in-flight'
ok 'workqueues: as wqdump has them' same_workqueues
ok 'pools: as wqdump has them' same_pools
ok 'workers: as wqdump has them' same_workers

# closes FILE WHAT: the last line counts the lines and tells how it was read
closes() {
	cat "$dir/$1" >"$TMP/text"
	tail -n 1 "$TMP/text" | grep -E "^# $2: $(rows "$TMP/text" | grep -c "${3:-.}"), (consistent|retried: [0-9]+)\$"
}

ok 'workqueues: the last line' closes workqueues workqueues
ok 'pools: the last line' closes pools pools
ok 'workers: the last line' closes workers workers
ok 'busy: the last line' closes busy 'busy workqueues' '^workqueue '
ok 'nothing but printable characters' sh -c "! cat '$dir'/* | LC_ALL=C grep -n '[^ -~]'"

# The kernel's own grammar, and its last line.
name='[^ :]+' func='[^ ,]+( \[[^]]+\])?'
work="([0-9]+\\*)?$func|BAR\\([0-9]+\\)"
worker="([0-9]+(\\(RESCUER\\))?|bh(-hi)?):$func( for [0-9]+s)?( ($work))*"
pool='cpus=[0-9,-]+( node=[0-9]+)? flags=0x[0-9a-f]+ (nice=-?[0-9]+|bh(-hi)?)'
grammar="^(Showing busy workqueues and worker pools:
|workqueue $name: flags=0x[0-9a-f]+
|  pwq [0-9]+: $pool active=[0-9]+ refcnt=[0-9]+( MAYDAY)?
|    in-flight: $worker(, $worker)*
|    (pending|inactive): ($work)(,? ($work))*
|pool [0-9]+: $pool hung=[0-9]+s workers=[0-9]+( manager: [0-9]+)?( idle: [0-9bhi -]+)?
|# busy workqueues: [0-9]+, .*)\$"
grammar=$(echo "$grammar" | tr -d '\n')
speaks() { ! grep -v ' \.\.\.$' "$1" | grep -vE "$grammar"; }

# caught FILE: looks at busy until it meets works
caught() {
	i=0
	until grep -q '^    ' "$1"; do
		i=$((i + 1))
		[ $i -lt 2000 ] && cat "$dir/busy" >>"$1" || return 1
	done
}

# under MODE: each file many times while works are being executed; what is torn is marked
under() {
	mkfifo "$TMP/load.$1"
	load "$1" 100000000 >"$TMP/load.$1" &
	loader=$!
	read -r said <"$TMP/load.$1"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for file in workqueues pools workers busy; do
			cat "$dir/$file" >"$TMP/$1.$file"
			tail -n 1 "$TMP/$1.$file" | grep -E '^# .*, (consistent|retried|incomplete)' ||
				{ kill $loader; return 1; }
		done
	done
	caught "$TMP/$1.busy"
	kill $loader
	[ "$said" = started ] && grep '^    ' "$TMP/$1.busy" && speaks "$TMP/$1.busy"
}

ok 'under a load of pseudo terminals' under pty
ok 'under a load of works at ever new addresses' under bpfmap

# --- several readers ---

# Files of which each turn is one step: so that readers of few bytes take turns line by line.
slow=$TMP/bpf/slow
ok 'pin, with the shortest turns' env WQKIT_WALKER=short wqdump pin "$slow"
names() { rows "$1" | cut -d ' ' -f 1; }
names "$dir/workqueues" >"$TMP/names"

# at_once NR DIR: as many readers side by side; each must have each workqueue once
at_once() {
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		dd if="$2/workqueues" bs=200 of="$TMP/reader.$i" 2>"$TMP/dd.$i" &
		readers="$readers $!"
	done
	wait $readers
	readers=
	while [ $i -gt 0 ]; do
		names "$TMP/reader.$i" | diff -u "$TMP/names" - || return 1
		tail -n 1 "$TMP/reader.$i" | grep -E 'consistent|retried' || return 1
		i=$((i - 1))
	done
}

ok 'two readers at once' at_once 2 "$dir"
ok 'two readers that take turns' at_once 2 "$slow"
ok 'twenty readers that take turns' at_once 20 "$slow"

# stopped DIR: a reader that stops while fifty others come and go, and then goes on
stopped() {
	exec 3<"$1/workqueues"
	dd bs=150 count=1 <&3 >"$TMP/stopped" 2>"$TMP/dd"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		at_once 5 "$1" || return 1
	done
	cat <&3 >>"$TMP/stopped"
	exec 3<&-
	names "$TMP/stopped" | diff -u "$TMP/names" - && tail -n 1 "$TMP/stopped" | grep consistent
}

# left DIR: readers that never go on
left() {
	i=0
	while [ $i -lt 100 ]; do
		dd if="$1/workqueues" bs=150 count=1 2>"$TMP/dd" >"$TMP/left" || return 1
		i=$((i + 1))
	done
	at_once 3 "$1"
}

ok 'a reader that stops, and goes on' stopped "$dir"
ok 'the same, line by line' stopped "$slow"
ok 'a hundred readers that stop and go away' left "$slow"

# --- for all ---

pub=$TMP/bpf/pub
chmod 1777 "$TMP/bpf"
is '--public succeeds' "$(status wqdump pin --public "$pub")" 0
is 'and opens the files' "$(cd "$pub" && stat -c '%a %n' . * | tr '\n' ,)" \
	'755 .,444 busy,444 pools,444 workers,444 workqueues,'
ok 'the folder that still keeps others out is named' has "$TMP/err" "chmod o+x $TMP"
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
	chmod o+x "$TMP"
	nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all "$@"; }
	ok 'nobody can read them' sh -c "setpriv --reuid 65534 --regid 65534 --clear-groups \
		cat '$pub/workqueues' | tail -n 1 | grep '^# workqueues: [1-9]'"
	is 'but not the others' "$(status nobody cat "$dir/workqueues")" 1
	wqdump unpin "$pub"
	is 'no folder is named where none is in the way' "$(wqdump pin --public "$pub" 2>&1 >"$TMP/out")" ''
else
	skip 'nobody can read them' 'no setpriv here'
fi

# --- removing them ---

is 'unpin succeeds' "$(status wqdump unpin "$slow")" 0
ok 'the folder is gone' test ! -e "$slow"
is 'unpin of a folder that is not there fails' "$(status wqdump unpin "$slow")" 1
is 'unpin of a folder that others made fails' "$(status wqdump unpin "$TMP/bpf/own")" 1
ok 'and leaves it' test -d "$TMP/bpf/own"
mkdir "$TMP/bpf/own/workqueues"
is 'the same where names are alike' "$(status wqdump unpin "$TMP/bpf/own")" 1
ok 'and leaves what is in it' test -d "$TMP/bpf/own/workqueues"
mkdir "$pub/other"
is 'unpin leaves what it did not make' "$(wqdump unpin "$pub" 2>"$TMP/err"; ls "$pub")" other
ok 'and says so' has "$TMP/err" 'holds something that pin did not make'
is 'the rest is removed' "$(status wqdump unpin "$dir")" 0
is 'as if it had never been' "$(ls "$TMP/bpf" | grep -v '\.debug$' | tr '\n' ,)" 'own,pub,'
done_testing
