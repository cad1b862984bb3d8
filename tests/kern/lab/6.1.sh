# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 12's kernel: the oldest that everything must work on, no counters in pwqs yet.
series=6.1
. "$(dirname "$0")/lab.sh"
