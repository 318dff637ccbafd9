/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What <zephyr/net/ocpp.h> adds to the API of Zephyr's own library. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "central_system.h"
#include "charge_point.h"

#define UNLOCK   "call UnlockConnector {'connectorId':1}"

ZTEST_SUITE(extensions, NULL, NULL, NULL, NULL, NULL);

ZTEST(extensions, test_a_connector_goes_out_of_service_and_comes_back)
{
	start_charge_point();
	cs_expect("3", "wait StatusNotification 3");
	expect(0, ocpp_set_available(2, false));
	cs_expect("4", "wait StatusNotification 4");
	cs_expect("Unavailable", "sent StatusNotification.status");
	expect(-EACCES, ocpp_present_idtag(2, "TAG"));
	expect(0, ocpp_set_available(0, true));
	cs_expect("5", "wait StatusNotification 5");
	cs_expect("Available", "sent StatusNotification.status");
	cs_expect("2", "sent StatusNotification.connectorId");
	expect(-EINVAL, ocpp_set_available(CONNECTORS + 1, true));
	expect(-EINVAL, ocpp_set_available(-1, true));
}

static int stuck_lock_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			       void *user_data)
{
	ARG_UNUSED(io);
	ARG_UNUSED(user_data);

	return reason == OCPP_USR_UNLOCK_CONNECTOR ? -EIO : 0;
}

ZTEST(extensions, test_what_is_not_locked_is_not_unlocked)
{
	callback = stuck_lock_callback;
	start_charge_point();
	cs_expect("result {\"status\":\"UnlockFailed\"}", UNLOCK);
	expect(0, ocpp_set_locked(1, false));
	cs_expect("result {\"status\":\"Unlocked\"}", UNLOCK);
	expect(0, ocpp_set_locked(1, true));
	cs_expect("result {\"status\":\"UnlockFailed\"}", UNLOCK);
	expect(-EINVAL, ocpp_set_locked(0, true));
}

static atomic_t limits[CONNECTORS + 1];

static int limit_callback(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	if (event == OCPP_EVENT_CHARGING_LIMIT) {
		atomic_set(&limits[value->charging_limit.id_con], value->charging_limit.limit);
	}

	return usual_event_callback(event, value, user_data);
}

ZTEST(extensions, test_a_fault_limits_charging_and_its_end_does_not)
{
	event_callback = limit_callback;
	start_charge_point();
	expect(0, ocpp_set_plugged(1, true));
	expect(0, ocpp_present_idtag(1, "TAG"));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	zassert_equal(atomic_get(&limits[1]), OCPP_NO_LIMIT);
	expect(0, ocpp_set_fault(1, OCPP_ERROR_OVER_CURRENT, NULL));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	zassert_equal(atomic_get(&limits[1]), 0);
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	zassert_equal(atomic_get(&limits[1]), OCPP_NO_LIMIT);
	expect(0, ocpp_set_plugged(1, false));
	cs_expect("1:0-0", "books 1:0-0");
}

ZTEST(extensions, test_a_reset_that_the_application_asks_for)
{
	expect(-EINVAL, ocpp_request_reset(false));
	start_charge_point();
	open_charging(1, "TAG", 10);
	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	registers[1] = 30;
	expect(0, ocpp_request_reset(false));
	zassert_true(wait_for_notice(EVENT(RESET), 0));
	cs_expect("Reboot", "sent StopTransaction.reason");
	cs_expect("1:10-30", "books 1:10-30");
}

static int refusing_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			     void *user_data)
{
	return reason == OCPP_USR_START_CHARGING ? -EBUSY : usual_callback(reason, io, user_data);
}

ZTEST(extensions, test_a_remote_start_that_is_refused_does_not_hold_the_connector)
{
	ocpp_session_handle_t local;

	callback = refusing_callback;
	start_charge_point();
	cs_expect("3", "wait StatusNotification 3");
	cs_expect(ACCEPTED, "call RemoteStartTransaction {'connectorId':1,'idTag':'REMOTE'}");
	/* Preparing, if it was for long enough to be told, and Available again. */
	k_msleep(SHORT_MS);
	cs_expect("Available", "sent StatusNotification.status");
	local = open_charging(1, "LOCAL", 5);
	expect(0, ocpp_stop_transaction(local, 6, LONG_MS));
	cs_expect("1:5-6", "books 1:5-6");

	/* With the cable in, it has begun already. */
	expect(0, ocpp_set_plugged(2, true));
	registers[2] = 70;
	cs_expect(ACCEPTED, "call RemoteStartTransaction {'connectorId':2,'idTag':'REMOTE'}");
	cs_expect("1:5-6 2:70-70", "books 1:5-6 2:70-70");
	cs_expect("Other", "sent StopTransaction.reason");
	expect(0, ocpp_set_plugged(2, false));
}

