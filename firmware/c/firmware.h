/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What firmware/src calls: the part of Zephyr that is macros and inline functions. The other
 * side of each declaration is in the file of the same name there.
 */

#ifndef OCPP_FIRMWARE_H_
#define OCPP_FIRMWARE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* log.c */
void firmware_print(const char *line);
void firmware_log(uint32_t level, const char *line);

/* gui.c */
void firmware_gui_log(uint32_t level, const char *line);
int firmware_gui_light(void);

/* network.c */
void firmware_await_address(void);
int firmware_own_address(char *address, size_t size);
int firmware_resolve(const char *host, char *address, size_t size);

/* clock.c */
int firmware_sntp(const char *server, int64_t *unix_ms);

/* command_line.c */
const char *firmware_csms(void);
const char *firmware_fault(void);
const char *firmware_id_tags(void);

/* session_log.c, and what it and usb.c call in session_log.rs */
int firmware_session_log_start(void);
bool firmware_session_log_is_open(void);
void firmware_session_log_wake(void);
void firmware_session_log_sleep(void);
size_t firmware_session_log_send(const uint8_t *bytes, size_t size);
void firmware_session_log_fill(void);
void firmware_session_log_look(void);

/* usb.c */
int firmware_usb_start(void);
bool firmware_usb_is_open(void);

/* display.c */
enum firmware_pixels {
	FIRMWARE_MONO01,
	FIRMWARE_MONO10,
	FIRMWARE_L_8,
	FIRMWARE_RGB_565,
	FIRMWARE_BGR_565,
	FIRMWARE_RGB_888,
	FIRMWARE_ARGB_8888,
};

struct firmware_display {
	uint16_t width;
	uint16_t height;
	/* One of enum firmware_pixels. */
	uint8_t pixels;
	/* A byte of monochrome pixels: how they lie, and which of them is the first. */
	bool vertical;
	bool msb_first;
	/* Only whole rows can be written. */
	bool whole_rows;
	/* A picture has to be written whole: on paper, or because two memories take turns. */
	bool whole;
};

int firmware_display_open(struct firmware_display *display);
int firmware_display_write(uint16_t x, uint16_t y, uint16_t width, uint16_t height,
			   const uint8_t *pixels, size_t size, bool last);
int firmware_display_show(void);

#endif /* OCPP_FIRMWARE_H_ */
