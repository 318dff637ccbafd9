/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The UART of the session log. */

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/sys/util.h>

#include "firmware.h"

static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(charge_point_session_log));

/* No setting of the line is asked for here. What is not taken keeps the other side waiting when it closes. */
static void ignore_input(void)
{
	uint8_t ignored[16];

	while (uart_fifo_read(uart, ignored, sizeof(ignored)) > 0) {
	}
}

static void on_interrupt(const struct device *dev, void *user_data)
{
	ARG_UNUSED(user_data);

	while (uart_irq_update(dev) && uart_irq_is_pending(dev)) {
		if (uart_irq_rx_ready(dev)) {
			ignore_input();
		}
		if (uart_irq_tx_ready(dev) > 0) {
			firmware_session_log_fill();
		}
	}
}

int firmware_session_log_start(void)
{
	int ret;

	if (!device_is_ready(uart)) {
		return -ENODEV;
	}

	ret = uart_irq_callback_user_data_set(uart, on_interrupt, NULL);
	if (ret < 0) {
		return ret;
	}

	uart_irq_rx_enable(uart);
	return IS_ENABLED(CONFIG_CHARGE_POINT_USB) ? firmware_usb_start() : 0;
}

/* Without a DTR line there is always a reader. */
bool firmware_session_log_is_open(void)
{
	uint32_t is_open;

	if (IS_ENABLED(CONFIG_CHARGE_POINT_USB)) {
		return firmware_usb_is_open();
	}

	return uart_line_ctrl_get(uart, UART_LINE_CTRL_DTR, &is_open) < 0 || is_open;
}

void firmware_session_log_wake(void)
{
	uart_irq_tx_enable(uart);
}

void firmware_session_log_sleep(void)
{
	uart_irq_tx_disable(uart);
}

size_t firmware_session_log_send(const uint8_t *bytes, size_t size)
{
	int taken = uart_fifo_fill(uart, bytes, size);

	return MAX(taken, 0);
}
