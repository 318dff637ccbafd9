//! What the central system asks for.

use super::{Level, RemoteStartId};
use crate::{
    domain::{AvailabilityType, MessageTrigger, ResetType, TokenKind, TransactionId},
    wire::{Json, Text},
};

/// A request of the central system that a station carries out, or refuses for a reason of its own.
#[derive(Clone, Copy, Debug)]
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
    #[cfg(feature = "v201")]
    GetVariables(super::Variables<'a>),
    /// Answered first, told then.
    #[cfg(feature = "v201")]
    Report(super::Report),
    #[cfg(feature = "v201")]
    SetVariables(super::Variables<'a>),
    DataTransfer(DataTransfer<'a>),
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    GetConfiguration {
        /// Names of keys; all where absent or empty.
        keys: Option<Json<'a>>,
    },
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    LocalListVersion,
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
    Trigger(Trigger),
    Unlock {
        connector: i32,
    },
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemoteStart<'a> {
    /// The charge point chooses where absent.
    pub connector: Option<i32>,
    pub token: Text<'a>,
    pub kind: TokenKind,
    pub id: RemoteStartId,
    /// It carries a charging profile that is not one for a transaction.
    pub has_other_profile: bool,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigger {
    /// `None` for one that is not known here.
    pub message: Option<MessageTrigger>,
    /// Of all connectors where absent.
    pub connector: Option<i32>,
}
