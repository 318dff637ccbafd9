//! A station under power: what it wants is done, what happens is told to it.

mod asked;
mod due;
mod events;
mod obeying;
mod online;
mod shown;

use std::time::Instant;

use fleet_engine::{
    domain::{ChargePointError, Measurand, RegistrationStatus},
    station::{Event, Input, Output, Reading, Station},
};

use online::send;

use crate::{
    bay::Stage,
    link::Failure,
    orders::Order,
    station::{Common, Site, Wake, count},
    stats::shift,
    trouble::Trouble,
};

/// TCP and the handshake together: a central system that has just come up is asked by all at once.
const OPENING_MS: u64 = 30_000;
/// A restart takes so long.
const RESTART_MS: u64 = 2_000;
/// So often, at least, is told what a station does that is looked at.
const WATCHED_MS: u64 = 1_000;
/// What is said of faults.
const SIMULATED: &str = "simulated";

pub struct Running<'r, 's> {
    station: Station<'s>,
    site: &'r mut Site,
    common: &'r Common,
    /// When the engine wants to be asked.
    until: u64,
    /// When the connection has to be there.
    opens_until: u64,
    subprotocol: &'static str,
    next_ping: u64,
    is_pong_awaited: bool,
    is_accepted: bool,
    charging: i64,
    queued: i64,
    /// When the CALL that has no answer yet was sent.
    called: Option<Instant>,
    /// Power is off until then.
    off_until: Option<u64>,
}

impl<'r, 's> Running<'r, 's> {
    pub fn new(station: Station<'s>, site: &'r mut Site, common: &'r Common) -> Self {
        shift(&common.stats.gauges.running, 1);
        count(&common.stats.counters.boots);
        Self {
            station,
            site,
            common,
            until: 0,
            opens_until: u64::MAX,
            subprotocol: "",
            next_ping: u64::MAX,
            is_pong_awaited: false,
            is_accepted: false,
            charging: 0,
            queued: 0,
            called: None,
            off_until: None,
        }
    }

    /// Tells a station that has just booted what it finds.
    pub fn begin(&mut self, is_first: bool) {
        let (now, setup) = (self.common.now(), &self.common.setup);
        if is_first {
            for (key, value) in &setup.settings {
                self.station.configure(now, *key, value);
                self.drain();
            }
        }
        self.tell_event("boot", |_| serde_json::json!({}));
        if let Some(error) = self.site.fault {
            self.tell_fault(0, error, SIMULATED);
        }
        for number in 1..=setup.connectors {
            self.read_meter(number);
            let Some((bay, random)) = self.bay(number) else {
                continue;
            };
            if is_first {
                match random.chance(setup.model.busy) {
                    true => bay.arrive(&setup.model, random, setup.drivers, now),
                    false => bay.expect(&setup.model, random, now),
                }
            }
            let (fault, is_plugged) = (bay.fault, bay.is_plugged());
            // Who is there when power comes back presents the card once more.
            if is_plugged && !is_first {
                bay.stage = Stage::Plugged;
                bay.schedule(now + random.within(5_000.0, 60_000.0) as u64);
            }
            if let Some(error) = fault {
                self.tell_fault(number, error, SIMULATED);
            }
            if is_plugged {
                self.tell(Input::Plugged(number));
            }
        }
    }

    /// Does what there is to do. Gives the time when power comes back, once it is gone.
    pub fn work(&mut self) -> Option<u64> {
        let mut answered = None;
        match self.common.wake.take() {
            Wake::Due => {}
            Wake::Ready => {
                if let Err(failure) = self.ready() {
                    self.hang_up(failure);
                }
            }
            Wake::Order(order) => self.obey(order),
            Wake::Asked(question) => {
                let outcome = self.answer(question.asked);
                answered = Some((question.answer, outcome));
            }
            Wake::Digest => {
                self.common.digest.set(self.digest());
                return None;
            }
        }
        self.be_due();
        if self.until <= self.common.now() {
            self.drain();
        }
        self.settle();
        self.count_levels();
        let is_watched = self.publish();
        // Who asks next is not told the state before.
        if let Some((answer, outcome)) = answered {
            answer(outcome);
        }
        if self.off_until.is_none() {
            let bays = self.site.bays.iter().map(|bay| bay.next);
            let looked_at = match is_watched {
                true => self.common.now() + WATCHED_MS,
                false => u64::MAX,
            };
            let own = [
                looked_at,
                self.until,
                self.opens_until,
                self.next_ping,
                self.site.loses_link_at,
            ];
            self.common
                .due
                .set(bays.chain(own).min().unwrap_or(u64::MAX));
        }
        self.off_until
    }

    /// Power is gone.
    pub fn end(mut self) {
        self.cut();
        let (gauges, now) = (&self.common.stats.gauges, self.common.now());
        for bay in &mut self.site.bays {
            bay.switch(false, now);
        }
        shift(&gauges.running, -1);
        shift(&gauges.accepted, -i64::from(self.is_accepted));
        shift(&gauges.charging, -self.charging);
        shift(&gauges.queued, -self.queued);
    }

