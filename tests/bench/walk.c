/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk: what one picture of the kernel costs inside the kernel, with direct
 * loads and with probe reads; the search for the root beside it. Output: a
 * JSON object a line. The targets are issue-sized: 30 us and 100 us, and 50 us
 * with interrupts off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../tools/source_kern.h"

#define ROUNDS 2000

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned long nr_exact(const struct records *r)
{
	unsigned long nr = 0;

	for (size_t i = 0; i < r->nr; i++)
		nr += record(r, i)->type == REC_POOL && record(r, i)->flags & POOL_IS_EXACT;
	return nr;
}

/* A whole picture with --exact, and its longest call with interrupts off. */
static void measure_exact(struct walker *w, const struct kern_btf *kb, struct records *r)
{
	static uint64_t ns[ROUNDS], longest[ROUNDS];
	struct walk_request req = { 0 };
	unsigned long exact = 0, calls = 0;
	struct error err;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t began = mono_ns();

		if (walker_run(w, &req, r, &err)) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		walker_exact(w, kb, r);
		ns[i] = mono_ns() - began;
		longest[i] = w->exact_longest_ns;
		calls += w->exact_calls;
		exact += nr_exact(r);
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), compare);
	qsort(longest, ROUNDS, sizeof(longest[0]), compare);
	printf("{\"bench\":\"walk --exact\",\"loads\":\"%s\",\"rounds\":%d,\"exact_pools\":%.3f,"
	       "\"calls\":%.3f,\"picture_p50_ns\":%" PRIu64 ",\"picture_p99_ns\":%" PRIu64
	       ",\"longest_call_p50_ns\":%" PRIu64 ",\"longest_call_p99_ns\":%" PRIu64
	       ",\"longest_call_ns\":%" PRIu64
	       ",\"target_longest_call_ns\":50000}\n", w->name, ROUNDS, (double)exact / ROUNDS,
	       (double)calls / ROUNDS, ns[ROUNDS / 2], ns[ROUNDS * 99 / 100], longest[ROUNDS / 2],
	       longest[ROUNDS * 99 / 100], longest[ROUNDS - 1]);
}

static void measure(struct kern_btf *kb, bool direct)
{
	static uint64_t ns[ROUNDS];
	struct walk_request req = { 0 };
	struct records r = { 0 };
	struct walker w;
	struct error err;
	uint64_t root_ns = 0, torn = 0;

	if (!direct)
		kb->rdonly_cast_id = 0;
	if (walker_open(&w, kb, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (walker_run(&w, &req, &r, &err)) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		ns[i] = w.st->ended_ns - w.st->root_ns;
		root_ns = i ? root_ns : w.st->root_ns - w.st->began_ns;
		torn += w.st->retries > 0;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), compare);
	printf("{\"bench\":\"walk\",\"loads\":\"%s\",\"rounds\":%d,\"records\":%zu,\"min_ns\":%" PRIu64
	       ",\"p50_ns\":%" PRIu64 ",\"p99_ns\":%" PRIu64 ",\"root_ns\":%" PRIu64
	       ",\"retried\":%" PRIu64 ",\"target_p50_ns\":%d}\n", w.name, ROUNDS, r.nr, ns[0],
	       ns[ROUNDS / 2], ns[ROUNDS * 99 / 100], root_ns, torn, direct ? 30000 : 100000);
	measure_exact(&w, kb, &r);
	records_free(&r);
	walker_close(&w);
}

int main(void)
{
	struct kern_btf kb;
	struct error err;

	if (kern_btf_read(&kb, VMLINUX_BTF, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (kb.rdonly_cast_id)
		measure(&kb, true);
	measure(&kb, false);
	return 0;
}
