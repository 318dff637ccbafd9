//! What the central system answers.

use crate::{
    domain::{AuthorizationStatus, DataTransferStatus, RegistrationStatus, TransactionId},
    wire::{Text, UnixMillis},
};

/// The answer to a BootNotification.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BootAnswer {
    pub status: RegistrationStatus,
    /// The central system's clock.
    pub time: Option<UnixMillis>,
    /// Seconds: between Heartbeats, or until the next BootNotification.
    pub interval: Option<i32>,
}

/// What the central system says of an idTag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenInfo<'a> {
    pub status: AuthorizationStatus,
    /// Until when the charge point may remember that.
    pub expires: Option<UnixMillis>,
    /// Its group.
    pub parent: Option<Text<'a>>,
}

/// The answer to the start of a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartAnswer<'a> {
    /// The transaction's id counts whatever is said of the token.
    pub info: Option<TokenInfo<'a>>,
    /// `None` where the station names transactions.
    pub transaction_id: Option<TransactionId>,
}

/// The answer to a DataTransfer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataTransferAnswer<'a> {
    pub status: DataTransferStatus,
    pub payload: Option<Text<'a>>,
}
