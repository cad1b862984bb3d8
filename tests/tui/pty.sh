# SPDX-License-Identifier: GPL-2.0-or-later
# On a real terminal (tmux): what term.c does. All else about screens is tested without one.
. "$(dirname "$0")/../cli/lib.sh"
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'
command -v tmux >/dev/null || skip_all 'tmux is missing (make deps)'
export TZ=UTC0 LC_ALL=C.UTF-8
unset TMUX NO_COLOR
cd "$data" || exit 1

tm() { tmux -u -L "wqkit-$$" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$TMP"' EXIT
mkfifo "$TMP/never"
exec 9<>"$TMP/never"

# until COMMAND...: looks again and again until it succeeds, for 20 seconds at most
until_() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || return 1
		timeout 0.05 head -c1 <&9
	done
	return 0
}
shows() { tm capture-pane -p | grep -qF -- "$1"; }
showing() {
	until_ shows "$1" && return
	tm capture-pane -p
	return 1
}
gone() { ! kill -0 "$1" 2>/dev/null; }
keys() { tm send-keys "$@"; }
pid_of_top() { ps -t "$(tm display -p '#{pane_tty}')" -o pid=,comm= | awk '$2 == "wqtop" { print $1 }'; }

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

# Without a controlling terminal no SIGHUP comes when the window is closed.
tm new-window "setsid sh -c 'echo \$\$ >\"$TMP/pid\"; exec wqtop -f busy.json' <\$(tty)"
ok 'it runs in a window of its own' showing '[1 works]'
pid=$(cat "$TMP/pid")
tm kill-window
ok 'it ends when the terminal vanishes' until_ gone "$pid"
done_testing
