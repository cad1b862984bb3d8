# SPDX-License-Identifier: GPL-2.0-or-later
# wqtop on the running kernel: what it shows, and what it attaches and when.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/kern.sh"
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'
. "$(dirname "$0")/../tui/terminal.sh"
PATH=$O/tests/kern:$PATH

names() { wqdump workqueues --no-header -o name | sort; }
# Between two equal lists there is the same one.
same_names() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		names >"$TMP/before"
		wqtop -b -n 1 -d 0.05 -o name -s name | tail -n +4 | sort >"$TMP/between"
		names | cmp -s "$TMP/before" - && break
	done
	diff -u "$TMP/before" "$TMP/between"
}
ok 'it lists the workqueues' same_names

mkfifo "$TMP/load"
load pty 100000000 >"$TMP/load" &
loader=$!
read -r said <"$TMP/load"
is 'a load is under way' "$said" started
for view in works workqueues pools workers functions waiters; do
	is "$view under load" "$(status wqtop -b -n 2 -d 0.2 --view $view)" 0
done
ok 'the load is among the functions' eval \
	'wqtop -b -n 1 -d 0.2 --view functions -o function,started | awk "/^flush_to_ldisc/ { n = \$2 } END { exit n < 100 }"'

# The ids of the links that a process holds: what it has attached.
links() { cat "/proc/$1"/fdinfo/* 2>/dev/null | awk '/^link_id/ { print $2 }'; }
has_links() { [ "$(links "$1" | wc -l)" = "$2" ]; }
no_link() { ! PATH=$PATH:/usr/sbin bpftool link show id "$1"; }

tm new-session -d -x 80 -y 24 "wqtop -d 0.2" || skip_all 'tmux cannot start here'
ok 'it shows the running kernel' showing "$(uname -r)"
ok 'with rates after two pictures' until_ eval 'tm capture-pane -p | grep -qE "^[0-9.]+ works/s"'
pid=$(pid_of_top)
ok 'nothing is attached' has_links "$pid" 0
ok 'the view of functions attaches' eval "keys 5; until_ has_links $pid 4"
ok 'and says so' showing 'events on'
ok 'leaving it detaches' eval "keys 2; until_ has_links $pid 0"
ok 'and says so' showing 'events off'
ok 'e attaches anywhere' eval "keys e; until_ has_links $pid 4"
ok 'and keeps on when the functions are left' eval "keys 5 1; showing 'events on'"
ok 'indeed' has_links "$pid" 4
ok 'and what it costs is measured' \
	until_ eval 'tm capture-pane -p | grep -qE "own cost [0-9.]+% [+] [0-9.]+% of a CPU"'
kill $loader
links "$pid" >"$TMP/links"
kill -9 "$pid"
ok 'it is killed' until_ gone "$pid"
while read -r id; do
	ok 'nothing stays attached' until_ no_link "$id"
done <"$TMP/links"

# -v: what libbpf says while the screen is shown follows behind it, or goes where stderr goes
tm kill-server 2>/dev/null
tm new-session -d -x 80 -y 24 'PS1="prompt> " exec bash --norc --noprofile -i'
ok 'a shell waits' showing 'prompt>'
keys "wqtop -v -d 100 --view workqueues 2>$TMP/said; echo \"status \$?\"" Enter
ok 'with -v it shows the kernel' showing '[2 workqueues]'
ok 'and attaches' eval "keys 5; showing 'events on'"
ok 'libbpf explains it' until_ has "$TMP/said" "libbpf: prog 'on_end'"
ok 'and ends' eval "keys q; showing 'status 0'"
keys 'clear; wqtop -v -d 100 --view waiters; echo "status $?"' Enter
ok 'on a terminal, too, it shows the kernel' showing '[6 waiters]'
ok 'and attaches, too' eval "keys 5; showing 'events on'"
is 'nothing is written over the screen' "$(tm capture-pane -p | grep -c libbpf)" 0
ok 'it is written at the end' eval "keys q; showing 'status 0'; shows libbpf:"
done_testing
