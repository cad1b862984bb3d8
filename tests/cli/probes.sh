# SPDX-License-Identifier: GPL-2.0-or-later
# libwq's static probes have the names of the kernel's trace events, and as many fields.
. "$(dirname "$0")/lib.sh"
lib=$O/lib/libwq.so

command -v readelf >/dev/null 2>&1 || skip_all 'readelf is missing (Debian: binutils)'
echo '#include <sys/sdt.h>' | ${CC:-gcc} -E - >/dev/null 2>&1 ||
	skip_all 'libwq was built without sys/sdt.h (Debian: systemtap-sdt-dev)'

# "name fields", for each kind of probe; the compiler may have made more than one of a kind.
is 'four kinds of probes' "$(readelf -n "$lib" | awk '
	$1 == "Provider:" { ours = $2 == "libwq" }
	$1 == "Name:" { name = $2 }
	$1 == "Arguments:" && ours { print name, NF - 1 }' | sort -u)" 'workqueue_activate_work 2
workqueue_execute_end 2
workqueue_execute_start 2
workqueue_queue_work 5'
is 'they have no semaphore to write to' "$(readelf -n "$lib" |
	awk '/Semaphore:/ { print $NF }' | sort -u)" 0x0000000000000000
done_testing
