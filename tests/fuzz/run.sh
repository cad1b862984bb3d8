#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD RUNS ARGS TARGET...: each target RUNS times, from tests/data and earlier finds.
O=$1 runs=$2 args=$3
shift 3
data=$(dirname "$0")/../data
for target; do
	corpus=$O/corpus/${target##*/}
	mkdir -p "$corpus"
	# shellcheck disable=SC2086 # several arguments
	"$target" -runs="$runs" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-dict="$(dirname "$0")/log.dict" -artifact_prefix="$O/" $args "$corpus" "$data" || exit 1
done
