//! A meter for each connector: its register integrates the power while energy may flow.

use ocpp::{
    domain::{Measurand, Phase},
    station::Reading,
};

const WATT_MS_PER_WH: u64 = 3_600_000;

/// How much the meter tells beyond its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// The register only.
    Register,
    /// Register, power, current and voltage, the last two also of each phase, and what else
    /// there is.
    ThreePhase,
}

#[derive(Debug)]
pub struct Meter {
    pub watts: u64,
    pub wiring: Wiring,
    /// Energy may flow, as the station said last.
    pub flowing: bool,
    /// False for a meter that does not answer.
    pub answers: bool,
    watt_ms: u64,
}

impl Meter {
    pub fn new() -> Self {
        Self {
            watts: 7_200,
            wiring: Wiring::Register,
            flowing: false,
            answers: true,
            watt_ms: 1_000 * WATT_MS_PER_WH,
        }
    }

    pub fn pass(&mut self, ms: u64) {
        if self.flowing {
            self.watt_ms += self.watts * ms;
        }
    }

    pub fn set_register(&mut self, wh: u64) {
        self.watt_ms = wh * WATT_MS_PER_WH;
    }

    /// Wh.
    pub fn register(&self) -> i32 {
        i32::try_from(self.watt_ms / WATT_MS_PER_WH).unwrap()
    }

    pub fn readings(&self) -> Vec<Reading> {
        let mut readings = vec![Reading::energy(self.register())];
        if self.wiring == Wiring::Register {
            return readings;
        }
        let watts = if self.flowing { self.watts } else { 0 };
        let watts = i32::try_from(watts).unwrap();
        // P = 3 x 230 V x I
        let milliamperes = watts * 1_000 / 690;
        readings.push(Reading::of(Measurand::PowerActiveImport, watts));
        readings.push(Reading::of(Measurand::CurrentImport, milliamperes));
        readings.push(Reading::of(Measurand::Voltage, 230_500));
        readings.push(Reading::of(Measurand::Frequency, 50_010));
        readings.push(Reading::of(Measurand::Temperature, -12_500));
        readings.push(Reading::of(Measurand::SoC, 80));
        for phase in [Phase::L1, Phase::L2, Phase::L3] {
            let of_phase = |measurand, value| Reading {
                measurand,
                phase: Some(phase),
                value,
            };
            readings.push(of_phase(Measurand::CurrentImport, milliamperes));
            readings.push(of_phase(Measurand::Voltage, 230_500));
        }
        readings
    }
}
