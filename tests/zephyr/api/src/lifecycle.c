/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* From ocpp_init() to ocpp_deinit(). */

#include <errno.h>

#include <zephyr/irq_offload.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(lifecycle, NULL, NULL, NULL, NULL, NULL);

/* What every function says when there is no charge point. */
static void expect_nothing_works(ocpp_session_handle_t session)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t other;

	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	expect(-EINVAL, ocpp_deinit());
	expect(-EINVAL, ocpp_session_open(&other));
	expect(-EINVAL, ocpp_authorize(session, "A", &status, LONG_MS));
	expect(-EINVAL, ocpp_start_transaction(session, 1, 1, LONG_MS));
	expect(-EINVAL, ocpp_stop_transaction(session, 1, LONG_MS));
	ocpp_session_close(session);
	expect(-EINVAL, ocpp_set_plugged(1, true));
	expect(-EINVAL, ocpp_present_idtag(1, "A"));
	expect(-EINVAL, ocpp_set_fault(1, OCPP_ERROR_OTHER, NULL));
	expect(-EINVAL, ocpp_set_fault(0, OCPP_ERROR_OTHER, NULL));
	expect(-EINVAL, ocpp_set_suspended(1, OCPP_SUSPENDED_BY_EV));
	expect(-EINVAL, ocpp_set_time(0));
}

ZTEST(lifecycle, test_nothing_works_without_a_charge_point)
{
	expect_nothing_works(NULL);
	expect_nothing_works((ocpp_session_handle_t)0x101);
	cs_expect("0", "handshakes");
}

static int from_interrupt[9];

static void call_everything(const void *parameter)
{
	ocpp_session_handle_t session = (ocpp_session_handle_t)parameter;
	enum ocpp_auth_status status;
	int *result = from_interrupt;

	*result++ = ocpp_session_open(&session);
	*result++ = ocpp_authorize(session, "A", &status, LONG_MS);
	*result++ = ocpp_start_transaction(session, 1, 1, LONG_MS);
	*result++ = ocpp_stop_transaction(session, 1, LONG_MS);
	*result++ = ocpp_set_plugged(1, true);
	*result++ = ocpp_present_idtag(1, "A");
	*result++ = ocpp_set_fault(0, OCPP_ERROR_OTHER, NULL);
	*result++ = ocpp_set_time(0);
	*result++ = ocpp_deinit();
	ocpp_session_close(session);
}

ZTEST(lifecycle, test_interrupts_are_refused)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	irq_offload(call_everything, session);
	ARRAY_FOR_EACH(from_interrupt, i) {
		zassert_equal(-EWOULDBLOCK, from_interrupt[i], "call %zu: %d", i,
			      from_interrupt[i]);
	}
	expect_accepted(session, "AFTER");
}

ZTEST(lifecycle, test_deinit_says_goodbye_and_ends_everything)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	expect_accepted(session, "GOODBYE");
	expect_after(0, 2000, 0, ocpp_deinit());
	cs_expect("close 1000", "ended");
	expect_nothing_works(session);

	start_charge_point();
	expect_accepted(open_session(), "AGAIN");
	cs_expect("2", "connections");
}

ZTEST(lifecycle, test_deinit_ends_calls_under_way)
{
	struct call asking = {.function = authorize, .id_tag = "NEVER", .timeout_ms = LONG_MS};
	struct call waiting = {.function = authorize, .id_tag = "QUEUED", .timeout_ms = LONG_MS};

	start_charge_point();
	cs_do("on Authorize silence");
	asking.session = open_session();
	waiting.session = open_session();
	begin_call(&asking);
	cs_expect("1", "wait Authorize 1");
	begin_call(&waiting);
	k_msleep(100);
	expect_after(0, 2000, 0, ocpp_deinit());
	expect(-ENOTCONN, end_call(&asking));
	expect(-ENOTCONN, end_call(&waiting));
}

