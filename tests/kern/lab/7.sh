# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel of Debian's backports. Its modules want a compiler and a libc that Debian 12
# does not have.
series=7
. "$(dirname "$0")/lab.sh"
