# SPDX-License-Identifier: GPL-2.0-or-later
# Installed under DESTDIR and used as a sysroot: pkg-config alone finds what a module and a program
# need, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
. "$top/tests/modules/run.sh"
command -v pkg-config >/dev/null || skip_all 'no pkg-config'
root=$TMP/root

install_with() { make -s -C "$top" O="$O" DESTDIR="$root" "$@"; }
pc() { PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root$prefix/lib/pkgconfig pkg-config "$@"; }

cat >"$TMP/native.c" <<'END'
#include <stdio.h>
#include <wq/wq.h>
static void hello(struct work_struct *work)
{
	(void)work;
	puts("hello from a work item");
}
int main(void)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("native", 0, 0);
	WQ_DECLARE_WORK(work, hello);
	wq_queue_work(wq, &work);
	wq_destroy_workqueue(wq);
	return 0;
}
END

for prefix in /usr/local /usr; do
	ok "$prefix: installs" install_with prefix=$prefix install-lib
	# shellcheck disable=SC2046 # flags are words
	ok "$prefix: a module builds with --cflags libwq-kernel alone" \
		${CC:-cc} -Wall -Werror -shared $(pc --cflags libwq-kernel) -o "$TMP/hello.so" \
		"$top/tests/modules/hello.c"
	PATH=$root$prefix/bin:$PATH until_line 'hello: later' "$TMP/hello.so"
	is "$prefix: and runs under the installed wqinsmod" "$(no_cpu "$TMP/out")" \
		"$(cat "$top/tests/modules/hello.out")"
	is "$prefix: which brings the library" \
		"$(ldd "$root$prefix/bin/wqinsmod" | sed -n 's/.*libwq[^ ]* => \([^ ]*\).*/\1/p' |
			xargs realpath)" "$(realpath "$root$prefix/lib/libwq.so")"
	# shellcheck disable=SC2046,SC2086
	ok "$prefix: a program builds with --cflags --libs libwq" \
		${CC:-cc} $TEST_CFLAGS -std=c11 -Wall -Wpedantic -Werror -o "$TMP/native" "$TMP/native.c" \
		$(pc --cflags --libs libwq)
	is "$prefix: and runs" "$(LD_LIBRARY_PATH=$root$prefix/lib "$TMP/native")" \
		'hello from a work item'
	ok "$prefix: libwq alone does not bring the kernel's headers" \
		sh -c '! echo "$1" | grep -q wq-kernel' - "$(pc --cflags libwq)"
	ok "$prefix: uninstalls" install_with prefix=$prefix uninstall-lib
	is "$prefix: and leaves no file" "$(find "$root" ! -type d)" ''
done
done_testing
