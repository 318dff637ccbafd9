/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Which version of OCPP is spoken, and sessions of OCPP 2.0.1 by the same calls. */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

/* As long as OCPP 2.0.1 has them. */
#define TOKEN    "4f1d2c3b-5a69-4788-9aab-bccddeeff001"
#define SAMPLE_EACH(seconds)                                                                       \
	"call SetVariables {'setVariableData':[{'attributeValue':'" seconds "',"                   \
	"'component':{'name':'SampledDataCtrlr'},'variable':{'name':'TxUpdatedInterval'}}]}"
#define VARIABLE_SET "result {\"setVariableResult\":[{\"attributeStatus\":\"Accepted\""
#define REQUEST_START                                                                              \
	"call RequestStartTransaction {'evseId':1,'remoteStartId':77,"                             \
	"'idToken':{'idToken':'" TOKEN "','type':'Central'}}"

ZTEST_SUITE(versions, NULL, NULL, NULL, NULL, NULL);

/* False, and the test is skipped, in an image without it. */
static bool speaks_2_0_1(void)
{
	if (!IS_ENABLED(CONFIG_OCPP_V201)) {
		return false;
	}
	expect(0, ocpp_set_protocol(OCPP_PROTOCOL_2_0_1));
	cs_do("speak ocpp2.0.1");

	return true;
}

ZTEST(versions, test_only_a_version_of_the_image_can_be_chosen)
{
	expect(IS_ENABLED(CONFIG_OCPP_V201) ? 0 : -ENOTSUP,
	       ocpp_set_protocol(OCPP_PROTOCOL_2_0_1));
	expect(0, ocpp_set_protocol(OCPP_PROTOCOL_1_6));
	expect(-ENOTSUP, ocpp_set_protocol(OCPP_PROTOCOL_2_0_1 + 1));
	expect(-ENOTSUP, ocpp_set_protocol(-1));
	start_charge_point();
	expect(-EBUSY, ocpp_set_protocol(OCPP_PROTOCOL_1_6));
}

ZTEST(versions, test_a_session_of_ocpp_2_0_1)
{
	ocpp_session_handle_t session;

	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	start_charge_point();
	cs_expect("2", "wait StatusNotification 2");
	cs_expect_begin(VARIABLE_SET, SAMPLE_EACH("1"));
	session = open_session();
	expect_accepted(session, TOKEN);
	cs_expect(TOKEN, "sent Authorize.idToken.idToken");
	registers[1] = 100;
	expect(0, ocpp_start_transaction(session, 100, 1, LONG_MS));
	cs_expect("Started", "events Started");
	cs_expect("Charging", "sent TransactionEvent.transactionInfo.chargingState");
	cs_expect(TOKEN, "sent TransactionEvent.idToken.idToken");
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));

	registers[1] = 150;
	cs_expect("Started Updated", "events Started Updated");
	cs_expect("150", "sent TransactionEvent.meterValue.0.sampledValue.0.value");

	expect(0, ocpp_stop_transaction(session, 200, LONG_MS));
	cs_expect("Started Updated Ended", "events Started Updated Ended");
	cs_expect("Local", "sent TransactionEvent.transactionInfo.stoppedReason");
	cs_expect("1:100-200", "books 1:100-200");
	cs_expect("0", "calls StartTransaction");
	/* The records outlive the test. */
	cs_expect_begin(VARIABLE_SET, SAMPLE_EACH("60"));
}

ZTEST(versions, test_a_remote_session_of_ocpp_2_0_1)
{
	ocpp_session_handle_t session;

	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	start_charge_point();
	cs_expect(ACCEPTED, REQUEST_START);
	zassert_true(wait_for_notice(OCPP_USR_START_CHARGING, 1));
	session = open_charging(1, TOKEN, 5);
	cs_expect("Started", "events Started");
	registers[1] = 9;
	k_msleep(50);
	cs_expect(ACCEPTED, "stop_last");
	zassert_true(wait_for_notice(OCPP_USR_STOP_CHARGING, 1));
	expect(0, ocpp_stop_transaction(session, 9, LONG_MS));
	cs_expect("1:5-9", "books 1:5-9");
	cs_expect("Remote", "sent TransactionEvent.transactionInfo.stoppedReason");
}

