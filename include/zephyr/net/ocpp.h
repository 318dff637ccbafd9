/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Generated from zephyr/port/src/api by cargo xtask header: change it there. */

/**
 * @file
 * @brief OCPP 1.6J charge point
 *
 * @defgroup ocpp_api OCPP charge point
 * @ingroup networking
 *
 * Lengths of texts are in bytes of UTF-8. Every function that asks the charge point for something
 * returns -ENOMEM as well while CONFIG_OCPP_INTERNAL_MSGQ_CNT calls are under way, and -ENOTCONN
 * when the charge point is shut down meanwhile.
 * None of them works in an interrupt: there they return -EWOULDBLOCK, ocpp_session_close() does
 * nothing, and ocpp_connection_state() says OCPP_CONNECTION_OFFLINE.
 * @{
 */

#ifndef ZEPHYR_INCLUDE_NET_OCPP_H_
#define ZEPHYR_INCLUDE_NET_OCPP_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/tls_credentials.h>

/**
 * Bytes of a text in `ocpp_io_value`, the zero at its end included.
 */
#define CISTR50 50

/**
 * A charging limit that is none.
 */
#define OCPP_NO_LIMIT 2147483647

#if defined(CONFIG_OCPP_BASIC_AUTH)
/**
 * Bytes of the shortest password of HTTP Basic authentication (OCPP-J 1.6, 6.2.2).
 */
#define OCPP_BASIC_AUTH_PASSWORD_MIN_LEN 16
#endif

/**
 * The central system can read a setting, and not change it: it has its default for ever.
 */
#define OCPP_SETTING_READ_ONLY 1

/**
 * The central system can change a setting, and not read its value.
 */
#define OCPP_SETTING_WRITE_ONLY 2

/**
 * A new value has an effect with the next boot only, which is what the central system is told. That
 * it has none before is the application's part.
 */
#define OCPP_SETTING_NEEDS_REBOOT 4

/**
 * Why the application is called back by what it gave to ocpp_init().
 */
enum ocpp_notify_reason {
	/**
	 * Read the meter: fill in `meter_val.val`.
	 */
	OCPP_USR_GET_METER_VALUE,
	/**
	 * The central system wants an idTag to charge: authorize and start as if it had been
	 * presented here.
	 */
	OCPP_USR_START_CHARGING,
	/**
	 * The transaction of a connector has ended, or must not take energy any more: stop
	 * charging, then call ocpp_stop_transaction().
	 */
	OCPP_USR_STOP_CHARGING,
	/**
	 * Unlock the cable; 0 when it is unlocked.
	 */
	OCPP_USR_UNLOCK_CONNECTOR,
};

/**
 * What a meter measures. Values are decimal numbers as text, in the unit given here.
 */
enum ocpp_meter_measurand {
	/**
	 * Current from the vehicle, in A.
	 */
	OCPP_OMM_CURRENT_FROM_EV,
	/**
	 * Current to the vehicle, in A.
	 */
	OCPP_OMM_CURRENT_TO_EV,
	/**
	 * Highest current that the vehicle is offered, in A.
	 */
	OCPP_OMM_CURRENT_MAX_OFFERED_TO_EV,
	/**
	 * Energy from the vehicle, in Wh.
	 */
	OCPP_OMM_ACTIVE_ENERGY_FROM_EV,
	/**
	 * Energy to the vehicle, in Wh: the register that bills.
	 */
	OCPP_OMM_ACTIVE_ENERGY_TO_EV,
	/**
	 * Reactive energy from the vehicle, in varh.
	 */
	OCPP_OMM_REACTIVE_ENERGY_FROM_EV,
	/**
	 * Reactive energy to the vehicle, in varh.
	 */
	OCPP_OMM_REACTIVE_ENERGY_TO_EV,
	/**
	 * Power from the vehicle, in W.
	 */
	OCPP_OMM_ACTIVE_POWER_FROM_EV,
	/**
	 * Power to the vehicle, in W.
	 */
	OCPP_OMM_ACTIVE_POWER_TO_EV,
	/**
	 * Reactive power from the vehicle, in var.
	 */
	OCPP_OMM_REACTIVE_POWER_FROM_EV,
	/**
	 * Reactive power to the vehicle, in var.
	 */
	OCPP_OMM_REACTIVE_POWER_TO_EV,
	/**
	 * Mains frequency, in Hz.
	 */
	OCPP_OMM_POWERLINE_FREQ,
	/**
	 * Power factor, from -1 to 1.
	 */
	OCPP_OMM_POWER_FACTOR,
	/**
	 * Highest power that the vehicle is offered, in W.
	 */
	OCPP_OMM_POWER_MAX_OFFERED_TO_EV,
	/**
	 * Speed of the fan, in revolutions a minute.
	 */
	OCPP_OMM_FAN_SPEED,
	/**
	 * State of charge of the vehicle, in percent.
	 */
	OCPP_OMM_CHARGING_PERCENT,
	/**
	 * Temperature inside the charge point, in degrees Celsius.
	 */
	OCPP_OMM_TEMPERATURE,
	/**
	 * Voltage, effective value, in V.
	 */
	OCPP_OMM_VOLTAGE_AC_RMS,
	/**
	 * Not a measurand: their number.
	 */
	OCPP_OMM_END,
};

/**
 * Whether an idTag may charge.
 */
enum ocpp_auth_status {
	/**
	 * Not known.
	 */
	OCPP_AUTH_INVALID,
	/**
	 * May charge.
	 */
	OCPP_AUTH_ACCEPTED,
	/**
	 * Blocked.
	 */
	OCPP_AUTH_BLOCKED,
	/**
	 * No longer valid.
	 */
	OCPP_AUTH_EXPIRED,
	/**
	 * Charges somewhere else already.
	 */
	OCPP_AUTH_CONCURRENT_TX,
};

/**
 * Why the application is called back by what it gave to ocpp_set_event_callback(). Later versions
 * add to these: a `switch` has a `default` that returns -ENOTSUP.
 */
