# SPDX-License-Identifier: GPL-2.0-or-later
# guest.sh - what happens in the guest: the tools look at the kernel, and all that they say
# goes to /out, to be judged outside. Output NAME, messages NAME.err, status NAME.status.

# run NAME COMMAND...
run() {
	name=$1
	shift
	"$@" >"/out/$name" 2>"/out/$name.err"
	echo $? >"/out/$name.status"
}

# Both walkers on a kernel that is busy. The load says when it is under way.
under_load() {
	mkfifo /tmp/load
	load "$1" 1000000 >/tmp/load &
	loader=$!
	read -r started </tmp/load
	run "loaded-$1-witness" witness
	run "loaded-$1-workqueues" wqdump workqueues -j
	run "loaded-$1-after" witness
	kill $loader
	wait $loader 2>/dev/null
	rm /tmp/load
	[ "$started" = started ]
}

look() {
	run "$1witness" witness
	for array in workqueues pwqs pools workers works waiters; do
		run "$1$array" wqdump $array -j
	done
	run "$1after" witness -t
}

# Events are counted by wqdump, and by ftrace on the same clock. An instance gets its buffers
# by a work on each CPU: that must be over before the scene has its hog. It keeps all events
# in use, as the first user of a tracepoint waits for what the last one left: a grace period
# that may end in a work on the hog's CPU.
instance=/sys/kernel/tracing/instances/lab
prepare_ftrace() {
	mkdir $instance
	echo 0 >$instance/tracing_on
	echo mono >$instance/trace_clock
	echo 1 >$instance/events/workqueue/enable
}

count_events() {
	echo 1 >$instance/tracing_on
	run latency wqdump latency -t 1 -j
	echo 0 >$instance/tracing_on
	grep 'execute_.*scene_again_and_again' $instance/trace >/out/ftrace
	run trace wqdump trace -t 1 -j
}

# Which pool serves which CPU: this kernel's own symbols against wqdump, which may see them,
# or not, or has two capabilities. A scope of single CPUs tells two CPUs apart.
look_affinity() {
	scope=/sys/devices/virtual/workqueue/writeback/affinity_scope
	[ ! -f $scope ] || echo cpu >$scope
	run kcore kcore
	run affinity wqdump affinity -j
	read -r restrict </proc/sys/kernel/kptr_restrict
	echo 2 >/proc/sys/kernel/kptr_restrict
	run affinity-derived wqdump affinity -j
	echo "$restrict" >/proc/sys/kernel/kptr_restrict
	(ulimit -l unlimited && run affinity-nobody as_nobody wqdump affinity -j)
	[ ! -f $scope ] || echo default >$scope
}

# The pinned files, made with two capabilities alone.
pinned() {
	run pin as_nobody wqdump pin --public /sys/fs/bpf/wq
	for file in workqueues pools workers busy; do
		run pin-$file cat /sys/fs/bpf/wq/$file
	done
}

# They are still right when modules have come and gone, and when a file takes many reads:
# three readers at once, while one stands still half-way.
crowded() {
	run crowd-insmod insmod /scene/wqscene.ko many=1500
	run crowd-witness witness
	exec 3</sys/fs/bpf/wq/workqueues
	dd bs=5000 count=1 <&3 >/out/crowd-4 2>/tmp/dd
	readers=
	for i in 1 2 3; do
		cat /sys/fs/bpf/wq/workqueues >/out/crowd-$i &
		readers="$readers $!"
	done
	wait $readers
	cat <&3 >>/out/crowd-4
	exec 3<&-
	run crowd-after witness
	run crowd-rmmod rmmod wqscene
	run unpin as_nobody wqdump unpin /sys/fs/bpf/wq
	ls /sys/fs/bpf >/out/unpin-left
}

# More than anyone has: what a list leaves out is counted.
heaped() {
	run heap-insmod insmod /scene/wqscene.ko many=10000 heap=100000
	run heap-witness witness
	run heap-workqueues wqdump workqueues -j
	run heap-works wqdump works -j
	run heap-all wqdump works --all -j
	run heap-after witness
	run heap-rmmod rmmod wqscene
}

# The modules that wqinsmod runs: each is removed when it has said that it is done. What it said is
# what the log holds behind a mark.
drivers() {
	for ko in /modules/*.ko; do
		name=$(basename "$ko" .ko)
		mark="lab: the module $name"
		done="$name: done"
		[ "$name" != hello ] || done='hello: later'
		echo "$mark" >/dev/kmsg
		insmod "$ko" || continue
		timeout 120 grep -q "$done" /dev/kmsg
		rmmod "$name"
		dmesg | sed 's/^\[[^]]*\] //' | sed -n "/^$mark\$/,\$p" |
			grep "^$name: " | grep -v 'taint[^ ]* kernel' >"/out/module-$name"
	done
}

prepare_ftrace
look bare-
look_affinity
under_load pty && under_load bpfmap || echo "lab: the load did not start"
if [ -f /scene/wqscene.ko ]; then
	echo 0 >/proc/sys/kernel/hung_task_timeout_secs	# they shall hang
	run insmod insmod /scene/wqscene.ko
	cat /proc/wqscene >/out/scene
	look ''
	run show wqdump
	count_events
	ps -o pid,comm >/out/ps
	ulimit -l unlimited	# before 5.11 BPF maps are locked memory
	dmesg -n 1		# what sysrq prints is for the log; a slow console prints it later
	run busy wqdump busy --as-kernel
	echo '<0>lab: sysrq begins' >/dev/kmsg
	echo t >/proc/sysrq-trigger
	echo '<0>lab: sysrq ends' >/dev/kmsg
	dmesg >/out/sysrq
	dmesg -n 7
	run nobody as_nobody wqdump works -j
	run nobody-after as_nobody witness -t
	pinned
	run rmmod rmmod wqscene
	crowded
	! grep -q lab_heap /proc/cmdline || heaped
fi
[ ! -d /modules ] || drivers
