/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The command line of native_sim: -csms=<url> says where the central system is, -fault= what is
 * broken, and -id-tags= whose drivers wait. Boards have none.
 */

#include <stddef.h>

#include "firmware.h"

#ifdef CONFIG_ARCH_POSIX
#include "cmdline.h"
#include "posix_native_task.h"

static char *csms;
static char *fault;
static char *id_tags;

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{
			.option = "csms",
			.name = "url",
			.type = 's',
			.dest = &csms,
			.descript = "Central system, as ws://host:port/path/identity",
		},
		{
			.option = "fault",
			.name = "connector:error",
			.type = 's',
			.dest = &fault,
			.descript = "Something is broken, as 1:GroundFailure; 0: all connectors",
		},
		{
			.option = "id-tags",
			.name = "id_tags",
			.type = 's',
			.dest = &id_tags,
			.descript = "Drivers that wait, connector by connector, with spaces between",
		},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);

const char *firmware_csms(void)
{
	return csms;
}

const char *firmware_fault(void)
{
	return fault;
}

const char *firmware_id_tags(void)
{
	return id_tags;
}
#else
const char *firmware_csms(void)
{
	return NULL;
}

const char *firmware_fault(void)
{
	return NULL;
}

const char *firmware_id_tags(void)
{
	return NULL;
}
#endif
