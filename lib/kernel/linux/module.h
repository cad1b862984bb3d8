/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/module.h - a module: a shared object that wqinsmod(1) runs
 *
 * module_init() and module_exit() name the two functions; `readelf -p .modinfo FILE.so` shows the
 * MODULE_ texts. Without -DKBUILD_MODNAME='"name"' a module's name is that of its file. Not here:
 * other modules' symbols and reference counts: THIS_MODULE is NULL, as in code that is built in.
 *
 * Goes on to the system's header of that name.
 */
#ifndef WQ_LINUX_MODULE_H
#define WQ_LINUX_MODULE_H

#ifndef KBUILD_MODNAME
#ifdef __FILE_NAME__
#define KBUILD_MODNAME __FILE_NAME__
#else
#define KBUILD_MODNAME __BASE_FILE__
#endif
#endif

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/stringify.h>

struct module;

#define THIS_MODULE ((struct module *)0)

#ifdef __cplusplus
extern "C" {
#endif
int init_module(void) WQ_SYMBOL(init_module);
void cleanup_module(void) WQ_SYMBOL(cleanup_module);
#ifdef __cplusplus
}
#endif

#define module_init(function) \
	int init_module(void) \
	{ \
		return function(); \
	} \
	int init_module(void)
#define module_exit(function) \
	void cleanup_module(void) \
	{ \
		function(); \
	} \
	void cleanup_module(void)

#define early_initcall(function) module_init(function)
#define core_initcall(function) module_init(function)
#define postcore_initcall(function) module_init(function)
#define arch_initcall(function) module_init(function)
#define subsys_initcall(function) module_init(function)
#define fs_initcall(function) module_init(function)
#define device_initcall(function) module_init(function)
#define late_initcall(function) module_init(function)

#define MODULE_INFO(tag, info) __MODULE_INFO(tag, tag, info)
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, __stringify(ns))

static inline bool try_module_get(struct module *module)
{
	(void)module;
	return true;
}

static inline void __module_get(struct module *module)
{
	(void)module;
}

static inline void module_put(struct module *module)
{
	(void)module;
}

#endif

#pragma GCC system_header
#include_next <linux/module.h>
