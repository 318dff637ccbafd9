//! Configuration keys (OCPP 1.6, 9): one table of their names, stored numbers and forms.

use crate::{
    domain::Measurand,
    limits::{CALL_TIMEOUT_MS, CONNECTORS, LIST_LENGTH},
    storage::RecordId,
    wire::Text,
};

/// Longest list of feature profiles that `SupportedFeatureProfiles` could say.
pub(in crate::station) const PROFILES: [&str; 2] = ["Core", "RemoteTrigger"];
/// Names a GetConfiguration may ask for at once.
pub(in crate::station) const GET_CONFIGURATION_MAX_KEYS: u32 = 64;
const DAY_S: u32 = 86_400;
/// The build's time-out in whole seconds: the default of `MessageTimeout`.
const MESSAGE_TIMEOUT: u32 = CALL_TIMEOUT_MS.div_ceil(1000) as u32;

/// What values a key takes.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) enum Form {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number from one to another, with its default.
    Number(u32, u32, u32),
    /// A whole number that the build or the application fixes.
    Fixed(u32),
    /// A list of measurands, the first in it by default.
    Measurands(List, &'static [Measurand]),
    /// `ConnectorPhaseRotation`.
    Rotation,
    /// `NumberOfConnectors`.
    Connectors,
    /// `SupportedFeatureProfiles`.
    Profiles,
}

/// The four lists of measurands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::station) enum List {
    Aligned,
    Sampled,
    StopAligned,
    StopSampled,
}

macro_rules! keys {
    ($( $(#[$doc:meta])* $key:ident = $id:literal $form:expr; )+) => {
        /// A configuration key of OCPP 1.6 (9.1 Core Profile).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Key { $( $(#[$doc])* $key ),+ }

        impl Key {
            /// Every key, by name.
            pub const ALL: &'static [Self] = &[$(Self::$key),+];
            /// The names, in the order of [`Self::ALL`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($key)),+];
            pub(in crate::station) const TABLE: &'static [(&'static str, u8, Form)] =
                &[$((stringify!($key), $id, $form)),+];
        }
    };
}

