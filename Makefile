# SPDX-License-Identifier: GPL-2.0-or-later
#
# wqkit: see workqueues, those of the kernel and those of programs on libwq.
# `make help` lists the targets. The object lists below are the architecture.

VERSION := 0.1.0

# --- configuration -----------------------------------------------------------

SAN   ?=
O     ?= build$(addprefix -,$(SAN))# make SAN=thread check never mixes objects
V     ?= 0
DEBUG ?= 0
T     ?=

CC     ?= gcc
CLANG  ?= clang
LLVM_STRIP ?= llvm-strip
prefix ?= /usr/local
bindir ?= $(prefix)/bin
mandir ?= $(prefix)/share/man
INSTALL ?= install

Q   := $(if $(filter 1,$(V)),,@)
say  = $(if $(filter 1,$(V))$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-7s %s\n' $(1) $(patsubst $(O)/%,%,$@))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps deps-dev demo check check-unit check-cli check-tui check-kern check-lab \
	lint bench install uninstall clean help

all: ## build everything this machine can build (default)

# Detection: a script asks pkg-config and tries a few tools, once.
-include $(O)/config.mk
$(O)/config.mk: tests/house/config.sh Makefile
	@mkdir -p $(@D)
	@tests/house/config.sh $(CLANG) >$@

san_flags_address   := -fsanitize=address,undefined -fno-sanitize-recover=undefined
san_flags_undefined := -fsanitize=undefined -fno-sanitize-recover=undefined
san_flags_thread    := -fsanitize=thread
san_flags := $(if $(SAN),$(or $(san_flags_$(SAN)),$(error SAN=$(SAN): use address, undefined or thread)))

opt_flags := $(if $(filter 1,$(DEBUG)),-O0 -DWQKIT_DEBUG,-O2)
warnings  := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla -Wundef \
	-Wpointer-arith -Wwrite-strings -Wcast-qual
override CPPFLAGS += -D_GNU_SOURCE -DWQKIT_VERSION='"$(VERSION)"' -I$(O)/gen
override CFLAGS   := -std=gnu11 $(opt_flags) -g -fno-strict-aliasing $(warnings) $(san_flags) $(CFLAGS)
override LDFLAGS  += $(san_flags)

obj = $(addprefix $(O)/,$(1:.c=.o))

# --- what is built from what -------------------------------------------------

tools := tools/util.c tools/snapshot.c tools/fields.c tools/rows.c tools/out_text.c \
	tools/out_json.c tools/out_ftrace.c tools/summary.c tools/delta.c tools/input.c \
	tools/pin.c tools/source.c tools/source_json.c tools/key_map.c

tools_bpf    := tools/source_kern.c tools/source_kern_btf.c tools/source_kern_walk.c \
	tools/source_kern_fill.c tools/source_kern_names.c tools/source_kern_events.c \
	tools/source_kern_trace.c tools/source_kern_pin.c
tools_bpf    += tools/source_kern_view.c tools/source_kern_core.c
tools_no_bpf := tools/source_kern_none.c

wqdump := wqdump/main.c wqdump/loop.c wqdump/cmd_show.c wqdump/cmd_table.c \
	wqdump/cmd_latency.c wqdump/cmd_pin.c wqdump/cmd_trace.c

wqtop_parts := wqtop/state.c wqtop/screen.c wqtop/views.c wqtop/grid.c wqtop/keys.c
wqtop_parts += wqtop/target.c wqtop/header.c wqtop/words.c wqtop/panes.c
wqtop := wqtop/main.c wqtop/run.c wqtop/term.c $(wqtop_parts)

# wqdump affinity: a picture of its own beside the snapshot
tools     += tools/cpus.c tools/topology.c tools/affinity.c tools/out_affinity.c \
	tools/out_json_affinity.c
tools_bpf += tools/source_kern_affinity.c tools/source_kern_pods.c
wqdump    += wqdump/cmd_affinity.c

# kernel logs, and packed files
tools += tools/source_dmesg.c tools/log_lines.c tools/log_prefix.c tools/log_grammar.c \
	tools/log_scan.c tools/log_map.c tools/log_dump.c tools/log_rows.c tools/log_list.c \
	tools/log_trace.c tools/source_unpack.c tools/out_busy.c tools/dumps.c
wqdump += wqdump/cmd_busy.c wqdump/cmd_list.c

# programs on libwq
tools_proc := tools/source_proc.c tools/source_proc_find.c tools/source_proc_segment.c \
	tools/source_proc_memory.c tools/source_proc_works.c tools/source_proc_fill.c \
	tools/source_proc_names.c tools/source_proc_file.c
tools_proc += tools/source_proc_core.c
tools += $(tools_proc)
wqdump += wqdump/cmd_save.c
$(call obj,$(tools_proc)): override CPPFLAGS += -Ilib/include $(ELF_FLAGS)

# One source, two objects: direct loads where the kernel has bpf_rdonly_cast, probe reads elsewhere.
skels := $(addprefix $(O)/gen/,walk_direct.skel.h walk_probe.skel.h \
	events_direct.skel.h events_probe.skel.h trace_probe.skel.h \
	pin_direct.skel.h pin_probe.skel.h)

# affinity
skels += $(O)/gen/pods_bpf.skel.h
bpf_src_pods_bpf := bpf/pods.bpf.c

# --exact
tools_bpf += tools/source_kern_exact.c

# --- the kernel side ---------------------------------------------------------

bpf_headers := $(addprefix bpf/,kernel.h read.h cast.h list.h fields.h walk.h events.h trace.h) \
	$(addprefix bpf/,pin.h pin_text.h pin_state.h pin_lines.h pin_busy.h)

bpf_flags_walk_direct := -DWALK_DIRECT
bpf_src_walk_direct   := bpf/walk.bpf.c
bpf_src_walk_probe    := bpf/walk.bpf.c
# atomic compare-and-exchange is in the instructions of -mcpu=v3 (5.12)
bpf_flags_events_direct := -DWALK_DIRECT -mcpu=v3
bpf_flags_events_probe  := -mcpu=v3
bpf_src_events_direct   := bpf/events.bpf.c
bpf_src_events_probe    := bpf/events.bpf.c
bpf_src_trace_probe     := bpf/trace.bpf.c
bpf_flags_pin_direct := -DWALK_KFUNC
bpf_src_pin_direct   := bpf/pin.bpf.c
bpf_src_pin_probe    := bpf/pin.bpf.c

.SECONDEXPANSION:
$(O)/bpf/%.o: $$(bpf_src_$$*) $(bpf_headers) $(O)/config.mk
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -g -O2 -target bpf -Wall $(BPF_INCLUDES) $(bpf_flags_$*) -c -o $@.tmp $<
	$(Q)$(LLVM_STRIP) -g -o $@ $@.tmp && rm -f $@.tmp

$(O)/bpf/walk_direct.o $(O)/bpf/walk_probe.o: bpf/walk_affinity.h bpf/walk_exact.h
$(O)/bpf/pods_bpf.o: bpf/pods.h

$(O)/gen/%.skel.h: $(O)/bpf/%.o
	$(call say,SKEL)
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $* >$@

$(call obj,$(tools_bpf)): $(skels)

man := man/wqdump.1 man/wqtop.1 man/wqdump-json.5 man/wqkit.7

# --- the tools' archive and the two programs ---------------------------------

tools += $(if $(HAVE_BPF),$(tools_bpf),$(tools_no_bpf))

bins := $(O)/bin/wqdump $(if $(HAVE_CURSES),$(if $(wqtop),$(O)/bin/wqtop))
all: $(bins)

TOOLS_CFLAGS := $(JSON_CFLAGS) $(BPF_CFLAGS)
TOOLS_LIBS   := $(JSON_LIBS) $(BPF_LIBS) $(ELF_LIBS) $(UNPACK_LIBS) -lm

$(O)/tools/source_unpack.o: CPPFLAGS += $(UNPACK_FLAGS)

$(call obj,$(tools)) $(call obj,$(wqdump)) $(call obj,$(wqtop)): CFLAGS += $(TOOLS_CFLAGS)

$(O)/wqtop/term.o: CFLAGS += $(CURSES_CFLAGS)

$(O)/lib/tools.a: $(call obj,$(tools))
	$(call say,AR)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/bin/wqdump: $(call obj,$(wqdump)) $(O)/lib/tools.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(TOOLS_LIBS)

$(O)/bin/wqtop: $(call obj,$(wqtop)) $(O)/lib/tools.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(TOOLS_LIBS) $(CURSES_LIBS)

$(O)/%.o: %.c $(O)/config.mk
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# --- libwq ---------------------------------------------------------------------

libwq := lib/sync.c lib/warn.c lib/topo.c lib/params.c lib/active.c lib/work.c lib/flush.c \
	lib/pool.c lib/worker.c lib/rescuer.c lib/block.c lib/service.c lib/timer.c lib/wq.c \
	lib/status.c lib/rcu.c lib/process.c lib/fork.c
libwq += lib/segment.c lib/cpus.c
libwq += lib/perf.c

# What is behind the kernel's spelling, lib/kernel/linux/*.h.
libwq_kernel := $(addprefix lib/kernel/,locking.c time.c sched.c cpumask.c rcupdate.c slab.c \
	string.c kstrtox.c vsprintf.c printk.c params.c)
libwq += $(libwq_kernel)
$(call obj,$(libwq_kernel)): override CFLAGS += -Ilib/kernel

libdir     ?= $(prefix)/lib
includedir ?= $(prefix)/include
libwq_so   := libwq.so.$(VERSION)
libwq_abi  := libwq.so.0
libwq_node := LIBWQ_$(basename $(VERSION))

$(call obj,$(libwq)): override CFLAGS += -fPIC -fvisibility=hidden -pthread -Ilib/include

$(O)/lib/libwq.a: $(call obj,$(libwq))
	$(call say,AR)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/lib/$(libwq_so): $(call obj,$(libwq)) lib/libwq.map
	$(call say,LD)
	@mkdir -p $(@D)
	@grep -q '^$(libwq_node) {' lib/libwq.map || \
		{ echo 'lib/libwq.map: the newest node is not $(libwq_node), but VERSION is $(VERSION)' >&2; exit 1; }
	$(Q)$(CC) $(LDFLAGS) -shared -pthread -Wl,-soname,$(libwq_abi) -Wl,-z,nodelete \
		-Wl,--version-script=lib/libwq.map -o $@ $(call obj,$(libwq)) -ldl
	$(Q)ln -sf $(libwq_so) $(O)/lib/$(libwq_abi) && ln -sf $(libwq_abi) $(O)/lib/libwq.so

$(O)/lib/libwq.pc: lib/libwq.pc.in Makefile
	@mkdir -p $(@D)
	$(Q)sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' \
		-e 's|@includedir@|$(includedir)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

all: $(O)/lib/libwq.a $(O)/lib/$(libwq_so) $(O)/lib/libwq.pc

# One test file names one promise of the kernel.
libtests := $(addprefix tests/lib/,queue_pending.c non_reentrant.c ordered.c max_active.c flush_workqueue.c \
	flush_work.c drain_chained.c cancel.c disable.c delayed.c destroy_armed.c \
	block.c rescuer.c rcu_work.c freeze.c bh.c attrs.c signal.c fork.c show.c visible.c exit.c)
libtests += tests/lib/misuse.c tests/lib/full_pool.c
libtests += $(addprefix tests/lib/,no_alloc.c no_proc.c no_rseq.c cpu_max.c)
libtests += $(addprefix tests/lib/,segment.c segment_sealed.c segment_fork.c segment_refused.c \
	segment_torn.c segment_full.c lock_ranks.c)
libtests += tests/lib/litmus.c

libtests += tests/lib/cpus.c tests/lib/watchdog.c tests/lib/hog.c
libtests += tests/lib/fork_rcu.c tests/lib/backlog.c

libtest_bins := $(addprefix $(O)/,$(libtests:.c=))
$(libtest_bins): $(O)/%: $(O)/%.o $(O)/lib/libwq.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -ldl $(CHECK_LIBS)
$(call obj,$(libtests)): override CFLAGS += -pthread -Ilib/include $(CHECK_CFLAGS)

check: $(libtest_bins)
check-lib: $(libtest_bins) ## only the tests of libwq
	$(prove) $(call chosen,$(libtest_bins))

man += man/libwq.7 man/wq_alloc_workqueue.3 man/wq_queue_work.3 man/wq_flush_work.3 \
	man/wq_cancel_work.3 man/wq_show_all_workqueues.3

man += man/wq_abi.5

# The stress test, under each knob: STRESS_N operations each, STRESS_SEED to repeat a run.
# `make stress OPS=100000000 KNOB=yield` is a long one, of one knob.
STRESS_N     ?= 200000
STRESS_SEED  ?=
OPS          ?= 1000000
KNOB         ?= $(stress_knobs)
stress_knobs := none rr yield poison spawn-slow nospawn=100 one-worker steal
$(O)/tests/stress/stress: $(O)/tests/stress/stress.o $(O)/lib/libwq.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -ldl
$(call obj,tests/stress/stress.c): override CFLAGS += -pthread -Ilib/include

check-stress: $(O)/tests/stress/stress ## random operations on libwq under each knob (STRESS_N, STRESS_SEED)
	$(Q)for knob in $(stress_knobs); do \
		WQ_DEBUG=$$(echo $$knob | grep -v none) $< -n $(STRESS_N) $(addprefix -s ,$(STRESS_SEED)) || exit 1; \
	done
stress: $(O)/tests/stress/stress ## the same as a table (OPS=100000000, KNOB=yield, STRESS_SEED)
	@tests/stress/table.sh $< $(OPS) "$(STRESS_SEED)" $(KNOB)
.PHONY: check-lib check-stress stress

# The peers' programs are built where their packages are; peers.sh says which are missing.
BENCH_ROUNDS ?= 5
bench_h      := tests/bench/bench.h tests/bench/bench_run.h
bench_c      := $(CC) -O2 -g -std=gnu11 -D_GNU_SOURCE -Wall
bench_cxx    := $(CXX) -O2 -g -std=c++17 -D_GNU_SOURCE -Wall
bench_dir    := $(O)/tests/bench
bench_lib    := $(addprefix $(bench_dir)/libwq-,percpu unbound percpu-delayed unbound-delayed)
bench_peers  := $(addprefix $(bench_dir)/,libuv glib tbb-enqueue asio urcu-wq)

bench_flags_percpu         := -DBOUND
bench_flags_percpu-delayed := -DBOUND -DDELAYED
bench_flags_unbound-delayed := -DDELAYED
$(bench_lib): $(bench_dir)/libwq-%: tests/bench/libwq.c $(bench_h) $(O)/lib/libwq.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(bench_c) $(bench_flags_$*) -Ilib/include -o $@ $< $(O)/lib/libwq.a -pthread -ldl
$(bench_dir)/naive: tests/bench/naive.c $(bench_h)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(bench_c) -o $@ $< -pthread
$(bench_dir)/libuv: tests/bench/libuv.c $(bench_h)
	-@$(bench_c) -o $@ $< -luv -pthread 2>/dev/null
$(bench_dir)/glib: tests/bench/glib.c $(bench_h)
	-@$(bench_c) $$(pkg-config --cflags glib-2.0) -o $@ $< $$(pkg-config --libs glib-2.0) -pthread 2>/dev/null
$(bench_dir)/tbb-enqueue: tests/bench/tbb.cpp $(bench_h)
	-@$(bench_cxx) -o $@ $< -ltbb -pthread 2>/dev/null
$(bench_dir)/asio: tests/bench/asio.cpp $(bench_h)
	-@$(bench_cxx) -o $@ $< -pthread 2>/dev/null
$(bench_dir)/urcu-wq: tests/bench/urcu_wq.c $(bench_h)
	-@$(bench_c) -o $@ $< -Wl,-Bstatic -lurcu-cds -lurcu-memb -lurcu-common -Wl,-Bdynamic -pthread 2>/dev/null

bench-lib: $(bench_lib) $(bench_dir)/naive $(bench_peers) ## libwq beside its peers (BENCH_ROUNDS)
	$(Q)tests/bench/peers.sh $(bench_dir) $(BENCH_ROUNDS)
.PHONY: bench-lib

$(bench_dir)/seg_reader: tests/bench/seg_reader.c lib/include/wq/abi.h
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(bench_c) -Ilib/include -o $@ $<
bench-publish: $(bench_lib) $(bench_dir)/seg_reader ## what it costs libwq to be seen (BENCH_ROUNDS)
	$(Q)tests/bench/publish.sh $(bench_dir) $(BENCH_ROUNDS)
.PHONY: bench-publish

$(bench_dir)/instr: tests/bench/instr.c $(O)/lib/libwq.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(bench_c) -Ilib/include -o $@ $< $(O)/lib/libwq.a -pthread -ldl
bench-instr: $(bench_dir)/instr ## instructions of libwq to queue and execute an item (valgrind)
	$(Q)tests/bench/instr.sh $<
.PHONY: bench-instr

# --- tests -------------------------------------------------------------------

# A test is a file. Unit tests are C on libcheck; the others are shell; all speak TAP.
unit := tests/unit/fields.c tests/unit/rows.c tests/unit/util.c tests/unit/json.c \
	tests/unit/delta.c tests/unit/grid.c tests/unit/screen.c
cli  := tests/cli/options.sh tests/cli/file.sh
tui  := tests/tui/views.sh tests/tui/keys.sh tests/tui/time.sh tests/tui/sizes.sh tests/tui/options.sh \
	tests/tui/pty.sh
kern_c := $(if $(HAVE_BPF),tests/kern/stress.c)
kern := $(addprefix $(O)/,$(kern_c:.c=)) \
	tests/kern/variants.sh \
	tests/kern/workqueues.sh \
	tests/kern/wqtop.sh

# manuals
cli += tests/cli/manuals.sh tests/cli/install-tools.sh
# --exact
kern += tests/kern/exact.sh

# affinity
unit += tests/unit/topology.c tests/unit/affinity.c
kern += tests/kern/affinity.sh

# kernel logs
cli  += tests/cli/log-generations.sh tests/cli/log-prefixes.sh tests/cli/log-lines.sh \
	tests/cli/log-dumps.sh tests/cli/log-packed.sh tests/cli/log-busy.sh \
	tests/cli/log-show.sh

# programs on libwq
unit += tests/unit/segment.c
$(O)/tests/unit/segment.o: override CPPFLAGS += -Ilib/include
unit += $(if $(ELF_FLAGS),tests/unit/core.c)
$(O)/tests/unit/core.o: override CPPFLAGS += -Ilib/include

# Compiled as any program on libwq that links to the shared library.
cli += tests/cli/process.sh tests/cli/demo.sh
cli += tests/cli/core.sh
gates := $(O)/tests/cli/gates
$(gates): tests/cli/gates.c $(O)/lib/$(libwq_so)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -Wall -Wextra -D_GNU_SOURCE $(san_flags) -Ilib/kernel -Ilib/include -MMD -MP \
		-MF $@.d -o $@ $< -L$(O)/lib -lwq -Wl,-rpath,'$$ORIGIN/../../lib' -pthread
$(O)/tests/cli/container: tests/cli/container.c
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -Wall -Wextra -D_GNU_SOURCE -o $@ $<
cli += tests/cli/container.sh tests/cli/lib_as_nobody.sh
check check-cli: $(gates) $(O)/tests/cli/container

# pin
kern += tests/kern/pin.sh

# several programs on one screen
unit += tests/unit/panes.c tests/unit/list.c
tui  += tests/tui/several.sh
$(O)/tests/unit/panes $(O)/tests/unit/list: $(call obj,$(wqtop_parts))

unit_bins := $(addprefix $(O)/,$(unit:.c=))
$(unit_bins): $(O)/%: $(O)/%.o $(O)/lib/tools.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TOOLS_LIBS) $(CHECK_LIBS)
$(O)/tests/unit/grid $(O)/tests/unit/screen: $(call obj,$(wqtop_parts))
$(O)/tests/unit/screen.o: CPPFLAGS += -DWQKIT_TOP='"$(CURDIR)"'
$(call obj,$(unit)): CFLAGS += $(TOOLS_CFLAGS) $(CHECK_CFLAGS)

