/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/printk.h - the log
 *
 * A message is one write() to the log's file, standard error unless wq_log_set_fd() was called; its
 * level is cut off. Messages of level $WQ_LOGLEVEL (0 to 8, default 8) and above are dropped; as
 * without DEBUG in the kernel pr_debug() prints nothing. A message that does not end a line is
 * ended by the next one that is no KERN_CONT.
 *
 * Formats are printf's and the kernel's %ps %pS %pB (symbols) %pe (errors) %pV %*pb %*pbl (bitmaps)
 * %*ph (bytes) %pM (MAC); %p shows the address, as %px does. Not here: rate limits per device,
 * dynamic debug, the ring buffer.
 */
#ifndef WQ_LINUX_PRINTK_H
#define WQ_LINUX_PRINTK_H

#include <stdarg.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_DEFAULT ""
#define KERN_CONT KERN_SOH "c"

#define LOGLEVEL_DEFAULT (-1)
#define LOGLEVEL_EMERG 0
#define LOGLEVEL_ALERT 1
#define LOGLEVEL_CRIT 2
#define LOGLEVEL_ERR 3
#define LOGLEVEL_WARNING 4
#define LOGLEVEL_NOTICE 5
#define LOGLEVEL_INFO 6
#define LOGLEVEL_DEBUG 7

/* What %pV prints. */
struct va_format {
	const char *fmt;
	va_list *va;
};

int printk(const char *fmt, ...) WQ_SYMBOL(printk) __printf(1, 2);
int vprintk(const char *fmt, va_list args) WQ_SYMBOL(vprintk) __printf(1, 0);
void panic(const char *fmt, ...) WQ_SYMBOL(panic) __printf(1, 2) __noreturn __cold;
/* CPU, process and thread, and what a worker does. Kernel: the stack as well. */
void dump_stack(void) WQ_SYMBOL(dump_stack) __cold;
/* Where the log goes from now on. Kernel: no such function. */
void wq_log_set_fd(int fd) WQ_SYMBOL(log_set_fd);

/* Formats are checked, nothing is printed or evaluated. */
#define no_printk(fmt, ...) \
	__extension__({ \
		if (0) \
			printk(fmt, ##__VA_ARGS__); \
		0; \
	})

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

#define pr_emerg(fmt, ...) printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...) printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...) printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...) printk(KERN_CONT fmt, ##__VA_ARGS__)
#ifdef DEBUG
#define pr_debug(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_devel(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_debug(fmt, ...) no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_devel(fmt, ...) no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#endif

#define printk_once(fmt, ...) \
	__extension__({ \
		static bool __wq_printed; \
		if (!__atomic_exchange_n(&__wq_printed, true, __ATOMIC_RELAXED)) \
			printk(fmt, ##__VA_ARGS__); \
	})
#define pr_err_once(fmt, ...) printk_once(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_once(fmt, ...) printk_once(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_once(fmt, ...) printk_once(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_once(fmt, ...) printk_once(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

/* At most 10 messages in 5 s from one place, as the kernel's default. */
struct ratelimit_state {
	unsigned long begin;
	int printed;
};
bool __wq_ratelimit(struct ratelimit_state *rs) WQ_SYMBOL(ratelimit);
#define printk_ratelimited(fmt, ...) \
	__extension__({ \
		static struct ratelimit_state __wq_rs; \
		if (__wq_ratelimit(&__wq_rs)) \
			printk(fmt, ##__VA_ARGS__); \
	})
#define pr_err_ratelimited(fmt, ...) printk_ratelimited(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...) printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_ratelimited(fmt, ...) printk_ratelimited(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...) printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

#endif
