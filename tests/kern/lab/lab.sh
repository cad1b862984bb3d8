# SPDX-License-Identifier: GPL-2.0-or-later
# lab.sh - sourced by the tests of one kernel each, which set $series: boots Debian's kernel
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
[ -x "$O/lab/bin/witness" ] || skip_all "no static tools in $O/lab/bin: run make check-lab"
kernel=$(sh "$lab/get.sh" "$series" 2>"$TMP/get.err") || skip_all "$(tail -1 "$TMP/get.err")"
mkdir -p "$O/lab"

# Why the scene cannot be built for this kernel here; nothing if it can.
why_no_module() {
	if [ ! -e "$kernel/headers" ]; then
		echo "Debian has no headers for $(cat "$kernel/release")"
	elif ! "$kernel/headers/scripts/basic/fixdep" 2>&1 | grep -q -i usage; then
		echo "the kernel's build programs do not run here (they want a newer libc)"
	elif grep -q '^CONFIG_FUNCTION_ALIGNMENT=' "$kernel/headers/.config" &&
		grep -q '^CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=y' "$kernel/headers/.config" &&
		! gcc -fmin-function-alignment=16 -x c -c /dev/null -o /dev/null 2>/dev/null; then
		echo "this kernel wants gcc 14 or newer"
	fi
}

build_module() {
	rm -rf "$TMP/scene" && cp -r "$top/tests/kern/scene" "$TMP/scene" &&
		env -u MAKEFLAGS -u MAKELEVEL -u O make -s -C "$kernel/headers" M="$TMP/scene" CC=gcc modules &&
		strip -g "$TMP/scene/wqscene.ko" && cp "$TMP/scene/wqscene.ko" "$TMP/root/"
}

make_initramfs() {
	cp "$(command -v busybox)" "$O"/lab/bin/* "$TMP/root/bin/" &&
		cp "$lab/init" "$lab/guest.sh" "$TMP/root/" && chmod +x "$TMP/root/init" &&
		(cd "$TMP/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$TMP/initramfs"
}

# QEMU's exit status says nothing; the log and what came over the second port do.
# cpu_intensive_thresh_us=0: the scene's hog shall stay a hog (wqscene.c).
boot() {
	timeout --foreground 240 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 1024 \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial "file:$log" -serial "file:$TMP/out.txt" \
		-kernel "$kernel/vmlinuz" -initrd "$TMP/initramfs" \
		-append "console=ttyS0 panic=-1 workqueue.cpu_intensive_thresh_us=0" </dev/null
	mkdir -p "$got" && base64 -d "$TMP/out.txt" | tar -x -z -C "$got" &&
		{ [ -n "$no_module" ] || scene=$got/scene; }
}

# Lines of a log that should not be there.
complaints() {
	grep -E 'WARNING:|BUG:|Call Trace|Oops|general protection|hung_task|rcu: INFO|workqueue: ' "$1"
}

. "$lab/judge.sh"

mkdir -p "$TMP/root/bin" "$TMP/root/proc" "$TMP/root/sys" "$TMP/root/dev" "$TMP/root/tmp"
no_module=$(why_no_module)
if [ -z "$no_module" ]; then
	ok "the scene is built" build_module
else
	skip "the scene is built" "$no_module"
fi
ok "an initramfs is made" make_initramfs
ok "$(cat "$kernel/release") boots and sends what it saw" boot
ok "the guest came to its end" has "$log" 'lab: guest.sh is through'
is "the kernel did not complain" "$(complaints "$log")" ''
judge
done_testing
