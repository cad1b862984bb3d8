/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/bitops.h - single bits, and searching for them
 *
 * set_bit() and its kin are atomic and no barrier; test_and_set_bit() is a full one; the __ forms
 * are neither. Not here: little-endian forms, rotations.
 */
#ifndef WQ_LINUX_BITOPS_H
#define WQ_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/compiler.h>

#ifdef __cplusplus
#include <strings.h>
#else
int ffs(int x);
#endif

static inline void set_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_or(addr + BIT_WORD((unsigned long)nr), BIT_MASK((unsigned long)nr),
			  __ATOMIC_RELAXED);
}

static inline void clear_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD((unsigned long)nr), ~BIT_MASK((unsigned long)nr),
			   __ATOMIC_RELAXED);
}

static inline void change_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_xor(addr + BIT_WORD((unsigned long)nr), BIT_MASK((unsigned long)nr),
			   __ATOMIC_RELAXED);
}

static inline void clear_bit_unlock(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD((unsigned long)nr), ~BIT_MASK((unsigned long)nr),
			   __ATOMIC_RELEASE);
}

static inline bool test_bit(long nr, const volatile unsigned long *addr)
{
	return __atomic_load_n(addr + BIT_WORD((unsigned long)nr), __ATOMIC_RELAXED) &
	       BIT_MASK((unsigned long)nr);
}

static inline bool test_and_set_bit(long nr, volatile unsigned long *addr)
{
	return __atomic_fetch_or(addr + BIT_WORD((unsigned long)nr), BIT_MASK((unsigned long)nr),
				 __ATOMIC_SEQ_CST) & BIT_MASK((unsigned long)nr);
}

static inline bool test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	return __atomic_fetch_and(addr + BIT_WORD((unsigned long)nr), ~BIT_MASK((unsigned long)nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK((unsigned long)nr);
}

static inline bool test_and_change_bit(long nr, volatile unsigned long *addr)
{
	return __atomic_fetch_xor(addr + BIT_WORD((unsigned long)nr), BIT_MASK((unsigned long)nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK((unsigned long)nr);
}

static inline void __set_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void __clear_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

/* The number of the first or last bit of a word that is not 0. */
static inline unsigned long __ffs(unsigned long word)
{
	return (unsigned long)__builtin_ctzl(word);
}

static inline unsigned long __fls(unsigned long word)
{
	return (unsigned long)(BITS_PER_LONG - 1 - __builtin_clzl(word));
}

#define ffz(word) __ffs(~(word))

/* As ffs(), from the other end: 0 if no bit is set, 32 for the last. */
static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline unsigned int hweight32(u32 x)
{
	return (unsigned int)__builtin_popcount(x);
}

static inline unsigned int hweight64(u64 x)
{
	return (unsigned int)__builtin_popcountll(x);
}

static inline unsigned int hweight_long(unsigned long x)
{
	return (unsigned int)__builtin_popcountl(x);
}

/* The next bit that is set (!= @flip's bit), from @from on; @size if there is none. */
static inline unsigned long __wq_find_bit(const unsigned long *addr, unsigned long size,
					  unsigned long from, unsigned long flip)
{
	while (from < size) {
		unsigned long word = (addr[BIT_WORD(from)] ^ flip) >> from % (unsigned int)BITS_PER_LONG;

		if (word) {
			from += __ffs(word);
			return from < size ? from : size;
		}
		from = (BIT_WORD(from) + 1) * (unsigned int)BITS_PER_LONG;
	}
	return size;
}

#define find_next_bit(addr, size, from) __wq_find_bit(addr, size, from, 0)
#define find_first_bit(addr, size) __wq_find_bit(addr, size, 0, 0)
#define find_next_zero_bit(addr, size, from) __wq_find_bit(addr, size, from, ~0ul)
#define find_first_zero_bit(addr, size) __wq_find_bit(addr, size, 0, ~0ul)
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_first_bit(addr, size); (bit) < (size); \
	     (bit) = find_next_bit(addr, size, (bit) + 1))
#define for_each_clear_bit(bit, addr, size) \
	for ((bit) = find_first_zero_bit(addr, size); (bit) < (size); \
	     (bit) = find_next_zero_bit(addr, size, (bit) + 1))

#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	__builtin_memset(dst, 0, BITS_TO_LONGS(nbits) * sizeof(long));
}

static inline bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) == nbits;
}

static inline bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) == nbits;
}

#endif
