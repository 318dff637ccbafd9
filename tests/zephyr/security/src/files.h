/*
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef FILES_H_
#define FILES_H_

#include <stddef.h>
#include <stdint.h>

/* Reads a file of the host with a zero behind it: its length with that, or 0. */
size_t read_file(const char *path, uint8_t *into, size_t room);

#endif /* FILES_H_ */
