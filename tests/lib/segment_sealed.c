/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody can shrink, grow or write to a process's segment; it is its user's alone. */
#include <errno.h>
#include <sys/resource.h>

#include "outsider.h"

TEST(only_its_user_and_only_to_read)
{
	struct stat st;

	CHECK(wq_segment_fd() >= 0);
	CHECK_INT(fstat(wq_segment_fd(), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK(S_ISREG(st.st_mode));
	CHECK_UINT(st.st_size, WQ_SEG_BYTES);
	CHECK_INT(fcntl(wq_segment_fd(), F_GETFD), FD_CLOEXEC);
}
END

TEST(it_is_sealed)
{
	int must = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, seals, fd;

	CHECK(wq_segment_fd() >= 0);
	seals = fcntl(wq_segment_fd(), F_GET_SEALS);
	CHECK_INT(seals & must, must);
	CHECK_INT(fcntl(wq_segment_fd(), F_ADD_SEALS, F_SEAL_WRITE), -1);
	CHECK_INT(errno, EPERM);
	fd = outsider_open(getpid(), O_RDWR);
	CHECK(fd >= 0);
	CHECK_INT(ftruncate(fd, 4096), -1);
	CHECK_INT(ftruncate(fd, 2l * WQ_SEG_BYTES), -1);
	if (seals & F_SEAL_FUTURE_WRITE) {
		CHECK_INT(pwrite(fd, "x", 1, 0), -1);
		CHECK(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	}
	close(fd);
}
END

/* Pages that nobody has used take no memory. */
TEST(it_is_small)
{
	struct stat st;

	CHECK(wq_segment_fd() >= 0);
	CHECK_INT(fstat(wq_segment_fd(), &st), 0);
	CHECK(st.st_blocks * 512 < 512 << 10);
}
END

TESTS(only_its_user_and_only_to_read, it_is_sealed, it_is_small)
