/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/init.h - sections that the kernel throws away; here all code stays
 *
 * C only: __init is a member of a struct in libc's <stdlib.h>. In C our <stdlib.h> keeps the two
 * apart; the C++ library goes round it.
 */
#ifndef WQ_LINUX_INIT_H
#define WQ_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/types.h>

#ifndef __cplusplus
#define __init
#define __initdata
#define __initconst
#define __exit
#define __exitdata
#define __exit_p(x) (x)
#define __init_or_module
#define __devinit
#define __devexit
#endif

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

#endif
