/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * A charge point that does what the command line says until it is killed:
 *
 *   -do=idle      nothing but to be there
 *   -do=charge    charges at both connectors again and again
 *   -do=sessions  charges -times=<number> at connector 1, each time for -seconds=<number>, says
 *                 what that has written to flash, then is idle
 *   -do=refused   has to be refused a transaction at connector 1, then is idle
 *   -do=cuts      no charge point: see cuts.c, for -operations=<number>
 *   -do=put, look, fill, drop
 *                 no charge point: see records.c, for -record=<number> -bytes=<number>
 *   -do=diagnostics
 *                 no charge point: prints what has happened so far
 *
 * The registers of both meters begin at -register=<Wh> and advance by 1 Wh every millisecond; with
 * -do=sessions they stand still, but for 50 Wh more at the end of each.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/net/socket.h>
#include <zephyr/random/random.h>
#include <zephyr/shell/shell.h>
#include <zephyr/shell/shell_dummy.h>

#include "cmdline.h"
#include "flash.h"
#include "nsi_main.h"
#include "posix_native_task.h"
#include "storage.h"

#define CONNECTORS 2
#define LONG_MS    5000

static uint32_t register_wh;
static uint32_t times;
static uint32_t seconds;
static uint32_t operations;
static uint32_t record;
static uint32_t bytes;
static char *what;
static bool stands_still;

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{.option = "register",
		 .name = "Wh",
		 .type = 'u',
		 .dest = &register_wh,
		 .descript = "Where the meters begin"},
		{.option = "times",
		 .name = "number",
		 .type = 'u',
		 .dest = &times,
		 .descript = "How often to charge"},
		{.option = "seconds",
		 .name = "number",
		 .type = 'u',
		 .dest = &seconds,
		 .descript = "How long to charge each time"},
		{.option = "operations",
		 .name = "number",
		 .type = 'u',
		 .dest = &operations,
		 .descript = "How many are cut"},
		{.option = "record",
		 .name = "number",
		 .type = 'u',
		 .dest = &record,
		 .descript = "Name of a record"},
		{.option = "bytes",
		 .name = "number",
		 .type = 'u',
		 .dest = &bytes,
		 .descript = "How long it is"},
		{.option = "do",
		 .name = "what",
		 .type = 's',
		 .dest = &what,
		 .descript = "What it does"},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);

static int meter(void)
{
	return (int)register_wh + (stands_still ? 0 : (int)k_uptime_get());
}

static int callback(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	ARG_UNUSED(user_data);

	if (reason != OCPP_USR_GET_METER_VALUE) {
		return 0;
	}
	if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
		return -ENOTSUP;
	}
	snprintf(io->meter_val.val, sizeof(io->meter_val.val), "%d", meter());

	return 0;
}

void must(int ret, const char *call)
{
	if (ret != 0) {
		printk("FAILED: %s = %d\n", call, ret);
		nsi_exit(1);
	}
}

#define MUST(call) must(call, #call)

static ocpp_session_handle_t start(int connector)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;
	ocpp_session_handle_t session = NULL;

	MUST(ocpp_session_open(&session));
	MUST(ocpp_authorize(session, "DRIVER", &status, LONG_MS));
	MUST(status != OCPP_AUTH_ACCEPTED);
	MUST(ocpp_start_transaction(session, meter(), connector, LONG_MS));
	printk("started %d\n", connector);

	return session;
}

static void stop(ocpp_session_handle_t session, int connector)
{
	MUST(ocpp_stop_transaction(session, meter(), LONG_MS));
	printk("stopped %d\n", connector);
	ocpp_session_close(session);
}

static void charge(void)
{
	ocpp_session_handle_t sessions[CONNECTORS + 1];

	while (true) {
		for (int connector = 1; connector <= CONNECTORS; connector++) {
			sessions[connector] = start(connector);
			k_msleep(sys_rand32_get() % 150);
		}
		for (int connector = 1; connector <= CONNECTORS; connector++) {
			k_msleep(sys_rand32_get() % 900);
			stop(sessions[connector], connector);
		}
	}
}

static void charge_times(void)
{
	stands_still = true;
	for (uint32_t i = 0; i < times; i++) {
		ocpp_session_handle_t session = start(1);

		k_msleep(seconds * MSEC_PER_SEC);
		register_wh += 50;
		stop(session, 1);
	}
	/* The answer to the last one. */
	k_msleep(300);
	flash_print_counts();
}

/* There is no room to tell of its end, so that it must not begin. */
static void be_refused(void)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;
	ocpp_session_handle_t session = NULL;
	int ret;

	MUST(ocpp_session_open(&session));
	MUST(ocpp_authorize(session, "DRIVER", &status, LONG_MS));
	ret = ocpp_start_transaction(session, meter(), 1, LONG_MS);
	MUST(ret == -ENOMEM ? 0 : ret);
	printk("refused\n");
	ocpp_session_close(session);
}

static void print_diagnostics(void)
{
	const struct shell *sh = shell_backend_dummy_get_ptr();
	char line[160];
	const char *text;
	size_t length;

	while (!shell_ready(sh)) {
		k_msleep(1);
	}
	shell_backend_dummy_clear_output(sh);
	MUST(shell_execute_cmd(sh, "ocpp diagnostics"));
	text = shell_backend_dummy_get_output(sh, &length);
	/* A line at a time, for the log has a limit. */
	while (*text != '\0') {
		length = strcspn(text, "\r\n");
		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		printk("%s\n", line);
		text += length + strspn(&text[length], "\r\n");
	}
}

/* True when there is no charge point to be started. */
static bool does_without_charge_point(void)
{
	if (strcmp(what, "cuts") == 0) {
		nsi_exit(cut_power((int)operations) != 0);
	} else if (strcmp(what, "put") == 0) {
		put_record(record, bytes);
	} else if (strcmp(what, "look") == 0) {
		look_at_record(record, bytes);
	} else if (strcmp(what, "fill") == 0) {
		fill_partition(bytes);
	} else if (strcmp(what, "drop") == 0) {
		drop_foreign_records();
	} else if (strcmp(what, "diagnostics") == 0) {
		print_diagnostics();
	} else {
		return false;
	}

	return true;
}

int main(void)
{
	struct ocpp_cp_info cp_info = {
		.model = "storage",
		.vendor = "tests",
		.num_of_con = CONNECTORS,
	};
	struct ocpp_cs_info cs_info = {
		.cs_ip = "127.0.0.1",
		.ws_url = "/ocpp/storage",
		.port = CONFIG_CENTRAL_SYSTEM_PORT,
		.sa_family = AF_INET,
	};

	if (does_without_charge_point()) {
		nsi_exit(0);
	}

	MUST(ocpp_init(&cp_info, &cs_info, callback, NULL));

	/* Half a second for the central system, if there is one. */
	for (int i = 0; i < 50 && ocpp_connection_state() != OCPP_CONNECTION_ONLINE; i++) {
		k_msleep(10);
	}

	if (strcmp(what, "charge") == 0) {
		charge();
	} else if (strcmp(what, "sessions") == 0) {
		charge_times();
	} else if (strcmp(what, "refused") == 0) {
		be_refused();
	}

	return 0;
}
