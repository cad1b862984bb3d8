# SPDX-License-Identifier: GPL-2.0-or-later
# ARTICLE=FILE: the module of part 5 of that text compiles unchanged and prints its four lines.
. "$(dirname "$0")/lib.sh"
. "$top/tests/modules/run.sh"
[ -n "$ARTICLE" ] || skip_all 'no text is named: make check ARTICLE=FILE'
[ -r "$ARTICLE" ] || skip_all "$ARTICLE cannot be read"

# From its first #include to its last MODULE_ line; what the web did to it is undone.
sed -n '/^#include <linux\/module\.h>\|^#include &lt;linux\/module\.h&gt;/,/^MODULE_AUTHOR/p' "$ARTICLE" |
	sed -E 's/<\/?(span|code|p|br|pre)( [^>]*)?>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;|“|”/"/g; s/&#39;|‘|’/'"'"'/g; s/&amp;/\&/g; s/&nbsp;| / /g' \
		>"$TMP/article.c"
ok 'its module compiles' build article

until_line 'My delayed work' "$TMP/article.so"
is 'it is stopped' $rc 0
is 'without messages' "$(cat "$TMP/err")" ''
is 'four lines' "$(no_cpu "$TMP/out")" 'Workqueue module init
My work: value = 42, CPU N
My delayed work: value = 100, CPU N
Workqueue module exit'

until_line 'My work' "$TMP/article.so"
is 'it is stopped early' $rc 0
is 'its delayed item still runs' "$(no_cpu "$TMP/out")" 'Workqueue module init
My work: value = 42, CPU N
Workqueue module exit
My delayed work: value = 100, CPU N'
ok 'and the mistake is told' has "$TMP/err" my_delayed_work_handler
done_testing