    fn count_levels(&mut self) {
        let gauges = &self.common.stats.gauges;
        let queued = self.station.queued() as i64;
        shift(
            &gauges.queued,
            queued - std::mem::replace(&mut self.queued, queued),
        );
        let is_accepted = self.site.link.is_open()
            && self.station.registration() == Some(RegistrationStatus::Accepted);
        let before = std::mem::replace(&mut self.is_accepted, is_accepted);
        shift(&gauges.accepted, i64::from(is_accepted) - i64::from(before));
        let running =
            (1..=self.common.setup.connectors).filter(|n| self.station.transaction(*n).is_some());
        let charging = running.count() as i64;
        shift(
            &gauges.charging,
            charging - std::mem::replace(&mut self.charging, charging),
        );
    }

    fn obey(&mut self, order: Order) {
        let now = self.common.now();
        match order {
            Order::Blackout(time) => self.off_until = Some(now + time.as_millis() as u64),
            Order::Outage(time) => {
                let until = now + time.as_millis() as u64;
                self.site.outage_until = self.site.outage_until.max(until);
                self.lose_link();
            }
            Order::Restart => {
                self.tell(Input::Reset(fleet_engine::domain::ResetType::Hard));
            }
            Order::Surge(share) => {
                for number in 1..=self.common.setup.connectors {
                    if let Some((bay, random)) = self.bay(number)
                        && bay.stage == Stage::Empty
                        && random.chance(share)
                    {
                        bay.summon(now);
                    }
                }
            }
        }
    }

    fn tell_fault(&mut self, connector: u8, error: ChargePointError, info: &str) {
        self.tell(Input::Fault {
            connector,
            error,
            info,
            vendor_error_code: "",
        });
    }

    /// Something went wrong.
    fn trouble(&mut self, trouble: impl Into<Trouble>) {
        let trouble = trouble.into();
        count(trouble.counter(&self.common.stats.counters));
        self.site.last_error = Some((self.common.now(), trouble));
        self.tell_event(
            "error",
            |_| serde_json::json!({ "message": trouble.shown() }),
        );
    }

    fn bay(&mut self, number: u8) -> Option<(&mut crate::bay::Bay, &mut crate::random::Random)> {
        let bay = self
            .site
            .bays
            .get_mut(usize::from(number.checked_sub(1)?))?;
        Some((bay, &mut self.site.random))
    }

    fn read_meter(&mut self, number: u8) {
        let now = self.common.now();
        let Some((bay, _)) = self.bay(number) else {
            return;
        };
        let readings = [
            Reading::energy(bay.register(now)),
            Reading::of(Measurand::PowerActiveImport, bay.watts() as i32),
            Reading::of(Measurand::CurrentImport, bay.milliamperes() as i32),
        ];
        let readings = &readings;
        self.tell(Input::Meter {
            connector: number,
            readings,
        });
    }

    /// Tells the engine something that it has no reason to refuse.
    fn tell(&mut self, input: Input<'_>) {
        // A fleet goes on where one of its stations cannot.
        let _ = self.station.handle(self.common.now(), input);
        self.drain();
    }

    /// Does what the engine wants, until it wants nothing more.
    fn settle(&mut self) {
        while self.off_until.is_none() {
            let Some(event) = self.common.wishes.borrow_mut().pop_front() else {
                return;
            };
            self.hear(event);
        }
        self.common.wishes.borrow_mut().clear();
    }

    /// Sends what the engine sends, and remembers what it wants, until it waits.
    fn drain(&mut self) {
        let mut parts = String::new();
        loop {
            let now = self.common.now();
            let wants = match self.station.poll(now) {
                Output::SendPart(text) => {
                    parts.push_str(text);
                    continue;
                }
                Output::Send(text) => {
                    let (common, site) = (self.common, &mut *self.site);
                    let sent = match parts.is_empty() {
                        true => send(common, site, &mut self.called, text),
                        false => {
                            parts.push_str(text);
                            send(common, site, &mut self.called, &std::mem::take(&mut parts))
                        }
                    };
                    sent.err().map(Want::HangUp)
                }
                Output::Connect { subprotocol } => Some(Want::Connect(subprotocol)),
                Output::Disconnect => Some(Want::Cut),
                Output::Event(event) => Some(Want::Event(event)),
                Output::Wait(until) => {
                    self.until = until;
                    return;
                }
            };
            match wants {
                Some(Want::Connect(subprotocol)) => self.connect(subprotocol),
                Some(Want::HangUp(failure)) => {
                    self.cut();
                    self.trouble(failure);
                    let _ = self.station.handle(now, Input::Disconnected);
                }
                // It takes the connection for closed.
                Some(Want::Cut) => self.cut(),
                Some(Want::Event(event)) => self.note(event),
                None => {}
            }
        }
    }
}

/// What the engine wants.
enum Want {
    Connect(&'static str),
    HangUp(Failure),
    Cut,
    Event(Event),
}
