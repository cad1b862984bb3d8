/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * printk.c - the log, warnings and the end
 *
 * No lock and no buffer: a message is formatted on the caller's stack and written by one write(),
 * so that nothing is lost when the program dies and a fork in the middle leaves nothing locked.
 * errno is the program's and is kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <wq/wq.h>

#include "kernel.h"

#define LINE_MAX_BYTES 1024		/* as in the kernel; the rest is cut */

static int log_fd = STDERR_FILENO;
static int log_level = -1;		/* of $WQ_LOGLEVEL; -1: not read yet */
static bool line_is_open;		/* the last message did not end its line */

void wq_log_set_fd(int fd)
{
	__atomic_store_n(&log_fd, fd, __ATOMIC_RELAXED);
}

static int max_level(void)
{
	int level = READ_ONCE(log_level);
	const char *text;

	if (level >= 0)
		return level;
	text = getenv("WQ_LOGLEVEL");
	if (!text || kstrtoint(text, 10, &level) || level < 0)
		level = 8;
	WRITE_ONCE(log_level, level);
	return level;
}

static void write_all(const char *text, size_t n)
{
	int fd = __atomic_load_n(&log_fd, __ATOMIC_RELAXED), old_errno = errno;

	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;
		text += done;
		n -= (size_t)done;
	}
	errno = old_errno;
}

/* Cuts the level off; LOGLEVEL_DEFAULT if there is none. */
static int take_level(const char **text, bool *cont)
{
	int level = LOGLEVEL_DEFAULT;

	*cont = false;
	for (; (*text)[0] == KERN_SOH[0] && (*text)[1]; *text += 2) {
		char c = (*text)[1];

		if (c >= '0' && c <= '7')
			level = c - '0';
		else if (c == 'c')
			*cont = true;
	}
	return level;
}

int vprintk(const char *fmt, va_list args)
{
	/* One byte in front, for the end of a line that was left open. */
	char buf[1 + LINE_MAX_BYTES], *line = buf + 1;
	const char *text = line;
	bool cont;
	size_t n = (size_t)vscnprintf(line, LINE_MAX_BYTES, fmt, args);
	int level = take_level(&text, &cont);

	n -= (size_t)(text - line);
	if (!n || (level == LOGLEVEL_DEFAULT ? LOGLEVEL_WARNING : level) >= max_level())
		return (int)n;
	if (__atomic_exchange_n(&line_is_open, text[n - 1] != '\n', __ATOMIC_RELAXED) && !cont) {
		buf[text - buf - 1] = '\n';
		write_all(text - 1, n + 1);
	} else {
		write_all(text, n);
	}
	return (int)n;
}

int printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

static void __attribute__((destructor)) end_line(void)
{
	if (__atomic_exchange_n(&line_is_open, false, __ATOMIC_RELAXED))
		write_all("\n", 1);
}

/* Races only make it less exact. */
bool __wq_ratelimit(struct ratelimit_state *rs)
{
	unsigned long now = jiffies, begin = READ_ONCE(rs->begin);

	if (!begin || time_after(now, begin + 5 * HZ)) {
		WRITE_ONCE(rs->begin, now ? now : 1);
		WRITE_ONCE(rs->printed, 0);
	}
	return __atomic_fetch_add(&rs->printed, 1, __ATOMIC_RELAXED) < 10;
}

static void print_where(const char *level)
{
	struct task_struct *me = get_current();

	printk("%sCPU: %d PID: %d Comm: %s\n", level, raw_smp_processor_id(), me->pid, me->comm);
	if (wq_current_work())
		print_worker_info(level, me);
}

void dump_stack(void)
{
	print_where(KERN_DEFAULT);
}

void warn_slowpath_fmt(const char *file, int line, const char *function, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	struct task_struct *me = get_current();
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	printk(KERN_WARNING "WARNING: CPU: %d PID: %d at %s:%d %s (%s)\n", raw_smp_processor_id(),
	       me->pid, file, line, function, me->comm);
	if (fmt && *fmt)
		printk(KERN_WARNING "%pV%s", &vaf, fmt[strlen(fmt) - 1] == '\n' ? "" : "\n");
	va_end(args);
}

void __wq_bug(const char *file, int line, const char *function)
{
	printk(KERN_EMERG "kernel BUG at %s:%d, in %s()!\n", file, line, function);
	print_where(KERN_EMERG);
	abort();
}

void panic(const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	printk(KERN_EMERG "Kernel panic - not syncing: %pV\n", &vaf);
	va_end(args);
	print_where(KERN_EMERG);
	abort();
}
