/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder of pinned files: what may be made, and what may be removed.
 *
 * pin always makes the folder that it fills, so a folder with our files in it
 * is ours, and nothing has to be remembered.
 */
#include "pin.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPF_FS 0xcafe4a11	/* BPF_FS_MAGIC */

const char *const pin_names[NR_PINS] = { "workqueues", "pools", "workers", "busy" };

/* How the text of each begins: that tells our files from others of the same name. */
static const char *const beginnings[NR_PINS] = { "name ", "pool ", "    pid ", "Showing busy " };

char *pin_path(const char *dir, int file)
{
	return xasprintf("%s/%s", dir, pin_names[file]);
}

static bool exists(const char *dir, int file)
{
	char *path = pin_path(dir, file);
	struct stat st;
	bool yes = !lstat(path, &st);

	free(path);
	return yes;
}

static bool on_bpf_fs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS;
}

static int check_parent(const char *dir, struct error *err)
{
	char *copy = xstrdup(dir);
	const char *parent = dirname(copy);
	int rc = 0;

	if (access(parent, F_OK))
		rc = error_set(err, "cannot pin files in %s: %s: %s", dir, parent, strerror(errno));
	else if (!on_bpf_fs(parent))
		rc = error_set(err, "cannot pin files in %s: %s is no BPF file system; mount one: "
			       "mount -t bpf bpf /sys/fs/bpf", dir, parent);
	free(copy);
	return rc;
}

int pin_check_folder(const char *dir, struct error *err)
{
	struct stat st;

	if (check_parent(dir, err))
		return -1;
	if (lstat(dir, &st))
		return 0;
	for (int i = 0; i < NR_PINS; i++)
		if (exists(dir, i))
			return error_set(err, "%s holds a file \"%s\" already: what was pinned is "
					 "removed by wqdump unpin %s", dir, pin_names[i], dir);
	return error_set(err, "%s exists, and wqdump pin did not make it: name a folder that does "
			 "not exist yet", dir);
}

void pin_remove_files(const char *dir)
{
	for (int i = 0; i < NR_PINS; i++) {
		char *path = pin_path(dir, i);

		unlink(path);
		free(path);
	}
	rmdir(dir);
}

static bool begins_so(int fd, const char *beginning)
{
	char text[32];
	size_t n = strlen(beginning);

	return read(fd, text, n) == (ssize_t)n && !memcmp(text, beginning, n);
}

static int check_is_ours(const char *path, int file, struct error *err)
{
	int rc = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return error_set(err, "cannot read %s: %s: nothing is removed", path, strerror(errno));
	if (!on_bpf_fs(path) || !begins_so(fd, beginnings[file]))
		rc = error_set(err, "wqdump pin did not make %s: nothing is removed", path);
	close(fd);
	return rc;
}

/* Only if all that have our names are ours. */
static int check_files(const char *dir, struct error *err)
{
	int nr = 0;

	for (int i = 0; i < NR_PINS; i++) {
		char *path = pin_path(dir, i);
		int rc = 0;

		if (exists(dir, i)) {
			nr++;
			rc = check_is_ours(path, i, err);
		}
		free(path);
		if (rc)
			return -1;
	}
	if (!nr)
		return error_set(err, "%s holds no file of wqdump pin: nothing is removed", dir);
	return 0;
}

static int remove_file(const char *dir, int file, struct error *err)
{
	char *path = pin_path(dir, file);
	int rc = unlink(path) && errno != ENOENT;

	if (rc)
		error_set(err, "cannot remove %s: %s", path, strerror(errno));
	free(path);
	return rc;
}

int pin_remove(const char *dir, bool *left, struct error *err)
{
	struct stat st;

	*left = false;
	if (stat(dir, &st))
		return error_set(err, "cannot look into %s: %s", dir, strerror(errno));
	if (check_files(dir, err))
		return -1;
	for (int i = 0; i < NR_PINS; i++)
		if (remove_file(dir, i, err))
			return -1;
	if (!rmdir(dir))
		return 0;
	if (errno != ENOTEMPTY)
		return error_set(err, "cannot remove %s: %s", dir, strerror(errno));
	*left = true;
	return 0;
}
