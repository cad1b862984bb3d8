# SPDX-License-Identifier: GPL-2.0-or-later
# Several programs on one screen.
. "$(dirname "$0")/../cli/lib.sh"
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'
. "$(dirname "$0")/terminal.sh"
cd "$data" || exit 1

# A name of their own: other programs of that kind may run here.
prog=several-$$
ln -s "$(command -v wqdemo)" "$TMP/$prog"
started=
trap 'kill $started 2>/dev/null; tm kill-server 2>/dev/null; rm -rf "$TMP"' EXIT
start() {
	"$TMP/$prog" >"$TMP/said" 2>&1 &
	started="$started $!"
	ok 'a program on libwq begins' until_ grep -q 'running as PID' "$TMP/said"
}
start
start
# shellcheck disable=SC2086 # the PIDs
set -- $started
a=$1 b=$2
both="-p $a -p $b"

# screen OPTION...: headless, into $TMP/out
screen() { is "it succeeds: $*" "$(status wqtop --print "$@")" 0; }
named() { grep -cF "$prog (PID $1)" "$TMP/out"; }

# shellcheck disable=SC2086 # two options
screen $both --size 160x40
ok 'side by side where both can be read' grep -qF "[$prog (PID $a)]" "$TMP/out"
ok 'on one line' grep -q "(PID $a)\].* │ $prog (PID $b) " "$TMP/out"
is 'each with its workqueues' "$(grep -o writeback "$TMP/out" | wc -l)" 2
screen -p $b -p $a --size 160x40
ok 'in the order of the options' grep -q "(PID $b)\].* │ $prog (PID $a) " "$TMP/out"
# shellcheck disable=SC2086
screen $both --size 80x24
is 'else one above the other' "$(grep -cF "$prog (PID" "$TMP/out")" 2
screen -p "$prog" --size 80x24
is 'a name means all programs of that name' "$(named $a)$(named $b)" 11
screen -p $a -p $a --size 80x24
ok 'the same one twice is one' grep -q "^$prog (PID $a)  " "$TMP/out"

# shellcheck disable=SC2086
screen $both --size 80x24 --keys '2njj'
ok 'the focus is named' grep -q "^\[$prog (PID $b)\]" "$TMP/out"
ok 'and has the keys of rows' has "$TMP/out" ' 3 of '
# shellcheck disable=SC2086
screen $both --size 80x24 --keys '2jjn'
ok 'the other one keeps its place' has "$TMP/out" ' 1 of '
# shellcheck disable=SC2086
screen $both --size 80x24 --keys '2jjnp'
ok 'and has it when one comes back' has "$TMP/out" ' 3 of '
# shellcheck disable=SC2086
screen $both --size 80x24 --keys '2/writeback{Enter}>Z'
is 'what is not about rows is about all' "$(grep -c '^writeback' "$TMP/out") $(grep -c '^events' "$TMP/out")" '2 0'
ok 'and said once' test "$(grep -c 'FROZEN.*filter: writeback' "$TMP/out")" = 1
# shellcheck disable=SC2086
screen $both --size 80x24 --keys 'no'
is 'one of them only' "$(named $a)$(named $b)" 01
ok 'the others are counted' has "$TMP/out" '+1 more'
# shellcheck disable=SC2086
screen $both --size 80x24 --keys '{Left}oo'
is 'and again all' "$(named $a)$(named $b)" 11

start
start
start
screen -p "$prog" --size 80x24
is 'five fit here' "$(grep -cF "$prog (PID" "$TMP/out")" 5
screen -p "$prog" --size 20x5
is 'one of them there' "$(grep -cF '[several-' "$TMP/out")" 1
ok 'four are counted' has "$TMP/out" '+4 more'
# shellcheck disable=SC2086
sorted=$(printf '%s\n' $started | sort -n | tr '\n' ' ')
for keys in '' n nn p nnnnnnn; do
	wqtop -p "$prog" --print --size 30x5 --keys "$keys" | sed -n 's/^\[.*PID \([0-9]*\).*/\1/p'
done >"$TMP/walked"
is 'all of them can be reached, around and around' "$(tr '\n' ' ' <"$TMP/walked")" \
	"$(echo "$sorted" | awk '{ print $1, $2, $3, $5, $3 }') "

# What is wrong
is 'one that is not there' "$(status wqtop -p $a -p 2147483647 --print --size 80x24)" 0
ok 'is not shown, and why' has "$TMP/out" 'there is no process 2147483647'
is 'the other is' "$(named $a)" 1
is 'none that is there' "$(status wqtop -p 2147483646 -p 2147483647 --print)" 1
ok 'fails, and why' has "$TMP/err" 'there is no process 2147483646'
is 'no such name' "$(status wqtop -p none-such-$$ -p $a --print)" 1
ok 'fails at once' has "$TMP/err" "called \"none-such-$$\""
is '--help needs no program' "$(status wqtop -p none-such-$$ --help)" 0
is 'a wrong option is said before' "$(status wqtop -p none-such-$$ -o nonsense)" 2
is 'the last source counts' "$(status wqtop -p none-such-$$ -f busy.json --print)" 0
ok 'a file' has "$TMP/out" 'busy.json #1'
is 'or programs' "$(status wqtop -p none-such-$$ -f busy.json -p $a --print)" 0
is 'those behind it' "$(named $a)" 1

# As text
# shellcheck disable=SC2086
is 'as text' "$(status wqtop $both -b -n 2 -d 0.01)" 0
is 'one after the other' "$(grep -o "^$prog (PID [0-9]*)" "$TMP/out" | grep -o 'PID [0-9]*' | tr '\n' ' ')" \
	"PID $a PID $b PID $a PID $b "
is 'with rates' "$(grep -c '^- works/s' "$TMP/out")" 0
is 'one that is not there' "$(status wqtop -b -n 1 -d 0.01 -p 2147483647 -p $a)" 1
ok 'is said' has "$TMP/err" 'there is no process 2147483647'
is 'the other is shown' "$(named $a)" 1

# One ends
tm new-session -d -x 160 -y 40 "wqtop -d 0.1 $both --view workqueues" || skip_all 'tmux cannot start here'
ok 'both on a terminal' showing "│ $prog (PID $b)"
ok 'the focus follows an arrow' eval "tm send-keys Right; showing '│[$prog (PID $b)]'"
kill -KILL $a
ok 'when one dies that is said' until_ eval "tm capture-pane -p | grep -q '(PID $a)   *has ended .*│\[$prog (PID $b)\]'"
is 'and its last picture stays' "$(tm capture-pane -p | grep -o 'writeback' | wc -l)" 2
ok 'a smaller window: one above the other' eval "tm resize-window -x 80 -y 24; until_ eval 'tm capture-pane -p | grep -q \"^\[$prog (PID $b)\]\"'"
ok 'with both' shows "$prog (PID $a)   has ended"
ok 'a tiny one' eval "tm resize-window -x 20 -y 5; showing '+1 more'"
kill -STOP $b
kill -KILL $b
ok 'the other went on: its end is seen' showing 'has ended'
ok 'wide again' eval "tm resize-window -x 130 -y 30; until_ eval 'tm capture-pane -p | grep -q \"has ended.*│.*has ended\"'"
tm send-keys q

# shellcheck disable=SC2086
set -- $started
c=$3 d=$4
(wqtop -b -d 0.01 -p $c -p $d >"$TMP/top" 2>"$TMP/top.err"; echo "status $?" >>"$TMP/top.err") &
ok 'text of both' until_ has "$TMP/top" "$prog (PID $d)"
kill -KILL $c
ok 'the end of one is said' until_ has "$TMP/top.err" "$prog (PID $c) has ended"
lines=$(wc -l <"$TMP/top")
ok 'the other goes on' until_ eval "tail -n +$((lines + 1)) '$TMP/top' | grep -q '(PID $d)'"
is 'without the dead one' "$(tail -n +$((lines + 1)) "$TMP/top" | grep -c "(PID $c)")" 0
kill -KILL $d
ok 'the last one ends it' until_ has "$TMP/top.err" 'status 1'
done_testing