enum ocpp_event {
	/**
	 * How much a connector may deliver has changed: close or open the contactor, tell the
	 * vehicle. The result is not looked at.
	 */
	OCPP_EVENT_CHARGING_LIMIT,
	/**
	 * The central system, or ocpp_request_reset(), asks for a reset. 0 when the application
	 * resets the charge point itself; with an error, CONFIG_OCPP_REBOOT decides what happens.
	 */
	OCPP_EVENT_RESET,
	/**
	 * The central system has sent something of CONFIG_OCPP_DATA_TRANSFER_VENDOR. 0 when it was
	 * understood, -ENOTSUP when the message is not known, another error to refuse it.
	 */
	OCPP_EVENT_DATA_TRANSFER,
	/**
	 * A setting of the application's own was given a value: ocpp_get_setting() or
	 * ocpp_get_setting_text() says which. The result is not looked at.
	 */
	OCPP_EVENT_SETTING_CHANGED,
	/**
	 * New firmware was downloaded, no transaction runs and none begins: it is about to be installed,
	 * with a reset. 0 or -ENOTSUP for now; with another error it is put off until
	 * ocpp_install_firmware() is called.
	 */
	OCPP_EVENT_INSTALL_FIRMWARE,
	/**
	 * A reservation was made, or has ended: ocpp_get_reservation() says what there is now. Of several
	 * changes at one connector, the last is told. The result is not looked at.
	 */
	OCPP_EVENT_RESERVATION,
};

/**
 * What happened to a reservation.
 */
enum ocpp_reservation_state {
	/**
	 * The central system has made it, or replaced the one with its number.
	 */
	OCPP_RESERVATION_MADE,
	/**
	 * Its driver has begun to charge.
	 */
	OCPP_RESERVATION_USED,
	/**
	 * The central system has cancelled it.
	 */
	OCPP_RESERVATION_CANCELLED,
	/**
	 * Its time is over.
	 */
	OCPP_RESERVATION_EXPIRED,
	/**
	 * Its connector is broken or out of service.
	 */
	OCPP_RESERVATION_ENDED,
};

/**
 * Whether the central system can be talked to.
 */
enum ocpp_connection_state {
	/**
	 * There is no connection.
	 */
	OCPP_CONNECTION_OFFLINE,
	/**
	 * There is one, but the central system has not accepted the charge point yet.
	 */
	OCPP_CONNECTION_PENDING,
	/**
	 * The central system has accepted the charge point.
	 */
	OCPP_CONNECTION_ONLINE,
};

/**
 * The central system's answer to a data transfer.
 */
enum ocpp_data_transfer_status {
	/**
	 * Understood.
	 */
	OCPP_DATA_TRANSFER_ACCEPTED,
	/**
	 * Understood, but refused.
	 */
	OCPP_DATA_TRANSFER_REJECTED,
	/**
	 * It does not know the message.
	 */
	OCPP_DATA_TRANSFER_UNKNOWN_MESSAGE_ID,
	/**
	 * It does not know the vendor.
	 */
	OCPP_DATA_TRANSFER_UNKNOWN_VENDOR_ID,
};

/**
 * On which phase something is measured.
 */
enum ocpp_phase {
	/**
	 * The whole.
	 */
	OCPP_PHASE_NONE,
	/**
	 * Phase 1.
	 */
	OCPP_PHASE_L1,
	/**
	 * Phase 2.
	 */
	OCPP_PHASE_L2,
	/**
	 * Phase 3.
	 */
	OCPP_PHASE_L3,
	/**
	 * Neutral.
	 */
	OCPP_PHASE_N,
	/**
	 * Phase 1 against neutral.
	 */
	OCPP_PHASE_L1_N,
	/**
	 * Phase 2 against neutral.
	 */
	OCPP_PHASE_L2_N,
	/**
	 * Phase 3 against neutral.
	 */
	OCPP_PHASE_L3_N,
	/**
	 * Phase 1 against phase 2.
	 */
	OCPP_PHASE_L1_L2,
	/**
	 * Phase 2 against phase 3.
	 */
	OCPP_PHASE_L2_L3,
	/**
	 * Phase 3 against phase 1.
	 */
	OCPP_PHASE_L3_L1,
};

/**
 * What is wrong with a connector.
 */
enum ocpp_error {
	/**
	 * No error any more.
	 */
	OCPP_ERROR_NONE,
	/**
	 * The connector can not be locked or unlocked.
	 */
	OCPP_ERROR_CONNECTOR_LOCK,
	/**
	 * Communication with the vehicle fails.
	 */
	OCPP_ERROR_EV_COMMUNICATION,
	/**
	 * The ground fault circuit interrupter has tripped.
	 */
	OCPP_ERROR_GROUND_FAILURE,
	/**
	 * Too hot.
	 */
	OCPP_ERROR_HIGH_TEMPERATURE,
	/**
	 * Hardware or software of the charge point.
	 */
	OCPP_ERROR_INTERNAL,
	/**
	 * Too much current.
	 */
	OCPP_ERROR_OVER_CURRENT,
	/**
	 * Too high voltage.
	 */
	OCPP_ERROR_OVER_VOLTAGE,
	/**
	 * The meter cannot be read.
	 */
	OCPP_ERROR_POWER_METER,
	/**
	 * The contactor does not switch.
	 */
	OCPP_ERROR_POWER_SWITCH,
	/**
	 * The reader for idTags fails.
	 */
	OCPP_ERROR_READER,
	/**
	 * Too low voltage.
	 */
	OCPP_ERROR_UNDER_VOLTAGE,
	/**
	 * The wireless network is weak.
	 */
	OCPP_ERROR_WEAK_SIGNAL,
	/**
	 * Something else; the text says what.
	 */
	OCPP_ERROR_OTHER,
};

/**
 * A version of OCPP.
 */
enum ocpp_protocol {
	/**
	 * OCPP 1.6, as JSON: CONFIG_OCPP_V16.
	 */
	OCPP_PROTOCOL_1_6,
	/**
	 * OCPP 2.0.1: CONFIG_OCPP_V201.
	 */
	OCPP_PROTOCOL_2_0_1,
};

/**
 * What values a setting takes.
 */
enum ocpp_setting_form {
	/**
	 * `true` or `false`.
	 */
	OCPP_SETTING_BOOLEAN,
	/**
	 * A whole number.
	 */
	OCPP_SETTING_INTEGER,
	/**
	 * A text without control characters.
	 */
	OCPP_SETTING_TEXT,
};

/**
 * Why the charge point boots.
 */
enum ocpp_boot_reason {
	/**
	 * An application failed.
	 */
	OCPP_BOOT_APPLICATION_RESET,
	/**
	 * Another firmware was installed.
	 */
	OCPP_BOOT_FIRMWARE_UPDATE,
	/**
	 * Someone on site asked for it.
	 */
	OCPP_BOOT_LOCAL_RESET,
	/**
	 * Power came on.
	 */
	OCPP_BOOT_POWER_UP,
	/**
	 * The central system asked for it.
	 */
	OCPP_BOOT_REMOTE_RESET,
	/**
	 * The central system asked for it, and what ran had to end first.
	 */
	OCPP_BOOT_SCHEDULED_RESET,
	/**
	 * It has not: the central system asked for its BootNotification.
	 */
	OCPP_BOOT_TRIGGERED,
	/**
	 * Nothing says why.
	 */
	OCPP_BOOT_UNKNOWN,
	/**
	 * A watchdog restarted it.
	 */
	OCPP_BOOT_WATCHDOG,
};

