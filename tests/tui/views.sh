# SPDX-License-Identifier: GPL-2.0-or-later
# Each view, of an idle machine and of one in trouble.
. "$(dirname "$0")/screens.sh"

screen 'idle: begins with the workqueues' -f two-pools.json
screen 'in trouble: begins with the works' -f busy.json
screen 'workqueues' -f busy.json --keys 2
screen 'pools' -f busy.json --view pools
screen 'workers' -f busy.json --view 4
screen 'functions: a file counts none' -f busy.json --view functions
screen 'functions that were saved' -f functions.json --view functions
screen 'waiters' -f busy.json --view waiters
screen 'no waiter' -f two-pools.json --view waiters
screen 'no work' -f none.json --view works
screen 'a source that does not tell' -f none.json --view pools
done_screens
