/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* params.c - the types of module parameters: from text, and back */
#define WQ_NO_MODULE
#include <stdio.h>
#include <stdlib.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#define PARAM_TEXT_MAX 4096		/* of a value, as in the kernel: its page */

#define PARAM_NUMBER(name, type, parse, base, format) \
	int param_set_##name(const char *val, const struct kernel_param *kp) \
	{ \
		return val ? parse(val, base, (type *)kp->arg) : -EINVAL; \
	} \
	int param_get_##name(char *buffer, const struct kernel_param *kp) \
	{ \
		return scnprintf(buffer, PARAM_TEXT_MAX, format "\n", *(type *)kp->arg); \
	} \
	const struct kernel_param_ops param_ops_##name = { \
		.set = param_set_##name, .get = param_get_##name };

PARAM_NUMBER(byte, u8, kstrtou8, 0, "%hhu")
PARAM_NUMBER(short, s16, kstrtos16, 0, "%hi")
PARAM_NUMBER(ushort, u16, kstrtou16, 0, "%hu")
PARAM_NUMBER(int, int, kstrtoint, 0, "%i")
PARAM_NUMBER(uint, unsigned int, kstrtouint, 0, "%u")
PARAM_NUMBER(long, long, kstrtol, 0, "%li")
PARAM_NUMBER(ulong, unsigned long, kstrtoul, 0, "%lu")
PARAM_NUMBER(ullong, unsigned long long, kstrtoull, 0, "%llu")
PARAM_NUMBER(hexint, unsigned int, kstrtouint, 16, "%#08x")

int param_set_uint_minmax(const char *val, const struct kernel_param *kp, unsigned int min,
			  unsigned int max)
{
	unsigned int n;
	int err = val ? kstrtouint(val, 0, &n) : -EINVAL;

	if (err)
		return err;
	if (n < min || n > max)
		return -EINVAL;
	*(unsigned int *)kp->arg = n;
	return 0;
}

/* The name alone switches on. */
static int set_bool(const char *val, bool *value)
{
	return kstrtobool(val ? val : "1", value);
}

int param_set_bool(const char *val, const struct kernel_param *kp)
{
	return set_bool(val, kp->arg);
}

int param_get_bool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PARAM_TEXT_MAX, "%c\n", *(bool *)kp->arg ? 'Y' : 'N');
}

int param_set_invbool(const char *val, const struct kernel_param *kp)
{
	bool value;
	int err = kstrtobool(val, &value);

	if (!err)
		*(bool *)kp->arg = !value;
	return err;
}

int param_get_invbool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PARAM_TEXT_MAX, "%c\n", *(bool *)kp->arg ? 'N' : 'Y');
}

int param_set_bint(const char *val, const struct kernel_param *kp)
{
	bool value;
	int err = set_bool(val, &value);

	if (!err)
		*(int *)kp->arg = value;
	return err;
}

int param_get_bint(char *buffer, const struct kernel_param *kp)
{
	return param_get_int(buffer, kp);
}

const struct kernel_param_ops param_ops_bool = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG, .set = param_set_bool, .get = param_get_bool };
const struct kernel_param_ops param_ops_invbool = {
	.set = param_set_invbool, .get = param_get_invbool };
const struct kernel_param_ops param_ops_bint = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG, .set = param_set_bint, .get = param_get_bint };

/* The copy stays for as long as the module may read it: until the program ends. */
int param_set_charp(const char *val, const struct kernel_param *kp)
{
	char *copy;

	if (!val)
		return -EINVAL;
	if (strlen(val) >= PARAM_TEXT_MAX)
		return -ENOSPC;
	copy = kstrdup(val, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	*(char **)kp->arg = copy;
	return 0;
}

int param_get_charp(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PARAM_TEXT_MAX, "%s\n", *(char **)kp->arg);
}

const struct kernel_param_ops param_ops_charp = {
	.set = param_set_charp, .get = param_get_charp };

int param_set_copystring(const char *val, const struct kernel_param *kp)
{
	if (!val)
		return -EINVAL;
	if (strlen(val) >= kp->str->maxlen)
		return -ENOSPC;
	strcpy(kp->str->string, val);
	return 0;
}

int param_get_string(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PARAM_TEXT_MAX, "%s\n", kp->str->string);
}

const struct kernel_param_ops param_ops_string = {
	.set = param_set_copystring, .get = param_get_string };

/* One element of the array, as a parameter of its own. */
static struct kernel_param element(const struct kernel_param *kp, unsigned int i)
{
	struct kernel_param one = *kp;

	one.ops = kp->arr->ops;
	one.arg = (char *)kp->arr->elem + (size_t)kp->arr->elemsize * i;
	return one;
}

/* Values between commas; @val is changed while it is read. */
static int set_elements(char *val, const struct kernel_param *kp, unsigned int *num)
{
	for (*num = 0; val; ++*num) {
		char *comma = strchr(val, ',');
		struct kernel_param one;
		int err;

		if (*num == kp->arr->max)
			return -EINVAL;
		if (comma)
			*comma = '\0';
		one = element(kp, *num);
		err = one.ops->set(val, &one);
		if (err)
			return err;
		val = comma ? comma + 1 : NULL;
	}
	return 0;
}

static int param_array_set(const char *val, const struct kernel_param *kp)
{
	unsigned int num;
	char *copy;
	int err;

	if (!val)
		return -EINVAL;
	copy = kstrdup(val, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	err = set_elements(copy, kp, &num);
	kfree(copy);
	if (!err && kp->arr->num)
		*kp->arr->num = num;
	return err;
}

static int param_array_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int num = kp->arr->num ? *kp->arr->num : kp->arr->max;
	int len = 0;

	for (unsigned int i = 0; i < num && len < PARAM_TEXT_MAX / 2; i++) {
		struct kernel_param one = element(kp, i);

		if (len)
			buffer[len - 1] = ',';	/* in place of the newline */
		len += one.ops->get(buffer + len, &one);
	}
	return len;
}

const struct kernel_param_ops param_array_ops = {
	.set = param_array_set, .get = param_array_get };
