/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/export.h - a symbol for other modules: visible, whatever -fvisibility says */
#ifndef WQ_LINUX_EXPORT_H
#define WQ_LINUX_EXPORT_H

#include <linux/compiler.h>

#define EXPORT_SYMBOL(sym) extern __typeof__(sym) sym __attribute__((__visibility__("default")))
#define EXPORT_SYMBOL_GPL(sym) EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS(sym, ns) EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns) EXPORT_SYMBOL(sym)

#endif
