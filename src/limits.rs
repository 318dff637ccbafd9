//! Capacities and timeouts that a build fixes.
//!
//! Each comes from the environment variable `OCPP_<NAME>` at build time (a Zephyr build sets
//! them from Kconfig); the defaults are sized for a host. RAM grows linearly with each of them.

pub use crate::storage::records::{RECORD_LENGTH, RECORDS, RECORDS_LENGTH};

#[cfg_attr(
    not(all(feature = "security", feature = "smart-charging")),
    allow(dead_code)
)]
pub(crate) mod built {
    include!(concat!(env!("OUT_DIR"), "/limits.rs"));
}

/// Connectors a station can have (1 to 250).
pub const CONNECTORS: usize = built::CONNECTORS as usize;
/// idTags the authorization cache remembers; one that is not valid leaves first, then the one least
/// recently used.
pub const CACHE_ENTRIES: usize = built::CACHE_ENTRIES as usize;
/// Transaction messages that can wait for the central system at once.
pub const JOURNAL_SLOTS: usize = built::JOURNAL_SLOTS as usize;
/// Measurands in each of the four measurand lists (`MeterValuesSampledDataMaxLength` and so on).
pub const LIST_LENGTH: usize = built::LIST_LENGTH as usize;
/// Different readings (measurand and phase) kept for each connector.
pub const READINGS: usize = built::READINGS as usize;
/// Bytes of a DataTransfer payload that the station can hold while the application answers.
pub const DATA_LENGTH: usize = built::DATA_LENGTH as usize;
/// Settings that the application can declare as its own
/// ([`Profile::settings`](crate::station::Profile::settings)).
pub const APPLICATION_SETTINGS: usize = built::APPLICATION_SETTINGS as usize;
/// Bytes of the longest text that a setting can hold. Each setting of the application has that much
/// RAM, whatever its form.
pub const SETTING_LENGTH: usize = built::SETTING_LENGTH as usize;
/// Entries of the local authorization list (`LocalAuthListMaxLength`). Each takes four bytes of RAM, and
/// room in storage twice: for the list, and for the one that replaces it.
pub const LOCAL_LIST_ENTRIES: usize = built::LOCAL_LIST_ENTRIES as usize;
/// Bytes of the longest frame that the application can receive. It takes no RAM: what a request may ask
/// for at once follows from it.
pub const RECV_BUFFER_SIZE: usize = built::RECV_BUFFER_SIZE as usize;
/// Entries that one SendLocalList has at most (`SendLocalListMaxLength`): as many as a receive buffer has
/// room for, with everything at its longest but for escapes and white space.
pub const SEND_LOCAL_LIST_ENTRIES: usize = min(
    LOCAL_LIST_ENTRIES,
    RECV_BUFFER_SIZE.saturating_sub(SEND_LOCAL_LIST_AROUND) / SEND_LOCAL_LIST_ENTRY,
);
/// Bytes of an object ([`storage::objects`](crate::storage::objects)) in each of its records, as long
/// as [`RECORD_LENGTH`] allows it; four more are its check sum. Objects that were written with fewer
/// can be read, those with more cannot.
pub const OBJECT_CHUNK: usize = min(built::OBJECT_CHUNK as usize, RECORD_LENGTH - 4);
/// Bytes of the longest object. It takes no RAM.
pub const OBJECT_LENGTH: usize = built::OBJECT_LENGTH as usize;
/// Charging profiles that can be there at once (OCPP 1.6, 9.4.5 MaxChargingProfilesInstalled).
#[cfg(feature = "smart-charging")]
pub const CHARGING_PROFILES: usize = built::CHARGING_PROFILES as usize;
/// Periods of a charging schedule (9.4.3 ChargingScheduleMaxPeriods), as far as the application's
/// receive buffer has room for them. They take no RAM.
#[cfg(feature = "smart-charging")]
pub const CHARGING_PERIODS: usize = built::CHARGING_PERIODS as usize;
/// The highest stack level of a charging profile (9.4.1 ChargeProfileMaxStackLevel).
#[cfg(feature = "smart-charging")]
pub const MAX_STACK_LEVEL: u8 = 9;
/// Volts of the grid between a phase and neutral, by which W become A.
#[cfg(feature = "smart-charging")]
pub const NOMINAL_VOLTAGE: u32 = built::NOMINAL_VOLTAGE;
/// Bytes of the longest SetChargingProfile without white space: what a receive buffer has to have room
/// for where all of [`CHARGING_PERIODS`] are to be taken.
#[cfg(feature = "smart-charging")]
pub const CHARGING_PROFILE_REQUEST: usize =
    CHARGING_PROFILE_AROUND + CHARGING_PERIODS * CHARGING_PERIOD_REQUEST;
