/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What the central system wants of the application, and the API from inside a callback. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(callbacks, NULL, NULL, NULL, NULL, NULL);

#define START_REMOTELY                                                                             \
	"call RemoteStartTransaction {'connectorId':1,'idTag':'12345678901234567890'}"

static K_SEM_DEFINE(called, 0, 1);
static ocpp_session_handle_t session;
static void *given;

/* What the calls from the callback returned, because it may not fail a test itself. */
static int deinit_result, open_result, authorize_result, start_result, stop_result;
static enum ocpp_auth_status said;
static enum ocpp_connection_state state;
static char id_tag[CISTR50];

/* A whole session by the callback alone. */
static int charging_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			     void *user_data)
{
	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		return -ENOTSUP;
	case OCPP_USR_START_CHARGING:
		given = user_data;
		state = ocpp_connection_state();
		deinit_result = ocpp_deinit();
		memcpy(id_tag, io->start_charge.idtag, sizeof(id_tag));
		open_result = ocpp_session_open(&session);
		authorize_result = ocpp_authorize(session, io->start_charge.idtag, &said, LONG_MS);
		start_result =
			ocpp_start_transaction(session, 100, io->start_charge.id_con, LONG_MS);
		k_sem_give(&called);
		return 0;
	case OCPP_USR_STOP_CHARGING:
		stop_result = ocpp_stop_transaction(session, 150, LONG_MS);
		ocpp_session_close(session);
		k_sem_give(&called);
		return 0;
	default:
		return -ENOTSUP;
	}
}

ZTEST(callbacks, test_a_whole_session_from_the_callback)
{
	static int user_data;

	k_sem_reset(&called);
	expect(0, ocpp_init(&cp_info, &cs_info, charging_callback, &user_data));
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	cs_expect(ACCEPTED, START_REMOTELY);
	expect(0, k_sem_take(&called, K_MSEC(LONG_MS)));
	zassert_equal(given, &user_data);
	zassert_str_equal(id_tag, "12345678901234567890");
	expect(OCPP_CONNECTION_ONLINE, state);
	/* It would wait for itself. */
	expect(-EDEADLK, deinit_result);
	expect(0, open_result);
	expect(0, authorize_result);
	expect(OCPP_AUTH_ACCEPTED, said);
	expect(0, start_result);
	cs_expect("1:100-", "books 1:100-");

	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	cs_expect(ACCEPTED, "call RemoteStopTransaction {'transactionId':1}");
	expect(0, k_sem_take(&called, K_MSEC(LONG_MS)));
	expect(0, stop_result);
	cs_expect("1:100-150", "books 1:100-150");
	cs_expect("Remote", "sent StopTransaction.reason");
}

static K_SEM_DEFINE(blocking, 0, 1);
static K_SEM_DEFINE(go_on, 0, 1);

static int blocking_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			     void *user_data)
{
	ARG_UNUSED(user_data);

	switch (reason) {
	case OCPP_USR_START_CHARGING:
		k_sem_give(&blocking);
		(void)k_sem_take(&go_on, K_MSEC(2 * LONG_MS));
		return 0;
	case OCPP_USR_GET_METER_VALUE:
		if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
			return -ENOTSUP;
		}
		strcpy(io->meter_val.val, "4321");
		return 0;
	default:
		return 0;
	}
}

/* Everything else goes on: the connection, calls, callbacks of another reason. */
ZTEST(callbacks, test_a_slow_callback_delays_only_its_own_reason)
{
	ocpp_session_handle_t other;

	k_sem_reset(&go_on);
	callback = blocking_callback;
	start_charge_point();
	cs_expect(ACCEPTED, START_REMOTELY);
	expect(0, k_sem_take(&blocking, K_MSEC(LONG_MS)));

	cs_expect("5", "burst 5");
	cs_expect("still", "ping still");
	other = open_session();
	expect_after(0, SLACK_MS, 0, (expect_accepted(other, "MEANWHILE"), 0));
	expect_after(0, SLACK_MS, 0, ocpp_start_transaction(other, 4300, 2, LONG_MS));
	cs_expect("result {\"status\":\"Unlocked\"}", "call UnlockConnector {'connectorId':1}");
	/* A reading of the same tick as the start would do, too. */
	k_msleep(50);
	cs_expect(ACCEPTED,
		  "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':2}");
	cs_expect("1", "wait MeterValues 1");
	cs_expect("4321", "sent MeterValues.meterValue.0.sampledValue.0.value");
	expect_after(0, SLACK_MS, 0, ocpp_stop_transaction(other, 4400, LONG_MS));

	/* The same reason waits. */
	cs_expect(ACCEPTED, "call RemoteStartTransaction {'connectorId':2,'idTag':'OTHER'}");
	expect(-EAGAIN, k_sem_take(&blocking, K_MSEC(SHORT_MS)));
	k_sem_give(&go_on);
	expect(0, k_sem_take(&blocking, K_MSEC(LONG_MS)));
	k_sem_give(&go_on);
	cs_expect("2:4300-4400", "books 2:4300-4400");
}

