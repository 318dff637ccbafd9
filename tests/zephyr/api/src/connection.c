/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Connections that are lost, refused, and come back. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(connection, NULL, NULL, NULL, NULL, NULL);

static void lose_server(void)
{
	cs_do("listen off");
	cs_do("reset");
	zassert_true(wait_for_state(OCPP_CONNECTION_OFFLINE), "does not see that it is lost");
}

static void find_server(void)
{
	cs_do("listen on");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE), "never comes back");
}

static void expect_back_after(const char *loss, const char *connections)
{
	cs_do(loss);
	cs_expect(connections, "connected %s", connections);
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	expect_accepted(open_session(), loss);
}

/* Once: it never came back. */
ZTEST(connection, test_a_lost_connection_comes_back)
{
	start_charge_point();
	/* The other side closes the websocket, then only TCP, or resets it. */
	expect_back_after("close", "2");
	expect_back_after("finish", "3");
	expect_back_after("reset", "4");
}

ZTEST(connection, test_a_server_is_reached_over_ipv6)
{
	if (strcmp(cs("ipv6"), "yes") != 0) {
		TC_PRINT("this host has no ::1\n");
		ztest_test_skip();
	}
	cs_info.cs_ip = CONFIG_CENTRAL_SYSTEM_IPV6;
	cs_info.sa_family = AF_INET6;
	start_charge_point();
	cs_expect("IPv6", "family");
	expect_accepted(open_session(), "IPV6");
	expect(0, ocpp_deinit());
	/* It is an address: there is nothing to choose. */
	cs_info.sa_family = AF_UNSPEC;
	start_charge_point();
	cs_expect("IPv6", "family");
}

/* Nothing says that it is lost: only that there is no answer to a ping. */
ZTEST(connection, test_a_connection_that_went_silent_comes_back)
{
	start_charge_point();
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call ChangeConfiguration {'key':'WebSocketPingInterval','value':'1'}");
	expect_back_after("vanish", "2");
	cs_expect("result {\"status\":\"Accepted\"}",
		  "call ChangeConfiguration {'key':'WebSocketPingInterval','value':'0'}");
}

ZTEST(connection, test_a_server_that_was_restarted)
{
	start_charge_point();
	lose_server();
	k_msleep(2000);
	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	expect_after(0, CONFIG_OCPP_RECONNECT_MAX_MS * 5 / 4 + SLACK_MS, 0, (find_server(), 0));
	cs_expect("2", "connections");
	expect_accepted(open_session(), "RESTARTED");
}

ZTEST(connection, test_a_server_that_comes_after_the_charge_point)
{
	cs_do("listen off");
	expect(0, init_charge_point());
	k_msleep(1000);
	expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	find_server();
	cs_expect("1", "connections");
}

ZTEST(connection, test_a_refused_handshake_is_tried_again)
{
	static const char *const refusals[] = {"503", "404", "no-subprotocol",
					       "other-subprotocol", "beginning", "extension",
					       "Upgrade", "Connection", "silence"};

	cs_do("handshake 401");
	expect(0, init_charge_point());
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		int before = atoi(cs("handshakes"));

		cs_do("handshake %s", refusals[i]);
		cs_expect("more", "handshakes_after %d", before + 2);
		expect(OCPP_CONNECTION_OFFLINE, ocpp_connection_state());
	}
	cs_expect("0", "connections");
	cs_do("handshake accept");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
}

ZTEST(connection, test_a_server_that_never_answers_the_boot)
{
	enum ocpp_auth_status status;

	cs_do("on BootNotification silence");
	expect(0, init_charge_point());
	zassert_true(wait_for_state(OCPP_CONNECTION_PENDING));
	cs_expect("1", "wait BootNotification 1");
	expect_after(0, SLACK_MS, -EAGAIN,
		     ocpp_authorize(open_session(), "NO_BOOT", &status, LONG_MS));
	k_msleep(CONFIG_OCPP_CALL_TIMEOUT_MS + SLACK_MS);
	expect(OCPP_CONNECTION_PENDING, ocpp_connection_state());

	/* Another server in its place. */
	cs_do("on BootNotification answer");
	cs_do("reset");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
}

/* What comes in the same segment as the end of the handshake. */
ZTEST(connection, test_a_server_that_speaks_at_once)
{
	cs_do("handshake eager");
	start_charge_point();
	cs_expect("eager", "pong");
}

ZTEST(connection, test_a_handshake_that_arrives_byte_by_byte)
{
	cs_do("handshake drip");
	start_charge_point();
	cs_expect("1", "handshakes");
}

ZTEST(connection, test_a_fragment_without_a_beginning_ends_the_connection)
{
	start_charge_point();
	cs_do("fragment [2,'1','GetConfiguration',{}]");
	cs_expect("close 1002", "ended");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
}

