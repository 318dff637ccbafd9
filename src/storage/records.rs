//! The records of a station: what each is called, how many there are of it, and how long it becomes.

use crate::{
    domain::ID_TOKEN_LENGTH,
    limits::{
        APPLICATION_SETTINGS, CACHE_ENTRIES, CHAIN, CONNECTORS, JOURNAL_SLOTS, KEY_LENGTH,
        LIST_LENGTH, LOCAL_LIST_ENTRIES, LOCATION_LENGTH, OBJECT_CHUNK, OBJECT_LENGTH, READINGS,
        SETTING_LENGTH, built, max, min,
    },
    station::Key,
};

/// Names a record; stable over firmware versions.
///
/// | record | ids | written | erased |
/// | --- | --- | --- | --- |
/// | life | 0x0000 | at every boot; when the time becomes known, then at most once an hour; with OCPP 2.0.1 before a restart | never |
/// | configuration key | 0x0100 | when ChangeConfiguration changes it | never |
/// | connector | 0x0200 | when its availability changes | never |
/// | transaction | 0x0300 | at its start, with every sample, at least every `TRANSACTION_SAVE_INTERVAL_MS` while the register moves | when its StopTransaction has been answered, if no other has taken its place |
/// | billing | 0x0400 | when StartTransaction is answered | overwritten by the next one |
/// | reservation | 0x0500 | when ReserveNow makes it | when it is used, cancelled, expired, or its connector is out of service |
/// | setting of the application | 0x0700 | when ChangeConfiguration or the operator changes it | never |
/// | file transfer | 0x0c00 | when firmware or a log is asked for, with each step of it | when the central system knows how it ended |
/// | security profile and AuthorizationKey | 0x0f00 | when ChangeConfiguration changes one; when a raised profile is in use, or given up | never |
/// | key of a certificate of the charge point | 0x0f01 to 0x0f03 | when the application makes one, or uses it from now on | when the next one takes its place |
/// | cache entry | 0x1000 | when the central system says something new of an idTag | ClearCache; when its idTag is in the local list |
/// | journal | 0x2000 | when a StartTransaction, MeterValues or StopTransaction comes to be | when it has been answered |
/// | security event | 0x4000 | when it is seen; once more when the time becomes known | when SecurityEventNotification has been answered; for one that is newer where there is no room |
///
/// What is longer than a record is an object, of a head and of chunks ([`objects`](super::objects)).
///
/// | object | heads | chunks |
/// | --- | --- | --- |
/// | charging profile: written by SetChargingProfile and RemoteStartTransaction, erased by ClearChargingProfile, with its transaction and at boot | 0x0600 to 0x063f | 0x8000 to 0xbfff |
/// | certificate | 0x0800 to 0x081f | 0xc000 to 0xdfff |
/// | local authorization list | 0x0900 | 0x3000 to 0x3fff |
/// | signed data of a meter | 0x0a00 to 0x0a1f | 0xe000 to 0xefff |
/// | request to transfer a file | 0x0b00 to 0x0b01 | 0x5000 to 0x507f |
///
/// Kept free for what is to come: 0x5080 to 0x7fff and
/// 0xf000 to 0xfffe more objects. `docs/storage.md` has the bytes of each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u16);

impl RecordId {
    /// What the charge point remembers of itself.
    pub(crate) const BOOT: Self = Self(0);

    /// One of the configuration keys.
    pub(crate) fn configuration(key: u8) -> Self {
        Self(0x0100 + u16::from(key))
    }

    /// What a connector remembers whether it charges or not.
    pub(crate) fn connector(connector: u8) -> Self {
        Self(0x0200 + u16::from(connector))
    }

    /// The running transaction of a connector.
    pub(crate) fn transaction(connector: u8) -> Self {
        Self(0x0300 + u16::from(connector))
    }

    /// The transactionId of the last transaction of a connector whose start was answered.
    pub(crate) fn assigned_id(connector: u8) -> Self {
        Self(0x0400 + u16::from(connector))
    }

    /// The reservation of a connector.
    #[cfg_attr(not(feature = "reservation"), allow(dead_code))]
    pub(crate) fn reservation(connector: u8) -> Self {
        Self(0x0500 + u16::from(connector))
    }

