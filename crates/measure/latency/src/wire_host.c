/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The host's sockets under native_sim: what they have given, or taken, a moment ago. Zephyr's
 * time stands still while code runs, so this is the host's.
 */

#include "wire.h"

/* host_clock.c, which is compiled for the host. */
uint64_t host_clock_ns(void);

uint64_t wire_now(void)
{
	return host_clock_ns();
}

void wire_opened(void)
{
}

uint64_t wire_arrived(size_t length)
{
	(void)length;
	return host_clock_ns();
}

uint64_t wire_left(void)
{
	return host_clock_ns();
}
