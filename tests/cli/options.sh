# SPDX-License-Identifier: GPL-2.0-or-later
# Exit statuses and where messages go.
. "$(dirname "$0")/lib.sh"

is '--help succeeds' "$(status wqdump --help)" 0
ok '--help is on standard output' has "$TMP/out" 'usage: wqdump'
is '--version succeeds' "$(status wqdump --version)" 0
is 'a wrong option is a usage error' "$(status wqdump --nonsense)" 2
ok 'usage is on standard error' has "$TMP/err" 'usage: wqdump'
is 'and nothing on standard output' "$(cat "$TMP/out")" ''
is 'a wrong command is a usage error' "$(status wqdump nonsense)" 2
ok 'it is named' has "$TMP/err" '"nonsense" is not a command'
is 'a wrong column is a usage error' "$(status wqdump workqueues -o name,nonsense)" 2
ok 'the columns are listed' has "$TMP/err" 'in_flight'
is 'a wrong interval is a usage error' "$(status wqdump -i 0)" 2
is 'a wrong filter is a usage error' "$(status wqdump -F pool=x)" 2
is 'options may stand behind the command' "$(status wqdump workqueues --help)" 0
ok 'a command has its own help' has "$TMP/out" 'in_flight'
is 'with what stands behind it' "$(wqdump pin -h | head -1; wqdump --help unpin | head -1; wqdump works -h | head -1)" \
'usage: wqdump pin [OPTIONS] [DIR]
usage: wqdump unpin [OPTIONS] [DIR]
usage: wqdump [SOURCE] works [OPTIONS]'
is '--fields succeeds' "$(status wqdump workqueues --fields)" 0
for asked in --help 'show --help' 'works --fields' --version; do
	# shellcheck disable=SC2086 # words
	is "$asked needs no program" "$(status wqdump -p no-such-name $asked)" 0
done
is 'a wrong command is wrong whatever the program' "$(status wqdump -p no-such-name nonsense)" 2
is 'a program that is none fails' "$(status wqdump -p no-such-name)" 1
is 'unless another source follows' "$(status wqdump -p no-such-name -f "$data/two-pools.json")" 0
is 'a missing file fails' "$(status wqdump -f "$TMP/none")" 1
ok 'it is named with the reason' has "$TMP/err" "$TMP/none: No such file"
is 'a failed write fails' "$(status sh -c 'wqdump --help >/dev/full')" 1
ok 'with a message' has "$TMP/err" 'No space left'
is 'a closed pipe ends quietly' "$(status sh -c 'wqdump --help | true; wqdump --help | head -1')" 0
is 'without a message' "$(cat "$TMP/err")" ''
is 'list names the kernel, readable or not' \
	"$(wqdump list -j | jq -r '.sources[0] | [.kind, .name, (.readable == (.why_not == null))] | @tsv')" \
	"$(printf 'kernel\t%s\ttrue' "$(uname -r)")"
done_testing