    /// One of the settings that the application has declared.
    pub(crate) fn application_setting(number: u8) -> Self {
        Self(0x0700 + u16::from(number))
    }

    /// How far a transfer of a file is.
    #[cfg(feature = "firmware-management")]
    pub(crate) fn transfer(number: u8) -> Self {
        Self(0x0c00 + u16::from(number))
    }

    /// Security profile and AuthorizationKey, as the central system has changed them. Erased while no
    /// station runs, those that the application declares count again: for another central system.
    #[cfg(feature = "security")]
    pub const ACCESS: Self = Self(0x0f00);

    /// The key of a certificate of the charge point.
    #[cfg(feature = "security")]
    pub(crate) fn own_key(place: u8) -> Self {
        Self(0x0f01 + u16::from(place))
    }

    /// A security event that the central system has not been told of.
    #[cfg(feature = "security")]
    pub(crate) fn security_event(slot: usize) -> Self {
        Self(0x4000 + (slot as u16 & 0x0fff))
    }

    /// An entry of the authorization cache.
    pub(crate) fn cache(slot: usize) -> Self {
        Self(0x1000 + (slot as u16 & 0x0fff))
    }

    /// A queued transaction message.
    pub(crate) fn journal(slot: usize) -> Self {
        Self(0x2000 + (slot as u16 & 0x0fff))
    }
}

/// Records of a kind, or those of objects.
#[derive(Clone, Copy)]
struct Kind {
    /// How many there are at most.
    count: usize,
    /// Bytes of the longest, where they are no object's.
    longest: usize,
    /// Bytes of all.
    bytes: usize,
}

impl Kind {
    const fn records(count: usize, longest: usize) -> Self {
        Self {
            count,
            longest,
            bytes: count * longest,
        }
    }

    /// Objects of that length, some of them twice while they are replaced.
    const fn objects(heads: usize, contents: usize, length: usize) -> Self {
        let chunks = length.div_ceil(OBJECT_CHUNK);
        Self {
            count: heads + contents * chunks,
            longest: 0,
            bytes: heads * OBJECT_HEAD + contents * (length + chunks * OBJECT_CHECK),
        }
    }

    /// Only where that is so.
    const fn when(self, condition: bool) -> Self {
        match condition {
            true => self,
            false => Self::records(0, 0),
        }
    }
}

const RECORD_KINDS: &[Kind] = &[
    Kind::records(1, BOOT),
    Kind::records(Key::NUMBERS, NUMBER),
    Kind::records(Key::LISTS, 2 * LIST_LENGTH),
    // ConnectorPhaseRotation.
    Kind::records(1, CONNECTORS + 1),
    Kind::records(CONNECTORS + 1, IN_SERVICE),
    Kind::records(CONNECTORS, TRANSACTION),
    Kind::records(CONNECTORS, ASSIGNED_ID),
    Kind::records(APPLICATION_SETTINGS, APPLICATION_SETTING).when(APPLICATION_SETTINGS > 0),
    Kind::records(CACHE_ENTRIES, CACHE_ENTRY),
    // One of each connector and one of any of them.
    Kind::records(CONNECTORS + 1, RESERVATION).when(cfg!(feature = "reservation")),
    Kind::records(JOURNAL_SLOTS, max(START, READINGS_AROUND + 6 * READINGS)),
    // Of firmware and of a log.
    Kind::records(2, TRANSFER_STATE).when(cfg!(feature = "firmware-management")),
    // Security profile and AuthorizationKey, CpoName, and the keys of certificates.
    Kind::records(1, 43).when(cfg!(feature = "security")),
    Kind::records(1, 1 + min(64, SETTING_LENGTH)).when(cfg!(feature = "security")),
    Kind::records(3, 1 + KEY_LENGTH).when(cfg!(feature = "security")),
    Kind::records(built::SECURITY_EVENTS as usize, SECURITY_EVENT).when(cfg!(feature = "security")),
];

