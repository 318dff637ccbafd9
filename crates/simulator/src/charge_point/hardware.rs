//! What does not care whether the station runs: connectors, meters, and the network.

use std::time::Instant;

use ocpp::station::Reading;

use crate::{
    connector::{Connector, Fault},
    meter::Meter,
    noise,
    storage::Registers,
};

/// The hardware of a charge point.
#[derive(Debug)]
pub struct Hardware {
    connectors: Vec<Connector>,
    /// What is broken for all connectors: connector 0.
    pub fault: Option<Fault>,
    /// False while the network is broken.
    pub network: bool,
    registers: Registers,
    /// The whole Wh of each connector that are kept in `registers`.
    kept_wh: Vec<Option<i32>>,
    seed: u64,
    started: Instant,
}

impl Hardware {
    pub fn new(identity: &str, connectors: u8, registers: Registers, started: Instant) -> Self {
        let seed = noise::seed(identity);
        let numbers = 1..=connectors;
        Self {
            connectors: numbers
                .clone()
                .map(|number| Connector::new(number, seed, registers.load(number)))
                .collect(),
            fault: None,
            network: true,
            registers,
            kept_wh: numbers.map(|_| None).collect(),
            seed,
            started,
        }
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

    /// Opens all contactors: nobody holds them closed.
    pub fn lose_power(&mut self) {
        self.advance();
        for connector in &mut self.connectors {
            connector.energized = false;
        }
    }

    /// What the meter of a connector, or the one in front of all, says now.
    ///
    /// A register is kept before it is told, so that it never says less after a crash.
    pub fn read_meter(&mut self, number: u8) -> Result<Vec<Reading>, String> {
        self.advance();
        if number == 0 {
            let meters = self.connectors.iter().map(Connector::meter);
            return Ok(Meter::sum(self.seed, meters).readings());
        }
        let Some(connector) = self.connector(number) else {
            return Ok(Vec::new());
        };
        let (wh, mj) = (connector.meter().wh(), connector.meter().register_mj());
        let readings = connector.readings();
        if let Some(kept) = self.kept_wh.get_mut(usize::from(number) - 1)
            && *kept != Some(wh)
        {
            self.registers
                .save(number, mj)
                .map_err(|error| format!("the register of connector {number} is lost: {error}"))?;
            *kept = Some(wh);
        }
        Ok(readings)
    }
}
