/* SPDX-License-Identifier: GPL-2.0-or-later */
/* params.c - parameters of every kind, shown by init */
#define pr_fmt(fmt) "params: " fmt
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

static unsigned char a_byte = 1;
module_param(a_byte, byte, 0444);
static short a_short = -2;
module_param(a_short, short, 0444);
static ushort a_ushort = 3;
module_param(a_ushort, ushort, 0444);
static int an_int = -4;
module_param(an_int, int, 0644);
MODULE_PARM_DESC(an_int, "a number");
static uint a_uint = 5;
module_param(a_uint, uint, 0444);
static long a_long = -6;
module_param(a_long, long, 0444);
static ulong a_ulong = 7;
module_param(a_ulong, ulong, 0444);
static unsigned long long a_ullong = 8;
module_param(a_ullong, ullong, 0444);
static char *a_charp = "nine";
module_param(a_charp, charp, 0444);
static bool a_bool;
module_param(a_bool, bool, 0444);
static bool an_invbool = true;
module_param(an_invbool, invbool, 0444);
static char text[8] = "ten";
module_param_string(a_string, text, sizeof(text), 0444);
static int numbers[4] = { 1, 2, 3, 4 };
static unsigned int nr_numbers = 4;
module_param_array(numbers, int, &nr_numbers, 0444);
static int inner = 11;
module_param_named(outer, inner, int, 0444);

static int even = 12;

static int set_even(const char *val, const struct kernel_param *kp)
{
	int n, err = kstrtoint(val, 0, &n);

	if (err)
		return err;
	if (n % 2)
		return -EDOM;
	*(int *)kp->arg = n;
	return 0;
}

static const struct kernel_param_ops even_ops = { .set = set_even, .get = param_get_int };
module_param_cb(even, &even_ops, &even, 0444);

static int __init params_init(void)
{
	unsigned int i;

	pr_info("byte %u short %d ushort %u int %d uint %u long %ld ulong %lu ullong %llu\n", a_byte,
		a_short, a_ushort, an_int, a_uint, a_long, a_ulong, a_ullong);
	pr_info("charp %s bool %d invbool %d string %s outer %d even %d\n", a_charp, a_bool,
		an_invbool, text, inner, even);
	pr_info("numbers");
	for (i = 0; i < nr_numbers; i++)
		pr_cont(" %d", numbers[i]);
	pr_cont("\n");
	pr_info("done\n");
	return 0;
}

static void __exit params_exit(void)
{
}

module_init(params_init);
module_exit(params_exit);
MODULE_LICENSE("GPL");
