/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The pseudo terminal behind a UART, with the host's C library. Both sides of a native_sim
 * program include this.
 */

#ifndef OCPP_FIRMWARE_PTY_HOST_H_
#define OCPP_FIRMWARE_PTY_HOST_H_

#include <stdbool.h>

/* A new pseudo terminal: its number here, or -1. Its path is said on the console. */
int pty_host_open(const char *name);

/* Whether the terminal is open. */
bool pty_host_is_open(int pty);

/* How many bytes the terminal took, or had; 0 when it is full, or empty. */
int pty_host_write(int pty, const void *bytes, int size);
int pty_host_read(int pty, void *bytes, int size);

#endif /* OCPP_FIRMWARE_PTY_HOST_H_ */