# Benchmarks print JSON, a line a figure; targets stand beside the figures.
bench := $(if $(HAVE_BPF),tests/bench/walk.c tests/bench/events.c tests/bench/start.c)
bench_bins := $(addprefix $(O)/,$(bench:.c=))
bench_scripts := tests/bench/log.sh
$(bench_bins): $(O)/%: $(O)/%.o $(O)/lib/tools.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(TOOLS_LIBS)
$(call obj,$(bench)): CFLAGS += $(TOOLS_CFLAGS)
$(O)/tests/bench/events: $(O)/tests/kern/churn.o
$(O)/tests/bench/start.o: $(O)/gen/one_field.skel.h
bpf_src_one_field := tests/bench/one_field.bpf.c

chosen = $(if $(T),$(foreach t,$(1),$(if $(findstring $(T),$(t)),$(t))),$(1))
prove  = @O=$(abspath $(O)) tests/house/prove.sh

check: all $(unit_bins) ## run all tests of this machine (T=name: only those)
	$(prove) $(call chosen,$(unit_bins) $(libtest_bins) $(cli) $(tui) $(kern))
check-unit: $(unit_bins) ## only the unit tests
	$(prove) $(call chosen,$(unit_bins))
check-cli: all ## only the programs' output
	$(prove) $(call chosen,$(cli))
