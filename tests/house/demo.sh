#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh MAKE BUILD: install what is missing, build as the user, show the kernel's
# workqueues: wqtop on a terminal, else the default snapshot of wqdump.
make=$1 build=$2
"$make" --no-print-directory deps || exit 1
"$make" --no-print-directory all || exit 1
prog=$build/bin/wqdump
[ -t 1 ] && [ -t 0 ] && [ -x "$build/bin/wqtop" ] && prog=$build/bin/wqtop

if [ ! -r /sys/kernel/btf/vmlinux ]; then
	echo "make demo: this kernel has no BTF (/sys/kernel/btf/vmlinux): it was built without" >&2
	echo "CONFIG_DEBUG_INFO_BTF, and its workqueues cannot be read. Debian's kernels have it." >&2
	exit 1
fi
# CAP_BPF (39) and CAP_PERFMON (38), or all
caps=$((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)))
if [ $((caps >> 38 & 3)) = 3 ]; then
	echo "+ $prog"
	exec "$prog"
elif command -v sudo >/dev/null 2>&1; then
	echo "+ sudo $prog"
	exec sudo "$prog"
fi
echo "make demo: reading the kernel needs root, or the capabilities CAP_BPF and CAP_PERFMON," >&2
echo "and there is no sudo here. As root: $prog" >&2
exit 1
