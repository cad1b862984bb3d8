/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source_kern_events.h - counting the kernel's workqueue events */
#ifndef WQKIT_SOURCE_KERN_EVENTS_H
#define WQKIT_SOURCE_KERN_EVENTS_H

#include "../bpf/events.h"
#include "source_kern.h"

struct kern_events;

/* Attaches, and begins the interval. @what: enum events. NULL with @err. */
struct kern_events *kern_events_open(struct kern_btf *kb, unsigned int what, struct error *err);

/* Ends the interval; all events before its end have been counted on return. */
void kern_events_end(struct kern_events *ev);

/* Detaches; NULL is fine. */
void kern_events_close(struct kern_events *ev);

/* Adds the functions that were seen to those whose names are wanted. */
void kern_events_names(const struct kern_events *ev, struct names *n);

/* Fills rows of ROW_FUNCTION and the interval. */
void kern_events_fill(const struct kern_events *ev, struct snapshot *s, const struct names *n);

/* The stream of single events. */
struct kern_trace;

struct kern_trace *kern_trace_open(struct kern_btf *kb, struct error *err);
void kern_trace_close(struct kern_trace *kt);

/* What has happened since the last call; names are resolved by @w. */
int kern_trace_read(struct kern_trace *kt, struct walker *w, struct snapshot *s,
		    struct error *err);

/* Fills the ages of works and workers whose queueing or start was seen. */
void kern_events_ages(const struct kern_events *ev, struct snapshot *s);

#endif
