#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh MAKE T [TRIPLET:EMULATOR...]: builds libwq for other machines, and runs its tests in
# qemu-user. It emulates their instructions, not the freedom of their memory: not run on weak
# hardware.
make=${1:?"which make?"}
filter=$2
shift 2
here=$(dirname "$0")
status=0
for pair; do
	triplet=${pair%:*}
	emulator=${pair#*:}
	for tool in "$triplet-gcc" "$emulator"; do
		if ! command -v "$tool" >/dev/null 2>&1; then
			echo "check-cross: no $tool, $triplet is left out (make deps-dev)" >&2
			continue 2
		fi
	done
	echo "# $triplet, in $emulator: not run on weak hardware"
	O=build-$triplet
	"$make" -s -j2 O="$O" CC="$triplet-gcc" AR="$triplet-ar" CHECK_CFLAGS="-I$here" \
		CHECK_LIBS= libtests T= || exit 1
	tests=$(find "$O/tests/lib" -maxdepth 1 -type f -perm -u+x -name "*$filter*" | sort)
	[ -n "$tests" ] || { echo "check-cross: no test has that name" >&2; exit 1; }
	# shellcheck disable=SC2086
	WQKIT_SKIP=$here/qemu.skip LC_ALL=C.UTF-8 \
		prove --timer -e "$emulator -L /usr/$triplet" $tests || status=1
done
exit $status
