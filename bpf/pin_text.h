/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin_text.h - text of the pinned files, made in the reader's own buffer
 *
 * bpf_seq_printf() cannot be called from a function that is verified once for
 * all its callers, its buffer overflows behind our back, and bpf_snprintf() is
 * missing before 5.13: so numbers and names are put together here. The buffer
 * is a power of two long and every index is masked.
 */
#ifndef WQKIT_PIN_TEXT_H
#define WQKIT_PIN_TEXT_H

#include "read.h"
#include "pin.h"

const volatile struct pin_consts p = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PIN_READERS);
	__type(key, u32);
	__type(value, struct pin_reader);
} readers SEC(".maps");

static __always_inline struct pin_reader *reader(u32 slot)
{
	return bpf_map_lookup_elem(&readers, &slot);
}

static __always_inline void put_char(struct pin_reader *r, char ch)
{
	u32 at = r->len & (PIN_TEXT - 1);

	r->text[at] = ch;
	r->len = at + 1;
	r->in_line = ch != '\n';
}

/* A string literal. */
#define PUT(r, literal) put_bytes(r, literal, sizeof(literal) - 1)

static __always_inline void put_bytes(struct pin_reader *r, const char *bytes, u32 n)
{
	u32 at = r->len & (PIN_TEXT - 1);

	__builtin_memcpy(&r->text[at], bytes, n);
	r->len = at + n;
	r->in_line = bytes[n - 1] != '\n';
}

static __always_inline void put_blanks(struct pin_reader *r, u32 n)
{
	for (u32 i = 0; i < 64 && i < n; i++)
		put_char(r, ' ');
}

/*
 * Right-aligned in @width columns, of which the first stays blank however long
 * the number is; without a blank if @width is 0. Returns its digits.
 */
__noinline int put_number(u32 slot, u64 value, u32 width)
{
	struct pin_reader *r = reader(slot);
	u64 rest = value;
	u32 digits = 1, at;

	if (!r)
		return 0;
	for (int i = 0; i < 19 && rest >= 10; i++) {
		rest /= 10;
		digits++;
	}
	if (width)
		put_blanks(r, width > digits ? width - digits : 1);
	at = r->len + digits;
	for (u32 i = 1; i <= 20 && i <= digits; i++) {
		r->text[(at - i) & (PIN_TEXT - 1)] = '0' + value % 10;
		value /= 10;
	}
	r->len = at;
	r->in_line = 1;
	return digits;
}

/* The same, with a sign. */
__noinline int put_signed(u32 slot, int value, u32 width)
{
	struct pin_reader *r = reader(slot);
	u32 digits = value <= -10 ? 2 : 1;	/* a nice level, or -1 */

	if (!r)
		return 0;
	if (value >= 0)
		return put_number(slot, value, width);
	if (width > digits + 1)
		put_blanks(r, width - digits - 1);
	put_char(r, '-');
	return put_number(slot, -value, 0);
}

static __always_inline void put_unknown(struct pin_reader *r, u32 width)
{
	put_blanks(r, width - 1);
	put_char(r, '-');
}

static __always_inline char hex_digit(u32 digit)
{
	return digit < 10 ? '0' + digit : 'a' + digit - 10;
}

__noinline int put_hex(u32 slot, u32 value)
{
	struct pin_reader *r = reader(slot);
	int begun = 0;

	if (!r)
		return 0;
	PUT(r, "0x");
	for (int shift = 28; shift >= 0; shift -= 4) {
		u32 digit = value >> shift & 15;

		if (digit)
			begun = 1;
		if (begun || !shift)
			put_char(r, hex_digit(digit));
	}
	return 0;
}

/*
 * r->name, left-aligned. Names come from whoever made the workqueue or the
 * task: what is not printable ASCII, and the blank that would look like the end
 * of a column, is written \xHH.
 */
__noinline int put_name(u32 slot, u32 width)
{
	struct pin_reader *r = reader(slot);
	u32 n = 0;

	if (!r)
		return 0;
	for (u32 i = 0; i < 32; i++) {
		unsigned char ch = r->name[i];

		if (!ch)
			break;
		if (ch > 0x20 && ch < 0x7f) {
			put_char(r, ch);
			n++;
			continue;
		}
		put_char(r, '\\');
		put_char(r, 'x');
		put_char(r, hex_digit(ch >> 4));
		put_char(r, hex_digit(ch & 15));
		n += 4;
	}
	if (width > n)
		put_blanks(r, width - n);
	return 0;
}

/*
 * The function's name, the last thing that a step writes: before 5.13 only
 * bpf_seq_printf() knows names, and the reading goes on behind it.
 */
__noinline int put_function(u32 slot, u64 func)
{
	struct pin_reader *r = reader(slot);
	u32 at;
	long n;

	if (!r)
		return 0;
	r->in_line = 1;
	if (!p.has_snprintf) {
		r->want = func;
		return 0;
	}
	at = r->len & (PIN_TEXT - 1);
	n = BPF_SNPRINTF(&r->text[at], 128, "%ps", func);
	if (n > 1)
		r->len = at + (n > 128 ? 127 : n - 1);
	return 0;
}

#endif
