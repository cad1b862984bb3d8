/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * warn.c - what we tell the user: mistakes, and the names of functions
 *
 * A work function is usually static, so the dynamic symbol table does not know it. Only when a
 * message is printed we read the file's own symbol table; a stripped file gives module+offset.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

void (*wq_event_hook)(enum wq_event_type type, int req_cpu, struct pool_workqueue *pwq,
		      struct work_struct *work, work_func_t func);

static void print_line(const char *fmt, va_list args)
{
	char line[512];
	int n = vsnprintf(line, sizeof(line) - 1, fmt, args);
	ssize_t done;

	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	done = write(STDERR_FILENO, line, (size_t)n);
	(void)done;
}

void wq_print(const char *fmt, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, fmt);
	print_line(fmt, args);
	va_end(args);
	errno = saved;
}

/* --- mistakes --- */

/* Each segment's number, at which its slots begin. */
static u32 first_slot = 1;		/* A */

void misuses_fork_child(void)
{
	first_slot += WQ_SEG_MAX_MISUSES;
}

/* The site's record; made, with what was said, by whoever comes first. NULL: there is no room. */
static struct wq_seg_misuse *misuse_record(struct misuse_site *site, const char *text)
{
	u32 first = load_relaxed(&first_slot), slot = load_acquire(&site->slot);
	struct wq_seg_misuse *rec;
	char line[sizeof(rec->text)] = "";

	if (slot >= first)
		return record_ptr(WQ_SEG_MISUSES, slot - first);
	rec = record_try(WQ_SEG_MISUSES);
	if (!rec)
		return NULL;
	if (!__atomic_compare_exchange_n(&site->slot, &slot,
					 first + record_index(WQ_SEG_MISUSES, rec), false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		record_free(WQ_SEG_MISUSES, rec);
		return slot >= first ? record_ptr(WQ_SEG_MISUSES, slot - first) : NULL;
	}
	snprintf(line, sizeof(line), "%.*s", (int)sizeof(line) - 1, text);
	record_begin(&rec->seq);
	record_put_bytes(rec->text, line, sizeof(line));
	record_end(&rec->seq);
	return rec;
}

void wq_misuse(struct misuse_site *site, bool once, const char *fmt, ...)
{
	bool said = __atomic_exchange_n(&site->said, 1, __ATOMIC_RELAXED);
	struct wq_seg_misuse *rec;
	int saved = errno;
	char text[512];
	va_list args;

	process_count(misuses);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	rec = misuse_record(site, text);
	if (rec) {
		__atomic_fetch_add(&rec->nr, 1, __ATOMIC_RELAXED);
		record_set(rec, last_ns, coarse_ns());
	}
	if (!said || !once)
		wq_print("%s", text);
	errno = saved;
}

uint64_t wq_misuse_count(void)
{
	return load_relaxed(&load_acquire(&wq_seg)->misuses);
}

void wq_bug(const char *what, const char *file, int line)
{
	wq_print("libwq: BUG at %s:%d: %s; please report it", file, line, what);
	abort();
}

/* --- names that the program told --- */

enum { NAME_FREE, NAME_TOLD, NAME_SHOWN };

static struct {
	u32 state;			/* A: NAME_* */
	work_func_t func;		/* I */
	char name[sizeof(((struct wq_seg_function *)0)->name)];	/* I */
} told[WQ_SEG_MAX_FUNCTIONS];
static u32 nr_names;			/* A: slots given out, or more */
static bool names_shown;		/* A: there is a segment to show them in */

static u32 names_end(void)
{
	u32 nr = load_relaxed(&nr_names);

	return nr < ARRAY_SIZE(told) ? nr : (u32)ARRAY_SIZE(told);
}

static const char *name_told(work_func_t func)
{
	for (u32 i = 0; i < names_end(); i++)
		if (load_acquire(&told[i].state) != NAME_FREE && told[i].func == func)
			return told[i].name;
	return NULL;
}

/* Whoever changes the state writes the record. */
static void name_show(u32 i)
{
	u32 before = NAME_TOLD;
	struct wq_seg_function *rec;

	if (!__atomic_compare_exchange_n(&told[i].state, &before, NAME_SHOWN, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	rec = record_try(WQ_SEG_FUNCTIONS);
	if (!rec)
		return;
	record_begin(&rec->seq);
	record_put(rec, address, (uintptr_t)told[i].func);
	record_put_bytes(rec->name, told[i].name, sizeof(rec->name));
	record_end(&rec->seq);
}

void names_show(void)
{
	__atomic_store_n(&names_shown, true, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < names_end(); i++)
		name_show(i);
}

void names_fork_child(void)
{
	names_shown = false;
	for (u32 i = 0; i < names_end(); i++)
		if (told[i].state == NAME_SHOWN)
			told[i].state = NAME_TOLD;
}

void wq_function_name(uint32_t *said, work_func_t func, const char *name)
{
	u32 i;

	if ((said && __atomic_exchange_n(said, 1, __ATOMIC_RELAXED)) || name_told(func))
		return;
	i = __atomic_fetch_add(&nr_names, 1, __ATOMIC_RELAXED);
	if (i >= ARRAY_SIZE(told)) {
		store_relaxed(&nr_names, (u32)ARRAY_SIZE(told));
		process_count(table[WQ_SEG_FUNCTIONS].left_out);
		return;
	}
	told[i].func = func;
	strncpy(told[i].name, name, sizeof(told[i].name) - 1);
	__atomic_store_n(&told[i].state, NAME_TOLD, __ATOMIC_SEQ_CST);
	/* either we see that there is a segment, or names_show() sees the name */
	if (__atomic_load_n(&names_shown, __ATOMIC_SEQ_CST))
		name_show(i);
}

/* --- names that the program's file knows --- */

/* A file of ours, mapped; every offset in it is checked before it is used. */
struct elf_file {
	const char *base;
	size_t size;
};

static const void *elf_at(const struct elf_file *elf, u64 off, u64 len)
{
	return off <= elf->size && len <= elf->size - off ? elf->base + off : NULL;
}

static const char *symtab_find(const struct elf_file *elf, const ElfW(Shdr) *sec,
			       const ElfW(Shdr) *strings, u64 addr, u64 *off)
{
	const ElfW(Sym) *sym = elf_at(elf, sec->sh_offset, sec->sh_size);
	const char *names = elf_at(elf, strings->sh_offset, strings->sh_size), *found = NULL;
	u64 best = 0;

	if (!sym || !names || !strings->sh_size || names[strings->sh_size - 1])
		return NULL;
	for (u64 i = 0; i < sec->sh_size / sizeof(*sym); i++) {
		u64 len = sym[i].st_size ? sym[i].st_size : 1;

		if ((sym[i].st_info & 15) != STT_FUNC || sym[i].st_shndx == SHN_UNDEF ||
		    addr < sym[i].st_value || addr - sym[i].st_value >= len ||
		    sym[i].st_name >= strings->sh_size)
			continue;
		if (!found || sym[i].st_value > best) {
			best = sym[i].st_value;
			found = names + sym[i].st_name;
		}
	}
	*off = addr - best;
	return found;
}

static const char *elf_find(const struct elf_file *elf, u64 addr, u64 *off)
{
	const ElfW(Ehdr) *head = elf_at(elf, 0, sizeof(*head));
	const ElfW(Shdr) *sec;

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) ||
	    head->e_shentsize != sizeof(ElfW(Shdr)))
		return NULL;
	sec = elf_at(elf, head->e_shoff, (u64)head->e_shnum * sizeof(*sec));
	for (int i = 0; sec && i < head->e_shnum; i++)
		if (sec[i].sh_type == SHT_SYMTAB && sec[i].sh_link < head->e_shnum)
			return symtab_find(elf, &sec[i], &sec[sec[i].sh_link], addr, off);
	return NULL;
}

/* Look addr, as the file's symbols have it, up in the file's own symbol table. */
static bool file_func_name(const char *path, u64 addr, char *buf, size_t size)
{
	struct elf_file elf = { NULL, 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *name = NULL;
	struct stat st;
	u64 off = 0;
	void *map;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && st.st_size > 0) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED) {
			elf.base = map;
			elf.size = (size_t)st.st_size;
			name = elf_find(&elf, addr, &off);
			if (name && off)
				snprintf(buf, size, "%.120s+0x%llx", name, (unsigned long long)off);
			else if (name)
				snprintf(buf, size, "%.120s", name);
			munmap(map, elf.size);
		}
	}
	close(fd);
	return name;
}

