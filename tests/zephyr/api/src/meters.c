/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What the meters measure: declared, or found out by asking. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "central_system.h"
#include "charge_point.h"

#define REJECTED "result {\"status\":\"Rejected\"}"

#define CHANGE(value)                                                                              \
	"call ChangeConfiguration {'key':'MeterValuesSampledData','value':'" value "'}"
#define TRIGGER "call TriggerMessage {'requestedMessage':'MeterValues','connectorId':1}"

ZTEST_SUITE(meters, NULL, NULL, NULL, NULL, NULL);

/* The records outlive a test. */
static void end_with_the_register(void)
{
	cs_expect(ACCEPTED, CHANGE("Energy.Active.Import.Register"));
}

static atomic_t asked[OCPP_OMM_END];

static int three_values_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io,
				 void *user_data)
{
	if (reason != OCPP_USR_GET_METER_VALUE) {
		return usual_callback(reason, io, user_data);
	}

	(void)atomic_inc(&asked[io->meter_val.mes]);
	switch (io->meter_val.mes) {
	case OCPP_OMM_ACTIVE_ENERGY_TO_EV:
		strcpy(io->meter_val.val, "1000");
		return 0;
	case OCPP_OMM_CHARGING_PERCENT:
		strcpy(io->meter_val.val, "55");
		return 0;
	case OCPP_OMM_VOLTAGE_AC_RMS:
		strcpy(io->meter_val.val, "230.1");
		return 0;
	default:
		return -ENOTSUP;
	}
}

ZTEST(meters, test_without_a_declaration_the_callback_is_asked_once_for_each)
{
	callback = three_values_callback;
	memset(asked, 0, sizeof(asked));
	start_charge_point();
	for (int i = 0; i < OCPP_OMM_END; i++) {
		zassert_equal(atomic_get(&asked[i]), 1, "measurand %d: %d times", i,
			      (int)atomic_get(&asked[i]));
	}

	cs_expect(REJECTED, CHANGE("Temperature"));
	cs_expect(REJECTED, CHANGE("Voltage,SoC,Power.Active.Import"));
	cs_expect(REJECTED, CHANGE("Energy.Active.Import.Interval"));
	/* The callback knows no phases. */
	cs_expect(REJECTED, CHANGE("Voltage.L1"));
	cs_expect(ACCEPTED, CHANGE("SoC,Voltage"));
	cs_expect(ACCEPTED, TRIGGER);
	cs_expect("1", "wait MeterValues 1");
	cs_expect("SoC=55 Voltage=230.1", "measured");
	zassert_equal(atomic_get(&asked[OCPP_OMM_TEMPERATURE]), 1);
	end_with_the_register();
}

static int user_data;

static int read_meter(int conn_id, enum ocpp_meter_measurand mes, enum ocpp_phase phase, char *val,
		      size_t size, void *given)
{
	if (given != &user_data) {
		return -EINVAL;
	}

	switch (mes) {
	case OCPP_OMM_ACTIVE_ENERGY_TO_EV:
		snprintf(val, size, "%d", registers[conn_id]);
		return 0;
	case OCPP_OMM_VOLTAGE_AC_RMS:
		snprintf(val, size, "23%d", phase);
		return 0;
	case OCPP_OMM_TEMPERATURE:
		snprintf(val, size, "-3.25");
		return 0;
	default:
		return -ENOTSUP;
	}
}

static int no_meter_callback(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *given)
{
	if (reason == OCPP_USR_GET_METER_VALUE) {
		(void)atomic_inc(&asked[io->meter_val.mes]);
		return -ENOTSUP;
	}

	return usual_callback(reason, io, given);
}

