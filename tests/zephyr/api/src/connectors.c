/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Two connectors at once. */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(connectors, NULL, NULL, NULL, NULL, NULL);

#define ROUNDS 4

static int charge_in_rounds(struct call *call)
{
	int ret = 0;

	for (int round = 0; round < ROUNDS && ret == 0; round++) {
		ret = ocpp_session_open(&call->session);
		if (ret == 0) {
			ret = authorize(call);
		}
		if (ret == 0) {
			ret = start_transaction(call);
		}
		call->register_wh += 10;
		if (ret == 0) {
			ret = stop_transaction(call);
		}
		ocpp_session_close(call->session);
	}

	return ret;
}

ZTEST(connectors, test_both_charge_at_once)
{
	struct call first = {charge_in_rounds, .id_tag = "FIRST", .connector = 1,
			     .register_wh = 1000, .timeout_ms = LONG_MS};
	struct call second = {charge_in_rounds, .id_tag = "SECOND", .connector = 2,
			      .register_wh = 2000, .timeout_ms = LONG_MS};
	const char *books = "1:1000-1010 1:1010-1020 1:1020-1030 1:1030-1040 "
			    "2:2000-2010 2:2010-2020 2:2020-2030 2:2030-2040";

	start_charge_point();
	begin_call(&first);
	begin_call(&second);
	expect(0, end_call(&first));
	expect(0, end_call(&second));
	cs_expect(books, "books %s", books);
	cs_expect("8", "calls StartTransaction");
	cs_expect("8", "calls StopTransaction");
}

ZTEST(connectors, test_one_transaction_for_each_connector_and_session)
{
	ocpp_session_handle_t session;
	ocpp_session_handle_t other;

	start_charge_point();
	session = open_charging(1, "BUSY", 10);
	expect(-EBUSY, ocpp_start_transaction(session, 10, 1, LONG_MS));
	expect(-EBUSY, ocpp_start_transaction(session, 10, 2, LONG_MS));
	other = open_session();
	expect_accepted(other, "BUSY2");
	expect(-EBUSY, ocpp_start_transaction(other, 10, 1, LONG_MS));
	expect(0, ocpp_start_transaction(other, 30, 2, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 20, LONG_MS));
	expect(-EINVAL, ocpp_stop_transaction(session, 20, LONG_MS));
	expect(0, ocpp_stop_transaction(other, 40, LONG_MS));
	expect(0, ocpp_start_transaction(other, 20, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(other, 50, LONG_MS));
	cs_expect("1:10-20 1:20-50 2:30-40", "books 1:10-20 1:20-50 2:30-40");
}

ZTEST(connectors, test_a_refused_start_is_no_transaction)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	/* No driver was accepted. */
	expect(-EACCES, ocpp_start_transaction(session, 10, 1, LONG_MS));
	expect(-EINVAL, ocpp_stop_transaction(session, 10, LONG_MS));
	cs_expect("0", "calls StartTransaction");

	/* Out of service. */
	expect_accepted(session, "REFUSED");
	expect(0, ocpp_set_fault(1, OCPP_ERROR_GROUND_FAILURE, NULL));
	expect(-EACCES, ocpp_start_transaction(session, 10, 1, LONG_MS));
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
	cs_expect("0", "calls StartTransaction");

	/* Refused by the central system, which gives it a number nevertheless. */
	cs_do("on StartTransaction answer {'idTagInfo':{'status':'Blocked'}}");
	expect_after(0, SLACK_MS, -EACCES, ocpp_start_transaction(session, 10, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 10, LONG_MS));
	cs_expect("1:10-10", "books 1:10-10");
	cs_do("on StartTransaction answer");
	expect_accepted(session, "REFUSED2");
	expect(0, ocpp_start_transaction(session, 20, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 30, LONG_MS));
	cs_expect("1:10-10 1:20-30", "books 1:10-10 1:20-30");
}

/*
 * Once: a connector waited for the other's answer without an end. One CALL at a time may be
 * unanswered, so it waits for CONFIG_OCPP_CALL_TIMEOUT_MS, and only if it has the time.
 */
ZTEST(connectors, test_an_unanswered_call_does_not_hold_up_the_other)
{
	struct call asking = {authorize, .id_tag = "MUTE", .timeout_ms = LONG_MS};
	enum ocpp_auth_status status;
	ocpp_session_handle_t other;

	start_charge_point();
	asking.session = open_session();
	other = open_session();
	cs_do("on Authorize silence");
	begin_call(&asking);
	cs_expect("1", "wait Authorize 1");
	cs_do("on Authorize answer");
	/* Its own timeout holds also while another call waits. */
	expect_after(SHORT_MS, SHORT_MS + SLACK_MS, -ETIMEDOUT,
		     ocpp_authorize(other, "OTHER", &status, SHORT_MS));
	expect_after(0, CONFIG_OCPP_CALL_TIMEOUT_MS + SLACK_MS, 0,
		     ocpp_authorize(other, "OTHER", &status, LONG_MS));
	expect(OCPP_AUTH_ACCEPTED, status);
	expect(0, ocpp_start_transaction(other, 10, 2, LONG_MS));
	expect(0, ocpp_stop_transaction(other, 20, LONG_MS));
	cs_expect("2:10-20", "books 2:10-20");
	(void)end_call(&asking);
	zassert_true(asking.took_ms <= CONFIG_OCPP_CALL_TIMEOUT_MS + SLACK_MS);
}

ZTEST(connectors, test_an_unanswered_start_does_not_hold_up_the_other)
{
	struct call starting = {start_transaction, .connector = 1, .register_wh = 100,
				.timeout_ms = LONG_MS};
	ocpp_session_handle_t other;

	start_charge_point();
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call ChangeConfiguration {'key':'TransactionMessageRetryInterval','value':'1'}");
	starting.session = open_session();
	expect_accepted(starting.session, "SLOW");
	other = open_session();
	expect_accepted(other, "QUICK");
	cs_do("on StartTransaction silence");
	begin_call(&starting);
	cs_expect("1", "wait StartTransaction 1");

	/* Its energy flows: the central system hears of it when it listens again. */
	expect_after(0, CONFIG_OCPP_CALL_TIMEOUT_MS + SLACK_MS, 0,
		     ocpp_start_transaction(other, 200, 2, LONG_MS));
	expect(0, end_call(&starting));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 2));
	cs_do("on StartTransaction answer");
	cs_expect("1:100- 2:200-", "books 1:100- 2:200-");
	expect(0, ocpp_stop_transaction(other, 210, LONG_MS));
	expect(0, ocpp_stop_transaction(starting.session, 110, LONG_MS));
	cs_expect("1:100-110 2:200-210", "books 1:100-110 2:200-210");
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

ZTEST(connectors, test_a_start_is_none_while_the_last_transaction_ends)
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

ZTEST(connectors, test_a_remote_start_with_a_refused_idtag_does_not_hold_the_connector)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	/* No driver is forgotten for want of a cable. */
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