check-api: all ## libwq's headers, symbols and manuals agree
	$(prove) tests/cli/libwq_manual.sh tests/cli/headers.sh
.PHONY: check-api
check-tui: all ## only wqtop's screens
	$(prove) $(call chosen,$(tui))
check-kern: all ## only the tests on the running kernel
	$(prove) $(call chosen,$(kern))

# Programs of the tests: a second walker to compare with, loads, and the lab's own. The lab
# boots kernels with nothing but these in them, so there they are linked statically.
kern_progs := tests/kern/witness tests/kern/load
lab_progs  := wqdump witness load as_nobody kcore
lab := tests/kern/lab/5.10.sh tests/kern/lab/6.1.sh tests/kern/lab/6.12.sh tests/kern/lab/7.sh

kern_bins := $(if $(HAVE_BPF),$(addprefix $(O)/,$(kern_progs)))
lab_bins  := $(if $(HAVE_BPF),$(addprefix $(O)/lab/bin/,$(lab_progs)))
STATIC_LIBS = $(shell pkg-config --static --libs libbpf libelf json-c) $(UNPACK_LIBS) -pthread -lm

$(O)/tests/kern/%.bpf.o: tests/kern/%.bpf.c $(O)/config.mk
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -g -O2 -Wall -target bpf $(BPF_INCLUDES) -MMD -MP -c -o $@ $<
$(O)/tests/kern/%.skel.h: $(O)/tests/kern/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf >$@
$(O)/tests/kern/witness.o: $(O)/tests/kern/witness.skel.h
$(O)/tests/kern/churn.o: $(O)/tests/kern/churn.skel.h
$(O)/tests/kern/%.o: CPPFLAGS += -isystem $(O)/tests/kern
$(O)/tests/kern/%.o: CFLAGS += $(BPF_CFLAGS) $(TOOLS_CFLAGS)

