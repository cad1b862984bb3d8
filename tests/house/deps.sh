#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh run|list [dev]: installs (or lists) what is missing, and nothing else.
PATH=$PATH:/usr/sbin:/sbin
table=$(dirname "$0")/deps.txt

have() {
	case $1 in
	cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
	file:*) test -e "${1#file:}" ;;
	pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
	hdr:*) echo "#include <${1#hdr:}>" | gcc -E - >/dev/null 2>&1 ;;
	hdr++:*) echo "#include <${1#hdr++:}>" | g++ -x c++ -E - >/dev/null 2>&1 ;;
	fuzzer:*) echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return !d || n < 0; }' |
		"${1#fuzzer:}" -x c -fsanitize=fuzzer - -o /dev/null >/dev/null 2>&1 ;;
	esac
}

# missing COLUMN: the packages of that column whose test fails
missing() {
	while read -r set test apt dnf pacman; do
		case $set in
		base) ;;
		dev) [ "$dev" ] || continue ;;
		*) continue ;;
		esac
		have "$test" || eval "echo \$$1"
	done <"$table" | sort -u | tr '\n' ' '
}

# Only root, or sudo, may install; sudo may ask for a password only on a terminal.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif ! command -v sudo >/dev/null 2>&1; then
		echo "make deps: neither root nor sudo; run this as root:" >&2
		echo "  $*" >&2
		exit 1
	elif [ -t 0 ]; then
		sudo "$@"
	elif ! sudo -n "$@"; then
		echo "make deps: sudo wants a password and there is no terminal; run this as root:" >&2
		echo "  $*" >&2
		exit 1
	fi
}

mode=$1 dev=$2
pkgs=$(missing apt)
[ -n "$pkgs" ] || exit 0
if [ "$mode" = list ]; then
	echo "$pkgs"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "make deps installs packages on Debian and its kin only. Missing here:" >&2
	echo "  dnf install $(missing dnf)" >&2
	echo "  pacman -S $(missing pacman)" >&2
	exit 1
fi
echo "make deps: installing $pkgs"
as_root apt-get update -q || exit 1
# shellcheck disable=SC2086 # a list of packages
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $pkgs || exit 1
left=$(missing apt)
if [ -n "$left" ]; then
	echo "make deps: still missing after the installation: $left" >&2
	exit 1
fi
