/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What is refused with -EINVAL before anything happens. */

#include <errno.h>
#include <string.h>

#include "central_system.h"
#include "charge_point.h"

ZTEST_SUITE(arguments, NULL, NULL, NULL, NULL, NULL);

ZTEST(arguments, test_init_refuses_what_is_missing)
{
	char long_path[CONFIG_OCPP_PATH_LENGTH + 2];
	char long_host[CONFIG_OCPP_HOST_LENGTH + 2];

	memset(long_path, 'p', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	memset(long_host, 'h', sizeof(long_host) - 1);
	long_host[sizeof(long_host) - 1] = '\0';

#define REFUSED_WITH(member, value)                                                                \
	do {                                                                                       \
		__typeof__(member) good_ = member;                                                 \
		member = value;                                                                    \
		expect(-EINVAL, init_charge_point());                                              \
		member = good_;                                                                    \
	} while (0)

	expect(-EINVAL, ocpp_init(NULL, &cs_info, callback, NULL));
	expect(-EINVAL, ocpp_init(&cp_info, NULL, callback, NULL));
	expect(-EINVAL, ocpp_init(&cp_info, &cs_info, NULL, NULL));
	REFUSED_WITH(cp_info.model, NULL);
	REFUSED_WITH(cp_info.model, "");
	REFUSED_WITH(cp_info.model, "123456789012345678901");
	REFUSED_WITH(cp_info.vendor, NULL);
	REFUSED_WITH(cp_info.vendor, "123456789012345678901");
	REFUSED_WITH(cp_info.num_of_con, 0);
	REFUSED_WITH(cp_info.num_of_con, -1);
	REFUSED_WITH(cp_info.num_of_con, CONFIG_OCPP_CONNECTORS + 1);
	REFUSED_WITH(cp_info.num_of_con, 257);
	REFUSED_WITH(cp_info.sl_no, "12345678901234567890123456");
	REFUSED_WITH(cp_info.box_sl_no, "12345678901234567890123456");
	REFUSED_WITH(cp_info.fw_ver, "123456789012345678901234567890123456789012345678901");
	REFUSED_WITH(cp_info.iccid, "123456789012345678901");
	REFUSED_WITH(cp_info.imsi, "123456789012345678901");
	REFUSED_WITH(cp_info.meter_sl_no, "12345678901234567890123456");
	REFUSED_WITH(cp_info.meter_type, "12345678901234567890123456");
	REFUSED_WITH(cs_info.cs_ip, NULL);
	REFUSED_WITH(cs_info.cs_ip, "");
	REFUSED_WITH(cs_info.cs_ip, long_host);
	REFUSED_WITH(cs_info.ws_url, NULL);
	REFUSED_WITH(cs_info.ws_url, long_path);
	REFUSED_WITH(cs_info.port, -1);
	REFUSED_WITH(cs_info.port, 65536);

	/* Nothing of it is left behind. */
	start_charge_point();
	cs_expect("1", "handshakes");
}

ZTEST(arguments, test_a_second_init_is_refused)
{
	start_charge_point();
	cp_info.model = "second";
	expect(-EINVAL, init_charge_point());

	expect_accepted(open_session(), "SECOND");
	cs_expect("1", "connections");
	cs_expect("api", "sent BootNotification.chargePointModel");
}

ZTEST(arguments, test_texts_are_copied_by_init)
{
	char model[] = "12345678901234567890";
	char vendor[] = "vendor";
	char firmware[] = "12345678901234567890123456789012345678901234567890";
	char host[] = CONFIG_CENTRAL_SYSTEM;
	char path[] = "/ocpp/texts_are_copied_by_init";

	cp_info.model = model;
	cp_info.vendor = vendor;
	cp_info.fw_ver = firmware;
	cs_info.cs_ip = host;
	cs_info.ws_url = path;
	expect(0, init_charge_point());
	memset(model, 'x', sizeof(model));
	memset(vendor, 'x', sizeof(vendor));
	memset(firmware, 'x', sizeof(firmware));
	memset(host, 'x', sizeof(host));
	memset(path, 'x', sizeof(path));
	memset(&cp_info, 0, sizeof(cp_info));
	memset(&cs_info, 0, sizeof(cs_info));

	zassert_true(wait_for_state(OCPP_CONNECTION_ONLINE));
	cs_expect("12345678901234567890", "sent BootNotification.chargePointModel");
	cs_expect("vendor", "sent BootNotification.chargePointVendor");
	cs_expect("12345678901234567890123456789012345678901234567890",
		  "sent BootNotification.firmwareVersion");
}

ZTEST(arguments, test_null_and_long_texts_are_refused)
{
	enum ocpp_auth_status status;
	ocpp_session_handle_t session;

	start_charge_point();
	expect(-EINVAL, ocpp_session_open(NULL));
	session = open_session();
	expect(-EINVAL, ocpp_authorize(NULL, "A", &status, LONG_MS));
	expect(-EINVAL, ocpp_authorize(session, NULL, &status, LONG_MS));
	expect(-EINVAL, ocpp_authorize(session, "A", NULL, LONG_MS));
	expect(-EINVAL, ocpp_authorize(session, "", &status, LONG_MS));
	expect(-EINVAL, ocpp_authorize(session, "123456789012345678901", &status, LONG_MS));
	cs_expect("0", "calls Authorize");

	expect_accepted(session, "12345678901234567890");
	cs_expect("12345678901234567890", "sent Authorize.idTag");
}

ZTEST(arguments, test_connectors_that_are_not_there_are_refused)
{
	static const int none[] = {-1, CONNECTORS + 1, 255, 256, 257};
	ocpp_session_handle_t session;

	start_charge_point();
	session = open_session();
	expect_accepted(session, "NOWHERE");
	expect(-EINVAL, ocpp_start_transaction(session, 1, 0, LONG_MS));
	expect(-EINVAL, ocpp_start_transaction(session, 1, CONNECTORS + 1, LONG_MS));
	expect(-EINVAL, ocpp_start_transaction(session, 1, 255, LONG_MS));
	expect(-EINVAL, ocpp_set_plugged(0, true));
	expect(-EINVAL, ocpp_present_idtag(0, "NOWHERE"));
	expect(-EINVAL, ocpp_set_suspended(0, OCPP_SUSPENDED_BY_EV));
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		expect(-EINVAL, ocpp_set_plugged(none[i], true));
		expect(-EINVAL, ocpp_present_idtag(none[i], "NOWHERE"));
		expect(-EINVAL, ocpp_set_fault(none[i], OCPP_ERROR_OTHER, NULL));
		expect(-EINVAL, ocpp_set_suspended(none[i], OCPP_SUSPENDED_BY_EV));
	}
	cs_expect("0", "calls StartTransaction");
}

