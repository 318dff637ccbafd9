//! Enumerations of OCPP 1.6 (7 Types), with their names in JSON.

/// An identifier token (`IdToken`, a `CiString20`): 1 to 20 bytes of UTF-8.
pub type IdTag = heapless::String<20>;

/// The central system's number for a transaction. The schemas set no limit, and some central
/// systems take milliseconds since 1970: as far as 64 bits go it is repeated exactly.
pub type TransactionId = i64;

/// Declares an enumeration together with its names in JSON.
macro_rules! names {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $text:literal ),+ $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $( $(#[$variant_doc])* $variant ),+ }

        impl $name {
            /// Every value, in the order of [`Self::NAMES`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The names in JSON.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name in JSON.
            pub fn as_str(self) -> &'static str {
                Self::NAMES.get(self as usize).copied().unwrap_or("")
            }

            /// The value with that name.
            pub fn from_name(name: &str) -> Option<Self> {
                let place = Self::NAMES.iter().position(|known| *known == name)?;
                Self::ALL.get(place).copied()
            }

            /// The value at that place of [`Self::ALL`].
            pub(crate) fn from_place(place: u8) -> Option<Self> {
                Self::ALL.get(usize::from(place)).copied()
            }
        }

        impl<'a> $crate::wire::field::FromValue<'a> for $name {
            fn from_value(value: $crate::wire::Value<'a>, _: &[$crate::wire::Value<'a>]) -> Option<Self> {
                match value {
                    $crate::wire::Value::Choice(place) => Self::from_place(place),
                    _ => None,
                }
            }
        }
    )+};
}
pub(crate) use names;

