/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Settings of the application's own. */

#include <errno.h>
#include <limits.h>

#include "central_system.h"
#include "charge_point.h"

#define FAN      3
#define OFFSET   7
#define GREETING 255
#define PIN      0

#define CHANGE(key, value) "call ChangeConfiguration {'key':'" key "','value':'" value "'}"
#define GET(key)           "call GetConfiguration {'key':['" key "']}"
#define TOLD(key, readonly, value)                                                                 \
	"result {\"configurationKey\":[{\"key\":\"" key "\",\"readonly\":" readonly value "}]}"
#define STATUS(status) "result {\"status\":\"" status "\"}"

ZTEST_SUITE(settings, NULL, NULL, NULL, NULL, NULL);

static const struct ocpp_setting own[] = {
	{
		.name = "FanAtNight",
		.number = FAN,
		.form = OCPP_SETTING_BOOLEAN,
		.initial = 1,
	},
	{
		.name = "AmbientOffset",
		.number = OFFSET,
		.form = OCPP_SETTING_INTEGER,
		.min = -20,
		.max = 20,
		.initial = -1,
	},
	{
		.name = "Greeting",
		.number = GREETING,
		.form = OCPP_SETTING_TEXT,
		.flags = OCPP_SETTING_NEEDS_REBOOT,
		.max_length = 16,
		.initial_text = "Welcome",
	},
	{
		.name = "ServicePin",
		.number = PIN,
		.form = OCPP_SETTING_TEXT,
		.flags = OCPP_SETTING_WRITE_ONLY,
		.max_length = 8,
	},
};

/* False in an image without room for them. */
static bool declare(void)
{
	int ret = ocpp_declare_settings(own, ARRAY_SIZE(own));

	if (CONFIG_OCPP_APPLICATION_SETTINGS == 0) {
		expect(-ENOMEM, ret);
		return false;
	}
	expect(0, ret);

	return true;
}

static int number_of(uint8_t setting)
{
	int value = INT_MIN;

	expect(0, ocpp_get_setting(setting, &value));

	return value;
}

static const char *text_of(uint8_t setting)
{
	static char value[32];

	expect(0, ocpp_get_setting_text(setting, value, sizeof(value)));

	return value;
}

static atomic_t changes;
static atomic_t last_changed;

static int setting_callback(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	if (event == OCPP_EVENT_SETTING_CHANGED) {
		atomic_inc(&changes);
		atomic_set(&last_changed, value->setting_changed.number);
	}

	return usual_event_callback(event, value, user_data);
}

ZTEST(settings, test_the_central_system_reads_and_changes_settings_of_the_application)
{
	if (!declare()) {
		ztest_test_skip();
	}
	event_callback = setting_callback;
	start_charge_point();
	cs_expect(TOLD("FanAtNight", "false", ",\"value\":\"true\""), GET("fanatnight"));
	cs_expect(TOLD("AmbientOffset", "false", ",\"value\":\"-1\""), GET("AmbientOffset"));
	cs_expect(TOLD("ServicePin", "false", ""), GET("ServicePin"));
	expect(1, number_of(FAN));
	expect(-1, number_of(OFFSET));
	zassert_str_equal(text_of(GREETING), "Welcome");
	zassert_str_equal(text_of(PIN), "");

	cs_expect(STATUS("Accepted"), CHANGE("FanAtNight", "FALSE"));
	zassert_true(wait_for_notice(EVENT(SETTING_CHANGED), 0));
	expect(FAN, atomic_get(&last_changed));
	expect(0, number_of(FAN));
	cs_expect(STATUS("Accepted"), CHANGE("AmbientOffset", "20"));
	zassert_true(wait_for_notice(EVENT(SETTING_CHANGED), 0));
	expect(OFFSET, atomic_get(&last_changed));
	cs_expect(STATUS("RebootRequired"), CHANGE("Greeting", "Grüß Gott"));
	zassert_true(wait_for_notice(EVENT(SETTING_CHANGED), 0));
	expect(GREETING, atomic_get(&last_changed));
	cs_expect(STATUS("Accepted"), CHANGE("ServicePin", "0000"));
	zassert_true(wait_for_notice(EVENT(SETTING_CHANGED), 0));
	zassert_str_equal(text_of(PIN), "0000");

	cs_expect(STATUS("Rejected"), CHANGE("AmbientOffset", "21"));
	cs_expect(STATUS("Rejected"), CHANGE("FanAtNight", "2"));
	cs_expect(STATUS("Rejected"), CHANGE("ServicePin", "123456789"));
	cs_expect(STATUS("NotSupported"), CHANGE("FanAtNoon", "true"));
	zassert_false(is_noticed_within(EVENT(SETTING_CHANGED), 0, SHORT_MS));

	/* They are stored. */
	expect(0, ocpp_deinit());
	start_charge_point();
	expect(0, number_of(FAN));
	expect(20, number_of(OFFSET));
	zassert_str_equal(text_of(GREETING), "Grüß Gott");
	expect(4, atomic_get(&changes));
}

