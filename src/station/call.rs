//! What the CALLs of the station are about.

use super::clock::Stamp;
use crate::v16::{ChargePointError, Context, Status};

/// What a StatusNotification says of a connector.
pub(super) type Condition = (Status, ChargePointError);

/// One StatusNotification to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatusReport {
    pub connector: u8,
    pub condition: Condition,
    pub stamp: Stamp,
    /// Transaction messages from this one on happened later.
    pub before: u32,
}

impl StatusReport {
    /// What is wrong with the connector.
    pub fn error(&self) -> ChargePointError {
        self.condition.1
    }
}

/// What a CALL of the station was about, for when its answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub(super) enum Call {
    Boot,
    Heartbeat,
    Status(StatusReport),
    Authorize {
        connector: u8,
    },
    DataTransfer,
    /// Readings of now, up to that place of the list.
    Moment {
        connector: u8,
        context: Context,
        stamp: Stamp,
        until: usize,
    },
    Start {
        slot: usize,
    },
    /// Stored readings, up to that place of the record.
    Values {
        slot: usize,
        until: usize,
    },
    Stop {
        slot: usize,
    },
}

impl Call {
    pub fn action(self) -> &'static str {
        match self {
            Self::Boot => "BootNotification",
            Self::Heartbeat => "Heartbeat",
            Self::Status(_) => "StatusNotification",
            Self::Authorize { .. } => "Authorize",
            Self::DataTransfer => "DataTransfer",
            Self::Moment { .. } | Self::Values { .. } => "MeterValues",
            Self::Start { .. } => "StartTransaction",
            Self::Stop { .. } => "StopTransaction",
        }
    }

    /// The slot of the outbox that it delivers.
    pub fn slot(self) -> Option<usize> {
        match self {
            Self::Start { slot } | Self::Values { slot, .. } | Self::Stop { slot } => Some(slot),
            _ => None,
        }
    }
}