names! {
    /// Answer to BootNotification (7.38).
    RegistrationStatus {
        /// The charge point may work.
        Accepted = "Accepted",
        /// The central system wants to do something first.
        Pending = "Pending",
        /// The central system does not want this charge point.
        Rejected = "Rejected",
    }

    /// What the central system says of an idTag (7.2).
    AuthorizationStatus {
        /// May charge.
        Accepted = "Accepted",
        /// Blocked.
        Blocked = "Blocked",
        /// No longer valid.
        Expired = "Expired",
        /// Not known.
        Invalid = "Invalid",
        /// Already charges somewhere else.
        ConcurrentTx = "ConcurrentTx",
    }

    /// Status of a connector (7.7 ChargePointStatus); connector 0 is only `Available`,
    /// `Unavailable` or `Faulted`.
    Status {
        /// Free.
        Available = "Available",
        /// In use, no transaction yet.
        Preparing = "Preparing",
        /// Energy may flow.
        Charging = "Charging",
        /// The charge point offers no energy.
        SuspendedEvse = "SuspendedEVSE",
        /// The vehicle takes no energy.
        SuspendedEv = "SuspendedEV",
        /// The transaction has ended, the connector is not free yet.
        Finishing = "Finishing",
        /// Kept for somebody.
        Reserved = "Reserved",
        /// Out of service.
        Unavailable = "Unavailable",
        /// Broken.
        Faulted = "Faulted",
    }

    /// What is wrong with a connector (7.6 ChargePointErrorCode).
    ChargePointError {
        /// Locking or unlocking failed.
        ConnectorLockFailure = "ConnectorLockFailure",
        /// Communication with the vehicle failed.
        EvCommunicationError = "EVCommunicationError",
        /// The ground fault circuit interrupter has tripped.
        GroundFailure = "GroundFailure",
        /// Too hot.
        HighTemperature = "HighTemperature",
        /// Hardware or software of the charge point.
        InternalError = "InternalError",
        /// The local list contradicts the central system's answer.
        LocalListConflict = "LocalListConflict",
        /// Nothing.
        NoError = "NoError",
        /// Something else; `info` says what.
        OtherError = "OtherError",
        /// Too much current.
        OverCurrentFailure = "OverCurrentFailure",
        /// Too high voltage.
        OverVoltage = "OverVoltage",
        /// The energy meter cannot be read.
        PowerMeterFailure = "PowerMeterFailure",
        /// The power switch does not obey.
        PowerSwitchFailure = "PowerSwitchFailure",
        /// The idTag reader fails.
        ReaderFailure = "ReaderFailure",
        /// A reset could not be done.
        ResetFailure = "ResetFailure",
        /// Too low voltage.
        UnderVoltage = "UnderVoltage",
        /// The wireless link is weak.
        WeakSignal = "WeakSignal",
    }

    /// Why a transaction ended (7.36).
    Reason {
        /// The central system refused the idTag after the start.
        DeAuthorized = "DeAuthorized",
        /// Emergency button.
        EmergencyStop = "EmergencyStop",
        /// The cable was unplugged from the vehicle.
        EvDisconnected = "EVDisconnected",
        /// Hard reset.
        HardReset = "HardReset",
        /// At the charge point, by its user.
        Local = "Local",
        /// Anything else.
        Other = "Other",
        /// Power was lost.
        PowerLoss = "PowerLoss",
        /// A reboot that no Reset asked for.
        Reboot = "Reboot",
        /// RemoteStopTransaction.
        Remote = "Remote",
        /// Soft reset.
        SoftReset = "SoftReset",
        /// UnlockConnector.
        UnlockCommand = "UnlockCommand",
    }

    /// What is measured (7.31).
    Measurand {
        /// Energy to the vehicle, Wh; the register that bills.
        EnergyActiveImportRegister = "Energy.Active.Import.Register",
        /// Energy from the vehicle, Wh.
        EnergyActiveExportRegister = "Energy.Active.Export.Register",
        /// Reactive energy, varh.
        EnergyReactiveImportRegister = "Energy.Reactive.Import.Register",
        /// Reactive energy, varh.
        EnergyReactiveExportRegister = "Energy.Reactive.Export.Register",
        /// Energy in the interval, Wh.
        EnergyActiveImportInterval = "Energy.Active.Import.Interval",
        /// Energy in the interval, Wh.
        EnergyActiveExportInterval = "Energy.Active.Export.Interval",
        /// Reactive energy in the interval, varh.
        EnergyReactiveImportInterval = "Energy.Reactive.Import.Interval",
        /// Reactive energy in the interval, varh.
        EnergyReactiveExportInterval = "Energy.Reactive.Export.Interval",
        /// Power to the vehicle, W.
        PowerActiveImport = "Power.Active.Import",
        /// Power from the vehicle, W.
        PowerActiveExport = "Power.Active.Export",
        /// Power the charge point offers, W.
        PowerOffered = "Power.Offered",
        /// Reactive power, var.
        PowerReactiveImport = "Power.Reactive.Import",
        /// Reactive power, var.
        PowerReactiveExport = "Power.Reactive.Export",
        /// Power factor, thousandths.
        PowerFactor = "Power.Factor",
        /// Current to the vehicle, mA.
        CurrentImport = "Current.Import",
        /// Current from the vehicle, mA.
        CurrentExport = "Current.Export",
        /// Current the charge point offers, mA.
        CurrentOffered = "Current.Offered",
        /// Voltage, mV.
        Voltage = "Voltage",
        /// Mains frequency, mHz.
        Frequency = "Frequency",
        /// Temperature, thousandths of a degree Celsius.
        Temperature = "Temperature",
        /// State of charge, percent.
        SoC = "SoC",
        /// Fan speed, revolutions a minute.
        Rpm = "RPM",
    }

    /// Where in a three-phase system something is measured (7.34).
    Phase {
        /// Phase 1.
        L1 = "L1",
        /// Phase 2.
        L2 = "L2",
        /// Phase 3.
        L3 = "L3",
        /// Neutral.
        N = "N",
        /// Phase 1 against neutral.
        L1N = "L1-N",
        /// Phase 2 against neutral.
        L2N = "L2-N",
        /// Phase 3 against neutral.
        L3N = "L3-N",
        /// Phase 1 against 2.
        L1L2 = "L1-L2",
        /// Phase 2 against 3.
        L2L3 = "L2-L3",
        /// Phase 3 against 1.
        L3L1 = "L3-L1",
    }

    /// Why something was measured (7.35 ReadingContext).
    Context {
        /// Something interrupted the transaction.
        InterruptionBegin = "Interruption.Begin",
        /// The interruption ended.
        InterruptionEnd = "Interruption.End",
        /// Anything else.
        Other = "Other",
        /// ClockAlignedDataInterval.
        SampleClock = "Sample.Clock",
        /// MeterValueSampleInterval.
        SamplePeriodic = "Sample.Periodic",
        /// Start of the transaction.
        TransactionBegin = "Transaction.Begin",
        /// End of the transaction.
        TransactionEnd = "Transaction.End",
        /// TriggerMessage.
        Trigger = "Trigger",
    }

    /// In or out of service (7.4).
    AvailabilityType {
        /// Out of service.
        Inoperative = "Inoperative",
        /// In service.
        Operative = "Operative",
    }

    /// Answer to ChangeAvailability (7.3).
    AvailabilityStatus {
        /// Done.
        Accepted = "Accepted",
        /// No such connector.
        Rejected = "Rejected",
        /// Will be done when the transaction has ended.
        Scheduled = "Scheduled",
    }

    /// Answer to ChangeConfiguration (7.22).
    ConfigurationStatus {
        /// Set.
        Accepted = "Accepted",
        /// Read-only, or not a value of the key.
        Rejected = "Rejected",
        /// Set; takes effect with the next boot.
        RebootRequired = "RebootRequired",
        /// No such key.
        NotSupported = "NotSupported",
    }

    /// Answer to ClearCache (7.20 ClearCacheStatus), RemoteStartTransaction, RemoteStopTransaction
    /// (7.39 RemoteStartStopStatus) and Reset (7.41 ResetStatus).
    AcceptedStatus {
        /// Will be done.
        Accepted = "Accepted",
        /// Will not be done.
        Rejected = "Rejected",
    }

    /// Answer to DataTransfer (7.23).
    DataTransferStatus {
        /// Done.
        Accepted = "Accepted",
        /// Understood, but no.
        Rejected = "Rejected",
        /// The vendor is known, the message is not.
        UnknownMessageId = "UnknownMessageId",
        /// The vendor is not known.
        UnknownVendorId = "UnknownVendorId",
    }

    /// How to reset (7.42).
    ResetType {
        /// At once.
        Hard = "Hard",
        /// After ending transactions.
        Soft = "Soft",
    }

    /// Answer to UnlockConnector (7.46).
    UnlockStatus {
        /// The cable is free.
        Unlocked = "Unlocked",
        /// The lock did not open.
        UnlockFailed = "UnlockFailed",
        /// No lock, or no such connector.
        NotSupported = "NotSupported",
    }
}

impl Measurand {
    /// The unit of values in JSON; none for a ratio and a speed, which OCPP 1.6 has no unit for.
    pub fn unit(self) -> Option<&'static str> {
        use Measurand::*;
        Some(match self {
            EnergyActiveImportRegister
            | EnergyActiveExportRegister
            | EnergyActiveImportInterval
            | EnergyActiveExportInterval => "Wh",
            EnergyReactiveImportRegister
            | EnergyReactiveExportRegister
            | EnergyReactiveImportInterval
            | EnergyReactiveExportInterval => "varh",
            PowerActiveImport | PowerActiveExport | PowerOffered => "W",
            PowerReactiveImport | PowerReactiveExport => "var",
            CurrentImport | CurrentExport | CurrentOffered => "A",
            Voltage => "V",
            Temperature => "Celsius",
            SoC => "Percent",
            PowerFactor | Frequency | Rpm => return None,
        })
    }

    /// How many digits of a reading stand behind the decimal point in JSON.
    pub fn decimals(self) -> u32 {
        use Measurand::*;
        match self {
            PowerFactor | CurrentImport | CurrentExport | CurrentOffered | Voltage | Frequency
            | Temperature => 3,
            _ => 0,
        }
    }
}
