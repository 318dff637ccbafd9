/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Answers that come late, never, or as an error. */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(timeouts, NULL, NULL, NULL, NULL, NULL);

/* What was not answered is sent again soon, not after the usual minute. */
static void retry_soon(void)
{
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call ChangeConfiguration {'key':'TransactionMessageRetryInterval','value':'1'}");
}

ZTEST(timeouts, test_a_call_returns_at_its_timeout)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	retry_soon();
	session = open_session();
	expect_accepted(session, "PATIENT");

	/* A server that never answers. */
	cs_do("on * silence");
	expect_after(SHORT_MS, SHORT_MS + SLACK_MS, -ETIMEDOUT,
		     ocpp_start_transaction(session, 10, 1, SHORT_MS));
	expect_after(SHORT_MS, SHORT_MS + SLACK_MS, -ETIMEDOUT,
		     ocpp_authorize(open_session(), "NOBODY", &status, SHORT_MS));
	expect_after(SHORT_MS, SHORT_MS + SLACK_MS, -ETIMEDOUT,
		     ocpp_stop_transaction(session, 20, SHORT_MS));
	expect(OCPP_CONNECTION_ONLINE, ocpp_connection_state());

	/* It has happened nevertheless, and is told when the central system listens. */
	cs_do("on * answer");
	cs_expect("1:10-20", "books 1:10-20");
	cs_expect("1", "connections");
}

ZTEST(timeouts, test_no_time_is_no_time)
{
	enum ocpp_auth_status status;

	start_charge_point();
	cs_do("on Authorize silence");
	expect_after(0, SLACK_MS, -ETIMEDOUT, ocpp_authorize(open_session(), "NOW", &status, 0));
}

/* The caller had more patience than the charge point: the idTag is not decided. */
ZTEST(timeouts, test_no_answer_is_not_taken_for_one)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	cs_do("on Authorize silence");
	expect_after(CONFIG_OCPP_CALL_TIMEOUT_MS, CONFIG_OCPP_CALL_TIMEOUT_MS + SLACK_MS,
		     -ETIMEDOUT, ocpp_authorize(session, "SILENCE", &status, LONG_MS));
	cs_do("on Authorize answer");
	expect_accepted(session, "SILENCE");
}

/* Once: the caller waited for its whole timeout. */
ZTEST(timeouts, test_an_error_is_an_answer)
{
	enum ocpp_auth_status status = OCPP_AUTH_ACCEPTED;
	ocpp_session_handle_t session;

	start_charge_point();
	retry_soon();
	session = open_session();
	cs_do("on Authorize error InternalError");
	expect_after(0, SLACK_MS, 0, ocpp_authorize(session, "ERROR", &status, LONG_MS));
	zassert_not_equal(status, OCPP_AUTH_ACCEPTED);
	expect(-EACCES, ocpp_start_transaction(session, 1, 1, LONG_MS));

	/* Messages of transactions are kept and sent again. */
	cs_do("on Authorize answer");
	expect_accepted(session, "ERROR2");
	cs_do("on StartTransaction error InternalError");
	expect_after(0, SLACK_MS, 0, ocpp_start_transaction(session, 10, 1, LONG_MS));
	cs_do("on StartTransaction answer");
	cs_expect("1:10-", "books 1:10-");
	cs_do("on StopTransaction error InternalError");
	expect_after(0, SLACK_MS, 0, ocpp_stop_transaction(session, 20, LONG_MS));
	cs_do("on StopTransaction answer");
	cs_expect("1:10-20", "books 1:10-20");
}

