#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# get.sh SERIES: brings the newest Debian kernel of a series (6.1, 6.12, 7, ...) into the
# cache, unpacked and never installed, and prints its folder:
#   release         what uname -r will say
#   vmlinuz         the kernel
#   headers         what modules are built against; absent if Debian has none
#   root/           where those lie; a chroot with make and a compiler if there is a file
#   chroot          because this machine's own compiler or libc is too old for them
# Everything happens in a private apt configuration; mirror and names are resolved now,
# because point releases come and go. Fails with one line that says why.
# The first test of a run looks for newer packages, WQKIT_LAB_OFFLINE=1 never does.
series=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wqkit-lab

fail() {
	echo "$*" >&2
	exit 1
}

case $series in
5.10) debian=bullseye suites='bullseye bullseye-security' ;;
6.1 | 6.12) debian=bookworm suites='bookworm bookworm-security' ;;
*) debian=trixie suites='trixie trixie-backports' ;;
esac
apt=$cache/apt-$debian kernels=$cache/$series

# The mirrors of this machine's own configuration: "URI RELEASE" of every index.
mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
		awk -v want="$1" '$2 ~ want { print $1; exit }'
}

# Fills the private configuration; a suite that this machine's mirror lacks is named by apt.
configure() {
	command -v apt-get >/dev/null 2>&1 || fail "no apt-get here: the lab's kernels are Debian's"
	main=$(mirror '^(bullseye|bookworm|trixie|forky|sid|stable|testing|unstable)$')
	security=$(mirror '^[a-z]+-security$')
	[ -n "$main" ] || fail "this machine's apt sources name no Debian mirror"
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r $keyring ] || fail "$keyring is missing: install debian-archive-keyring"
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" || exit 1
	: >"$apt/status"
	for suite in $suites; do
		case $suite in
		*-security) uri=${security:-${main%/}-security} ;;
		*) uri=$main ;;
		esac
		echo "deb [arch=amd64 signed-by=$keyring] $uri $suite main"
	done >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-CONF
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
	CONF
	export APT_CONFIG="$apt/apt.conf"
}

# Looks at most every six hours. A suite that is gone must not hide the others: what failed
# is told only if no kernel is found.
update() {
	[ -z "$(find "$apt/updated" -mmin -360 2>/dev/null)" ] || return 0
	if apt-get update -q -o APT::Update::Error-Mode=any >"$apt/update.log" 2>&1; then
		touch "$apt/updated"
	else
		why="apt-get update: $(grep -m1 '^[EW]:' "$apt/update.log")"
	fi
}

# newest PATTERN: the newest package whose name matches
newest() {
	apt-cache search --names-only "$1" 2>/dev/null | cut -d' ' -f1 | sort -V | tail -1
}

# unpack FOLDER DEB [MEMBER...]: the whole, or those members
unpack() {
	folder=$1 deb=$2
	shift 2
	mkdir -p "$folder"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -x -C "$folder" --keep-directory-symlink --wildcards "$@" 2>>"$work/log" ||
		fail "cannot unpack ${deb##*/}"
	rm -f "$deb"
}

# download FOLDER PACKAGE [MEMBER...]
download() {
	folder=$1 package=$2
	shift 2
	(cd "$work" && apt-get download -q "$package") >>"$work/log" 2>&1 ||
		fail "cannot download $package: $(grep -m1 '^E:' "$work/log")"
	unpack "$folder" "$work/$package"_*.deb "$@"
}

depends() {
	apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null | sed -n 's/^ *|\?Depends: //p'
}

# The kernel itself: since 6.19 linux-image-* is empty and the kernel is in linux-binary-*,
# since 7.0 it lies beside its modules.
get_image() {
	download "$work/image" "$image" '*/vmlinuz*'
	mv "$(find "$work/image" -name 'vmlinuz*' -type f | head -1)" "$work/vmlinuz" || exit 1
	rm -rf "$work/image"
	echo "$release" >"$work/release"
}

# Can modules be built against these headers with what this machine has? Their programs may
# want a newer libc, and their flags a newer compiler.
builds_here() {
	"$1/scripts/basic/fixdep" 2>&1 | grep -q -i usage &&
		{ ! grep -q '^CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=y' "$1/.config" ||
			gcc -fmin-function-alignment=16 -x c -c /dev/null -o /dev/null 2>/dev/null; }
}

# The compiler that the headers depend on, make, and what these run: about 80 MB.
get_toolchain() {
	mkdir -p "$work/debs/partial" "$work/root/usr/bin" "$work/root/usr/sbin" \
		"$work/root/usr/lib" "$work/root/usr/lib64" "$work/root/proc" "$work/root/dev" \
		"$work/root/tmp"
	for link in bin sbin lib lib64; do
		ln -s usr/$link "$work/root/$link"
	done
	apt-get install -q -y --download-only --no-install-recommends \
		-o Dir::Cache::archives="$work/debs" "$headers" \
		make binutils dash bash coreutils sed grep mawk findutils diffutils >>"$work/log" 2>&1 ||
		fail "cannot download a compiler for $headers: $(grep -m1 '^E:' "$work/log")"
	for deb in "$work"/debs/*.deb; do
		unpack "$work/root" "$deb" .
	done
	ln -sf mawk "$work/root/usr/bin/awk"
	touch "$work/chroot"
}

# The headers hold absolute paths, as they expect to be installed; and from 6.12 on
# a vmlinux for module BTF, which would need pahole and which the scene does not need.
get_headers() {
	headers=linux-headers-$release
	apt-cache show "$headers" >/dev/null 2>&1 || return 0
	for package in "$headers" $(depends "$headers" | grep -E '^linux-(headers-.*common|kbuild-)'); do
		download "$work/root" "$package" .
	done
	at=$work/root/usr/src/$headers
	[ -f "$at/Makefile" ] || fail "$headers holds no Makefile"
	if builds_here "$at"; then
		sed -i "s#/usr/src/#$goal/root/usr/src/#g" "$at/Makefile"
	else
		rm -rf "$work/root"
		get_toolchain
	fi
	rm -f "$at/vmlinux"
	ln -s "root/usr/src/$headers" "$work/headers"
}

get() {
	goal=$kernels/$release work=$kernels/.work
	rm -rf "$work"
	mkdir -p "$work" || exit 1
	(get_image && get_headers) || exit 1
	rm -rf "$goal"
	mv "$work" "$goal"
	for old in "$kernels"/*; do
		[ "$old" = "$goal" ] || rm -rf "$old"
	done
}

mkdir -p "$cache" "$kernels" || fail "cannot make $cache"
exec 9>"$cache/lock" && flock 9
why="none in $suites"
if [ "$WQKIT_LAB_OFFLINE" = 1 ]; then
	why="none in the cache"
else
	configure
	update
	pattern="$(echo "$series" | sed 's/\./\\./g')[.-][^ ]*-cloud-amd64\$"
	image=$(newest "^linux-binary-$pattern")
	: "${image:=$(newest "^linux-image-$pattern")}"
	release=${image#linux-*-}
	if [ -n "$image" ] && [ ! -d "$kernels/$release" ]; then
		(get) 2>"$kernels/.why" || why=$(tail -1 "$kernels/.why")
	fi
fi
have=$(ls "$kernels" | sort -V | tail -1)
[ -n "$have" ] || fail "no Debian kernel $series: $why"
echo "$kernels/$have"
