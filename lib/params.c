/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * params.c - the module parameters, and the knobs of bad luck
 *
 * WQ_PARAMS="name=value ..." and WQ_DEBUG="knob,knob=N" are read once, before the first queue is
 * made.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

u64 wq_cpu_intensive_ns = 10 * NSEC_PER_MSEC;
unsigned int wq_hog_warn = 4;
bool wq_power_efficient;
u64 wq_watchdog_ns = 30 * NSEC_PER_SEC;
unsigned int wq_panic_on_stall, wq_panic_on_stall_time;
int wq_cache_shard_size = 8;
bool wq_use_sentinel = true, wq_use_tick = true, wq_use_perf, wq_unmanaged, wq_publish = true;
size_t wq_stack_size = 256 << 10;
const char *wq_sysfs_root = "/sys";
int wq_nospawn;
unsigned int wq_debug;

enum param_type { PARAM_BOOL, PARAM_UINT, PARAM_US, PARAM_SEC, PARAM_SIZE, PARAM_SCOPE, PARAM_CPUS,
		  PARAM_RR };

static const struct param {
	const char *name;
	enum param_type type;
	void *value;
	bool early;			/* only before the start */
	u64 max;
} params[] = {
	{ "cpu_intensive_thresh_us", PARAM_US, &wq_cpu_intensive_ns, false, 1000000000 },
	{ "cpu_intensive_warning_thresh", PARAM_UINT, &wq_hog_warn, false, UINT_MAX },
	{ "power_efficient", PARAM_BOOL, &wq_power_efficient, true, 1 },
	{ "default_affinity_scope", PARAM_SCOPE, &wq_default_scope, true, 0 },
	{ "cache_shard_size", PARAM_UINT, &wq_cache_shard_size, true, WQ_NR_CPUS },
	{ "debug_force_rr_cpu", PARAM_RR, &wq_debug, false, 1 },
	{ "watchdog_thresh", PARAM_SEC, &wq_watchdog_ns, false, 1000000000 },
	{ "panic_on_stall", PARAM_UINT, &wq_panic_on_stall, false, UINT_MAX },
	{ "panic_on_stall_time", PARAM_UINT, &wq_panic_on_stall_time, false, UINT_MAX },
	{ "unbound_cpus", PARAM_CPUS, &wq_unbound_requested, true, 0 },
	{ "stack_size", PARAM_SIZE, &wq_stack_size, false, 1u << 30 },
	{ "sentinel", PARAM_BOOL, &wq_use_sentinel, true, 1 },
	{ "tick", PARAM_BOOL, &wq_use_tick, true, 1 },
	{ "perf", PARAM_BOOL, &wq_use_perf, true, 1 },
	{ "unmanaged", PARAM_BOOL, &wq_unmanaged, true, 1 },
	{ "publish", PARAM_BOOL, &wq_publish, true, 1 },
};

static const struct param *param_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(params); i++)
		if (!strcmp(params[i].name, name))
			return &params[i];
	return NULL;
}

static bool parse_bool(const char *text, bool *on)
{
	if (strchr("1yYtT", text[0]) || !strcmp(text, "on"))
		*on = true;
	else if (strchr("0nNfF", text[0]) || !strcmp(text, "off"))
		*on = false;
	else
		return false;
	return text[0] != '\0';
}

static int set_number(const struct param *p, const char *text)
{
	unsigned long long v;
	u64 unit = NSEC_PER_SEC;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 0);
	if (p->type == PARAM_SEC && !strcmp(end, "ms")) {
		unit = NSEC_PER_MSEC;
		end += 2;
	}
	if (*end || errno || v > p->max)
		return -EINVAL;
	switch (p->type) {
	case PARAM_US:
		store_relaxed((u64 *)p->value, v * NSEC_PER_USEC);
		return 0;
	case PARAM_SEC:
		store_relaxed((u64 *)p->value, v * unit);
		return 0;
	case PARAM_SIZE:
		if (v < 16384)
			return -EINVAL;
		store_relaxed((size_t *)p->value, (size_t)v);
		return 0;
	default:
		if (p->value == &wq_cache_shard_size && !v)
			return -EINVAL;
		store_relaxed((unsigned int *)p->value, (unsigned int)v);
		return 0;
	}
}

