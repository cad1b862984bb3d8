/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads bpf/walk.bpf.c, runs it call by call, and collects its records. */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* made by bpftool, which casts const away */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "walk_direct.skel.h"
#include "walk_probe.skel.h"
#pragma GCC diagnostic pop

#define MAX_CALLS 1000000
#define CALL_NS 600000		/* test_run calls of 1 ms delay others noticeably */
#define STEPS_A_LOOK 32
#define EXACT_NS 45000		/* with interrupts off: 50 us, less a few steps */
#define MAX_WALK_NS (30 * NSEC_PER_SEC)

/* The two skeletons have the same members under two names. */
#define DEFINE_OPEN(kind) \
	static void destroy_##kind(void *skel) \
	{ \
		walk_##kind##__destroy(skel); \
	} \
	static int load_##kind(struct walker *w) \
	{ \
		struct walk_##kind *s = w->skel; \
		if (walk_##kind##__load(s)) \
			return -1; \
		w->st = &s->bss->st; \
		return 0; \
	} \
	static int open_##kind(struct walker *w, const struct bpf_object_open_opts *opts, bool loop) \
	{ \
		struct walk_##kind *s = walk_##kind##__open_opts(opts); \
		if (!s) \
			return -1; \
		*w = (struct walker){ \
			.name = #kind, .skel = s, .object = s->obj, .load = load_##kind, \
			.destroy = destroy_##kind, \
			.consts = &s->rodata->c, .out = s->maps.out, .pools = s->maps.pools, \
			.seen = s->maps.pools_seen, .names = s->maps.names, \
			.exact = s->maps.pwqs_of_pool, \
			.walk = loop ? s->progs.walk_loop : s->progs.walk_for, \
			.resolve = s->progs.resolve, \
		}; \
		return 0; \
	}

DEFINE_OPEN(direct)
DEFINE_OPEN(probe)

/*
 * WQKIT_WALKER, for tests: probe (as before 6.2), for (as before 5.17), short
 * (every call ends after one step, so that everything is taken up again), racing
 * (--exact with interrupts on, so that only the comparison of its passes is left).
 */
bool walker_knob(const char *name)
{
	const char *knobs = getenv("WQKIT_WALKER");

	return knobs && strstr(knobs, name);
}

static int load_with(struct walker *w, struct kern_btf *kb, const struct kern_core *core)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = core->path);
	bool loop = kb->has_loop && !walker_knob("for");

	if ((core->casts ? open_direct(w, &opts, loop) : open_probe(w, &opts, loop)) ||
	    kern_core_fill(core, kb, bpf_object__btf(w->object)))
		return -1;
	*w->consts = kb->consts;
	w->consts->call_ns = walker_knob("short") ? 0 : CALL_NS;
	w->consts->steps_a_look = walker_knob("short") ? 1 : STEPS_A_LOOK;
	w->consts->exact_ns = EXACT_NS;
	w->consts->exact_racing = walker_knob("racing");
	bpf_map__set_max_entries(w->pools, kb->consts.nr_pools);
	bpf_map__set_max_entries(w->seen, kb->consts.nr_pools);
	bpf_program__set_autoload(w->walk, true);
	bpf_program__set_autoload(w->resolve, kb->has_snprintf);
	return w->load(w);
}

static int load(struct walker *w, struct kern_btf *kb)
{
	struct kern_core core;
	int err;

	kern_core_begin(&core, kb);
	err = load_with(w, kb, &core);
	kern_core_end(&core, kb);
	return err;
}

