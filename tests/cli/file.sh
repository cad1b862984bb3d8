# SPDX-License-Identifier: GPL-2.0-or-later
# Saved snapshots are read back, and bad ones are refused with their place.
. "$(dirname "$0")/lib.sh"

cat >"$TMP/two.json" <<'END'
{"schema":"wqkit/1.0","source":{"kind":"kernel"},"workqueues":[
 {"id":"0x1","name":"events","flags":["WQ_PERCPU"],"max_active":1024,"started":7},
 {"id":"0x2","name":"écran","flags":[],"max_active":1,"started":null}]}
END
is 'a table' "$(wqdump -f "$TMP/two.json" workqueues -o name,max,started,flags)" \
'NAME      MAX    STARTED FLAGS
events   1024          7 PERCPU
écran       1          - 0'
is 'from standard input' "$(wqdump workqueues -f - -o name --no-header <"$TMP/two.json" | tr '\n' ,)" \
	'events,écran,'
is 'filtered' "$(wqdump -f "$TMP/two.json" workqueues -F 'ev*' -o name --no-header)" events
is 'sorted' "$(wqdump -f "$TMP/two.json" workqueues -s -name -o name --no-header | tr '\n' ,)" \
	'écran,events,'
is 'as JSON' "$(wqdump -f "$TMP/two.json" workqueues -j | jq -c '.workqueues[] | [.name, .started]' | tr '\n' ,)" \
	'["events",7],["écran",null],'
cat >"$TMP/ages.json" <<'END'
{"schema":"wqkit/1.0","works":[
 {"address":"0x1","function":"a","age_ns":5000000000,"age_min_ns":7000000000},
 {"address":"0x2","function":"b","age_ns":null,"age_min_ns":12000000000},
 {"address":"0x3","function":"c","age_ns":null,"age_min_ns":null}]}
END
is 'an unknown age is shown as its lower bound' \
	"$(wqdump -f "$TMP/ages.json" works -o function,age_ns --no-header | tr -s ' ' | tr '\n' ,)" \
	'a 5.00s,b >12.0s,c -,'
is 'show has no heading of waiters where a filter leaves none' \
	"$(wqdump -f "$data/scene.json" show -F scene_one | grep -c 'WAITS IN')" 0
sed 's/"kind":"kernel"/"kind":"process","program":"prog","pid":3/' "$data/scene.json" >"$TMP/no-library.json"
is 'a library that is unknown' "$(wqdump -f "$TMP/no-library.json" show | head -1 | cut -d: -f1)" \
	'prog (PID 3, libwq -) on (none)'
is 'no limit is inf' "$(wqdump -f "$data/scene.json" workqueues -F scene_bh -o max --no-header -n 1)" '   inf'
is 'and a number in JSON' "$(wqdump -f "$data/scene.json" workqueues -F scene_bh -j -n 1 | jq -c '.workqueues[]|[.max,.max_active]')" \
	'[2147483647,2147483647]'
is 'and sorts as one' "$(wqdump -f "$data/scene.json" workqueues -s max -o name --no-header -n 1 | head -1)" scene_bh

# --- several pictures: each begins with its time ---
export TZ=XYZ-1
pictures() { wqdump -f "$data/stream.json" works -o state,function -F fn=hog_fn* "$@"; }
is 'pictures are told apart, but for the first of a file' "$(pictures)" \
'STATE   FUNCTION
running hog_fn [wqhog]

2026-03-01 13:00:01.250
STATE   FUNCTION
running hog_fn [wqhog]

2026-03-01 13:00:02.250
STATE   FUNCTION
running hog_fn [wqhog]

2026-03-01 13:00:03.250
STATE   FUNCTION
running hog_fn [wqhog]'
is 'also the first one, where there are several' "$(pictures -n 2 | grep '^2026')" \
'2026-03-01 13:00:00.250
2026-03-01 13:00:01.250'
is 'one needs no time' "$(pictures -n 1 -i 1 | grep '^2026')" ''
is 'not without headings' "$(pictures --no-header -n 2)" \
'running hog_fn [wqhog]
running hog_fn [wqhog]'
is 'not in JSON' "$(pictures -j -n 2 | jq -c '[.works[].function]')" \
'["hog_fn [wqhog]"]
["hog_fn [wqhog]"]'
is 'busy, too' "$(wqdump busy -f "$data/stream.json" -n 2 | grep -c -e '^2026-03-01' -e ^Showing)" 4
sed 's/"time": *"[^"]*"/"time": null/' "$data/stream.json" >"$TMP/timeless.json"
is 'a time that is unknown' "$(wqdump -f "$TMP/timeless.json" pools -n 2 | grep picture)" \
'picture 1
picture 2'

echo '{"schema":"wqkit/1.0","pools":[{"id":"x"}]}' >"$TMP/bad.json"
is 'a wrong type fails' "$(status wqdump -f "$TMP/bad.json" workqueues)" 1
ok 'and is named' has "$TMP/err" 'pools[0].id'
: >"$TMP/empty"
is 'an empty file fails' "$(status wqdump -f "$TMP/empty")" 1
ok 'and is named' has "$TMP/err" 'is empty'
if grep -q HAVE_ZLIB "$O/config.mk"; then
	gzip -c "$TMP/two.json" >"$TMP/two.json.gz"
	is 'packed' "$(wqdump -f "$TMP/two.json.gz" workqueues -o name --no-header | tr '\n' ,)" 'events,écran,'
else
	skip 'packed' 'no zlib here'
fi
done_testing
