//! What meters measure.

use super::names::names;

names! {
    /// What is measured (7.31).
    Measurand {
        /// Energy to the vehicle, Wh; the register that bills.
        EnergyActiveImportRegister = 0 "Energy.Active.Import.Register",
        /// Energy from the vehicle, Wh.
        EnergyActiveExportRegister = 1 "Energy.Active.Export.Register",
        /// Reactive energy, varh.
        EnergyReactiveImportRegister = 2 "Energy.Reactive.Import.Register",
        /// Reactive energy, varh.
        EnergyReactiveExportRegister = 3 "Energy.Reactive.Export.Register",
        /// Energy in the interval, Wh.
        EnergyActiveImportInterval = 4 "Energy.Active.Import.Interval",
        /// Energy in the interval, Wh.
        EnergyActiveExportInterval = 5 "Energy.Active.Export.Interval",
        /// Reactive energy in the interval, varh.
        EnergyReactiveImportInterval = 6 "Energy.Reactive.Import.Interval",
        /// Reactive energy in the interval, varh.
        EnergyReactiveExportInterval = 7 "Energy.Reactive.Export.Interval",
        /// Power to the vehicle, W.
        PowerActiveImport = 8 "Power.Active.Import",
        /// Power from the vehicle, W.
        PowerActiveExport = 9 "Power.Active.Export",
        /// Power the charge point offers, W.
        PowerOffered = 10 "Power.Offered",
        /// Reactive power, var.
        PowerReactiveImport = 11 "Power.Reactive.Import",
        /// Reactive power, var.
        PowerReactiveExport = 12 "Power.Reactive.Export",
        /// Power factor, thousandths.
        PowerFactor = 13 "Power.Factor",
        /// Current to the vehicle, mA.
        CurrentImport = 14 "Current.Import",
        /// Current from the vehicle, mA.
        CurrentExport = 15 "Current.Export",
        /// Current the charge point offers, mA.
        CurrentOffered = 16 "Current.Offered",
        /// Voltage, mV.
        Voltage = 17 "Voltage",
        /// Mains frequency, mHz.
        Frequency = 18 "Frequency",
        /// Temperature, thousandths of a degree Celsius.
        Temperature = 19 "Temperature",
        /// State of charge, percent.
        SoC = 20 "SoC",
        /// Fan speed, revolutions a minute.
        Rpm = 21 "RPM",
    }

    /// Where in a three-phase system something is measured (7.34).
    Phase {
        /// Phase 1.
        L1 = 0 "L1",
        /// Phase 2.
        L2 = 1 "L2",
        /// Phase 3.
        L3 = 2 "L3",
        /// Neutral.
        N = 3 "N",
        /// Phase 1 against neutral.
        L1N = 4 "L1-N",
        /// Phase 2 against neutral.
        L2N = 5 "L2-N",
        /// Phase 3 against neutral.
        L3N = 6 "L3-N",
        /// Phase 1 against 2.
        L1L2 = 7 "L1-L2",
        /// Phase 2 against 3.
        L2L3 = 8 "L2-L3",
        /// Phase 3 against 1.
        L3L1 = 9 "L3-L1",
    }

    /// Why something was measured (7.35 ReadingContext).
    Context {
        /// Something interrupted the transaction.
        InterruptionBegin = 0 "Interruption.Begin",
        /// The interruption ended.
        InterruptionEnd = 1 "Interruption.End",
        /// Anything else.
        Other = 2 "Other",
        /// ClockAlignedDataInterval.
        SampleClock = 3 "Sample.Clock",
        /// MeterValueSampleInterval.
        SamplePeriodic = 4 "Sample.Periodic",
        /// Start of the transaction.
        TransactionBegin = 5 "Transaction.Begin",
        /// End of the transaction.
        TransactionEnd = 6 "Transaction.End",
        /// TriggerMessage.
        Trigger = 7 "Trigger",
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
