/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments in files: saved ones, and those in core files, which have the program's memory beside
 * them. The records are copied out of the file; from there on all is as with a live program.
 *
 * When a core was written is in no core. The latest moment that any record tells of is a lower
 * bound, and so are the ages that are counted from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_ELF
#include <gelf.h>
#endif

#include "input.h"
#include "source_proc.h"

/* Behind a saved segment. */
struct trailer {
	char magic[8];
	uint64_t mono_ns;
	int64_t real_ns;
};

static const char trailer_magic[8] = "wqsaved1";

/* A part of the program's memory that is in the file. */
struct load {
	uint64_t addr, offset, size;
};

struct file_source {
	struct source src;
	char *name;
	int fd;
	struct load *loads;
	size_t nr_loads, room;
	char *base;			/* the segment, put together again */
	struct seg_image img;
	struct memory memory;
	struct core_files files;	/* of a core file */
	struct proc_names names;
	struct works_limits limits;
	struct trailer when;		/* of a saved one */
	bool done;
};

/* --- the file's bytes, by the program's addresses --- */

static int compare_loads(const void *a, const void *b)
{
	const struct load *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* The last one that begins at @addr or before; they are sorted, and should not overlap. */
static const struct load *find_load(const struct file_source *fs, uint64_t addr)
{
	size_t from = 0, to = fs->nr_loads;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (fs->loads[middle].addr <= addr)
			from = middle + 1;
		else
			to = middle;
	}
	return from ? &fs->loads[from - 1] : NULL;
}

static bool read_addr(const struct file_source *fs, uint64_t addr, char *to, size_t bytes)
{
	const struct load *l = find_load(fs, addr);

	return l && addr - l->addr < l->size && bytes <= l->size - (addr - l->addr) &&
	       pread(fs->fd, to, bytes, (off_t)(l->offset + (addr - l->addr))) == (ssize_t)bytes;
}

static bool read_page(void *arg, uint64_t addr, char *page)
{
	if (read_addr(arg, addr, page, MEMORY_PAGE))
		return true;
	errno = EFAULT;
	return false;
}

static void add_load(struct file_source *fs, uint64_t addr, uint64_t offset, uint64_t size)
{
	fs->loads = xgrow(fs->loads, fs->nr_loads, &fs->room, sizeof(*fs->loads));
	fs->loads[fs->nr_loads++] = (struct load){ addr, offset, size };
}

/* Pages that are not in the file stay zero: no record of theirs was ever in use. */
static void read_range(struct file_source *fs, uint64_t base_addr, uint64_t at, uint64_t bytes)
{
	uint64_t end = at + bytes;

	for (at &= ~(uint64_t)(MEMORY_PAGE - 1); at < end; at += MEMORY_PAGE)
		read_addr(fs, base_addr + at, fs->base + at, MEMORY_PAGE);
}

/* Puts the segment at @base_addr together; -1 with @err if there is none. */
static int read_segment(struct file_source *fs, uint64_t base_addr, struct error *err)
{
	fs->base = mmap(NULL, WQ_SEG_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fs->base == MAP_FAILED) {
		fs->base = NULL;
		return error_set(err, "%s: no memory for its segment", fs->name);
	}
	read_range(fs, base_addr, 0, WQ_SEG_HEADER_BYTES);
	if (seg_check(fs->base, fs->name, &fs->img.head, err))
		return -1;
	for (int id = 0; id < WQ_SEG_NR_TABLES; id++) {
		uint64_t at, bytes = seg_used(&fs->img.head, (enum wq_seg_table_id)id, &at);

		read_range(fs, base_addr, at, bytes);
	}
	return 0;
}

/* --- core files --- */

#ifdef HAVE_ELF
static int read_loads(struct file_source *fs, Elf *elf)
{
	size_t nr = 0;
	GElf_Ehdr header;
	GElf_Phdr ph;

	if (!gelf_getehdr(elf, &header) || header.e_type != ET_CORE || elf_getphdrnum(elf, &nr))
		return -1;
	for (size_t i = 0; i < nr && i < INT32_MAX; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && ph.p_filesz)
			add_load(fs, ph.p_vaddr, ph.p_offset, ph.p_filesz);
	if (fs->nr_loads)
		qsort(fs->loads, fs->nr_loads, sizeof(*fs->loads), compare_loads);
	return 0;
}

