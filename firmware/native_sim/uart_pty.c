/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The UART driver of charge-point,pty-uart: what a USB serial port is on a board, a pseudo
 * terminal is on native_sim. Interrupts come from a timer, and so at the level of interrupts.
 */

#define DT_DRV_COMPAT charge_point_pty_uart

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>

#include "pty_host.h"

/* How often a terminal is asked for what it has or can take, while a driver waits for it. */
#define INTERVAL K_MSEC(10)

struct pty_uart {
	struct k_timer timer;
	const struct device *dev;
	uart_irq_callback_user_data_t callback;
	void *user_data;
	int pty;
	bool is_running;
	bool tx_enabled;
	bool rx_enabled;
	/* The terminal did not take all that it was given in this interrupt. */
	bool is_full;
	/* A byte that was looked for, and found. */
	bool has_byte;
	uint8_t byte;
};

static void interrupt(struct k_timer *timer)
{
	struct pty_uart *uart = CONTAINER_OF(timer, struct pty_uart, timer);

	uart->is_full = false;
	if (uart->callback != NULL) {
		uart->callback(uart->dev, uart->user_data);
	}
}

static void run(struct pty_uart *uart, bool at_once)
{
	bool wanted = uart->tx_enabled || uart->rx_enabled;

	if (wanted && (at_once || !uart->is_running)) {
		k_timer_start(&uart->timer, K_NO_WAIT, INTERVAL);
	} else if (!wanted) {
		k_timer_stop(&uart->timer);
	}

	uart->is_running = wanted;
}

static void irq_tx_enable(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	uart->tx_enabled = true;
	run(uart, true);
}

static void irq_tx_disable(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	uart->tx_enabled = false;
	run(uart, false);
}

static void irq_rx_enable(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	uart->rx_enabled = true;
	run(uart, false);
}

static void irq_rx_disable(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	uart->rx_enabled = false;
	run(uart, false);
}

static int irq_tx_ready(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	return uart->tx_enabled && !uart->is_full;
}

static int irq_rx_ready(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	if (uart->rx_enabled && !uart->has_byte) {
		uart->has_byte = pty_host_read(uart->pty, &uart->byte, 1) == 1;
	}

	return uart->rx_enabled && uart->has_byte;
}

static int irq_is_pending(const struct device *dev)
{
	return irq_tx_ready(dev) || irq_rx_ready(dev);
}

static int irq_update(const struct device *dev)
{
	ARG_UNUSED(dev);

	return 1;
}

static void irq_callback_set(const struct device *dev, uart_irq_callback_user_data_t callback,
			     void *user_data)
{
	struct pty_uart *uart = dev->data;

	uart->callback = callback;
	uart->user_data = user_data;
}

static int fifo_fill(const struct device *dev, const uint8_t *bytes, int size)
{
	struct pty_uart *uart = dev->data;
	int taken = pty_host_write(uart->pty, bytes, size);

	uart->is_full = taken < size;
	return taken;
}

static int fifo_read(const struct device *dev, uint8_t *bytes, const int size)
{
	struct pty_uart *uart = dev->data;
	int count = 0;

	if (uart->has_byte && size > 0) {
		bytes[count++] = uart->byte;
		uart->has_byte = false;
	}

	return count + pty_host_read(uart->pty, &bytes[count], size - count);
}

static int poll_in(const struct device *dev, unsigned char *byte)
{
	return fifo_read(dev, byte, 1) == 1 ? 0 : -1;
}

static void poll_out(const struct device *dev, unsigned char byte)
{
	struct pty_uart *uart = dev->data;

	(void)pty_host_write(uart->pty, &byte, 1);
}

#ifdef CONFIG_UART_LINE_CTRL
static int line_ctrl_get(const struct device *dev, uint32_t line, uint32_t *value)
{
	struct pty_uart *uart = dev->data;

	if (line != UART_LINE_CTRL_DTR) {
		return -ENOTSUP;
	}

	*value = pty_host_is_open(uart->pty);
	return 0;
}
#endif

static DEVICE_API(uart, pty_uart_api) = {
	.poll_in = poll_in,
	.poll_out = poll_out,
	.fifo_fill = fifo_fill,
	.fifo_read = fifo_read,
	.irq_tx_enable = irq_tx_enable,
	.irq_tx_disable = irq_tx_disable,
	.irq_tx_ready = irq_tx_ready,
	.irq_rx_enable = irq_rx_enable,
	.irq_rx_disable = irq_rx_disable,
	.irq_rx_ready = irq_rx_ready,
	.irq_is_pending = irq_is_pending,
	.irq_update = irq_update,
	.irq_callback_set = irq_callback_set,
#ifdef CONFIG_UART_LINE_CTRL
	.line_ctrl_get = line_ctrl_get,
#endif
};

static int init(const struct device *dev)
{
	struct pty_uart *uart = dev->data;

	uart->dev = dev;
	k_timer_init(&uart->timer, interrupt, NULL);
	uart->pty = pty_host_open(dev->name);
	return uart->pty < 0 ? -EIO : 0;
}

#define PTY_UART(n)                                                                                \
	static struct pty_uart pty_uart_##n;                                                       \
	DEVICE_DT_INST_DEFINE(n, init, NULL, &pty_uart_##n, NULL, PRE_KERNEL_1,                     \
			      CONFIG_SERIAL_INIT_PRIORITY, &pty_uart_api);

DT_INST_FOREACH_STATUS_OKAY(PTY_UART)
