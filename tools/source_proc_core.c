/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of functions in core files, which hold no symbols. A core file tells which files were
 * mapped where (its note NT_FILE), and has the first page of each program and library, with the
 * build id. A file that has the same build id now is the same, and its symbol table is used. No
 * other is: a program that was built anew has other functions there.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_ELF
#include <gelf.h>
#endif

#include "source_proc.h"

#define MAX_FILES 65536u

void core_files_free(struct core_files *c)
{
	for (size_t i = 0; i < c->nr; i++)
		free(c->list[i].path);
	free(c->list);
	c->list = NULL;
	c->nr = c->room = 0;
}

#ifdef HAVE_ELF

#define MAX_BUILD_ID 64u

/* --- notes --- */

/* Sees each note of the file until @see returns true; false: it never did. */
typedef bool (*note_fn)(void *arg, uint32_t type, const char *name, size_t name_size,
			const char *desc, size_t size);

static bool each_note_of(Elf *elf, const GElf_Phdr *ph, note_fn see, void *arg)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)ph->p_offset, ph->p_filesz,
					      ph->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	size_t at = 0, next, name_at, desc_at;
	GElf_Nhdr note;

	while (data && (next = gelf_getnote(data, at, &note, &name_at, &desc_at)) > at) {
		const char *bytes = data->d_buf;

		if (see(arg, note.n_type, bytes + name_at, note.n_namesz, bytes + desc_at, note.n_descsz))
			return true;
		at = next;
	}
	return false;
}

static bool each_note(Elf *elf, note_fn see, void *arg)
{
	size_t nr = 0;
	GElf_Phdr ph;

	elf_getphdrnum(elf, &nr);
	for (size_t i = 0; i < nr && i < INT32_MAX; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_NOTE &&
		    each_note_of(elf, &ph, see, arg))
			return true;
	return false;
}

/* --- which files were mapped where --- */

struct words {
	const char *at;
	size_t left, bytes;	/* of a word */
};

static bool next_word(struct words *w, uint64_t *word)
{
	uint32_t word32;

	if (w->left < w->bytes)
		return false;
	if (w->bytes == 4) {
		memcpy(&word32, w->at, 4);
		*word = word32;
	} else {
		memcpy(word, w->at, 8);
	}
	w->at += w->bytes;
	w->left -= w->bytes;
	return true;
}

struct file_notes {
	struct core_files *files;
	size_t word_bytes;
};

static void add_file(struct core_files *c, uint64_t start, uint64_t end, uint64_t offset,
		     const char *path)
{
	c->list = xgrow(c->list, c->nr, &c->room, sizeof(*c->list));
	c->list[c->nr++] = (struct core_file){ start, end, offset, xstrdup(path) };
}

/* How many; the size of a page; of each start, end, offset in pages; then all names. */
static bool see_files(void *arg, uint32_t type, const char *name, size_t name_size,
		      const char *desc, size_t size)
{
	struct file_notes *notes = arg;
	struct words w = { desc, size, notes->word_bytes };
	uint64_t nr, page;
	const char *path;

	if (type != NT_FILE || name_size != 5 || memcmp(name, "CORE", 5) || !next_word(&w, &nr) ||
	    !next_word(&w, &page) || nr > MAX_FILES || nr > w.left / (3 * w.bytes))
		return false;
	path = w.at + nr * 3 * w.bytes;
	for (uint64_t i = 0; i < nr; i++) {
		size_t left = (size_t)(desc + size - path), n = strnlen(path, left);
		uint64_t start, end, offset;

		if (n == left || !next_word(&w, &start) || !next_word(&w, &end) ||
		    !next_word(&w, &offset))
			break;
		add_file(notes->files, start, end, offset * page, path);
		path += n + 1;
	}
	return true;
}

void core_files_read(struct core_files *c, int fd)
{
	Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	struct file_notes notes = { c, elf && gelf_getclass(elf) == ELFCLASS32 ? 4 : 8 };

	if (elf && elf_kind(elf) == ELF_K_ELF)
		each_note(elf, see_files, &notes);
	elf_end(elf);
}

/* --- is it the file that was mapped? --- */

struct build_id {
	char bytes[MAX_BUILD_ID];
	size_t size;
};

static bool see_build_id(void *arg, uint32_t type, const char *name, size_t name_size,
			 const char *desc, size_t size)
{
	struct build_id *id = arg;

	if (type != NT_GNU_BUILD_ID || name_size != 4 || memcmp(name, "GNU", 4) || !size ||
	    size > sizeof(id->bytes))
		return false;
	memcpy(id->bytes, desc, size);
	id->size = size;
	return true;
}

/* The sections of the file are not in its first page. */
static void forget_sections(char *page)
{
	Elf32_Ehdr h32;
	Elf64_Ehdr h64;

	if (page[EI_CLASS] == ELFCLASS32) {
		memcpy(&h32, page, sizeof(h32));
		h32.e_shoff = h32.e_shnum = h32.e_shstrndx = 0;
		memcpy(page, &h32, sizeof(h32));
	} else {
		memcpy(&h64, page, sizeof(h64));
		h64.e_shoff = h64.e_shnum = h64.e_shstrndx = 0;
		memcpy(page, &h64, sizeof(h64));
	}
}

/* As it was in the program's memory. */
static bool mapped_build_id(struct core_files *c, const char *path, struct build_id *id)
{
	char page[MEMORY_PAGE];
	bool found = false;

	for (size_t i = 0; i < c->nr && !found; i++) {
		const struct core_file *f = &c->list[i];
		Elf *elf;

		if (f->offset || strcmp(f->path, path) ||
		    !memory_read(c->memory, f->start, page, sizeof(page)) ||
		    memcmp(page, ELFMAG, SELFMAG))
			continue;
		forget_sections(page);
		elf = elf_memory(page, sizeof(page));
		found = elf && each_note(elf, see_build_id, id);
		elf_end(elf);
	}
	return found;
}

static bool has_build_id(int fd, const struct build_id *id)
{
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	struct build_id is;
	bool same = elf && elf_kind(elf) == ELF_K_ELF && each_note(elf, see_build_id, &is) &&
		    is.size == id->size && !memcmp(is.bytes, id->bytes, id->size);

	elf_end(elf);
	return same;
}

/* The file of that name now, or -1: which name it is, a core file from anywhere tells. */
static int open_same(struct core_files *c, const char *path)
{
	struct build_id id;
	struct stat st;
	int fd;

	if (path[0] != '/' || !mapped_build_id(c, path, &id) || stat(path, &st) ||
	    !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode) && has_build_id(fd, &id)))
		return fd;
	close(fd);
	return -1;
}

char *core_symbol(const void *arg, uint64_t addr)
{
	struct core_files *c = (struct core_files *)(uintptr_t)arg;
	char *name;
	int fd;

	for (size_t i = 0; i < c->nr; i++) {
		const struct core_file *f = &c->list[i];

		if (addr < f->start || addr >= f->end)
			continue;
		fd = open_same(c, f->path);
		name = file_symbol(fd, f->path, addr - f->start + f->offset);
		if (fd >= 0)
			close(fd);
		return name;
	}
	return xasprintf("0x%" PRIx64, addr);
}

#else

void core_files_read(struct core_files *c, int fd)
{
	(void)c;
	(void)fd;
}

char *core_symbol(const void *arg, uint64_t addr)
{
	(void)arg;
	return xasprintf("0x%" PRIx64, addr);
}

#endif
