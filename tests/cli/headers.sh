# SPDX-License-Identifier: GPL-2.0-or-later
# Each header compiles alone, with all others, and before and after libc's, in C and C++.
. "$(dirname "$0")/lib.sh"
cc=${CC:-cc}
cxx=${CXX:-c++}
command -v "$cxx" >/dev/null || skip_all "no C++ compiler ($cxx)"
kernel="-I$top/lib/kernel -I$top/lib/include"
libc='assert complex ctype dirent dlfcn errno fcntl fenv float fnmatch ftw getopt glob grp iconv
	inttypes iso646 langinfo libgen limits locale math monetary mqueue net/if netdb netinet/in
	netinet/tcp nl_types poll pthread pwd regex sched search semaphore setjmp signal spawn stdalign
	stdarg stdbool stddef stdint stdio stdlib stdnoreturn string strings sys/epoll sys/eventfd
	sys/file sys/inotify sys/ioctl sys/ipc sys/mman sys/msg sys/param sys/prctl sys/ptrace sys/random
	sys/resource sys/select sys/sem sys/sendfile sys/shm sys/signalfd sys/socket sys/stat sys/statvfs
	sys/syscall sys/sysinfo sys/time sys/timerfd sys/times sys/timex sys/types sys/uio sys/un
	sys/utsname sys/wait syslog tar termios time ucontext uchar unistd utime utmpx wchar wctype
	wordexp'
cplusplus='algorithm atomic chrono condition_variable functional limits map memory mutex new string
	thread vector'

# compile LANGUAGE COMPILER FLAGS...: standard input, without a word
compile() {
	language=$1
	shift
	"$@" -x "$language" -Wall -Wextra -Werror -fsyntax-only - 2>&1
}
includes() { printf '#include <%s>\n' "$@"; }
libc_includes() { includes $(printf '%s.h ' $libc); }

# each WHAT LANGUAGE COMPILER FLAGS...: every header of ours, between $before and $after
each() {
	what=$1
	shift
	: >"$TMP/log"
	for h in $ours; do
		{
			printf '%s\n' "$before"
			includes "$h"
			printf '%s\nint wq_unused;\n' "$after"
		} | compile "$@" >"$TMP/one" || {
			echo "with $h:"
			head -5 "$TMP/one"
		} >>"$TMP/log"
	done
	is "$what" "$(cat "$TMP/log")" ''
}

ours=$(cd "$top/lib/kernel" && ls linux/*.h)
before= after=
each 'alone, gnu11' c $cc -std=gnu11 $kernel
each 'alone, c11' c $cc -std=c11 $kernel
each 'alone, C++11' c++ $cxx -std=c++11 $kernel
before= after=$(libc_includes)
each "before libc's" c $cc -D_GNU_SOURCE $kernel
before=$after after=
each "after libc's" c $cc -D_GNU_SOURCE $kernel

# together WHAT LANGUAGE COMPILER FLAGS...: all of ours at once
together() {
	what=$1
	shift
	is "$what" "$({
		printf '%s\n' "$before"
		includes $ours
		printf '%s\nint wq_unused;\n' "$after"
	} | compile "$@")" ''
}

# A module's libc headers: abs() and its like are macros then.
module='#define KBUILD_MODNAME "x"
#include <linux/module.h>
'
before=$module after=$(libc_includes)
together "in a module, before libc's" c $cc -D_GNU_SOURCE $kernel
before="$(libc_includes)
$module" after=
together "in a module, after libc's" c $cc -D_GNU_SOURCE $kernel
before= after="$(libc_includes)
$(includes $cplusplus)"
together "before libc's and the C++ library" c++ $cxx -std=gnu++17 $kernel
before=$after after=
together "after libc's and the C++ library" c++ $cxx -std=gnu++17 $kernel
before= after=
together 'all together' c $cc -std=gnu11 $kernel
is 'backwards' "$(includes $(printf '%s\n' $ours | sort -r) | compile c $cc $kernel)" ''
if command -v clang >/dev/null; then
	together 'all together, clang' c clang $kernel
else
	skip 'all together, clang' 'no clang'
fi

# A macro of ours that is a member or a parameter in libc would change a struct in silence. These are
# known: functions and a member that stdlib.h and timer.h take care of, a parameter's name.
words() { grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u; }
libc_includes | $cc -D_GNU_SOURCE -E -P - | words >"$TMP/libc.words"
{
	echo "$module"
	includes $ours
} | $cc $kernel -dM -E - | sed 's/#define //; s/[ (].*//' | sort -u >"$TMP/all.macros"
echo | $cc -dM -E - | sed 's/#define //; s/[ (].*//' | sort -u >"$TMP/own.macros"
is 'no macro hits a name of libc' "$(comm -23 "$TMP/all.macros" "$TMP/own.macros" |
	comm -12 - "$TMP/libc.words" | grep -v '^__kernel_old_' | tr '\n' ' ')" \
	'__init __user abs timer_delete '
