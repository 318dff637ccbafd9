/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The log module `gui`, and the display that the devicetree has chosen. */

#include <zephyr/device.h>
#include <zephyr/drivers/display.h>
#include <zephyr/logging/log.h>

#include "firmware.h"

LOG_MODULE_REGISTER(gui, LOG_LEVEL_INF);

void firmware_gui_log(uint32_t level, const char *line)
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

int firmware_gui_light(void)
{
	return display_blanking_off(DEVICE_DT_GET(DT_CHOSEN(zephyr_display)));
}
