# SPDX-License-Identifier: GPL-2.0-or-later
# wqinsmod: exit statuses, messages, parameters, and what signals do.
. "$(dirname "$0")/lib.sh"
. "$top/tests/modules/run.sh"
params=$O/tests/modules/params.so
hello=$O/tests/modules/hello.so

is '--help succeeds' "$(status wqinsmod --help)" 0
ok '--help is on standard output' has "$TMP/out" 'usage: wqinsmod'
is '--version succeeds' "$(status wqinsmod --version)" 0
is 'no module is a usage error' "$(status wqinsmod)" 2
ok 'usage is on standard error' has "$TMP/err" 'usage: wqinsmod'
is 'a wrong option is a usage error' "$(status wqinsmod --nonsense)" 2

is 'a file that is missing fails' "$(status wqinsmod "$TMP/none.so")" 1
ok 'it is named, with the reason' has "$TMP/err" "none.so: No such file or directory"
echo text >"$TMP/text.so"
is 'a file of another kind fails' "$(status wqinsmod "$TMP/text.so")" 1
ok 'and what to do is said' has "$TMP/err" 'pkg-config --cflags libwq-kernel'

echo 'int x;' >"$TMP/plain.c"
build plain
is 'a library that is no module fails' "$(status wqinsmod "$TMP/plain.so")" 1
ok 'and is told so' has "$TMP/err" 'plain.so: it has no module_init()'

cat >"$TMP/undefined.c" <<'END'
#include <linux/module.h>
int frobnicate(void);
int wq_no_such_call(void);
static int __init undefined_init(void)
{
	return frobnicate();
}
module_init(undefined_init);
END
build undefined
is 'an undefined symbol fails' "$(status wqinsmod "$TMP/undefined.so")" 1
ok 'and is named' has "$TMP/err" 'it uses frobnicate, which is neither in libwq'
sed -i 's/frobnicate()/wq_no_such_call()/' "$TMP/undefined.c"
build undefined
is 'a call that libwq lacks fails' "$(status wqinsmod "$TMP/undefined.so")" 1
ok 'and is named as the kernel spells it' has "$TMP/err" 'it uses no_such_call, which this version'

cat >"$TMP/failing.c" <<'END'
#include <linux/module.h>
static int __init failing_init(void)
{
	pr_info("failing: no device\n");
	return -ENODEV;
}
static void __exit failing_exit(void)
{
	pr_info("failing: exit\n");
}
module_init(failing_init);
module_exit(failing_exit);
END
build failing
is 'an init that fails' "$(status wqinsmod "$TMP/failing.so")" 1
is 'is not followed by exit' "$(cat "$TMP/out")" 'failing: no device'
ok 'and its error is shown' has "$TMP/err" 'its init function failed: No such device (-19)'

# Parameters
is 'an unknown parameter fails' "$(status wqinsmod "$params" nonsense=1)" 1
ok 'it is named' has "$TMP/err" 'it has no parameter "nonsense"; it has:'
ok 'those there are' has "$TMP/err" 'an_int (int)'
is 'and init did not run' "$(cat "$TMP/out")" ''
is 'no parameters at all' "$(status wqinsmod "$hello" x=1)" 1
ok 'is said' has "$TMP/err" 'no parameter "x", nor any other'
is 'a value of the wrong type fails' "$(status wqinsmod "$params" an_int=three)" 1
ok 'it is named' has "$TMP/err" 'parameter an_int (int) does not take "three": Invalid argument'
is 'a value out of range fails' "$(status wqinsmod "$params" a_byte=256)" 1
is 'a string that is too long fails' "$(status wqinsmod "$params" a_string=12345678)" 1
is 'an array that is too long fails' "$(status wqinsmod "$params" numbers=1,2,3,4,5)" 1
is 'a missing value fails' "$(status wqinsmod "$params" an_int)" 1
ok 'and is said' has "$TMP/err" 'needs a value: an_int=VALUE'
is "a module's own check fails" "$(status wqinsmod "$params" even=3)" 1
until_line 'params: done' "$params" a-byte=0xff a_short=-32768 a_ushort=010 an_int=-1 a_uint=9 \
	a_long=-10 a_ulong=11 a_ullong=18446744073709551615 'a_charp=two words' a_bool an_invbool=y \
	a_string=1234567 numbers=7,-8 outer=99 even=2
is 'parameters arrive' "$(cat "$TMP/out")" \
'params: byte 255 short -32768 ushort 8 int -1 uint 9 long -10 ulong 11 ullong 18446744073709551615
params: charp two words bool 1 invbool 0 string 1234567 outer 99 even 2
params: numbers 7 -8
params: done'
is 'with success' $rc 0

# Signals: during init, during exit, twice
cat >"$TMP/signals.c" <<'END'
#include <linux/module.h>
#include <signal.h>
#include <unistd.h>
static int __init signals_init(void)
{
	kill(getpid(), SIGINT);
	kill(getpid(), SIGTERM);
	pr_info("init is let finish\n");
	return 0;
}
static void __exit signals_exit(void)
{
	pr_info("exit ");
	kill(getpid(), SIGINT);
	kill(getpid(), SIGTERM);
	pr_cont("is let finish\n");
}
module_init(signals_init);
module_exit(signals_exit);
END
build signals
is 'signals during init and exit' "$(status wqinsmod "$TMP/signals.so")" 0
is 'wait for both' "$(cat "$TMP/out")" 'init is let finish
exit is let finish'

cat >"$TMP/for_ever.c" <<'END'
#include <linux/module.h>
static int __init for_ever_init(void)
{
	pr_info("here\n");
	return 1;
}
module_init(for_ever_init);
END
build for_ever
until_line here "$TMP/for_ever.so"
is 'a module without exit can be stopped' $rc 0
ok 'and is told' has "$TMP/err" 'it has no module_exit()'
ok 'a positive value of init is told' has "$TMP/err" 'its init function returned 1'

# The item that is armed when its queue is destroyed: a kernel would use freed memory.
until_line 'hello: number 42' "$hello"
is 'stopped early' $rc 0
is 'the delayed item still runs' "$(no_cpu "$TMP/out")" "hello: init
hello: number 42 on CPU N
hello: exit
hello: later, number 100 on CPU N"
ok 'the mistake is told, with the function' has "$TMP/err" greet_later
done_testing
