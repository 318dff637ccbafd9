/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What firmware/src calls: the part of Zephyr that is macros and inline functions. The other
 * side of each declaration is in the file of the same name there.
 */

#ifndef OCPP_FIRMWARE_H_
#define OCPP_FIRMWARE_H_

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

#endif /* OCPP_FIRMWARE_H_ */
