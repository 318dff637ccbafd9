/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <stdio.h>

#include "central_system.h"
#include "charge_point.h"

#define CALLS 5

struct notice {
	int reason;
	int connector;
};

struct ocpp_cp_info cp_info;
struct ocpp_cs_info cs_info;
int registers[CONNECTORS + 1];
ocpp_user_notify_callback_t callback;
ocpp_event_callback_t event_callback;

static char path[CONFIG_OCPP_PATH_LENGTH];

K_MSGQ_DEFINE(notices, sizeof(struct notice), 16, 4);

static K_THREAD_STACK_ARRAY_DEFINE(stacks, CALLS, 2048);
static struct k_thread threads[CALLS];
static int calls;

int usual_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	struct notice notice = {.reason = reason};

	ARG_UNUSED(user_data);

	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
			return -ENOTSUP;
		}
		snprintf(io->meter_val.val, sizeof(io->meter_val.val), "%d",
			 registers[io->meter_val.id_con]);
		return 0;
	case OCPP_USR_START_CHARGING:
		notice.connector = io->start_charge.id_con;
		break;
	case OCPP_USR_STOP_CHARGING:
		notice.connector = io->stop_charge.id_con;
		break;
	case OCPP_USR_UNLOCK_CONNECTOR:
		notice.connector = io->unlock_con.id_con;
		break;
	}

	(void)k_msgq_put(&notices, &notice, K_NO_WAIT);
	return 0;
}

int usual_event_callback(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	struct notice notice = {.reason = 0x100 + event};

	ARG_UNUSED(user_data);

	if (event == OCPP_EVENT_CHARGING_LIMIT) {
		notice.connector = value->charging_limit.id_con;
	}

	(void)k_msgq_put(&notices, &notice, K_NO_WAIT);
	return 0;
}

static void begin_test(const struct ztest_unit_test *test, void *fixture)
{
	const char *name = &test->name[strlen("test_")];

	ARG_UNUSED(fixture);

	snprintf(path, sizeof(path), "/ocpp/%s", name);
	cp_info = (struct ocpp_cp_info){
		.model = "api",
		.vendor = "tests",
		.num_of_con = CONNECTORS,
	};
	cs_info = (struct ocpp_cs_info){
		.cs_ip = CONFIG_CENTRAL_SYSTEM,
		.ws_url = path,
		.port = CONFIG_CENTRAL_SYSTEM_PORT,
		.sa_family = AF_INET,
	};
	memset(registers, 0, sizeof(registers));
	callback = usual_callback;
	event_callback = usual_event_callback;
	k_msgq_purge(&notices);
	cs_do("begin %s", name);
}

/* Also after a test that failed in its middle: the next one begins with nothing. */
static void end_test(const struct ztest_unit_test *test, void *fixture)
{
	ARG_UNUSED(test);
	ARG_UNUSED(fixture);

	if (ocpp_connection_state() == OCPP_CONNECTION_ONLINE) {
		(void)cs("settle");
	}
	(void)ocpp_deinit();
	(void)ocpp_declare_measurands(NULL, 0, NULL, NULL);
	(void)ocpp_declare_settings(NULL, 0);
	(void)ocpp_declare_evses(NULL, 0);
	(void)ocpp_set_boot_reason(-1);
	(void)ocpp_set_protocol(OCPP_PROTOCOL_1_6);
	for (; calls > 0; calls--) {
		(void)k_thread_join(&threads[calls - 1], K_FOREVER);
	}
}

ZTEST_RULE(one_charge_point_for_each_test, begin_test, end_test);

int init_charge_point(void)
{
	/* -EBUSY where a test starts one that runs. */
	(void)ocpp_set_event_callback(event_callback, NULL);

	return ocpp_init(&cp_info, &cs_info, callback, NULL);
}

void start_charge_point(void)
{
	expect(0, init_charge_point());
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE), "never online");
}

bool wait_for_state(enum ocpp_connection_state state)
{
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(LONG_MS));

	while (ocpp_connection_state() != state) {
		if (sys_timepoint_expired(end)) {
			return false;
		}
		k_msleep(10);
	}

	return true;
}

ocpp_session_handle_t open_session(void)
{
	ocpp_session_handle_t session = NULL;

	expect(0, ocpp_session_open(&session));
	zassert_not_null(session);

	return session;
}

void expect_accepted(ocpp_session_handle_t session, const char *id_tag)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;

	expect(0, ocpp_authorize(session, (char *)id_tag, &status, LONG_MS));
	zassert_equal(status, OCPP_AUTH_ACCEPTED, "status %d", status);
}

ocpp_session_handle_t open_charging(int connector, const char *id_tag, int register_wh)
{
	ocpp_session_handle_t session = open_session();

	expect_accepted(session, id_tag);
	expect(0, ocpp_start_transaction(session, register_wh, connector, LONG_MS));

	return session;
}

bool wait_for_notice(int reason, int connector)
{
	return is_noticed_within(reason, connector, LONG_MS);
}

bool is_noticed_within(int reason, int connector, int timeout_ms)
{
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(timeout_ms));
	struct notice notice;

	while (k_msgq_get(&notices, &notice, sys_timepoint_timeout(end)) == 0) {
		if (notice.reason == reason && notice.connector == connector) {
			return true;
		}
	}

	return false;
}

int authorize(struct call *call)
{
	return ocpp_authorize(call->session, (char *)call->id_tag, &call->status,
			      call->timeout_ms);
}

int start_transaction(struct call *call)
{
	return ocpp_start_transaction(call->session, call->register_wh, call->connector,
				      call->timeout_ms);
}

int stop_transaction(struct call *call)
{
	return ocpp_stop_transaction(call->session, call->register_wh, call->timeout_ms);
}

static void run_call(void *p1, void *p2, void *p3)
{
	struct call *call = p1;
	int64_t began = k_uptime_get();

	ARG_UNUSED(p2);
	ARG_UNUSED(p3);

	call->result = call->function(call);
	call->took_ms = k_uptime_get() - began;
}

void begin_call(struct call *call)
{
	zassert_true(calls < CALLS);
	call->thread = k_thread_create(&threads[calls], stacks[calls],
				       K_THREAD_STACK_SIZEOF(stacks[calls]), run_call, call, NULL,
				       NULL, K_PRIO_PREEMPT(8), 0, K_NO_WAIT);
	calls++;
}

int end_call(struct call *call)
{
	zassert_ok(k_thread_join(call->thread, K_MSEC(2 * LONG_MS)), "a call does not return");

	return call->result;
}