/* Once: an answer was never matched to the call that it answers. */
ZTEST(timeouts, test_a_late_answer_is_not_that_to_the_next_call)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	cs_do("on Authorize late %d", 2 * SHORT_MS);
	expect(-ETIMEDOUT, ocpp_authorize(session, "LATE", &status, SHORT_MS));
	/* What no caller waited for is not accepted either. */
	k_msleep(2 * SHORT_MS);
	expect(-EACCES, ocpp_start_transaction(session, 1, 1, LONG_MS));

	cs_do("on Authorize late %d", SHORT_MS);
	expect(-ETIMEDOUT, ocpp_authorize(session, "LATE2", &status, SHORT_MS / 3));
	cs_do("on Authorize answer {'idTagInfo':{'status':'Blocked'}}");
	expect_after(SHORT_MS / 3, LONG_MS / 2, 0,
		     ocpp_authorize(session, "BLOCKED", &status, LONG_MS));
	expect(OCPP_AUTH_BLOCKED, status);
	expect(-EACCES, ocpp_start_transaction(session, 1, 1, LONG_MS));
}

ZTEST(timeouts, test_answers_to_no_call_are_passed_over)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;

	start_charge_point();
	cs_do("on Authorize stray {'idTagInfo':{'status':'Blocked'}}");
	expect(0, ocpp_authorize(open_session(), "STRAY", &status, LONG_MS));
	expect(OCPP_AUTH_ACCEPTED, status);
	cs_expect("1", "connections");
}

ZTEST(timeouts, test_an_answer_that_cannot_be_read)
{
	enum ocpp_auth_status status = OCPP_AUTH_ACCEPTED;
	ocpp_session_handle_t session;

	start_charge_point();
	retry_soon();
	session = open_session();
	cs_do("on Authorize hollow");
	expect_after(0, SLACK_MS, 0, ocpp_authorize(session, "HOLLOW", &status, LONG_MS));
	zassert_not_equal(status, OCPP_AUTH_ACCEPTED);
	cs_do("on Authorize answer");
	expect_accepted(session, "HOLLOW2");
	cs_do("on StartTransaction hollow");
	expect_after(0, SLACK_MS, 0, ocpp_start_transaction(session, 10, 1, LONG_MS));
	cs_do("on StartTransaction answer");
	cs_expect("1:10-", "books 1:10-");
	expect(0, ocpp_stop_transaction(session, 20, LONG_MS));
	cs_expect("1", "connections");
}

ZTEST(timeouts, test_every_status_of_an_idtag_arrives)
{
	static const struct {
		const char *said;
		enum ocpp_auth_status status;
	} all[] = {
		{"Accepted", OCPP_AUTH_ACCEPTED},
		{"Blocked", OCPP_AUTH_BLOCKED},
		{"Expired", OCPP_AUTH_EXPIRED},
		{"Invalid", OCPP_AUTH_INVALID},
		{"ConcurrentTx", OCPP_AUTH_CONCURRENT_TX},
	};
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		enum ocpp_auth_status status = OCPP_AUTH_ACCEPTED + 1;

		cs_do("on Authorize answer {'idTagInfo':{'status':'%s'}}", all[i].said);
		expect(0, ocpp_authorize(session, (char *)all[i].said, &status, LONG_MS));
		zassert_equal(status, all[i].status, "%s is %d", all[i].said, status);
	}
}

/* Calls whose callers have gone take no room for ever. */
ZTEST(timeouts, test_so_many_calls_at_once)
{
	struct call asking[CONFIG_OCPP_INTERNAL_MSGQ_CNT];
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	cs_do("on Authorize silence");
	for (size_t i = 0; i < ARRAY_SIZE(asking); i++) {
		asking[i] = (struct call){
			.function = authorize,
			.session = session,
			.id_tag = "MANY",
			.timeout_ms = 2 * SHORT_MS,
		};
		begin_call(&asking[i]);
	}
	k_msleep(SHORT_MS / 2);
	expect_after(0, SLACK_MS, -ENOMEM, ocpp_authorize(session, "MORE", &status, LONG_MS));
	for (size_t i = 0; i < ARRAY_SIZE(asking); i++) {
		expect(-ETIMEDOUT, end_call(&asking[i]));
	}
	cs_expect("1", "calls Authorize");

	cs_do("on Authorize answer");
	expect_accepted(session, "MANY2");
	cs_expect("2", "calls Authorize");
}