ZTEST(versions, test_a_start_of_ocpp_2_0_1_that_is_refused)
{
	ocpp_session_handle_t session;

	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	start_charge_point();
	session = open_session();
	expect_accepted(session, "REFUSED");
	cs_do("on TransactionEvent answer {'idTokenInfo':{'status':'Blocked'}}");
	expect(-EACCES, ocpp_start_transaction(session, 1, 1, LONG_MS));
	cs_do("on TransactionEvent answer");
	cs_expect("Started Ended", "events Started Ended");
}

ZTEST(versions, test_a_transaction_of_ocpp_2_0_1_while_offline_is_told_later)
{
	ocpp_session_handle_t session;

	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	start_charge_point();
	session = open_session();
	expect_accepted(session, TOKEN);
	cs_do("listen off");
	cs_do("reset");
	zassert_true(wait_for_state(OCPP_CONNECTION_OFFLINE));
	expect_after(0, SLACK_MS, 0, ocpp_start_transaction(session, 10, 2, LONG_MS));
	expect_after(0, SLACK_MS, 0, ocpp_stop_transaction(session, 20, LONG_MS));
	cs_do("listen on");
	cs_expect("2:10-20", "books 2:10-20");
	cs_expect("True", "sent TransactionEvent.offline");
}

ZTEST(versions, test_a_server_without_ocpp_2_0_1)
{
	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	cs_do("handshake other-subprotocol");
	expect(0, init_charge_point());
	cs_expect("more", "handshakes_after 2");
	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	cs_expect("0", "connections");
	cs_do("handshake accept");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
}

ZTEST(versions, test_a_token_has_a_kind_and_a_transaction_a_name)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;
	char id[37];

	if (!speaks_2_0_1()) {
		ztest_test_skip();
	}
	start_charge_point();
	session = open_session();
	expect(-EINVAL, ocpp_authorize_token(session, TOKEN, -1, &status, LONG_MS));
	expect(-EINVAL, ocpp_authorize_token(session, TOKEN, OCPP_TOKEN_NO_AUTHORIZATION + 1,
					     &status, LONG_MS));
	expect(-EINVAL, ocpp_authorize_token(session, NULL, OCPP_TOKEN_EMAID, &status, LONG_MS));
	expect(0, ocpp_authorize_token(session, TOKEN, OCPP_TOKEN_EMAID, &status, LONG_MS));
	expect(OCPP_AUTH_ACCEPTED, status);
	cs_expect("eMAID", "sent Authorize.idToken.type");
	expect(-EINVAL, ocpp_transaction_id(1, id, sizeof(id)));
	expect(0, ocpp_start_transaction(session, 1, 1, LONG_MS));
	cs_expect("eMAID", "sent TransactionEvent.idToken.type");
	expect(0, ocpp_transaction_id(1, id, sizeof(id)));
	cs_expect(id, "sent TransactionEvent.transactionInfo.transactionId");
	expect(-EINVAL, ocpp_transaction_id(2, id, sizeof(id)));
	expect(-EINVAL, ocpp_transaction_id(3, id, sizeof(id)));
	expect(-EINVAL, ocpp_transaction_id(1, NULL, sizeof(id)));
	expect(-EINVAL, ocpp_transaction_id(1, id, 0));
	expect(0, ocpp_stop_transaction(session, 2, LONG_MS));

	expect(0, ocpp_set_plugged(2, true));
	expect(-EINVAL, ocpp_present_token(2, "4711", -1));
	expect(0, ocpp_present_token(2, "4711", OCPP_TOKEN_KEY_CODE));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 2));
	cs_expect("Started", "events Started");
	cs_expect("KeyCode", "sent TransactionEvent.idToken.type");
	expect(0, ocpp_present_token(2, "4711", OCPP_TOKEN_KEY_CODE));
	cs_expect("Started Ended", "events Started Ended");
	expect(0, ocpp_set_plugged(2, false));
}

