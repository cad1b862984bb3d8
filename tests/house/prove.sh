#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# prove.sh TEST...: runs them under prove, which prints the closing count.
if [ $# = 0 ]; then
	echo "no test has that name" >&2
	exit 1
fi
export LC_ALL=C.UTF-8 O
exec prove --timer -e "$(dirname "$0")/run-test.sh" "$@"
