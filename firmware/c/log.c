/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The console, and the log module `main`, which only macros can define and write to. */

#include <zephyr/logging/log.h>
#include <zephyr/sys/printk.h>

#include "firmware.h"

LOG_MODULE_REGISTER(main, LOG_LEVEL_INF);

/* Through the log where that takes printk(), so that lines stay in their order. */
void firmware_print(const char *line)
{
	printk("%s\n", line);
}

void firmware_log(uint32_t level, const char *line)
{
	switch (level) {
	case LOG_LEVEL_ERR:
		LOG_ERR("%s", line);
		break;
	case LOG_LEVEL_WRN:
		LOG_WRN("%s", line);
		break;
	default:
		LOG_INF("%s", line);
		break;
	}
}
