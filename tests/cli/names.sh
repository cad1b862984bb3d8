# SPDX-License-Identifier: GPL-2.0-or-later
# Messages name the function, also a static one, of a program that was found by PATH.
. "$(dirname "$0")/lib.sh"

cat >"$TMP/misuse.c" <<'C'
#include <wq/wq.h>

/* Nobody tells the library its name: it has to be found. */
static void quiet_function(struct work_struct *work)
{
	(void)work;
}

static struct delayed_work armed = WQ_DELAYED_WORK_INITIALIZER(armed, quiet_function);

int main(void)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("named", 0, 0);

	if (!wq)
		return 1;
	wq_queue_delayed_work(wq, &armed, 1000000);
	wq_destroy_workqueue(wq);
	return 0;
}
C

# one KIND FLAGS...
one() {
	kind=$1
	shift
	mkdir -p "$TMP/$kind"
	ok "$kind: compiles" "${CC:-cc}" $TEST_CFLAGS -D_GNU_SOURCE -I"$top/lib/include" "$@" \
		-o "$TMP/$kind/wq-misuse" "$TMP/misuse.c" -L"$O/lib" -lwq -Wl,-rpath,"$O/lib" -pthread
	(cd / && PATH=$TMP/$kind:$PATH && exec wq-misuse) >"$TMP/out" 2>"$TMP/err"
	ok "$kind: names it" grep -q 'quiet_function' "$TMP/err"
}
one pie -fPIE -pie
one no-pie -fno-PIE -no-pie
# what the file does not know is said by its place in it
ok 'strips' strip "$TMP/pie/wq-misuse"
(cd / && PATH=$TMP/pie:$PATH && exec wq-misuse) 2>"$TMP/err"
ok 'stripped: says where it is' grep -q 'wq-misuse+0x[0-9a-f]' "$TMP/err"
done_testing
