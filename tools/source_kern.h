/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_kern.h - the kernel source, shared by its files
 *
 *	source_kern_view.c	the kernel's BTF, as it lies in its file
 *	source_kern_btf.c	what this kernel calls and numbers things
 *	source_kern_core.c	the little of the BTF that a BPF object needs
 *	source_kern_walk.c	loads and runs bpf/walk.bpf.c, collects records
 *	source_kern_exact.c	reads each CPU's pools again, on that CPU
 *	source_kern_names.c	names of functions
 *	source_kern_fill.c	records > snapshot
 *	source_kern_affinity.c	records > affinity picture
 *	source_kern_pods.c	the kernel's own pods
 *	source_kern_events.c	counts events: bpf/events.bpf.c
 *	source_kern_pin.c	status files: bpf/pin.bpf.c
 *	source_kern.c		opens, reads, explains failures
 */
#ifndef WQKIT_SOURCE_KERN_H
#define WQKIT_SOURCE_KERN_H

#include "../bpf/walk.h"
#include "snapshot.h"
#include "source.h"
#include "source_kern_view.h"
#include "topology.h"
#include "util.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* What the running kernel's BTF says; a flag that it lacks is 0. */
struct kern_btf {
	struct walk_consts consts;
	uint32_t wq_flag[NR_WQ_FLAGS], pool_flag[NR_POOL_FLAGS];
	char scope[MAX_SCOPES][24];	/* enum wq_affn_scope, in lower case */
	bool has_loop, has_snprintf;
	bool has_inactive;		/* works held back are "inactive", not "delayed" */
	uint32_t rdonly_cast_id;	/* of bpf_rdonly_cast() */
	const char *path;
	struct btf_view view;
};

/* @path: VMLINUX_BTF; tests have others. */
int kern_btf_read(struct kern_btf *kb, const char *path, struct error *err);
/* Gives the memory back; what was read stays, and the file is opened again when needed. */
void kern_btf_close(struct kern_btf *kb);

/*
 * A file in memory with just the types that one BPF object relocates against:
 * its path is btf_custom_path when the object is opened, and it is filled
 * before the object is loaded. libbpf would spend most of a program's time on
 * searching the whole of the kernel's BTF, once for each struct that we name.
 */
struct kern_core {
	int fd;			/* -1: there can be no such file, path is VMLINUX_BTF */
	bool casts;		/* the object may use CAST_CALL */
	char path[32];
};

void kern_core_begin(struct kern_core *core, const struct kern_btf *kb);
int kern_core_fill(const struct kern_core *core, struct kern_btf *kb, const struct btf *local);
/* Closes the kernel's BTF as well: it may be 5 MB of memory. Keeps errno. */
void kern_core_end(struct kern_core *core, struct kern_btf *kb);

/* The same as a libbpf object; NULL if it cannot be made. */
struct btf *kern_btf_minimal(struct kern_btf *kb, const struct btf *local);

/* The records of one walk, in order. */
struct records {
	char *bytes;
	size_t len, room;
	size_t *at;		/* offsets of the records in bytes */
	size_t nr, at_room;
};

static inline const struct walk_rec *record(const struct records *r, size_t i)
{
	return (const struct walk_rec *)(r->bytes + r->at[i]);
}

struct bpf_object;
struct bpf_map;
struct bpf_program;

struct walker {
	const char *name;		/* direct or probe */
	void *skel;
	struct bpf_object *object;
	int (*load)(struct walker *w);
	void (*destroy)(void *skel);
	struct walk_consts *consts;
	struct walk_state *st;
	struct bpf_map *out, *pools, *seen, *names, *exact;
	struct bpf_program *walk, *resolve;
	char *out_bytes;
	struct walk_pwq *exact_pwqs;	/* NULL, or the map `exact` */
	int walk_fd, resolve_fd, names_fd;
	uint64_t calls, longest_ns;	/* of the last walk */
	uint64_t exact_calls, exact_longest_ns;	/* of the last walker_exact() */
};

/* Is WQKIT_WALKER set, and names this? (see source_kern_walk.c) */
bool walker_knob(const char *name);

/* -1 with @err, errno tells why the kernel refused. */
int walker_open(struct walker *w, struct kern_btf *kb, struct error *err);
void walker_close(struct walker *w);

struct walk_request {
	bool timers, all_works, affinity;
	unsigned int nr_cpus, nr_nodes;	/* for affinity: nr_cpu_ids, nr_node_ids */
};

int walker_run(struct walker *w, const struct walk_request *req, struct records *r,
	       struct error *err);
/*
 * --exact: reads each CPU's pools once more, on that CPU with interrupts off.
 * Where that gave an exact picture of a pool, it replaces the pool's records.
 */
void walker_exact(struct walker *w, const struct kern_btf *kb, struct records *r);

void records_append(struct records *r, const struct walk_rec *rec);
void records_free(struct records *r);

/* Function addresses and their names, "fn [module]"; NULL if unknown. */
struct names {
	uint64_t *addr;
	char **name;
	size_t nr, addr_room, name_room;
	char *kallsyms;			/* where bpf_snprintf is missing: the whole file */
	const char *why_not;		/* why names are unknown, or NULL */
};

void names_add(struct names *n, uint64_t addr);
/* Resolves all that were added. */
void names_resolve(struct names *n, struct walker *w);
const char *names_find(const struct names *n, uint64_t addr);
void names_clear(struct names *n);	/* forgets all, for the next use */
void names_free(struct names *n);

/* What stays true for as long as the kernel runs, for programs that are pinned. */
struct kern_root {
	uint64_t head;		/* address of the list head `workqueues` */
	unsigned int hz;	/* jiffies a second */
};

/* Walks the kernel once. @consts: as that walk had them. -1 with @err. */
int kern_root_find(bool verbose, struct kern_btf *kb, struct walk_consts *consts,
		   struct kern_root *root, struct error *err);

/* @hz: jiffies a second. */
/* Replaces derived scopes by the kernel's own, where it shows them. */
void kern_pods_read(struct topology *t, struct kern_btf *kb);

struct affinity;
/* Adds to kern_fill() what a walk with `affinity` tells. */
void kern_affinity_fill(struct affinity *a, const struct records *r, const struct kern_btf *kb);

void kern_fill(struct snapshot *s, const struct records *r, const struct kern_btf *kb,
	       const struct walker *w, const struct names *n, unsigned int hz);

#endif
