//! The types of `<zephyr/net/ocpp.h>`, from which that header is generated.
//!
//! Names, order and values are those of the API that Zephyr documents for its own OCPP library. A
//! program written for that one compiles unchanged, also where warnings are errors, so what this
//! library adds never is an enumerator of a documented enumeration (a `switch` over all of them
//! stays complete) nor a member in front of a documented one (structures are initialised by
//! position).

use core::ffi::{c_char, c_int, c_void};

/// Bytes of a text in `ocpp_io_value`, the zero at its end included.
pub const CISTR50: usize = 50;

/// A charging limit that is none.
pub const OCPP_NO_LIMIT: c_int = 2_147_483_647;

/// Whether an idTag may charge.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_auth_status {
    /// Not known.
    OCPP_AUTH_INVALID,
    /// May charge.
    OCPP_AUTH_ACCEPTED,
    /// Blocked.
    OCPP_AUTH_BLOCKED,
    /// No longer valid.
    OCPP_AUTH_EXPIRED,
    /// Charges somewhere else already.
    OCPP_AUTH_CONCURRENT_TX,
}

/// Why the application is called back by what it gave to ocpp_init().
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_notify_reason {
    /// Read the meter: fill in `meter_val.val`.
    OCPP_USR_GET_METER_VALUE,
    /// The central system wants an idTag to charge: authorize and start as if it had been
    /// presented here.
    OCPP_USR_START_CHARGING,
    /// The transaction of a connector has ended, or must not take energy any more: stop
    /// charging, then call ocpp_stop_transaction().
    OCPP_USR_STOP_CHARGING,
    /// Unlock the cable; 0 when it is unlocked.
    OCPP_USR_UNLOCK_CONNECTOR,
}

/// Why the application is called back by what it gave to ocpp_set_event_callback(). Later versions
/// add to these: a `switch` has a `default` that returns -ENOTSUP.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_event {
    /// How much a connector may deliver has changed: close or open the contactor, tell the
    /// vehicle. The result is not looked at.
    OCPP_EVENT_CHARGING_LIMIT,
    /// The central system, or ocpp_request_reset(), asks for a reset. 0 when the application
    /// resets the charge point itself; with an error, CONFIG_OCPP_REBOOT decides what happens.
    OCPP_EVENT_RESET,
    /// The central system has sent something of CONFIG_OCPP_DATA_TRANSFER_VENDOR. 0 when it was
    /// understood, -ENOTSUP when the message is not known, another error to refuse it.
    OCPP_EVENT_DATA_TRANSFER,
    /// A setting of the application's own was given a value: ocpp_get_setting() or
    /// ocpp_get_setting_text() says which. The result is not looked at.
    OCPP_EVENT_SETTING_CHANGED,
    /// New firmware was downloaded, no transaction runs and none begins: it is about to be installed,
    /// with a reset. 0 or -ENOTSUP for now; with another error it is put off until
    /// ocpp_install_firmware() is called.
    OCPP_EVENT_INSTALL_FIRMWARE,
    /// A reservation was made, or has ended: ocpp_get_reservation() says what there is now. Of several
    /// changes at one connector, the last is told. The result is not looked at.
    OCPP_EVENT_RESERVATION,
}

/// What a meter measures. Values are decimal numbers as text, in the unit given here.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_meter_measurand {
    /// Current from the vehicle, in A.
    OCPP_OMM_CURRENT_FROM_EV,
    /// Current to the vehicle, in A.
    OCPP_OMM_CURRENT_TO_EV,
    /// Highest current that the vehicle is offered, in A.
    OCPP_OMM_CURRENT_MAX_OFFERED_TO_EV,
    /// Energy from the vehicle, in Wh.
    OCPP_OMM_ACTIVE_ENERGY_FROM_EV,
    /// Energy to the vehicle, in Wh: the register that bills.
    OCPP_OMM_ACTIVE_ENERGY_TO_EV,
    /// Reactive energy from the vehicle, in varh.
    OCPP_OMM_REACTIVE_ENERGY_FROM_EV,
    /// Reactive energy to the vehicle, in varh.
    OCPP_OMM_REACTIVE_ENERGY_TO_EV,
    /// Power from the vehicle, in W.
    OCPP_OMM_ACTIVE_POWER_FROM_EV,
    /// Power to the vehicle, in W.
    OCPP_OMM_ACTIVE_POWER_TO_EV,
    /// Reactive power from the vehicle, in var.
    OCPP_OMM_REACTIVE_POWER_FROM_EV,
    /// Reactive power to the vehicle, in var.
    OCPP_OMM_REACTIVE_POWER_TO_EV,
    /// Mains frequency, in Hz.
    OCPP_OMM_POWERLINE_FREQ,
    /// Power factor, from -1 to 1.
    OCPP_OMM_POWER_FACTOR,
    /// Highest power that the vehicle is offered, in W.
    OCPP_OMM_POWER_MAX_OFFERED_TO_EV,
    /// Speed of the fan, in revolutions a minute.
    OCPP_OMM_FAN_SPEED,
    /// State of charge of the vehicle, in percent.
    OCPP_OMM_CHARGING_PERCENT,
    /// Temperature inside the charge point, in degrees Celsius.
    OCPP_OMM_TEMPERATURE,
    /// Voltage, effective value, in V.
    OCPP_OMM_VOLTAGE_AC_RMS,
    /// Not a measurand: their number.
    OCPP_OMM_END,
}

