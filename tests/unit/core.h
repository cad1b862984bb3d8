/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core.h - a small core file of a program on libwq, made by a test
 *
 * It has the first pages of segment.h's tables, one page of the program's memory, and the first
 * page of a library, which is all of that file, too: with a build id and a symbol.
 */
#ifndef WQKIT_TEST_CORE_H
#define WQKIT_TEST_CORE_H

#include <elf.h>

#include "segment.h"

#define CORE_NOTES 0x400u		/* in the file */
#define CORE_LIBRARY 0x1000u
#define CORE_MEMORY 0x2000u
#define CORE_SEGMENT 0x3000u		/* the header, then a page of each table */
#define CORE_TABLES (CORE_SEGMENT + WQ_SEG_HEADER_BYTES)
#define CORE_BYTES (CORE_TABLES + WQ_SEG_NR_TABLES * MEMORY_PAGE)
#define CORE_LOADS (3 + WQ_SEG_NR_TABLES)

#define LIBRARY_AT UINT64_C(0x400000)	/* addresses of the program */
#define LIBRARY_BYTES 0x4000u
#define MEMORY_AT UINT64_C(0x10000)
#define SEGMENT_AT UINT64_C(0x10000000)
#define NAMELESS_FUNC (LIBRARY_AT + 0x1808)	/* in_library() */

/* Where a segment has them. */
static const uint32_t core_table_at[WQ_SEG_NR_TABLES] = {
	WQ_SEG_WORKQUEUES_AT, WQ_SEG_PWQS_AT, WQ_SEG_POOLS_AT, WQ_SEG_WORKERS_AT,
	WQ_SEG_WAITERS_AT, WQ_SEG_FUNCTIONS_AT, WQ_SEG_MISUSES_AT,
};

struct core_note {
	Elf64_Nhdr head;
	char name[8];
};

static inline void core_library(char *page, unsigned char id)
{
	static const char names[] = "\0in_library";
	Elf64_Ehdr *h = (void *)page;
	Elf64_Phdr *ph = (void *)(page + sizeof(*h));
	struct core_note *note = (void *)(page + 0x200);
	Elf64_Sym *sym = (void *)(page + 0x300);
	Elf64_Shdr *sh = (void *)(page + 0x500);

	memset(page, 0, MEMORY_PAGE);
	memcpy(h->e_ident, ELFMAG "\2\1\1", 7);
	h->e_type = ET_DYN;
	h->e_machine = EM_X86_64;
	h->e_version = EV_CURRENT;
	h->e_ehsize = sizeof(*h);
	h->e_phoff = sizeof(*h);
	h->e_phentsize = sizeof(*ph);
	h->e_phnum = 2;
	h->e_shoff = 0x500;
	h->e_shentsize = sizeof(*sh);
	h->e_shnum = 3;
	ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_filesz = LIBRARY_BYTES, .p_memsz = LIBRARY_BYTES };
	ph[1] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 0x200, .p_filesz = 36, .p_align = 4 };
	note->head = (Elf64_Nhdr){ .n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID };
	memcpy(note->name, "GNU", 4);
	memset(note->name + 4, id, 20);
	sym[1] = (Elf64_Sym){ .st_name = 1, .st_info = STT_FUNC, .st_value = 0x1800, .st_size = 16 };
	memcpy(page + 0x400, names, sizeof(names));
	sh[1] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB, .sh_offset = 0x300, .sh_link = 2,
			      .sh_size = 2 * sizeof(*sym), .sh_entsize = sizeof(*sym) };
	sh[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = 0x400, .sh_size = sizeof(names) };
}

static inline void core_files_note(char *notes, const char *path)
{
	struct core_note *note = (void *)notes;
	uint64_t words[5] = { 1, MEMORY_PAGE, LIBRARY_AT, LIBRARY_AT + LIBRARY_BYTES, 0 };

	note->head = (Elf64_Nhdr){ .n_namesz = 5, .n_type = NT_FILE,
				   .n_descsz = (Elf64_Word)(sizeof(words) + strlen(path) + 1) };
	memcpy(note->name, "CORE", 5);
	memcpy(notes + sizeof(*note), words, sizeof(words));
	strcpy(notes + sizeof(*note) + sizeof(words), path);
}

static inline void core_load(char *core, uint64_t at, uint32_t offset, uint32_t bytes)
{
	Elf64_Ehdr *h = (void *)core;
	Elf64_Phdr *ph = (void *)(core + sizeof(*h));

	ph[h->e_phnum++] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = at, .p_offset = offset,
					 .p_filesz = bytes, .p_memsz = bytes };
}

/* CORE_BYTES of it, of the segment at @base; its library is said to be @path. */
static inline void core_make(char *core, const char *base, const char *path)
{
	Elf64_Ehdr *h = (void *)core;

	memset(core, 0, CORE_BYTES);
	memcpy(h->e_ident, ELFMAG "\2\1\1", 7);
	h->e_type = ET_CORE;
	h->e_machine = EM_X86_64;
	h->e_version = EV_CURRENT;
	h->e_ehsize = sizeof(*h);
	h->e_phoff = sizeof(*h);
	h->e_phentsize = sizeof(Elf64_Phdr);
	core_load(core, 0, CORE_NOTES, CORE_LIBRARY - CORE_NOTES);
	((Elf64_Phdr *)(void *)(core + sizeof(*h)))->p_type = PT_NOTE;
	core_load(core, LIBRARY_AT, CORE_LIBRARY, MEMORY_PAGE);
	core_load(core, MEMORY_AT, CORE_MEMORY, MEMORY_PAGE);
	core_load(core, SEGMENT_AT, CORE_SEGMENT, WQ_SEG_HEADER_BYTES);
	core_files_note(core + CORE_NOTES, path);
	core_library(core + CORE_LIBRARY, 7);
	memcpy(core + CORE_SEGMENT, base, WQ_SEG_HEADER_BYTES);
	for (unsigned int i = 0; i < WQ_SEG_NR_TABLES; i++) {
		core_load(core, SEGMENT_AT + core_table_at[i], CORE_TABLES + i * MEMORY_PAGE, MEMORY_PAGE);
		memcpy(core + CORE_TABLES + i * MEMORY_PAGE, base + core_table_at[i], MEMORY_PAGE);
	}
}

#endif
