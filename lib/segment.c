/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * segment.c - the memory of the records that others read
 *
 * One memfd a process, sealed and mapped shared. Where there can be none, because a seccomp
 * filter or a limit forbids it, or on demand, the records are in private memory, and nobody sees
 * them. Tables have a fixed size; what does not fit gets a private record of its own.
 *
 * Slots are given out by bitmaps, without a lock: a flush takes one on its way to sleep.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define FD_MIN 100			/* below are the numbers that programs count on */
#define CHUNK_BYTES 16384u		/* of a table that are made usable at a time */

/* What follows from the geometry: slots of all tables in one bitmap, one behind the other. */
#define TABLE(name, type) \
	[WQ_SEG_##name##S] = { WQ_SEG_##name##S_AT, WQ_SEG_##name##_STRIDE, sizeof(struct type), \
			       WQ_SEG_MAX_##name##S, USED_##name##S }
enum {
	USED_WORKQUEUES = 0,
	USED_PWQS = USED_WORKQUEUES + WQ_SEG_MAX_WORKQUEUES / 64,
	USED_POOLS = USED_PWQS + WQ_SEG_MAX_PWQS / 64,
	USED_WORKERS = USED_POOLS + WQ_SEG_MAX_POOLS / 64,
	USED_WAITERS = USED_WORKERS + WQ_SEG_MAX_WORKERS / 64,
	USED_FUNCTIONS = USED_WAITERS + WQ_SEG_MAX_WAITERS / 64,
	USED_MISUSES = USED_FUNCTIONS + WQ_SEG_MAX_FUNCTIONS / 64,
	USED_WORDS = USED_MISUSES + WQ_SEG_MAX_MISUSES / 64,
};

static const struct table {
	u32 offset, stride, size, capacity;
	u32 used;			/* first word in the bitmap */
} tables[WQ_SEG_NR_TABLES] = {
	TABLE(WORKQUEUE, wq_seg_workqueue),
	TABLE(PWQ, wq_seg_pwq),
	TABLE(POOL, wq_seg_pool),
	TABLE(WORKER, wq_seg_worker),
	TABLE(WAITER, wq_seg_waiter),
	TABLE(FUNCTION, wq_seg_function),
	TABLE(MISUSE, wq_seg_misuse),
};

static u64 used[USED_WORDS];		/* A */
static u32 hint[WQ_SEG_NR_TABLES];	/* A: words below are full, probably */
static u32 usable[WQ_SEG_NR_TABLES];	/* A: records that memory was made for */
static u64 last_serial;			/* A */

static struct wq_seg_header early;
struct wq_seg_header *wq_seg = &early;
static char *base;			/* A: the segment, or NULL */
static int segment_fd = -ENOENT;	/* A: or why there is none */
static struct stat segment_stat;	/* what segment_fd was */

/* --- slots --- */

u64 record_serial(void)
{
	return __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
}

void *record_ptr(enum wq_seg_table_id id, u32 index)
{
	return load_relaxed(&base) + tables[id].offset + (size_t)index * tables[id].stride;
}

u32 record_index(enum wq_seg_table_id id, const void *record)
{
	uintptr_t at = (uintptr_t)record, from = (uintptr_t)load_relaxed(&base);
	const struct table *t = &tables[id];

	if (!from || at < from + t->offset ||
	    at >= from + t->offset + (size_t)t->capacity * t->stride)
		return WQ_SEG_NONE;
	return (u32)((at - from - t->offset) / t->stride);
}

/* A free slot of those from word @from on and before word @to, or -1. */
static int slot_search(const struct table *t, u32 from, u32 to)
{
	for (u32 word = from; word < to; word++) {
		u64 *map = &used[t->used + word], seen = load_relaxed(map);

		while (~seen) {
			u64 bit = ~seen & (seen + 1);

			seen = __atomic_fetch_or(map, bit, __ATOMIC_ACQUIRE);
			if (!(seen & bit))
				return (int)(word * 64) + __builtin_ctzll(bit);
		}
	}
	return -1;
}

static void slot_free(enum wq_seg_table_id id, u32 index)
{
	u32 word = index / 64;

	__atomic_fetch_and(&used[tables[id].used + word], ~(1ull << index % 64), __ATOMIC_RELEASE);
	if (word < load_relaxed(&hint[id]))
		store_relaxed(&hint[id], word);
}

/*
 * Have memory for the slot, now, when its lack is no more than a record that is not shown; and
 * let it into core files, which would be full of holes otherwise.
 */
static bool slot_usable(enum wq_seg_table_id id, u32 index)
{
	const struct table *t = &tables[id];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t chunk = page > CHUNK_BYTES ? page : CHUNK_BYTES;
	size_t from = (t->offset + (size_t)load_relaxed(&usable[id]) * t->stride) & ~(chunk - 1);
	size_t to = ((t->offset + (size_t)index * t->stride) & ~(chunk - 1)) + chunk;

	if (to > WQ_SEG_BYTES)
		to = WQ_SEG_BYTES;
	if (from >= to)			/* somebody else has just done it */
		return true;
	if (madvise(base + from, to - from, MADV_POPULATE_WRITE) && errno != EINVAL)
		return false;
	madvise(base + from, to - from, MADV_DODUMP);
	store_relaxed(&usable[id], (u32)((to - t->offset) / t->stride));
	return true;
}

static void table_grow(struct wq_seg_table *table, u32 nr)
{
	u32 seen = load_relaxed(&table->nr);

	while (seen < nr && !__atomic_compare_exchange_n(&table->nr, &seen, nr, true,
							 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static bool has_generation(enum wq_seg_table_id id)
{
	return id <= WQ_SEG_WORKERS;
}

static void *slot_begin(enum wq_seg_table_id id, u32 index)
{
	int saved = errno;
	bool ok = true;

	if (index >= load_relaxed(&usable[id]))
		ok = slot_usable(id, index);
	errno = saved;
	if (!ok)
		return NULL;
	table_grow(&wq_seg->table[id], index + 1);
	if (has_generation(id))
		process_count(generation);
	return record_ptr(id, index);
}

void *record_try(enum wq_seg_table_id id)
{
	const struct table *t = &tables[id];
	u32 from = load_relaxed(&hint[id]);
	void *record = NULL;
	int index;

	if (load_relaxed(&base)) {
		index = slot_search(t, from, t->capacity / 64);
		if (index < 0)
			index = slot_search(t, 0, from);
		if (index >= 0) {
			store_relaxed(&hint[id], (u32)index / 64);
			record = slot_begin(id, (u32)index);
			if (!record)
				slot_free(id, (u32)index);
		}
	}
	if (!record)
		process_count(table[id].left_out);
	return record;
}

void *record_new(enum wq_seg_table_id id)
{
	void *record = record_try(id);

	return record ? record : calloc(1, tables[id].stride);
}

void *record_at(enum wq_seg_table_id id, u32 index)
{
	void *record = NULL;

	if (load_relaxed(&base) && index < tables[id].capacity)
		record = slot_begin(id, index);
	if (!record)
		process_count(table[id].left_out);
	return record ? record : calloc(1, tables[id].stride);
}

/* Bytes are a multiple of 8. */
void record_put_bytes(void *to, const void *from, size_t bytes)
{
	u64 *words = to;

	for (size_t i = 0; i < bytes / sizeof(u64); i++) {
		u64 word;

		memcpy(&word, (const char *)from + i * sizeof(u64), sizeof(word));
		store_release(&words[i], word);
	}
}

void record_free(enum wq_seg_table_id id, void *record)
{
	static const u64 zero[512 / sizeof(u64)];
	u32 index = record_index(id, record), *head = record;

	if (!record)
		return;
	if (index == WQ_SEG_NONE) {
		free(record);
		return;
	}
	record_begin(head);
	store_release(&head[1], 0);
	record_put_bytes(head + 2, zero, tables[id].stride - 2 * sizeof(*head));
	record_end(head);
	slot_free(id, index);
	if (has_generation(id))
		process_count(generation);
}

/* --- the memfd --- */

/* Beyond this limit ftruncate() sends a signal that ends the program. */
static bool limit_allows(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur >= WQ_SEG_BYTES;
}

/* Returns the fd, or -errno. */
static int memfd_make(void)
{
	int fd, high;

	if (!limit_allows())
		return -EFBIG;
	fd = memfd_create(WQ_SEG_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(WQ_SEG_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_MIN);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	if (fchmod(fd, 0600) || ftruncate(fd, WQ_SEG_BYTES) || fstat(fd, &segment_stat)) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

/* Nobody can shrink it under a reader's or our own feet, or write to it but us. */
static int memfd_seal(int fd)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	if (!fcntl(fd, F_ADD_SEALS, seals | F_SEAL_FUTURE_WRITE))
		return 0;
	return fcntl(fd, F_ADD_SEALS, seals) ? -errno : 0;
}

static void *map(int prot_flags, int fd)
{
	void *at = mmap(NULL, WQ_SEG_BYTES, PROT_READ | PROT_WRITE, prot_flags, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Returns the mapping, or NULL; *fd is the fd, or -errno. */
static void *map_published(int *fd)
{
	void *at;
	int err;

	*fd = wq_publish ? memfd_make() : -ECANCELED;
	if (*fd < 0)
		return NULL;
	at = map(MAP_SHARED, *fd);
	err = at ? memfd_seal(*fd) : -errno;
	if (!err)
		return at;
	if (at)
		munmap(at, WQ_SEG_BYTES);
	close(*fd);
	*fd = err;
	return NULL;
}

/* --- the header --- */

/* Field 22 of /proc/self/stat, behind the name, which may hold anything. 0: unknown. */
static u64 start_time(void)
{
	char text[1024], *at;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

void segment_put_mask(u64 to[WQ_SEG_CPUS / 64], const struct cpumask *mask)
{
	u64 words[WQ_SEG_CPUS / 64] = { 0 };

	for (int cpu = cpumask_first(mask); cpu >= 0; cpu = cpumask_next(mask, cpu))
		words[cpu / 64] |= 1ull << cpu % 64;
	record_put_bytes(to, words, sizeof(words));
}

/* P, or before the start. */
void segment_cpus(void)
{
	struct wq_seg_header *h = load_acquire(&wq_seg);

	record_begin(&h->seq);
	segment_put_mask(h->cpus_allowed, cpus_allowed());
	segment_put_mask(h->unbound_cpus, cpus_unbound());
	record_end(&h->seq);
}

static void describe_process(struct wq_seg_header *h)
{
	struct timespec res;

	h->pid = (u32)getpid();
	h->start_time = start_time();
	h->start_ns = now_ns();
	h->start_real_ns = clock_ns(CLOCK_REALTIME);
	if (!clock_getres(CLOCK_MONOTONIC_COARSE, &res))
		h->coarse_ns = (u64)res.tv_nsec;
	snprintf(h->library, sizeof(h->library), "%s", WQKIT_VERSION);
	snprintf(h->program, sizeof(h->program), "%s", program_invocation_short_name);
	h->nr_cpus = (u32)wq_nr_cpus;
	h->nr_nodes = (u32)wq_nr_nodes;
	h->default_scope = (u32)wq_default_scope;
	h->mechanism = wq_use_tick ? WQ_SEG_BY_TICK : 0;
	h->flags = (wq_unmanaged ? WQ_SEG_UNMANAGED : 0) |
		   (access("/proc/self/task", X_OK) ? WQ_SEG_NO_PROC : 0) |
		   (rseq_is_used() ? 0 : WQ_SEG_NO_RSEQ);
}

static void describe_memory(struct wq_seg_header *h)
{
	h->work_bytes = sizeof(struct work_struct);
	h->work_data = offsetof(struct work_struct, data);
	h->work_entry = offsetof(struct work_struct, entry);
	h->work_func = offsetof(struct work_struct, func);
	h->barrier_tid = offsetof(struct wq_barrier, tid) - offsetof(struct wq_barrier, work);
	h->dwork_timer = offsetof(struct delayed_work, timer) - offsetof(struct delayed_work, work);
	h->dwork_wq = offsetof(struct delayed_work, wq) - offsetof(struct delayed_work, work);
	h->timer_entry = offsetof(struct timer_list, entry);
	h->timer_func = offsetof(struct timer_list, function);
	h->timer_due = offsetof(struct timer_list, due_ns);
	h->barrier_func = barrier_address();
	h->delayed_func = (uintptr_t)wq_delayed_work_timer_fn;
	h->timer_lists = timers_address(&h->nr_timer_lists);
}

static void describe_tables(struct wq_seg_header *h)
{
	h->nr_tables = WQ_SEG_NR_TABLES;
	for (int i = 0; i < WQ_SEG_NR_TABLES; i++) {
		h->table[i].offset = tables[i].offset;
		h->table[i].stride = tables[i].stride;
		h->table[i].size = tables[i].size;
		h->table[i].capacity = tables[i].capacity;
	}
}

/* Everything but the magic, which makes it valid. */
static void header_fill(struct wq_seg_header *h)
{
	h->major = WQ_SEG_MAJOR;
	h->minor = WQ_SEG_MINOR;
	h->byte_order = WQ_SEG_BYTE_ORDER;
	h->word_bytes = sizeof(long);
	h->header_size = sizeof(*h);
	h->segment_size = WQ_SEG_BYTES;
	describe_tables(h);
	describe_process(h);
	describe_memory(h);
}

/* --- life --- */

/* Choose the memory for the records. What is not possible is done without. */
void segment_start(void)
{
	struct wq_seg_header *h;
	char *at;
	int fd;

	if (base)			/* the first start failed later on */
		return;
	at = map_published(&fd);
	if (!at)
		at = map(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	if (at) {
		madvise(at, WQ_SEG_BYTES, MADV_NOHUGEPAGE);
		madvise(at + WQ_SEG_HEADER_BYTES, WQ_SEG_BYTES - WQ_SEG_HEADER_BYTES, MADV_DONTDUMP);
	}
	h = at ? (struct wq_seg_header *)(void *)at : &early;
	header_fill(h);
	h->misuses = load_relaxed(&early.misuses);
	if (fd >= 0)
		h->flags |= WQ_SEG_PUBLISHED;
	store_relaxed(&base, at);
	store_relaxed(&segment_fd, fd);
	store_release(&wq_seg, h);
	segment_cpus();
}

/* The pools are there: whoever finds the segment from now on may believe it. */
void segment_open(void)
{
	u64 word;

	memcpy(&word, WQ_SEG_MAGIC, sizeof(word));
	store_release((u64 *)(void *)wq_seg->magic, word);
}

/*
 * The child of a fork must not write to its parent's segment; it gets its own when it uses the
 * library again. The fd's number may be somebody else's by now.
 */
void segment_fork_child(void)
{
	struct stat st;
	int fd = segment_fd;

	if (fd >= 0 && !fstat(fd, &st) && st.st_dev == segment_stat.st_dev &&
	    st.st_ino == segment_stat.st_ino)
		close(fd);
	if (base)
		munmap(base, WQ_SEG_BYTES);
	base = NULL;
	segment_fd = -ENOENT;
	memset(&early, 0, sizeof(early));
	wq_seg = &early;
	memset(used, 0, sizeof(used));
	memset(hint, 0, sizeof(hint));
	memset(usable, 0, sizeof(usable));
}

int wq_segment_fd(void)
{
	int err = wq_start();

	return err ? -err : load_relaxed(&segment_fd);
}
