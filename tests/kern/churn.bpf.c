/* SPDX-License-Identifier: GPL-2.0-only */
/* churn.bpf.c - works that queue themselves again, by bpf_wq (6.10): a load for tests */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct bpf_wq {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct item {
	__u64 runs;
	struct bpf_wq work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, int);
	__type(value, struct item);
} items SEC(".maps");

unsigned int nr, stop;

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
				    int (*callback)(void *map, int *key, void *value),
				    unsigned int flags, void *aux__prog) __ksym;

static int again(void *map, int *key, void *value)
{
	struct item *item = value;

	item->runs++;
	if (!stop)
		bpf_wq_start(&item->work, 0);
	return 0;
}

SEC("syscall")
int begin(void *ctx)
{
	for (int i = 0; i < 64; i++) {
		int key = i;
		struct item *item = bpf_map_lookup_elem(&items, &key);

		if (!item || i >= nr)
			break;
		if (bpf_wq_init(&item->work, &items, 0) ||
		    bpf_wq_set_callback_impl(&item->work, again, 0, 0) ||
		    bpf_wq_start(&item->work, 0))
			return 1;
	}
	return 0;
}
