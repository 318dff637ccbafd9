/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Messages of the central system, in every form in which a websocket may bring them. */

#include <string.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(messages, NULL, NULL, NULL, NULL, NULL);

static void expect_alive(void)
{
	cs_expect("1", "burst 1");
	cs_expect("1", "connections");
}

/* Once: answered 4 s late. */
ZTEST(messages, test_several_in_one_segment_are_answered_at_once)
{
	start_charge_point();
	cs_expect("2", "burst 2");
	cs_expect("10", "burst 10");
}

/* Once: without the payload of the ping, so that strict servers hung up. */
ZTEST(messages, test_a_pong_brings_the_payload_back)
{
	char payload[125 + 1];

	start_charge_point();
	cs_expect("hello", "ping hello");
	cs_expect("", "ping ");
	memset(payload, 'p', sizeof(payload) - 1);
	payload[sizeof(payload) - 1] = '\0';
	cs_expect(payload, "ping %s", payload);
	expect_alive();
}

/* Once: fragmented text was dropped. */
ZTEST(messages, test_fragments_are_put_together)
{
	start_charge_point();
	cs_expect_begin("result {\"configurationKey\":[{\"key\":\"HeartbeatInterval\"",
			"fragments GetConfiguration {'key':['HeartbeatInterval']}");
	expect_alive();
}

ZTEST(messages, test_as_long_as_the_receive_buffer)
{
	start_charge_point();
	cs_expect_begin("result ", "sized %d", CONFIG_OCPP_RECV_BUFFER_SIZE);
	expect_alive();
}

/* Once: read on as if its middle were a new message. */
ZTEST(messages, test_longer_than_the_receive_buffer)
{
	start_charge_point();
	/* Every place where a reader may take the rest for a new message. */
	for (int place = CONFIG_OCPP_RECV_BUFFER_SIZE - 1;
	     place <= CONFIG_OCPP_RECV_BUFFER_SIZE + 1; place++) {
		cs_expect_begin("error ", "oversized %d", place);
	}
	for (int place = CONFIG_OCPP_RECV_BUFFER_SIZE;
	     place <= 4 * CONFIG_OCPP_RECV_BUFFER_SIZE; place += 64) {
		cs_expect_begin("error ", "oversized %d", place);
	}
	expect_alive();
	cs_expect("none", "offences");
}

/* Once: overran the stack. */
ZTEST(messages, test_long_keys)
{
	char key[500 + 1];

	start_charge_point();
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';

	cs_expect_begin("error ", "bad GetConfiguration {'key':['%s']}", key);
	cs_expect_begin("error ", "bad ChangeConfiguration {'key':'%s','value':'1'}", key);
	key[51] = '\0';
	cs_expect_begin("error ", "bad GetConfiguration {'key':['%s']}", key);
	cs_expect_begin("error ", "bad ChangeConfiguration {'key':'%s','value':'1'}", key);
	key[50] = '\0';
	cs_expect("result {\"unknownKey\":["
		  "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\"],\"configurationKey\":[]}",
		  "call GetConfiguration {'key':['%s']}", key);
	cs_expect("result {\"status\":\"NotSupported\"}",
		  "call ChangeConfiguration {'key':'%s','value':'1'}", key);
	expect_alive();
}


/* Configuration outlives a charge point. */
static void set_lists(const char *sampled, const char *at_the_end)
{
	const char *change = "call ChangeConfiguration {'key':'%s','value':'%s'}";

	cs_expect(ACCEPTED, change, "MeterValuesSampledData", sampled);
	cs_expect(ACCEPTED, change, "MeterValuesAlignedData", sampled);
	cs_expect(ACCEPTED, change, "StopTxnSampledData", at_the_end);
	cs_expect(ACCEPTED, change, "StopTxnAlignedData", at_the_end);
}

#define REGISTER "Energy.Active.Import.Register"

/* Once: 32 answers with one id. It is longer than the send buffer. */
static int read_no_meter(int conn_id, enum ocpp_meter_measurand mes, enum ocpp_phase phase,
			 char *val, size_t size, void *user_data)
{
	return -ENOTSUP;
}

#define REACTIVE "Energy.Reactive.Import.Register"

