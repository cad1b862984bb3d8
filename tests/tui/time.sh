# SPDX-License-Identifier: GPL-2.0-or-later
# What several pictures tell: rates, and ages that were seen.
. "$(dirname "$0")/screens.sh"

screen 'one picture has no rates' -f stream.json --view workqueues
screen 'two have' -f stream.json --view workqueues --keys ' '
screen 'what stands still grows old, what works does not' -f stream.json --view works --keys '  '
screen 'workers likewise' -f stream.json --view workers --size 80x8 --keys '  '
screen 'the end of the file' -f stream.json --view workqueues --size 80x8 --keys '       '
screen 'frozen, but a step is a step' -f stream.json --view workqueues --size 80x8 --keys 'Z '
screen 'going on' -f stream.json --view workqueues --size 80x8 --keys 'ZZ'

# Recorded in the kernel lab, on 6.12 with the scene module, filtered to its workqueues.
screen 'a scene: the first picture' -f scene.json --size 100x36 --keys 1
screen 'the second' -f scene.json --size 100x36 --keys '1 '
screen 'its workqueues' -f scene.json --size 100x24 --keys ' 2'
screen 'its waiters' -f scene.json --size 100x12 --keys ' 6'

# The dumps of a log are steps in time.
screen 'a log: its first dump that has workqueues' -f log-many.txt --size 90x6 --keys ' '
screen 'the next' -f log-many.txt --size 90x6 --keys '  '
screen 'the last' -f log-many.txt --size 90x8 --keys '        '
done_screens