int walker_open(struct walker *w, struct kern_btf *kb, struct error *err)
{
	void *out;

	memset(w, 0, sizeof(*w));
	if (load(w, kb)) {
		int saved = errno;

		walker_close(w);
		error_set(err, "cannot load the BPF walker: %s", strerror(saved));
		errno = saved;
		return -1;
	}
	out = mmap(NULL, WALK_OUT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(w->out), 0);
	if (out == MAP_FAILED) {
		error_set(err, "cannot map the BPF walker's output: %s", strerror(errno));
		walker_close(w);
		return -1;
	}
	w->out_bytes = out;
	w->walk_fd = bpf_program__fd(w->walk);
	w->resolve_fd = kb->has_snprintf ? bpf_program__fd(w->resolve) : -1;
	w->names_fd = bpf_map__fd(w->names);
	return 0;
}

void walker_close(struct walker *w)
{
	if (w->out_bytes)
		munmap(w->out_bytes, WALK_OUT_BYTES);
	if (w->exact_pwqs)
		munmap(w->exact_pwqs, sizeof(*w->exact_pwqs) * WALK_EXACT_PWQS);
	if (w->skel)
		w->destroy(w->skel);
	memset(w, 0, sizeof(*w));
}

/* --- records --- */

void records_free(struct records *r)
{
	free(r->bytes);
	free(r->at);
	memset(r, 0, sizeof(*r));
}

void records_append(struct records *r, const struct walk_rec *rec)
{
	r->bytes = xgrow(r->bytes, r->len + rec->size, &r->room, 1);
	memcpy(r->bytes + r->len, rec, rec->size);
	r->at = xgrow(r->at, r->nr, &r->at_room, sizeof(*r->at));
	r->at[r->nr++] = r->len;
	r->len += rec->size;
}

static void take_back(struct records *r, size_t nr)
{
	r->nr -= nr < r->nr ? nr : r->nr;
	r->len = r->nr ? r->at[r->nr - 1] + record(r, r->nr - 1)->size : 0;
}

/* What one call has written. */
static int collect(const struct walker *w, struct records *r, struct error *err)
{
	size_t at = 0, len = w->st->out_len;

	while (at + sizeof(struct walk_rec) <= len && len <= WALK_OUT_BYTES) {
		const struct walk_rec *rec = (const struct walk_rec *)(w->out_bytes + at);

		if (rec->size < sizeof(*rec) || rec->size % 8 || at + rec->size > len)
			break;
		if (rec->type == REC_DROP)
			take_back(r, ((const struct rec_drop *)rec)->nr);
		else
			records_append(r, rec);
		at += rec->size;
	}
	if (at != len)
		return error_set(err, "the BPF walker's output is damaged at byte %zu of %zu", at, len);
	return 0;
}

static int call(struct walker *w, struct error *err)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	uint64_t ns;

	if (bpf_prog_test_run_opts(w->walk_fd, &opts))
		return error_set(err, "cannot run the BPF walker: %s", strerror(errno));
	ns = w->st->ended_ns - w->st->call_began;
	if (ns > w->longest_ns)
		w->longest_ns = ns;
	w->calls++;
	return 0;
}

int walker_run(struct walker *w, const struct walk_request *req, struct records *r,
	       struct error *err)
{
	r->nr = r->len = 0;
	w->calls = w->longest_ns = 0;
	w->st->phase = PH_CLIMB;
	w->st->is_going_on = 0;
	w->st->want_timers = req->timers;
	w->st->all_works = req->all_works;
	w->st->want_affinity = req->affinity;
	w->st->nr_cpus = req->nr_cpus;
	w->st->nr_nodes = req->nr_nodes;
	while (w->st->phase < PH_DONE) {
		if (call(w, err) || collect(w, r, err))
			return -1;
		if (w->calls > MAX_CALLS || w->st->ended_ns - w->st->began_ns > MAX_WALK_NS)
			return error_set(err, "the kernel's lists keep changing: gave up after %llu "
					 "calls; try again", (unsigned long long)w->calls);
	}
	if (w->st->phase == PH_DONE)
		return 0;
	w->st->head = 0;
	return error_set(err, "found no workqueue: no task of this kernel is a rescuer that can be "
			 "read (is a kernel lockdown in force? see " "/sys/kernel/security/lockdown)");
}
