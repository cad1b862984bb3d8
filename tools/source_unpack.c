/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packed input: gzip, xz and zstd, each if its library was there at build time.
 * Several parts behind each other (as from logrotate and cat) are one file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "input.h"

#define MAX_UNPACK_BYTES (UINT64_C(512) << 20)	/* of memory, for a decoder's window */

enum step { STEP_MORE, STEP_END, STEP_BROKEN };

struct codec {
	const char *name;
	const char *magic;
	size_t magic_len;
	bool (*open)(struct unpack *u);
	/* Decodes from packed[at..len) into @buf, and tells how much of both was used. */
	enum step (*step)(struct unpack *u, void *buf, size_t size, size_t *done);
	bool (*reset)(struct unpack *u);	/* for the next part */
	void (*close)(struct unpack *u);
};

struct unpack {
	const struct codec *codec;
	struct input raw;
	unsigned char packed[65536];
	size_t at, len;
	bool raw_end;		/* no packed bytes are left to read */
	bool between;		/* the last part has ended, no other has begun */
	const char *why;
#ifdef HAVE_ZLIB
	z_stream z;
#endif
#ifdef HAVE_LZMA
	lzma_stream xz;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
};

#ifdef HAVE_ZLIB
static bool gzip_open(struct unpack *u)
{
	return inflateInit2(&u->z, 15 + 16) == Z_OK;	/* with gzip's header */
}

static enum step gzip_step(struct unpack *u, void *buf, size_t size, size_t *done)
{
	int rc;

	u->z.next_in = u->packed + u->at;
	u->z.avail_in = (uInt)(u->len - u->at);
	u->z.next_out = buf;
	u->z.avail_out = (uInt)size;
	rc = inflate(&u->z, Z_NO_FLUSH);
	u->at = u->len - u->z.avail_in;
	*done = size - u->z.avail_out;
	return rc == Z_STREAM_END ? STEP_END
	       : rc == Z_OK || rc == Z_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

static bool gzip_reset(struct unpack *u)
{
	return inflateReset(&u->z) == Z_OK;
}

static void gzip_close(struct unpack *u)
{
	inflateEnd(&u->z);
}
#endif

#ifdef HAVE_LZMA
static bool xz_open(struct unpack *u)
{
	return lzma_stream_decoder(&u->xz, MAX_UNPACK_BYTES, 0) == LZMA_OK;
}

static enum step xz_step(struct unpack *u, void *buf, size_t size, size_t *done)
{
	lzma_ret rc;

	u->xz.next_in = u->packed + u->at;
	u->xz.avail_in = u->len - u->at;
	u->xz.next_out = buf;
	u->xz.avail_out = size;
	rc = lzma_code(&u->xz, LZMA_RUN);
	u->at = u->len - u->xz.avail_in;
	*done = size - u->xz.avail_out;
	return rc == LZMA_STREAM_END ? STEP_END
	       : rc == LZMA_OK || rc == LZMA_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

static void xz_close(struct unpack *u)
{
	lzma_end(&u->xz);
}
#endif

#ifdef HAVE_ZSTD
static bool zstd_open(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	return u->zstd;
}

static enum step zstd_step(struct unpack *u, void *buf, size_t size, size_t *done)
{
	ZSTD_inBuffer in = { u->packed + u->at, u->len - u->at, 0 };
	ZSTD_outBuffer out = { buf, size, 0 };
	size_t rc = ZSTD_decompressStream(u->zstd, &out, &in);

