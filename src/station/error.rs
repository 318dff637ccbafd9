//! What can go wrong at the station's boundary, and in words.

use core::{
    error::Error,
    fmt::{Display, Formatter, Result},
};

use super::SettingError;
use crate::{
    limits,
    wire::{ErrorCode, field::Violation},
};

/// Why [`Station::new`](super::Station::new) made no station: a mistake in what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// The transmit buffer is shorter than [`TX_MIN`](limits::TX_MIN).
    TransmitBuffer,
    /// [`Profile::connectors`](super::Profile::connectors) is 0 or above
    /// [`CONNECTORS`](limits::CONNECTORS).
    Connectors,
    /// A text of [`Profile::identity`](super::Profile::identity) that OCPP 1.6 requires is empty:
    /// the vendor or the model. It has the name of its field in 6.3 BootNotification.req.
    TextEmpty(&'static str),
    /// A text of [`Profile::identity`](super::Profile::identity) has more characters than OCPP 1.6
    /// allows.
    TextTooLong {
        /// The name of its field in 6.3 BootNotification.req.
        field: &'static str,
        /// The characters that it may have.
        limit: usize,
    },
    /// Each text is short enough, but the BootNotification does not fit into the transmit buffer: a
    /// character outside ASCII takes 6 bytes of it, or 12.
    BootNotification,
    /// [`Profile::settings`](super::Profile::settings) has more than
    /// [`APPLICATION_SETTINGS`](limits::APPLICATION_SETTINGS).
    Settings,
    /// One of [`Profile::settings`](super::Profile::settings) cannot be.
    Setting {
        /// Its number.
        number: u8,
        /// Why.
        error: SettingError,
    },
}

impl Display for SetupError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match *self {
            Self::TransmitBuffer => write!(
                f,
                "the transmit buffer is shorter than {} bytes",
                limits::TX_MIN
            ),
            Self::Connectors => write!(
                f,
                "the number of connectors is not between 1 and {}",
                limits::CONNECTORS
            ),
            Self::TextEmpty(field) => write!(f, "{field} is empty"),
            Self::TextTooLong { field, limit } => {
                write!(f, "{field} is longer than {limit} characters")
            }
            Self::BootNotification => {
                f.write_str("the BootNotification does not fit into the transmit buffer")
            }
            Self::Settings => write!(
                f,
                "there are more than {} settings of the application",
                limits::APPLICATION_SETTINGS
            ),
            Self::Setting { number, error } => write!(f, "setting {number}: {error}"),
        }
    }
}

impl Error for SetupError {}

/// Why an [`Input`](super::Input) was refused; nothing has changed. Each input says which of them
/// it may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The connector does not exist, or is 0 where it may not be.
    UnknownConnector,
    /// Longer than the specification allows or than the transmit buffer holds, or empty.
    BadLength,
    /// The connector is out of service or broken.
    OutOfService,
    /// The connector has a transaction, or is kept for another idTag.
    Occupied,
    /// The connector has no transaction, or one that is ending.
    NoTransaction,
    /// An answer that is not awaited.
    Unexpected,
    /// Not connected, or not accepted by the central system.
    Offline,
    /// Something else has to end first: a frame that waits in the transmit buffer, a CALL without
    /// an answer, an idTag that is being authorized.
    Busy,
    /// No room for what would have to be stored.
    Full,
    /// A reset is under way.
    Resetting,
}

impl Display for Refused {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::UnknownConnector => "there is no such connector",
            Self::BadLength => "it is empty or too long",
            Self::OutOfService => "the connector is out of service or broken",
            Self::Occupied => "the connector is occupied",
            Self::NoTransaction => "there is no transaction",
            Self::Unexpected => "it was not asked for",
            Self::Offline => "the central system cannot be reached or has not accepted yet",
            Self::Busy => "something else has to end first",
            Self::Full => "there is no room to store it",
            Self::Resetting => "a reset is under way",
        })
    }
}

impl Error for Refused {}

/// Why a CALL of the station failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFailure {
    /// No answer in time.
    Timeout,
    /// A CALLERROR.
    Error(ErrorCode),
    /// A CALLRESULT that cannot be read.
    BadAnswer,
    /// The text in a DataTransfer.conf is longer than [`DATA_LENGTH`](limits::DATA_LENGTH) bytes.
    AnswerTooLong,
    /// It was given up after `TransactionMessageAttempts`: what it said is lost.
    GivenUp,
}

impl From<Violation> for CallFailure {
    fn from(_: Violation) -> Self {
        Self::BadAnswer
    }
}

impl Display for CallFailure {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Timeout => f.write_str("no answer"),
            Self::Error(code) => write!(f, "CALLERROR {code}"),
            Self::BadAnswer => f.write_str("the answer cannot be read"),
            Self::AnswerTooLong => f.write_str("the answer is too long"),
            Self::GivenUp => f.write_str("given up, what it said is lost"),
        }
    }
}

impl Error for CallFailure {}
