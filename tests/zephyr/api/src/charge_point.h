/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The charge point of a test: its identity is the name of the test, so that what the central
 * system knows of it is of this test alone.
 */

#ifndef CHARGE_POINT_H_
#define CHARGE_POINT_H_

#include <zephyr/kernel.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/ztest.h>

#define CONNECTORS 2
/* Longer than anything may take that has an answer. */
#define LONG_MS    5000
/* Shorter than CONFIG_OCPP_CALL_TIMEOUT_MS. */
#define SHORT_MS   300
/** Long enough for a callback that is not to come. */
#define QUIET_MS   300
/* What a busy host may add to it. */
#define SLACK_MS   600

/** A call returns this. */
#define expect(want, call)                                                                         \
	do {                                                                                       \
		int got_ = (call);                                                                 \
		zassert_equal(got_, want, #call " = %d", got_);                                    \
	} while (0)

/** A call returns this, after so many milliseconds. */
#define expect_after(least_ms, most_ms, want, call)                                                \
	do {                                                                                       \
		int64_t began_ = k_uptime_get();                                                   \
		expect(want, call);                                                                \
		int took_ = (int)(k_uptime_get() - began_);                                        \
		zassert_between_inclusive(took_, least_ms, most_ms, #call " took %d ms", took_);   \
	} while (0)

/** What init_charge_point() gives to ocpp_init(); begin_test() sets them. */
extern struct ocpp_cp_info cp_info;
extern struct ocpp_cs_info cs_info;

/** Registers of the meters in Wh; place 0 is the main meter. */
extern int registers[CONNECTORS + 1];

/** What a test has in place of the usual callbacks. */
extern ocpp_user_notify_callback_t callback;
extern ocpp_event_callback_t event_callback;

/** An event, where wait_for_notice() has a reason. */
#define EVENT(name) (0x100 + OCPP_EVENT_##name)

/** Reads the meter from `registers`, and has the rest for wait_for_notice(). */
int usual_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data);

/** Has every event for wait_for_notice(). */
int usual_event_callback(enum ocpp_event event, union ocpp_event_value *value, void *user_data);

/** Starts the charge point. */
int init_charge_point(void);

/** Starts the charge point, and waits until the central system has accepted it. */
void start_charge_point(void);

/** Waits for a state; false when it does not come within LONG_MS. */
bool wait_for_state(enum ocpp_connection_state state);

/** A session that is open. */
ocpp_session_handle_t open_session(void);

/** A session with a transaction. */
ocpp_session_handle_t open_charging(int connector, const char *id_tag, int register_wh);

/** The central system accepts this idTag. */
void expect_accepted(ocpp_session_handle_t session, const char *id_tag);

/**
 * Waits until a usual callback was called for this, an enum ocpp_notify_reason or an EVENT(); false
 * when it is not within LONG_MS.
 */
bool wait_for_notice(int reason, int connector);

/** The same, within another time. */
bool is_noticed_within(int reason, int connector, int timeout_ms);

/** A call that a thread of its own makes. */
struct call {
	int (*function)(struct call *call);
	ocpp_session_handle_t session;
	const char *id_tag;
	int connector;
	int register_wh;
	uint32_t timeout_ms;
	enum ocpp_auth_status status;
	int result;
	int64_t took_ms;
	k_tid_t thread;
};

int authorize(struct call *call);
int start_transaction(struct call *call);
int stop_transaction(struct call *call);

void begin_call(struct call *call);
int end_call(struct call *call);

#endif /* CHARGE_POINT_H_ */
