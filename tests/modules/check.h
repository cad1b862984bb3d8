/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h - what the modules of this folder share
 *
 * They are kernel code, as a driver's author writes it, and compile for the kernel too. Each plays
 * its part and prints "done" when it may be stopped. A check that fails says so, and the test that
 * compares the output with NAME.out fails.
 */
#ifndef MODULES_CHECK_H
#define MODULES_CHECK_H

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			pr_err("FAILED, line %d: %s\n", __LINE__, #cond); \
	} while (0)

#endif
