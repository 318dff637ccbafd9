/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* A handle that is none is refused, and never looked behind. */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(handles, NULL, NULL, NULL, NULL, NULL);

static void expect_refused(ocpp_session_handle_t handle)
{
	enum ocpp_auth_status status;

	expect(-EINVAL, ocpp_authorize(handle, "HANDLE", &status, LONG_MS));
	expect(-EINVAL, ocpp_start_transaction(handle, 1, 1, LONG_MS));
	expect(-EINVAL, ocpp_stop_transaction(handle, 1, LONG_MS));
	ocpp_session_close(handle);
}

ZTEST(handles, test_a_closed_session_stays_closed)
{
	ocpp_session_handle_t closed;
	ocpp_session_handle_t open;

	start_charge_point();
	closed = open_session();
	expect_accepted(closed, "CLOSED");
	ocpp_session_close(closed);
	expect_refused(closed);

	/* Its place is taken by others, many times. */
	for (int i = 0; i < 1000; i++) {
		open = open_session();
		zassert_not_equal(open, closed, "given out again after %d", i);
		ocpp_session_close(open);
	}
	open = open_session();
	expect_refused(closed);
	/* It has closed no other session, and left none its idTag. */
	expect(-EACCES, ocpp_start_transaction(open, 1, 1, LONG_MS));
	expect_accepted(open, "OPEN");
}

ZTEST(handles, test_forged_handles_are_refused)
{
	int somewhere = 0;
	ocpp_session_handle_t open;

	start_charge_point();
	open = open_session();
	expect_refused(NULL);
	expect_refused(&somewhere);
	expect_refused((ocpp_session_handle_t)0xdeadbeef);
	expect_refused((ocpp_session_handle_t)UINTPTR_MAX);
	for (uintptr_t number = 1; number < 64; number++) {
		if ((ocpp_session_handle_t)number != open) {
			expect_refused((ocpp_session_handle_t)number);
		}
	}
	for (int bit = 0; bit < 8 * sizeof(uintptr_t); bit++) {
		expect_refused((ocpp_session_handle_t)((uintptr_t)open ^ ((uintptr_t)1 << bit)));
	}
	expect_accepted(open, "FORGED");
}

ZTEST(handles, test_a_handle_does_not_outlive_deinit)
{
	ocpp_session_handle_t before;

	start_charge_point();
	before = open_session();
	expect_accepted(before, "BEFORE");
	expect(0, ocpp_deinit());
	start_charge_point();
	expect_refused(before);
	zassert_not_equal(open_session(), before);
	expect_refused(before);
}

ZTEST(handles, test_so_many_sessions)
{
	ocpp_session_handle_t sessions[CONFIG_OCPP_SESSIONS];
	ocpp_session_handle_t more = NULL;

	start_charge_point();
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		sessions[i] = open_session();
		for (size_t j = 0; j < i; j++) {
			zassert_not_equal(sessions[i], sessions[j]);
		}
	}
	expect(-ENOMEM, ocpp_session_open(&more));
	zassert_is_null(more);
	ocpp_session_close(sessions[1]);
	expect(0, ocpp_session_open(&more));
}

ZTEST(handles, test_closing_a_session_stops_its_transaction)
{
	ocpp_session_handle_t session;

	start_charge_point();
	registers[1] = 10;
	session = open_charging(1, "CLOSING", 10);
	cs_expect("1:10-", "books 1:10-");
	/* A reading of the same moment would do for the end, too. */
	k_msleep(50);
	registers[1] = 25;
	ocpp_session_close(session);
	expect_refused(session);
	cs_expect("1:10-25", "books 1:10-25");
	ocpp_session_close(open_charging(1, "CLOSING", 25));
	cs_expect("1:10-25 1:25-25", "books 1:10-25 1:25-25");
}

ZTEST(handles, test_one_session_from_two_threads)
{
	struct call first = {start_transaction, .connector = 1, .register_wh = 10,
			     .timeout_ms = LONG_MS};
	struct call second = {start_transaction, .connector = 2, .register_wh = 20,
			      .timeout_ms = LONG_MS};
	int won;
	int lost;

	start_charge_point();
	first.session = open_session();
	second.session = first.session;
	expect_accepted(first.session, "SHARED");
	begin_call(&first);
	begin_call(&second);
	won = end_call(&first);
	lost = end_call(&second);
	zassert_true((won == 0 && lost == -EBUSY) || (won == -EBUSY && lost == 0), "%d and %d",
		     won, lost);
	expect(0, ocpp_stop_transaction(first.session, 30, LONG_MS));
	cs_expect("1", "calls StartTransaction");
	cs_expect("1", "wait StopTransaction 1");
}

ZTEST(handles, test_closing_a_session_under_a_call)
{
	struct call asking = {authorize, .id_tag = "UNDER", .timeout_ms = LONG_MS};
	ocpp_session_handle_t next;

	start_charge_point();
	asking.session = open_session();
	cs_do("on Authorize late %d", 2 * SHORT_MS);
	begin_call(&asking);
	cs_expect("1", "wait Authorize 1");
	expect_after(0, SLACK_MS, 0, (ocpp_session_close(asking.session), 0));
	next = open_session();
	(void)end_call(&asking);
	zassert_true(asking.took_ms < LONG_MS);
	/* Whose idTag it was is closed: the next session has none. */
	expect(-EACCES, ocpp_start_transaction(next, 1, 1, LONG_MS));
}

ZTEST(handles, test_a_session_closes_though_no_call_fits)
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