/// Such a request without its periods: all fields of [`v16::smart_charging`](crate::v16), each at its
/// longest, and the frame with the longest id.
#[cfg(feature = "smart-charging")]
pub(crate) const CHARGING_PROFILE_AROUND: usize = 640;
/// `{"startPeriod":2147483647,"limit":107374182.3,"numberPhases":3},`: a higher limit is taken for
/// this one, whatever its length
#[cfg(feature = "smart-charging")]
pub(crate) const CHARGING_PERIOD_REQUEST: usize = 65;
/// Bytes of the longest location that firmware is fetched from or a log is uploaded to; each of the two
/// has that much RAM.
pub const LOCATION_LENGTH: usize = built::LOCATION_LENGTH as usize;
/// Root certificates that can be installed at once (`CertificateStoreMaxLength`), each an object.
#[cfg(feature = "security")]
pub const CERTIFICATES: usize = built::CERTIFICATES as usize;
/// Places of [`Station::installed_certificate`](crate::Station::installed_certificate).
#[cfg(feature = "security")]
pub const CERTIFICATE_PLACES: usize = CERTIFICATES + 3;
/// Characters of the longest chain of certificates in a CertificateSigned
/// (`CertificateSignedMaxChainSize`): 10,000, or what the receive buffer and an object have room for.
#[cfg(feature = "security")]
pub const CERTIFICATE_CHAIN_LENGTH: usize = CHAIN;
pub(crate) const CHAIN: usize = min(
    10_000,
    min(
        OBJECT_LENGTH,
        // A line of PEM has 64 characters and a line break, of two characters in a frame.
        RECV_BUFFER_SIZE.saturating_sub(128) / 66 * 65,
    ),
);
/// Security events that can wait for the central system at once; the security log is the
/// application's.
#[cfg(feature = "security")]
pub const SECURITY_EVENTS: usize = built::SECURITY_EVENTS as usize;
/// Bytes of the longest key that [`Station::keep_key`](crate::Station::keep_key) takes.
pub const KEY_LENGTH: usize = 64;
/// Bytes of the longest CpoName: those of an organization in a certificate (RFC 5280).
#[cfg(feature = "security")]
pub(crate) const CPO_NAME_LENGTH: usize = min(64, SETTING_LENGTH);
/// Milliseconds that the answer to a change of SecurityProfile or AuthorizationKey has to leave before
/// the connection is made anew.
#[cfg(feature = "security")]
pub const RECONNECT_GRACE_MS: u64 = 1_000;
/// Failed attempts to connect with a raised security profile, and milliseconds since the first, after
/// which the one before it is used again: whichever is later.
#[cfg(feature = "security")]
pub const PROFILE_ATTEMPTS: u8 = 3;
/// See [`PROFILE_ATTEMPTS`].
#[cfg(feature = "security")]
pub const PROFILE_TIMEOUT_MS: u64 = 60_000;
/// Milliseconds that a CALL waits for its answer, unless `MessageTimeout` says otherwise.
pub const CALL_TIMEOUT_MS: u64 = built::CALL_TIMEOUT_MS as u64;
/// Milliseconds the station waits for the reading it asked for before it takes the last known.
pub const METER_TIMEOUT_MS: u64 = built::METER_TIMEOUT_MS as u64;
/// Milliseconds after a boot that the end of a transaction which a power loss cut off waits for the
/// register of its meter; without it, it ends with the register that was stored last.
pub const RECOVERY_METER_TIMEOUT_MS: u64 = built::RECOVERY_METER_TIMEOUT_MS as u64;
/// Milliseconds the application has to report how an unlock ended.
pub const UNLOCK_TIMEOUT_MS: u64 = built::UNLOCK_TIMEOUT_MS as u64;
/// Milliseconds a soft reset waits for queued messages to be delivered.
pub const SOFT_RESET_TIMEOUT_MS: u64 = built::SOFT_RESET_TIMEOUT_MS as u64;
/// Milliseconds between two saved meter registers of a running transaction, at most.
pub const TRANSACTION_SAVE_INTERVAL_MS: u64 = built::TRANSACTION_SAVE_INTERVAL_MS as u64;
/// First delay before a new connection attempt, in milliseconds, before jitter.
pub const RECONNECT_MIN_MS: u64 = built::RECONNECT_MIN_MS as u64;
/// Longest delay before a new connection attempt, in milliseconds, before jitter.
pub const RECONNECT_MAX_MS: u64 = built::RECONNECT_MAX_MS as u64;
/// Smallest transmit buffer, in bytes: any message without lists, with every string at its longest,
/// and any one configuration key. More than some 50 connectors make it grow, for
/// `ConnectorPhaseRotation`, and so do settings of the application with texts of more than some 300
/// bytes; other values are no longer than ChangeConfiguration can make them.
pub const TX_MIN: usize = max(1024, max(KEY_AROUND + ROTATION, APPLICATION_KEY));
/// `,{"key":"","readonly":false,"value":""}]}]`, and the longest name of a key.
pub(crate) const KEY_AROUND: usize = 84;
/// The same around a setting of the application, whose name has at most 50 characters, with its
/// text: two bytes of UTF-8 leave as `\u00e9`, six bytes.
pub(crate) const APPLICATION_KEY: usize = match APPLICATION_SETTINGS {
    0 => 0,
    _ => 42 + 50 + 3 * SETTING_LENGTH,
};
/// `0.NotApplicable,` for the charge point and each connector.
const ROTATION: usize = {
    let entries = CONNECTORS + 1;
    let digits = entries + entries.saturating_sub(10) + entries.saturating_sub(100);
    digits + entries * ".NotApplicable,".len()
};

/// A SendLocalList without entries: with a message id of 36 characters.
const SEND_LOCAL_LIST_AROUND: usize = 36
    + concat!(
        r#"[2,"","SendLocalList",{"listVersion":2147483647,"#,
        r#""localAuthorizationList":[],"updateType":"Differential"}]"#
    )
    .len();
/// One of its entries, with its comma and two idTags of 20 characters.
const SEND_LOCAL_LIST_ENTRY: usize = 2 * 20
    + concat!(
        r#"{"idTag":"","idTagInfo":{"expiryDate":"2026-01-01T00:00:00.000+00:00","#,
        r#""parentIdTag":"","status":"ConcurrentTx"}},"#
    )
    .len();
const _: () = assert!(
    !cfg!(feature = "local-list")
        || SEND_LOCAL_LIST_ENTRIES > 0
            && SEND_LOCAL_LIST_AROUND + SEND_LOCAL_LIST_ENTRIES * SEND_LOCAL_LIST_ENTRY
                <= RECV_BUFFER_SIZE,
    "The receive buffer has no room for a SendLocalList: raise OCPP_RECV_BUFFER_SIZE"
);

pub(crate) const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

pub(crate) const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
