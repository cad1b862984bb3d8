/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/delay.h - wait for a time: asleep, or awake
 *
 * Sleeps are never short and tell libwq beforehand, so that another worker takes over at once; no
 * signal ends them. udelay() and its kin keep the CPU busy.
 */
#ifndef WQ_LINUX_DELAY_H
#define WQ_LINUX_DELAY_H

#include <linux/compiler.h>
#include <linux/jiffies.h>

void msleep(unsigned int ms) WQ_SYMBOL(msleep);
/* Always 0: no signal ends it early. */
unsigned long msleep_interruptible(unsigned int ms) WQ_SYMBOL(msleep_interruptible);
void usleep_range(unsigned long min_us, unsigned long max_us) WQ_SYMBOL(usleep_range);
void ndelay(unsigned long ns) WQ_SYMBOL(ndelay);

static inline void udelay(unsigned long us)
{
	ndelay(us * 1000);
}

static inline void mdelay(unsigned long ms)
{
	while (ms--)
		ndelay(1000000);
}

static inline void ssleep(unsigned int seconds)
{
	msleep(seconds * 1000);
}

static inline void fsleep(unsigned long us)
{
	usleep_range(us, us);
}

#endif
