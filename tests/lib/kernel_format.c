/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printk()'s formats: printf's, the kernel's own, and what they do with strange values. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../unit/test.h"

#define FORMAT(expected, ...) \
	do { \
		char buf[256]; \
		int n = scnprintf(buf, sizeof(buf), __VA_ARGS__); \
		CHECK_STR(buf, expected); \
		CHECK_INT(n, (int)strlen(expected)); \
	} while (0)

TEST(numbers_are_as_in_printf)
{
	FORMAT("-7 7 ff FF 0x10 17", "%d %u %x %X %#x %o", -7, 7u, 255u, 255u, 16u, 15u);
	FORMAT("[   42|42   |00042|+42]", "[%5d|%-5d|%05d|%+d]", 42, 42, 42, 42);
	FORMAT("[   42|42   ]", "[%*d|%*d]", 5, 42, -5, 42);
	FORMAT("-1 255 -1 65535", "%hhd %hhu %hd %hu", (signed char)-1, (unsigned char)255,
	       (short)-1, (unsigned short)65535);
	FORMAT("-9223372036854775808 18446744073709551615", "%lld %llu", S64_MIN, U64_MAX);
	FORMAT("12 -12 99%", "%zu %zd %d%%", (size_t)12, (ssize_t)-12, 99);
	FORMAT("1.50", "%.2f", 1.5);
}
END

static char *no_string;

TEST(strings_are_cut_and_padded)
{
	FORMAT("[  abc|abc  |ab]", "[%5s|%-5s|%.2s]", "abc", "abc", "abc");
	char *nothing = READ_ONCE(no_string);

	FORMAT("[x|(null)|(efault)]", "[%c|%s|%s]", 'x', nothing, nothing + 16);
}
END

TEST(kernel_pointers)
{
	unsigned long bits[4] = { 0x8f, 0, 0, 0 };
	unsigned char mac[6] = { 0, 0x1b, 2, 0xff, 4, 5 };
	unsigned char ip[4] = { 127, 0, 0, 1 };

	FORMAT("-ENOMEM", "%pe", ERR_PTR(-ENOMEM));
	FORMAT("0-3,7", "%*pbl", 64, bits);
	FORMAT("", "%*pbl", 0, bits);
	FORMAT("8f", "%*pb", 8, bits);
	FORMAT("00000000,0000008f", "%*pb", 64, bits);
	for (unsigned int bit = 32; bit < 36; bit++)
		__set_bit(bit, bits);
	FORMAT("f,0000008f", "%*pb", 36, bits);
	FORMAT("00:1b:02:ff:04:05 001b02ff0405", "%pM %pm", mac, mac);
	FORMAT("00 1b 02|00-1b|001b", "%*ph|%*phD|%*phN", 3, mac, 2, mac, 2, mac);
	FORMAT("127.0.0.1", "%pI4", ip);
}
END

TEST(an_address_is_shown)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%0*lx", (int)(2 * sizeof(long)), 0x1234ul);
	FORMAT(expected, "%p", (void *)0x1234);
	FORMAT(expected, "%px", (void *)0x1234);
}
END

static noinline void some_static_function(struct work_struct *work)
{
	(void)work;
}

TEST(functions_have_names)
{
	FORMAT("some_static_function", "%ps", (void *)some_static_function);
	FORMAT("some_static_function+0x0", "%pS", (void *)some_static_function);
}
END

static void __printf(3, 4) nested(char *buf, size_t size, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	scnprintf(buf, size, "<%pV>%d", &vaf, 3);
	va_end(args);
}

TEST(a_format_in_a_format)
{
	char buf[64];

	nested(buf, sizeof(buf), "%d-%s", 1, "two");
	CHECK_STR(buf, "<1-two>3");
}
END

TEST(what_does_not_fit_is_cut)
{
	char buf[8] = "xxxxxxx";

	CHECK_INT(scnprintf(buf, 4, "%d", 123456), 3);
	CHECK_STR(buf, "123");
	CHECK_INT(scnprintf(buf, 0, "%d", 123456), 0);
	CHECK_STR(buf, "123");
	CHECK_INT(scnprintf(buf, 1, "%s", "abc"), 0);
	CHECK_STR(buf, "");
}
END

TEST(kasprintf_has_room)
{
	char *s = kasprintf(GFP_KERNEL, "%s-%*pbl", "cpus", cpumask_pr_args(cpumask_of(1)));

	CHECK_STR(s, nr_cpu_ids > 1 ? "cpus-1" : "cpus-");
	kfree(s);
}
END

/* What the log got while @print ran. */
static const char *logged(void (*print)(void))
{
	static char text[512];
	int fds[2];
	ssize_t n;

	CHECK_INT(pipe(fds), 0);
	wq_log_set_fd(fds[1]);
	print();
	close(fds[1]);
	wq_log_set_fd(STDERR_FILENO);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void print_levels(void)
{
	printk("plain\n");
	printk(KERN_ERR "err %d\n", 1);
	pr_info("info\n");
	pr_debug("debug\n");
	printk(KERN_INFO "a");
	printk(KERN_CONT "b");
	pr_cont("c\n");
	printk(KERN_INFO "open");
	pr_info("next\n");
}

TEST(levels_are_cut_off_and_lines_end)
{
	CHECK_STR(logged(print_levels), "plain\nerr 1\ninfo\nabc\nopen\nnext\n");
}
END

TEST(the_log_level_drops)
{
	setenv("WQ_LOGLEVEL", "4", 1);
	CHECK_STR(logged(print_levels), "err 1\n");
}
END

static void print_warnings(void)
{
	for (int i = 0; i < 3; i++)
		CHECK(WARN_ONCE(i >= 1, "only %s\n", "once") == (i >= 1));
	CHECK(!WARN_ON(0));
}

TEST(a_warning_names_its_place)
{
	const char *text = logged(print_warnings);

	CHECK(strstr(text, "WARNING: CPU: ") == text);
	CHECK(strstr(text, __FILE__));
	CHECK(strstr(text, " print_warnings ("));
	CHECK(strstr(text, "\nonly once\n"));
	CHECK(!strstr(strstr(text, "once") + 1, "once"));
}
END

TESTS(numbers_are_as_in_printf, strings_are_cut_and_padded, kernel_pointers, an_address_is_shown,
      functions_have_names, a_format_in_a_format, what_does_not_fit_is_cut, kasprintf_has_room,
      levels_are_cut_off_and_lines_end, the_log_level_drops, a_warning_names_its_place)
