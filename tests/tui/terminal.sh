# SPDX-License-Identifier: GPL-2.0-or-later
# terminal.sh - sourced by tests on a real terminal: tm (tmux with a server of its own), keys,
# shows, showing, until_. Nothing waits for a time: what is awaited is looked for, again and again.
command -v tmux >/dev/null || skip_all 'tmux is missing (make deps)'
export TZ=UTC0 LC_ALL=C.UTF-8
unset TMUX NO_COLOR

tm() { tmux -u -L "wqkit-$$" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$TMP"' EXIT
mkfifo "$TMP/never"
exec 9<>"$TMP/never"

# until_ COMMAND...: looks again and again until it succeeds, for 20 seconds at most
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