ZTEST(connection, test_a_server_that_does_not_read_delays_no_contactor)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_charging(1, "DEAF", 5);
	zassert_true(wait_for_notice(EVENT(CHARGING_LIMIT), 1));
	cs_do("deaf 400");
	k_msleep(300);
	expect_after(0, SLACK_MS, 0, ocpp_set_fault(1, OCPP_ERROR_OTHER, NULL));
	zassert_true(is_noticed_within(EVENT(CHARGING_LIMIT), 1,
				       CONFIG_OCPP_CONNECT_TIMEOUT_MS / 2));
	/* It is given up, and the next one hears of the end. */
	cs_expect("2", "connected 2");
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
	expect(0, ocpp_stop_transaction(session, 15, LONG_MS));
	cs_expect("1", "wait StopTransaction 1");
}

/* Often enough to come back soon, not so often that a server suffers. */
ZTEST(connection, test_attempts_are_apart)
{
	int attempts;

	cs_do("handshake 503");
	expect(0, init_charge_point());
	k_msleep(3000);
	attempts = atoi(cs("handshakes"));
	zassert_between_inclusive(attempts, 4, 3000 / CONFIG_OCPP_RECONNECT_MIN_MS * 4 / 5,
				  "%d attempts", attempts);
}

/* Nothing is known of the idTag, so there is nothing to say of it; and nothing to wait for. */
ZTEST(connection, test_closed_while_an_authorize_waits)
{
	static const char *const losses[] = {"close", "reset"};
	static char *const id_tags[] = {"CLOSED_ASK", "RESET_ASK"};
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		cs_do("on Authorize %s", losses[i]);
		expect_after(0, SLACK_MS, -EAGAIN,
			     ocpp_authorize(session, id_tags[i], &status, LONG_MS));
		zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	}
	cs_do("on Authorize answer");
	expect_accepted(session, id_tags[0]);
}

ZTEST(connection, test_closed_while_a_transaction_message_waits)
{
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	expect_accepted(session, "CLOSED_START");
	cs_do("on StartTransaction reset");
	expect_after(0, SLACK_MS, 0, ocpp_start_transaction(session, 10, 1, LONG_MS));
	cs_do("on StartTransaction answer");
	cs_expect("1:10-", "books 1:10-");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));

	cs_do("on StopTransaction close");
	expect_after(0, SLACK_MS, 0, ocpp_stop_transaction(session, 20, LONG_MS));
	cs_do("on StopTransaction answer");
	cs_expect("1:10-20", "books 1:10-20");
	expect(0, ocpp_start_transaction(session, 20, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 30, LONG_MS));
	cs_expect("1:10-20 1:20-30", "books 1:10-20 1:20-30");
}

/* Once: StopTransaction while offline returned 0 and was gone. */
ZTEST(connection, test_a_stop_while_offline_is_told_later)
{
	ocpp_session_handle_t session;
	const char *time_stamp;

	cs_do("clock 2031-05-01T12:00:00+00:00");
	start_charge_point();
	session = open_charging(1, "OFFLINE_STOP", 10);
	lose_server();
	expect_after(0, SLACK_MS, 0, ocpp_stop_transaction(session, 20, LONG_MS));
	k_msleep(3000);
	find_server();
	cs_expect("1:10-20", "books 1:10-20");
	cs_expect("1", "calls StopTransaction");

	/* It says when that was, not when it could be told. */
	time_stamp = cs("sent StopTransaction.timestamp");
	zassert_ok(strncmp(time_stamp, "2031-05-01T12:00:0", 18), "%s", time_stamp);
	zassert_true(time_stamp[18] <= '2', "%s", time_stamp);
}

ZTEST(connection, test_whole_transactions_while_offline_are_told_later)
{
	enum ocpp_auth_status status = OCPP_AUTH_INVALID;
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	expect_accepted(session, "KNOWN");
	lose_server();
	expect_after(0, SLACK_MS, -EAGAIN, ocpp_authorize(session, "STRANGER", &status, LONG_MS));
	expect_after(0, SLACK_MS, 0, ocpp_authorize(session, "KNOWN", &status, LONG_MS));
	expect(OCPP_AUTH_ACCEPTED, status);
	for (int i = 0; i < 3; i++) {
		expect_after(0, SLACK_MS, 0,
			     ocpp_start_transaction(session, 10 * i, 2, LONG_MS));
		expect_after(0, SLACK_MS, 0,
			     ocpp_stop_transaction(session, 10 * i + 10, LONG_MS));
	}
	find_server();
	cs_expect("2:0-10 2:10-20 2:20-30", "books 2:0-10 2:10-20 2:20-30");
	cs_expect("3", "calls StartTransaction");
	cs_expect("3", "calls StopTransaction");
}
