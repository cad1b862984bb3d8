#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh: holds every #include against the layers of the house. The flow is one-way.
# A layer names what it may include besides libc: quoted headers, and the libraries below.
status=0
libs='<(bpf/|json-c/|curses\.h|ncurses|traceevent/|event-parse\.h|elf|gelf\.h|libelf\.h|elfutils/|dwarf\.h|zlib\.h|lzma\.h|zstd\.h|linux/|wq/)'
own='"[a-z_]*\.(h|def)"'
packed='<(wq/abi\.h|json-c/|traceevent/|event-parse\.h|elf|gelf\.h|libelf\.h|dwarf\.h|zlib\.h|lzma\.h|zstd\.h)'

# check FILE REGEX...: each quoted or library include must match one of them
check() {
	file=$1
	shift
	allowed=$(printf '|%s' "$@")
	wrong=$(sed -nE 's/^[[:space:]]*#[[:space:]]*include(_next)?[[:space:]]*([<"][^>"]*[>"]).*/\2/p' "$file" |
		grep -E "^(\"|$libs)" | grep -vE "^(${allowed#|})")
	[ -z "$wrong" ] && return
	echo "layers: $file may not include" $wrong >&2
	status=1
}

for f in $(git ls-files '*.c' '*.h' '*.def'); do
	case $f in
	lib/kernel/*) check "$f" "$own" '"\.\./' '<linux/' '<wq/' ;;
	lib/programs/*) check "$f" '<wq/' '<linux/' ;;
	lib/include/*) check "$f" '<wq/' "$own" ;;
	lib/*) check "$f" "$own" '<wq/' '<linux/(futex|membarrier|perf_event|rseq)\.h>' ;;
	bpf/*) check "$f" "$own" '<linux/(bpf|types)\.h>' '<bpf/bpf_' ;;
	tools/source_kern*) check "$f" "$own" '"\.\./bpf/[a-z]*\.h"' '"[a-z_]*\.skel\.h"' '<bpf/' '<linux/' ;;
	tools/source_*) check "$f" "$own" "$packed" ;;
	tools/out_json*.c) check "$f" "$own" '<json-c/' ;;
	tools/*) check "$f" "$own" ;;
	wqdump/*) check "$f" "$own" '"\.\./tools/' ;;
	wqtop/term.c) check "$f" "$own" '"\.\./tools/' '<curses\.h>' ;;
	wqtop/*) check "$f" "$own" '"\.\./tools/' ;;
	esac
done
exit $status
