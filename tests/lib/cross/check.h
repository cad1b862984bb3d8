/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h - what tests/unit/test.h uses of libcheck, for machines that we have no libcheck for
 *
 * Debian has it for each architecture, but not to be installed beside another one's. The same:
 * a process and a timeout for each test, TAP on the standard output. WQKIT_SKIP names a file
 * with lines "test reason" of what the emulator cannot do.
 */
#ifndef WQKIT_CROSS_CHECK_H
#define WQKIT_CROSS_CHECK_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
	const char *name;
	void (*fn)(void);
} TTest;

typedef struct {
	const char *file;
	const TTest *tests[64];
	int nr_tests, nr_failed;
	unsigned int timeout;
} SRunner;

typedef SRunner Suite, TCase;

#define START_TEST(name) \
	static void name##_fn(void); \
	static const TTest name##_test = { #name, name##_fn }; \
	static const TTest *const name = &name##_test; \
	static void name##_fn(void)
#define END_TEST

#define ck_abort_msg(...) \
	do { \
		printf("# %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
		fflush(stdout); \
		_exit(1); \
	} while (0)
#define ck_assert(cond) \
	do { \
		if (!(cond)) \
			ck_abort_msg("Assertion '%s' failed", #cond); \
	} while (0)
#define ck_cmp_int(a, b, type, format) \
	do { \
		type a_ = (type)(a), b_ = (type)(b); \
		if (a_ != b_) \
			ck_abort_msg("%s == " format ", not " format, #a, a_, b_); \
	} while (0)
#define ck_assert_int_eq(a, b) ck_cmp_int(a, b, intmax_t, "%jd")
#define ck_assert_uint_eq(a, b) ck_cmp_int(a, b, uintmax_t, "%ju")
#define ck_assert_str_eq(a, b) \
	do { \
		const char *a_ = (a), *b_ = (b); \
		if (strcmp(a_, b_)) \
			ck_abort_msg("%s == \"%s\", not \"%s\"", #a, a_, b_); \
	} while (0)

enum { CK_SILENT };

static inline Suite *suite_create(const char *file)
{
	SRunner *runner = calloc(1, sizeof(*runner));

	runner->file = file;
	return runner;
}

/* One of each is enough: they are the same. */
static SRunner *the_runner;

static inline TCase *tcase_create(const char *file)
{
	the_runner = suite_create(file);
	return the_runner;
}

static inline void tcase_set_timeout(TCase *tcase, double seconds)
{
	/* the emulator is some ten times slower */
	tcase->timeout = (unsigned int)seconds * 5;
}

static inline void tcase_add_test(TCase *tcase, const TTest *test)
{
	tcase->tests[tcase->nr_tests++] = test;
}

static inline void suite_add_tcase(Suite *suite, TCase *tcase)
{
	(void)suite;
	(void)tcase;
}

static inline SRunner *srunner_create(Suite *suite)
{
	free(suite);
	return the_runner;
}

static inline void srunner_set_tap(SRunner *runner, const char *file)
{
	(void)runner;
	(void)file;
}

/* Why not, or NULL. */
static inline const char *test_skipped(const char *name)
{
	static char line[256];
	const char *path = getenv("WQKIT_SKIP"), *why = NULL;
	FILE *f = path ? fopen(path, "r") : NULL;

	while (f && !why && fgets(line, sizeof(line), f)) {
		char *space = strchr(line, ' ');

		if (!space || line[0] == '#')
			continue;
		*space = '\0';
		space[strcspn(space + 1, "\n") + 1] = '\0';
		if (!strcmp(line, name))
			why = space + 1;
	}
	if (f)
		fclose(f);
	return why;
}

static inline void run_one(SRunner *runner, int i)
{
	const TTest *test = runner->tests[i];
	const char *why = test_skipped(test->name);
	int status = 0;
	pid_t pid;

	if (why) {
		printf("ok %d - %s:%s # SKIP %s\n", i + 1, runner->file, test->name, why);
		return;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		alarm(runner->timeout);
		test->fn();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	runner->nr_failed += status != 0;
	printf("%s %d - %s:%s\n", status ? "not ok" : "ok", i + 1, runner->file, test->name);
}

static inline void srunner_run_all(SRunner *runner, int mode)
{
	(void)mode;
	printf("# emulated: not run on weak hardware\n1..%d\n", runner->nr_tests);
	for (int i = 0; i < runner->nr_tests; i++)
		run_one(runner, i);
}

static inline int srunner_ntests_failed(SRunner *runner)
{
	return runner->nr_failed;
}

static inline void srunner_free(SRunner *runner)
{
	free(runner);
}

#endif