static bool begins_segment(const struct file_source *fs, const struct load *l)
{
	char magic[8];

	return l->size >= WQ_SEG_HEADER_BYTES && read_addr(fs, l->addr, magic, sizeof(magic)) &&
	       !memcmp(magic, WQ_SEG_MAGIC, sizeof(magic));
}

static int open_core(struct file_source *fs, struct error *err)
{
	Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fs->fd, ELF_C_READ, NULL);
	int rc = elf ? read_loads(fs, elf) : -1;

	elf_end(elf);
	if (rc)
		return error_set(err, "%s is an ELF file, but no core file", fs->name);
	core_files_read(&fs->files, fs->fd);
	fs->names.look_up = core_symbol;
	fs->names.arg = &fs->files;
	for (size_t i = 0; i < fs->nr_loads; i++)
		if (begins_segment(fs, &fs->loads[i]))
			return read_segment(fs, fs->loads[i].addr, err);
	return error_set(err, "%s holds no segment: the program did not use libwq, or shared memory is "
			 "not dumped (bit 1 of /proc/PID/coredump_filter, see core(5))", fs->name);
}
#else
static int open_core(struct file_source *fs, struct error *err)
{
	return error_set(err, "%s is an ELF file, which this build cannot read: libelf was missing when "
			 "it was built; install it (make deps) and build again", fs->name);
}
#endif

/* --- saved segments --- */

static int open_saved(struct file_source *fs, off_t size, struct error *err)
{
	if (size < (off_t)WQ_SEG_BYTES)
		return error_set(err, "%s is cut: a saved segment has %u bytes", fs->name, WQ_SEG_BYTES);
	add_load(fs, 0, 0, WQ_SEG_BYTES);
	if (pread(fs->fd, &fs->when, sizeof(fs->when), WQ_SEG_BYTES) != (ssize_t)sizeof(fs->when) ||
	    memcmp(fs->when.magic, trailer_magic, sizeof(trailer_magic)))
		fs->when = (struct trailer){ .mono_ns = 0 };
	return read_segment(fs, 0, err);
}

static char *copy_of_rows(const void *base, enum wq_seg_table_id id, uint64_t at, uint64_t bytes)
{
	uint64_t stride = seg_stride(id);
	char *rows = xcalloc(1, bytes + 8);

	for (uint64_t i = 0; i < bytes; i += stride)
		if (!wq_seg_copy(rows + i, (const char *)base + at + i, stride, 0, 200))
			memset(rows + i, 0, stride);
	return rows;
}

static bool write_segment(int fd, const void *base, const struct seg_image *img)
{
	struct trailer when = { .mono_ns = mono_ns() + (uint64_t)img->clock_ns, .real_ns = real_ns() };
	struct wq_seg_header now = img->head;
	bool ok = true;

	for (int id = 0; id < WQ_SEG_NR_TABLES; id++)
		now.table[id].nr = __atomic_load_n(&((const struct wq_seg_header *)base)->table[id].nr,
						   __ATOMIC_ACQUIRE);
	memcpy(when.magic, trailer_magic, sizeof(trailer_magic));
	for (int id = 0; id < WQ_SEG_NR_TABLES && ok; id++) {
		uint64_t at, bytes = seg_used(&now, (enum wq_seg_table_id)id, &at);
		char *rows = copy_of_rows(base, (enum wq_seg_table_id)id, at, bytes);

		ok = pwrite(fd, rows, bytes, (off_t)at) == (ssize_t)bytes;
		free(rows);
	}
	now.seq = 0;
	return ok && pwrite(fd, &now, sizeof(now), 0) == (ssize_t)sizeof(now) &&
	       pwrite(fd, &when, sizeof(when), WQ_SEG_BYTES) == (ssize_t)sizeof(when);
}

