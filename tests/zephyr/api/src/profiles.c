/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The feature profiles that Kconfig chooses: the local list, reservations, charging profiles,
 * updates of the firmware where there is no slot for one.
 */

#include <errno.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(profiles, NULL, NULL, NULL, NULL, NULL);

#define FULL_LIST(version, entries)                                                                \
	"call SendLocalList {'listVersion':" version ",'updateType':'Full',"                       \
	"'localAuthorizationList':[" entries "]}"

ZTEST(profiles, test_the_local_list_decides_without_the_central_system)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_LOCAL_AUTH_LIST)) {
		ztest_test_skip();
	}
	start_charge_point();
	cs_expect(ACCEPTED,
		  FULL_LIST("1", "{'idTag':'LISTED','idTagInfo':{'status':'Accepted'}},"
				 "{'idTag':'BLOCKED','idTagInfo':{'status':'Blocked'}}"));
	cs_expect("result {\"listVersion\":1}", "call GetLocalListVersion {}");
	cs_do("listen off");
	cs_do("reset");
	zassert_true(wait_for_state(OCPP_CONNECTION_OFFLINE));
	session = open_session();
	expect_accepted(session, "LISTED");
	expect(0, ocpp_authorize(session, "BLOCKED", &status, LONG_MS));
	expect(OCPP_AUTH_BLOCKED, status);
	cs_do("listen on");
	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	cs_expect("0", "calls Authorize");
	/* The records outlive the test. */
	cs_expect(ACCEPTED, FULL_LIST("2", ""));
	cs_expect("result {\"listVersion\":0}", "call GetLocalListVersion {}");
}

ZTEST(profiles, test_a_reservation_keeps_the_connector_for_its_driver)
{
	ocpp_session_handle_t session;

	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_RESERVATION)) {
		ztest_test_skip();
	}
	start_charge_point();
	cs_expect(ACCEPTED, "call ReserveNow {'connectorId':1,'idTag':'RESERVED',"
			    "'expiryDate':'2099-01-01T00:00:00Z','reservationId':7}");
	session = open_session();
	expect_accepted(session, "OTHER");
	expect(-EBUSY, ocpp_start_transaction(session, 1, 1, LONG_MS));
	expect_accepted(session, "RESERVED");
	expect(0, ocpp_start_transaction(session, 1, 1, LONG_MS));
	cs_expect("7", "sent StartTransaction.reservationId");
	expect(0, ocpp_stop_transaction(session, 2, LONG_MS));
	cs_expect("1:1-2", "books 1:1-2");
	expect_accepted(session, "OTHER");
	expect(0, ocpp_start_transaction(session, 2, 1, LONG_MS));
	expect(0, ocpp_stop_transaction(session, 3, LONG_MS));
}

static struct ocpp_reservation_changed changed;
static K_SEM_DEFINE(reservation_changed, 0, 1);

static int keep_reservation(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	if (event == OCPP_EVENT_RESERVATION) {
		changed = value->reservation_changed;
		k_sem_give(&reservation_changed);
	}

	return usual_event_callback(event, value, user_data);
}

static void expect_change(enum ocpp_reservation_state state, int32_t id)
{
	expect(0, k_sem_take(&reservation_changed, K_MSEC(LONG_MS)));
	expect(1, changed.id_con);
	expect(id, changed.id);
	expect(state, changed.state);
}