ZTEST(extensions, test_a_data_transfer_brings_an_answer_back)
{
	enum ocpp_data_transfer_status status = OCPP_DATA_TRANSFER_REJECTED;
	char reply[8];

	expect(-EINVAL, ocpp_data_transfer("org.example", NULL, NULL, &status, NULL, 0, LONG_MS));
	start_charge_point();
	cs_do("on DataTransfer answer {'status':'Accepted','data':'as long as that'}");
	expect(0, ocpp_data_transfer("org.example", "price", "kWh \"now\"", &status, reply,
				     sizeof(reply), LONG_MS));
	zassert_equal(status, OCPP_DATA_TRANSFER_ACCEPTED);
	zassert_str_equal(reply, "as long");
	cs_expect("price", "sent DataTransfer.messageId");
	cs_expect("kWh \"now\"", "sent DataTransfer.data");

	cs_do("on DataTransfer answer {'status':'UnknownVendorId'}");
	expect(0, ocpp_data_transfer("nobody", NULL, NULL, &status, reply, sizeof(reply), LONG_MS));
	zassert_equal(status, OCPP_DATA_TRANSFER_UNKNOWN_VENDOR_ID);
	zassert_str_equal(reply, "");
	expect(0, ocpp_data_transfer("nobody", NULL, NULL, &status, NULL, sizeof(reply), LONG_MS));
}

ZTEST(extensions, test_a_data_transfer_fails_for_a_reason)
{
	enum ocpp_data_transfer_status status;
	static char long_text[300];

	start_charge_point();
	memset(long_text, 'v', sizeof(long_text) - 1);
	expect(-EINVAL, ocpp_data_transfer(NULL, NULL, NULL, &status, NULL, 0, LONG_MS));
	expect(-EINVAL, ocpp_data_transfer("v", NULL, NULL, NULL, NULL, 0, LONG_MS));
	expect(-EINVAL, ocpp_data_transfer(long_text, NULL, NULL, &status, NULL, 0, LONG_MS));
	expect(-EINVAL, ocpp_data_transfer("v", long_text, NULL, &status, NULL, 0, LONG_MS));
	expect(-EINVAL, ocpp_data_transfer("v", "\xff", NULL, &status, NULL, 0, LONG_MS));
	cs_expect("0", "calls DataTransfer");

	cs_do("on DataTransfer error InternalError");
	expect(-EIO, ocpp_data_transfer("v", NULL, NULL, &status, NULL, 0, LONG_MS));
	cs_do("on DataTransfer silence");
	expect_after(SHORT_MS, SHORT_MS + SLACK_MS, -ETIMEDOUT,
		     ocpp_data_transfer("v", NULL, NULL, &status, NULL, 0, SHORT_MS));
	/* Another one waits until no caller waits for the first one's answer any more. */
	cs_do("on DataTransfer answer {'status':'Rejected'}");
	expect_after(SHORT_MS, LONG_MS, 0,
		     ocpp_data_transfer("v", NULL, NULL, &status, NULL, 0, LONG_MS));
	zassert_equal(status, OCPP_DATA_TRANSFER_REJECTED);

	cs_do("listen off");
	cs_do("on DataTransfer close");
	expect(-ENOTCONN, ocpp_data_transfer("v", NULL, NULL, &status, NULL, 0, LONG_MS));
	expect(-ENOTCONN, ocpp_data_transfer("v", NULL, NULL, &status, NULL, 0, LONG_MS));
	cs_do("listen on");
}

static int transfer_callback(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	struct ocpp_data_transfer *transfer = &value->data_transfer;

	if (event != OCPP_EVENT_DATA_TRANSFER) {
		return usual_event_callback(event, value, user_data);
	}

	if (strcmp(transfer->vendor_id, CONFIG_OCPP_DATA_TRANSFER_VENDOR) != 0) {
		return -EINVAL;
	}
	if (transfer->message_id == NULL) {
		return transfer->payload == NULL ? 0 : -EACCES;
	}
	if (strcmp(transfer->message_id, "echo") != 0) {
		return -ENOTSUP;
	}
	snprintf(transfer->answer, transfer->answer_size, "<%s>", transfer->payload);

	return 0;
}

