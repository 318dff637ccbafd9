//! What a charge point says of itself, and how it is reset.

use super::names::names;

names! {
    /// Answer to BootNotification (7.38).
    RegistrationStatus {
        /// The charge point may work.
        Accepted = 0 "Accepted",
        /// The central system wants to do something first.
        Pending = 1 "Pending",
        /// The central system does not want this charge point.
        Rejected = 2 "Rejected",
    }

    /// How to reset (7.42).
    ResetType {
        /// At once.
        Hard = 0 "Hard",
        /// After ending transactions.
        Soft = 1 "Soft",
        /// Once no transaction runs any more (OCPP 2.0.1).
        OnIdle = 2 "OnIdle",
    }
}

names! {
    /// Why a station has booted (OCPP 2.0.1, B01). OCPP 1.6 does not tell it.
    BootReason {
        /// An application failed.
        ApplicationReset = 0 "ApplicationReset",
        /// Another firmware was installed.
        FirmwareUpdate = 1 "FirmwareUpdate",
        /// Someone on site asked for it.
        LocalReset = 2 "LocalReset",
        /// Power came on.
        PowerUp = 3 "PowerUp",
        /// The central system asked for it.
        RemoteReset = 4 "RemoteReset",
        /// The central system asked for it, and what ran had to end first.
        ScheduledReset = 5 "ScheduledReset",
        /// It has not: the central system asked for its BootNotification.
        Triggered = 6 "Triggered",
        /// Nothing says why.
        Unknown = 7 "Unknown",
        /// A watchdog restarted it.
        Watchdog = 8 "Watchdog",
    }
}

/// What a charge point says of itself (6.3 BootNotification.req); OCPP 1.6 allows 25 characters
/// for most, 20 for vendor, model, iccid and imsi, 50 for the firmware version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// Vendor (20 characters).
    pub vendor: &'a str,
    /// Model (20 characters).
    pub model: &'a str,
    /// Serial number of the charge point (25).
    pub serial_number: Option<&'a str>,
    /// Serial number of the box inside it (25; deprecated in 1.6, still asked for by some).
    pub box_serial_number: Option<&'a str>,
    /// Firmware version (50).
    pub firmware_version: Option<&'a str>,
    /// ICCID of the modem's SIM (20).
    pub iccid: Option<&'a str>,
    /// IMSI of the modem's SIM (20).
    pub imsi: Option<&'a str>,
    /// Serial number of the main meter (25).
    pub meter_serial_number: Option<&'a str>,
    /// Type of the main meter (25).
    pub meter_type: Option<&'a str>,
}
