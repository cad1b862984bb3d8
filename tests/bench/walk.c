/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk: what one picture of the kernel costs inside the kernel, with direct
 * loads and with probe reads; the search for the root beside it. Output: a
 * JSON object a line. The targets are issue-sized: 30 us and 100 us.
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
