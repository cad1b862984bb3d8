/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of functions. The kernel's own %ps, called in BPF (5.13), costs less
 * than a microsecond a name and needs neither /proc/kallsyms nor CAP_SYSLOG.
 * Where it is missing, /proc/kallsyms is read. Names are asked for anew at each
 * snapshot: a module may have come and gone, and its addresses with it.
 */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void names_clear(struct names *n)
{
	for (size_t i = 0; i < n->nr; i++)
		free(n->name[i]);
	n->nr = 0;
}

void names_free(struct names *n)
{
	names_clear(n);
	free(n->addr);
	free(n->name);
	memset(n, 0, sizeof(*n));
}

/* Where @addr is, or would be, in the sorted list. */
static size_t place_of(const struct names *n, uint64_t addr)
{
	size_t low = 0, high = n->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (n->addr[mid] < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void names_add(struct names *n, uint64_t addr)
{
	size_t i = place_of(n, addr);

	if (!addr || (i < n->nr && n->addr[i] == addr))
		return;
	n->addr = xgrow(n->addr, n->nr, &n->addr_room, sizeof(*n->addr));
	n->name = xgrow(n->name, n->nr, &n->name_room, sizeof(*n->name));
	memmove(&n->addr[i + 1], &n->addr[i], (n->nr - i) * sizeof(*n->addr));
	memmove(&n->name[i + 1], &n->name[i], (n->nr - i) * sizeof(*n->name));
	n->addr[i] = addr;
	n->name[i] = NULL;
	n->nr++;
}

const char *names_find(const struct names *n, uint64_t addr)
{
	size_t i = place_of(n, addr);

	return addr && i < n->nr && n->addr[i] == addr ? n->name[i] : NULL;
}

/* An address without a symbol prints as a number. */
static char *name_or_null(const char *text)
{
	return !*text || !strncmp(text, "0x", 2) ? NULL : xstrdup(text);
}

static int resolve_some(struct names *n, struct walker *w, size_t from, uint32_t count)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct resolve_name r = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		r.addr = n->addr[from + i];
		if (bpf_map_update_elem(w->names_fd, &i, &r, BPF_ANY))
			return -1;
	}
	w->st->nr_names = count;
	if (bpf_prog_test_run_opts(w->resolve_fd, &opts))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		if (bpf_map_lookup_elem(w->names_fd, &i, &r))
			return -1;
		r.name[sizeof(r.name) - 1] = '\0';
		n->name[from + i] = name_or_null(r.name);
	}
	return 0;
}

/* One line of /proc/kallsyms: "ffffffff81000000 T name\t[module]" */
static void see_symbol(struct names *n, char *line)
{
	char *end, *name, *module;
	uint64_t addr = strtoull(line, &end, 16);
	size_t i = place_of(n, addr);

	if (!addr || i >= n->nr || n->addr[i] != addr || n->name[i] || strlen(end) < 4)
		return;
	name = end + 3;
	module = strchr(name, '\t');
	if (module)
		*module++ = '\0';
	n->name[i] = module ? xasprintf("%s %s", name, module) : xstrdup(name);
}

static void read_kallsyms(struct names *n)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t size = 0;
	bool any = false;

	while (f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		any |= strtoull(line, NULL, 16) != 0;
		see_symbol(n, line);
	}
	free(line);
	if (f)
		fclose(f);
	if (!any)
		n->why_not = "names of functions are unknown: /proc/kallsyms shows no addresses; "
			     "CAP_SYSLOG (or root) lets it";
}

void names_resolve(struct names *n, struct walker *w)
{
	n->why_not = NULL;
	if (w->resolve_fd < 0) {
		read_kallsyms(n);
		return;
	}
	for (size_t from = 0; from < n->nr; from += RESOLVE_MAX) {
		size_t left = n->nr - from;

		if (resolve_some(n, w, from, left < RESOLVE_MAX ? (uint32_t)left : RESOLVE_MAX))
			n->why_not = "names of functions are unknown: the kernel refused to look them up";
	}
}
