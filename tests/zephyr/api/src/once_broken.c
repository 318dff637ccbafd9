/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What was once broken, and is not to be again. */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

#define ACCEPTED "result {\"status\":\"Accepted\"}"
/* Long enough for a callback that is not to come. */
#define QUIET_MS 300

ZTEST_SUITE(once_broken, NULL, NULL, NULL, NULL, NULL);

ZTEST(once_broken, test_a_transfer_after_one_that_gave_up_is_sent_once)
{
	struct call asking = {.function = authorize, .id_tag = "LATE", .timeout_ms = LONG_MS};
	enum ocpp_data_transfer_status status;

	start_charge_point();
	cs_expect("3", "wait StatusNotification 3");
	cs_do("on DataTransfer answer {'status':'Accepted'}");
	cs_do("on Authorize late 1000");
	asking.session = open_session();
	begin_call(&asking);
	cs_expect("1", "wait Authorize 1");
	expect(-ETIMEDOUT, ocpp_data_transfer("v", "first", NULL, &status, NULL, 0, SHORT_MS));
	expect(0, ocpp_data_transfer("v", "second", NULL, &status, NULL, 0, LONG_MS));
	k_msleep(QUIET_MS);
	cs_expect("1", "calls DataTransfer");
	cs_expect("second", "sent DataTransfer.messageId");
	expect(0, end_call(&asking));
}

ZTEST(once_broken, test_the_contactor_opens_before_a_shutdown_and_not_after_the_next_start)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_charging(1, "STALE", 5);
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_do("listen off");
	cs_do("close");
	zassert_true(wait_for_state(OCPP_CONNECTION_OFFLINE));
	/* Before the callback's thread can run. */
	k_thread_priority_set(k_current_get(), 1);
	expect(0, ocpp_stop_transaction(session, 6, LONG_MS));
	expect(0, ocpp_deinit());
	k_thread_priority_set(k_current_get(), CONFIG_ZTEST_THREAD_PRIORITY);
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_do("listen on");
	start_charge_point();
	cs_expect("1:5-6", "books 1:5-6");
	zassert_false(is_noticed_within(EVENT(CHARGING_LIMIT), 1, QUIET_MS));
}

ZTEST(once_broken, test_a_session_closes_though_no_call_fits)
{
	struct call asking[CONFIG_OCPP_INTERNAL_MSGQ_CNT];
	ocpp_session_handle_t charging, other;

	start_charge_point();
	charging = open_charging(1, "FULL", 5);
	registers[1] = 5;
	cs_do("on Authorize silence");
	other = open_session();
	for (int i = 0; i < ARRAY_SIZE(asking); i++) {
		asking[i] = (struct call){.function = authorize,
					  .id_tag = "X",
					  .session = other,
					  .timeout_ms = SHORT_MS};
		begin_call(&asking[i]);
	}
	cs_expect("2", "wait Authorize 2");
	expect(-ENOMEM, ocpp_set_plugged(2, true));
	ocpp_session_close(charging);
	cs_expect("1:5-5", "books 1:5-5");
	for (int i = 0; i < ARRAY_SIZE(asking); i++) {
		expect(-ETIMEDOUT, end_call(&asking[i]));
	}
	/* All but the other one are free. */
	for (int i = 1; i < CONFIG_OCPP_SESSIONS; i++) {
		(void)open_session();
	}
}

static int slow_meter_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			       void *user_data)
{
	if (reason == OCPP_USR_GET_METER_VALUE &&
	    io->meter_val.mes == OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
		k_msleep(700);
	}

	return usual_callback(reason, io, user_data);
}

ZTEST(once_broken, test_a_start_is_none_while_the_last_transaction_ends)
{
	ocpp_session_handle_t session;

	callback = slow_meter_callback;
	registers[1] = 7;
	start_charge_point();
	session = open_charging(1, "AGAIN", 5);
	k_msleep(1500);
	ocpp_session_close(session);
	session = open_session();
	expect_accepted(session, "AGAIN");
	expect(-EBUSY, ocpp_start_transaction(session, 8, 1, LONG_MS));
	cs_expect("1:5-7", "books 1:5-7");
	expect(0, ocpp_start_transaction(session, 8, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 9, LONG_MS));
	cs_expect("1:5-7 1:8-9", "books 1:5-7 1:8-9");
}

ZTEST(once_broken, test_what_holds_the_energy_back_does_not_stop)
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

ZTEST(once_broken, test_a_remote_start_with_a_refused_idtag_does_not_hold_the_connector)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	/* Nobody is forgotten for want of a cable. */
	cs_expect(ACCEPTED,
		  "call ChangeConfiguration {'key':'ConnectionTimeOut','value':'0'}");
	cs_expect(ACCEPTED, "call RemoteStartTransaction {'connectorId':1,'idTag':'REMOTE'}");
	zassert_true(wait_for_notice(OCPP_USR_START_CHARGING, 1));
	session = open_session();
	cs_do("on Authorize answer {'idTagInfo':{'status':'Blocked'}}");
	expect(0, ocpp_authorize(session, "REMOTE", &status, LONG_MS));
	expect(OCPP_AUTH_BLOCKED, status);
	cs_do("on Authorize answer {'idTagInfo':{'status':'Accepted'}}");
	expect_accepted(session, "OTHER");
	expect(0, ocpp_start_transaction(session, 1, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 2, LONG_MS));
	cs_expect("1:1-2", "books 1:1-2");
	/* The records outlive the test. */
	cs_expect(ACCEPTED,
		  "call ChangeConfiguration {'key':'ConnectionTimeOut','value':'60'}");
}
