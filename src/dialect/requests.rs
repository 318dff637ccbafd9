//! What the central system asks for.

use super::{Level, RemoteStartId};
#[cfg(feature = "firmware-management")]
use crate::{domain::AskedBy, wire::UnixMillis};
use crate::{
    domain::{AvailabilityType, MessageTrigger, ResetType, TokenKind, TransactionId},
    wire::{Json, Text},
};

/// A request of the central system that a station carries out, or refuses for a reason of its own.
#[derive(Clone, Debug)]
pub(crate) enum Request<'a> {
    ChangeAvailability {
        /// 0 for the whole charge point.
        connector: i32,
        level: Level,
        kind: AvailabilityType,
    },
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    ChangeConfiguration {
        key: Text<'a>,
        value: Text<'a>,
    },
    #[cfg(feature = "reservation")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    CancelReservation {
        id: i32,
    },
    ClearCache,
    #[cfg(feature = "smart-charging")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    ClearChargingProfiles(super::ChargingProfileFilter),
    #[cfg(feature = "v201")]
    GetVariables(super::Variables<'a>),
    /// Answered first, told then.
    #[cfg(feature = "v201")]
    Report(super::Report),
    #[cfg(feature = "v201")]
    SetVariables(super::Variables<'a>),
    DataTransfer(DataTransfer<'a>),
    #[cfg(feature = "smart-charging")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    GetCompositeSchedule(super::CompositeScheduleAsked),
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    GetConfiguration {
        /// Names of keys; all where absent or empty.
        keys: Option<Json<'a>>,
    },
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    LocalListVersion,
    /// A log is to be uploaded.
    #[cfg(feature = "firmware-management")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    GetLog(Transfer<'a>),
    /// Understood, and answered with that status.
    #[cfg_attr(not(feature = "v201"), allow(dead_code))]
    Refused(&'static str),
    RemoteStart(RemoteStart<'a>),
    RemoteStop {
        /// `None` for one that no transaction can have.
        transaction_id: Option<TransactionId>,
    },
    #[cfg(feature = "reservation")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    ReserveNow(super::ReserveNow<'a>),
    Reset(ResetType),
    #[cfg(feature = "local-list")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    SendLocalList(super::ListUpdate<'a>),
    #[cfg(feature = "smart-charging")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    SetChargingProfile {
        /// 0 for the whole charge point.
        connector: i32,
        profile: super::ChargingProfile<'a>,
    },
    Trigger(Trigger),
    Unlock {
        connector: i32,
    },
    #[cfg(feature = "firmware-management")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    UpdateFirmware(Transfer<'a>),
    #[cfg(feature = "security")]
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    SignedUpdateFirmware {
        transfer: Transfer<'a>,
        /// PEM.
        certificate: Text<'a>,
        /// Base64, of the whole file.
        signature: Text<'a>,
    },
}

/// A file to be transferred.
#[cfg(feature = "firmware-management")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer<'a> {
    /// URL of the file, or of the folder that it goes to.
    pub location: Text<'a>,
    /// Further attempts after the first; the station decides where absent.
    pub retries: Option<i32>,
    /// Seconds between two attempts; the station decides where absent.
    pub retry_interval: Option<i32>,
    /// Which request it is.
    pub by: AskedBy,
    /// A firmware is not downloaded before; the oldest entry of a log.
    pub from: Option<UnixMillis>,
    /// The latest entry of a log; a firmware is not installed before.
    pub until: Option<UnixMillis>,
}

/// Data of a vendor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataTransfer<'a> {
    pub vendor_id: Text<'a>,
    pub message_id: Option<Text<'a>>,
    pub payload: Option<Text<'a>>,
    /// There is a payload, which is no text.
    pub has_other_payload: bool,
}

/// A transaction to be started.
#[derive(Clone, Debug)]
pub(crate) struct RemoteStart<'a> {
    /// The charge point chooses where absent.
    pub connector: Option<i32>,
    pub token: Text<'a>,
    pub kind: TokenKind,
    pub id: RemoteStartId,
    /// It carries a charging profile that is not one for a transaction.
    pub has_other_profile: bool,
    /// The one for it.
    #[cfg(feature = "smart-charging")]
    pub profile: Option<super::ChargingProfile<'a>>,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigger {
    /// By ExtendedTriggerMessage: statuses of files are told in its words.
    #[cfg(feature = "security")]
    pub is_extended: bool,
    /// `None` for one that is not known here.
    pub message: Option<MessageTrigger>,
    /// Of all connectors where absent.
    pub connector: Option<i32>,
}
