//! What a person does at a station under power.

use fleet_engine::{
    domain::{ChargePointError, IdToken},
    station::Input,
};

use super::{Running, SIMULATED};
use crate::{
    bay::{Bay, Stage},
    command::Command,
    control::Refusal,
    link::State,
    random::Random,
    station::count,
    station_json,
};

type Outcome = Result<(), Refusal>;

fn not_now(why: &str) -> Refusal {
    Refusal::NotNow(why.to_owned())
}

impl Running<'_, '_> {
    pub(super) fn carry_out(&mut self, command: Command) -> Outcome {
        match command {
            Command::Plug(number) => self.plug(number),
            Command::Unplug(number) => self.unplug(number),
            Command::Tag { connector, id_tag } => self.present(connector, &id_tag),
            Command::Power { connector, watts } => self.draw(connector, watts),
            Command::Fault {
                connector,
                error,
                info,
            } => self.break_at(connector, &error, &info),
            Command::Clear(number) => self.mend(number),
            Command::Link { up } => {
                self.site.outage_until = if up { 0 } else { u64::MAX };
                if !up {
                    self.lose_link();
                }
                Ok(())
            }
            Command::Connect => self.connect_now(),
            Command::Order(order) => {
                self.obey(order);
                Ok(())
            }
        }
    }

    fn plug(&mut self, number: u8) -> Outcome {
        let (setup, now) = (&self.common.setup, self.common.now());
        let (bay, random) = self.bay_or_refusal(number)?;
        if bay.is_plugged() {
            return Err(not_now("a vehicle is there already"));
        }
        bay.arrive(&setup.model, random, setup.drivers, now);
        bay.take_in_hand(now);
        count(&self.common.stats.counters.vehicles);
        self.ask(Input::Plugged(number))
    }

    fn unplug(&mut self, number: u8) -> Outcome {
        let (setup, now) = (&self.common.setup, self.common.now());
        let (bay, random) = self.bay_or_refusal(number)?;
        if !bay.is_plugged() {
            return Err(not_now("no vehicle is there"));
        }
        match bay.fault {
            // It is broken until it is mended.
            Some(_) => {
                bay.take_in_hand(now);
                bay.stage = Stage::Broken;
            }
            None => bay.expect(&setup.model, random, now),
        }
        self.ask(Input::Unplugged(number))
    }

    fn present(&mut self, connector: u8, id_tag: &str) -> Outcome {
        let now = self.common.now();
        let (bay, _) = self.bay_or_refusal(connector)?;
        if bay.is_plugged() {
            bay.take_in_hand(now);
        }
        self.read_meter(connector);
        let id_tag = IdToken::try_from(id_tag).map_err(|_| not_now("it is no idTag"))?;
        let id_tag = &id_tag;
        self.ask(Input::Tag { connector, id_tag })
    }

    fn draw(&mut self, number: u8, watts: Option<u32>) -> Outcome {
        let (setup, now) = (&self.common.setup, self.common.now());
        let (bay, random) = self.bay_or_refusal(number)?;
        if !bay.is_plugged() {
            return Err(not_now("no vehicle is there"));
        }
        bay.take_in_hand(now);
        match watts {
            Some(watts) => bay.draw(watts.into(), f64::INFINITY, now),
            None => {
                let wanted = setup.model.wanted_wh(random);
                bay.draw(setup.model.power * 1_000.0, wanted, now);
            }
        }
        self.read_meter(number);
        // Where none runs, nothing is held back.
        let _ = self.ask(Input::Suspended {
            connector: number,
            by: None,
        });
        Ok(())
    }

    fn break_at(&mut self, connector: u8, error: &str, info: &str) -> Outcome {
        let now = self.common.now();
        let error = ChargePointError::from_name(error)
            .ok_or_else(|| Refusal::Unknown(format!("{error} is not an error code")))?;
        match connector {
            0 => self.site.fault = Some(error),
            connector => {
                let (bay, _) = self.bay_or_refusal(connector)?;
                bay.take_in_hand(now);
                bay.fault = Some(error);
                if !bay.is_plugged() {
                    bay.stage = Stage::Broken;
                }
                count(&self.common.stats.counters.faults);
            }
        }
        let info = if info.is_empty() { SIMULATED } else { info };
        self.tell_fault(connector, error, info);
        Ok(())
    }

    fn mend(&mut self, connector: u8) -> Outcome {
        let (setup, now) = (&self.common.setup, self.common.now());
        match connector {
            0 => self.site.fault = None,
            connector => {
                let (bay, random) = self.bay_or_refusal(connector)?;
                bay.fault = None;
                if bay.stage == Stage::Broken {
                    bay.expect(&setup.model, random, now);
                }
            }
        }
        self.ask(Input::FaultCleared(connector))
    }

    fn connect_now(&mut self) -> Outcome {
        let now = self.common.now();
        match self.site.link.state {
            State::Open => Err(not_now("it is connected")),
            State::Connecting(_) | State::Handshaking(_) => Err(not_now("it is connecting")),
            State::Closed if self.is_down() => Err(not_now("the link is down")),
            State::Closed if self.station.connect_now(now) => {
                self.drain();
                Ok(())
            }
            State::Closed => Err(not_now("it does not wait for an attempt")),
        }
    }

    /// No connection can be made for some time.
    pub(super) fn is_down(&self) -> bool {
        let until = self.common.outage_until.get().max(self.site.outage_until);
        self.common.now() < until
    }

    fn bay_or_refusal(&mut self, number: u8) -> Result<(&mut Bay, &mut Random), Refusal> {
        let bay = self.bay(number);
        bay.ok_or_else(|| Refusal::Unknown("there is no such connector".to_owned()))
    }

    /// Tells the engine what it may refuse.
    fn ask(&mut self, input: Input<'_>) -> Outcome {
        let outcome = self.station.handle(self.common.now(), input);
        self.drain();
        outcome.map_err(|refused| not_now(station_json::in_words(refused)))
    }
}
