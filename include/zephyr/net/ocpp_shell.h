/*
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Shell commands of an application beside those of the OCPP charge point
 *
 * With CONFIG_OCPP_SHELL there is the shell command `ocpp`. An application adds its own below it:
 *
 * @code{.c}
 * SHELL_DYNAMIC_CMD_CREATE(my_connectors, ocpp_shell_connectors);
 * SHELL_SUBCMD_ADD((ocpp), park, &my_connectors, "Raises a bollard", cmd_park, 2, 0);
 * @endcode
 */

#ifndef ZEPHYR_INCLUDE_NET_OCPP_SHELL_H_
#define ZEPHYR_INCLUDE_NET_OCPP_SHELL_H_

#include <zephyr/shell/shell.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Completes the numbers of the connectors that the charge point has
 *
 * For SHELL_DYNAMIC_CMD_CREATE(). What comes behind a number is set in the entry's member subcmd by
 * a function of the application that calls this one.
 *
 * @param idx which one, from 0
 * @param entry filled with it; its member syntax is NULL behind the last one, and while the charge
 *              point does not run
 */
void ocpp_shell_connectors(size_t idx, struct shell_static_entry *entry);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_NET_OCPP_SHELL_H_ */
