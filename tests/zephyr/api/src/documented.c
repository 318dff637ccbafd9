/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * A program as the documentation of Zephyr's own library has them, which this header has to build
 * unchanged where warnings are errors: the older names, a switch over all reasons, structures that
 * are initialised by position. It knows neither events nor what its registers are.
 */

#include <zephyr/net/ocpp.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include <zephyr/random/random.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(documented, NULL, NULL, NULL, NULL, NULL);

static atomic_t notified[4];

static int user_notify_cb(ocpp_notify_reason_t reason, ocpp_io_value_t *io, void *user_data)
{
	ARG_UNUSED(user_data);
	atomic_inc(&notified[reason]);

	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		if (io->meter_val.mes == OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
			snprintf(io->meter_val.val, CISTR50, "%u", sys_rand32_get());
			return 0;
		}
		break;

	case OCPP_USR_START_CHARGING:
		return io->start_charge.id_con < 0 ? -EINVAL : 0;

	case OCPP_USR_STOP_CHARGING:
		return io->stop_charge.id_con == 1 ? 0 : -EINVAL;

	case OCPP_USR_UNLOCK_CONNECTOR:
		return io->unlock_con.id_con == 1 ? 0 : -EINVAL;
	}

	return -ENOTSUP;
}

static void start_documented(void)
{
	ocpp_cp_info_t cpi = {"basic", "zephyr", .num_of_con = 1};
	ocpp_cs_info_t csi = {CONFIG_CENTRAL_SYSTEM, cs_info.ws_url, CONFIG_CENTRAL_SYSTEM_PORT,
			      AF_INET};

	expect(0, ocpp_set_event_callback(NULL, NULL));
	expect(0, ocpp_init(&cpi, &csi, user_notify_cb, NULL));
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
}

static void charge(int start_wh, int stop_wh)
{
	ocpp_session_handle_t sh = NULL;
	ocpp_auth_status_t status;

	expect(0, ocpp_session_open(&sh));
	expect(0, ocpp_authorize(sh, "ZepId00", &status, LONG_MS));
	expect(OCPP_AUTH_ACCEPTED, status);
	expect(0, ocpp_start_transaction(sh, start_wh, 1, LONG_MS));
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}");
	k_msleep(50);
	expect(0, ocpp_stop_transaction(sh, stop_wh, LONG_MS));
	ocpp_session_close(sh);
}

ZTEST(documented, test_registers_may_be_negative_and_lower_at_the_end)
{
	start_documented();
	charge(-5, -7);
	charge(INT_MIN, -1);
	charge(2000000000, -3);
	charge(0, INT_MAX);
	charge((int)sys_rand32_get(), (int)sys_rand32_get());
	cs_expect("5", "calls StartTransaction");
	cs_expect("5", "calls StopTransaction");
}

ZTEST(documented, test_each_documented_reason_is_called_back)
{
	ocpp_session_handle_t sh = NULL;
	ocpp_auth_status_t status;

	for (int i = 0; i < ARRAY_SIZE(notified); i++) {
		atomic_clear(&notified[i]);
	}
	start_documented();
	/* It names no connector: the charge point chooses one, and says which. */
	cs_expect("result {\"status\":\"Accepted\"}", "call RemoteStartTransaction {'idTag':'TAG'}");
	expect(0, ocpp_session_open(&sh));
	expect(0, ocpp_authorize(sh, "TAG", &status, LONG_MS));
	expect(0, ocpp_start_transaction(sh, 10, 1, LONG_MS));
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call RemoteStopTransaction {'transactionId':1}");
	expect(0, ocpp_stop_transaction(sh, 20, LONG_MS));
	cs_expect("result {\"status\":\"Unlocked\"}", "call UnlockConnector {'connectorId':1}");
	for (int i = 0; i < ARRAY_SIZE(notified); i++) {
		zassert_true(atomic_get(&notified[i]) > 0, "reason %d", i);
	}
}
