//! The station's own settings: one table of what describes each of them, by the names of the
//! configuration keys of OCPP 1.6, by which an operator knows them in every version. A dialect that has
//! others has a table of its own.

#[cfg(feature = "security")]
use super::setting::Mutability::WriteOnly;
use super::{
    setting::Mutability::{self, ReadOnly, ReadWrite},
    table::{Form, List, Own, Row},
};
#[cfg(feature = "security")]
use crate::limits::{CERTIFICATE_CHAIN_LENGTH, CERTIFICATES, CPO_NAME_LENGTH};
#[cfg(feature = "smart-charging")]
use crate::limits::{CHARGING_PERIODS, CHARGING_PROFILES, MAX_STACK_LEVEL};
#[cfg(feature = "local-list")]
use crate::limits::{LOCAL_LIST_ENTRIES, SEND_LOCAL_LIST_ENTRIES};
use crate::{
    domain::Measurand,
    limits::{CALL_TIMEOUT_MS, CONNECTORS, LIST_LENGTH},
    storage::RecordId,
    wire::Text,
};

/// The feature profiles of this build (3.3).
pub(in crate::station) const PROFILES: &[&str] = &[
    "Core",
    #[cfg(feature = "firmware-management")]
    "FirmwareManagement",
    #[cfg(feature = "local-list")]
    "LocalAuthListManagement",
    "RemoteTrigger",
    #[cfg(feature = "reservation")]
    "Reservation",
    #[cfg(feature = "security")]
    "Security",
    #[cfg(feature = "smart-charging")]
    "SmartCharging",
];
/// Names a GetConfiguration may ask for at once.
pub(in crate::station) const GET_CONFIGURATION_MAX_KEYS: i32 = 64;
const DAY_S: i32 = 86_400;
/// The build's time-out in whole seconds: the default of `MessageTimeout`.
const MESSAGE_TIMEOUT: i32 = CALL_TIMEOUT_MS.div_ceil(1000) as i32;

macro_rules! keys {
    ($( $(#[$doc:meta])* $key:ident = $id:literal $mutability:ident $form:expr
        $(, needs_reboot: $needs_reboot:literal)? $(, feature: $feature:literal)?; )+) => {
        /// A setting of the station's own, by its name as a configuration key of OCPP 1.6 (9.1 Core
        /// Profile, 9.4 Smart Charging Profile).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Key { $( $(#[$doc])* $(#[cfg(feature = $feature)])? $key ),+ }

        impl Key {
            /// Every key, by name.
            pub const ALL: &'static [Self] = &[$($(#[cfg(feature = $feature)])? Self::$key),+];
            /// The names, in the order of [`Self::ALL`].
            pub const NAMES: &'static [&'static str] =
                &[$($(#[cfg(feature = $feature)])? stringify!($key)),+];
            /// What describes each, in the order of [`Self::ALL`].
            pub(in crate::station) const TABLE: &'static [Own] = &[$($(#[cfg(feature = $feature)])? Own {
                record: $id,
                form: $form,
                mutability: $mutability,
                needs_reboot: false $(| $needs_reboot)?,
            }),+];
        }
    };
}

