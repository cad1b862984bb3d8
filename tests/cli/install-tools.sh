# SPDX-License-Identifier: GPL-2.0-or-later
# All is installed under DESTDIR: programs run from there, manuals are found, nothing is left behind.
. "$(dirname "$0")/lib.sh"
root=$TMP/root

install_to() { make -s -C "$top" O="$O" DESTDIR="$root" prefix=/usr "$@"; }
installed() {
	program=$1
	shift
	"$root/usr/bin/$program" "$@"
}

ok 'installs' install_to install
for program in wqdump wqtop; do
	[ -x "$O/bin/$program" ] || {
		skip "$program" 'it was not built here'
		continue
	}
	is "$program is the one that was built" \
		"$(installed $program --version)" "$("$O/bin/$program" --version)"
done
is 'wqdump reads a file' \
	"$(installed wqdump -f "$data/two-pools.json" pools | wc -l)" \
	"$(wqdump -f "$data/two-pools.json" pools | wc -l)"
for page in "$top"/man/*.*; do
	file=${page##*/}
	ok "$file is in its section" cmp "$page" "$root/usr/share/man/man${file##*.}/$file"
	if command -v man >/dev/null; then
		ok "man finds it" man -M "$root/usr/share/man" -w "${file##*.}" "${file%.*}"
	else
		skip 'man finds it' 'no man'
	fi
done
ok 'nothing names the folder of the build' sh -c '! grep -rlF "$1" "$2"/usr/lib/pkgconfig "$2"/usr/share' - \
	"$O" "$root"
ok 'uninstalls' install_to uninstall
is 'and leaves no file' "$(find "$root" ! -type d)" ''
done_testing
