//! What does not care whether the station runs: connectors, meters, and the network.

use std::time::Instant;

use ocpp::{
    domain::{ChargingLimit, Measurand, Measured},
    station::Reading,
};

use crate::{
    connector::{Connector, Fault},
    meter::Meter,
    noise,
    storage::{Registers, Vehicles},
};

/// The hardware of a charge point.
#[derive(Debug)]
pub struct Hardware {
    connectors: Vec<Connector>,
    /// What is broken for all connectors: connector 0.
    pub fault: Option<Fault>,
    /// False while the network is broken.
    pub network: bool,
    /// Images of the firmware can be installed.
    pub installs: bool,
    registers: Registers,
    vehicles: Vehicles,
    /// The whole Wh of each connector that are kept in `registers`.
    kept_wh: Vec<Option<i32>>,
    /// Of which connectors it was said that the register cannot be kept.
    is_told_lost: Vec<bool>,
    seed: u64,
    started: Instant,
    /// What the meters of the connectors measure.
    measured: Vec<Measured>,
}

impl Hardware {
    /// Takes up what is kept. `most_current`: what each phase of a connector can deliver, in tenths of
    /// A; `None` for what is usual. `measured`: what the meters measure, `None` for everything that they
    /// can. The error is for the user.
    pub fn new(
        identity: &str,
        connectors: u8,
        most_current: Option<u32>,
        measured: Option<&[Measured]>,
        registers: Registers,
        vehicles: Vehicles,
        started: Instant,
    ) -> Result<Self, String> {
        let seed = noise::seed(identity);
        let numbers = 1..=connectors;
        let fitted = numbers.clone().map(|number| {
            let (register_mj, plugged) = (registers.load(number)?, vehicles.load(number)?);
            // It was kept before the vehicle was, and one that is made up would bill what never flowed.
            if plugged.is_some() && register_mj.is_none() {
                return Err(format!(
                    "the register of connector {number} is lost but its vehicle is not: put \
                     register-{number} back, or remove vehicle-{number}"
                ));
            }
            let mut connector = Connector::new(number, seed, register_mj, plugged);
            connector.most_current = most_current;
            Ok(connector)
        });
        let connectors: Vec<_> = fitted.collect::<Result<_, String>>()?;
        let measured = choose(&connectors, measured)?;
        Ok(Self {
            connectors,
            fault: None,
            network: true,
            installs: true,
            kept_wh: numbers.clone().map(|_| None).collect(),
            is_told_lost: numbers.map(|_| false).collect(),
            registers,
            vehicles,
            seed,
            started,
            measured,
        })
    }

    /// What the meters of the connectors measure.
    pub fn measured(&self) -> &[Measured] {
        &self.measured
    }

    /// The numbers of the connectors.
    pub fn numbers(&self) -> Vec<u8> {
        self.connectors.iter().map(|c| c.number).collect()
    }

    pub fn connector(&self, number: u8) -> Option<&Connector> {
        self.connectors.get(usize::from(number).checked_sub(1)?)
    }

    pub fn connector_mut(&mut self, number: u8) -> Option<&mut Connector> {
        self.connectors.get_mut(usize::from(number).checked_sub(1)?)
    }

    /// Lets the time pass that has passed.
    pub fn advance(&mut self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        for connector in &mut self.connectors {
            connector.advance(now);
        }
    }

    /// Closes or opens a contactor.
    pub fn switch(&mut self, number: u8, closed: bool) {
        self.advance();
        if let Some(connector) = self.connector_mut(number) {
            connector.energized = closed;
        }
    }

    /// Tells a vehicle what it may draw; all of them together may draw what is left for connector 0.
    pub fn limit(&mut self, number: u8, limit: Option<ChargingLimit>) {
        self.advance();
        if let Some(connector) = self.connector_mut(number) {
            connector.limit = limit;
        }
    }

    /// Opens all contactors, as without power.
    pub fn lose_power(&mut self) {
        self.advance();
        for connector in &mut self.connectors {
            connector.energized = false;
            // The next station tells it anew.
            connector.limit = None;
        }
    }

    /// What the meter of a connector, or the one in front of all, says now.
    ///
    /// A register is kept before it is told, so that it never says less after a crash. One that
    /// cannot be kept is told all the same: what flowed is billed.
    pub fn read_meter(&mut self, number: u8) -> Read {
        self.advance();
        if number == 0 {
            let meters = self.connectors.iter().map(Connector::meter);
            let mut readings = Meter::sum(self.seed, meters).readings();
            readings.retain(|reading| self.measures(reading));
            return Read::well(readings);
        }
        let Some(connector) = self.connector(number) else {
            return Read::well(Vec::new());
        };
        let (wh, mj) = (connector.meter().wh(), connector.meter().register_mj());
        let mut readings = connector.readings();
        readings.retain(|reading| self.measures(reading));
        let mut read = Read::well(readings);
        let place = usize::from(number) - 1;
        if let (Some(kept), Some(is_told)) = (
            self.kept_wh.get_mut(place),
            self.is_told_lost.get_mut(place),
        ) && *kept != Some(wh)
        {
            match self.registers.save(number, mj) {
                Ok(()) => (*kept, *is_told) = (Some(wh), false),
                // Once, and not every second until it can be kept again.
                Err(error) if !std::mem::replace(is_told, true) => {
                    read.problem = Some(format!(
                        "the register of connector {number} cannot be kept: {error}"
                    ));
                }
                Err(_) => {}
            }
        }
        read
    }

    /// The register that bills is always measured.
    fn measures(&self, reading: &Reading) -> bool {
        let measured = reading.measured();
        measured.measurand == Measurand::EnergyActiveImportRegister
            || self.measured.contains(&measured)
    }

    /// Keeps which vehicle is at a connector, should this process end.
    pub fn keep_vehicle(&self, number: u8) -> Result<(), String> {
        let plugged = self.connector(number).and_then(Connector::plugged);
        self.vehicles
            .save(number, plugged)
            .map_err(|error| format!("the vehicle at connector {number} cannot be kept: {error}"))
    }
}

/// What a meter says, and what went wrong meanwhile.
#[derive(Debug)]
pub struct Read {
    pub readings: Vec<Reading>,
    pub problem: Option<String>,
}

impl Read {
    fn well(readings: Vec<Reading>) -> Self {
        Self {
            readings,
            problem: None,
        }
    }
}

/// What was chosen of what the meters can measure.
fn choose(
    connectors: &[Connector],
    measured: Option<&[Measured]>,
) -> Result<Vec<Measured>, String> {
    let readings = connectors.first().map(Connector::readings);
    let readings = readings.unwrap_or_default();
    let all: Vec<_> = readings.iter().map(Reading::measured).collect();
    let Some(chosen) = measured else {
        return Ok(all);
    };
    let mut measured = Vec::new();
    for chosen in chosen {
        // Without a phase: the whole, or all phases.
        let is_meant = |known: &&Measured| {
            known.measurand == chosen.measurand
                && (chosen.phase.is_none() || known.phase == chosen.phase)
        };
        let before = measured.len();
        measured.extend(all.iter().filter(is_meant));
        if measured.len() == before {
            return Err(format!("the simulated meter has no {}", name(chosen)));
        }
    }
    Ok(measured)
}

fn name(measured: &Measured) -> String {
    let measurand = measured.measurand.as_str();
    match measured.phase {
        Some(phase) => format!("{measurand}.{}", phase.as_str()),
        None => measurand.to_owned(),
    }
}
