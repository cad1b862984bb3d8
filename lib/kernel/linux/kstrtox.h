/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/kstrtox.h - numbers from strings, strictly
 *
 * The whole string must be the number; one newline may follow. Return: 0, -EINVAL or -ERANGE.
 * Base 0 knows 0x and 0. Not here: the forms that copy from user memory.
 */
#ifndef WQ_LINUX_KSTRTOX_H
#define WQ_LINUX_KSTRTOX_H

#include <linux/compiler.h>
#include <linux/types.h>

int __must_check kstrtoull(const char *s, unsigned int base, unsigned long long *res)
	WQ_SYMBOL(kstrtoull);
int __must_check kstrtoll(const char *s, unsigned int base, long long *res) WQ_SYMBOL(kstrtoll);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res) WQ_SYMBOL(kstrtoul);
int __must_check kstrtol(const char *s, unsigned int base, long *res) WQ_SYMBOL(kstrtol);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res)
	WQ_SYMBOL(kstrtouint);
int __must_check kstrtoint(const char *s, unsigned int base, int *res) WQ_SYMBOL(kstrtoint);
int __must_check kstrtou16(const char *s, unsigned int base, u16 *res) WQ_SYMBOL(kstrtou16);
int __must_check kstrtos16(const char *s, unsigned int base, s16 *res) WQ_SYMBOL(kstrtos16);
int __must_check kstrtou8(const char *s, unsigned int base, u8 *res) WQ_SYMBOL(kstrtou8);
int __must_check kstrtos8(const char *s, unsigned int base, s8 *res) WQ_SYMBOL(kstrtos8);
/* y Y t T 1 on On ON, n N f F 0 of Of OF; what follows does not matter. */
int __must_check kstrtobool(const char *s, bool *res) WQ_SYMBOL(kstrtobool);

#define kstrtou64 kstrtoull
#define kstrtos64 kstrtoll
#define kstrtou32 kstrtouint
#define kstrtos32 kstrtoint

#endif