ZTEST(extensions, test_a_data_transfer_is_answered_by_the_application)
{
	event_callback = transfer_callback;
	start_charge_point();
	cs_expect("result {\"status\":\"Accepted\",\"data\":\"<h\\u00e9>\"}",
		  "call DataTransfer {'vendorId':'org.example','messageId':'echo','data':'hé'}");
	cs_expect("result {\"status\":\"UnknownMessageId\"}",
		  "call DataTransfer {'vendorId':'org.example','messageId':'other'}");
	cs_expect(ACCEPTED, "call DataTransfer {'vendorId':'org.example'}");
	cs_expect("result {\"status\":\"Rejected\"}",
		  "call DataTransfer {'vendorId':'org.example','data':''}");
	cs_expect("result {\"status\":\"UnknownVendorId\"}", "call DataTransfer {'vendorId':'x'}");
}

static void *given;

static int remembering_callback(enum ocpp_event event, union ocpp_event_value *value,
				void *user_data)
{
	given = user_data;

	return usual_event_callback(event, value, user_data);
}

ZTEST(extensions, test_events_go_to_a_callback_of_their_own_or_nowhere)
{
	static int user_data;
	ocpp_session_handle_t session;

	expect(0, ocpp_set_event_callback(remembering_callback, &user_data));
	expect(0, ocpp_init(&cp_info, &cs_info, callback, NULL));
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	expect(-EBUSY, ocpp_set_event_callback(NULL, NULL));
	session = open_charging(1, "EVENTS", 5);
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	zassert_equal(given, &user_data);
	expect(0, ocpp_stop_transaction(session, 6, LONG_MS));
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));

	expect(0, ocpp_deinit());
	event_callback = NULL;
	start_charge_point();
	session = open_charging(1, "NOWHERE", 7);
	cs_expect("result {\"status\":\"UnknownMessageId\"}",
		  "call DataTransfer {'vendorId':'org.example'}");
	expect(0, ocpp_stop_transaction(session, 8, LONG_MS));
	cs_expect("1:5-6 1:7-8", "books 1:5-6 1:7-8");
	zassert_false(is_noticed_within(EVENT(CHARGING_LIMIT), 1, SHORT_MS));
}

static atomic_t asked;

static int counting_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
			     void *user_data)
{
	if (reason != OCPP_USR_GET_METER_VALUE) {
		return usual_callback(reason, io, user_data);
	}

	(void)atomic_or(&asked, BIT(io->meter_val.mes));
	switch (io->meter_val.mes) {
	case OCPP_OMM_TEMPERATURE:
	case OCPP_OMM_CHARGING_PERCENT:
		strcpy(io->meter_val.val, "20");
		return 0;
	default:
		return usual_callback(reason, io, user_data);
	}
}

ZTEST(extensions, test_only_what_is_asked_for_is_measured)
{
	callback = counting_callback;
	start_charge_point();
	atomic_clear(&asked);
	cs_expect(ACCEPTED, "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}");
	cs_expect("1", "wait MeterValues 1");
	zassert_equal(atomic_get(&asked), BIT(OCPP_OMM_ACTIVE_ENERGY_TO_EV));
	/* And for the next one of the same moment. */
	k_msleep(50);
	cs_expect(ACCEPTED, "call ChangeConfiguration "
			    "{'key':'StopTxnSampledData','value':'Temperature,SoC'}");
	cs_expect(ACCEPTED, "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}");
	cs_expect("2", "wait MeterValues 2");
	zassert_equal(atomic_get(&asked), BIT(OCPP_OMM_ACTIVE_ENERGY_TO_EV) |
						  BIT(OCPP_OMM_TEMPERATURE) |
						  BIT(OCPP_OMM_CHARGING_PERCENT));
	/* The records outlive the test. */
	cs_expect(ACCEPTED,
		  "call ChangeConfiguration {'key':'StopTxnSampledData','value':''}");
}

ZTEST(extensions, test_the_version_is_three_numbers)
{
	int major, minor, patch;

	zassert_equal(sscanf(ocpp_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

ZTEST(extensions, test_a_transfer_after_one_that_gave_up_is_sent_once)
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