/*
 * The file that the function is in, and its address there. The program's own name may be one that
 * was found by PATH, or has become another file's, so it is not opened by that.
 */
static bool func_file(work_func_t func, Dl_info *info, const char **path, u64 *addr)
{
	struct link_map *map = NULL;
	void *extra;

	if (!dladdr1((void *)(uintptr_t)func, info, &extra, RTLD_DL_LINKMAP) || !info->dli_fname)
		return false;
	map = extra;
	*path = map && map->l_name[0] ? map->l_name : "/proc/self/exe";
	*addr = (u64)((uintptr_t)func - (map ? (uintptr_t)map->l_addr : (uintptr_t)info->dli_fbase));
	return true;
}

const char *func_name(work_func_t func, char *buf, size_t size)
{
	const char *file, *path;
	int saved = errno;
	Dl_info info;
	u64 addr;

	if (!func || !func_file(func, &info, &path, &addr)) {
		snprintf(buf, size, "%p", (void *)(uintptr_t)func);
	} else if (info.dli_sname && info.dli_saddr == (void *)(uintptr_t)func) {
		snprintf(buf, size, "%s", info.dli_sname);
	} else if (!file_func_name(path, addr, buf, size) &&
		   !file_func_name(info.dli_fname, addr, buf, size)) {
		file = strrchr(info.dli_fname, '/');
		if (name_told(func))
			snprintf(buf, size, "%s", name_told(func));
		else
			snprintf(buf, size, "%.100s+0x%llx", file ? file + 1 : info.dli_fname,
				 (unsigned long long)((uintptr_t)func - (uintptr_t)info.dli_fbase));
	}
	errno = saved;
	return buf;
}
