/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The chosen display, whose API is inline functions. */

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/display.h>

#include "firmware.h"

static const struct device *const chosen = DEVICE_DT_GET(DT_CHOSEN(zephyr_display));

static int pixels_of(enum display_pixel_format format)
{
	switch (format) {
	case PIXEL_FORMAT_MONO01:
		return FIRMWARE_MONO01;
	case PIXEL_FORMAT_MONO10:
		return FIRMWARE_MONO10;
	case PIXEL_FORMAT_L_8:
		return FIRMWARE_L_8;
	case PIXEL_FORMAT_RGB_565:
		return FIRMWARE_RGB_565;
	case PIXEL_FORMAT_BGR_565:
		return FIRMWARE_BGR_565;
	case PIXEL_FORMAT_RGB_888:
		return FIRMWARE_RGB_888;
	case PIXEL_FORMAT_ARGB_8888:
		return FIRMWARE_ARGB_8888;
	default:
		return -ENOTSUP;
	}
}

int firmware_display_open(struct firmware_display *display)
{
	struct display_capabilities can = {0};
	int pixels;

	if (!device_is_ready(chosen)) {
		return -ENODEV;
	}

	display_get_capabilities(chosen, &can);
	pixels = pixels_of(can.current_pixel_format);
	if (pixels < 0) {
		return pixels;
	}

	*display = (struct firmware_display){
		.width = can.x_resolution,
		.height = can.y_resolution,
		.pixels = pixels,
		.vertical = can.screen_info & SCREEN_INFO_MONO_VTILED,
		.msb_first = can.screen_info & SCREEN_INFO_MONO_MSB_FIRST,
		.whole_rows = can.screen_info & SCREEN_INFO_X_ALIGNMENT_WIDTH,
		.whole = can.screen_info & (SCREEN_INFO_EPD | SCREEN_INFO_DOUBLE_BUFFER),
	};
	return 0;
}

int firmware_display_write(uint16_t x, uint16_t y, uint16_t width, uint16_t height,
			   const uint8_t *pixels, size_t size, bool last)
{
	const struct display_buffer_descriptor descriptor = {
		.buf_size = size,
		.width = width,
		.height = height,
		.pitch = width,
		.frame_incomplete = !last,
	};

	return display_write(chosen, x, y, &descriptor, pixels);
}

int firmware_display_show(void)
{
	int ret = display_blanking_off(chosen);

	/* What cannot be dark is not. */
	return ret == -ENOSYS || ret == -ENOTSUP ? 0 : ret;
}
