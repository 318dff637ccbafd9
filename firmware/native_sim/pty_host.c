/*
 * SPDX-License-Identifier: Apache-2.0
 */

#define _GNU_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <nsi_tracing.h>

#include "pty_host.h"

/* Bytes go through as they are, and nothing waits. */
static int make_raw(int pty)
{
	struct termios settings;

	if (tcgetattr(pty, &settings) < 0) {
		return -1;
	}

	cfmakeraw(&settings);
	return tcsetattr(pty, TCSANOW, &settings);
}

/* Only after it was open once does the terminal tell that it is closed. */
static int open_once(const char *path)
{
	int terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	return terminal < 0 ? -1 : close(terminal);
}

int pty_host_open(const char *name)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	const char *path;

	if (pty < 0) {
		return -1;
	}

	if (grantpt(pty) < 0 || unlockpt(pty) < 0) {
		goto fail;
	}

	path = ptsname(pty);
	if (path == NULL || make_raw(pty) < 0 || open_once(path) < 0) {
		goto fail;
	}

	nsi_print_trace("%s connected to pseudotty: %s\n", name, path);
	return pty;

fail:
	close(pty);
	return -1;
}

bool pty_host_is_open(int pty)
{
	struct pollfd terminal = {.fd = pty};

	return poll(&terminal, 1, 0) == 0;
}

int pty_host_write(int pty, const void *bytes, int size)
{
	ssize_t written = write(pty, bytes, size);

	return written < 0 ? 0 : written;
}

int pty_host_read(int pty, void *bytes, int size)
{
	ssize_t had = read(pty, bytes, size);

	return had < 0 ? 0 : had;
}