/**
 * What a vehicle is plugged into, as OCPP 2.0.1 names it.
 */
enum ocpp_connector_type {
	/**
	 * Combined Charging System 1, captive cable.
	 */
	OCPP_CONNECTOR_CCS1,
	/**
	 * Combined Charging System 2, captive cable.
	 */
	OCPP_CONNECTOR_CCS2,
	/**
	 * CHAdeMO, captive cable.
	 */
	OCPP_CONNECTOR_CHADEMO,
	/**
	 * Tesla, captive cable.
	 */
	OCPP_CONNECTOR_TESLA,
	/**
	 * IEC 62196-2 type 1, captive cable.
	 */
	OCPP_CONNECTOR_CABLE_TYPE1,
	/**
	 * IEC 62196-2 type 2, captive cable.
	 */
	OCPP_CONNECTOR_CABLE_TYPE2,
	/**
	 * IEC 60309 socket, one phase, 16 A.
	 */
	OCPP_CONNECTOR_INDUSTRIAL_1P_16A,
	/**
	 * IEC 60309 socket, one phase, 32 A.
	 */
	OCPP_CONNECTOR_INDUSTRIAL_1P_32A,
	/**
	 * IEC 60309 socket, three phases, 16 A.
	 */
	OCPP_CONNECTOR_INDUSTRIAL_3P_16A,
	/**
	 * IEC 60309 socket, three phases, 32 A.
	 */
	OCPP_CONNECTOR_INDUSTRIAL_3P_32A,
	/**
	 * British domestic socket.
	 */
	OCPP_CONNECTOR_BS1361,
	/**
	 * Domestic socket CEE 7/7.
	 */
	OCPP_CONNECTOR_CEE_7_7,
	/**
	 * IEC 62196-2 type 2, socket.
	 */
	OCPP_CONNECTOR_SOCKET_TYPE2,
	/**
	 * IEC 62196-2 type 3, socket.
	 */
	OCPP_CONNECTOR_SOCKET_TYPE3,
	/**
	 * Another one with one phase, up to 16 A.
	 */
	OCPP_CONNECTOR_OTHER_1P_MAX_16A,
	/**
	 * Another one with one phase, above 16 A.
	 */
	OCPP_CONNECTOR_OTHER_1P_OVER_16A,
	/**
	 * Another one with three phases.
	 */
	OCPP_CONNECTOR_OTHER_3P,
	/**
	 * Pantograph.
	 */
	OCPP_CONNECTOR_PANTOGRAPH,
	/**
	 * Inductive.
	 */
	OCPP_CONNECTOR_INDUCTIVE,
	/**
	 * Resonant coupling.
	 */
	OCPP_CONNECTOR_RESONANT,
	/**
	 * To be determined.
	 */
	OCPP_CONNECTOR_UNDETERMINED,
	/**
	 * Not known.
	 */
	OCPP_CONNECTOR_UNKNOWN,
};

/**
 * Which side holds the energy back while a transaction runs.
 */
enum ocpp_suspension {
	/**
	 * Neither of them.
	 */
	OCPP_SUSPENDED_NOT,
	/**
	 * The vehicle.
	 */
	OCPP_SUSPENDED_BY_EV,
	/**
	 * The charge point.
	 */
	OCPP_SUSPENDED_BY_EVSE,
};

/**
 * What kind of token an idTag is. OCPP 2.0.1 tells the central system; OCPP 1.6 has no kinds.
 */
enum ocpp_token_kind {
	/**
	 * Given out by the central system.
	 */
	OCPP_TOKEN_CENTRAL,
	/**
	 * The identifier of a contract (eMAID).
	 */
	OCPP_TOKEN_EMAID,
	/**
	 * A card of ISO 14443.
	 */
	OCPP_TOKEN_ISO14443,
	/**
	 * A card of ISO 15693.
	 */
	OCPP_TOKEN_ISO15693,
	/**
	 * Typed in.
	 */
	OCPP_TOKEN_KEY_CODE,
	/**
	 * Made up by the charge point.
	 */
	OCPP_TOKEN_LOCAL,
	/**
	 * The MAC address of the vehicle.
	 */
	OCPP_TOKEN_MAC_ADDRESS,
	/**
	 * None is needed to charge.
	 */
	OCPP_TOKEN_NO_AUTHORIZATION,
};

/**
 * What a charge point has seen that its security depends on (OCPP 1.6 security whitepaper, appendix).
 */
enum ocpp_security_event {
	/**
	 * The firmware was updated. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_FIRMWARE_UPDATED,
	/**
	 * The central system has refused the credentials of the charge point. It tells it itself.
	 */
	OCPP_SECURITY_EVENT_FAILED_TO_AUTHENTICATE_AT_CENTRAL_SYSTEM,
	/**
	 * The central system could not authenticate itself.
	 */
	OCPP_SECURITY_EVENT_CENTRAL_SYSTEM_FAILED_TO_AUTHENTICATE,
	/**
	 * The clock was set to another time. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_SETTING_SYSTEM_TIME,
	/**
	 * The charge point has booted. It tells it itself.
	 */
	OCPP_SECURITY_EVENT_STARTUP_OF_THE_DEVICE,
	/**
	 * It is about to restart. It tells it itself.
	 */
	OCPP_SECURITY_EVENT_RESET_OR_REBOOT,
	/**
	 * The security log was cleared.
	 */
	OCPP_SECURITY_EVENT_SECURITY_LOG_WAS_CLEARED,
	/**
	 * Parameters of security were changed, such as keys.
	 */
	OCPP_SECURITY_EVENT_RECONFIGURATION_OF_SECURITY_PARAMETERS,
	/**
	 * There is no room any more, in flash or in RAM.
	 */
	OCPP_SECURITY_EVENT_MEMORY_EXHAUSTION,
	/**
	 * The central system sends what is no message. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_MESSAGES,
	/**
	 * Messages were sent once more by an attacker.
	 */
	OCPP_SECURITY_EVENT_ATTEMPTED_REPLAY_ATTACKS,
	/**
	 * The charge point was tampered with, as by an open enclosure.
	 */
	OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED,
	/**
	 * The signature of a firmware is not good. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_FIRMWARE_SIGNATURE,
	/**
	 * The certificate by which a firmware was signed is not good. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_FIRMWARE_SIGNING_CERTIFICATE,
	/**
	 * The certificate of the central system is not good. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_CENTRAL_SYSTEM_CERTIFICATE,
	/**
	 * A certificate for the charge point is not good. It tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_CHARGE_POINT_CERTIFICATE,
	/**
	 * The central system has only versions of TLS that are too old. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_TLS_VERSION,
	/**
	 * The central system has no cipher suite in common. The charge point tells it itself.
	 */
	OCPP_SECURITY_EVENT_INVALID_TLS_CIPHER_SUITE,
};

