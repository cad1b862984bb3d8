/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "../../tools/fields.h"

static const char *duration(uint64_t ns)
{
	static char text[64];

	duration_text(ns, text, sizeof(text));
	return text;
}

TEST(durations_fit_seven_columns)
{
	CHECK_STR(duration(0), "0");
	CHECK_STR(duration(999), "999ns");
	CHECK_STR(duration(1234), "1.23us");
	CHECK_STR(duration(99960), "100us");
	CHECK_STR(duration(999600), "1.00ms");
	CHECK_STR(duration(12345678), "12.3ms");
	CHECK_STR(duration(59940000000), "59.9s");
	CHECK_STR(duration(59960000000), "1m00s");
	CHECK_STR(duration(3599700000000), "1h00m");
	CHECK_STR(duration(90000000000000), "1d1h");
	for (uint64_t ns = 1; ns < UINT64_C(300) * 86400 * 1000000000; ns = ns * 3 / 2 + 1)
		CHECK(strlen(duration(ns)) <= 7);
}
END

TEST(unknown_is_not_zero)
{
	struct workqueue w = { .flags = 0 };
	struct value v = field_value(ROW_WORKQUEUE, WORKQUEUE_STARTED, &w);
	char text[32];

	CHECK(!v.known);
	value_text(&v, text, sizeof(text));
	CHECK_STR(text, "-");
	know(&w.has, WORKQUEUE_STARTED);
	v = field_value(ROW_WORKQUEUE, WORKQUEUE_STARTED, &w);
	value_text(&v, text, sizeof(text));
	CHECK_STR(text, "0");
}
END

TEST(keys_are_unique)
{
	for (int kind = 0; kind < NR_ROW_KINDS; kind++) {
		const struct row_type *t = &row_types[kind];

		for (int i = 0; i < t->nr_fields; i++)
			CHECK_INT(field_find(kind, t->fields[i].key, strlen(t->fields[i].key)), i);
	}
}
END

TEST(every_field_has_its_place)
{
	for (int kind = 0; kind < NR_ROW_KINDS; kind++) {
		const struct row_type *t = &row_types[kind];

		for (int i = 0; i < t->nr_fields; i++) {
			CHECK(t->fields[i].offset >= sizeof(uint64_t));	/* behind `has` */
			CHECK(t->fields[i].offset < t->size);
			CHECK(t->fields[i].help[0]);
		}
	}
}
END

TEST(flags_are_named)
{
	struct workqueue w = { .flags = FLAG_MASK(WQ_UNBOUND_BIT) | FLAG_MASK(WQ_ORDERED_BIT) };
	struct value v;
	char text[64];

	know(&w.has, WORKQUEUE_FLAGS);
	v = field_value(ROW_WORKQUEUE, WORKQUEUE_FLAGS, &w);
	value_text(&v, text, sizeof(text));
	CHECK_STR(text, "UNBOUND|__ORDERED");
}
END

TEST(the_largest_limit_is_none)
{
	struct workqueue w = { .max_active = INT32_MAX };
	struct value v;
	char text[64];

	know(&w.has, WORKQUEUE_MAX_ACTIVE);
	v = field_value(ROW_WORKQUEUE, WORKQUEUE_MAX_ACTIVE, &w);
	value_text(&v, text, sizeof(text));
	CHECK_STR(text, "inf");
	w.max_active--;
	v = field_value(ROW_WORKQUEUE, WORKQUEUE_MAX_ACTIVE, &w);
	value_text(&v, text, sizeof(text));
	CHECK_STR(text, "2147483646");
}
END

TESTS(durations_fit_seven_columns, unknown_is_not_zero, keys_are_unique,
      every_field_has_its_place, flags_are_named, the_largest_limit_is_none)