# Tests on the running kernel that are C.
kern_test_bins := $(addprefix $(O)/,$(kern_c:.c=))
$(O)/tests/kern/stress: $(O)/tests/kern/stress.o $(O)/tests/kern/churn.o $(O)/lib/tools.a
$(kern_test_bins):
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(TOOLS_LIBS)

check check-kern: $(kern_bins) $(kern_test_bins)
$(kern_bins): %: %.o
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(BPF_LIBS)
$(O)/lab/bin/wqdump: $(call obj,$(wqdump)) $(O)/lib/tools.a
$(O)/lab/bin/witness: $(O)/tests/kern/witness.o
$(O)/lab/bin/load: $(O)/tests/kern/load.o
$(O)/lab/bin/as_nobody: $(O)/tests/kern/lab/as_nobody.o
$(O)/lab/bin/kcore: $(O)/tests/kern/lab/kcore.o
$(lab_bins):
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^ $(STATIC_LIBS)

# What libbpf makes of our objects, with our BTF and with the whole.
relocations := $(if $(HAVE_BPF),$(O)/tests/kern/relocations)
kern += $(relocations)
check check-kern: $(relocations)
$(O)/tests/kern/relocations: $(O)/tests/kern/relocations.o $(O)/lib/tools.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(TOOLS_LIBS)
$(O)/tests/kern/relocations.o: $(skels)
$(O)/tests/kern/relocations.o: CFLAGS += $(TOOLS_CFLAGS)