ZTEST(lifecycle, test_deinit_while_there_is_no_server)
{
	cs_do("listen off");
	expect(0, init_charge_point());
	k_msleep(500);
	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	expect_after(0, CONFIG_OCPP_CONNECT_TIMEOUT_MS + SLACK_MS, 0, ocpp_deinit());
	cs_do("listen on");
	start_charge_point();
}

ZTEST(lifecycle, test_deinit_during_the_handshake)
{
	cs_do("handshake silence");
	expect(0, init_charge_point());
	k_msleep(200);
	expect_after(0, CONFIG_OCPP_CONNECT_TIMEOUT_MS + SLACK_MS, 0, ocpp_deinit());
	cs_do("handshake accept");
	start_charge_point();
	cs_expect("1", "connections");
}

/* Nothing is used up by it: no descriptor, no memory, no thread. */
ZTEST(lifecycle, test_starts_over_and_over)
{
	for (int i = 1; i <= 30; i++) {
		start_charge_point();
		expect_accepted(open_session(), "OVER");
		expect(0, ocpp_deinit());
		cs_expect("close 1000", "ended");
	}
	cs_expect("30", "connections");
	cs_expect("30", "calls BootNotification");
}

static atomic_t is_over;

static int call_and_call(struct call *call)
{
	while (!atomic_get(&is_over)) {
		int ret = ocpp_session_open(&call->session);

		if (ret == 0) {
			ret = authorize(call);
			ocpp_session_close(call->session);
		}
		(void)ocpp_connection_state();
		switch (ret) {
		case 0:
		case -EAGAIN:
		case -EINVAL:
		case -ENOTCONN:
			k_msleep(1);
			continue;
		default:
			return ret;
		}
	}

	return 0;
}

ZTEST(lifecycle, test_deinit_may_come_at_any_moment)
{
	struct call calling[3] = {
		{call_and_call, .id_tag = "ANY1", .timeout_ms = LONG_MS},
		{call_and_call, .id_tag = "ANY2", .timeout_ms = LONG_MS},
		{call_and_call, .id_tag = "ANY3", .timeout_ms = LONG_MS},
	};

	atomic_set(&is_over, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calling); i++) {
		begin_call(&calling[i]);
	}
	for (int i = 0; i < 20; i++) {
		expect(0, init_charge_point());
		k_msleep(10 * i);
		expect_after(0, 2000, 0, ocpp_deinit());
	}
	atomic_set(&is_over, 1);
	for (size_t i = 0; i < ARRAY_SIZE(calling); i++) {
		expect(0, end_call(&calling[i]));
	}
	start_charge_point();
	expect_accepted(open_session(), "ANY4");
}

ZTEST(lifecycle, test_pending_until_the_central_system_accepts)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	cs_do("on BootNotification answer {'status':'Pending','interval':1}");
	expect(0, init_charge_point());
	zassert_true(wait_for_state(OCPP_CONNECTION_PENDING));
	cs_expect("1", "wait BootNotification 1");
	session = open_session();
	expect_after(0, SLACK_MS, -EAGAIN, ocpp_authorize(session, "EARLY", &status, LONG_MS));
	expect(-EACCES, ocpp_start_transaction(session, 1, 1, LONG_MS));
	expect(OCPP_CONNECTION_PENDING, ocpp_connection_state());
	cs_expect("0", "calls Authorize");

	cs_do("on BootNotification answer");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	expect_accepted(session, "EARLY");
}

/* As after a power loss: it was not stopped. */
ZTEST(lifecycle, test_a_transaction_that_runs_at_deinit_ends_at_init)
{
	start_charge_point();
	registers[1] = 100;
	(void)open_charging(1, "LEFT", 100);
	expect(0, ocpp_deinit());
	cs_expect("1:100-", "books 1:100-");

	start_charge_point();
	cs_expect("1:100-100", "books 1:100-100");
	cs_expect("1", "calls StopTransaction");
}

ZTEST(lifecycle, test_the_contactor_opens_before_a_shutdown_and_not_after_the_next_start)
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