/// For OCPP_USR_GET_METER_VALUE.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_meter_val {
    /// In: connector, 0 for the main meter.
    pub id_con: c_int,
    /// In: what to measure.
    pub mes: ocpp_meter_measurand,
    /// Out: the value as text.
    pub val: [c_char; CISTR50],
}

/// For OCPP_USR_START_CHARGING.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_start_charge {
    /// In: who is to charge.
    pub idtag: [c_char; CISTR50],
    /// In: connector, from 1. Where the central system names none, the charge point has chosen
    /// one that is free: this is never negative.
    pub id_con: c_int,
}

/// For OCPP_USR_STOP_CHARGING.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_stop_charge {
    /// In: connector.
    pub id_con: c_int,
}

/// For OCPP_USR_UNLOCK_CONNECTOR.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_unlock_con {
    /// In: connector.
    pub id_con: c_int,
}

/// For OCPP_EVENT_CHARGING_LIMIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_charging_limit {
    /// In: connector.
    pub id_con: c_int,
    /// In: most current on each phase, in tenths of an ampere: 0 for no energy at all,
    /// OCPP_NO_LIMIT for as much as the installation allows.
    pub limit: c_int,
}

/// For OCPP_EVENT_RESET.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_reset {
    /// In: a hard reset, else a soft one.
    pub hard: bool,
}

/// For OCPP_EVENT_DATA_TRANSFER. Texts are good until the callback returns.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_data_transfer {
    /// In: whose message.
    pub vendor_id: *const c_char,
    /// In: which message, or null.
    pub message_id: *const c_char,
    /// In: what it says, or null.
    pub payload: *const c_char,
    /// Out: the data of the answer, with a zero at its end; none as long as it is empty.
    pub answer: *mut c_char,
    /// In: bytes there are for it.
    pub answer_size: usize,
}

/// For OCPP_EVENT_SETTING_CHANGED.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_setting_changed {
    /// In: the number of the setting.
    pub number: u8,
}

/// What happened to a reservation.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_reservation_state {
    /// The central system has made it, or replaced the one with its number.
    OCPP_RESERVATION_MADE,
    /// Its driver has begun to charge.
    OCPP_RESERVATION_USED,
    /// The central system has cancelled it.
    OCPP_RESERVATION_CANCELLED,
    /// Its time is over.
    OCPP_RESERVATION_EXPIRED,
    /// Its connector is broken or out of service.
    OCPP_RESERVATION_ENDED,
}

/// For OCPP_EVENT_RESERVATION.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_reservation_changed {
    /// In: connector, 0 for any of them.
    pub id_con: c_int,
    /// In: the central system's number for the reservation.
    pub id: i32,
    /// In: what happened to it.
    pub state: ocpp_reservation_state,
}

/// What a callback is about; which member is valid says the `ocpp_notify_reason`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ocpp_io_value {
    /// OCPP_USR_GET_METER_VALUE
    pub meter_val: ocpp_meter_val,
    /// OCPP_USR_START_CHARGING
    pub start_charge: ocpp_start_charge,
    /// OCPP_USR_STOP_CHARGING
    pub stop_charge: ocpp_stop_charge,
    /// OCPP_USR_UNLOCK_CONNECTOR
    pub unlock_con: ocpp_unlock_con,
}