ZTEST(meters, test_what_is_declared_is_accepted_and_reported)
{
	static const struct ocpp_measured measured[] = {
		{OCPP_OMM_VOLTAGE_AC_RMS, OCPP_PHASE_L1},
		{OCPP_OMM_VOLTAGE_AC_RMS, OCPP_PHASE_L2},
		{OCPP_OMM_VOLTAGE_AC_RMS, OCPP_PHASE_L3_L1},
		{OCPP_OMM_TEMPERATURE, OCPP_PHASE_NONE},
	};

	callback = no_meter_callback;
	memset(asked, 0, sizeof(asked));
	registers[1] = 500;
	expect(0, ocpp_declare_measurands(measured, ARRAY_SIZE(measured), read_meter, &user_data));
	start_charge_point();
	cs_expect(REJECTED, CHANGE("Voltage.L3"));
	cs_expect(REJECTED, CHANGE("SoC"));
	cs_expect(REJECTED, CHANGE("Temperature.L1"));
	cs_expect(ACCEPTED, CHANGE("Temperature,Energy.Active.Import.Register,Voltage-L2"));
	cs_expect(ACCEPTED, TRIGGER);
	cs_expect("1", "wait MeterValues 1");
	cs_expect("Temperature=-3.25 Energy.Active.Import.Register=500 Voltage.L2=232", "measured");
	/* Of the phases that are measured, as the whole is not; in the order in which they were told. */
	cs_expect(ACCEPTED, CHANGE("Voltage"));
	k_msleep(50);
	cs_expect(ACCEPTED, TRIGGER);
	cs_expect("2", "wait MeterValues 2");
	cs_expect("Voltage.L2=232 Voltage.L1=231 Voltage.L3-L1=2310", "measured");
	for (int i = 0; i < OCPP_OMM_END; i++) {
		zassert_equal(atomic_get(&asked[i]), 0);
	}
	end_with_the_register();
}

/* Its register is the one of the call, though the rest has to be read first. */
ZTEST(meters, test_begin_and_end_of_a_transaction_carry_everything)
{
	static const struct ocpp_measured measured[] = {
		{OCPP_OMM_TEMPERATURE, OCPP_PHASE_NONE},
	};
	ocpp_session_handle_t session;

	registers[1] = 77;
	expect(0, ocpp_declare_measurands(measured, ARRAY_SIZE(measured), read_meter, &user_data));
	start_charge_point();
	cs_expect(ACCEPTED, "call ChangeConfiguration {'key':'StopTxnSampledData',"
			    "'value':'Energy.Active.Import.Register,Temperature'}");
	session = open_charging(1, "TAG", 70);
	k_msleep(50);
	expect(0, ocpp_stop_transaction(session, 90, LONG_MS));
	cs_expect("1:70-90", "books 1:70-90");
	cs_expect("Transaction.Begin",
		  "sent StopTransaction.transactionData.0.sampledValue.1.context");
	cs_expect("70", "sent StopTransaction.transactionData.0.sampledValue.0.value");
	cs_expect("-3.25", "sent StopTransaction.transactionData.0.sampledValue.1.value");
	cs_expect("90", "sent StopTransaction.transactionData.1.sampledValue.0.value");
	cs_expect("-3.25", "sent StopTransaction.transactionData.1.sampledValue.1.value");
	cs_expect(ACCEPTED, "call ChangeConfiguration {'key':'StopTxnSampledData','value':''}");
}

ZTEST(meters, test_what_cannot_be_declared)
{
	static const struct ocpp_measured phase[] = {{OCPP_OMM_VOLTAGE_AC_RMS, OCPP_PHASE_L1}};
	static const struct ocpp_measured whole[] = {{OCPP_OMM_VOLTAGE_AC_RMS, OCPP_PHASE_NONE}};
	static const struct ocpp_measured no_measurand[] = {{OCPP_OMM_END, OCPP_PHASE_NONE}};
	static const struct ocpp_measured no_phase[] = {{OCPP_OMM_VOLTAGE_AC_RMS, 11}};

	expect(-EINVAL, ocpp_declare_measurands(NULL, 1, read_meter, NULL));
	expect(-EINVAL, ocpp_declare_measurands(no_measurand, 1, read_meter, NULL));
	expect(-EINVAL, ocpp_declare_measurands(no_phase, 1, read_meter, NULL));
	/* The callback that reads everything else knows no phases. */
	expect(-EINVAL, ocpp_declare_measurands(phase, 1, NULL, NULL));
	expect(0, ocpp_declare_measurands(whole, 1, NULL, NULL));
	expect(0, ocpp_declare_measurands(NULL, 0, NULL, NULL));
	start_charge_point();
	expect(-EINVAL, ocpp_declare_measurands(whole, 1, NULL, NULL));
}