ZTEST(versions, test_a_transaction_of_ocpp_1_6_has_the_number_of_the_central_system)
{
	ocpp_session_handle_t session;
	char id[37];

	start_charge_point();
	session = open_charging(1, "NUMBER", 5);
	expect(0, ocpp_transaction_id(1, id, sizeof(id)));
	zassert_str_equal(id, "1");
	expect(0, ocpp_transaction_id(1, id, 1));
	zassert_str_equal(id, "");
	expect(0, ocpp_stop_transaction(session, 6, LONG_MS));
	cs_do("listen off");
	cs_do("close");
	zassert_true(wait_for_state(OCPP_CONNECTION_OFFLINE));
	expect(0, ocpp_start_transaction(session, 6, 1, LONG_MS));
	expect(-EAGAIN, ocpp_transaction_id(1, id, sizeof(id)));
	expect(0, ocpp_stop_transaction(session, 7, LONG_MS));
	cs_do("listen on");
	cs_expect("1:5-6 1:6-7", "books 1:5-6 1:6-7");
}

/* The attributeValue of a variable at connector 1, its only EVSE there. */
#define OF_EVSE_1(component, variable, connector)                                                  \
	"call GetVariables {'getVariableData':[{'component':{'name':'" component "',"              \
	"'evse':{'id':1" connector "}},'variable':{'name':'" variable "'}}]}"
#define VALUE(value) "result {\"getVariableResult\":[{\"attributeStatus\":\"Accepted\","           \
	"\"attributeValue\":\"" value "\""

ZTEST(versions, test_what_the_charge_point_is_made_of_and_why_it_boots)
{
	static const struct ocpp_evse evses[] = {
		{.supply_phases = 3,
		 .connector_type = OCPP_CONNECTOR_SOCKET_TYPE2,
		 .power = 22000},
		{.supply_phases = 0, .connector_type = OCPP_CONNECTOR_CCS2, .power = 150000},
	};
	struct ocpp_evse wrong = evses[0];

	if (!IS_ENABLED(CONFIG_OCPP_V201)) {
		expect(-ENOTSUP, ocpp_declare_evses(evses, ARRAY_SIZE(evses)));
		expect(-ENOTSUP, ocpp_set_boot_reason(OCPP_BOOT_WATCHDOG));
		return;
	}
	(void)speaks_2_0_1();
	expect(-EINVAL, ocpp_declare_evses(NULL, 1));
	wrong.supply_phases = 2;
	expect(-EINVAL, ocpp_declare_evses(&wrong, 1));
	wrong = evses[0];
	wrong.connector_type = OCPP_CONNECTOR_UNKNOWN + 1;
	expect(-EINVAL, ocpp_declare_evses(&wrong, 1));
	expect(0, ocpp_declare_evses(evses, ARRAY_SIZE(evses)));
	expect(-EINVAL, ocpp_set_boot_reason(OCPP_BOOT_WATCHDOG + 1));
	expect(0, ocpp_set_boot_reason(OCPP_BOOT_WATCHDOG));
	start_charge_point();
	expect(-EBUSY, ocpp_declare_evses(evses, ARRAY_SIZE(evses)));
	expect(-EBUSY, ocpp_set_boot_reason(-1));
	cs_expect("Watchdog", "sent BootNotification.reason");
	cs_expect_begin(VALUE("3"), OF_EVSE_1("EVSE", "SupplyPhases", ""));
	cs_expect_begin(VALUE("sType2"),
			OF_EVSE_1("Connector", "ConnectorType", ",'connectorId':1"));
	expect(0, ocpp_deinit());
	expect(0, ocpp_declare_evses(NULL, 0));
	expect(0, ocpp_set_boot_reason(-1));
	start_charge_point();
	cs_expect("PowerUp", "sent BootNotification.reason");
}
