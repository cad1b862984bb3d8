/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/bits.h - BIT(), GENMASK() */
#ifndef WQ_LINUX_BITS_H
#define WQ_LINUX_BITS_H

#include <linux/types.h>

#define BITS_PER_BYTE 8
#undef BITS_PER_LONG
#define BITS_PER_LONG WQ_BITS_PER_LONG
#define BITS_PER_LONG_LONG 64
#define BIT(nr) (1ul << (nr))
#define BIT_ULL(nr) (1ull << (nr))
#define BIT_MASK(nr) (1ul << ((nr) % (unsigned int)BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / (unsigned int)BITS_PER_LONG)
#define BITS_TO_LONGS(nr) (((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(h, l) ((~0ul << (l)) & (~0ul >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) ((~0ull << (l)) & (~0ull >> (BITS_PER_LONG_LONG - 1 - (h))))

#endif
