//! A three-phase energy meter: a register that never forgets, and values that agree with it.

use ocpp::{
    domain::{Measurand, Phase},
    station::Reading,
};

use crate::{noise, vehicle::MJ_PER_WH};

const PHASES: [Phase; 3] = [Phase::L1, Phase::L2, Phase::L3];
const NOMINAL_MV: i64 = 230_000;
/// The grid is never quite still.
const VOLTAGE_NOISE_MV: u32 = 900;
const FREQUENCY_NOISE_MHZ: u32 = 25;
/// Voltage lost on the way for each ampere, in mV.
const SAG_MV_PER_A: i64 = 250;
/// Millionths of a degree Celsius, so that the little that a step warms is not rounded away.
const AMBIENT_UC: i64 = 21_000_000;
/// How much warmer 11 kW make it in the end.
const WARMTH_UC: i64 = 14_000_000;
/// How long two thirds of that take.
const WARMING_MS: i64 = 600_000;

/// The meter of one connector, or of all.
#[derive(Clone, Debug)]
pub struct Meter {
    seed: u64,
    register_mj: u64,
    power_w: u32,
    /// The power of each phase.
    phase_mw: [u64; PHASES.len()],
    temperature_uc: i64,
    at_ms: u64,
}

impl Meter {
    pub fn new(seed: u64, register_mj: u64) -> Self {
        Self {
            seed,
            register_mj,
            power_w: 0,
            phase_mw: [0; PHASES.len()],
            temperature_uc: AMBIENT_UC,
            at_ms: 0,
        }
    }

    /// Lets a constant power flow for a while, on the first so many phases; the energy in millijoules,
    /// exactly.
    pub fn count(&mut self, power_w: u32, phases: u8, millis: u64) -> u64 {
        let mj = u64::from(power_w) * millis;
        self.register_mj = self.register_mj.saturating_add(mj);
        self.power_w = power_w;
        for (place, phase_mw) in self.phase_mw.iter_mut().enumerate() {
            let flows = place < usize::from(phases);
            *phase_mw = if flows {
                u64::from(power_w) * 1000 / u64::from(phases)
            } else {
                0
            };
        }
        self.at_ms += millis;
        let goal = AMBIENT_UC + WARMTH_UC * i64::from(power_w) / 11_000;
        let step = i64::try_from(millis).unwrap_or(WARMING_MS).min(WARMING_MS);
        self.temperature_uc += (goal - self.temperature_uc) * step / WARMING_MS;
        mj
    }

    /// The register in whole Wh, as `meterStart` and `meterStop` have it.
    pub fn wh(&self) -> i32 {
        i32::try_from(self.register_mj / MJ_PER_WH).unwrap_or(i32::MAX)
    }

    pub fn register_mj(&self) -> u64 {
        self.register_mj
    }

    pub fn set_wh(&mut self, wh: u32) {
        self.register_mj = u64::from(wh) * MJ_PER_WH;
    }

    pub fn power_w(&self) -> u32 {
        self.power_w
    }

