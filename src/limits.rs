//! Capacities and timeouts that a build fixes.
//!
//! Each comes from the environment variable `OCPP_<NAME>` at build time (a Zephyr build sets
//! them from Kconfig); the defaults are sized for a host. RAM grows linearly with each of them.

use crate::domain::ID_TOKEN_LENGTH;

#[cfg_attr(
    not(all(feature = "security", feature = "smart-charging")),
    allow(dead_code)
)]
mod built {
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
const CHAIN: usize = min(
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

/// Longest stored record, in bytes.
pub const RECORD_LENGTH: usize = max(
    max(
        64 + EVENT + LONGER_TOKEN + 6 * max(LIST_LENGTH, READINGS),
        CONNECTORS + 1,
    ),
    match APPLICATION_SETTINGS {
        0 => 0,
        _ => APPLICATION_SETTING,
    },
);
/// Records that a station has at most.
pub const RECORDS: usize = 1
    + NUMBERS
    + LISTS
    + 1
    + (CONNECTORS + 1)
    + 2 * CONNECTORS
    + APPLICATION_SETTINGS
    + CACHE_ENTRIES
    + LOCAL_LIST_RECORDS
    + RESERVATIONS
    + TRANSFER_RECORDS
    + JOURNAL_SLOTS
    + SECURITY_RECORDS
    + PROFILE_RECORDS;
/// Bytes of all of them, each at its longest, without what a medium adds to it.
pub const RECORDS_LENGTH: usize = BOOT
    + NUMBERS * NUMBER
    + LISTS * 2 * LIST_LENGTH
    + (CONNECTORS + 1)
    + (CONNECTORS + 1) * IN_SERVICE
    + CONNECTORS * (TRANSACTION + ASSIGNED_ID)
    + APPLICATION_SETTINGS * APPLICATION_SETTING
    + CACHE_ENTRIES * CACHE_ENTRY
    + LOCAL_LIST_RECORDS_LENGTH
    + RESERVATIONS * RESERVATION
    + TRANSFERS_LENGTH
    + JOURNAL_SLOTS * max(START, READINGS_AROUND + 6 * READINGS)
    + SECURITY_RECORDS_LENGTH
    + PROFILE_RECORDS_LENGTH;

/// Configuration keys that are stored as a number, and those that are lists of measurands.
pub(crate) const NUMBERS: usize = 21 + LOCAL_LIST_NUMBERS;
pub(crate) const LISTS: usize = 4;

// The longest of each record: docs/storage.md has what is in them.
const BOOT: usize = if cfg!(feature = "v201") { 14 } else { 13 };
const IN_SERVICE: usize = if cfg!(feature = "v201") { 2 } else { 1 };
const NUMBER: usize = 4;
const TRANSACTION: usize = 41 + LONGER_TOKEN + SAVED_EVENTS;
const ASSIGNED_ID: usize = 46;
const APPLICATION_SETTING: usize = 1 + max(NUMBER, SETTING_LENGTH);
const CACHE_ENTRY: usize = 55 + 2 * LONGER_TOKEN;
/// An entry of the local list, and what stands before the first.
pub(crate) const LISTED: usize = 11 + 2 * ID_TOKEN_LENGTH;
pub(crate) const LIST_HEADER: usize = 6;
/// Bytes of the local list at its longest.
pub(crate) const LOCAL_LIST_LENGTH: usize = LIST_HEADER + LOCAL_LIST_ENTRIES * LISTED;
const LOCAL_LIST_CHUNKS: usize = LOCAL_LIST_LENGTH.div_ceil(OBJECT_CHUNK);
/// Its head, and its chunks with those of the list that replaces it.
const LOCAL_LIST_RECORDS: usize = if_local_list(1 + 2 * LOCAL_LIST_CHUNKS);
const LOCAL_LIST_RECORDS_LENGTH: usize =
    if_local_list(OBJECT_HEAD + 2 * (LOCAL_LIST_LENGTH + LOCAL_LIST_CHUNKS * OBJECT_CHECK));
const LOCAL_LIST_NUMBERS: usize = if_local_list(1);
const OBJECT_HEAD: usize = 19;
const OBJECT_CHECK: usize = 4;
/// One of each connector and one of any of them, with the feature `reservation`; a start names it.
const RESERVATIONS: usize = if cfg!(feature = "reservation") {
    CONNECTORS + 1
} else {
    0
};
const RESERVATION: usize = 59 + 2 * LONGER_TOKEN;
const START_BY_RESERVATION: usize = if cfg!(feature = "reservation") { 4 } else { 0 };
const START: usize = 60 + EVENT + LONGER_TOKEN + START_BY_RESERVATION;
const READINGS_AROUND: usize = 32 + EVENT;

/// Charging profiles are objects: a head and chunks for each, and the chunks of one that replaces
/// another.
#[cfg(feature = "smart-charging")]
const PROFILE_RECORDS: usize = CHARGING_PROFILES + (CHARGING_PROFILES + 1) * PROFILE_CHUNKS;
#[cfg(feature = "smart-charging")]
const PROFILE_RECORDS_LENGTH: usize =
    CHARGING_PROFILES * 19 + (CHARGING_PROFILES + 1) * (PROFILE + 4 * PROFILE_CHUNKS);
#[cfg(feature = "smart-charging")]
const PROFILE_CHUNKS: usize = PROFILE.div_ceil(OBJECT_CHUNK);
#[cfg(feature = "smart-charging")]
const PROFILE: usize = PROFILE_HEADER + CHARGING_PERIODS * PROFILE_PERIOD;
/// Bytes of a stored charging profile without its periods, and of each of these.
#[cfg(feature = "smart-charging")]
pub(crate) const PROFILE_HEADER: usize = 56;
#[cfg(feature = "smart-charging")]
pub(crate) const PROFILE_PERIOD: usize = 8;
#[cfg(not(feature = "smart-charging"))]
const PROFILE_RECORDS: usize = 0;
#[cfg(not(feature = "smart-charging"))]
const PROFILE_RECORDS_LENGTH: usize = 0;
/// How far a transfer of a file is, and what a request for one says besides its location.
pub(crate) const TRANSFER_STATE: usize = if cfg!(feature = "security") { 21 } else { 16 };
pub(crate) const TRANSFER_AROUND: usize = if cfg!(feature = "security") { 42 } else { 37 };
/// Chunks of such a request; its head has 19 bytes, and each chunk 4 besides.
const TRANSFER_CHUNKS: usize = (TRANSFER_AROUND + LOCATION_LENGTH).div_ceil(OBJECT_CHUNK);
const TRANSFER_REQUEST: usize = TRANSFER_AROUND + LOCATION_LENGTH + 4 * TRANSFER_CHUNKS;
/// Of firmware and of a log, and the chunks of one that is replaced.
const TRANSFER_RECORDS: usize = match cfg!(feature = "firmware-management") {
    true => 2 * (2 + TRANSFER_CHUNKS) + TRANSFER_CHUNKS,
    false => 0,
};
const TRANSFERS_LENGTH: usize = match cfg!(feature = "firmware-management") {
    true => 2 * (TRANSFER_STATE + 19 + TRANSFER_REQUEST) + TRANSFER_REQUEST,
    false => 0,
};

/// A security event.
pub(crate) const SECURITY_EVENT: usize = 59;
/// What a firmware is signed with: what stands before it, its location, signature and certificate; in
/// either of two places, and while one is replaced.
const SIGNING: usize = min(34 + LOCATION_LENGTH + 801 + 5500, OBJECT_LENGTH);
const SIGNING_CHUNKS: usize = SIGNING.div_ceil(OBJECT_CHUNK);
/// An installed certificate with what names it, and a root that no connection was made with yet; the chain of
/// the charge point with that, another one, and a chain that is looked at; and one of these three while it is
/// replaced.
const CERTIFICATE: usize = min(CERTIFICATE_AROUND + 5500, OBJECT_LENGTH);
const CERTIFICATE_AROUND: usize = 302;
const CERTIFICATE_CHUNKS: usize = CERTIFICATE.div_ceil(OBJECT_CHUNK);
const OWN_CHAIN: usize = min(CERTIFICATE_AROUND + CHAIN, OBJECT_LENGTH);
const CHAIN_CHUNKS: usize = OWN_CHAIN.div_ceil(OBJECT_CHUNK);
const CERTIFICATE_RECORDS: usize =
    (built::CERTIFICATES as usize + 1) * (1 + CERTIFICATE_CHUNKS) + 3 + 4 * CHAIN_CHUNKS;
const CERTIFICATES_LENGTH: usize = (built::CERTIFICATES as usize + 1)
    * (OBJECT_HEAD + CERTIFICATE + CERTIFICATE_CHUNKS * OBJECT_CHECK)
    + 3 * OBJECT_HEAD
    + 4 * (OWN_CHAIN + CHAIN_CHUNKS * OBJECT_CHECK);
/// Security profile and AuthorizationKey, CpoName, three keys, security events, and what firmware is signed
/// with.
const SECURITY_RECORDS: usize = match cfg!(feature = "security") {
    true => 5 + built::SECURITY_EVENTS as usize + 2 + 3 * SIGNING_CHUNKS + CERTIFICATE_RECORDS,
    false => 0,
};
const SECURITY_RECORDS_LENGTH: usize = match cfg!(feature = "security") {
    true => {
        43 + 1
            + min(64, SETTING_LENGTH)
            + 3 * (1 + KEY_LENGTH)
            + built::SECURITY_EVENTS as usize * SECURITY_EVENT
            + 2 * OBJECT_HEAD
            + 3 * (SIGNING + SIGNING_CHUNKS * OBJECT_CHECK)
            + CERTIFICATES_LENGTH
    }
    false => 0,
};

/// What OCPP 2.0.1 adds to several of them: what a message says as an event, how far a transaction has
/// been told of, and 36 characters of a token instead of 20.
const EVENT: usize = if cfg!(feature = "v201") { 21 } else { 0 };
const SAVED_EVENTS: usize = if cfg!(feature = "v201") { 12 } else { 0 };
const LONGER_TOKEN: usize = ID_TOKEN_LENGTH - 20;

const fn if_local_list(number: usize) -> usize {
    if cfg!(feature = "local-list") {
        number
    } else {
        0
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
