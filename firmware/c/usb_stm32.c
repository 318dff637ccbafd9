/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * High speed of STM32's USB OTG HS with a ULPI PHY. Up to Zephyr 4.2 the driver of the controller
 * asks for full speed whatever the devicetree says, because it looks whether a macro is defined
 * that always is (https://github.com/zephyrproject-rtos/zephyr/pull/92941). ST's driver below it
 * calls this function before it sets anything up.
 */

#include <soc.h>
#include <zephyr/devicetree.h>
#include <zephyr/usb/usbd.h>

#define CONTROLLER DT_PARENT(DT_CHOSEN(charge_point_session_log))

void HAL_PCD_MspInit(PCD_HandleTypeDef *pcd)
{
	if (USBD_SUPPORTS_HIGH_SPEED &&
	    DT_ENUM_HAS_VALUE(CONTROLLER, maximum_speed, high_speed)) {
		pcd->Init.speed = USB_OTG_SPEED_HIGH;
	}
}
