/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include "../../tools/input.h"
#include "../../tools/out.h"
#include "../../tools/source.h"

/* A file that holds @text, read as a source. */
static struct source *source_of(const char *text, struct error *err)
{
	char path[] = "/tmp/wqkit-json-XXXXXX";
	int fd = mkstemp(path);
	struct source_options o = { .file = path };
	struct source *src;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	src = source_open(&o, err);
	unlink(path);
	return src;
}

static int read_text(const char *text, struct snapshot *s, struct error *err)
{
	struct source *src = source_of(text, err);
	int rc;

	if (!src)
		return -1;
	rc = source_read(src, KINDS_SHOW, s, err);
	source_close(src);
	return rc;
}

static char *written(const struct snapshot *s, unsigned int kinds)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	out_json(f, s, kinds, NULL, NULL, false);
	fclose(f);
	return text;
}

TEST(what_is_written_reads_back_the_same)
{
	static const char text[] =
		"{\"schema\":\"wqkit/1.0\",\"time\":\"2026-01-02T03:04:05.678901Z\",\"mono_ns\":12,"
		"\"consistency\":\"retried\",\"left_out\":{\"works\":7},"
		"\"workqueues\":[{\"id\":\"0x1\",\"name\":\"a\\u001bb\",\"flags\":[\"WQ_UNBOUND\","
		"\"__WQ_ORDERED\"],\"flags_raw\":131074,\"max_active\":-1,\"ordered\":true,"
		"\"cpumask\":null,\"started\":18446744073709551615}]}\n";
	struct snapshot s;
	struct error err;
	char *first, *second;

	CHECK_INT(read_text(text, &s, &err), 0);
	first = written(&s, KIND(ROW_WORKQUEUE) | KIND(ROW_WORK));
	snapshot_free(&s);
	CHECK(strstr(first, "\"name\":\"a\\\\x1bb\""));		/* harmless from here on */
	CHECK(strstr(first, "\"started\":18446744073709551615"));
	CHECK(strstr(first, "\"cpumask\":null"));
	CHECK(strstr(first, "\"consistency\":\"retried\""));
	CHECK(strstr(first, "\"left_out\":{\"works\":7}"));
	CHECK(strstr(first, "2026-01-02T03:04:05.678901Z"));
	CHECK_INT(read_text(first, &s, &err), 0);
	second = written(&s, KIND(ROW_WORKQUEUE) | KIND(ROW_WORK));
	CHECK_STR(first, second);
	snapshot_free(&s);
	free(first);
	free(second);
}
END

TEST(wrong_types_are_named_with_their_place)
{
	struct snapshot s;
	struct error err;

	CHECK_INT(read_text("{\"schema\":\"wqkit/1.0\",\"pools\":[{},{\"id\":\"x\"}]}", &s, &err), -1);
	CHECK(strstr(err.text, "pools[1].id"));
	snapshot_free(&s);
	CHECK_INT(read_text("{\"schema\":\"wqkit/1.0\",\"works\":[{\"state\":\"odd\"}]}", &s, &err), -1);
	CHECK(strstr(err.text, "works[0].state"));
	snapshot_free(&s);
	CHECK_INT(read_text("{\"schema\":\"wqkit/1.0\",\"works\":3}", &s, &err), -1);
	snapshot_free(&s);
	CHECK_INT(read_text("{\"schema\":\"wqkit/2.0\"}", &s, &err), -1);
	CHECK(strstr(err.text, "wqkit/2.0"));
	snapshot_free(&s);
	CHECK_INT(read_text("{\"a\":1}", &s, &err), -1);
	snapshot_free(&s);
	CHECK_INT(read_text("{\"schema\":\"wqkit/1.0\",\n\"works\":[\n", &s, &err), -1);
	CHECK(strstr(err.text, "line 3"));
	snapshot_free(&s);
	CHECK_INT(read_text("", &s, &err), -1);
	CHECK_INT(read_text("hello", &s, &err), -1);
	snapshot_free(&s);
}
END

TEST(objects_follow_each_other)
{
	struct error err;
	struct snapshot s;
	struct source *src = source_of("{\"schema\":\"wqkit/1.0\",\"mono_ns\":1}\n\n"
				       "{\"schema\":\"wqkit/1.1\",\"new\":[],\"mono_ns\":2}\n", &err);

	CHECK(src);
	CHECK_INT(source_read(src, 0, &s, &err), 0);
	CHECK_UINT(s.mono_ns, 1);
	snapshot_free(&s);
	CHECK_INT(source_read(src, 0, &s, &err), 0);
	CHECK_UINT(s.mono_ns, 2);
	snapshot_free(&s);
	CHECK_INT(source_read(src, 0, &s, &err), 1);
	source_close(src);
}
END

TESTS(what_is_written_reads_back_the_same, wrong_types_are_named_with_their_place,
      objects_follow_each_other)
