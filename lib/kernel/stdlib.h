/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stdlib.h - libc's, with two of the kernel's names out of the way
 *
 * In a module abs() is a macro that works for every type, and __init is empty; libc declares a
 * function and a member of a struct of those names.
 */
#pragma GCC system_header
#ifdef abs
#pragma push_macro("abs")
#undef abs
#define WQ_ABS
#endif
#ifdef __init
#pragma push_macro("__init")
#undef __init
#define WQ_INIT
#endif

#include_next <stdlib.h>

#ifdef WQ_ABS
#pragma pop_macro("abs")
#undef WQ_ABS
#endif
#ifdef WQ_INIT
#pragma pop_macro("__init")
#undef WQ_INIT
#endif
