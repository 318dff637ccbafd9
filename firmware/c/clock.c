/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The time by SNTP. */

#include <zephyr/kernel.h>
#include <zephyr/net/sntp.h>

#include "firmware.h"

#define TIMEOUT_MS 4000

int firmware_sntp(const char *server, int64_t *unix_ms)
{
	struct sntp_time now;
	int ret;

	ret = sntp_simple(server, TIMEOUT_MS, &now);
	if (ret < 0) {
		return ret;
	}

	/* The fraction counts in units of 2^-32 seconds. */
	*unix_ms = (int64_t)now.seconds * MSEC_PER_SEC +
		   (int64_t)(((uint64_t)now.fraction * MSEC_PER_SEC) >> 32);
	return 0;
}
