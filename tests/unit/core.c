/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Core files: names of functions by the files that were mapped, and what a hostile one tells. */
#include "test.h"

#include "core.h"

static _Alignas(8) char core[CORE_BYTES];
static char core_path[64], library_path[64];
static struct snapshot s;

/* A file without a name, with these bytes; its path is in @path. */
static void make_file(char path[64], const void *bytes, size_t size)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	ck_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, 64, "/proc/%d/fd/%d", (int)getpid(), fd);
}

static void make_library(unsigned char id)
{
	char page[MEMORY_PAGE];

	core_library(page, id);
	make_file(library_path, page, sizeof(page));
}

/* A core file with one item that runs, of a function without a name. */
static void begin(void)
{
	char *base = fake_segment();

	FAKE_WORKER(base, 0)->func = NAMELESS_FUNC;
	core_make(core, base, library_path);
}

static int read_it(struct error *err)
{
	struct source_options o = { .file = core_path };
	struct source *src;
	int rc;

	snapshot_free(&s);
	make_file(core_path, core, sizeof(core));
	src = source_open(&o, err);
	if (!src)
		return -1;
	rc = source_read(src, KINDS_SHOW, &s, err);
	source_close(src);
	return rc;
}

static const char *function(void)
{
	struct error err;

	ck_assert_msg(!read_it(&err), "%s", err.text);
	CHECK_UINT(nr_rows(&s, ROW_WORK), 1);
	return ((const struct work *)snapshot_row(&s, ROW_WORK, 0))->function;
}

/* What it is called where its file tells nothing. */
static bool is_an_offset(const char *text)
{
	const char *name = strrchr(library_path, '/') + 1;

	return !strncmp(text, name, strlen(name)) && !strcmp(text + strlen(name), "+0x1808");
}

TEST(a_file_with_that_build_id_tells_names)
{
	make_library(7);
	begin();
	CHECK_STR(function(), "in_library");
}
END

TEST(another_build_id_is_another_file)
{
	make_library(8);
	begin();
	CHECK(is_an_offset(function()));
}
END

TEST(without_a_build_id_nothing_is_believed)
{
	make_library(7);
	begin();
	memset(core + CORE_LIBRARY + 0x200, 0, 36);
	CHECK(is_an_offset(function()));
	begin();
	memset(core + CORE_LIBRARY, 0, MEMORY_PAGE);	/* no ELF file at all */
	CHECK(is_an_offset(function()));
	begin();
	strcpy(library_path, "/dev/tty");
	core_files_note(core + CORE_NOTES, library_path);
	CHECK(strstr(function(), "tty+0x1808"));
}
END

/* Of what stands in front of the paths. */
static void set_word(unsigned int nr, uint64_t value)
{
	memcpy(core + CORE_NOTES + sizeof(struct core_note) + 8 * nr, &value, 8);
}

#define HARMLESS(change) \
	do { \
		begin(); \
		change; \
		ck_assert_msg(strcmp(function(), "in_library"), #change); \
	} while (0)

TEST(hostile_notes_do_no_harm)
{
	make_library(7);
	HARMLESS(set_word(0, UINT64_MAX));
	HARMLESS(set_word(0, 2));			/* there is one */
	HARMLESS(set_word(0, 0));
	HARMLESS(set_word(3, 0));
	HARMLESS(set_word(2, UINT64_MAX));
	HARMLESS(set_word(4, UINT64_MAX));
	HARMLESS(((struct core_note *)(void *)(core + CORE_NOTES))->head.n_descsz = UINT32_MAX);
	HARMLESS(((struct core_note *)(void *)(core + CORE_NOTES))->head.n_descsz = 45);
	HARMLESS(((struct core_note *)(void *)(core + CORE_NOTES))->head.n_namesz = UINT32_MAX);
	HARMLESS(memset(core + CORE_NOTES, 255, CORE_LIBRARY - CORE_NOTES));
}
END

TEST(hostile_segments_of_memory_do_no_harm)
{
	Elf64_Phdr *ph = (void *)(core + sizeof(Elf64_Ehdr));
	struct error err;

	make_library(7);
	HARMLESS(ph[0].p_filesz = UINT64_MAX);
	HARMLESS(ph[0].p_offset = UINT64_MAX);
	HARMLESS(ph[1].p_offset = UINT64_MAX - 100);
	HARMLESS(ph[1].p_filesz = 100);
	begin();
	ph[3].p_filesz = 100;			/* the header */
	CHECK_INT(read_it(&err), -1);
	ck_assert_msg(strstr(err.text, "holds no segment"), "%s", err.text);
	begin();
	((Elf64_Ehdr *)(void *)core)->e_phnum = UINT16_MAX;
	read_it(&err);
	begin();
	for (int i = 4; i < 4 + WQ_SEG_NR_TABLES; i++)
		ph[i].p_vaddr = 0;
	ck_assert(!read_it(&err));
	CHECK_UINT(nr_rows(&s, ROW_WORKQUEUE), 0);
}
END

TESTS(a_file_with_that_build_id_tells_names,
      another_build_id_is_another_file,
      without_a_build_id_nothing_is_believed,
      hostile_notes_do_no_harm,
      hostile_segments_of_memory_do_no_harm)