int seg_save(const void *base, const struct seg_image *img, const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	bool ok;

	if (fd < 0)
		return error_set(err, "cannot write %s: %s", path, strerror(errno));
	errno = EIO;
	ok = write_segment(fd, base, img);
	if (close(fd))
		ok = false;
	return ok ? 0 : error_set(err, "cannot write %s: %s", path, strerror(errno));
}

/* --- as a source --- */

/* The latest moment that a record tells of. */
static uint64_t latest(const struct seg_image *img)
{
	uint64_t last = img->head.start_ns;

#define LATER(moment) \
	do { \
		if ((moment) > last) \
			last = (moment); \
	} while (0)
	for (uint32_t i = 0; i < img->table[WQ_SEG_WORKERS].nr; i++)
		if (seg_worker(img, i)) {
			LATER(seg_worker(img, i)->start_ns);
			LATER(seg_worker(img, i)->idle_since);
		}
	for (uint32_t i = 0; i < img->table[WQ_SEG_POOLS].nr; i++)
		if (seg_pool(img, i))
			LATER(seg_pool(img, i)->last_progress);
	for (uint32_t i = 0; i < img->table[WQ_SEG_WAITERS].nr; i++)
		LATER(((struct wq_seg_waiter *)seg_row(img, WQ_SEG_WAITERS, i))->since_ns);
#undef LATER
	return last;
}

static int file_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err)
{
	struct file_source *fs = (struct file_source *)src;
	struct proc_facts facts = { .ages_are_bounds = !fs->when.mono_ns,
				    .names = fs->names.look_up ? &fs->names : NULL };

	(void)kinds;
	(void)err;
	if (fs->done)
		return 1;
	fs->done = true;
	seg_picture(&fs->img, fs->base, &fs->memory, &fs->limits);
	fs->img.mono_ns = fs->when.mono_ns ? fs->when.mono_ns : latest(&fs->img);
	if (fs->img.why_no_items)
		fs->img.why_no_items = "works that wait are counted, not listed: a saved segment does not "
				       "hold them";
	seg_fill(s, &fs->img, &facts);
	s->source.file = snapshot_str(s, fs->name);
	s->time_ns = fs->when.real_ns > 0 ? fs->when.real_ns : 0;
	return 0;
}

static void file_close(struct source *src)
{
	struct file_source *fs = (struct file_source *)src;

	if (fs->base)
		munmap(fs->base, WQ_SEG_BYTES);
	seg_free(&fs->img);
	memory_free(&fs->memory);
	proc_names_clear(&fs->names);
	core_files_free(&fs->files);
	free(fs->loads);
	free(fs->name);
	close(fs->fd);
	free(fs);
}

static const struct source_ops file_ops = { .read = file_read, .close = file_close };

bool source_proc_file_is(const struct input *in)
{
	return in->head_len >= 8 && !in->unpack &&
	       (!memcmp(in->head, WQ_SEG_MAGIC, 8) || !memcmp(in->head, "\177ELF", 4));
}

struct source *source_proc_file_open(struct input *in, const struct source_options *o,
				     struct error *err)
{
	struct file_source *fs = xcalloc(1, sizeof(*fs));
	struct stat st;
	int rc;

	fs->src.ops = &file_ops;
	fs->src.kind = SOURCE_PROCESS;
	fs->name = xstrdup(in->name);
	fs->fd = in->fd;		/* taken over: it is not packed */
	fs->limits = works_limits(o->all_works);
	fs->memory = (struct memory){ .read_page = read_page, .arg = fs };
	fs->files.memory = &fs->memory;
	if (fstat(fs->fd, &st) || !S_ISREG(st.st_mode))
		rc = error_set(err, "%s: a core file, or a saved segment, must be a file that can be read "
			       "at any place, and no pipe", fs->name);
	else
		rc = in->head[0] == '\177' ? open_core(fs, err) : open_saved(fs, st.st_size, err);
	if (!rc)
		return &fs->src;
	file_close(&fs->src);
	return NULL;
}
