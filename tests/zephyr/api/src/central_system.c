/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/net/socket.h>

#include "central_system.h"

static int control = -1;
static char line[6144];

static void connect_once(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(CONFIG_CENTRAL_SYSTEM_PORT),
	};

	if (control >= 0) {
		return;
	}

	zassert_equal(zsock_inet_pton(AF_INET, CONFIG_CENTRAL_SYSTEM, &address.sin_addr), 1);
	control = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	zassert_true(control >= 0);
	zassert_ok(zsock_connect(control, (struct sockaddr *)&address, sizeof(address)),
		   "no central system at port %d", CONFIG_CENTRAL_SYSTEM_PORT);
}

const char *cs(const char *command, ...)
{
	va_list arguments;
	size_t length;
	ssize_t got;

	connect_once();

	va_start(arguments, command);
	length = vsnprintf(line, sizeof(line) - 1, command, arguments);
	va_end(arguments);
	zassert_true(length < sizeof(line) - 1);
	line[length++] = '\n';
	for (size_t sent = 0; sent < length; sent += got) {
		got = zsock_send(control, &line[sent], length - sent, 0);
		zassert_true(got > 0);
	}

	length = 0;
	do {
		zassert_true(length < sizeof(line));
		got = zsock_recv(control, &line[length], sizeof(line) - length, 0);
		zassert_true(got > 0, "the central system is gone");
		length += got;
	} while (line[length - 1] != '\n');
	line[length - 1] = '\0';

	return line;
}
