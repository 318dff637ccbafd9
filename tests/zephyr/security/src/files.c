/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <zephyr/kernel.h>

#include "files.h"
#include "nsi_host_trampolines.h"

#define READ_ONLY 0

size_t read_file(const char *path, uint8_t *into, size_t room)
{
	int file = path == NULL ? -1 : nsi_host_open(path, READ_ONLY);
	size_t length = 0;
	long got = 0;

	if (file < 0) {
		return 0;
	}
	do {
		length += got;
		got = nsi_host_read(file, &into[length], room - 1 - length);
	} while (got > 0);
	(void)nsi_host_close(file);
	into[length] = '\0';

	return length + 1;
}
