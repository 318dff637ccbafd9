/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The log module `ocpp`, which only macros can define and write to. */

#include <zephyr/logging/log.h>

#include "port.h"

LOG_MODULE_REGISTER(ocpp, CONFIG_OCPP_LOG_LEVEL);

void ocpp_port_log(uint32_t level, const char *line)
{
	switch (level) {
	case LOG_LEVEL_ERR:
		LOG_ERR("%s", line);
		break;
	case LOG_LEVEL_WRN:
		LOG_WRN("%s", line);
		break;
	case LOG_LEVEL_INF:
		LOG_INF("%s", line);
		break;
	default:
		LOG_DBG("%s", line);
		break;
	}
}
