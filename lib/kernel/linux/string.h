/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/string.h - strings and memory: libc's functions, and the kernel's own
 *
 * Declares only what the kernel has, not all of <string.h> (index, basename...); in C++ it
 * includes that. Not here: strlcpy(), memdup_user(), string_helpers.
 */
#ifndef WQ_LINUX_STRING_H
#define WQ_LINUX_STRING_H

#include <stdarg.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/types.h>

#ifdef __cplusplus
#include <string.h>
#include <strings.h>
#else
void *memcpy(void *dest, const void *src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strcpy(char *dest, const char *src);
char *strncpy(char *dest, const char *src, size_t n);
char *strcat(char *dest, const char *src);
char *strncat(char *dest, const char *src, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strsep(char **s, const char *delimiters);
#endif

/* The length that was copied, or -E2BIG when it was cut; always ends with a NUL. */
ssize_t strscpy(char *dest, const char *src, size_t size) WQ_SYMBOL(strscpy);
char *skip_spaces(const char *s) WQ_SYMBOL(skip_spaces);
/* Without white space at both ends; writes into @s. */
char *strim(char *s) WQ_SYMBOL(strim);
#define strstrip strim
/* Equal, but for one newline at the end. */
bool sysfs_streq(const char *a, const char *b) WQ_SYMBOL(sysfs_streq);
/* The index of @string in @array (of @n, or up to a NULL), or -EINVAL. */
int match_string(const char *const *array, size_t n, const char *string) WQ_SYMBOL(match_string);

char *kstrdup(const char *s, gfp_t flags) WQ_SYMBOL(kstrdup);
char *kstrndup(const char *s, size_t max, gfp_t flags) WQ_SYMBOL(kstrndup);
void *kmemdup(const void *src, size_t n, gfp_t flags) WQ_SYMBOL(kmemdup);
/* With the kernel's formats; see printk.h. */
char *kasprintf(gfp_t flags, const char *fmt, ...) WQ_SYMBOL(kasprintf) __printf(2, 3);
char *kvasprintf(gfp_t flags, const char *fmt, va_list args) WQ_SYMBOL(kvasprintf) __printf(2, 0);

#endif
