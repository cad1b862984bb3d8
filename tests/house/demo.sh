#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh MAKE BUILD: install what is missing, build as the user, and show workqueues: wqtop on a
# terminal, else the default snapshot of wqdump. Those of this kernel where that is possible, else
# those of wqdemo, a program on libwq, and why.
make=$1 build=$2
"$make" --no-print-directory deps || exit 1
"$make" --no-print-directory all || exit 1
prog=$build/bin/wqdump
[ -t 1 ] && [ -t 0 ] && [ -x "$build/bin/wqtop" ] && prog=$build/bin/wqtop

# Why the kernel cannot be read: the reason is in $why. As root it can by $sudo.
can_read_kernel() {
	sudo=
	if [ ! -r /sys/kernel/btf/vmlinux ]; then
		why="this kernel has no BTF (/sys/kernel/btf/vmlinux): it was built without
CONFIG_DEBUG_INFO_BTF, or /sys is not mounted here. Debian's kernels have it."
		return 1
	fi
	why=$("$build/bin/wqdump" workqueues 2>&1 >/dev/null) && return 0
	why=${why#wqdump: }
	# CAP_BPF (39) and CAP_PERFMON (38), or all: then being root would not help
	caps=$((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)))
	[ $((caps >> 38 & 3)) = 3 ] && return 1
	# One that asks for a password can only be had on a terminal.
	command -v sudo >/dev/null 2>&1 || return 1
	if [ -t 0 ]; then
		sudo -v || return 1
	fi
	sudo -n "$build/bin/wqdump" workqueues >/dev/null 2>&1 && sudo=sudo
}

if can_read_kernel; then
	echo "+ $sudo${sudo:+ }$prog"
	exec $sudo "$prog"
fi
echo "make demo: these are not the kernel's workqueues: $why" >&2
echo "So here are those of wqdemo, a program on libwq:" >&2

pipe=$(mktemp -d) || exit 1
mkfifo "$pipe/said"
"$build/bin/wqdemo" >"$pipe/said" &
demo=$!
trap 'kill $demo 2>/dev/null; wait $demo; rm -rf "$pipe"' EXIT
trap 'exit 1' INT TERM HUP
# It says so once all its kinds of workers have run.
read -r said <"$pipe/said" || exit 1
echo "+ $build/bin/wqdemo &"
echo "$said"
echo "+ $prog -p $demo"
"$prog" -p $demo
