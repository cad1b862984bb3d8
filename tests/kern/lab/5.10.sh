# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 11's kernel: the oldest that is looked at. No bpf_loop, no atomic exchange in BPF; names
# of functions are not to be had from BPF, and without them delayed works are not told from
# other timers.
series=5.10
names_need_syslog=1
no_latency='its BPF has no atomic exchange'
. "$(dirname "$0")/lab.sh"