// The number behind a name is that of its stored record: it never changes and is never reused.
keys! {
    /// A new root for central systems has to be signed by the one that it replaces (security
    /// whitepaper, 3).
    AdditionalRootCertificateCheck = 85 ReadOnly Form::Flag(false), feature: "security";
    /// Start for an unknown idTag while offline (9.1.1).
    AllowOfflineTxForUnknownId = 0 ReadWrite Form::Flag(false);
    /// Remember what the central system says of idTags (9.1.2).
    AuthorizationCacheEnabled = 1 ReadWrite Form::Flag(true);
    /// The password of Basic authentication: 32 to 40 hexadecimal digits for its bytes, or 16 to 40
    /// bytes of text (security whitepaper, 3).
    AuthorizationKey = 81 WriteOnly Form::Secret, feature: "security";
    /// Authorize the idTag of a RemoteStartTransaction (9.1.3).
    AuthorizeRemoteTxRequests = 2 ReadWrite Form::Flag(false);
    /// Times to blink the lights; for the application (9.1.4).
    BlinkRepeat = 3 ReadWrite Form::Number(0, 1_000, 3);
    /// Characters of the longest chain in a CertificateSigned (security whitepaper, 3): as many as the
    /// application's receive buffer has room for.
    CertificateSignedMaxChainSize = 83 ReadOnly Form::Fixed(CERTIFICATE_CHAIN_LENGTH as i32), feature: "security";
    /// Root certificates that can be installed at once (security whitepaper, 3).
    CertificateStoreMaxLength = 84 ReadOnly Form::Fixed(CERTIFICATES as i32), feature: "security";
    /// The highest stack level of a charging profile (9.4.1).
    ChargeProfileMaxStackLevel = 60 ReadOnly Form::Fixed(MAX_STACK_LEVEL as i32), feature: "smart-charging";
    /// What the limits of a charging schedule may be given in (9.4.2).
    ChargingScheduleAllowedChargingRateUnit = 61 ReadOnly Form::Word("Current,Power"), feature: "smart-charging";
    /// Periods that a charging schedule may have (9.4.3): as many as the application's receive buffer
    /// has room for, should that be less than the build's.
    ChargingScheduleMaxPeriods = 62 ReadOnly Form::Fixed(CHARGING_PERIODS as i32), feature: "smart-charging";
    /// Seconds between clock-aligned samples, 0 for none (9.1.5).
    ClockAlignedDataInterval = 4 ReadWrite Form::Number(0, DAY_S, 0);
    /// Seconds that one half of plug and idTag waits for the other, 0 for ever (9.1.6).
    ConnectionTimeOut = 5 ReadWrite Form::Number(0, DAY_S, 60);
    /// How the phases of each connector are wired (9.1.7).
    ConnectorPhaseRotation = 6 ReadWrite Form::Rotation;
    /// Entries of ConnectorPhaseRotation (9.1.8).
    ConnectorPhaseRotationMaxLength = 7 ReadOnly Form::Fixed(CONNECTORS as i32 + 1);
    /// A connector can go from three phases to one while a vehicle charges (9.4.4).
    ConnectorSwitch3to1PhaseSupported = 63 ReadOnly Form::Flag(false), feature: "smart-charging";
    /// Who operates the charge point: the organization in its certificates (security whitepaper, 3).
    CpoName = 82 ReadWrite Form::Text(0, CPO_NAME_LENGTH as u16, ""), feature: "security";
    /// Keys that a GetConfiguration may ask for (9.1.9).
    GetConfigurationMaxKeys = 8 ReadOnly Form::Fixed(GET_CONFIGURATION_MAX_KEYS);
    /// Seconds of silence before a Heartbeat (9.1.10).
    HeartbeatInterval = 9 ReadWrite Form::Number(1, i32::MAX, 300);
    /// Percent; for the application (9.1.11).
    LightIntensity = 10 ReadWrite Form::Number(0, 100, 100);
    /// The local authorization list is used, and can be sent (9.2.1).
    LocalAuthListEnabled = 36 ReadWrite Form::Flag(true), feature: "local-list";
    /// Entries of the local authorization list (9.2.2).
    LocalAuthListMaxLength = 37 ReadOnly Form::Fixed(LOCAL_LIST_ENTRIES as i32), feature: "local-list";
    /// Start for a known idTag while offline (9.1.12).
    LocalAuthorizeOffline = 11 ReadWrite Form::Flag(true);
    /// Start for a known idTag without asking (9.1.13).
    LocalPreAuthorize = 12 ReadWrite Form::Flag(false);
    /// Charging profiles that can be there at once (9.4.5).
    MaxChargingProfilesInstalled = 64 ReadOnly Form::Fixed(CHARGING_PROFILES as i32), feature: "smart-charging";
    /// Wh that may still flow after a start was refused (9.1.14).
    MaxEnergyOnInvalidId = 13 ReadWrite Form::Number(0, i32::MAX, 0);
    /// Seconds that a CALL waits for its answer (errata 3.83).
    MessageTimeout = 34 ReadWrite Form::Number(1, 600, MESSAGE_TIMEOUT);
    /// Measurands of clock-aligned samples (9.1.15).
    MeterValuesAlignedData = 14 ReadWrite Form::Measurands(List::Aligned, &[Measurand::EnergyActiveImportRegister]);
    /// Entries of MeterValuesAlignedData (9.1.16).
    MeterValuesAlignedDataMaxLength = 15 ReadOnly Form::Fixed(LIST_LENGTH as i32);
    /// Measurands of periodic samples (9.1.17).
    MeterValuesSampledData = 16 ReadWrite Form::Measurands(List::Sampled, &[Measurand::EnergyActiveImportRegister]);
    /// Entries of MeterValuesSampledData (9.1.18).
    MeterValuesSampledDataMaxLength = 17 ReadOnly Form::Fixed(LIST_LENGTH as i32);
    /// Seconds between periodic samples of a transaction, 0 for none (9.1.19).
    MeterValueSampleInterval = 18 ReadWrite Form::Number(0, DAY_S, 60);
    /// Seconds a status must last to be reported (9.1.20).
    MinimumStatusDuration = 19 ReadWrite Form::Number(0, DAY_S, 0);
    /// Connectors of this charge point (9.1.21).
    NumberOfConnectors = 20 ReadOnly Form::Connectors;
    /// A reservation may be of any connector, as that of connector 0 (9.3.1).
    ReserveConnectorZeroSupported = 39 ReadOnly Form::Flag(true), feature: "reservation";
    /// Further tries of a reset that failed (9.1.22).
    ResetRetries = 21 ReadWrite Form::Number(0, 100, 3);
    /// How connections are secured, 0 to 3; it can only be raised (security whitepaper, 2 and 3).
    SecurityProfile = 80 ReadWrite Form::Access, feature: "security";
    /// Entries of one SendLocalList (9.2.3).
    SendLocalListMaxLength = 38 ReadOnly Form::Fixed(SEND_LOCAL_LIST_ENTRIES as i32), feature: "local-list";
    /// Values in one transactionData, at most (errata 3.91): what the transmit buffer has room for,
    /// of one measurand each; more go out before it.
    StopTransactionMaxMeterValues = 35 ReadOnly Form::Fixed(0);
    /// Unplugging from the vehicle ends the transaction (9.1.23).
    StopTransactionOnEVSideDisconnect = 22 ReadWrite Form::Flag(true);
    /// A refused start ends the transaction (9.1.24).
    StopTransactionOnInvalidId = 23 ReadWrite Form::Flag(true);
    /// Measurands of clock-aligned samples in StopTransaction (9.1.25).
    StopTxnAlignedData = 24 ReadWrite Form::Measurands(List::StopAligned, &[]);
    /// Entries of StopTxnAlignedData (9.1.26).
    StopTxnAlignedDataMaxLength = 25 ReadOnly Form::Fixed(LIST_LENGTH as i32);
    /// Measurands of periodic samples in StopTransaction (9.1.27).
    StopTxnSampledData = 26 ReadWrite Form::Measurands(List::StopSampled, &[]);
    /// Entries of StopTxnSampledData (9.1.28).
    StopTxnSampledDataMaxLength = 27 ReadOnly Form::Fixed(LIST_LENGTH as i32);
    /// Feature profiles of this charge point (9.1.29).
    SupportedFeatureProfiles = 28 ReadOnly Form::Profiles;
    /// Entries of SupportedFeatureProfiles (9.1.30).
    SupportedFeatureProfilesMaxLength = 29 ReadOnly Form::Fixed(PROFILES.len() as i32);
    /// How firmware is fetched and logs are delivered, as the application says (errata).
    SupportedFileTransferProtocols = 50 ReadOnly Form::Protocols, feature: "firmware-management";
    /// Tries to deliver a transaction message the central system fails on (9.1.31).
    TransactionMessageAttempts = 30 ReadWrite Form::Number(1, 100, 3);
    /// Seconds between these tries, times the tries so far (9.1.32).
    TransactionMessageRetryInterval = 31 ReadWrite Form::Number(0, DAY_S, 60);
    /// Unplugging from the vehicle unlocks the cable here (9.1.33).
    UnlockConnectorOnEVSideDisconnect = 32 ReadWrite Form::Flag(true);
    /// Seconds between websocket pings, 0 for none; for the transport (9.1.34).
    WebSocketPingInterval = 33 ReadWrite Form::Number(0, DAY_S, 30);
}

