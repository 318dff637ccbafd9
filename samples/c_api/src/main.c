/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * A charge point with two connectors, each with a car in front of it: every connector asks for
 * its driver's idTag, charges for a while and stops. Afterwards the central system may start and
 * stop charging remotely.
 */

#include <stdio.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/net/tls_credentials.h>

LOG_MODULE_REGISTER(main, LOG_LEVEL_INF);

#define CONNECTORS 2
/* What a call takes that waits behind another one, each for as long as the charge point lets it. */
#define TIMEOUT_MS (2 * CONFIG_OCPP_CALL_TIMEOUT_MS)
/* 11 kW, in Wh and W. */
#define WH_PER_SECOND 3
#define POWER_W       11000

#if defined(CONFIG_SAMPLE_TLS)
#define CA_TAG 1

static const unsigned char ca_certificate[] = {
#include "ca_certificate.inc"
};

static const sec_tag_t tags[] = {CA_TAG};
#endif

struct connector {
	int number;
	char id_tag[CISTR50];
	bool charging;
	int64_t since;
	int register_wh;
	struct k_sem start;
	struct k_sem stop;
};

static struct connector connectors[CONNECTORS];

K_THREAD_STACK_ARRAY_DEFINE(stacks, CONNECTORS, 2048);
static struct k_thread threads[CONNECTORS];

/* A meter that counts while the car charges. */
static int read_register(const struct connector *connector)
{
	int register_wh = connector->register_wh;

	if (connector->charging) {
		register_wh += (int)((k_uptime_get() - connector->since) * WH_PER_SECOND / 1000);
	}

	return register_wh;
}

static int read_meter(const struct connector *connector, enum ocpp_meter_measurand what,
		      char *value, size_t size)
{
	switch (what) {
	case OCPP_OMM_ACTIVE_ENERGY_TO_EV:
		snprintf(value, size, "%d", read_register(connector));
		return 0;
	case OCPP_OMM_ACTIVE_POWER_TO_EV:
		snprintf(value, size, "%d", connector->charging ? POWER_W : 0);
		return 0;
	case OCPP_OMM_VOLTAGE_AC_RMS:
		snprintf(value, size, "229.8");
		return 0;
	default:
		return -ENOTSUP;
	}
}

static struct connector *find(int number)
{
	if (number < 1 || number > CONNECTORS) {
		return NULL;
	}

	return &connectors[number - 1];
}

static int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	struct connector *connector;

	ARG_UNUSED(user_data);

	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		connector = find(io->meter_val.id_con);
		if (connector == NULL) {
			return -ENOTSUP;
		}
		return read_meter(connector, io->meter_val.mes, io->meter_val.val,
				  sizeof(io->meter_val.val));

	case OCPP_USR_START_CHARGING:
		connector = find(io->start_charge.id_con);
		if (connector == NULL || connector->charging) {
			return -EBUSY;
		}
		strcpy(connector->id_tag, io->start_charge.idtag);
		k_sem_give(&connector->start);
		return 0;

	case OCPP_USR_STOP_CHARGING:
		connector = find(io->stop_charge.id_con);
		if (connector == NULL) {
			return -EINVAL;
		}
		k_sem_give(&connector->stop);
		return 0;

	case OCPP_USR_UNLOCK_CONNECTOR:
		LOG_INF("ocpp unlock connector id %d", io->unlock_con.id_con);
		return 0;

	default:
		return -ENOTSUP;
	}
}

/* Asks until there is an answer. */
static int authorize(ocpp_session_handle_t session, struct connector *connector)
{
	enum ocpp_auth_status status;
	bool is_open;
	int ret;

	do {
		ret = ocpp_authorize(session, connector->id_tag, &status, TIMEOUT_MS);
		/* It cannot be asked yet, or did not say anything; or many ask. */
		is_open = ret == -EAGAIN || ret == -ETIMEDOUT || ret == -ENOMEM;
		if (is_open) {
			k_sleep(K_SECONDS(1));
		}
	} while (is_open);

	if (ret < 0) {
		LOG_ERR("ocpp auth %d> idcon %d", ret, connector->number);
		return ret;
	}

	LOG_INF("ocpp auth %d> idcon %d status %d", ret, connector->number, status);
	return status == OCPP_AUTH_ACCEPTED ? 0 : -EACCES;
}