	u->at += in.pos;
	*done = out.pos;
	return ZSTD_isError(rc) ? STEP_BROKEN : rc ? STEP_MORE : STEP_END;
}

static bool zstd_reset(struct unpack *u)
{
	return !ZSTD_isError(ZSTD_initDStream(u->zstd));
}

static void zstd_close(struct unpack *u)
{
	ZSTD_freeDStream(u->zstd);
}
#endif

/* A codec without functions was left out of this build. */
static const struct codec codecs[] = {
	{ "gzip", "\x1f\x8b", 2,
#ifdef HAVE_ZLIB
	  gzip_open, gzip_step, gzip_reset, gzip_close
#else
	  NULL, NULL, NULL, NULL
#endif
	},
	{ "xz", "\xfd" "7zXZ", 6,	/* its sixth byte is the string's NUL */
#ifdef HAVE_LZMA
	  xz_open, xz_step, xz_open, xz_close
#else
	  NULL, NULL, NULL, NULL
#endif
	},
	{ "zstd", "\x28\xb5\x2f\xfd", 4,
#ifdef HAVE_ZSTD
	  zstd_open, zstd_step, zstd_reset, zstd_close
#else
	  NULL, NULL, NULL, NULL
#endif
	},
};

static const struct codec *find_codec(const struct input *in)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (in->head_len >= codecs[i].magic_len &&
		    !memcmp(in->head, codecs[i].magic, codecs[i].magic_len))
			return &codecs[i];
	return NULL;
}

static ssize_t broken(struct unpack *u, const char *why)
{
	u->why = why;
	errno = EBADMSG;
	return -1;
}

/* More packed bytes; false at their end or if they cannot be read. */
static bool refill(struct unpack *u)
{
	ssize_t n;

	if (u->at < u->len)
		return true;
	n = input_read(&u->raw, u->packed, sizeof(u->packed));
	u->at = 0;
	u->len = n > 0 ? (size_t)n : 0;
	u->raw_end = n <= 0;
	if (n < 0)
		u->why = strerror(errno);
	return n > 0;
}

/* Between two parts: zeroes that pad the last one, or the next one's first byte. */
static bool next_part(struct unpack *u)
{
	while (refill(u)) {
		if (u->packed[u->at])
			return true;
		u->at++;
	}
	return false;
}

ssize_t unpack_read(struct unpack *u, void *buf, size_t size)
{
	size_t done = 0;

	if (u->why)
		return broken(u, u->why);
	if (size > INT32_MAX)
		size = INT32_MAX;
	while (!done) {
		enum step step;

		if (u->between) {
			if (!next_part(u))
				return u->why ? broken(u, u->why) : 0;
			if (!u->codec->reset(u))
				return broken(u, "no memory to unpack it");
			u->between = false;
		}
		if (!u->raw_end)
			refill(u);
		step = u->codec->step(u, buf, size, &done);
		u->between = step == STEP_END;
		if (step == STEP_BROKEN && !done)
			return broken(u, "its packed data is damaged");
		if (step == STEP_MORE && !done && u->raw_end)
			return broken(u, u->why ? u->why : "its packed data is cut off");
	}
	return (ssize_t)done;
}

const char *unpack_error(const struct unpack *u)
{
	return u->why;
}

void unpack_close(struct unpack *u)
{
	u->codec->close(u);
	input_close(&u->raw);
	free(u);
}

int input_unpack(struct input *in, struct error *err)
{
	const struct codec *codec = find_codec(in);
	struct unpack *u;
	ssize_t n = 1;

	if (!codec)
		return 0;
	if (!codec->open)
		return error_set(err, "%s is packed with %s, and this wqdump was built without its "
				 "library: unpack it first", in->name, codec->name);
	u = xcalloc(1, sizeof(*u));
	u->codec = codec;
	u->raw = *in;
	in->unpack = u;
	in->head_len = in->head_pos = 0;
	if (!codec->open(u))
		return error_set(err, "%s: no memory to unpack it", in->name);
	while (n > 0 && in->head_len < sizeof(in->head)) {
		n = unpack_read(u, in->head + in->head_len, sizeof(in->head) - in->head_len);
		if (n > 0)
			in->head_len += (size_t)n;
	}
	if (n < 0 && !in->head_len)
		return error_set(err, "cannot read %s: %s", in->name, input_error(in));
	return 0;
}
