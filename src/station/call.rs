//! What the CALLs of the station are about.

use super::clock::Stamp;
#[cfg(feature = "firmware-management")]
use crate::domain::{AskedBy, FirmwareStatus, LogStatus};
use crate::domain::{ChargePointError, Context, Status};

/// What a StatusNotification says of a connector.
pub(crate) type Condition = (Status, ChargePointError);

/// One StatusNotification to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusReport {
    pub connector: u8,
    pub condition: Condition,
    pub stamp: Stamp,
    /// Transaction messages from this one on happened later.
    pub before: u32,
}

impl StatusReport {
    /// True when it tells of an event, and not of how the connector is from now on.
    pub fn is_of_event(&self) -> bool {
        self.error() == ChargePointError::LocalListConflict
    }

    /// What is wrong with the connector.
    pub fn error(&self) -> ChargePointError {
        self.condition.1
    }
}

/// What a CALL of the station is about: what a version calls it, and what follows when its answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub(crate) enum Call {
    Boot,
    Heartbeat,
    Status(StatusReport),
    Authorize {
        connector: u8,
    },
    DataTransfer,
    /// How far an update of the firmware is; what a TriggerMessage asked for says nothing new.
    #[cfg(feature = "firmware-management")]
    Firmware {
        status: FirmwareStatus,
        by: AskedBy,
        triggered: bool,
    },
    /// How far the upload of a log is.
    #[cfg(feature = "firmware-management")]
    Log {
        status: LogStatus,
        by: AskedBy,
        triggered: bool,
    },
    /// A request for a certificate of the charge point.
    #[cfg(feature = "security")]
    SignCertificate,
    /// A security event that waits in that slot.
    #[cfg(feature = "security")]
    SecurityEvent {
        slot: usize,
    },
    /// Readings of now, up to that place of the list.
    MeterValues {
        connector: u8,
        context: Context,
        stamp: Stamp,
        until: usize,
    },
    Start {
        slot: usize,
    },
    /// Stored readings, up to that place of the record; `None` to its end.
    Values {
        slot: usize,
        until: Option<usize>,
    },
    Stop {
        slot: usize,
    },
    /// A report, up to that place of the table of settings; `None` to its end.
    #[cfg(feature = "v201")]
    Report {
        until: Option<usize>,
    },
}

impl Call {
    /// The slot of the outbox that it delivers.
    pub fn slot(self) -> Option<usize> {
        match self {
            Self::Start { slot } | Self::Values { slot, .. } | Self::Stop { slot } => Some(slot),
            _ => None,
        }
    }
}