// The number behind a name is that of its stored record: it never changes and is never reused.
keys! {
    /// Start for an unknown idTag while offline (9.1.1).
    AllowOfflineTxForUnknownId = 0 Form::Flag(false);
    /// Remember what the central system says of idTags (9.1.2).
    AuthorizationCacheEnabled = 1 Form::Flag(true);
    /// Authorize the idTag of a RemoteStartTransaction (9.1.3).
    AuthorizeRemoteTxRequests = 2 Form::Flag(false);
    /// Times to blink the lights; for the application (9.1.4).
    BlinkRepeat = 3 Form::Number(0, 1_000, 3);
    /// Seconds between clock-aligned samples, 0 for none (9.1.5).
    ClockAlignedDataInterval = 4 Form::Number(0, DAY_S, 0);
    /// Seconds that one half of plug and idTag waits for the other, 0 for ever (9.1.6).
    ConnectionTimeOut = 5 Form::Number(0, DAY_S, 60);
    /// How the phases of each connector are wired (9.1.7).
    ConnectorPhaseRotation = 6 Form::Rotation;
    /// Entries of ConnectorPhaseRotation (9.1.8).
    ConnectorPhaseRotationMaxLength = 7 Form::Fixed(CONNECTORS as u32 + 1);
    /// Keys that a GetConfiguration may ask for (9.1.9).
    GetConfigurationMaxKeys = 8 Form::Fixed(GET_CONFIGURATION_MAX_KEYS);
    /// Seconds of silence before a Heartbeat (9.1.10).
    HeartbeatInterval = 9 Form::Number(1, i32::MAX as u32, 300);
    /// Percent; for the application (9.1.11).
    LightIntensity = 10 Form::Number(0, 100, 100);
    /// Start for a known idTag while offline (9.1.12).
    LocalAuthorizeOffline = 11 Form::Flag(true);
    /// Start for a known idTag without asking (9.1.13).
    LocalPreAuthorize = 12 Form::Flag(false);
    /// Wh that may still flow after a start was refused (9.1.14).
    MaxEnergyOnInvalidId = 13 Form::Number(0, i32::MAX as u32, 0);
    /// Seconds that a CALL waits for its answer (errata 3.83).
    MessageTimeout = 34 Form::Number(1, 600, MESSAGE_TIMEOUT);
    /// Measurands of clock-aligned samples (9.1.15).
    MeterValuesAlignedData = 14 Form::Measurands(List::Aligned, &[Measurand::EnergyActiveImportRegister]);
    /// Entries of MeterValuesAlignedData (9.1.16).
    MeterValuesAlignedDataMaxLength = 15 Form::Fixed(LIST_LENGTH as u32);
    /// Measurands of periodic samples (9.1.17).
    MeterValuesSampledData = 16 Form::Measurands(List::Sampled, &[Measurand::EnergyActiveImportRegister]);
    /// Entries of MeterValuesSampledData (9.1.18).
    MeterValuesSampledDataMaxLength = 17 Form::Fixed(LIST_LENGTH as u32);
    /// Seconds between periodic samples of a transaction, 0 for none (9.1.19).
    MeterValueSampleInterval = 18 Form::Number(0, DAY_S, 60);
    /// Seconds a status must last to be reported (9.1.20).
    MinimumStatusDuration = 19 Form::Number(0, DAY_S, 0);
    /// Connectors of this charge point (9.1.21).
    NumberOfConnectors = 20 Form::Connectors;
    /// Further tries of a reset that failed (9.1.22).
    ResetRetries = 21 Form::Number(0, 100, 3);
    /// Values in one transactionData, at most (errata 3.91): what the transmit buffer has room for,
    /// of one measurand each; more go out before it.
    StopTransactionMaxMeterValues = 35 Form::Fixed(0);
    /// Unplugging from the vehicle ends the transaction (9.1.23).
    StopTransactionOnEVSideDisconnect = 22 Form::Flag(true);
    /// A refused start ends the transaction (9.1.24).
    StopTransactionOnInvalidId = 23 Form::Flag(true);
    /// Measurands of clock-aligned samples in StopTransaction (9.1.25).
    StopTxnAlignedData = 24 Form::Measurands(List::StopAligned, &[]);
    /// Entries of StopTxnAlignedData (9.1.26).
    StopTxnAlignedDataMaxLength = 25 Form::Fixed(LIST_LENGTH as u32);
    /// Measurands of periodic samples in StopTransaction (9.1.27).
    StopTxnSampledData = 26 Form::Measurands(List::StopSampled, &[]);
    /// Entries of StopTxnSampledData (9.1.28).
    StopTxnSampledDataMaxLength = 27 Form::Fixed(LIST_LENGTH as u32);
    /// Feature profiles of this charge point (9.1.29).
    SupportedFeatureProfiles = 28 Form::Profiles;
    /// Entries of SupportedFeatureProfiles (9.1.30).
    SupportedFeatureProfilesMaxLength = 29 Form::Fixed(PROFILES.len() as u32);
    /// Tries to deliver a transaction message the central system fails on (9.1.31).
    TransactionMessageAttempts = 30 Form::Number(1, 100, 3);
    /// Seconds between these tries, times the tries so far (9.1.32).
    TransactionMessageRetryInterval = 31 Form::Number(0, DAY_S, 60);
    /// Unplugging from the vehicle unlocks the cable here (9.1.33).
    UnlockConnectorOnEVSideDisconnect = 32 Form::Flag(true);
    /// Seconds between websocket pings, 0 for none; for the transport (9.1.34).
    WebSocketPingInterval = 33 Form::Number(0, DAY_S, 30);
}

impl Key {
    /// The name, which is compared without case (`CiString50`).
    pub fn name(self) -> &'static str {
        Self::TABLE.get(self as usize).map_or("", |row| row.0)
    }

    /// True when ChangeConfiguration is refused whatever the value.
    pub fn is_read_only(self) -> bool {
        matches!(
            self.form(),
            Form::Fixed(_) | Form::Connectors | Form::Profiles
        )
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

    pub(in crate::station) fn form(self) -> Form {
        Self::TABLE
            .get(self as usize)
            .map_or(Form::Fixed(0), |row| row.2)
    }

    pub(in crate::station) fn record(self) -> RecordId {
        let id = Self::TABLE.get(self as usize).map_or(u8::MAX, |row| row.1);
        RecordId::configuration(id)
    }
}

/// Some of the lists of measurands: a bit for each.
pub type Lists = u8;

pub const fn bit(list: List) -> Lists {
    1 << list as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{LISTS, NUMBERS};

    #[test]
    fn as_many_keys_are_stored_as_the_limits_say() {
        let stored = |wanted: fn(Form) -> bool| {
            let keys = Key::ALL.iter().filter(|key| !key.is_read_only());
            keys.filter(|key| wanted(key.form())).count()
        };
        let numbers = stored(|form| matches!(form, Form::Flag(_) | Form::Number(..)));
        let lists = stored(|form| matches!(form, Form::Measurands(..)));
        assert_eq!((numbers, lists), (NUMBERS, LISTS));
        // And ConnectorPhaseRotation.
        assert_eq!(stored(|_| true), NUMBERS + LISTS + 1);
    }

    #[test]
    fn record_numbers_are_unique() {
        for (place, &(name, id, _)) in Key::TABLE.iter().enumerate() {
            let others = Key::TABLE.iter().skip(place + 1);
            assert!(others.into_iter().all(|other| other.1 != id), "{name}");
        }
    }
}