ZTEST(profiles, test_the_application_hears_of_reservations_and_asks_for_them)
{
	struct ocpp_reservation reservation;

	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_RESERVATION)) {
		start_charge_point();
		expect(-ENOTSUP, ocpp_get_reservation(1, &reservation));
		return;
	}
	event_callback = keep_reservation;
	k_sem_reset(&reservation_changed);
	start_charge_point();
	expect(-EAGAIN, ocpp_get_reservation(1, &reservation));
	cs_expect(ACCEPTED, "call ReserveNow {'connectorId':1,'idTag':'RESERVED',"
			    "'parentIdTag':'GROUP','expiryDate':'2099-01-01T00:00:00Z',"
			    "'reservationId':8}");
	expect_change(OCPP_RESERVATION_MADE, 8);
	expect(0, ocpp_get_reservation(1, &reservation));
	expect(8, reservation.id);
	zassert_str_equal("RESERVED", reservation.idtag);
	zassert_str_equal("GROUP", reservation.parent_idtag);
	zassert_equal(4070908800000LL, reservation.expires_ms);
	expect(-EAGAIN, ocpp_get_reservation(0, &reservation));
	expect(-EINVAL, ocpp_get_reservation(3, &reservation));
	expect(-EINVAL, ocpp_get_reservation(1, NULL));
	cs_expect(ACCEPTED, "call CancelReservation {'reservationId':8}");
	expect_change(OCPP_RESERVATION_CANCELLED, 8);
	expect(-EAGAIN, ocpp_get_reservation(1, &reservation));
	cs_expect(ACCEPTED, "call ReserveNow {'connectorId':1,'idTag':'RESERVED',"
			    "'expiryDate':'2099-01-01T00:00:00Z','reservationId':9}");
	expect_change(OCPP_RESERVATION_MADE, 9);
	expect(0, ocpp_set_fault(1, OCPP_ERROR_OTHER, NULL));
	expect_change(OCPP_RESERVATION_ENDED, 9);
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
}

static atomic_t limit;

static int keep_limit(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	if (event == OCPP_EVENT_CHARGING_LIMIT && value->charging_limit.id_con == 1) {
		atomic_set(&limit, value->charging_limit.limit);
	}

	return usual_event_callback(event, value, user_data);
}

static bool wait_for_limit(int wanted)
{
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(LONG_MS));

	while (atomic_get(&limit) != wanted) {
		if (sys_timepoint_expired(end)) {
			return false;
		}
		k_msleep(10);
	}

	return true;
}

#define LIMIT_OF_ALL(amperes)                                                                      \
	"call SetChargingProfile {'connectorId':0,'csChargingProfiles':{'chargingProfileId':1,"    \
	"'stackLevel':0,'chargingProfilePurpose':'TxDefaultProfile',"                              \
	"'chargingProfileKind':'Absolute','chargingSchedule':{'chargingRateUnit':'A',"             \
	"'startSchedule':'2020-01-01T00:00:00Z',"                                                  \
	"'chargingSchedulePeriod':[{'startPeriod':0,'limit':" amperes "}]}}}"

ZTEST(profiles, test_the_application_hears_of_every_limit)
{
	ocpp_session_handle_t session;

	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_SMART_CHARGE)) {
		ztest_test_skip();
	}
	event_callback = keep_limit;
	atomic_set(&limit, 0);
	start_charge_point();
	session = open_charging(1, "LIMITED", 5);
	zassert_true(wait_for_limit(OCPP_NO_LIMIT));
	cs_expect(ACCEPTED, LIMIT_OF_ALL("16.1"));
	zassert_true(wait_for_limit(161));
	/* Too little for a vehicle: a pause, and no end. */
	cs_expect(ACCEPTED, LIMIT_OF_ALL("5"));
	zassert_true(wait_for_limit(0));
	cs_expect("SuspendedEVSE", "status 1 SuspendedEVSE");
	cs_expect(ACCEPTED, LIMIT_OF_ALL("10"));
	zassert_true(wait_for_limit(100));
	cs_expect(ACCEPTED, "call ClearChargingProfile {}");
	zassert_true(wait_for_limit(OCPP_NO_LIMIT));
	expect(0, ocpp_stop_transaction(session, 6, LONG_MS));
	zassert_true(wait_for_limit(0));
	cs_expect("1:5-6", "books 1:5-6");
}

ZTEST(profiles, test_without_a_slot_firmware_is_not_even_fetched)
{
	if (!IS_ENABLED(CONFIG_OCPP_PROFILE_FIRMWARE_MGNT)) {
		ztest_test_skip();
	}
	start_charge_point();
	expect(-EINVAL, ocpp_install_firmware());
	/* There is no server at that port. */
	cs_expect("result {}", "call UpdateFirmware {'location':'http://127.0.0.1:9/image',"
			       "'retrieveDate':'2020-01-01T00:00:00Z','retries':9}");
	cs_expect("2", "wait FirmwareStatusNotification 2");
	cs_expect("DownloadFailed", "sent FirmwareStatusNotification.status");
}