ZTEST(settings, test_a_value_is_read_as_what_it_is)
{
	char value[5];
	int number;

	expect(-EINVAL, ocpp_get_setting(OFFSET, &number));
	if (!declare()) {
		ztest_test_skip();
	}
	start_charge_point();
	expect(-EINVAL, ocpp_get_setting(OFFSET, NULL));
	expect(-EINVAL, ocpp_get_setting(OFFSET + 1, &number));
	expect(-EINVAL, ocpp_get_setting(GREETING, &number));
	expect(-EINVAL, ocpp_get_setting_text(OFFSET, value, sizeof(value)));
	expect(-EINVAL, ocpp_get_setting_text(GREETING, value, 0));
	expect(-EINVAL, ocpp_get_setting_text(GREETING, NULL, sizeof(value)));
	/* Behind a whole character. */
	cs_expect(STATUS("RebootRequired"), CHANGE("Greeting", "aaaü"));
	expect(0, ocpp_get_setting_text(GREETING, value, sizeof(value)));
	zassert_str_equal(value, "aaa");
	/* The records outlive the test. */
	cs_expect(STATUS("RebootRequired"), CHANGE("Greeting", "Welcome"));
}

ZTEST(settings, test_only_what_can_be_is_declared)
{
	struct ocpp_setting two[] = {own[0], own[1]};

	if (!declare()) {
		ztest_test_skip();
	}
	expect(-EINVAL, ocpp_declare_settings(NULL, 1));
	two[1].form = OCPP_SETTING_TEXT + 1;
	expect(-EINVAL, ocpp_declare_settings(two, 2));
	two[1] = own[1];
	two[1].flags = OCPP_SETTING_READ_ONLY | OCPP_SETTING_WRITE_ONLY;
	expect(-EINVAL, ocpp_declare_settings(two, 2));
	two[1] = own[0];
	two[1].initial = 2;
	expect(-EINVAL, ocpp_declare_settings(two, 2));

	/* What only the charge point can tell. */
	two[1] = own[0];
	expect(0, ocpp_declare_settings(two, 2));
	expect(-EINVAL, init_charge_point());
	two[1].name = "HeartbeatInterval";
	two[1].number = OFFSET;
	expect(0, ocpp_declare_settings(two, 2));
	expect(-EINVAL, init_charge_point());
	two[1] = own[1];
	two[1].initial = 21;
	expect(0, ocpp_declare_settings(two, 2));
	expect(-EINVAL, init_charge_point());

	two[1] = own[1];
	two[1].flags = OCPP_SETTING_READ_ONLY;
	expect(0, ocpp_declare_settings(two, 2));
	start_charge_point();
	expect(-EBUSY, ocpp_declare_settings(NULL, 0));
	cs_expect(TOLD("AmbientOffset", "true", ",\"value\":\"-1\""), GET("AmbientOffset"));
	cs_expect(STATUS("Rejected"), CHANGE("AmbientOffset", "3"));
}