check-lab: $(lab_bins) ## boot Debian's kernels in QEMU, with a scene of known workqueues
	$(prove) $(call chosen,$(lab))

# --- the kernel's spelling ---------------------------------------------------

kernel_headers := $(addprefix lib/kernel/linux/,atomic.h bitops.h bits.h bug.h build_bug.h \
	compiler.h completion.h container_of.h cpu.h cpumask.h delay.h err.h errno.h export.h gfp.h \
	hardirq.h init.h irqflags.h jiffies.h kernel.h kref.h kstrtox.h ktime.h list.h lockdep.h \
	math.h minmax.h module.h moduleparam.h mutex.h numa.h preempt.h printk.h rculist.h \
	rcupdate.h refcount.h sched.h slab.h smp.h spinlock.h stddef.h string.h stringify.h \
	time64.h timekeeping.h timer.h types.h wait.h workqueue.h)
wq_headers := lib/include/wq/types.h lib/include/wq/wq.h
wq_headers += lib/include/wq/abi.h

# Linked as any program on libwq is; installed, it finds the library beside its own folder too.
$(O)/bin/wqinsmod: $(O)/lib/programs/wqinsmod.o $(O)/lib/$(libwq_so)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -L$(O)/lib -lwq -Wl,-rpath,'$$ORIGIN/../lib' -ldl
$(O)/lib/programs/wqinsmod.o: override CFLAGS += -Ilib/kernel -Ilib/include

