# SPDX-License-Identifier: GPL-2.0-or-later
# libwq's manual: each function of wq.h has a page, and no other, which declares it as the header
# does; examples compile and say hello.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

tests/house/declarations.sh header | grep -v 'wq_to_[a-z]*_work(' >"$TMP/declared"
grep -oE '\bwq_[a-z_]+\(' "$TMP/declared" | tr -d '(' | sort -u >"$TMP/header"
sed -n 's/^\.Nm \(wq_[a-z_]*\).*/\1/p' man/wq_*.3 | sort >"$TMP/pages"
is "each function has one page" "$(cat "$TMP/pages")" "$(cat "$TMP/header")"

tests/house/declarations.sh man/wq_*.3 >"$TMP/synopsis"
is 'each SYNOPSIS is what the header declares' "$(cat "$TMP/synopsis")" "$(cat "$TMP/declared")"

# Whatever the library exports is declared somewhere: natively, or in the kernel's spelling.
cat lib/include/wq/*.h lib/kernel/linux/*.h >"$TMP/headers"
nm -D --defined-only "$O/lib/libwq.so" | awk '$3 ~ /^wq_/ { print $3 }' |
	sed 's/@.*//' | while read -r symbol; do
		grep -qE "\b$symbol\b|WQ_SYMBOL\(${symbol#wq_}\)" "$TMP/headers" || echo "$symbol"
	done | grep -v '^wq_param_[gos][a-z]*_' >"$TMP/undeclared" # those are by a macro
is 'each symbol has a declaration' "$(cat "$TMP/undeclared")" ''

san=
nm -D "$O/lib/libwq.so" 2>/dev/null | grep -q __asan && san=-fsanitize=address,undefined
nm -D "$O/lib/libwq.so" 2>/dev/null | grep -q __tsan && san=-fsanitize=thread
example() { # PAGE
	sed -n '/^\.Bd -literal/,/^\.Ed/p' "$1" | sed '/^\.[BE]d/d; s/\\e/\\/g' >"$TMP/example.c"
	${CC:-gcc} -std=gnu11 -Wall -Wextra -Werror $san -Ilib/include -o "$TMP/example" \
		"$TMP/example.c" -L"$O/lib" -lwq -pthread || return 1
	LD_LIBRARY_PATH=$O/lib "$TMP/example" | grep -q '^hello'
}
for page in $(grep -l '^\.Sh EXAMPLES' man/wq_*.3); do
	ok "the example of $page" example "$page"
done

# Each name of the kernel's header, and each parameter, has a row in the table.
sed -n '/^\.Sh THE KERNEL/,/^\.Sh SEE/p' man/libwq.7 | grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$TMP/told"
{
	grep -oE 'WQ_SYMBOL\([a-z_]+' lib/kernel/linux/workqueue.h | sed 's/.*(//'
	sed -nE 's/^#define ((DECLARE|INIT)_[A-Z_]+|[a-z_]+)\(.*/\1/p' lib/kernel/linux/workqueue.h
	sed -nE 's/^\t(WQ_[A-Z_]+|WORKER?_[A-Z_]*(LEN|COLORS|UNBOUND)) = .*/\1/p' lib/include/wq/types.h
	sed -nE 's/^\t\{ "([a-z_]+)", PARAM_.*/\1/p' lib/params.c
} | grep -vE '^(warn_flushing_systemwide_wq|stack_size|sentinel|tick|perf|unmanaged|publish)$' | sort -u >"$TMP/names"
ok "there are names to look for" test "$(grep -c . "$TMP/names")" -gt 100
is "libwq(7) has a row for each name of linux/workqueue.h and each parameter" \
	"$(comm -23 "$TMP/names" "$TMP/told")" ""

for t in $(grep -E '^\.P[aq] ' man/libwq.7 | grep -oE '\b[a-z_]+\.c\b' | sort -u); do
	ok "libwq(7) names $t, which exists" test -f "tests/lib/$t"
done
done_testing
