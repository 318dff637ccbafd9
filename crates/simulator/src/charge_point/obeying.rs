//! Commands, carried out.

use std::time::{Duration, Instant};

use ocpp::{
    domain::{BootReason, ChargePointError, IdToken, Reason},
    station::{Input, Refused},
};

use super::{
    leaving::Leaving,
    powered::{End, Powered},
    queue::Item,
};
use crate::{
    command::{self, Command, Limits},
    connector::Fault,
    report::{Condition, Happening},
    station_json,
};

/// How soon a command that could not be carried out yet is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// Why a command was not carried out.
#[derive(Debug)]
pub enum Objection {
    /// Said to the user.
    Problem(String),
    /// It is tried again.
    NotYet,
}

impl From<Refused> for Objection {
    fn from(refused: Refused) -> Self {
        Self::Problem(station_json::in_words(refused).to_owned())
    }
}

impl Powered<'_> {
    /// Carries out the commands whose time has come.
    pub(super) fn obey_due(&mut self) {
        while self.end.is_none() && self.leaving.is_none() {
            let Some(item) = self.queue.next(Instant::now()) else {
                return;
            };
            match item {
                Item::Line(line) => self.obey(&line),
                Item::Unreadable => self
                    .report
                    .error("a line that is not UTF-8, or longer than 64 KiB"),
                Item::End => self.leaving = Some(Leaving::begin(Instant::now())),
            }
            self.settle();
        }
    }

    fn obey(&mut self, line: &str) {
        let outcome = match self.understand(line) {
            Ok(Some(command)) => self.obey_command(line, command),
            Ok(None) => return,
            Err(problem) => return self.report.error(problem),
        };
        match outcome {
            Ok(()) => {}
            Err(Objection::NotYet) => {
                let item = Item::Line(line.to_owned());
                self.queue.put_back(item, Instant::now() + RETRY);
            }
            Err(Objection::Problem(problem)) => {
                self.report.error(format!("{}: {problem}", line.trim()));
            }
        }
    }

    /// The command of a line; nothing for a blank one. The error is for the user.
    pub(super) fn understand(&self, line: &str) -> Result<Option<Command>, String> {
        let limits = Limits {
            connectors: self.settings.connectors,
            id_tag: self.settings.longest_id_tag(),
        };
        command::parse(line, limits)
    }

    /// Carries the command of a line out.
    pub(super) fn obey_command(&mut self, line: &str, command: Command) -> Result<(), Objection> {
        match command {
            Command::DataTransfer { .. } => self.transfer(line, command),
            command => {
                self.report.tell(Happening::Command(line.trim().to_owned()));
                self.carry_out(command)
            }
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<(), Objection> {
        match command {
            Command::Plug(number) => self.plug(number),
            Command::Unplug(number) => self.unplug(number),
            Command::Tag { connector, id_tag } => {
                self.read_meter(connector);
                let id_tag = IdToken::try_from(id_tag.as_str()).map_err(|_| Refused::BadLength)?;
                let id_tag = &id_tag;
                Ok(self.ask(Input::Tag { connector, id_tag })?)
            }
            Command::Power { connector, watts } => {
                self.at(connector, |connector| connector.draw_w = watts);
                self.read_meter(connector);
                Ok(())
            }
            Command::Meter { connector, wh } => {
                self.at(connector, |connector| connector.set_register_wh(wh));
                self.keep_vehicle(connector);
                self.read_meter(connector);
                Ok(())
            }
            Command::Suspend { connector, by } => {
                self.at(connector, |connector| connector.suspended = Some(by));
                self.tell_suspension(connector);
                Ok(())
            }
            Command::Resume(number) => {
                self.at(number, |connector| connector.suspended = None);
                self.tell_suspension(number);
                Ok(())
            }
            Command::Fault {
                connector,
                error,
                info,
            } => {
                let fault = Fault { error, info };
                self.break_at(connector, Some(fault.clone()));
                self.tell_fault(connector, &fault);
                Ok(())
            }
            Command::Clear(number) => {
                self.break_at(number, None);
                Ok(self.ask(Input::FaultCleared(number))?)
            }
            Command::Security { event, info } => Ok(self.ask(Input::SecurityEvent {
                event,
                tech_info: &info,
            })?),
            Command::Unlock { connector, answer } => {
                self.at(connector, |connector| connector.lock = answer);
                Ok(())
            }
            Command::Firmware { installs } => {
                self.hardware.installs = installs;
                Ok(())
            }
            Command::Link { up: true } => {
                self.hardware.network = true;
                Ok(())
            }
            Command::Link { up: false } => {
                self.break_network();
                Ok(())
            }
            Command::Connect => self.connect_now(),
            Command::Reboot => {
                self.stop_transactions(Reason::Reboot);
                self.end = Some(End::Restart(Some(BootReason::LocalReset)));
                Ok(())
            }
            Command::PowerLoss => {
                self.hardware.lose_power();
                self.cut();
                self.end = Some(End::Restart(None));
                Ok(())
            }
            Command::WaitMillis(millis) => {
                self.queue.hold(Instant::now(), millis);
                Ok(())
            }
            Command::SkipMillis(millis) => {
                self.skip(millis);
                Ok(())
            }
            Command::Status => {
                self.tell_conditions();
                Ok(())
            }
            Command::List => {
                let list = self.station.local_list();
                self.report.tell(Happening::LocalList {
                    version: list.version,
                    entries: list.entries,
                });
                Ok(())
            }
            Command::Help => {
                self.report.tell(Happening::Help);
                Ok(())
            }
            Command::Quit => {
                self.leaving = Some(Leaving::begin(Instant::now()));
                Ok(())
            }
            Command::DataTransfer { .. } => Ok(()),
        }
    }

    fn plug(&mut self, number: u8) -> Result<(), Objection> {
        if self.is_plugged(number) {
            return Err(Objection::Problem("a vehicle is there already".to_owned()));
        }
        self.at(number, |connector| connector.plug());
        self.keep_vehicle(number);
        self.read_meter(number);
        self.ask(Input::Plugged(number))?;
        // In a transaction that went on without a cable, the station takes it up again.
        self.settle();
        self.tell_suspension(number);
        Ok(())
    }

    fn unplug(&mut self, number: u8) -> Result<(), Objection> {
        if !self.is_plugged(number) {
            return Err(Objection::Problem("no vehicle is there".to_owned()));
        }
        self.at(number, |connector| connector.unplug());
        self.keep_vehicle(number);
        self.read_meter(number);
        Ok(self.ask(Input::Unplugged(number))?)
    }

    fn keep_vehicle(&mut self, number: u8) {
        if let Err(problem) = self.hardware.keep_vehicle(number) {
            self.report.error(problem);
        }
    }

    /// Asks for a connection now, whatever the back-off says.
    fn connect_now(&mut self) -> Result<(), Objection> {
        let problem = match () {
            () if !self.hardware.network => "the link is down",
            () if self.connection.is_some() => "it is connected",
            () if self.connecting => "it is connecting",
            () if self.station.connect_now(self.now()) => return Ok(()),
            () => "it does not wait for an attempt",
        };
        Err(Objection::Problem(problem.to_owned()))
    }

    fn is_plugged(&self, number: u8) -> bool {
        let connector = self.hardware.connector(number);
        connector.is_some_and(|connector| connector.is_plugged())
    }

    /// Changes a connector from this moment on.
    fn at(&mut self, number: u8, change: impl FnOnce(&mut crate::connector::Connector)) {
        self.hardware.advance();
        if let Some(connector) = self.hardware.connector_mut(number) {
            change(connector);
        }
    }

    fn break_at(&mut self, number: u8, fault: Option<Fault>) {
        match number {
            0 => self.hardware.fault = fault,
            number => self.at(number, |connector| connector.fault = fault),
        }
    }

    fn transfer(&mut self, line: &str, command: Command) -> Result<(), Objection> {
        let Command::DataTransfer {
            vendor_id,
            message_id,
            payload,
        } = command
        else {
            return Ok(());
        };
        let outcome = self.ask(Input::DataTransfer {
            vendor_id: &vendor_id,
            message_id: message_id.as_deref(),
            payload: payload.as_deref(),
        });
        match outcome {
            Ok(()) => {
                self.report.tell(Happening::Command(line.trim().to_owned()));
                Ok(())
            }
            // Another CALL waits for its answer, which will come or time out.
            Err(Refused::Busy) => Err(Objection::NotYet),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Ends all transactions; their messages are stored when this returns.
    pub(super) fn stop_transactions(&mut self, reason: Reason) {
        for number in self.hardware.numbers() {
            if self.station.transaction(number).is_some() {
                // The station takes what it is told now for the last reading.
                self.hardware.switch(number, false);
                self.read_meter(number);
                // Refused only where the transaction is ending already.
                let _ = self.ask(Input::Stop {
                    connector: number,
                    reason,
                });
                self.settle();
            }
        }
    }

    fn tell_conditions(&mut self) {
        self.hardware.advance();
        let whole = std::iter::once(0);
        for number in whole.chain(self.hardware.numbers()) {
            let condition = self.hardware.connector(number).map(|connector| {
                let transaction = self.station.transaction(number);
                Condition {
                    plugged: connector.is_plugged(),
                    power_w: connector.meter().power_w(),
                    register_wh: connector.meter().wh(),
                    state_of_charge: connector.state_of_charge(),
                    transaction_id: transaction.as_ref().and_then(|t| t.transaction_id),
                    id_tag: transaction.map(|t| t.id_tag.to_owned()),
                }
            });
            let reservation = self.station.reservation(number);
            let known = self.statuses.get(&number).copied();
            self.report.tell(Happening::Status {
                connector: number,
                status: known.map(|(status, _)| status),
                error: known.map_or(ChargePointError::NoError, |(_, error)| error),
                reservation: reservation.map(|it| (it.id, it.id_tag.to_owned())),
                condition,
            });
        }
    }
}