static int unlock_result;

static int unlock_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			   void *user_data)
{
	ARG_UNUSED(user_data);

	if (reason != OCPP_USR_UNLOCK_CONNECTOR) {
		return -ENOTSUP;
	}

	return io->unlock_con.id_con == 2 ? unlock_result : 0;
}

ZTEST(callbacks, test_unlocking_is_answered_with_what_the_callback_says)
{
	callback = unlock_callback;
	start_charge_point();
	unlock_result = 0;
	cs_expect("result {\"status\":\"Unlocked\"}", "call UnlockConnector {'connectorId':2}");
	unlock_result = -ENOTSUP;
	cs_expect("result {\"status\":\"NotSupported\"}",
		  "call UnlockConnector {'connectorId':2}");
	unlock_result = -EIO;
	cs_expect("result {\"status\":\"UnlockFailed\"}",
		  "call UnlockConnector {'connectorId':2}");
	cs_expect("result {\"status\":\"Unlocked\"}", "call UnlockConnector {'connectorId':1}");
}

static atomic_t is_meter_odd;

static int odd_meter_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			      void *user_data)
{
	ARG_UNUSED(user_data);

	if (reason != OCPP_USR_GET_METER_VALUE) {
		return 0;
	}

	strcpy(io->meter_val.val, "1");
	if (!atomic_get(&is_meter_odd)) {
		return 0;
	}

	switch (io->meter_val.mes) {
	case OCPP_OMM_ACTIVE_ENERGY_TO_EV:
		strcpy(io->meter_val.val, "777");
		return 0;
	case OCPP_OMM_VOLTAGE_AC_RMS:
		/* No zero at its end. */
		memset(io->meter_val.val, '2', sizeof(io->meter_val.val));
		return 0;
	case OCPP_OMM_ACTIVE_POWER_TO_EV:
		strcpy(io->meter_val.val, "not a number");
		return 0;
	case OCPP_OMM_TEMPERATURE:
		strcpy(io->meter_val.val, "-12.5");
		return 0;
	case OCPP_OMM_CURRENT_TO_EV:
		io->meter_val.val[0] = '\0';
		return 0;
	default:
		return -ENOTSUP;
	}
}

/* Only what is a number leaves. */
ZTEST(callbacks, test_odd_meter_values_do_no_harm)
{
	callback = odd_meter_callback;
	atomic_clear(&is_meter_odd);
	start_charge_point();
	atomic_set(&is_meter_odd, 1);
	cs_expect(ACCEPTED, "call ChangeConfiguration {'key':'MeterValuesSampledData','value':"
			    "'Energy.Active.Import.Register,Voltage,Power.Active.Import,"
			    "Current.Import,Temperature'}");
	cs_expect(ACCEPTED,
		  "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}");
	cs_expect("1", "wait MeterValues 1");
	cs_expect("Energy.Active.Import.Register=777 Temperature=-12.5", "measured");
	cs_expect(ACCEPTED, "call ChangeConfiguration {'key':'MeterValuesSampledData','value':"
			    "'Energy.Active.Import.Register'}");
}

/* The vehicle's cable and the idTag are all it needs; energy flows when the callback says so. */
ZTEST(callbacks, test_energy_flows_when_the_callback_says_so)
{
	start_charge_point();
	registers[1] = 500;
	expect(0, ocpp_set_plugged(1, true));
	expect(0, ocpp_present_idtag(1, "PLUGGED"));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_expect("1:500-", "books 1:500-");
	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	registers[1] = 600;
	expect(0, ocpp_present_idtag(1, "PLUGGED"));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_expect("1:500-600", "books 1:500-600");
	expect(0, ocpp_set_plugged(1, false));
}

