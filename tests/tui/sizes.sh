# SPDX-License-Identifier: GPL-2.0-or-later
# From one line to wide screens: what matters most stays.
. "$(dirname "$0")/screens.sh"

for size in 1x1 20x1 20x2 20x3 20x4 20x5 20x6 20x8 40x10 60x10 100x24; do
	screen "workqueues at $size" -f busy.json --view workqueues --size $size
	screen "works at $size" -f busy.json --view works --size $size
done
screen 'pools at 40x10' -f busy.json --view pools --size 40x10
screen 'workers at 40x10' -f busy.json --view workers --size 40x10
screen 'waiters at 40x10' -f busy.json --view waiters --size 40x10
screen 'workqueues at 300x8' -f busy.json --view workqueues --size 300x8
screen 'works at 300x8' -f busy.json --view works --size 300x8
screen 'words on a narrow screen' -f busy.json --view functions --size 20x12
screen 'asking on a narrow screen' -f busy.json --size 12x6 --keys '/abcdefghijklmnopq'
done_screens
