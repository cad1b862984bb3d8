# SPDX-License-Identifier: GPL-2.0-or-later
# On a real terminal (tmux): what term.c does. All else about screens is tested without one.
. "$(dirname "$0")/../cli/lib.sh"
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'
. "$(dirname "$0")/terminal.sh"
cd "$data" || exit 1

tm new-session -d -x 80 -y 24 'PS1="prompt> " exec bash --norc --noprofile -i' || skip_all 'tmux cannot start here'
ok 'a shell waits' showing 'prompt>'

keys 'wqtop -f busy.json; echo "status $?"' Enter
ok 'it shows the first view' showing '[1 works]'
ok 'names beyond ASCII too' eval "keys 2; showing 'écran-流れ'"
ok 'arrows are understood' eval "keys Down Down; showing '3 of 11'"
ok 'so are Page Down and End' eval "keys PgUp End; showing '11 of 11'"
ok 'and Shift-Tab' eval "keys BTab; showing '[1 works]'"
keys /
ok 'a filter can be typed' eval "keys 'é*' BSpace BSpace 'ev*'; showing 'pid=): ev*_'"
ok 'and is applied' eval "keys Enter; showing 'filter: ev*'"
ok 'Escape needs no second key' eval "keys / Escape; showing '1 of 8'"

ok 'a smaller window' eval "tm resize-window -x 40 -y 10; until_ shows '[1 works]           running'"
ok 'one line' eval "tm resize-window -x 20 -y 1; showing '12.5s hog_fn'"
ok 'one column' eval "tm resize-window -x 1 -y 1; until_ kill -0 $(pid_of_top)"
ok 'a large window' eval "tm resize-window -x 200 -y 50; showing '4 workers  5 functions'"

ok 'Ctrl-Z gives the terminal back' eval "keys C-z; showing 'Stopped'"
ok 'fg takes it again' eval "keys 'fg; echo \"status \$?\"' Enter; showing '[1 works]'"
ok 'q ends it' eval "keys q; showing 'status 0'"
keys 'clear; stty -a | grep -ow -e "-\?echo" -e "-\?icanon" | tr "\n" ,' Enter
ok 'the terminal is as it was' showing 'icanon,echo,'

for how in C-c TERM HUP; do
	keys clear Enter
	ok "it runs before $how" eval "keys 'wqtop -f busy.json; echo \"status \$?\"' Enter; showing '[1 works]'"
	case $how in
	C-c) keys C-c ;;
	*) kill -s $how "$(pid_of_top)" ;;
	esac
	ok "$how ends it" showing 'status 0'
done

keys 'clear; wqtop -f busy.json' Enter
ok 'it runs before the terminal is stopped' showing '[1 works]'
pid=$(pid_of_top)
keys C-s j j
kill "$pid"
ok 'a stopped terminal does not hold it' until_ gone "$pid"
keys C-q

keys 'clear; wqtop -f - <stream.json; echo "status $?"' Enter
ok 'standard input may be the file' showing '[2 workqueues]'
ok 'keys come from the terminal then' eval "keys q; showing 'status 0'"

for wrong in '"dumb" cannot place its cursor' '"nonsense" is unknown'; do
	keys "clear; TERM=${wrong%% *} wqtop -f busy.json; echo \"status \$?\"" Enter
	ok "$wrong" showing "$wrong"
	ok 'and the program fails' showing 'status 1'
done

wqdemo >"$TMP/said" &
demo=$!
ok 'a program on libwq begins' until_ grep -q 'running as PID' "$TMP/said"
keys "clear; wqtop -p $demo; echo \"status \$?\"" Enter
ok 'it is shown' showing "wqdemo (PID $demo)"
kill -KILL $demo
ok 'when it dies that is said' showing "wqdemo (PID $demo) has ended"
ok 'and the last picture stays' showing writeback
ok 'until q' eval "keys q; showing 'status 0'"

# Without a controlling terminal no SIGHUP comes when the window is closed.
tm new-window "setsid sh -c 'echo \$\$ >\"$TMP/pid\"; exec wqtop -f busy.json' <\$(tty)"
ok 'it runs in a window of its own' showing '[1 works]'
pid=$(cat "$TMP/pid")
tm kill-window
ok 'it ends when the terminal vanishes' until_ gone "$pid"
done_testing