/**
 * The charge point, as BootNotification describes it. Texts are copied; null leaves an
 * optional one out.
 */
struct ocpp_cp_info {
	/**
	 * Model, up to 20 characters.
	 */
	char *model;
	/**
	 * Vendor, up to 20 characters.
	 */
	char *vendor;
	/**
	 * Connectors, from 1 to CONFIG_OCPP_CONNECTORS.
	 */
	int num_of_con;
	/**
	 * Optional: serial number of the charge point, up to 25 characters.
	 */
	char *sl_no;
	/**
	 * Optional: serial number of the charge box, up to 25 characters.
	 */
	char *box_sl_no;
	/**
	 * Optional: firmware version, up to 50 characters.
	 */
	char *fw_ver;
	/**
	 * Optional: ICCID of the SIM card, up to 20 characters.
	 */
	char *iccid;
	/**
	 * Optional: IMSI of the SIM card, up to 20 characters.
	 */
	char *imsi;
	/**
	 * Optional: serial number of the main meter, up to 25 characters.
	 */
	char *meter_sl_no;
	/**
	 * Optional: type of the main meter, up to 25 characters.
	 */
	char *meter_type;
};

#if defined(CONFIG_NET_SOCKETS_SOCKOPT_TLS)
/**
 * What connections with TLS are made with. They are made with it (`wss://`) where there is a list.
 *
 * Behind the tags there are certificates by which that of the central system is verified
 * (TLS_CREDENTIAL_CA_CERTIFICATE), and for security profile 3 a certificate of the charge point and its
 * key (TLS_CREDENTIAL_PUBLIC_CERTIFICATE, TLS_CREDENTIAL_PRIVATE_KEY), added with tls_credential_add()
 * before ocpp_init(). A tag with both is passed over once the central system has issued a certificate.
 */
struct ocpp_tls_credentials {
	/**
	 * Security tags, four at most. The list is copied.
	 */
	const sec_tag_t *sec_tag_list;
	/**
	 * Optional: what the certificate of the central system has to be for, as text; null for
	 * `cs_ip`.
	 */
	char *tls_hostname;
	/**
	 * Bytes of the list.
	 */
	size_t sec_tag_list_size;
	/**
	 * Bytes of the name. It is not looked at: the name ends with a zero.
	 */
	size_t tls_hostname_size;
};
#endif

#if defined(CONFIG_OCPP_BASIC_AUTH)
/**
 * HTTP Basic authentication, of which security profiles 1 and 2 make use. It is copied.
 */
struct ocpp_basic_auth {
	/**
	 * The identity of the charge point, up to CONFIG_OCPP_BASIC_AUTH_USERNAME_MAX_LEN characters without a
	 * colon. Null for CONFIG_OCPP_AUTHORIZATION_KEY.
	 */
	const char *username;
	/**
	 * AuthorizationKey: bytes, which need not be text.
	 */
	const uint8_t *password;
	/**
	 * How many: from OCPP_BASIC_AUTH_PASSWORD_MIN_LEN to CONFIG_OCPP_BASIC_AUTH_PASSWORD_MAX_LEN.
	 */
	size_t password_len;
};
#endif

/**
 * Where the central system is. Texts are copied.
 */
struct ocpp_cs_info {
	/**
	 * IPv4 address, IPv6 address or host name.
	 */
	char *cs_ip;
	/**
	 * Path of the websocket, the identity of the charge point as its last segment.
	 */
	char *ws_url;
	/**
	 * TCP port.
	 */
	int port;
	/**
	 * AF_INET, AF_INET6, or AF_UNSPEC for whichever the host name has; in newer Zephyr trees
	 * NET_AF_INET and so on. This is the type of sa_family_t and net_sa_family_t.
	 */
	uint16_t sa_family;
#if defined(CONFIG_NET_SOCKETS_SOCKOPT_TLS)
	/**
	 * TLS; without a list of tags the connection is made without it.
	 */
	struct ocpp_tls_credentials creds;
#endif
#if defined(CONFIG_OCPP_BASIC_AUTH)
	/**
	 * HTTP Basic authentication.
	 */
	struct ocpp_basic_auth basic_auth;
#endif
};

/**
 * For OCPP_USR_GET_METER_VALUE.
 */
struct ocpp_meter_val {
	/**
	 * In: connector, 0 for the main meter.
	 */
	int id_con;
	/**
	 * In: what to measure.
	 */
	enum ocpp_meter_measurand mes;
	/**
	 * Out: the value as text.
	 */
	char val[CISTR50];
};

/**
 * For OCPP_USR_START_CHARGING.
 */
struct ocpp_start_charge {
	/**
	 * In: who is to charge.
	 */
	char idtag[CISTR50];
	/**
	 * In: connector, from 1. Where the central system names none, the charge point has chosen
	 * one that is free: this is never negative.
	 */
	int id_con;
};

/**
 * For OCPP_USR_STOP_CHARGING.
 */
struct ocpp_stop_charge {
	/**
	 * In: connector.
	 */
	int id_con;
};

/**
 * For OCPP_USR_UNLOCK_CONNECTOR.
 */
struct ocpp_unlock_con {
	/**
	 * In: connector.
	 */
	int id_con;
};

/**
 * What a callback is about; which member is valid says the `ocpp_notify_reason`.
 */
union ocpp_io_value {
	/**
	 * OCPP_USR_GET_METER_VALUE
	 */
	struct ocpp_meter_val meter_val;
	/**
	 * OCPP_USR_START_CHARGING
	 */
	struct ocpp_start_charge start_charge;
	/**
	 * OCPP_USR_STOP_CHARGING
	 */
	struct ocpp_stop_charge stop_charge;
	/**
	 * OCPP_USR_UNLOCK_CONNECTOR
	 */
	struct ocpp_unlock_con unlock_con;
};

/**
 * Called when the charge point wants something from the application. It runs on a thread of
 * its own and may call every function of this API except ocpp_deinit().
 *
 * @param reason why
 * @param io what about; depends on the reason
 * @param user_data what ocpp_init() was given
 *
 * @return 0, or a negative error number
 */
typedef int (*ocpp_user_notify_callback_t)(enum ocpp_notify_reason reason,
					   union ocpp_io_value *io,
					   void *user_data);

/**
 * A session, for ocpp_session_open() and what takes its handle.
 */
typedef void *ocpp_session_handle_t;

/**
 * For OCPP_EVENT_CHARGING_LIMIT.
 */
