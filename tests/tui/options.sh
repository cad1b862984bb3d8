# SPDX-License-Identifier: GPL-2.0-or-later
# wqtop's options and exit statuses.
. "$(dirname "$0")/../cli/lib.sh"
command -v wqtop >/dev/null || skip_all 'wqtop was not built here'
export TZ=UTC0
cd "$data" || exit 1

is '--help succeeds' "$(status wqtop --help)" 0
ok 'on standard output' has "$TMP/out" 'usage: wqtop'
grep -o -e '--[a-z-]*' "$TMP/out" >"$TMP/options"
grep -oE '(Fl|,) -[a-z-]+' "$top/man/wqtop.1" | sed 's/.* -/--/' >"$TMP/documented"
is 'wqtop(1) has the same options' "$(sort -u "$TMP/documented")" "$(sort -u "$TMP/options")"
is '--version succeeds' "$(status wqtop --version)" 0
is '-s help lists columns' "$(status wqtop --view pools -s help)" 0
ok 'of that view' has "$TMP/out" 'hung_ns'
for wrong in --nonsense word '-d 0' '-n 0' '-o nonsense' '-s nonsense' '-F pool=x' '--view nonsense' \
	'--print --size 0x1' '--print --size 80' '--print --keys {Nonsense}' '--keys q' '--print -b'; do
	# shellcheck disable=SC2086 # several words
	is "$wrong is a usage error" "$(status wqtop -f two-pools.json $wrong)" 2
	ok 'that is explained' has "$TMP/err" 'usage: wqtop'
	is 'and nothing else' "$(cat "$TMP/out")" ''
done
is 'a missing file fails' "$(status wqtop -f none-such)" 1
ok 'and is named' has "$TMP/err" 'none-such: No such file'
echo '{"schema":"wqkit/1.0","pools":[{"id":"x"}]}' >"$TMP/bad.json"
is 'a bad file fails' "$(status wqtop -f "$TMP/bad.json" --print)" 1
ok 'with the place' has "$TMP/err" 'pools[0].id'

is 'no terminal: plain text' "$(status wqtop -f two-pools.json)" 0
ok 'with a header' has "$TMP/out" '6.18.44  2 CPUs  10 pools'
ok 'and all rows' has "$TMP/out" 'écran-流れ'
is 'without escape sequences' "$(tr -d '\n[:print:]' <"$TMP/out" | tr -d '\200-\377')" ''
is 'each picture of a file' "$(wqtop -b -f stream.json | grep -c '2 CPUs')" 4
is '-n ends earlier' "$(wqtop -b -n 2 -f stream.json | grep -c '2 CPUs')" 2
is 'columns and order' "$(wqtop -b -f two-pools.json -o name,max -s max | sed -n '4p' | tr -s ' ')" 'events 1024'
is 'names first to last' "$(wqtop -b -f two-pools.json -o name -s name | sed -n 4p)" cgroup_destroy
is 'a filter' "$(wqtop -b -f two-pools.json -F 'ev*' -F '/_/' | grep -c '^events_')" 3
is 'another view' "$(wqtop -b -f busy.json --view waiters -o pid,comm | tail -1 | tr -s ' ')" ' 1902 umount'
is 'a failed write fails' "$(status sh -c 'wqtop -b -f two-pools.json >/dev/full')" 1
ok 'with a message' has "$TMP/err" 'No space left'
is 'a closed pipe ends quietly' "$(status sh -c 'wqtop -b -f stream.json | head -1 >/dev/null')" 0
is 'without a message' "$(cat "$TMP/err")" ''
is 'in the C locale names do no harm' \
	"$(LC_ALL=C wqtop -b -f two-pools.json -o name -s -name | sed -n 4p)" '?cran-??'
done_testing
