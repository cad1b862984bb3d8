/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initialising an item by the name of its function tells that name to others, in both spellings;
 * a variable's name says nothing.
 */
#include <linux/workqueue.h>

#include "outsider.h"

static void native_function(struct work_struct *work)
{
	(void)work;
}

static void delayed_function(struct work_struct *work)
{
	(void)work;
}

static void kernel_function(struct work_struct *work)
{
	(void)work;
}

static void late_function(struct work_struct *work)
{
	(void)work;
}

static void hidden_function(struct work_struct *work)
{
	(void)work;
}

static const char *seg;
static struct wq_seg_function found;

static const char *name_of(work_func_t func)
{
	for (uint32_t i = 0; i < seg_nr(seg, WQ_SEG_FUNCTIONS); i++) {
		SEG_READ(seg, FUNCTION, i, &found);
		if (found.address == (uintptr_t)func)
			return found.name;
	}
	return "none";
}

TEST(names_from_both_spellings)
{
	work_func_t variable = hidden_function;
	struct delayed_work dwork;
	struct work_struct work;

	/* before anything has begun */
	wq_init_work(&work, native_function);
	CHECK(work.func == native_function);
	wq_init_delayed_work(&dwork, delayed_function);
	CHECK(dwork.work.func == delayed_function);
	INIT_WORK(&work, kernel_function);
	CHECK(work.func == kernel_function);
	wq_init_work(&work, variable);
	CHECK(work.func == hidden_function);
	CHECK(wq_segment_fd() >= 0);
	seg = outsider_map(getpid());
	CHECK_STR(name_of(native_function), "native_function");
	CHECK_STR(name_of(delayed_function), "delayed_function");
	CHECK_STR(name_of(kernel_function), "kernel_function");
	CHECK_STR(name_of(hidden_function), "none");
	CHECK_STR(name_of(late_function), "none");
	/* and afterwards, once */
	for (int i = 0; i < 3; i++)
		INIT_DELAYED_WORK(&dwork, late_function);
	CHECK_STR(name_of(late_function), "late_function");
	wq_function_name(NULL, late_function, "another");
	CHECK_STR(name_of(late_function), "late_function");
	CHECK_UINT(seg_nr(seg, WQ_SEG_FUNCTIONS), 4);
	wq_function_name(NULL, hidden_function, "hidden");
	CHECK_STR(name_of(hidden_function), "hidden");
}
END

TEST(more_names_than_there_is_room_for)
{
	char name[32];

	CHECK(wq_segment_fd() >= 0);
	seg = outsider_map(getpid());
	for (uintptr_t i = 1; i <= WQ_SEG_MAX_FUNCTIONS + 10; i++) {
		snprintf(name, sizeof(name), "function_%d", (int)i);
		wq_function_name(NULL, (work_func_t)i, name);
	}
	CHECK_UINT(seg_nr(seg, WQ_SEG_FUNCTIONS), WQ_SEG_MAX_FUNCTIONS);
	CHECK_STR(name_of((work_func_t)77), "function_77");
	CHECK_UINT(seg_header(seg)->table[WQ_SEG_FUNCTIONS].left_out, 10);
}
END

TESTS(names_from_both_spellings, more_names_than_there_is_room_for)
