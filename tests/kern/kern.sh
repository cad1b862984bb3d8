# SPDX-License-Identifier: GPL-2.0-or-later
# kern.sh - sourced by tests on the running kernel: skips where it cannot be read.
if ! wqdump workqueues >"$TMP/probe" 2>&1; then
	skip_all "the kernel cannot be read here: $(head -1 "$TMP/probe")"
fi
