/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin.h - status files of the kernel's workqueues in a BPF file system */
#ifndef WQKIT_PIN_H
#define WQKIT_PIN_H

#include "util.h"

#define PIN_DIR "/sys/fs/bpf/wq"
#define NR_PINS 4

extern const char *const pin_names[NR_PINS];

/* The path of a file, in fresh memory. */
char *pin_path(const char *dir, int file);

/* Could pin make this folder? -1 with @err. */
int pin_check_folder(const char *dir, struct error *err);

/* Those files that are there, and the folder if it is empty then. */
void pin_remove_files(const char *dir);

/* Makes the folder @dir, which must not exist, and the files in it. -1 with @err. */
int kern_pin(const char *dir, bool public, bool verbose, struct error *err);

/*
 * Removes the files, and the folder. -1 with @err, before anything is removed
 * unless removing failed. @left: the folder stays, as it holds something else.
 */
int pin_remove(const char *dir, bool *left, struct error *err);

#endif
