/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/errno.h - the kernel's error numbers
 *
 * Goes on to the system's header of that name, which libc's <errno.h> uses too.
 */
#ifndef WQ_LINUX_ERRNO_H
#define WQ_LINUX_ERRNO_H

/* Never seen by a program of the kernel's, but used inside it. */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ENOIOCTLCMD 515
#define EPROBE_DEFER 517
#define EOPENSTALE 518
#define ENOTSUPP 524

#endif

#pragma GCC system_header
#include_next <linux/errno.h>