struct ocpp_charging_limit {
	/**
	 * In: connector.
	 */
	int id_con;
	/**
	 * In: most current on each phase, in tenths of an ampere: 0 for no energy at all,
	 * OCPP_NO_LIMIT for as much as the installation allows.
	 */
	int limit;
};

/**
 * For OCPP_EVENT_RESET.
 */
struct ocpp_reset {
	/**
	 * In: a hard reset, else a soft one.
	 */
	bool hard;
};

/**
 * For OCPP_EVENT_DATA_TRANSFER. Texts are good until the callback returns.
 */
struct ocpp_data_transfer {
	/**
	 * In: whose message.
	 */
	const char *vendor_id;
	/**
	 * In: which message, or null.
	 */
	const char *message_id;
	/**
	 * In: what it says, or null.
	 */
	const char *payload;
	/**
	 * Out: the data of the answer, with a zero at its end; none as long as it is empty.
	 */
	char *answer;
	/**
	 * In: bytes there are for it.
	 */
	size_t answer_size;
};

/**
 * For OCPP_EVENT_SETTING_CHANGED.
 */
struct ocpp_setting_changed {
	/**
	 * In: the number of the setting.
	 */
	uint8_t number;
};

/**
 * For OCPP_EVENT_RESERVATION.
 */
struct ocpp_reservation_changed {
	/**
	 * In: connector, 0 for any of them.
	 */
	int id_con;
	/**
	 * In: the central system's number for the reservation.
	 */
	int32_t id;
	/**
	 * In: what happened to it.
	 */
	enum ocpp_reservation_state state;
};

/**
 * What an event is about; which member is valid says the `ocpp_event`.
 */
union ocpp_event_value {
	/**
	 * OCPP_EVENT_CHARGING_LIMIT
	 */
	struct ocpp_charging_limit charging_limit;
	/**
	 * OCPP_EVENT_RESET
	 */
	struct ocpp_reset reset;
	/**
	 * OCPP_EVENT_DATA_TRANSFER
	 */
	struct ocpp_data_transfer data_transfer;
	/**
	 * OCPP_EVENT_SETTING_CHANGED
	 */
	struct ocpp_setting_changed setting_changed;
	/**
	 * OCPP_EVENT_RESERVATION
	 */
	struct ocpp_reservation_changed reservation_changed;
};

/**
 * Called for what Zephyr's own library has no reason for. It runs on a thread of its own and may
 * call every function of this API except ocpp_deinit().
 *
 * @param event what it is
 * @param value what about; depends on the event
 * @param user_data what ocpp_set_event_callback() was given
 *
 * @return 0, or a negative error number; -ENOTSUP for an event that is not known
 */
typedef int (*ocpp_event_callback_t)(enum ocpp_event event,
				     union ocpp_event_value *value,
				     void *user_data);

/**
 * A setting of the application's own, for ocpp_declare_settings().
 */
struct ocpp_setting {
	/**
	 * Name of the configuration key: 1 to 50 characters of printable ASCII without quotation marks
	 * and backslashes. It is compared without case.
	 */
	const char *name;
	/**
	 * Names the setting to the application, and its record to storage: it stays the same over
	 * firmware versions, and one that was used once is not used for anything else.
	 */
	uint8_t number;
	/**
	 * What values it takes: a value of enum ocpp_setting_form.
	 */
	int form;
	/**
	 * OCPP_SETTING_READ_ONLY or OCPP_SETTING_WRITE_ONLY, OCPP_SETTING_NEEDS_REBOOT; 0 for none.
	 */
	int flags;
	/**
	 * Of OCPP_SETTING_INTEGER: the lowest value.
	 */
	int min;
	/**
	 * Of OCPP_SETTING_INTEGER: the highest value.
	 */
	int max;
	/**
	 * The value until it is changed: of OCPP_SETTING_INTEGER from min to max, of
	 * OCPP_SETTING_BOOLEAN 0 or 1.
	 */
	int initial;
	/**
	 * Of OCPP_SETTING_TEXT: bytes of UTF-8 that it may have, at most CONFIG_OCPP_SETTING_LENGTH.
	 */
	size_t max_length;
	/**
	 * Of OCPP_SETTING_TEXT: the value until it is changed; null for an empty one.
	 */
	const char *initial_text;
};

/**
 * An EVSE with its connector, for ocpp_declare_evses().
 */
struct ocpp_evse {
	/**
	 * Phases that it is supplied with: 1 or 3; 0 for direct current.
	 */
	uint8_t supply_phases;
	/**
	 * What a vehicle is plugged into: a value of enum ocpp_connector_type.
	 */
	int connector_type;
	/**
	 * The most that it can deliver, in W.
	 */
	uint32_t power;
};

/**
 * The reservation of a connector.
 */
struct ocpp_reservation {
	/**
	 * The central system's number for it.
	 */
	int32_t id;
	/**
	 * Who may charge there.
	 */
	char idtag[CISTR50];
	/**
	 * The group that may as well; empty for none.
	 */
	char parent_idtag[CISTR50];
	/**
	 * When it ends: milliseconds since 1970 UTC.
	 */
	int64_t expires_ms;
};

/**
 * Something that the meters measure, for ocpp_declare_measurands().
 */
struct ocpp_measured {
	/**
	 * What: a value of enum ocpp_meter_measurand.
	 */
	int mes;
	/**
	 * On which phase: a value of enum ocpp_phase.
	 */
	int phase;
};

/**
 * Called to read a meter, in place of OCPP_USR_GET_METER_VALUE and on the same thread.
 *
 * @param conn_id connector, 0 for the main meter
 * @param mes what to measure
 * @param phase on which phase
 * @param val where to write the value: a decimal number as text, in the unit of mes
 * @param size bytes there are for it, the zero at its end included
 * @param user_data what ocpp_declare_measurands() was given
 *
 * @return 0, or a negative error number if there is no value now
 */
typedef int (*ocpp_read_meter_t)(int conn_id,
				 enum ocpp_meter_measurand mes,
				 enum ocpp_phase phase,
				 char *val,
				 size_t size,
				 void *user_data);

/**
 * Older name of struct ocpp_cp_info.
 */
typedef struct ocpp_cp_info ocpp_cp_info_t;

/**
 * Older name of struct ocpp_cs_info.
 */
typedef struct ocpp_cs_info ocpp_cs_info_t;

/**
 * Older name of enum ocpp_notify_reason.
 */
typedef enum ocpp_notify_reason ocpp_notify_reason_t;

/**
 * Older name of union ocpp_io_value.
 */
typedef union ocpp_io_value ocpp_io_value_t;

/**
 * Older name of enum ocpp_auth_status.
 */
