# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 13's kernel, as built for Debian 12: counters, BH workqueues, kfuncs.
series=6.12
heap=yes
. "$(dirname "$0")/lab.sh"
