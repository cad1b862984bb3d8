# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 11's kernel: the oldest that is looked at. No iter/ksym, no bpf_loop.
series=5.10
. "$(dirname "$0")/lab.sh"