typedef enum ocpp_auth_status ocpp_auth_status_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Starts the charge point: it connects, and reconnects, on its own from now on.
 *
 * @param cpi the charge point
 * @param csi the central system
 * @param cb called back when the charge point wants something
 * @param user_data handed to cb
 *
 * @retval 0 on success; the connection is made later
 * @retval -EINVAL if something required is missing, a text is too long, there is no memory for
 *         so many connectors, or the charge point runs already
 * @retval -ENOMEM if there is no file descriptor left to wake the charge point with
 */
int ocpp_init(struct ocpp_cp_info *cpi,
	      struct ocpp_cs_info *csi,
	      ocpp_user_notify_callback_t cb,
	      void *user_data);

/**
 * Shuts the charge point down: closes the connection and all sessions, and waits for callbacks
 * to return. Calls under way return -ENOTCONN. A transaction that runs ends when ocpp_init() is
 * called again, with the last known register.
 *
 * @retval 0 on success
 * @retval -EINVAL if it does not run
 * @retval -EDEADLK if called from a callback
 */
int ocpp_deinit(void);

/**
 * Opens a session, which ties an idTag to a transaction.
 *
 * @param hndl where the handle goes
 *
 * @retval 0 on success
 * @retval -EINVAL if hndl is null or the charge point does not run
 * @retval -ENOMEM if CONFIG_OCPP_SESSIONS are open
 */
int ocpp_session_open(ocpp_session_handle_t *hndl);

/**
 * Closes a session. A transaction of it that still runs is stopped.
 *
 * @param hndl the session; anything else is passed over
 */
void ocpp_session_close(ocpp_session_handle_t hndl);

/**
 * Asks whether an idTag may charge. A session remembers the idTag that was accepted last.
 *
 * @param hndl session
 * @param idtag idTag, 1 to 20 characters; up to 36 with OCPP 2.0.1
 * @param status where the answer goes, when 0 is returned
 * @param timeout_ms milliseconds to wait for it
 *
 * @retval 0 if there is an answer
 * @retval -EINVAL if an argument is null, the session is not open, or the idTag is too long
 * @retval -EAGAIN if the central system cannot be reached, or has not accepted the charge point
 *         yet, and nothing good is known of this idTag
 * @retval -ETIMEDOUT if there was no answer in time
 * @retval -ENOMEM if CONFIG_OCPP_INTERNAL_MSGQ_CNT calls are under way
 * @retval -ENOTCONN if the charge point was shut down meanwhile
 */
int ocpp_authorize(ocpp_session_handle_t hndl,
		   char *idtag,
		   enum ocpp_auth_status *status,
		   uint32_t timeout_ms);

/**
 * Starts a transaction with the idTag that ocpp_authorize() accepted. It is told to the central
 * system as soon as that can be reached.
 *
 * @param hndl session
 * @param meter_val register of the connector in Wh
 * @param conn_id connector, from 1
 * @param timeout_ms milliseconds to wait for the central system to accept it
 *
 * @retval 0 if it runs: the central system has accepted it, or will hear of it later
 * @retval -EINVAL if the session is not open or the connector does not exist
 * @retval -EACCES if the central system refuses the idTag, no idTag was accepted before, or the
 *         connector is out of service
 * @retval -EBUSY if the connector, or the session, has a transaction
 * @retval -EAGAIN if a reset is under way
 * @retval -ENOMEM if there is no room to store it
 * @retval -ETIMEDOUT if there was no answer in time; it runs until ocpp_stop_transaction()
 * @retval -ENOTCONN if the charge point was shut down meanwhile
 */
int ocpp_start_transaction(ocpp_session_handle_t hndl,
			   int meter_val,
			   uint8_t conn_id,
			   uint32_t timeout_ms);

/**
 * Stops the transaction of a session. It is told to the central system as soon as that can be
 * reached. Also to be called when OCPP_USR_STOP_CHARGING told of its end.
 *
 * @param hndl session
 * @param meter_val register of the connector in Wh. A transaction never ends below what the
 *        central system was told of it before: with a lower register, the last known one is told
 * @param timeout_ms milliseconds to wait for the central system to know
 *
 * @retval 0 if it has ended: the central system knows, or will hear of it later
 * @retval -EINVAL if the session is not open or has no transaction
 * @retval -ETIMEDOUT if there was no answer in time; it has ended and is told later
 * @retval -ENOTCONN if the charge point was shut down meanwhile
 */
int ocpp_stop_transaction(ocpp_session_handle_t hndl, int meter_val, uint32_t timeout_ms);

/**
 * Registers what is called for events that Zephyr's own library has no reason for: charging
 * limits, resets, data transfers and changed settings of the application's own. Without it, CONFIG_OCPP_REBOOT decides on resets, data
 * transfers are answered with UnknownMessageId, and OCPP_USR_STOP_CHARGING is all that tells of
 * the end of energy. It stays registered after ocpp_deinit().
 *
 * @param cb called back; null for nothing
 * @param user_data handed to cb
 *
 * @retval 0 on success
 * @retval -EBUSY if the charge point runs: this is to be called before ocpp_init()
 */
int ocpp_set_event_callback(ocpp_event_callback_t cb,
			    void *user_data);

/**
 * Tells whether the central system can be talked to.
 *
 * @return the state now
 */
enum ocpp_connection_state ocpp_connection_state(void);

/**
 * Tells the version of this library.
 *
 * @return major, minor and patch version as text
 */
const char *ocpp_version(void);

/**
 * Chooses the version of OCPP that the charge point speaks from the next ocpp_init() on. Without it
 * that is CONFIG_OCPP_DEFAULT_VERSION. It stays chosen after ocpp_deinit().
 *
 * With OCPP 2.0.1, connector n of this API is EVSE n, which has one connector.
 *
 * @param protocol a value of enum ocpp_protocol
 *
 * @retval 0 on success
 * @retval -ENOTSUP if the image does not have that version
 * @retval -EBUSY if the charge point runs: this is to be called before ocpp_init()
 */
int ocpp_set_protocol(int protocol);

/**
 * Declares settings of the application's own: configuration keys that the central system can read
 * and change as it can the charge point's own. They are stored. To be called before ocpp_init(), for
 * which it lasts until it is called again; OCPP_EVENT_SETTING_CHANGED tells of a change.
 *
 * @param settings the settings, up to CONFIG_OCPP_APPLICATION_SETTINGS; they are copied, their texts
 *        are not and have to stay as they are
 * @param count how many; 0 takes the declaration back
 *
 * @retval 0 on success; ocpp_init() returns -EINVAL, and the log says why, if a name or a number is
 *         there twice, a name is one of the charge point's own or has characters that it may not
 *         have, a default is no value of its setting, or max_length is above
 *         CONFIG_OCPP_SETTING_LENGTH
 * @retval -EINVAL if there is no such form or flag, or a text is too long or no UTF-8
 * @retval -ENOMEM if there are too many
 * @retval -EBUSY if the charge point runs
 */
