# SPDX-License-Identifier: GPL-2.0-or-later
# lab.sh - sourced by the tests of one kernel each, which set $series, and $heap for one with
# very many workqueues and works, which takes minutes: boots Debian's kernel
# with the scene module and our tools in it, and judges what they say.
# Needs QEMU, the network for the kernel (once), and the static tools in $O/lab/bin.
top=$(cd "$(dirname "$0")/../../.." && pwd)
lab=$top/tests/kern/lab
. "$top/tests/cli/lib.sh"
log=$O/lab/$series.log
got=$TMP/out
scene=/dev/null

for tool in qemu-system-x86_64 busybox cpio jq; do
	command -v $tool >/dev/null || skip_all "no $tool here: make deps-dev"
done
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
	skip_all "busybox is not static here: install busybox-static"
fi
[ -x "$O/lab/bin/witness" ] || skip_all "no static tools in $O/lab/bin: run make check-lab"
kernel=$(sh "$lab/get.sh" "$series" 2>"$TMP/get.err") || skip_all "$(tail -1 "$TMP/get.err")"
mkdir -p "$O/lab"

# in_chroot COMMAND...: in the folder of a newer Debian that get.sh has made
in_chroot() {
	[ "$(id -u)" = 0 ] && as_root= || as_root=--map-root-user
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount $as_root sh -c '
		root=$1 && shift &&
		mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
		PATH=/usr/bin:/usr/sbin exec chroot "$root" "$@"' sh "$kernel/root" "$@"
}

# Why the scene cannot be built for this kernel here; nothing if it can.
why_no_module() {
	if [ ! -e "$kernel/headers" ]; then
		echo "Debian has no headers for $(cat "$kernel/release")"
	elif [ -e "$kernel/chroot" ] && ! in_chroot true 2>/dev/null; then
		echo "this kernel wants a newer compiler, whose chroot needs root or user namespaces"
	fi
}

# build_modules FOLDER COMMAND...: those of the source folder go to the guest's /FOLDER. The command
# is run in a copy of it, before.
build_modules() {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	headers=$(readlink "$kernel/headers")
	if [ -e "$kernel/chroot" ]; then
		at=$kernel/root/tmp/modules make='in_chroot make' in_at=/tmp/modules in_headers=${headers#root}
	else
		at=$TMP/modules make='make CC=gcc' in_at=$TMP/modules in_headers=$kernel/$headers
	fi
	rm -rf "$at" && cp -r "$top/tests/$1" "$at" && mkdir -p "$TMP/root/$(basename "$1")" &&
		(cd "$at" && shift && "$@") &&
		$make -s -C "$in_headers" M="$in_at" modules &&
		strip -g "$at"/*.ko && cp "$at"/*.ko "$TMP/root/$(basename "$1")/"
}

# The modules that wqinsmod runs, as their authors wrote them.
name_objects() { echo "obj-m := $(echo *.c | sed 's/\.c/.o/g')" >Kbuild; }

make_initramfs() {
	cp "$(command -v busybox)" "$O"/lab/bin/* "$TMP/root/bin/" &&
		cp "$lab/init" "$lab/guest.sh" "$TMP/root/" && chmod +x "$TMP/root/init" &&
		(cd "$TMP/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$TMP/initramfs"
}

# QEMU's exit status says nothing; the log and what came over the second port do.
# cpu_intensive_thresh_us=0: the scene's hog shall stay a hog (wqscene.c).
boot() {
	timeout --foreground 600 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 1024 \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial "file:$log" -serial "file:$TMP/out.txt" \
		-kernel "$kernel/vmlinuz" -initrd "$TMP/initramfs" \
		-append "console=ttyS0 panic=-1 log_buf_len=4M workqueue.cpu_intensive_thresh_us=0${heap:+ lab_heap}" </dev/null
	mkdir -p "$got" && base64 -d "$TMP/out.txt" | tar -x -z -C "$got" &&
		{ [ -n "$no_module" ] || scene=$got/scene; }
}

# Lines of a log that should not be there. The modules come last; of them the newest kernels want
# WQ_PERCPU, with a warning and a call trace.
complaints() {
	bad='BUG:|Oops|general protection|hung_task|rcu: INFO|workqueue: '
	sed '/lab: sysrq begins/,/lab: sysrq ends/d; /lab: the module/,$d' "$1" | grep -E "$bad|WARNING:|Call Trace"
	sed '1,/lab: the module/d' "$1" | grep -E "$bad" | grep -v 'is using neither WQ_PERCPU or WQ_UNBOUND'
}

# What a module says in the kernel is what it says in libwq; on which CPU does not matter.
judge_modules() {
	for expected in "$top"/tests/modules/*.out; do
		name=$(basename "$expected" .out)
		is "the module $name does in this kernel what it does in libwq" \
			"$(sed 's/CPU [0-9]*$/CPU N/' "$got/module-$name")" "$(cat "$expected")"
	done
}

. "$lab/judge.sh"

mkdir -p "$TMP/root/bin" "$TMP/root/proc" "$TMP/root/sys" "$TMP/root/dev" "$TMP/root/tmp"
no_module=$(why_no_module)
if [ -z "$no_module" ]; then
	ok "the scene is built" build_modules kern/scene true
	ok "the modules for libwq are built, unchanged" build_modules modules name_objects
else
	skip "the scene is built" "$no_module"
fi
ok "an initramfs is made" make_initramfs
[ $nr_failed = 0 ] || done_testing
ok "$(cat "$kernel/release") boots and sends what it saw" boot
ok "the guest came to its end" has "$log" 'lab: guest.sh is through'
is "the kernel did not complain" "$(complaints "$log")" ''
[ $nr_failed = 0 ] && judge
[ -n "$no_module" ] || judge_modules
done_testing
