/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Does what the central system asks for in DataTransfer messages: "present" so many idTags;
 * "charge" at all connectors; "present-reporting" so many idTags while meter readings are asked
 * for; "tell" the record.
 */

#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/printk.h>

#include "record.h"

#define TIMEOUT_MS 20000
/* Between two idTags; long after everything that the one before it has set off. */
#define PAUSE_MS   40
/* One in so many connectors has an idTag presented while its meter is read. */
#define APART      2

struct command {
	char name[24];
	int count;
};

K_MSGQ_DEFINE(commands, sizeof(struct command), 1, 4);
K_SEM_DEFINE(reporting, 0, 1);

static char id_tag[] = "ZepId00";

static int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	ARG_UNUSED(user_data);

	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
			return -ENOTSUP;
		}
		if (io->meter_val.id_con % APART == 1) {
			k_sem_give(&reporting);
		}
		strcpy(io->meter_val.val, "1234567");
		return 0;

	default:
		return -ENOTSUP;
	}
}

static int happened(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	const struct ocpp_data_transfer *transfer = &value->data_transfer;
	struct command command = {0};

	ARG_UNUSED(user_data);

	if (event != OCPP_EVENT_DATA_TRANSFER || transfer->message_id == NULL) {
		return -ENOTSUP;
	}

	strncpy(command.name, transfer->message_id, sizeof(command.name) - 1);
	if (transfer->payload != NULL) {
		command.count = atoi(transfer->payload);
	}

	return k_msgq_put(&commands, &command, K_NO_WAIT);
}

static void present(ocpp_session_handle_t session)
{
	enum ocpp_auth_status status;
	int ret;

	/* A driver does not wait for the next tick of the kernel's clock. */
	k_busy_wait(sys_rand32_get() % k_ticks_to_us_floor32(1));
	record_presented();
	ret = ocpp_authorize(session, id_tag, &status, TIMEOUT_MS);
	if (ret < 0) {
		printk("ocpp_authorize() %d\n", ret);
	}
}

static void charge(void)
{
	for (int connector = 1; connector <= CONFIG_OCPP_CONNECTORS; connector++) {
		ocpp_session_handle_t session;
		enum ocpp_auth_status status;
		int ret = ocpp_session_open(&session);

		if (ret == 0) {
			ret = ocpp_authorize(session, id_tag, &status, TIMEOUT_MS);
		}
		if (ret == 0) {
			ret = ocpp_start_transaction(session, 0, connector, TIMEOUT_MS);
		}
		if (ret < 0) {
			printk("connector %d does not charge: %d\n", connector, ret);
		}
	}
}

static void obey(ocpp_session_handle_t session, const struct command *command)
{
	if (strcmp(command->name, "charge") == 0) {
		charge();
	} else if (strcmp(command->name, "present") == 0) {
		for (int i = 0; i < command->count; i++) {
			k_sleep(K_MSEC(PAUSE_MS));
			present(session);
		}
	} else if (strcmp(command->name, "present-reporting") == 0) {
		for (int i = 0; i < command->count; i++) {
			(void)k_sem_take(&reporting, K_FOREVER);
			present(session);
		}
	} else if (strcmp(command->name, "tell") == 0) {
		record_tell();
	}
}

int main(void)
{
	struct ocpp_cp_info charge_point = {
		.model = "latency",
		.vendor = "measure",
		.num_of_con = CONFIG_OCPP_CONNECTORS,
	};
	struct ocpp_cs_info central_system = {
		.cs_ip = CONFIG_LATENCY_SERVER,
		.ws_url = "/ocpp/CP1",
		.port = CONFIG_LATENCY_PORT,
		.sa_family = AF_INET,
	};
	ocpp_session_handle_t session;
	struct command command;
	int ret;

	(void)ocpp_set_event_callback(happened, NULL);
	ret = ocpp_init(&charge_point, &central_system, notified, NULL);
	if (ret == 0) {
		ret = ocpp_session_open(&session);
	}
	if (ret < 0) {
		printk("no charge point: %d\n", ret);
		return ret;
	}

	while (true) {
		(void)k_msgq_get(&commands, &command, K_FOREVER);
		obey(session, &command);
	}
}