int ocpp_declare_settings(const struct ocpp_setting *settings,
			  size_t count);

/**
 * Reads a setting of the application's own that is a number or a Boolean.
 *
 * @param number its number, as ocpp_declare_settings() was given it
 * @param value where the value goes: 0 or 1 for a Boolean
 *
 * @retval 0 on success
 * @retval -EINVAL if value is null, there is no such setting, it is a text, or the charge point does
 *         not run
 */
int ocpp_get_setting(uint8_t number,
		     int *value);

/**
 * Reads a setting of the application's own that is a text. It passes through the caller's stack:
 * CONFIG_OCPP_SETTING_LENGTH bytes.
 *
 * @param number its number, as ocpp_declare_settings() was given it
 * @param value where the text goes, cut off where there is no more room, with a zero at its end
 * @param size bytes there are for it, that zero included
 *
 * @retval 0 on success
 * @retval -EINVAL if value is null, size is 0, there is no such setting, it is no text, or the charge
 *         point does not run
 */
int ocpp_get_setting_text(uint8_t number,
			  char *value,
			  size_t size);

/**
 * Declares what the EVSEs are: OCPP 2.0.1 tells the central system in its device model, where without
 * it these variables have no value, and Smart Charging reckons with their phases and power, without it
 * with three phases of 32 A. To be called before ocpp_init(), for which it lasts until it is
 * called again.
 *
 * @param evses the EVSEs: that of connector 1, and so on; they are copied
 * @param count how many, up to CONFIG_OCPP_CONNECTORS; 0 takes the declaration back
 *
 * @retval 0 on success
 * @retval -EINVAL if evses is null, or there is no such connector type or number of phases
 * @retval -ENOMEM if there are too many
 * @retval -ENOTSUP without CONFIG_OCPP_V201 and CONFIG_OCPP_PROFILE_SMART_CHARGE
 * @retval -EBUSY if the charge point runs
 */
int ocpp_declare_evses(const struct ocpp_evse *evses,
		       size_t count);

/**
 * Tells why the charge point boots, where the application knows better than the charge point: it
 * remembers that it was reset by the central system or by ocpp_request_reset(), and takes anything
 * else for power that came on. With CONFIG_HWINFO a watchdog is known, too. OCPP 2.0.1 tells it. To be
 * called before ocpp_init(), for which it lasts until it is called again.
 *
 * @param reason a value of enum ocpp_boot_reason, or -1 to take it back
 *
 * @retval 0 on success
 * @retval -EINVAL if there is no such reason
 * @retval -ENOTSUP without CONFIG_OCPP_V201
 * @retval -EBUSY if the charge point runs
 */
int ocpp_set_boot_reason(int reason);

/**
 * Tells that a cable was plugged into the vehicle and the connector, or unplugged. With a cable
 * and an idTag the charge point starts a transaction on its own; OCPP_EVENT_CHARGING_LIMIT tells
 * when energy may flow.
 *
 * @param conn_id connector, from 1
 * @param plugged whether it is plugged now
 *
 * @retval 0 on success
 * @retval -EINVAL if the connector does not exist or the charge point does not run
 */
int ocpp_set_plugged(int conn_id, bool plugged);

/**
 * Tells that an idTag was presented at a connector: it starts what it may start and stops what
 * it may stop.
 *
 * @param conn_id connector, from 1
 * @param idtag idTag, 1 to 20 characters; up to 36 with OCPP 2.0.1
 *
 * @retval 0 if it is being looked at
 * @retval -EINVAL if the connector does not exist, the idTag is too long, or the charge point
 *         does not run
 * @retval -EACCES if the connector is out of service
 * @retval -EBUSY if another driver uses the connector, or another idTag is being looked at
 * @retval -EAGAIN if a reset is under way
 */
int ocpp_present_idtag(int conn_id, const char *idtag);

/**
 * Tells that something is broken, or no longer. A fault stops energy, not the transaction.
 *
 * @param conn_id connector, or 0 for what all share
 * @param error what is broken, a value of enum ocpp_error; OCPP_ERROR_NONE for nothing any more
 * @param info more about it, up to 50 characters, or null
 *
 * @retval 0 on success
 * @retval -EINVAL if the connector or the error does not exist, info is too long, or the charge
 *         point does not run
 */
int ocpp_set_fault(int conn_id, int error, const char *info);

/**
 * Tells whether vehicle or charge point holds the energy back while a transaction runs.
 *
 * @param conn_id connector, from 1
 * @param by a value of enum ocpp_suspension
 *
 * @retval 0 on success
 * @retval -EINVAL if the connector does not exist or has no transaction
 */
int ocpp_set_suspended(int conn_id, int by);

/**
 * Puts a connector into or out of service, as the central system can. It is remembered across
 * boots, and waits for the end of a transaction.
 *
 * @param conn_id connector, or 0 for all
 * @param available whether it is to be in service
 *
 * @retval 0 on success
 * @retval -EINVAL if the connector does not exist or the charge point does not run
 * @retval -ENOMEM if there is no room to store it
 */
int ocpp_set_available(int conn_id, bool available);

/**
 * Tells whether the cable of a connector is locked. Asked to unlock one that is not, the charge
 * point says so at once, without OCPP_USR_UNLOCK_CONNECTOR. Without this it counts as locked.
 *
 * @param conn_id connector, from 1
 * @param locked whether it is locked now
 *
 * @retval 0 on success
 * @retval -EINVAL if the connector does not exist or the charge point does not run
 */
int ocpp_set_locked(int conn_id, bool locked);

/**
 * Restarts the charge point: transactions end with reason Reboot, then comes OCPP_EVENT_RESET.
 *
 * @param hard false to deliver what the central system has not heard of first
 *
 * @retval 0 if it is under way
 * @retval -EINVAL if the charge point does not run
 */
int ocpp_request_reset(bool hard);

/**
 * Tells the time, for example from SNTP. Without it, the central system's is used.
 *
 * @param unix_ms milliseconds since 1970-01-01, UTC
 *
 * @retval 0 on success
 * @retval -EINVAL if the charge point does not run
 */
int ocpp_set_time(int64_t unix_ms);

/**
 * Installs the firmware that was put off when OCPP_EVENT_INSTALL_FIRMWARE asked. A reset follows.
 *
 * @retval 0 if it is under way
 * @retval -EINVAL if none was put off, or the charge point does not run
 * @retval -ENOTSUP without CONFIG_OCPP_PROFILE_FIRMWARE_MGNT
 */
