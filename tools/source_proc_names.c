/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of functions that a live program itself does not tell: from the symbol table of the file
 * that is mapped there; "file+0x12" where that has none. The file is opened only if it is the one
 * that was mapped, read and not mapped, and may be as broken as any other input.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifdef HAVE_ELF
#include <gelf.h>
#endif

#include "source_proc.h"

#define MAX_LOOKUPS 256u	/* a picture: each reads a table */

/* Where in which file an address is. */
struct place {
	uint64_t addr, offset;
	dev_t dev;
	ino_t ino;
	char path[512];
};

/* "start-end perms offset major:minor inode   path" */
static bool see_place(void *arg, const char *range, const char *line)
{
	struct place *p = arg;
	uint64_t start, end, offset;
	unsigned int major_nr, minor_nr;
	uintmax_t ino;
	int path_at = 0;

	(void)range;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %x:%x %ju %n", &start, &end, &offset,
		   &major_nr, &minor_nr, &ino, &path_at) < 6 || !path_at)
		return false;
	if (p->addr < start || p->addr >= end)
		return false;
	p->offset = p->addr - start + offset;
	p->dev = makedev(major_nr, minor_nr);
	p->ino = (ino_t)ino;
	snprintf(p->path, sizeof(p->path), "%.*s", (int)strcspn(line + path_at, "\n"), line + path_at);
	return true;
}

#ifdef HAVE_ELF
static bool is_there(const GElf_Sym *sym, uint64_t vaddr)
{
	return GELF_ST_TYPE(sym->st_info) == STT_FUNC && sym->st_value <= vaddr &&
	       (sym->st_value == vaddr || vaddr - sym->st_value < sym->st_size);
}

static bool symbol_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t vaddr,
		      char *name, size_t size)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t nr = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Sym sym;

	for (size_t i = 0; data && i < nr && i < INT32_MAX; i++) {
		const char *text;

		if (!gelf_getsym(data, (int)i, &sym))
			return false;
		if (!is_there(&sym, vaddr))
			continue;
		text = elf_strptr(elf, header->sh_link, sym.st_name);
		if (!text || !*text)
			continue;
		snprintf(name, size, "%s", text);
		return true;
	}
	return false;
}

static bool to_vaddr(Elf *elf, uint64_t offset, uint64_t *vaddr)
{
	size_t nr = 0;
	GElf_Phdr ph;

	elf_getphdrnum(elf, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD ||
		    offset < ph.p_offset || offset - ph.p_offset >= ph.p_filesz)
			continue;
		*vaddr = ph.p_vaddr + (offset - ph.p_offset);
		return true;
	}
	return false;
}

static bool symbol_of(int fd, uint64_t offset, char *name, size_t size)
{
	static const GElf_Word tables[] = { SHT_SYMTAB, SHT_DYNSYM };
	Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	bool found = false;
	uint64_t vaddr;

	if (elf && elf_kind(elf) == ELF_K_ELF && to_vaddr(elf, offset, &vaddr)) {
		for (size_t t = 0; t < ARRAY_SIZE(tables) && !found; t++) {
			Elf_Scn *section = NULL;
			GElf_Shdr header;

			while (!found && (section = elf_nextscn(elf, section)))
				if (gelf_getshdr(section, &header) && header.sh_type == tables[t])
					found = symbol_in(elf, section, &header, vaddr, name, size);
		}
	}
	elf_end(elf);
	return found;
}
#else
static bool symbol_of(int fd, uint64_t offset, char *name, size_t size)
{
	(void)fd;
	(void)offset;
	(void)name;
	(void)size;
	return false;
}
#endif

/* The file as the program sees it: it may live in another root. */
static int open_mapped(pid_t pid, const struct place *p)
{
	char path[600];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, p->path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_dev == p->dev &&
		       st.st_ino == p->ino))
		return fd;
	close(fd);
	return -1;
}

char *file_symbol(int fd, const char *path, uint64_t offset)
{
	const char *slash = strrchr(path, '/');
	char name[256];

	if (fd >= 0 && symbol_of(fd, offset, name, sizeof(name)))
		return xstrdup(name);
	return xasprintf("%s+0x%" PRIx64, slash ? slash + 1 : path, offset);
}

char *proc_look_up(const void *arg, uint64_t addr)
{
	const struct proc *proc = arg;
	struct place p = { .addr = addr };
	char *name;
	int fd;

	if (!proc_each_mapping(proc, see_place, &p) || p.path[0] != '/')
		return xasprintf("0x%" PRIx64, addr);
	fd = open_mapped(proc->via, &p);
	name = file_symbol(fd, p.path, p.offset);
	if (fd >= 0)
		close(fd);
	return name;
}

const char *proc_symbol(struct proc_names *n, uint64_t addr)
{
	uint32_t at = key_map_get(&n->map, addr);

	if (at != WQ_SEG_NONE)
		return n->name[at];
	if (n->nr_lookups >= MAX_LOOKUPS)
		return NULL;
	n->nr_lookups++;
	n->name = xgrow(n->name, n->nr, &n->room, sizeof(*n->name));
	n->name[n->nr] = n->look_up(n->arg, addr);
	key_map_put(&n->map, addr, (uint32_t)n->nr);
	return n->name[n->nr++];
}

void proc_names_clear(struct proc_names *n)
{
	for (size_t i = 0; i < n->nr; i++)
		free(n->name[i]);
	free(n->name);
	key_map_free(&n->map);
	*n = (struct proc_names){ .look_up = n->look_up, .arg = n->arg };
}