ZTEST(arguments, test_values_that_do_not_exist_are_refused)
{
	start_charge_point();
	expect(-EINVAL, ocpp_present_idtag(1, NULL));
	expect(-EINVAL, ocpp_present_idtag(1, "123456789012345678901"));
	expect(-EINVAL, ocpp_set_fault(1, OCPP_ERROR_OTHER + 1, NULL));
	expect(-EINVAL, ocpp_set_fault(1, -1, NULL));
	expect(-EINVAL, ocpp_set_fault(1, OCPP_ERROR_OTHER,
				       "123456789012345678901234567890123456789012345678901"));
	expect(-EINVAL, ocpp_set_suspended(1, OCPP_SUSPENDED_BY_EVSE + 1));
	/* No transaction. */
	expect(-EINVAL, ocpp_set_suspended(1, OCPP_SUSPENDED_BY_EV));

	expect(0, ocpp_set_fault(1, OCPP_ERROR_GROUND_FAILURE, "RCD"));
	cs_expect("4", "wait StatusNotification 4");
	cs_expect("GroundFailure", "sent StatusNotification.errorCode");
	cs_expect("RCD", "sent StatusNotification.info");
	expect(0, ocpp_set_fault(1, OCPP_ERROR_NONE, NULL));
	cs_expect("5", "wait StatusNotification 5");
	cs_expect("Available", "sent StatusNotification.status");
}