/// What an event is about; which member is valid says the `ocpp_event`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ocpp_event_value {
    /// OCPP_EVENT_CHARGING_LIMIT
    pub charging_limit: ocpp_charging_limit,
    /// OCPP_EVENT_RESET
    pub reset: ocpp_reset,
    /// OCPP_EVENT_DATA_TRANSFER
    pub data_transfer: ocpp_data_transfer,
    /// OCPP_EVENT_SETTING_CHANGED
    pub setting_changed: ocpp_setting_changed,
    /// OCPP_EVENT_RESERVATION
    pub reservation_changed: ocpp_reservation_changed,
}

/// The charge point, as BootNotification describes it. Texts are copied; null leaves an
/// optional one out.
#[repr(C)]
pub struct ocpp_cp_info {
    /// Model, up to 20 characters.
    pub model: *mut c_char,
    /// Vendor, up to 20 characters.
    pub vendor: *mut c_char,
    /// Connectors, from 1 to CONFIG_OCPP_CONNECTORS.
    pub num_of_con: c_int,
    /// Optional: serial number of the charge point, up to 25 characters.
    pub sl_no: *mut c_char,
    /// Optional: serial number of the charge box, up to 25 characters.
    pub box_sl_no: *mut c_char,
    /// Optional: firmware version, up to 50 characters.
    pub fw_ver: *mut c_char,
    /// Optional: ICCID of the SIM card, up to 20 characters.
    pub iccid: *mut c_char,
    /// Optional: IMSI of the SIM card, up to 20 characters.
    pub imsi: *mut c_char,
    /// Optional: serial number of the main meter, up to 25 characters.
    pub meter_sl_no: *mut c_char,
    /// Optional: type of the main meter, up to 25 characters.
    pub meter_type: *mut c_char,
}

/// Number of a TLS credential of Zephyr.
#[cfg(feature = "tls")]
pub type sec_tag_t = c_int;

/// What connections with TLS are made with. They are made with it (`wss://`) where there is a list.
///
/// Behind the tags there are certificates by which that of the central system is verified
/// (TLS_CREDENTIAL_CA_CERTIFICATE), and for security profile 3 a certificate of the charge point and its
/// key (TLS_CREDENTIAL_PUBLIC_CERTIFICATE, TLS_CREDENTIAL_PRIVATE_KEY), added with tls_credential_add()
/// before ocpp_init(). A tag with both is passed over once the central system has issued a certificate.
#[cfg(feature = "tls")]
#[repr(C)]
pub struct ocpp_tls_credentials {
    /// Security tags, four at most. The list is copied.
    pub sec_tag_list: *const sec_tag_t,
    /// Optional: what the certificate of the central system has to be for, as text; null for
    /// `cs_ip`.
    pub tls_hostname: *mut c_char,
    /// Bytes of the list.
    pub sec_tag_list_size: usize,
    /// Bytes of the name. It is not looked at: the name ends with a zero.
    pub tls_hostname_size: usize,
}

/// Bytes of the shortest password of HTTP Basic authentication (OCPP-J 1.6, 6.2.2).
#[cfg(feature = "basic-auth")]
pub const OCPP_BASIC_AUTH_PASSWORD_MIN_LEN: usize = 16;

/// HTTP Basic authentication, of which security profiles 1 and 2 make use. It is copied.
#[cfg(feature = "basic-auth")]
#[repr(C)]
pub struct ocpp_basic_auth {
    /// The identity of the charge point, up to CONFIG_OCPP_BASIC_AUTH_USERNAME_MAX_LEN characters without a
    /// colon. Null for CONFIG_OCPP_AUTHORIZATION_KEY.
    pub username: *const c_char,
    /// AuthorizationKey: bytes, which need not be text.
    pub password: *const u8,
    /// How many: from OCPP_BASIC_AUTH_PASSWORD_MIN_LEN to CONFIG_OCPP_BASIC_AUTH_PASSWORD_MAX_LEN.
    pub password_len: usize,
}

/// Where the central system is. Texts are copied.
#[repr(C)]
pub struct ocpp_cs_info {
    /// IPv4 address, IPv6 address or host name.
    pub cs_ip: *mut c_char,
    /// Path of the websocket, the identity of the charge point as its last segment.
    pub ws_url: *mut c_char,
    /// TCP port.
    pub port: c_int,
    /// AF_INET, AF_INET6, or AF_UNSPEC for whichever the host name has; in newer Zephyr trees
    /// NET_AF_INET and so on. This is the type of sa_family_t and net_sa_family_t.
    pub sa_family: u16,
    /// TLS; without a list of tags the connection is made without it.
    #[cfg(feature = "tls")]
    pub creds: ocpp_tls_credentials,
    /// HTTP Basic authentication.
    #[cfg(feature = "basic-auth")]
    pub basic_auth: ocpp_basic_auth,
}

