/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/moduleparam.h - what wqinsmod FILE.so NAME=VALUE sets
 *
 * The types of the kernel: byte short ushort int uint long ulong ullong hexint charp bool invbool
 * bint, arrays, strings, and a module's own (module_param_cb). Permissions are accepted; there is
 * no file for a parameter. Not here: kernel_param_lock(), levels.
 *
 * For whoever loads a module: its symbol wq_module_params has the beginning and the end of an array
 * of pointers to its parameters.
 */
#ifndef WQ_LINUX_MODULEPARAM_H
#define WQ_LINUX_MODULEPARAM_H

#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct kernel_param;

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *val, const struct kernel_param *kp);	/* 0 or -errno */
	int (*get)(char *buffer, const struct kernel_param *kp);	/* length; buffer: 4096 bytes */
	void (*free)(void *arg);
};

#define KERNEL_PARAM_OPS_FL_NOARG (1u << 0)	/* NAME alone is allowed: @val is NULL */

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max, elemsize;
	unsigned int *num;
	const struct kernel_param_ops *ops;
	void *elem;
};

/* One parameter. */
struct kernel_param {
	const char *name;
	const char *type;		/* its word in module_param() */
	const struct kernel_param_ops *ops;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
	unsigned long perm;
};

#ifdef __cplusplus
extern "C" {
#endif
/* The linker's, around the section of a module's own parameters; absent without any. */
extern const struct kernel_param *const __start_wq_params[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct kernel_param *const __stop_wq_params[]
	__attribute__((__weak__, __visibility__("hidden")));
#ifndef WQ_NO_MODULE		/* libwq itself, and who loads modules */
/* Weak: each file of a module has it, the module one. */
extern const struct kernel_param *const *const wq_module_params[2]
	__attribute__((__weak__, __visibility__("default")));
const struct kernel_param *const *const wq_module_params[2] = {
	__start_wq_params, __stop_wq_params };
#endif
#ifdef __cplusplus
}
#endif

/* Texts, where the kernel has them. */
#define __MODULE_INFO(tag, name, info) \
	static const char __UNIQUE_ID(name)[] __attribute__((__used__, __section__(".modinfo"), \
		__aligned__(1))) = __stringify(tag) "=" info
#define MODULE_PARM_DESC(param, desc) __MODULE_INFO(parm, param, #param ":" desc)

#define __wq_param(name, type, ops, where, perm) \
	static const struct kernel_param __wq_param_##name = { #name, type, ops, { where }, perm }; \
	static const struct kernel_param *const __wq_param_of_##name __attribute__((__used__, \
		__section__("wq_params"))) = &__wq_param_##name

/*
 * Words like bool may be macros: they are pasted and quoted by the macro that the module uses,
 * before anything can expand them.
 */
#define __wq_param_checked(name, value, ctype, ops, word, perm) \
	static inline __attribute__((__unused__)) ctype *__wq_check_##name(void) \
	{ \
		return &(value); \
	} \
	__wq_param(name, word, ops, (void *)&(value), perm); \
	__MODULE_INFO(parmtype, name, #name ":" word)
#define __wq_param_array(name, array, ctype, nump, elem_ops, word, perm) \
	static inline __attribute__((__unused__)) ctype *__wq_check_##name(void) \
	{ \
		return array; \
	} \
	static const struct kparam_array __wq_array_##name = { \
		sizeof(array) / sizeof((array)[0]), sizeof((array)[0]), nump, elem_ops, array }; \
	__wq_param(name, "array of " word, &param_array_ops, (void *)(size_t)&__wq_array_##name, perm); \
	__MODULE_INFO(parmtype, name, #name ":array of " word)

#define module_param(name, type, perm) \
	__wq_param_checked(name, name, param_t_##type, &param_ops_##type, #type, perm)
#define module_param_named(name, value, type, perm) \
	__wq_param_checked(name, value, param_t_##type, &param_ops_##type, #type, perm)
#define module_param_array(name, type, nump, perm) \
	__wq_param_array(name, name, param_t_##type, nump, &param_ops_##type, #type, perm)
#define module_param_array_named(name, array, type, nump, perm) \
	__wq_param_array(name, array, param_t_##type, nump, &param_ops_##type, #type, perm)
#define module_param_cb(name, ops, arg, perm) __wq_param(name, "own", ops, arg, perm)
#define module_param_string(name, string, len, perm) \
	static const struct kparam_string __wq_string_##name = { len, string }; \
	__wq_param(name, "string", &param_ops_string, (void *)(size_t)&__wq_string_##name, perm); \
	__MODULE_INFO(parmtype, name, #name ":string")

/* For each type: what it is in C, its functions, and both together. */
#define __WQ_PARAM_TYPE(name, ctype) \
	typedef ctype param_t_##name; \
	extern const struct kernel_param_ops param_ops_##name WQ_SYMBOL(param_ops_##name); \
	int param_set_##name(const char *val, const struct kernel_param *kp) \
		WQ_SYMBOL(param_set_##name); \
	int param_get_##name(char *buffer, const struct kernel_param *kp) WQ_SYMBOL(param_get_##name);

__WQ_PARAM_TYPE(byte, unsigned char)
__WQ_PARAM_TYPE(short, short)
__WQ_PARAM_TYPE(ushort, unsigned short)
__WQ_PARAM_TYPE(int, int)
__WQ_PARAM_TYPE(uint, unsigned int)
__WQ_PARAM_TYPE(long, long)
__WQ_PARAM_TYPE(ulong, unsigned long)
__WQ_PARAM_TYPE(ullong, unsigned long long)
__WQ_PARAM_TYPE(hexint, unsigned int)
__WQ_PARAM_TYPE(charp, char *)
__WQ_PARAM_TYPE(bool, bool)
__WQ_PARAM_TYPE(invbool, bool)
__WQ_PARAM_TYPE(bint, int)
#undef __WQ_PARAM_TYPE

int param_set_copystring(const char *val, const struct kernel_param *kp)
	WQ_SYMBOL(param_set_copystring);
int param_get_string(char *buffer, const struct kernel_param *kp) WQ_SYMBOL(param_get_string);
extern const struct kernel_param_ops param_ops_string WQ_SYMBOL(param_ops_string);
extern const struct kernel_param_ops param_array_ops WQ_SYMBOL(param_array_ops);
int param_set_uint_minmax(const char *val, const struct kernel_param *kp, unsigned int min,
			  unsigned int max) WQ_SYMBOL(param_set_uint_minmax);

#endif