int ocpp_install_firmware(void);

/**
 * Reads the reservation of a connector.
 *
 * @param conn_id connector, or 0 for a reservation of any of them
 * @param reservation where it goes, when 0 is returned
 *
 * @retval 0 if there is one
 * @retval -EAGAIN if there is none
 * @retval -EINVAL if reservation is null, the connector does not exist, or the charge point does
 *         not run
 * @retval -ENOTSUP without CONFIG_OCPP_PROFILE_RESERVATION
 */
int ocpp_get_reservation(int conn_id, struct ocpp_reservation *reservation);

/**
 * Reports a security event, such as an enclosure that was opened. It is in the security log, and kept over
 * power losses until the central system was told, where the whitepaper has it told: with security profile 1
 * and above, and CONFIG_OCPP_TELL_SECURITY_EVENTS.
 *
 * @param event an enum ocpp_security_event
 * @param info more about it, of which the first 40 bytes are kept; or null
 *
 * @retval 0 if it is noted
 * @retval -EINVAL for an event that is none of them, a text that is no UTF-8 or longer than 255 bytes, and
 *         when the charge point does not run
 * @retval -ENOTSUP without CONFIG_OCPP_SECURITY
 */
int ocpp_report_security_event(int event,
			       const char *info);

/**
 * Asks the central system for a new certificate of the charge point, as before the present one expires
 * (SignCertificate). A key is made for it. What was not answered is asked for again, also after a restart;
 * the certificate is used once the central system has issued it.
 *
 * @retval 0 if it is asked for as soon as the central system can be reached
 * @retval -EAGAIN while the central system has not set CpoName, which the request takes
 * @retval -EINVAL if the charge point does not run
 * @retval -ENOTSUP with OCPP 2.0.1, and without CONFIG_OCPP_SECURITY
 */
int ocpp_request_certificate(void);

/**
 * As ocpp_authorize(), for a token of another kind than a card of ISO 14443.
 *
 * @param hndl session
 * @param token 1 to 20 characters; up to 36 with OCPP 2.0.1
 * @param kind a value of enum ocpp_token_kind
 * @param status where the answer goes, when 0 is returned
 * @param timeout_ms milliseconds to wait for it
 *
 * @retval 0 if there is an answer
 * @retval -EINVAL if there is no such kind, and as ocpp_authorize()
 * @retval -EAGAIN, -ETIMEDOUT, -ENOMEM, -ENOTCONN as ocpp_authorize()
 */
int ocpp_authorize_token(ocpp_session_handle_t hndl,
			 const char *token,
			 int kind,
			 enum ocpp_auth_status *status,
			 uint32_t timeout_ms);

/**
 * As ocpp_present_idtag(), for a token of another kind than a card of ISO 14443.
 *
 * @param conn_id connector, from 1
 * @param token 1 to 20 characters; up to 36 with OCPP 2.0.1
 * @param kind a value of enum ocpp_token_kind
 *
 * @retval 0 if it is being looked at
 * @retval -EINVAL if there is no such kind, and as ocpp_present_idtag()
 * @retval -EACCES, -EBUSY, -EAGAIN as ocpp_present_idtag()
 */
int ocpp_present_token(int conn_id, const char *token, int kind);

/**
 * Tells how the transaction of a connector is called: with OCPP 1.6 the number that the central
 * system gave it, in decimal digits; with OCPP 2.0.1 the transactionId that the charge point gave it.
 *
 * @param conn_id connector, from 1
 * @param id where it goes, cut off where there is no more room, with a zero at its end; 37 bytes are
 *        enough
 * @param size bytes there are for it, that zero included
 *
 * @retval 0 on success
 * @retval -EINVAL if id is null, size is 0, the connector does not exist or has no transaction, or
 *         the charge point does not run
 * @retval -EAGAIN if the central system has not given it a number yet
 */
int ocpp_transaction_id(int conn_id,
			char *id,
			size_t size);

/**
 * Sends something of the vendor's own to the central system (DataTransfer) and waits for the
 * answer. What the central system sends comes as OCPP_EVENT_DATA_TRANSFER.
 *
 * @param vendor_id whose message, up to 255 characters
 * @param message_id which message, up to 50 characters, or null
 * @param payload what it says, or null
 * @param status where the answer goes, when 0 is returned
 * @param reply where the text goes that came with it, cut off where there is no more room; or
 *        null
 * @param reply_size bytes there are for it, a zero at its end included
 * @param timeout_ms milliseconds to wait for the answer
 *
 * @retval 0 if there is an answer
 * @retval -EINVAL if vendor_id or status is null, a text is too long or no UTF-8, the message
 *         does not fit into CONFIG_OCPP_SEND_BUFFER_SIZE, or the charge point does not run
 * @retval -ENOTCONN if the central system cannot be reached, has not accepted the charge point
 *         yet, or is lost before it answers
 * @retval -EIO if it answers with an error, or not within CONFIG_OCPP_CALL_TIMEOUT_MS
 * @retval -ETIMEDOUT if there was no answer within timeout_ms
 * @retval -EBUSY if another data transfer waits for its answer
 * @retval -ENOMEM if CONFIG_OCPP_INTERNAL_MSGQ_CNT calls are under way
 */
int ocpp_data_transfer(const char *vendor_id,
		       const char *message_id,
		       const char *payload,
		       enum ocpp_data_transfer_status *status,
		       char *reply,
		       size_t reply_size,
		       uint32_t timeout_ms);

/**
 * Declares what the meters of the connectors measure: all that one of them does. The register that
 * bills, OCPP_OMM_ACTIVE_ENERGY_TO_EV, always belongs to it. The central system can ask for what
 * was declared, and for nothing else; all of it that it asks for is read for each sample.
 *
 * To be called before ocpp_init(), for which it lasts until it is called again. Without it,
 * OCPP_USR_GET_METER_VALUE is called once for each measurand of connector 1, before the first
 * connection is made, and what it has a value for is measured.
 *
 * @param measured what is measured, up to 64; it is copied
 * @param count how many; 0 takes the declaration back
 * @param read reads the meters; null for OCPP_USR_GET_METER_VALUE, which knows no phases
 * @param user_data handed to read
 *
 * @retval 0 on success
 * @retval -EINVAL if there is no such measurand or phase, if there is a phase without read, or if
 *         the charge point runs
 * @retval -ENOMEM if there are too many
 */
int ocpp_declare_measurands(const struct ocpp_measured *measured,
			    size_t count,
			    ocpp_read_meter_t read,
			    void *user_data);

#ifdef __cplusplus
}
#endif

/** @} */

#endif /* ZEPHYR_INCLUDE_NET_OCPP_H_ */