impl Key {
    /// How many are stored as a number, and how many as a list of measurands.
    pub(crate) const NUMBERS: usize = Self::stored(false);
    pub(crate) const LISTS: usize = Self::stored(true);

    const fn stored(lists: bool) -> usize {
        let (mut count, mut rows) = (0, Self::TABLE);
        while let [row, rest @ ..] = rows {
            count += match (row.mutability, row.form) {
                (ReadWrite, Form::Flag(_) | Form::Number(..)) if !lists => 1,
                (ReadWrite, Form::Measurands(..)) if lists => 1,
                _ => 0,
            };
            rows = rest;
        }
        count
    }

    /// The name, which is compared without case (`CiString50`).
    pub fn name(self) -> &'static str {
        Self::NAMES.get(self as usize).copied().unwrap_or("")
    }

    /// The key with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut keys = Self::ALL.iter().copied();
        keys.find(|key| name.eq_ignore_ascii_case(key.name()))
    }

    /// The key with that name as it stands in a frame.
    pub fn from_text(name: Text<'_>) -> Option<Self> {
        match name.plain() {
            Some(name) => Self::from_name(name),
            None => Self::ALL.iter().copied().find(|key| name.is_ci(key.name())),
        }
    }

    /// True when ChangeConfiguration is refused whatever the value.
    pub fn is_read_only(self) -> bool {
        self.row().mutability == Mutability::ReadOnly
    }

    /// Who may read and change it.
    pub fn mutability(self) -> Mutability {
        self.row().mutability
    }

    /// What describes it.
    pub(in crate::station) fn row(self) -> Row<'static> {
        // Every key has one.
        let own = Self::TABLE.get(self as usize).unwrap_or(&Own::NONE);
        Row {
            place: self as u16,
            record: RecordId::configuration(own.record),
            form: own.form,
            mutability: own.mutability,
            needs_reboot: own.needs_reboot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_can_be_set_has_room_in_storage() {
        let keys = Key::ALL.iter().filter(|key| !key.is_read_only());
        // ConnectorPhaseRotation, and those that the security whitepaper adds.
        let others = 1 + if cfg!(feature = "security") { 3 } else { 0 };
        assert_eq!(keys.count(), Key::NUMBERS + Key::LISTS + others);
    }

    #[test]
    fn record_numbers_are_unique() {
        for (place, row) in Key::TABLE.iter().enumerate() {
            let mut others = Key::TABLE.iter().skip(place + 1);
            assert!(others.all(|other| other.record != row.record), "{row:?}");
        }
    }
}
