//! The simulated car, and the meter between it and the mains: the register grows with power.

use ocpp::domain::{Measurand, Measured};

/// What [`Car::measure`] has a value for.
pub const MEASURED: [Measured; 4] = [
    Measured::of(Measurand::EnergyActiveImportRegister),
    Measured::of(Measurand::PowerActiveImport),
    Measured::of(Measurand::CurrentImport),
    Measured::of(Measurand::Voltage),
];

/// Three phases of 230 V and 16 A.
const POWER_W: i64 = 3 * 230 * 16;
const VOLTAGE_MV: i32 = 230_000;
const CURRENT_MA: i32 = 16_000;

/// Milliseconds of an hour: watts times milliseconds by this are watt hours.
const HOUR_MS: i64 = 3_600_000;

/// A car that takes what it is given.
#[derive(Debug)]
pub struct Car {
    /// What went through the meter until `since`, in watts times milliseconds.
    energy: i64,
    since: i64,
    charging: bool,
}

impl Car {
    /// One that takes nothing, at a new meter.
    pub const fn new() -> Self {
        Self {
            energy: 0,
            since: 0,
            charging: false,
        }
    }

    /// The contactor closes or opens; `now` in milliseconds.
    pub fn set_charging(&mut self, now: i64, charging: bool) {
        self.energy = self.energy_at(now);
        self.since = now;
        self.charging = charging;
    }

    /// The register in Wh.
    pub fn register(&self, now: i64) -> i32 {
        i32::try_from(self.energy_at(now) / HOUR_MS).unwrap_or(i32::MAX)
    }

    /// What the meter says, in the unit of the measurand; nothing for what it does not measure.
    pub fn measure(&self, now: i64, measurand: Measurand) -> Option<i32> {
        let while_charging = |value| if self.charging { value } else { 0 };
        match measurand {
            Measurand::EnergyActiveImportRegister => Some(self.register(now)),
            Measurand::PowerActiveImport => Some(while_charging(POWER_W as i32)),
            Measurand::CurrentImport => Some(while_charging(CURRENT_MA)),
            Measurand::Voltage => Some(VOLTAGE_MV),
            _ => None,
        }
    }

    fn energy_at(&self, now: i64) -> i64 {
        match self.charging {
            true => self.energy + POWER_W * (now - self.since),
            false => self.energy,
        }
    }
}