static void charge(ocpp_session_handle_t session, struct connector *connector)
{
	int ret;

	if (authorize(session, connector) < 0) {
		return;
	}

	k_sem_reset(&connector->stop);
	ret = ocpp_start_transaction(session, connector->register_wh, connector->number,
				     TIMEOUT_MS);
	/* Without an answer it runs as well, and the central system may still refuse it. */
	if (ret == 0 || ret == -ETIMEDOUT) {
		LOG_INF("ocpp start charging connector id %d", connector->number);
		connector->since = k_uptime_get();
		connector->charging = true;
		(void)k_sem_take(&connector->stop, K_SECONDS(CONFIG_SAMPLE_SESSION_SECONDS));
		connector->register_wh = read_register(connector);
		connector->charging = false;
	} else {
		LOG_ERR("ocpp start %d> idcon %d", ret, connector->number);
		if (ret != -EACCES) {
			return;
		}
	}

	ret = ocpp_stop_transaction(session, connector->register_wh, TIMEOUT_MS);
	if (ret < 0) {
		LOG_ERR("ocpp stop %d> idcon %d", ret, connector->number);
		return;
	}

	LOG_INF("ocpp stop charging connector id %d", connector->number);
}

static void run_connector(void *p1, void *p2, void *p3)
{
	struct connector *connector = p1;
	ocpp_session_handle_t session;
	int ret;

	ARG_UNUSED(p2);
	ARG_UNUSED(p3);

	while (true) {
		(void)k_sem_take(&connector->start, K_FOREVER);

		ret = ocpp_session_open(&session);
		if (ret < 0) {
			LOG_ERR("ocpp open session %d> idcon %d", ret, connector->number);
			continue;
		}
		charge(session, connector);
		ocpp_session_close(session);
	}
}

int main(void)
{
	struct ocpp_cp_info charge_point = {
		.model = "c_api",
		.vendor = "sample",
		.num_of_con = CONNECTORS,
	};
	struct ocpp_cs_info central_system = {
		.cs_ip = CONFIG_SAMPLE_SERVER,
		.ws_url = CONFIG_SAMPLE_PATH,
		.port = CONFIG_SAMPLE_PORT,
		.sa_family = AF_UNSPEC,
	};
	int ret;

	printk("OCPP sample %s\n", CONFIG_BOARD);

#if defined(CONFIG_SAMPLE_TLS)
	ret = tls_credential_add(CA_TAG, TLS_CREDENTIAL_CA_CERTIFICATE, ca_certificate,
				 sizeof(ca_certificate));
	if (ret < 0) {
		LOG_ERR("root certificate %d", ret);
		return ret;
	}
	central_system.creds.sec_tag_list = tags;
	central_system.creds.sec_tag_list_size = sizeof(tags);
#endif

	ret = ocpp_init(&charge_point, &central_system, notified, NULL);
	if (ret < 0) {
		LOG_ERR("ocpp init failed %d", ret);
		return ret;
	}

	for (int i = 0; i < CONNECTORS; i++) {
		struct connector *connector = &connectors[i];

		connector->number = i + 1;
		snprintf(connector->id_tag, sizeof(connector->id_tag), "ZepId%02d", i);
		/* The first driver is already there. */
		k_sem_init(&connector->start, 1, 1);
		k_sem_init(&connector->stop, 0, 1);
		k_thread_create(&threads[i], stacks[i], K_THREAD_STACK_SIZEOF(stacks[i]),
				run_connector, connector, NULL, NULL, K_PRIO_PREEMPT(8), 0,
				K_NO_WAIT);
	}

	return 0;
}
