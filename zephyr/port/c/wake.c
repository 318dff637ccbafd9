/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What the engine's thread waits for: data from the central system, or a call of another
 * thread. An eventfd stands for the second, so that one poll waits for both.
 */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/zvfs/eventfd.h>

#include "port.h"

static int wake_fd = -1;

int ocpp_port_wake_open(void)
{
	/* Never closed: a call may still be about to wake when the charge point is shut down. */
	if (wake_fd < 0) {
		wake_fd = zvfs_eventfd(0, ZVFS_EFD_NONBLOCK);
	}

	return wake_fd < 0 ? -errno : 0;
}

void ocpp_port_wake(void)
{
	/* Fails only when it is already at its highest, which wakes as well. */
	(void)zvfs_eventfd_write(wake_fd, 1);
}

uint32_t ocpp_port_wait(int sock, bool is_writing, int32_t timeout_ms)
{
	struct zsock_pollfd fds[] = {
		{.fd = wake_fd, .events = ZSOCK_POLLIN},
		{.fd = sock, .events = is_writing ? ZSOCK_POLLOUT : ZSOCK_POLLIN},
	};
	zvfs_eventfd_t calls;
	uint32_t found = 0;

	if (zsock_poll(fds, sock < 0 ? 1 : 2, timeout_ms) < 0) {
		/* Without poll entries left (CONFIG_ZVFS_POLL_MAX) at least not a busy loop. */
		k_sleep(K_MSEC(100));
		return 0;
	}

	if (fds[0].revents & ZSOCK_POLLIN) {
		(void)zvfs_eventfd_read(wake_fd, &calls);
	}

	if (sock >= 0 && is_writing) {
		if (fds[1].revents & (ZSOCK_POLLERR | ZSOCK_POLLNVAL | ZSOCK_POLLHUP)) {
			found |= OCPP_PORT_BROKEN;
		} else if (fds[1].revents & ZSOCK_POLLOUT) {
			found |= OCPP_PORT_WRITABLE;
		}
	} else if (sock >= 0) {
		/* What was received before a hang-up is still to be read. */
		if (fds[1].revents & (ZSOCK_POLLIN | ZSOCK_POLLHUP)) {
			found |= OCPP_PORT_READABLE;
		}
		if (fds[1].revents & (ZSOCK_POLLERR | ZSOCK_POLLNVAL)) {
			found |= OCPP_PORT_BROKEN;
		}
	}

	return found;
}
