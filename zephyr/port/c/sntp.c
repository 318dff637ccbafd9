/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* UTC from CONFIG_OCPP_SNTP_SERVER, in milliseconds; a negative error number without an answer. */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/sntp.h>

#include "port.h"

LOG_MODULE_DECLARE(ocpp, CONFIG_OCPP_LOG_LEVEL);

int64_t ocpp_port_sntp(void)
{
#ifdef CONFIG_OCPP_SNTP
	struct sntp_time time;
	int ret;

	ret = sntp_simple(CONFIG_OCPP_SNTP_SERVER, CONFIG_OCPP_SNTP_TIMEOUT_MS, &time);
	if (ret < 0) {
		LOG_WRN("time server: error %d", ret);
		return ret;
	}

	return (int64_t)time.seconds * MSEC_PER_SEC +
	       (int64_t)(((uint64_t)time.fraction * MSEC_PER_SEC) >> 32);
#else
	return -ENOTSUP;
#endif
}
