/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin.h - contract [1], private half: what bpf/pin.bpf.c and
 * tools/source_kern_pin.c know of each other
 *
 * The programs are text iterators, pinned in bpffs: nobody is there to talk to
 * when they run, so all that they need is told before they are loaded.
 */
#ifndef WQKIT_BPF_PIN_H
#define WQKIT_BPF_PIN_H

#include "walk.h"

#define PIN_READERS 32		/* at once; a power of two */
#define PIN_ELEMENTS 4096	/* shows of one reading */
#define PIN_TEXT 4096		/* text of one show; a power of two */
#define PIN_ROOM 1024		/* text that one step may need */
#define PIN_POOL_IDS 32768	/* pools that can be told apart */
#define PIN_WORKER_IDS 4096	/* workers of one pool that can be told apart */
#define PIN_RING 8
#define PIN_GROUPS 16

enum pin_file { PIN_WORKQUEUES, PIN_POOLS, PIN_WORKERS, PIN_BUSY, NR_PIN_FILES };

struct pin_consts {
	unsigned long long head;	/* of `workqueues`: a symbol of the kernel, it stays */
	unsigned int hz;		/* jiffies a second */
	unsigned int has_snprintf;	/* bpf_snprintf() and %ps (5.13) */
	unsigned int manager_active, disassociated, bh_draining;	/* POOL_ flags, or 0 */
};

enum pin_phase {
	PIN_HEADING,
	PIN_WQ,
	PIN_PWQ,		/* from here on, inside a workqueue */
	PIN_CPUS,
	PIN_COUNT_RUNNING,	/* the workers of a pool, to count */
	PIN_LIST_WORKERS,	/*                       to print */
	PIN_IN_FLIGHT,		/*                       those that execute for a pwq */
	PIN_IDLE,		/*                       the idle ones */
	PIN_SCHEDULED,		/* behind a worker that executes */
	PIN_COUNT_WORKS,
	PIN_GATHER,		/* works of a list, into groups */
	PIN_GROUP,		/* and the groups as text */
	PIN_END,
	PIN_DONE,
};

/* Works that stand together and have one function; or a barrier. */
struct pin_group {
	unsigned long long func;	/* 0: a barrier */
	unsigned int nr;		/* works, or the barrier's task */
	unsigned int comma;
};

struct pin_place {
	unsigned long long pos, prev;
};

/* One reading: a file that was opened. */
struct pin_reader {
	unsigned long long id;			/* session, 0: free */
	unsigned long long used_ns, read_ns, show_ns;
	unsigned int slot, file, phase, steps;
	/* what the closing line says */
	unsigned int lines, retries, gave_up, pools_lost, astray;
	/* where we are */
	struct pin_place wqs, ring[PIN_RING];	/* ring: workqueues that are done */
	unsigned int nr_done, skipping, second, pad2;
	unsigned long long wq, pwq, pool, worker, func;
	int pool_id, nr_active;
	struct walk_cursor pwqs, workers, items;
	unsigned int list, running, count;
	unsigned long long linked;
	/* the line that is being made */
	unsigned long long active, total, in_flight;
	unsigned int open, any, prefixed, newline, in_line;
	int run;				/* first CPU of a run, or -1 */
	unsigned int bit, pad;			/* pad: columns to fill behind the CPUs */
	/* groups of works */
	struct pin_group groups[PIN_GROUPS];
	unsigned int nr_groups, at_group, more, flushed, torn, group_comma;
	/* text */
	unsigned long long want;		/* function to print behind the text */
	unsigned int len, last_pool_word;
	char name[64];
	unsigned long long workers_met[PIN_WORKER_IDS / 64];
	unsigned long long pools_met[PIN_POOL_IDS / 64];
	char text[PIN_TEXT + 256];		/* the rest is never read */
};

#endif
