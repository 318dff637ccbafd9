/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The firmware's commands below `ocpp`, which only macros can define. What they do and say is in
 * firmware/src/shell.rs.
 */

#include <zephyr/net/ocpp_shell.h>
#include <zephyr/shell/shell.h>

int firmware_shell_tag(const struct shell *sh, size_t argc, char **argv);
int firmware_shell_plug(const struct shell *sh, size_t argc, char **argv);
int firmware_shell_unplug(const struct shell *sh, size_t argc, char **argv);
int firmware_shell_fault(const struct shell *sh, size_t argc, char **argv);
int firmware_shell_clear(const struct shell *sh, size_t argc, char **argv);
const char *firmware_shell_error(size_t idx);

/* A fault may be of the whole charge point, which is connector 0. */
static void complete_any(size_t idx, struct shell_static_entry *entry)
{
	if (idx == 0) {
		*entry = (struct shell_static_entry){.syntax = "0"};
	} else {
		ocpp_shell_connectors(idx - 1, entry);
	}
}

static void complete_error(size_t idx, struct shell_static_entry *entry)
{
	*entry = (struct shell_static_entry){.syntax = firmware_shell_error(idx)};
}

SHELL_DYNAMIC_CMD_CREATE(errors, complete_error);

static void complete_faulty(size_t idx, struct shell_static_entry *entry)
{
	complete_any(idx, entry);
	entry->subcmd = &errors;
}

SHELL_DYNAMIC_CMD_CREATE(connectors, ocpp_shell_connectors);
SHELL_DYNAMIC_CMD_CREATE(any, complete_any);
SHELL_DYNAMIC_CMD_CREATE(faulty, complete_faulty);

SHELL_SUBCMD_ADD((ocpp), clear, &any, SHELL_HELP("Nothing is broken any more", "<connector>"),
		 firmware_shell_clear, 2, 0);
SHELL_SUBCMD_ADD((ocpp), fault, &faulty,
		 SHELL_HELP("Something is broken; connector 0 is the whole charge point",
			    "<connector> <errorCode> [<info>]"),
		 firmware_shell_fault, 3, 1);
SHELL_SUBCMD_ADD((ocpp), plug, &connectors, SHELL_HELP("A cable is plugged", "<connector>"),
		 firmware_shell_plug, 2, 0);
SHELL_SUBCMD_ADD((ocpp), tag, &connectors,
		 SHELL_HELP("A driver presents an idTag, to begin or to end", "<connector> <idTag>"),
		 firmware_shell_tag, 3, 0);
SHELL_SUBCMD_ADD((ocpp), unplug, &connectors, SHELL_HELP("A cable is unplugged", "<connector>"),
		 firmware_shell_unplug, 2, 0);
