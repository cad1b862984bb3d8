# SPDX-License-Identifier: GPL-2.0-or-later
# make demo without privilege, and without BTF: it shows wqdemo, says why it is not the kernel, and
# succeeds, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
demo=$top/tests/house/demo.sh

# shown NAME COMMAND...: what any of them must do
shown() {
	what=$1
	shift
	is "$what: it succeeds" "$(status "$@" </dev/null)" 0
	ok "$what: and says that it is not the kernel" has "$TMP/err" "these are not the kernel's workqueues"
	pid=$(sed -n 's/^wqdemo: running as PID \([0-9]*\).*/\1/p' "$TMP/out")
	ok "$what: it shows wqdemo" grep -q "^wqdemo (PID $pid, libwq" "$TMP/out"
	ok "$what: with its workqueues" grep -q '^writeback .*MEM_RECLAIM' "$TMP/out"
	ok "$what: which has ended" sh -c '! kill -0 "$1"' - "$pid"
}

# "make" has nothing to do here.
if [ "$(id -u)" != 0 ]; then
	shown 'without privilege' sh "$demo" true "$O"
	ok 'without privilege: why' has "$TMP/err" 'as root'
elif command -v capsh >/dev/null; then
	shown 'without privilege' capsh --drop=cap_sys_admin,cap_bpf,cap_perfmon -- -c "sh $demo true $O"
	ok 'without privilege: why' has "$TMP/err" 'CAP_BPF'
else
	skip 'without privilege' 'no capsh'
fi
if unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf' 2>"$TMP/err"; then
	shown 'without BTF' unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf; sh $demo true $O"
	ok 'without BTF: why' has "$TMP/err" 'CONFIG_DEBUG_INFO_BTF'
else
	skip 'without BTF' 'it cannot be taken away here'
fi
done_testing