is "and libc's member is there" "$(printf '%s\n' "$module" \
	'#include <stdlib.h>' '#undef __init' \
	'_Static_assert(sizeof(((struct drand48_data *)0)->__init), "");' | compile c $cc $kernel)" ''

# libc's own use of the names that we extend
is 'sysinfo before the kernel' "$(printf '%s\n' '#include <sys/sysinfo.h>' '#include <stdlib.h>' \
	'#include <linux/module.h>' 'int f(struct sysinfo *s);' \
	'int f(struct sysinfo *s) { return abs((int)min(s->uptime, 1l)); }' |
	compile c $cc $kernel)" ''
is 'both spellings' "$(printf '%s\n' '#include <wq/wq.h>' "$(includes $ours)" \
	'_Static_assert(sizeof(&queue_work == &wq_queue_work), "");' | compile c $cc $kernel)" ''

# Whom only libc sends to us gets little: no macro that a program may use for something else.
macros() { $cc -D_GNU_SOURCE "$@" -dM -E - | sed 's/#define //; s/[ (].*//' | sort -u; }
libc_includes | macros >"$TMP/without"
# shellcheck disable=SC2086
libc_includes | macros $kernel | comm -13 "$TMP/without" - >"$TMP/gained"
is "what libc's headers gain" "$(grep -v '^WQ_\|^WORK_OFFQ_\|^E[A-Z_]*$' "$TMP/gained" | tr '\n' ' ')" \
	'offsetofend sizeof_field '

# What a header promises, the library has; a module's own two functions are the module's.
grep -ho 'WQ_SYMBOL([a-z0-9_]*)' "$top"/lib/kernel/linux/*.h | sed 's/WQ_SYMBOL(/wq_/; s/)//' |
	grep -v '^wq_f$\|^wq_init_module$\|^wq_cleanup_module$' | sort -u >"$TMP/aliases"
nm -D --defined-only "$O/lib/libwq.so" | awk '{ sub(/@.*/, "", $3); print $3 }' |
	sort -u >"$TMP/symbols"
ok 'there are aliases' [ "$(wc -l <"$TMP/aliases")" -gt 100 ]
is 'each alias is a symbol of libwq' "$(comm -23 "$TMP/aliases" "$TMP/symbols")" ''
is 'libwq has no other symbols' "$(grep -v '^wq_\|^LIBWQ_' "$TMP/symbols")" ''

# The system's header of the same name is still what one gets for the rest.
is "the system's own names are there" "$(printf '%s\n' '#include <linux/types.h>' \
	'#include <linux/errno.h>' '#include <linux/wait.h>' '#include <linux/sched.h>' \
	'__u32 a; __be16 b; int c = ENOENT + WNOHANG + CLONE_THREAD;' | compile c $cc $kernel)" ''

# The native spelling is plain C11 and C++11, with every warning on.
native="-I$top/lib/include"
ours=$(cd "$top/lib/include" && ls wq/*.h)
before= after=
each 'native, c11 pedantic' c $cc -std=c11 -Wpedantic -Wconversion -Wshadow -Wundef \
	-Wstrict-prototypes $native
each 'native, POSIX names only' c $cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wpedantic $native
is 'an initialiser is a statement, a function, and evaluates its arguments once' "$(printf '%s\n' \
	'#include <wq/wq.h>' 'static void f(struct work_struct *w) { (void)w; }' \
	'void g(struct work_struct *w, work_func_t *v);' 'void g(struct work_struct *w, work_func_t *v) {' \
	'	void (*init)(struct work_struct *, work_func_t) = wq_init_work;' \
	'	if (*v)' '		wq_init_work(w++, *v++);' '	else' '		wq_init_work(w, f);' \
	'	init(w, &f);' '}' | compile c $cc -std=c11 -Wpedantic -Wsequence-point $native)" ''
each 'native, C++11' c++ $cxx -std=c++11 -Wpedantic -Wconversion -Wshadow $native
each 'native, C++20' c++ $cxx -std=c++20 -Wpedantic $native
done_testing