static int set_scope(const char *text)
{
	for (int i = WQ_AFFN_CPU; i < WQ_AFFN_NR_TYPES; i++)
		if (!strcmp(text, wq_affn_names[i])) {
			wq_default_scope = (enum wq_affn_scope)i;
			return 0;
		}
	return -EINVAL;
}

static int param_apply(const struct param *p, const char *value)
{
	struct cpumask mask;
	bool on;

	switch (p->type) {
	case PARAM_BOOL:
	case PARAM_RR:
		if (!parse_bool(value, &on))
			return -EINVAL;
		if (p->type == PARAM_BOOL)
			store_relaxed((bool *)p->value, on);
		else if (on)
			__atomic_fetch_or(&wq_debug, KNOB_RR, __ATOMIC_RELAXED);
		else
			__atomic_fetch_and(&wq_debug, ~KNOB_RR, __ATOMIC_RELAXED);
		return 0;
	case PARAM_SCOPE:
		return set_scope(value);
	case PARAM_CPUS:
		if (cpumask_parse(&mask, value) || !cpumask_weight(&mask))
			return -EINVAL;
		wq_unbound_requested = mask;
		return 0;
	default:
		return set_number(p, value);
	}
}

int wq_param_set(const char *name, const char *value)
{
	const struct param *p = param_find(name);

	if (!p)
		return -ENOENT;
	if (p->early && load_acquire(&wq_started))
		return -EPERM;
	if (!value[0])
		return -EINVAL;
	return param_apply(p, value);
}

int wq_param_get(const char *name, char *value, size_t size)
{
	const struct param *p = param_find(name);
	u64 v;

	if (!p)
		return -ENOENT;
	switch (p->type) {
	case PARAM_BOOL:
		snprintf(value, size, "%c", load_relaxed((bool *)p->value) ? 'Y' : 'N');
		break;
	case PARAM_RR:
		snprintf(value, size, "%c", load_relaxed(&wq_debug) & KNOB_RR ? 'Y' : 'N');
		break;
	case PARAM_US:
		snprintf(value, size, "%llu",
			 load_relaxed((unsigned long long *)p->value) / NSEC_PER_USEC);
		break;
	case PARAM_SEC:
		v = load_relaxed((u64 *)p->value);
		snprintf(value, size, v % NSEC_PER_SEC ? "%llums" : "%llu",
			 (unsigned long long)(v / (v % NSEC_PER_SEC ? NSEC_PER_MSEC : NSEC_PER_SEC)));
		break;
	case PARAM_SIZE:
		snprintf(value, size, "%zu", load_relaxed((size_t *)p->value));
		break;
	case PARAM_SCOPE:
		snprintf(value, size, "%s", wq_affn_names[wq_default_scope]);
		break;
	case PARAM_CPUS:
		if (size)
			cpumask_print(value, size, load_acquire(&wq_started) ? cpus_unbound() :
				      &wq_unbound_requested);
		break;
	default:
		snprintf(value, size, "%u", load_relaxed((unsigned int *)p->value));
		break;
	}
	return 0;
}

/* One "name=value" of WQ_PARAMS. A wrong one is said aloud: silence would look like success. */
static void param_word(char *word)
{
	char *value = strchr(word, '=');
	int err = -EINVAL;

	if (value) {
		*value++ = '\0';
		err = wq_param_set(word, value);
	}
	if (err)
		wq_print("libwq: WQ_PARAMS: %s: %s", word,
			 err == -ENOENT ? "no such parameter" : "not a valid value");
}

static void debug_word(char *word)
{
	static const char *const names[] = { "rr", "yield", "poison", "spawn-slow", "one-worker",
					     "steal" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(word, names[i])) {
			wq_debug |= 1u << i;
			return;
		}
	if (!strncmp(word, "nospawn=", 8) && isdigit((unsigned char)word[8]))
		wq_nospawn = atoi(word + 8);
	else
		wq_print("libwq: WQ_DEBUG: %s: no such knob", word);
}

static void for_each_word(const char *text, const char *sep, void (*fn)(char *))
{
	char *copy = text ? strdup(text) : NULL, *save = NULL;

	for (char *w = copy ? strtok_r(copy, sep, &save) : NULL; w; w = strtok_r(NULL, sep, &save))
		fn(w);
	free(copy);
}

/* A set-user-id program does not listen to its environment. */
void params_init(void)
{
	for_each_word(secure_getenv("WQ_PARAMS"), " \t\n", param_word);
	for_each_word(secure_getenv("WQ_DEBUG"), ",", debug_word);
}
