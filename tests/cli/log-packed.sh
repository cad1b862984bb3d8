# SPDX-License-Identifier: GPL-2.0-or-later
# Logs and snapshots that gzip, xz or zstd has packed.
. "$(dirname "$0")/lib.sh"
log=$data/log-many.txt
grep -o 'HAVE_[A-Z0-9]*' "$O/config.mk" >"$TMP/have"

# packed NAME FEATURE COMMAND...
packed() {
	pack=$1 feature=$2
	shift 2
	if ! command -v "$1" >/dev/null 2>&1; then
		skip "$pack" "no $1 here"
		return
	fi
	"$@" -c <"$log" >"$TMP/log.$pack"
	if ! has "$TMP/have" "$feature"; then
		is "$pack: not built in" "$(status wqdump works -f "$TMP/log.$pack")" 1
		ok "$pack: says so" has "$TMP/err" "was built without"
		return
	fi
	is "$pack" "$(wqdump works -f "$TMP/log.$pack" -o function --no-header | tr '\n' ,)" \
		'vmstat_update,vmstat_shepherd,'
	is "$pack from a pipe" "$(wqdump works -f - -o function --no-header <"$TMP/log.$pack" | tr '\n' ,)" \
		'vmstat_update,vmstat_shepherd,'
	("$@" -c <"$data/log-6.1.txt"; "$@" -c <"$log") >"$TMP/two.$pack"
	is "$pack, two parts" "$(wqdump list -f "$TMP/two.$pack" --no-header -o dump | wc -l)" 8
	wqdump works -f "$log" -j | "$@" -c >"$TMP/json.$pack"
	is "$pack of a snapshot" "$(wqdump works -f "$TMP/json.$pack" -j | jq -r .source.kind)" log
	size=$(wc -c <"$TMP/log.$pack")
	head -c $((size - 20)) "$TMP/log.$pack" >"$TMP/cut.$pack"
	status wqdump list -f "$TMP/cut.$pack" >/dev/null
	ok "$pack cut off is named" has "$TMP/err" "cut.$pack"
}
packed gz HAVE_ZLIB gzip
packed xz HAVE_LZMA xz
packed zst HAVE_ZSTD zstd -q
done_testing
