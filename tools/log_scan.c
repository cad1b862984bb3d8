/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines to records. A record holds the lines of one dump, or of backtraces
 * that belong together, each once however many consoles printed it.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Lines that are looked at one by one behind the last one of interest. */
#define NEAR_LINES 32
/* A dump ends where so many lines, or so much time, have nothing of it. */
#define FAR_LINES 500
#define FAR_NS (60 * NSEC_PER_SEC)
#define TRACE_FAR_NS NSEC_PER_SEC
/* At the beginning of a log that was cut, a dump may begin with anything. */
#define FIRST_LINES 32

#define NR_SLOTS 4096
#define MAX_HOGS 65536

struct log_scan {
	struct log_reader *reader;
	struct log_record *rec;		/* being filled, or NULL */
	struct log_record *ready;	/* to be returned */
	uint64_t nr_records;
	uint64_t near_until, last_nr;	/* lines */
	char *release, *host;
	uint64_t nr_lines;
	bool sysrq;			/* a line says that sysrq-t comes */
	/* the record's production that may go on */
	struct {
		enum log_class cls;
		char *text;
		size_t len, room;
	} open;
	bool in_worker, in_traces;	/* frames are of interest */
	bool has_body;			/* more of the dump than its lockup lines */
	uint64_t last_mono_ns;		/* of the record's last line; 0: unknown */
	/*
	 * A run of lines that repeats entries [run, run + run_len), which were
	 * the last ones; so far run_done of them have come.
	 */
	size_t run, run_len, run_done;
	uint64_t run_line;
	uint32_t slot[NR_SLOTS];	/* the last entry + 1 of a hash */
	struct log_hogs hogs;
	struct log_map hog_map;
	char *hog_line;			/* a "hogged CPU" line that was wrapped */
	size_t hog_len, hog_room;
	uint64_t hog_until;
};

struct log_scan *scan_open(struct input *in)
{
	struct log_scan *s = xcalloc(1, sizeof(*s));

	s->reader = reader_open(in);
	s->near_until = FIRST_LINES;
	return s;
}

void record_free(struct log_record *r)
{
	if (!r)
		return;
	free(r->entries);
	free(r->text);
	free(r->release);
	free(r);
}

void scan_close(struct log_scan *s)
{
	reader_close(s->reader);
	record_free(s->rec);
	record_free(s->ready);
	for (size_t i = 0; i < s->hogs.nr; i++)
		free(s->hogs.list[i].function);
	free(s->hogs.list);
	map_free(&s->hog_map);
	free(s->hog_line);
	free(s->open.text);
	free(s->release);
	free(s->host);
	free(s);
}

const struct log_hogs *scan_hogs(const struct log_scan *s)
{
	return &s->hogs;
}

const char *scan_host(const struct log_scan *s)
{
	return s->host;
}

uint64_t scan_lines(const struct log_scan *s)
{
	return s->nr_lines;
}

const char *scan_error(const struct log_scan *s)
{
	return reader_error(s->reader);
}