/// Of each, with what is there twice while it is replaced.
const OBJECT_KINDS: &[Kind] = &[
    Kind::objects(1, 2, LOCAL_LIST_LENGTH).when(cfg!(feature = "local-list")),
    // Requests for firmware and for a log.
    Kind::objects(2, 3, TRANSFER_AROUND + LOCATION_LENGTH)
        .when(cfg!(feature = "firmware-management")),
    // What a firmware is signed with.
    Kind::objects(2, 3, SIGNING).when(cfg!(feature = "security")),
    // Installed certificates, and a root that no connection was made with yet.
    Kind::objects(CERTIFICATES + 1, CERTIFICATES + 1, CERTIFICATE).when(cfg!(feature = "security")),
    // The chain of the charge point, another one, and a chain that is looked at.
    Kind::objects(3, 4, OWN_CHAIN).when(cfg!(feature = "security")),
    Kind::objects(PROFILES, PROFILES + 1, PROFILE).when(cfg!(feature = "smart-charging")),
];

/// Longest stored record, in bytes.
pub const RECORD_LENGTH: usize = {
    let longest = 64 + EVENT + LONGER_TOKEN + 6 * max(LIST_LENGTH, READINGS);
    max(longest, sum(RECORD_KINDS).longest)
};
/// Records that a station has at most.
pub const RECORDS: usize = sum(RECORD_KINDS).count + sum(OBJECT_KINDS).count;
/// Bytes of all of them, each at its longest, without what a medium adds to it.
pub const RECORDS_LENGTH: usize = sum(RECORD_KINDS).bytes + sum(OBJECT_KINDS).bytes;

const fn sum(mut kinds: &[Kind]) -> Kind {
    let mut sum = Kind::records(0, 0);
    while let [kind, rest @ ..] = kinds {
        sum.count += kind.count;
        sum.longest = max(sum.longest, kind.longest);
        sum.bytes += kind.bytes;
        kinds = rest;
    }
    sum
}

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
const RESERVATION: usize = 59 + 2 * LONGER_TOKEN;
/// A start names the reservation that it uses.
const START_BY_RESERVATION: usize = if cfg!(feature = "reservation") { 4 } else { 0 };
const START: usize = 60 + EVENT + LONGER_TOKEN + START_BY_RESERVATION;
const READINGS_AROUND: usize = 32 + EVENT;
/// How far a transfer of a file is, and what a request for one says besides its location.
pub(crate) const TRANSFER_STATE: usize = if cfg!(feature = "security") { 21 } else { 16 };
pub(crate) const TRANSFER_AROUND: usize = if cfg!(feature = "security") { 42 } else { 37 };
/// A security event.
pub(crate) const SECURITY_EVENT: usize = 59;
const OBJECT_HEAD: usize = 19;
const OBJECT_CHECK: usize = 4;
/// What stands before it, its location, signature and certificate.
const SIGNING: usize = min(34 + LOCATION_LENGTH + 801 + 5500, OBJECT_LENGTH);
const CERTIFICATES: usize = built::CERTIFICATES as usize;
/// With what names it.
const CERTIFICATE: usize = min(CERTIFICATE_AROUND + 5500, OBJECT_LENGTH);
const CERTIFICATE_AROUND: usize = 302;
const OWN_CHAIN: usize = min(CERTIFICATE_AROUND + CHAIN, OBJECT_LENGTH);
const PROFILES: usize = built::CHARGING_PROFILES as usize;
const PROFILE: usize = PROFILE_HEADER + built::CHARGING_PERIODS as usize * PROFILE_PERIOD;
/// Bytes of a stored charging profile without its periods, and of each of these.
pub(crate) const PROFILE_HEADER: usize = 56;
pub(crate) const PROFILE_PERIOD: usize = 8;

/// What OCPP 2.0.1 adds to several of them: what a message says as an event, how far a transaction has
/// been told of, and 36 characters of a token instead of 20.
const EVENT: usize = if cfg!(feature = "v201") { 21 } else { 0 };
const SAVED_EVENTS: usize = if cfg!(feature = "v201") { 12 } else { 0 };
const LONGER_TOKEN: usize = ID_TOKEN_LENGTH - 20;
