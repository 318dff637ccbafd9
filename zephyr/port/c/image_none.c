/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* There is nowhere to put an image. */

#include <errno.h>

#include <zephyr/toolchain.h>

#include "port.h"

int ocpp_port_image_begin(uint32_t *room)
{
	*room = 0;
	return -ENOTSUP;
}

int ocpp_port_image_write(const uint8_t *bytes, size_t length)
{
	ARG_UNUSED(bytes);
	ARG_UNUSED(length);
	return -ENOTSUP;
}

int ocpp_port_image_end(bool is_whole)
{
	ARG_UNUSED(is_whole);
	return -ENOTSUP;
}

int ocpp_port_image_check(void)
{
	return -ENOTSUP;
}

int ocpp_port_image_install(void)
{
	return -ENOTSUP;
}

int ocpp_port_image_read(uint32_t from, uint8_t *into, size_t room)
{
	ARG_UNUSED(from);
	ARG_UNUSED(into);
	ARG_UNUSED(room);
	return -ENOTSUP;
}

bool ocpp_port_image_confirm(void)
{
	return false;
}

uint32_t ocpp_port_image_mark(void)
{
	return 0;
}

int ocpp_port_image_version(char *into, size_t size)
{
	ARG_UNUSED(into);
	ARG_UNUSED(size);
	return -ENOTSUP;
}
