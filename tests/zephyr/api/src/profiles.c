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