all: $(O)/bin/wqinsmod

# The bundled program to look at, linked the same way.
$(O)/bin/wqdemo: $(O)/lib/programs/wqdemo.o $(O)/lib/$(libwq_so)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $< -L$(O)/lib -lwq -Wl,-rpath,'$$ORIGIN/../lib'
$(O)/lib/programs/wqdemo.o: override CFLAGS += -pthread -Ilib/kernel -Ilib/include

all: $(O)/bin/wqdemo
man += man/wqdemo.1
cli += tests/cli/wqdemo.sh
cli += tests/cli/names.sh

# Modules are kernel code: they are compiled as a driver's author would, not by the house's rules.
modules := $(addprefix tests/modules/,hello.c poller.c watchdog.c states.c remove.c flush.c \
	rcu_free.c blocking.c barrier.c params.c)
module_sos := $(addprefix $(O)/,$(modules:.c=.so))
$(module_sos): $(O)/%.so: %.c $(O)/config.mk
	$(call say,MODULE)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -Wall -Wextra -Wno-unused-parameter $(san_flags) -shared -fPIC \
		-Ilib/kernel -Ilib/include -MMD -MP -MF $(@:.so=.d) -o $@ $<

kernel_tests := $(addprefix tests/lib/,kernel_format.c kernel_locks.c kernel_values.c)
kernel_tests += tests/lib/segment_names.c tests/lib/system_queues.c
kernel_tests += tests/lib/kernel_api.c
kernel_test_bins := $(addprefix $(O)/,$(kernel_tests:.c=))
$(kernel_test_bins): $(O)/%: $(O)/%.o $(O)/lib/libwq.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -ldl $(CHECK_LIBS)
$(call obj,$(kernel_tests)): override CFLAGS += -pthread -Ilib/kernel -Ilib/include $(CHECK_CFLAGS)

