#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints config.mk: what this machine can build. Says aloud what it cannot.
# config.sh CLANG
clang=${1:-clang}
say() { echo "config: $*" >&2; }
pc() { pkg-config --exists "$1" 2>/dev/null; }

echo "# made by tests/house/config.sh; remove it to look again"

if ! pc json-c; then
	say "json-c is missing (Debian: libjson-c-dev): run make deps"
fi
echo "JSON_CFLAGS := $(pkg-config --cflags json-c 2>/dev/null)"
echo "JSON_LIBS := $(pkg-config --libs json-c 2>/dev/null || echo -ljson-c)"

bpftool=$(PATH=$PATH:/usr/sbin:/sbin command -v bpftool)
missing=
pc libbpf || missing="$missing libbpf"
command -v "$clang" >/dev/null || missing="$missing clang"
[ -n "$bpftool" ] && "$bpftool" version >/dev/null 2>&1 || missing="$missing bpftool"
if [ -z "$missing" ]; then
	echo "HAVE_BPF := 1"
	echo "BPFTOOL := $bpftool"
	echo "BPF_CFLAGS := $(pkg-config --cflags libbpf)"
	echo "BPF_LIBS := $(pkg-config --libs libbpf)"
	multiarch=$(gcc -print-multiarch 2>/dev/null)
	echo "BPF_INCLUDES := ${multiarch:+-I/usr/include/$multiarch}"
else
	say "no kernel source: missing$missing (make deps); the rest is built"
fi

if pc ncursesw; then
	echo "HAVE_CURSES := 1"
	echo "CURSES_CFLAGS := $(pkg-config --cflags ncursesw)"
	echo "CURSES_LIBS := $(pkg-config --libs ncursesw)"
else
	say "no wqtop: ncursesw is missing (make deps); the rest is built"
fi
if pc check; then
	echo "HAVE_CHECK := 1"
	echo "CHECK_CFLAGS := $(pkg-config --cflags check)"
	echo "CHECK_LIBS := $(pkg-config --libs check)"
else
	say "no unit tests: check is missing (make deps)"
fi

if ! echo '#include <sys/sdt.h>' | ${CC:-gcc} -E - >/dev/null 2>&1; then
	say "libwq has no static probes: sys/sdt.h is missing (Debian: systemtap-sdt-dev; make deps)"
fi

# Symbol tables of programs on libwq
if pc libelf; then
	echo "ELF_FLAGS := -DHAVE_ELF $(pkg-config --cflags libelf)"
	echo "ELF_LIBS := $(pkg-config --libs libelf)"
else
	say "functions of programs are file+offset: libelf is missing (Debian: libelf-dev; make deps)"
fi

# Packed logs and snapshots: each library is optional.
# packer NAME PKG WHAT DEBIAN
packer() {
	if pc "$2"; then
		echo "HAVE_$1 := 1"
		echo "UNPACK_FLAGS += -DHAVE_$1 $(pkg-config --cflags "$2")"
		echo "UNPACK_LIBS += $(pkg-config --libs "$2")"
	else
		say "no $3 files: $2 is missing (Debian: $4; make deps); the rest is built"
	fi
}
packer ZLIB zlib .gz zlib1g-dev
packer LZMA liblzma .xz liblzma-dev
packer ZSTD libzstd .zst libzstd-dev
