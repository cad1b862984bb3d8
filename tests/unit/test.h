/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test.h - a unit test is one idea, in a file of related ones
 *
 *	TEST(name) { CHECK(...); CHECK_STR(text, "expected"); }
 *	TESTS(name, other_name)
 *
 * libcheck runs each in a process of its own, with a timeout, and prints TAP.
 */
#ifndef WQKIT_TEST_H
#define WQKIT_TEST_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) START_TEST(name)
#define END END_TEST

#define CHECK(cond) ck_assert(cond)
#define CHECK_INT(a, b) ck_assert_int_eq(a, b)
#define CHECK_UINT(a, b) ck_assert_uint_eq(a, b)
#define CHECK_STR(a, b) ck_assert_str_eq(a, b)

static inline int run_tests(const char *file, const TTest *const *tests)
{
	Suite *suite = suite_create(file);
	TCase *tcase = tcase_create(file);
	SRunner *runner;
	int nr_failed;

	tcase_set_timeout(tcase, 60);
	for (; *tests; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	nr_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return nr_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define TESTS(...) \
	int main(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__, NULL }; \
		return run_tests(__FILE__, tests); \
	}

#endif