/// A session, for ocpp_session_open() and what takes its handle.
pub type ocpp_session_handle_t = *mut c_void;

/// Called when the charge point wants something from the application. It runs on a thread of
/// its own and may call every function of this API except ocpp_deinit().
///
/// @param reason why
/// @param io what about; depends on the reason
/// @param user_data what ocpp_init() was given
///
/// @return 0, or a negative error number
pub type ocpp_user_notify_callback_t = Option<
    unsafe extern "C" fn(
        reason: ocpp_notify_reason,
        io: *mut ocpp_io_value,
        user_data: *mut c_void,
    ) -> c_int,
>;

/// Called for what Zephyr's own library has no reason for. It runs on a thread of its own and may
/// call every function of this API except ocpp_deinit().
///
/// @param event what it is
/// @param value what about; depends on the event
/// @param user_data what ocpp_set_event_callback() was given
///
/// @return 0, or a negative error number; -ENOTSUP for an event that is not known
pub type ocpp_event_callback_t = Option<
    unsafe extern "C" fn(
        event: ocpp_event,
        value: *mut ocpp_event_value,
        user_data: *mut c_void,
    ) -> c_int,
>;

/// Older name of struct ocpp_cp_info.
pub type ocpp_cp_info_t = ocpp_cp_info;
/// Older name of struct ocpp_cs_info.
pub type ocpp_cs_info_t = ocpp_cs_info;
/// Older name of enum ocpp_notify_reason.
pub type ocpp_notify_reason_t = ocpp_notify_reason;
/// Older name of union ocpp_io_value.
pub type ocpp_io_value_t = ocpp_io_value;
/// Older name of enum ocpp_auth_status.
pub type ocpp_auth_status_t = ocpp_auth_status;

/// Whether the central system can be talked to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_connection_state {
    /// There is no connection.
    OCPP_CONNECTION_OFFLINE,
    /// There is one, but the central system has not accepted the charge point yet.
    OCPP_CONNECTION_PENDING,
    /// The central system has accepted the charge point.
    OCPP_CONNECTION_ONLINE,
}

/// What is wrong with a connector.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_error {
    /// No error any more.
    OCPP_ERROR_NONE,
    /// The connector can not be locked or unlocked.
    OCPP_ERROR_CONNECTOR_LOCK,
    /// Communication with the vehicle fails.
    OCPP_ERROR_EV_COMMUNICATION,
    /// The ground fault circuit interrupter has tripped.
    OCPP_ERROR_GROUND_FAILURE,
    /// Too hot.
    OCPP_ERROR_HIGH_TEMPERATURE,
    /// Hardware or software of the charge point.
    OCPP_ERROR_INTERNAL,
    /// Too much current.
    OCPP_ERROR_OVER_CURRENT,
    /// Too high voltage.
    OCPP_ERROR_OVER_VOLTAGE,
    /// The meter cannot be read.
    OCPP_ERROR_POWER_METER,
    /// The contactor does not switch.
    OCPP_ERROR_POWER_SWITCH,
    /// The reader for idTags fails.
    OCPP_ERROR_READER,
    /// Too low voltage.
    OCPP_ERROR_UNDER_VOLTAGE,
    /// The wireless network is weak.
    OCPP_ERROR_WEAK_SIGNAL,
    /// Something else; the text says what.
    OCPP_ERROR_OTHER,
}

/// Which side holds the energy back while a transaction runs.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_suspension {
    /// Neither of them.
    OCPP_SUSPENDED_NOT,
    /// The vehicle.
    OCPP_SUSPENDED_BY_EV,
    /// The charge point.
    OCPP_SUSPENDED_BY_EVSE,
}

/// The central system's answer to a data transfer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_data_transfer_status {
    /// Understood.
    OCPP_DATA_TRANSFER_ACCEPTED,
    /// Understood, but refused.
    OCPP_DATA_TRANSFER_REJECTED,
    /// It does not know the message.
    OCPP_DATA_TRANSFER_UNKNOWN_MESSAGE_ID,
    /// It does not know the vendor.
    OCPP_DATA_TRANSFER_UNKNOWN_VENDOR_ID,
}
