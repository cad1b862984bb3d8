/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "../../tools/util.h"

static const char *print(const char *in, size_t n)
{
	static char out[256];

	ck_assert_uint_eq(printable(out, in, n), strlen(out));
	return out;
}

TEST(printable_keeps_text)
{
	CHECK_STR(print("events_unbound", 14), "events_unbound");
	CHECK_STR(print("na\xc3\xafve", 6), "na\xc3\xafve");
}
END

TEST(printable_defuses_controls)
{
	CHECK_STR(print("a\033[2Jb", 6), "a\\x1b[2Jb");
	CHECK_STR(print("a\0b", 3), "a\\x00b");
	CHECK_STR(print("\x7f", 1), "\\x7f");
	CHECK_STR(print("\xc2\x9b", 2), "\\xc2\\x9b");		/* C1: another escape */
	CHECK_STR(print("\xe2\x80\xae", 3), "\\xe2\\x80\\xae");	/* right-to-left override */
}
END

TEST(printable_defuses_what_is_no_utf8)
{
	CHECK_STR(print("\xff", 1), "\\xff");
	CHECK_STR(print("\xc3", 1), "\\xc3");
	CHECK_STR(print("\xc0\xaf", 2), "\\xc0\\xaf");		/* overlong */
	CHECK_STR(print("\xed\xa0\x80", 3), "\\xed\\xa0\\x80");	/* a surrogate */
	CHECK_STR(print("\xf5\x80\x80\x80", 4), "\\xf5\\x80\\x80\\x80");
}
END

TEST(seconds_are_decimal_and_bounded)
{
	uint64_t ns;

	CHECK(parse_seconds("1.5", 0.01, 10, &ns));
	CHECK_UINT(ns, 1500000000);
	CHECK(!parse_seconds("0", 0.01, 10, &ns));
	CHECK(!parse_seconds("11", 0.01, 10, &ns));
	CHECK(!parse_seconds("1e3", 0.01, 10000, &ns));
	CHECK(!parse_seconds("nan", 0.01, 10, &ns));
	CHECK(!parse_seconds("", 0.01, 10, &ns));
	CHECK(!parse_seconds("1.2.3", 0.01, 10, &ns));
	CHECK(!parse_seconds("-1", 0.01, 10, &ns));
}
END

TEST(counts_do_not_overflow)
{
	uint64_t n;

	CHECK(parse_count("18446744073709551615", 1, UINT64_MAX, &n));
	CHECK(!parse_count("18446744073709551616", 1, UINT64_MAX, &n));
	CHECK(!parse_count("-1", 0, 10, &n));
	CHECK(!parse_count("1x", 0, 10, &n));
}
END

TESTS(printable_keeps_text, printable_defuses_controls, printable_defuses_what_is_no_utf8,
      seconds_are_decimal_and_bounded, counts_do_not_overflow)