uint64_t log_hash(const char *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* What two lines of one moment have in common; 0 without a stamp. */
static uint64_t stamp_key(const struct log_line *line)
{
	if (line->has_mono)
		return line->mono_ns + 1;
	return line->stamp ? log_hash(line->stamp, line->stamp_len) | 1 : 0;
}

/* --- hogs --- */

static struct hog_count *find_hog(struct log_scan *s, const char *function, size_t n,
				  uint64_t threshold_ns)
{
	struct log_hogs *hogs = &s->hogs;
	uint64_t key = log_hash(function, n) ^ threshold_ns;
	size_t at = map_get(&s->hog_map, key);
	struct hog_count *h;

	if (at)
		return &hogs->list[at - 1];
	if (hogs->nr == MAX_HOGS) {
		hogs->left_out++;
		return NULL;
	}
	hogs->list = xgrow(hogs->list, hogs->nr, &hogs->room, sizeof(*hogs->list));
	h = &hogs->list[hogs->nr++];
	*map_at(&s->hog_map, key) = hogs->nr;
	h->function = xcalloc(1, n + 1);
	memcpy(h->function, function, n);
	h->threshold_ns = threshold_ns;
	return h;
}

/* False if the line is not all there. */
static bool add_hog(struct log_scan *s, const char *text, size_t len, const struct log_line *line)
{
	const char *function;
	uint64_t threshold_ns, times, key = stamp_key(line);
	struct hog_count *h;
	size_t n;

	if (!log_hog(text, len, &function, &n, &threshold_ns, &times))
		return false;
	h = find_hog(s, function, n < 256 ? n : 256, threshold_ns);
	if (!h || (key && h->last_key == key && times == h->times - h->before))
		return true;
	if (times < h->times - h->before)
		h->before = h->times;	/* the next boot counts from 0 */
	if (__builtin_add_overflow(h->before, times, &h->times))
		h->times = UINT64_MAX;
	h->lines++;
	h->last_key = key;
	h->has_mono = line->has_mono;
	h->last_mono_ns = line->mono_ns;
	return true;
}

static void hog_line(struct log_scan *s, const char *text, size_t len, const struct log_line *line)
{
	if (add_hog(s, text, len, line) || len > 512)
		return;
	s->hog_line = xgrow(s->hog_line, len + 1, &s->hog_room, 1);
	memcpy(s->hog_line, text, len);
	s->hog_len = len;
	s->hog_until = line->nr + 2;
}

/* The second half of a wrapped one? */
static bool hog_rest(struct log_scan *s, const struct log_line *line)
{
	size_t len = s->hog_len;

	if (!len || line->nr > s->hog_until || line->len > 512)
		return false;
	s->hog_line = xgrow(s->hog_line, len + line->len + 1, &s->hog_room, 1);
	s->hog_line[len] = ' ';
	memcpy(s->hog_line + len + 1, line->text, line->len);
	if (!add_hog(s, s->hog_line, len + 1 + line->len, line))
		return false;
	s->hog_len = 0;
	return true;
}

/* --- the record --- */

static void open_record(struct log_scan *s)
{
	s->rec = xcalloc(1, sizeof(*s->rec));
	s->rec->release = s->release ? xstrdup(s->release) : NULL;
	s->open.cls = LOG_OTHER;
	s->in_worker = s->in_traces = s->has_body = false;
	s->last_mono_ns = 0;
	s->run_len = 0;
	memset(s->slot, 0, sizeof(s->slot));
}

/* The text of the production that may go on, for log_continues(). */
static void set_open(struct log_scan *s, enum log_class cls, const char *text, size_t len)
{
	if (cls != LOG_CONT) {
		s->open.cls = cls;
		s->open.len = 0;
	}
	if (len > 4096) {	/* its end is enough */
		text += len - 4096;
		len = 4096;
	}
	if (s->open.len > 65536)
		s->open.len = 0;
	s->open.text = xgrow(s->open.text, s->open.len + len, &s->open.room, 1);
	memcpy(s->open.text + s->open.len, text, len);
	s->open.len += len;
}

static void store(struct log_scan *s, enum log_class cls, const char *text, size_t len,
		  const struct log_line *line)
{
	struct log_record *r = s->rec;
	size_t stamp_len = line->stamp_len < 64 ? line->stamp_len : 64;
	struct log_entry *e;

	if (r->nr == MAX_RECORD_LINES || r->len + len + stamp_len > MAX_RECORD_BYTES) {
		if (!r->cut)
			r->cut_line = line->nr;
		r->cut = true;
		return;
	}
	r->entries = xgrow(r->entries, r->nr, &r->room, sizeof(*e));
	e = &r->entries[r->nr++];
	r->text = xgrow(r->text, r->len + len + stamp_len, &r->text_room, 1);
	memcpy(r->text + r->len, text, len);
	if (stamp_len)
		memcpy(r->text + r->len + len, line->stamp, stamp_len);
	*e = (struct log_entry){ .off = (uint32_t)r->len, .len = (uint32_t)len, .nr = line->nr,
				 .key = stamp_key(line), .mono_ns = line->mono_ns,
				 .real_ns = line->real_ns, .cls = (uint8_t)cls,
				 .has_mono = line->has_mono, .glue = line->glue,
				 .unterminated = line->unterminated,
				 .stamp_len = (uint8_t)stamp_len };
	r->len += len + stamp_len;
	s->slot[(log_hash(text, len) ^ e->key) % NR_SLOTS] = (uint32_t)r->nr;
}

static bool is_dump_line(enum log_class cls)
{
	return cls >= LOG_LOCKUP && cls <= LOG_POOL;
}

static void note_class(struct log_scan *s, enum log_class cls)
{
	struct log_record *r = s->rec;

	if (is_dump_line(cls))
		r->has_dump = true;
	if (cls == LOG_LOCKUP)
		r->cause = "lockup";
	else if (cls == LOG_FREEZABLE)
		r->cause = "freeze";
	else if (cls == LOG_DESTROY)
		r->cause = "destroy";
	else if (cls == LOG_BUSY && !r->cause && s->sysrq)
		r->cause = "sysrq";
	if (cls == LOG_BUSY)
		s->sysrq = false;
	if (cls == LOG_TRACES)
		s->in_traces = true;
	if (is_dump_line(cls) && cls != LOG_LOCKUP && cls != LOG_DESTROY)
		s->has_body = true;
	if (cls == LOG_TRACE_WQ)
		r->has_worker = s->in_worker = true;
	else if (cls == LOG_TASK || cls == LOG_CPU || is_dump_line(cls))
		s->in_worker = false;
}

/* A line of interest that is not a repetition. */
static void add_line(struct log_scan *s, enum log_class cls, const char *text, size_t len,
		     const struct log_line *line)
{
	note_class(s, cls);
	if (cls != LOG_FRAME || s->in_worker || s->in_traces)
		store(s, cls, text, len, line);
	set_open(s, cls, text, len);
	if (line->has_mono)
		s->last_mono_ns = line->mono_ns;
}

/* --- repetitions --- */

static bool same(const struct log_scan *s, size_t entry, const char *text, size_t len,
		 uint64_t key)
{
	const struct log_entry *e = &s->rec->entries[entry];

	return e->key == key && e->len == len && !memcmp(entry_text(s->rec, e), text, len);
}

/* The last entry + 1 that equals the line, or 0. */
static size_t find_entry(const struct log_scan *s, const char *text, size_t len, uint64_t key)
{
	uint32_t entry = s->slot[(log_hash(text, len) ^ key) % NR_SLOTS];

	return entry && same(s, entry - 1, text, len, key) ? entry : 0;
}

/* Has the record this line already? Without a stamp only the last line counts. */
static bool repeats(const struct log_scan *s, const char *text, size_t len, uint64_t key)
{
	size_t entry = find_entry(s, text, len, key);

	return entry && (key || entry == s->rec->nr);
}

/* The run was no repetition: its lines count. They equal what they seemed to repeat. */
static void replay_run(struct log_scan *s)
{
	size_t first = s->run, done = s->run_done;
	uint64_t nr = s->run_line;

	s->run_len = 0;
	for (size_t i = 0; i < done; i++) {
		struct log_entry e = s->rec->entries[first + i];
		char *text = xcalloc(1, (size_t)e.len + e.stamp_len + 1);
		struct log_line line = { .nr = nr + i, .has_mono = e.has_mono,
					 .mono_ns = e.mono_ns, .real_ns = e.real_ns,
					 .glue = e.glue, .stamp_len = e.stamp_len };

		memcpy(text, entry_text(s->rec, &e), (size_t)e.len + e.stamp_len);
		line.stamp = e.stamp_len ? text + e.len : NULL;
		add_line(s, (enum log_class)e.cls, text, e.len, &line);
		free(text);
	}
}

/* The run is complete: dropped, or, where the moments are unknown, kept with a warning. */
static void end_run(struct log_scan *s)
{
	struct log_record *r = s->rec;
	const struct log_entry *e = &r->entries[s->run];

	if (e->key) {
		s->run_len = 0;
		return;
	}
	if (!r->repeats_line) {
		r->repeats_line = e->nr;
		r->repeated_line = s->run_line;
	}
	replay_run(s);
}

/* Does the line go on with, or begin, a run that was there before? */
static bool in_run(struct log_scan *s, enum log_class cls, const char *text, size_t len,
		   const struct log_line *line)
{
	uint64_t key = stamp_key(line);
	size_t entry;

	if (s->run_len) {
		if (same(s, s->run + s->run_done, text, len, key)) {
			if (++s->run_done == s->run_len)
				end_run(s);
			return true;
		}
		if (cls == LOG_OTHER)
			return true;
		replay_run(s);
	}
	if (cls == LOG_OTHER || (cls == LOG_FRAME && !key))
		return false;
	entry = find_entry(s, text, len, key);
	if (!entry)
		return false;
	s->run = entry - 1;
	s->run_len = s->rec->nr - s->run;
	s->run_done = 1;
	s->run_line = line->nr;
	if (s->run_len == 1)
		end_run(s);
	return true;
}

/* --- where records begin and end --- */

static bool close_record(struct log_scan *s)
{
	struct log_record *r = s->rec;

	if (!r)
		return false;
	if (s->run_len)
		replay_run(s);
	s->rec = NULL;
	if (!r->has_dump && !r->has_worker) {
		record_free(r);
		return false;
	}
	if (!r->has_dump)
		r->cause = "backtrace";
	r->number = ++s->nr_records;
	s->ready = r;
	return true;
}

/* Has the record said enough that @cls begins another one? */
static bool begins_another(const struct log_scan *s, enum log_class cls,
			   const struct log_line *line)
{
	const struct log_record *r = s->rec;
	uint64_t gap = line->has_mono && s->last_mono_ns && line->mono_ns > s->last_mono_ns
		       ? line->mono_ns - s->last_mono_ns : 0;

	bool apart = gap > TRACE_FAR_NS || (!line->has_mono && line->nr > s->last_nr + 20);

	if (line->nr > s->last_nr + FAR_LINES || gap > FAR_NS)
		return true;
	if (cls == LOG_CPU || (cls == LOG_TASK && !s->in_traces))
		return r->has_dump && apart;
	if (is_dump_line(cls) && !r->has_dump)
		return apart && !s->sysrq;
	return s->has_body && (cls == LOG_BUSY || cls == LOG_FREEZABLE || cls == LOG_DESTROY ||
			       cls == LOG_LOCKUP);
}

/* Which lines begin a record? Lists alone do only where a log was cut. */
static bool begins_record(enum log_class cls, const char *text, size_t len,
			  const struct log_line *line)
{
	switch (cls) {
	case LOG_IN_FLIGHT:
	case LOG_PENDING:
	case LOG_INACTIVE:
		return line->nr <= FIRST_LINES && log_is_list(text, len, cls == LOG_IN_FLIGHT);
	case LOG_PWQ:
		return true;
	case LOG_POOL:
		return log_find(text, len, ": cpus=");
	default:
		return is_dump_line(cls) || cls == LOG_TASK || cls == LOG_CPU ||
		       cls == LOG_TRACE_WQ;
	}
}

static void set_banner(struct log_scan *s, const char *text, size_t len)
{
	const char *release = text + strlen("Linux version ");
	size_t n = 0;

	len -= strlen("Linux version ");
	while (n < len && n < 128 && release[n] != ' ')
		n++;
	free(s->release);
	s->release = xcalloc(1, n + 1);
	memcpy(s->release, release, n);
}

static void note_host(struct log_scan *s, const struct log_line *line)
{
	if (s->host || !line->host)
		return;
	s->host = xcalloc(1, line->host_len + 1);
	memcpy(s->host, line->host, line->host_len);
}

/* Adds the line to the open record, or opens one, if it is of interest. */
static void add_interesting(struct log_scan *s, enum log_class cls, const char *text, size_t len,
			    const struct log_line *line)
{
	if (!s->rec) {
		if (!begins_record(cls, text, len, line))
			return;
		open_record(s);
	}
	if (in_run(s, cls, text, len, line)) {
		s->last_nr = line->nr;
		s->near_until = line->nr + NEAR_LINES;
		return;
	}
	if (cls == LOG_OTHER && log_continues(s->open.cls, s->open.text, s->open.len, line))
		cls = LOG_CONT;
	if (cls == LOG_OTHER)
		return;
	add_line(s, cls, text, len, line);
	note_host(s, line);
	s->last_nr = line->nr;
	s->near_until = line->nr + NEAR_LINES;
}

/* True if a record is ready; the line has been dealt with all the same. */
static bool scan_line(struct log_scan *s, const struct log_line *line)
{
	const char *text = line->text;
	size_t len = line->len;
	enum log_class cls = log_classify(&text, &len, !line->stamp);
	bool ready = false;

	if (cls == LOG_HOG) {
		hog_line(s, text, len, line);
		return false;
	}
	if (cls == LOG_OTHER && hog_rest(s, line))
		return false;
	if (cls == LOG_SYSRQ)
		s->sysrq = true;
	if (cls == LOG_BANNER || (cls == LOG_SYSRQ && s->rec && s->rec->has_dump)) {
		ready = close_record(s);
		if (cls == LOG_BANNER)
			set_banner(s, text, len);
		return ready;
	}
	if (s->rec && cls != LOG_OTHER && !s->run_len && begins_another(s, cls, line) &&
	    !repeats(s, text, len, stamp_key(line)))
		ready = close_record(s);
	add_interesting(s, cls, text, len, line);
	return ready;
}

struct log_record *scan_next(struct log_scan *s)
{
	struct log_line line;
	struct log_record *r = NULL;

	while (!s->ready) {
		if (s->nr_lines >= s->near_until) {
			if (!reader_skip(s->reader, s->rec && s->rec->has_dump &&
						    s->nr_lines < s->last_nr + FAR_LINES))
				break;
			s->near_until = 0;
		}
		if (!reader_next(s->reader, &line))
			break;
		s->nr_lines = line.nr;
		if (!s->near_until)
			s->near_until = line.nr + NEAR_LINES;
		scan_line(s, &line);
	}
	if (!s->ready)
		close_record(s);
	r = s->ready;
	s->ready = NULL;
	return r;
}