static K_SEM_DEFINE(reading, 0, 1);
static K_SEM_DEFINE(read_on, 0, 1);
static atomic_t is_meter_slow;

static int slow_meter_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			       void *user_data)
{
	int ret = usual_callback(reason, io, user_data);

	if (reason == OCPP_USR_GET_METER_VALUE && ret == 0 && atomic_get(&is_meter_slow)) {
		k_sem_give(&reading);
		(void)k_sem_take(&read_on, K_MSEC(LONG_MS));
	}

	return ret;
}

/* Not one that the meter was asked for while energy still flowed. */
ZTEST(callbacks, test_the_last_reading_is_of_an_open_contactor)
{
	callback = slow_meter_callback;
	start_charge_point();
	registers[1] = 500;
	expect(0, ocpp_set_plugged(1, true));
	expect(0, ocpp_present_idtag(1, "OPEN"));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_expect("1:500-", "books 1:500-");
	k_msleep(50);

	atomic_set(&is_meter_slow, 1);
	cs_expect(ACCEPTED,
		  "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}");
	expect(0, k_sem_take(&reading, K_MSEC(LONG_MS)));
	atomic_set(&is_meter_slow, 0);
	registers[1] = 600;
	expect(0, ocpp_present_idtag(1, "OPEN"));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	k_sem_give(&read_on);
	cs_expect("1:500-600", "books 1:500-600");
	expect(0, ocpp_set_plugged(1, false));
}

ZTEST(callbacks, test_a_remote_stop_is_told_once)
{
	ocpp_session_handle_t remote;

	start_charge_point();
	remote = open_charging(1, "REMOTE", 10);
	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	registers[1] = 20;
	cs_expect(ACCEPTED, "call RemoteStopTransaction {'transactionId':1}");
	zassert_true(wait_for_notice(OCPP_USR_STOP_CHARGING, 1));
	expect(0, ocpp_stop_transaction(remote, 20, LONG_MS));
	cs_expect("1:10-20", "books 1:10-20");
	expect(-EINVAL, ocpp_stop_transaction(remote, 20, LONG_MS));
	cs_expect("1", "calls StopTransaction");
}

/* The application resets the charge point itself; here, by starting it again. */
ZTEST(callbacks, test_a_reset_is_left_to_the_application)
{
	ocpp_session_handle_t charging;

	start_charge_point();
	registers[1] = 30;
	charging = open_charging(1, "RESET", 10);
	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	cs_expect(ACCEPTED, "call Reset {'type':'Soft'}");
	zassert_true(wait_for_notice(EVENT(RESET), 0));
	expect(-EAGAIN, ocpp_present_idtag(2, "RESET2"));
	ocpp_session_close(charging);
	cs_expect("1:10-30", "books 1:10-30");
	cs_expect("SoftReset", "sent StopTransaction.reason");
	expect(0, ocpp_deinit());
	start_charge_point();
	cs_expect("2", "calls BootNotification");
}

ZTEST(callbacks, test_what_holds_the_energy_back_does_not_stop)
{
	ocpp_session_handle_t session;

	start_charge_point();
	cs_expect(ACCEPTED, "call ChangeConfiguration "
			    "{'key':'StopTransactionOnEVSideDisconnect','value':'false'}");
	expect(0, ocpp_set_plugged(1, true));
	session = open_charging(1, "HELD", 5);
	expect(0, ocpp_set_fault(1, OCPP_ERROR_OTHER, NULL));
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
	expect(0, ocpp_set_fault(0, OCPP_ERROR_OTHER, NULL));
	expect(0, ocpp_set_fault(0, OCPP_ERROR_NONE, NULL));
	expect(0, ocpp_set_plugged(1, false));
	expect(0, ocpp_set_plugged(1, true));
	zassert_false(is_noticed_within(OCPP_USR_STOP_CHARGING, 1, QUIET_MS));

	cs_expect(ACCEPTED, "call RemoteStopTransaction {'transactionId':1}");
	zassert_true(wait_for_notice(OCPP_USR_STOP_CHARGING, 1));
	expect(0, ocpp_stop_transaction(session, 6, LONG_MS));
	cs_expect_begin("1:5-", "books 1:5-6");
	/* The records outlive the test. */
	cs_expect(ACCEPTED, "call ChangeConfiguration "
			    "{'key':'StopTransactionOnEVSideDisconnect','value':'true'}");
	expect(0, ocpp_set_plugged(1, false));
}
