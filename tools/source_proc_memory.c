/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's memory, a page at a time: items lie close together, a call to the kernel is slow. */
#include <stdlib.h>
#include <sys/uio.h>

#include "source_proc.h"

bool memory_read_process(void *arg, uint64_t addr, char *page)
{
	const pid_t *pid = arg;
	struct iovec to = { page, MEMORY_PAGE };
	struct iovec from = { (void *)(uintptr_t)addr, MEMORY_PAGE };

	return process_vm_readv(*pid, &to, 1, &from, 1, 0) == (ssize_t)MEMORY_PAGE;
}

static const char *page_at(struct memory *m, uint64_t addr)
{
	size_t slot = (size_t)(addr / MEMORY_PAGE * UINT64_C(0x9e3779b97f4a7c15) >> 40) % MEMORY_SLOTS;

	if (!m->page) {
		m->page = xcalloc(MEMORY_SLOTS, sizeof(*m->page));
		m->addr = xcalloc(MEMORY_SLOTS, sizeof(*m->addr));
	}
	if (!m->page[slot])
		m->page[slot] = xrealloc(NULL, MEMORY_PAGE);
	if (m->addr[slot] == (addr | 1))
		return m->page[slot];
	m->addr[slot] = 0;
	m->nr_read++;
	if (!m->read_page(m->arg, addr, m->page[slot]))
		return NULL;
	m->addr[slot] = addr | 1;
	return m->page[slot];
}

bool memory_read(struct memory *m, uint64_t addr, void *to, size_t bytes)
{
	char *at = to;

	while (bytes) {
		uint64_t page_addr = addr & ~(uint64_t)(MEMORY_PAGE - 1);
		size_t offset = (size_t)(addr - page_addr), part = MEMORY_PAGE - offset;
		const char *page = page_at(m, page_addr);

		if (!page)
			return false;
		if (part > bytes)
			part = bytes;
		memcpy(at, page + offset, part);
		at += part;
		addr += part;
		bytes -= part;
	}
	return true;
}

void memory_forget(struct memory *m)
{
	if (m->addr)
		memset(m->addr, 0, MEMORY_SLOTS * sizeof(*m->addr));
}

void memory_free(struct memory *m)
{
	for (size_t i = 0; m->page && i < MEMORY_SLOTS; i++)
		free(m->page[i]);
	free(m->page);
	free(m->addr);
	m->page = NULL;
	m->addr = NULL;
}