ZTEST(messages, test_all_keys_come_in_one_answer)
{
	const char *measurands = REGISTER "," REACTIVE ".L1," REACTIVE ".L2," REACTIVE ".L3,"
				 REACTIVE ".N," REACTIVE ".L1-N," REACTIVE ".L2-N,"
				 REACTIVE ".L3-N," REACTIVE ".L1-L2," REACTIVE ".L2-L3";
	struct ocpp_measured measured[9];
	const char *answer;

	for (int i = 0; i < ARRAY_SIZE(measured); i++) {
		measured[i].mes = OCPP_OMM_REACTIVE_ENERGY_TO_EV;
		measured[i].phase = OCPP_PHASE_L1 + i;
	}

	expect(0, ocpp_declare_measurands(measured, ARRAY_SIZE(measured), read_no_meter, NULL));
	start_charge_point();
	set_lists(measurands, measurands);
	answer = cs("call GetConfiguration {}");
	zassert_ok(strncmp(answer, "result ", strlen("result ")), "%s", answer);
	zassert_true(strlen(answer) > CONFIG_OCPP_SEND_BUFFER_SIZE);
	zassert_not_null(strstr(answer, "\"HeartbeatInterval\""));
	zassert_not_null(strstr(answer, "\"NumberOfConnectors\""));
	zassert_not_null(strstr(answer, "\"SupportedFeatureProfiles\""));
	/* A second one would have come by now. */
	k_msleep(SHORT_MS);
	cs_expect("none", "offences");
	set_lists(REGISTER, "");
}

/* Once: no answer. */
ZTEST(messages, test_what_is_not_supported_is_answered)
{
	start_charge_point();
	cs_expect("error NotImplemented", "bad Nonsense {}");
	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_RESERVATION)) {
		cs_expect("error NotSupported",
			  "call ReserveNow {'connectorId':1,'idTag':'A',"
			  "'expiryDate':'2031-01-01T00:00:00Z','reservationId':1}");
	}
	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_LOCAL_AUTH_LIST)) {
		cs_expect("result {\"listVersion\":-1}", "call GetLocalListVersion {}");
	}
	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_SMART_CHARGE)) {
		cs_expect("error NotSupported",
			  "call GetCompositeSchedule {'connectorId':1,'duration':60}");
	}
	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_FIRMWARE_MGNT)) {
		cs_expect("error NotSupported",
			  "call GetDiagnostics {'location':'ftp://example.com/upload'}");
	}
	expect_alive();
}

ZTEST(messages, test_garbage_is_passed_over)
{
	start_charge_point();
	cs_do("raw ");
	cs_do("raw garbage");
	cs_do("raw [2");
	cs_do("raw []");
	cs_do("raw [3,'never asked',{}]");
	cs_do("raw [4,'never asked','InternalError','',{}]");
	cs_do("raw [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	cs_do("binary garbage");
	expect_alive();
}

/* Once: ignored. */
ZTEST(messages, test_the_time_of_the_central_system_is_used)
{
	ocpp_session_handle_t charging;

	cs_do("clock 2031-05-01T12:00:00+00:00");
	start_charge_point();
	charging = open_charging(1, "TIME", 10);
	cs_expect_begin("2031-05-01T12:00:", "sent StartTransaction.timestamp");

	/* Also that of a Heartbeat. */
	cs_do("clock 2032-02-29T23:00:00+00:00");
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call TriggerMessage {'requestedMessage':'Heartbeat'}");
	cs_expect("1", "wait Heartbeat 1");
	k_msleep(SHORT_MS);
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call TriggerMessage {'requestedMessage':'StatusNotification','connectorId':2}");
	k_msleep(SHORT_MS);
	cs_expect_begin("2032-02-29T23:00:", "sent StatusNotification.timestamp");
	expect(0, ocpp_stop_transaction(charging, 20, LONG_MS));
	cs_expect_begin("2032-02-29T23:00:", "sent StopTransaction.timestamp");
}

ZTEST(messages, test_the_time_of_the_application_is_used)
{
	ocpp_session_handle_t charging;

	cs_do("clock 2031-05-01T12:00:00+00:00");
	start_charge_point();
	/* 2033-05-18T03:33:20Z */
	expect(0, ocpp_set_time(INT64_C(2000000000000)));
	charging = open_charging(1, "SNTP", 10);
	cs_expect_begin("2033-05-18T03:33:2", "sent StartTransaction.timestamp");
	expect(0, ocpp_stop_transaction(charging, 20, LONG_MS));
}
