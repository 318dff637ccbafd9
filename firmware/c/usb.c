/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The USB device: a serial port for the session log, and whether a host has it open. */

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/atomic.h>
#include <zephyr/usb/usbd.h>

#include "firmware.h"

LOG_MODULE_DECLARE(main, LOG_LEVEL_INF);

/* In units of 2 mA, what a device may take before it says anything: it has a supply of its own. */
#define MAX_POWER 50

USBD_DEVICE_DEFINE(usb, DEVICE_DT_GET(DT_PARENT(DT_CHOSEN(charge_point_session_log))),
		   CONFIG_CHARGE_POINT_USB_VID, CONFIG_CHARGE_POINT_USB_PID);

USBD_DESC_LANG_DEFINE(language);
USBD_DESC_MANUFACTURER_DEFINE(manufacturer, CONFIG_CHARGE_POINT_USB_MANUFACTURER);
USBD_DESC_PRODUCT_DEFINE(product, CONFIG_CHARGE_POINT_USB_PRODUCT);
IF_ENABLED(CONFIG_HWINFO_HAS_DRIVER, (USBD_DESC_SERIAL_NUMBER_DEFINE(serial_number)));

static struct usbd_desc_node *const texts[] = {
	&language,
	&manufacturer,
	&product,
	IF_ENABLED(CONFIG_HWINFO_HAS_DRIVER, (&serial_number,))
};

USBD_DESC_CONFIG_DEFINE(full_speed_text, "Full speed");
USBD_DESC_CONFIG_DEFINE(high_speed_text, "High speed");
USBD_CONFIGURATION_DEFINE(full_speed, USB_SCD_SELF_POWERED, MAX_POWER, &full_speed_text);
USBD_CONFIGURATION_DEFINE(high_speed, USB_SCD_SELF_POWERED, MAX_POWER, &high_speed_text);

/* A host has the port open. It says so once, and not when its cable is pulled. */
static bool has_dtr;
/* The bus is silent: the host sleeps, or is not there any more. */
static bool is_suspended;
static atomic_t is_open;

static void follow_host(const struct usbd_msg *message)
{
	uint32_t dtr = 0;

	switch (message->type) {
	case USBD_MSG_CDC_ACM_CONTROL_LINE_STATE:
		is_suspended = false;
		has_dtr = uart_line_ctrl_get(message->dev, UART_LINE_CTRL_DTR, &dtr) == 0 && dtr;
		break;
	case USBD_MSG_SUSPEND:
		is_suspended = true;
		break;
	case USBD_MSG_RESUME:
		is_suspended = false;
		break;
	case USBD_MSG_RESET:
	case USBD_MSG_VBUS_REMOVED:
		is_suspended = false;
		has_dtr = false;
		break;
	default:
		return;
	}

	atomic_set(&is_open, has_dtr && !is_suspended);
	firmware_session_log_look();
}

static void on_message(struct usbd_context *const context, const struct usbd_msg *const message)
{
	if (usbd_can_detect_vbus(context)) {
		if (message->type == USBD_MSG_VBUS_READY) {
			(void)usbd_enable(context);
		} else if (message->type == USBD_MSG_VBUS_REMOVED) {
			(void)usbd_disable(context);
		}
	}

	follow_host(message);
}

static int add_configuration(enum usbd_speed speed, struct usbd_config_node *configuration)
{
	int ret;

	ret = usbd_add_configuration(&usb, speed, configuration);
	if (ret < 0) {
		return ret;
	}

	/* The port is two interfaces, which belong together: that is what this class says. */
	ret = usbd_device_set_code_triple(&usb, speed, USB_BCC_MISCELLANEOUS, 0x02, 0x01);
	return ret < 0 ? ret : usbd_register_all_classes(&usb, speed, 1, NULL);
}

static bool can_high_speed(void)
{
	return USBD_SUPPORTS_HIGH_SPEED && usbd_caps_speed(&usb) == USBD_SPEED_HS;
}

static int describe(void)
{
	int ret;

	ARRAY_FOR_EACH(texts, i) {
		ret = usbd_add_descriptor(&usb, texts[i]);
		if (ret < 0) {
			return ret;
		}
	}

	if (can_high_speed()) {
		ret = add_configuration(USBD_SPEED_HS, &high_speed);
		if (ret < 0) {
			return ret;
		}
	}

	return add_configuration(USBD_SPEED_FS, &full_speed);
}

int firmware_usb_start(void)
{
	int ret;

	ret = describe();
	if (ret < 0) {
		return ret;
	}

	usbd_self_powered(&usb, true);
	ret = usbd_msg_register_cb(&usb, on_message);
	if (ret < 0) {
		return ret;
	}

	ret = usbd_init(&usb);
	if (ret < 0) {
		return ret;
	}

	/* Who can tell whether there is a host waits for it. */
	ret = usbd_can_detect_vbus(&usb) ? 0 : usbd_enable(&usb);
	if (ret == 0) {
		LOG_INF("session log on USB, %s speed", can_high_speed() ? "high" : "full");
	}

	return ret;
}

bool firmware_usb_is_open(void)
{
	return atomic_get(&is_open);
}
