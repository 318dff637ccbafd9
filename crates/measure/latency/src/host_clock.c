/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Part of the simulator, not of the image in it: only here are the host's functions. */

#include <stdint.h>
#include <time.h>

uint64_t host_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}
