/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * A charge point that is updated. A reset ends its process, as a test is its boot loader. With
 * -later it puts an installation off for a moment.
 */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/net/socket.h>

#include "cmdline.h"
#include "nsi_main.h"
#include "posix_native_task.h"

static bool later;

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{.is_switch = true,
		 .option = "later",
		 .type = 'b',
		 .dest = &later,
		 .descript = "Installs later"},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);

static int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	ARG_UNUSED(user_data);

	if (reason != OCPP_USR_GET_METER_VALUE) {
		return 0;
	}
	if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
		return -ENOTSUP;
	}
	snprintf(io->meter_val.val, sizeof(io->meter_val.val), "%d", 0);

	return 0;
}

static void install_now(struct k_work *work)
{
	ARG_UNUSED(work);

	printk("install: %d\n", ocpp_install_firmware());
}

static K_WORK_DELAYABLE_DEFINE(install, install_now);

static int happened(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	ARG_UNUSED(value);
	ARG_UNUSED(user_data);

	switch (event) {
	case OCPP_EVENT_RESET:
		printk("reset\n");
		nsi_exit(0);
		return 0;
	case OCPP_EVENT_INSTALL_FIRMWARE:
		if (!later) {
			return 0;
		}
		printk("put off\n");
		(void)k_work_schedule(&install, K_SECONDS(1));
		return -EAGAIN;
	default:
		return -ENOTSUP;
	}
}

int main(void)
{
	struct ocpp_cp_info cp_info = {
		.model = "update",
		.vendor = "tests",
		.num_of_con = 2,
	};
	struct ocpp_cs_info cs_info = {
		.cs_ip = "127.0.0.1",
		.ws_url = "/ocpp/update",
		.port = CONFIG_CENTRAL_SYSTEM_PORT,
		.sa_family = AF_INET,
	};
	int ret;

	(void)ocpp_set_event_callback(happened, NULL);
	ret = ocpp_init(&cp_info, &cs_info, notified, NULL);
	if (ret != 0) {
		printk("FAILED: ocpp_init() = %d\n", ret);
		nsi_exit(1);
	}

	return 0;
}