libtest_bins += $(kernel_test_bins)
cli += tests/cli/libwq_manual.sh tests/cli/headers.sh tests/cli/wqinsmod.sh tests/cli/modules.sh tests/cli/install.sh \
	tests/cli/article.sh
cli += tests/cli/probes.sh
check check-lib: $(kernel_test_bins)

# On other machines, emulated: T=name, CROSS=triplet:emulator.
CROSS ?= aarch64-linux-gnu:qemu-aarch64 arm-linux-gnueabihf:qemu-arm
libtests: $(libtest_bins)
check-cross: ## the tests of libwq for aarch64 and armhf, in qemu-user (after make deps-dev)
	@tests/lib/cross/check.sh $(MAKE) "$(T)" $(CROSS)
.PHONY: libtests check-cross
check check-cli: $(module_sos) $(libtest_bins)

man += man/wqinsmod.1

# ARTICLE=FILE: the text whose module is to compile unchanged and to print its four lines.
ARTICLE ?=
TEST_CFLAGS = $(san_flags)# of programs that tests build
export ARTICLE CC TEST_CFLAGS

install: install-lib
install-lib: $(O)/bin/wqinsmod $(O)/bin/wqdemo $(O)/lib/libwq.a $(O)/lib/$(libwq_so)
	$(Q)$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(libdir)/pkgconfig $(includedir)/wq \
		$(includedir)/wq-kernel/linux)
	$(Q)$(INSTALL) -m 755 $(O)/bin/wqinsmod $(O)/bin/wqdemo $(DESTDIR)$(bindir)
	$(Q)$(INSTALL) -m 644 $(O)/lib/libwq.a $(DESTDIR)$(libdir)
	$(Q)$(INSTALL) -m 755 $(O)/lib/$(libwq_so) $(DESTDIR)$(libdir)
	$(Q)ln -sf $(libwq_so) $(DESTDIR)$(libdir)/$(libwq_abi)
	$(Q)ln -sf $(libwq_abi) $(DESTDIR)$(libdir)/libwq.so
	$(Q)for pc in libwq.pc libwq-kernel.pc; do \
		sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' -e 's|@VERSION@|$(VERSION)|' \
			-e 's|@includedir@|$(includedir)|' lib/$$pc.in >$(DESTDIR)$(libdir)/pkgconfig/$$pc || exit; \
	done
	$(Q)$(INSTALL) -m 644 $(wq_headers) $(DESTDIR)$(includedir)/wq
	$(Q)$(INSTALL) -m 644 lib/kernel/stdlib.h $(DESTDIR)$(includedir)/wq-kernel
	$(Q)$(INSTALL) -m 644 $(kernel_headers) $(DESTDIR)$(includedir)/wq-kernel/linux

