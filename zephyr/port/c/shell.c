/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The commands below `ocpp`, which only macros can define. What they do and say is in
 * src/shell/commands.rs.
 */

#include <zephyr/logging/log_ctrl.h>
#include <zephyr/net/ocpp_shell.h>
#include <zephyr/shell/shell.h>

#include "port.h"

/* As many keys as the line has room for. */
#define ANY_NUMBER SHELL_OPT_ARG_CHECK_SKIP

int ocpp_port_shell_status(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_connectors(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_queue(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_config_get(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_config_set(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_diagnostics(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_certificates(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_list(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_profiles(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_reservations(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_reconnect(const struct shell *sh, size_t argc, char **argv);
int ocpp_port_shell_log_level(const struct shell *sh, size_t argc, char **argv);
const char *ocpp_port_shell_key(size_t idx);
const char *ocpp_port_shell_connector(size_t idx);

void ocpp_port_shell_print(const struct shell *sh, bool is_error, const char *text)
{
	shell_fprintf(sh, is_error ? SHELL_ERROR : SHELL_NORMAL, "%s", text);
}

static void complete(struct shell_static_entry *entry, const char *syntax)
{
	*entry = (struct shell_static_entry){.syntax = syntax};
}

void ocpp_shell_connectors(size_t idx, struct shell_static_entry *entry)
{
	complete(entry, ocpp_port_shell_connector(idx));
}

static void complete_key(size_t idx, struct shell_static_entry *entry)
{
	complete(entry, ocpp_port_shell_key(idx));
}

SHELL_DYNAMIC_CMD_CREATE(key_once, complete_key);

static void complete_keys(size_t idx, struct shell_static_entry *entry);

SHELL_DYNAMIC_CMD_CREATE(keys, complete_keys);

static void complete_keys(size_t idx, struct shell_static_entry *entry)
{
	complete_key(idx, entry);
	entry->subcmd = &keys;
}

SHELL_DYNAMIC_CMD_CREATE(connectors, ocpp_shell_connectors);

SHELL_STATIC_SUBCMD_SET_CREATE(
	config_commands,
	SHELL_CMD_ARG(get, &keys,
		      SHELL_HELP("Values of configuration keys, all without a name", "[<key> ...]"),
		      ocpp_port_shell_config_get, 1, ANY_NUMBER),
	SHELL_CMD_ARG(set, &key_once,
		      SHELL_HELP("Sets a configuration key, as ChangeConfiguration does",
				 "<key> <value>"),
		      ocpp_port_shell_config_set, 3, 0),
	SHELL_SUBCMD_SET_END);

/* Each of the log's backends has a level: all get the wanted one, the highest is told. */
uint32_t ocpp_port_log_level(uint32_t wanted)
{
	uint32_t level = LOG_LEVEL_NONE;

#ifdef CONFIG_LOG_RUNTIME_FILTERING
	int source = log_source_id_get(STRINGIFY(ocpp));

	if (wanted <= LOG_LEVEL_DBG) {
		return log_filter_set(NULL, Z_LOG_LOCAL_DOMAIN_ID, source, wanted);
	}

	STRUCT_SECTION_FOREACH(log_backend, backend) {
		if (log_backend_is_active(backend)) {
			level = MAX(level, log_filter_get(backend, Z_LOG_LOCAL_DOMAIN_ID, source,
							  true));
		}
	}
#else
	ARG_UNUSED(wanted);
#endif

	return level;
}

SHELL_STATIC_SUBCMD_SET_CREATE(
	levels,
	SHELL_CMD(dbg, NULL, "Everything, messages too", NULL),
	SHELL_CMD(err, NULL, "What does not work", NULL),
	SHELL_CMD(inf, NULL, "What the charge point does", NULL),
	SHELL_CMD(off, NULL, "Nothing", NULL),
	SHELL_CMD(wrn, NULL, "What may not work", NULL),
	SHELL_SUBCMD_SET_END);

SHELL_STATIC_SUBCMD_SET_CREATE(
	log_commands,
	SHELL_CMD_ARG(level, &levels,
		      SHELL_HELP("What the charge point logs", "[off|err|wrn|inf|dbg]"),
		      ocpp_port_shell_log_level, 1, 1),
	SHELL_SUBCMD_SET_END);

SHELL_SUBCMD_SET_CREATE(ocpp_commands, (ocpp));
#ifdef CONFIG_OCPP_SECURITY
SHELL_SUBCMD_ADD((ocpp), certificates, NULL,
		 "Certificates that the central system has installed and issued",
		 ocpp_port_shell_certificates, 1, 0);
#endif
SHELL_SUBCMD_ADD((ocpp), config, &config_commands, "Configuration keys", NULL, 1, 0);
SHELL_SUBCMD_ADD((ocpp), connectors, &connectors,
		 SHELL_HELP("Status, register, transaction and fault of connectors; 0 is the whole",
			    "[<connector>]"),
		 ocpp_port_shell_connectors, 1, 1);
#ifdef CONFIG_OCPP_PROFILE_FIRMWARE_MGNT
SHELL_SUBCMD_ADD((ocpp), diagnostics, NULL,
		      "What GetDiagnostics has uploaded: what happened, the newest last",
		      ocpp_port_shell_diagnostics, 1, 0);
#endif
#ifdef CONFIG_OCPP_PROFILE_LOCAL_AUTH_LIST
SHELL_SUBCMD_ADD((ocpp), list, NULL,
		      "Local authorization list: version and entries",
		      ocpp_port_shell_list, 1, 0);
#endif
SHELL_SUBCMD_COND_ADD(CONFIG_LOG_RUNTIME_FILTERING, (ocpp), log, &log_commands, "Log of the module",
		      NULL, 1, 0);
#ifdef CONFIG_OCPP_PROFILE_SMART_CHARGE
SHELL_SUBCMD_ADD((ocpp), profiles, NULL,
		      "Charging profiles, and what connectors may draw now",
		      ocpp_port_shell_profiles, 1, 0);
#endif
SHELL_SUBCMD_ADD((ocpp), queue, NULL,
		 "Transaction messages that wait for the central system",
		 ocpp_port_shell_queue, 1, 0);
SHELL_SUBCMD_ADD((ocpp), reconnect, NULL,
		 "Closes the connection and opens it again at once",
		 ocpp_port_shell_reconnect, 1, 0);
#ifdef CONFIG_OCPP_PROFILE_RESERVATION
SHELL_SUBCMD_ADD((ocpp), reservations, NULL,
		      "Reservations of connectors; 0 is one of any of them",
		      ocpp_port_shell_reservations, 1, 0);
#endif
SHELL_SUBCMD_ADD((ocpp), status, NULL,
		 "Central system, connection, time, boot and queue",
		 ocpp_port_shell_status, 1, 0);
SHELL_CMD_REGISTER(ocpp, &ocpp_commands, "OCPP charge point", NULL);
