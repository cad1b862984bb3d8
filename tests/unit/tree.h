/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - a tree of small files from one text, for tests that read /sys
 *
 * Each line of tests/data/topology/NAME is a path, a blank, and what that file
 * holds; [0-3,8] in a path stands for one file a number.
 */
#ifndef WQKIT_TREE_H
#define WQKIT_TREE_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "../../tools/cpus.h"
#include "../../tools/util.h"

static inline void tree_put(const char *root, const char *path, const char *text)
{
	char *name = xasprintf("%s/%s", root, path);
	FILE *f;

	for (char *p = strchr(name + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		CHECK(!mkdir(name, 0700) || errno == EEXIST);
		*p = '/';
	}
	f = fopen(name, "w");
	CHECK(f != NULL);
	fprintf(f, "%s\n", text);
	fclose(f);
	free(name);
}

static inline void tree_put_all(const char *root, char *path, const char *text)
{
	char *open = strchr(path, '['), *close = strchr(path, ']');
	struct cpus cpus;

	if (!open) {
		tree_put(root, path, text);
		return;
	}
	*open = *close = '\0';
	CHECK(cpus_parse_list(&cpus, open + 1));
	for_each_cpu_of(cpu, &cpus) {
		char *one = xasprintf("%s%d%s", path, cpu, close + 1);

		tree_put(root, one, text);
		free(one);
	}
}

/* The root of a fresh tree made from tests/data/topology/@name. */
static inline const char *tree_make(const char *name)
{
	static char root[64];
	char from[512], line[1024], *blank;
	const char *file = __FILE__;
	FILE *f;

	snprintf(root, sizeof(root), "%s/wqkit-tree-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");	/* a thousand files */
	CHECK(mkdtemp(root) != NULL);
	snprintf(from, sizeof(from), "%.*s/../data/topology/%s",
		 (int)(strrchr(file, '/') - file), file, name);
	f = fopen(from, "r");
	CHECK(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		blank = strchr(line, ' ');
		if (*line == '#' || !blank)
			continue;
		*blank = '\0';
		tree_put_all(root, line, blank + 1);
	}
	fclose(f);
	return root;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int flag,
				  struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(const char *root)
{
	nftw(root, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