    /// A meter in front of these: their sum.
    pub fn sum<'m>(seed: u64, meters: impl Iterator<Item = &'m Meter>) -> Self {
        meters.fold(Self::new(seed, 0), |sum, meter| Self {
            seed,
            register_mj: sum.register_mj.saturating_add(meter.register_mj),
            power_w: sum.power_w.saturating_add(meter.power_w),
            phase_mw: std::array::from_fn(|phase| {
                let of = |meter: &Self| meter.phase_mw.get(phase).copied().unwrap_or(0);
                of(&sum) + of(meter)
            }),
            temperature_uc: sum.temperature_uc.max(meter.temperature_uc),
            at_ms: sum.at_ms.max(meter.at_ms),
        })
    }

    /// Everything it can say.
    pub fn readings(&self) -> Vec<Reading> {
        let mut readings = vec![
            Reading::energy(self.wh()),
            Reading::of(Measurand::PowerActiveImport, saturated(self.power_w.into())),
            Reading::of(Measurand::Frequency, self.frequency_mhz()),
            Reading::of(
                Measurand::Temperature,
                saturated(self.temperature_uc / 1000),
            ),
        ];
        for (place, phase) in PHASES.into_iter().enumerate() {
            let voltage_mv = self.voltage_mv(place);
            for (measurand, value) in [
                (Measurand::CurrentImport, self.current_ma(place, voltage_mv)),
                (Measurand::Voltage, voltage_mv),
            ] {
                readings.push(Reading {
                    measurand,
                    phase: Some(phase),
                    value: saturated(value),
                });
            }
        }
        readings
    }

    fn second(&self) -> u64 {
        self.seed.wrapping_add(self.at_ms / 1000)
    }

    fn voltage_mv(&self, phase: usize) -> i64 {
        let noise = noise::around(
            noise::spread(self.second()).wrapping_add(phase as u64),
            VOLTAGE_NOISE_MV,
        );
        let nominal_a = self.milliwatts(phase) / NOMINAL_MV;
        // However much is drawn, the sag stays one that a grid would survive.
        NOMINAL_MV + noise - (SAG_MV_PER_A * nominal_a).min(NOMINAL_MV / 10)
    }

    fn current_ma(&self, phase: usize, voltage_mv: i64) -> i64 {
        (self.milliwatts(phase) * 1_000 + voltage_mv / 2) / voltage_mv
    }

    fn milliwatts(&self, phase: usize) -> i64 {
        let phase_mw = self.phase_mw.get(phase).copied().unwrap_or(0);
        i64::try_from(phase_mw).unwrap_or(i64::MAX / 1_000)
    }

    fn frequency_mhz(&self) -> i32 {
        saturated(50_000 + noise::around(self.second().wrapping_mul(3), FREQUENCY_NOISE_MHZ))
    }
}

fn saturated(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(meter: &Meter, measurand: Measurand) -> Vec<i32> {
        let readings = meter.readings();
        let wanted = readings.iter().filter(|r| r.measurand == measurand);
        wanted.map(|reading| reading.value).collect()
    }

    #[test]
    fn the_register_integrates_power_exactly() {
        let mut meter = Meter::new(1, 5 * MJ_PER_WH);
        let mut expected = 5 * MJ_PER_WH;
        for millis in 1..2000u64 {
            let power = (millis * 7 % 11_001) as u32;
            expected += meter.count(power, 3, millis);
        }
        assert_eq!(meter.register_mj(), expected);
        let mut meter = Meter::new(1, 0);
        for _ in 0..3_600_000 / 7 {
            meter.count(11_000, 3, 7);
        }
        meter.count(11_000, 3, 3_600_000 % 7);
        assert_eq!(meter.wh(), 11_000);
    }

    #[test]
    fn current_times_voltage_is_the_power() {
        for power in [60, 1_400, 3_700, 7_200, 11_000, 22_000, 350_000] {
            let mut meter = Meter::new(99, 0);
            for _ in 0..20 {
                meter.count(power, 3, 1000);
                let currents = values(&meter, Measurand::CurrentImport);
                let voltages = values(&meter, Measurand::Voltage);
                assert_eq!((currents.len(), voltages.len()), (3, 3));
                let watts: f64 = currents
                    .iter()
                    .zip(&voltages)
                    .map(|(&ma, &mv)| f64::from(ma) / 1e3 * f64::from(mv) / 1e3)
                    .sum();
                let told = values(&meter, Measurand::PowerActiveImport)[0];
                assert!(
                    (watts / f64::from(told) - 1.0).abs() < 0.01,
                    "{power} {watts}"
                );
            }
        }
    }

    #[test]
    fn values_are_plausible() {
        let mut meter = Meter::new(7, 0);
        let mut seen = Vec::new();
        for second in 0..1800 {
            meter.count(if second < 900 { 11_000 } else { 0 }, 3, 1000);
            for mv in values(&meter, Measurand::Voltage) {
                assert!((224_000..=231_000).contains(&mv), "{mv}");
                seen.push(mv);
            }
            let hz = values(&meter, Measurand::Frequency)[0];
            assert!((49_900..=50_100).contains(&hz));
            let warm = values(&meter, Measurand::Temperature)[0];
            assert!((20_000..=36_000).contains(&warm), "{warm}");
        }
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 100);
    }

    #[test]
    fn the_main_meter_is_the_sum() {
        let mut meters = [Meter::new(1, MJ_PER_WH), Meter::new(2, 2 * MJ_PER_WH)];
        meters[0].count(3_000, 3, 0);
        meters[1].count(4_000, 3, 0);
        let sum = Meter::sum(3, meters.iter());
        assert_eq!((sum.wh(), sum.power_w()), (3, 7_000));
    }
}
