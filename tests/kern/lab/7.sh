# SPDX-License-Identifier: GPL-2.0-or-later
# The newest kernel of Debian's backports: works have start times, attrs has another name. Its
# modules want a newer compiler and libc than Debian 12 has; get.sh brings these too.
series=7
ages=true
. "$(dirname "$0")/lab.sh"