uninstall: uninstall-lib
uninstall-lib:
	$(Q)rm -f $(addprefix $(DESTDIR)$(bindir)/,wqinsmod wqdemo) \
		$(addprefix $(DESTDIR)$(libdir)/,libwq.a libwq.so $(libwq_abi) $(libwq_so) \
			pkgconfig/libwq.pc pkgconfig/libwq-kernel.pc) \
		$(addprefix $(DESTDIR)$(includedir)/wq/,$(notdir $(wq_headers)))
	$(Q)rm -rf $(DESTDIR)$(includedir)/wq-kernel
	$(Q)rmdir $(DESTDIR)$(includedir)/wq 2>/dev/null || true
.PHONY: install-lib uninstall-lib

# Fuzzing: clang's libFuzzer, objects of its own. FUZZ_RUNS executions of each target, from
# tests/data and what earlier runs found.
FUZZ_RUNS ?= 1000000
FUZZ_ARGS ?=
fuzz := tests/fuzz/file.c
fuzz += tests/fuzz/segment.c
fuzz += $(if $(ELF_FLAGS),tests/fuzz/core.c)
$(addprefix $(O)/fuzz/,$(tools_proc:.c=.o)): override CPPFLAGS += -Ilib/include $(ELF_FLAGS)
$(addprefix $(O)/fuzz/tests/fuzz/,segment.o core.o): override CPPFLAGS += -Ilib/include
fuzz_bins  := $(addprefix $(O)/,$(fuzz:.c=))
fuzz_flags := -std=gnu11 -g -O2 -fno-strict-aliasing -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
$(O)/fuzz/%.o: %.c $(O)/config.mk $(if $(HAVE_BPF),$(skels))
	$(call say,FUZZCC)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(fuzz_flags) $(TOOLS_CFLAGS) -MMD -MP -c -o $@ $<
$(O)/fuzz/tools/source_unpack.o: CPPFLAGS += $(UNPACK_FLAGS)
$(fuzz_bins): $(O)/%: $(O)/fuzz/%.o $(addprefix $(O)/fuzz/,$(tools:.c=.o))
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(TOOLS_LIBS)

fuzz: $(fuzz_bins) ## feed the readers garbage (FUZZ_RUNS, T=target)
	@tests/fuzz/run.sh $(O) $(FUZZ_RUNS) "$(FUZZ_ARGS)" $(call chosen,$(fuzz_bins))
.PHONY: fuzz

# --- house -------------------------------------------------------------------

deps: ## install what building, the demo and the tests need (nothing if nothing is missing)
	@tests/house/deps.sh run

deps-dev: ## install what the kernel lab, lint, bench and fuzzing need on top
	@tests/house/deps.sh run dev

demo: ## build, and show this kernel's workqueues, or a program's (wqtop on a terminal)
	@tests/house/demo.sh $(MAKE) $(O)

lint: ## layers, sizes, manuals, spelling of the house
	@tests/house/lint.sh

bench: all $(bench_bins) ## measure, against targets and peers
	@for b in $(call chosen,$(bench_bins) $(bench_scripts)); do O=$(O) $$b || exit 1; done

install: all ## install into $(DESTDIR)$(prefix)
	$(Q)$(INSTALL) -d $(DESTDIR)$(bindir)
	$(Q)$(INSTALL) -m 755 $(bins) $(DESTDIR)$(bindir)
	$(Q)for page in $(man); do \
		$(INSTALL) -D -m 644 $$page $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || exit 1; \
	done

uninstall: ## remove what install put there
	$(Q)rm -f $(addprefix $(DESTDIR)$(bindir)/,$(notdir $(bins)))
	$(Q)for page in $(man); do rm -f $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}; done

clean: ## remove what was built
	$(Q)rm -rf $(O)

help: ## print this list
	@echo 'wqkit $(VERSION): make TARGET [V=1] [O=dir] [SAN=address|undefined|thread] [DEBUG=1] [T=test]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

-include $(shell find $(O) -name '*.d' 2>/dev/null)
