//! A station under power: what it wants is done, what happens is told to it.

mod asked;
mod obeying;
mod online;
mod shown;

use std::time::Instant;

use fleet_engine::{
    domain::{
        AuthorizationStatus, ChargePointError, IdToken, Measurand, RegistrationStatus, UnlockStatus,
    },
    station::{Event, Input, Output, Reading, Station, Suspension, TransactionState},
};

use online::send;

use crate::{
    bay::{Act, Stage},
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

    /// What drivers, fate and the clock do.
    fn be_due(&mut self) {
        let now = self.common.now();
        for number in 1..=self.common.setup.connectors {
            let act = self.bay(number).and_then(|(bay, _)| bay.due(now));
            if let Some(act) = act {
                self.act(number, act, now);
            }
        }
        if self.site.loses_link_at <= now {
            let setup = &self.common.setup;
            let again = setup.model.until_link_loss(&mut self.site.random);
            self.site.loses_link_at = now.saturating_add(again);
            let until = now + self.site.random.exponential(30_000.0) as u64;
            self.site.outage_until = self.site.outage_until.max(until);
            self.lose_link();
        }
        if self.opens_until <= now {
            self.hang_up(Failure::Refused);
        }
        if self.next_ping <= now {
            self.ping(now);
        }
    }

    fn act(&mut self, number: u8, act: Act, now: u64) {
        let (setup, counters) = (&self.common.setup, &self.common.stats.counters);
        let Some((bay, random)) = self.bay(number) else {
            return;
        };
        match act {
            Act::Plug if !bay.is_sure && !setup.model.comes(random, setup.hour(now)) => {
                bay.expect(&setup.model, random, now);
            }
            Act::Plug => {
                count(&counters.vehicles);
                bay.arrive(&setup.model, random, setup.drivers, now);
                self.tell(Input::Plugged(number));
            }
            Act::Present => {
                // Who has not got any energy in a while leaves.
                bay.next = now + random.within(120_000.0, 180_000.0) as u64;
                bay.stage = match bay.stage {
                    Stage::Charging => Stage::Leaving,
                    _ => Stage::Presented,
                };
                let tag = setup.id_tag(bay.id_tag);
                if let Ok(id_tag) = IdToken::try_from(&*tag) {
                    let id_tag = &id_tag;
                    let connector = number;
                    // What is refused, because it is out of service or occupied, comes to no more.
                    let _ = self.station.handle(now, Input::Tag { connector, id_tag });
                    self.drain();
                }
            }
            Act::Full => {
                bay.fill(now);
                bay.plan(now);
                let by = Some(Suspension::Ev);
                let _ = self.station.handle(
                    now,
                    Input::Suspended {
                        connector: number,
                        by,
                    },
                );
                self.drain();
            }
            Act::Unplug => {
                bay.expect(&setup.model, random, now);
                self.tell(Input::Unplugged(number));
            }
            Act::Break => {
                count(&counters.faults);
                bay.breaks_off(now + random.within(60_000.0, 600_000.0) as u64);
                self.tell_fault(number, ChargePointError::OtherError, SIMULATED);
                self.tell(Input::Unplugged(number));
            }
            Act::Mend => {
                bay.fault = None;
                bay.expect(&setup.model, random, now);
                self.tell(Input::FaultCleared(number));
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

    /// What has to be done at once; the rest is a wish.
    fn note(&mut self, event: Event) {
        let now = self.common.now();
        let counters = &self.common.stats.counters;
        if self.common.watchers.has(self.site.plan.place) {
            self.report(&event);
        }
        match event {
            Event::Energy { connector, allowed } => {
                if let Some((bay, random)) = self.bay(connector) {
                    bay.switch(allowed, now);
                    match (allowed, bay.stage) {
                        (true, Stage::Plugged | Stage::Presented) => bay.stage = Stage::Charging,
                        // Its end, however that came about: the driver unplugs.
                        (false, Stage::Leaving) => {
                            bay.schedule(now + random.within(2_000.0, 15_000.0) as u64);
                        }
                        _ => {}
                    }
                    bay.plan(now);
                }
            }
            Event::ChargingLimit { connector, limit } => {
                if let Some((bay, _)) = self.bay(connector) {
                    let watts = limit.map(|limit| {
                        let amperes = limit
                            .deciamperes
                            .saturating_mul(u32::from(limit.phases) * 23);
                        limit.watts.min(amperes)
                    });
                    bay.limit(watts, now);
                    bay.plan(now);
                }
            }
            Event::Transaction {
                connector, state, ..
            } => match state {
                TransactionState::Started => count(&counters.started),
                TransactionState::Stopped => {
                    count(&counters.stopped);
                    if let Some((bay, random)) = self.bay(connector)
                        && bay.is_served()
                    {
                        bay.stopped(now + random.within(2_000.0, 15_000.0) as u64);
                    }
                }
                TransactionState::Reported => count(&counters.reported),
                TransactionState::Accepted | TransactionState::Refused => {}
            },
            Event::CallFailed { failure, .. } => {
                if let Some(trouble) = Trouble::of_call(failure) {
                    self.trouble(trouble);
                }
            }
            Event::FrameDropped(_) => self.trouble(Trouble::Dropped),
            Event::StorageFailed(_) => self.trouble(Trouble::NotStored),
            event => self.common.wishes.borrow_mut().push_back(event),
        }
    }

    fn hear(&mut self, event: Event) {
        let now = self.common.now();
        match event {
            Event::MeterWanted(connector) => self.read_meter(connector),
            Event::Unlock(connector) => {
                let status = UnlockStatus::Unlocked;
                self.tell(Input::UnlockResult { connector, status });
            }
            Event::Authorization {
                connector, status, ..
            } if status != AuthorizationStatus::Accepted => {
                self.trouble(Trouble::NotAuthorized);
                let is_online = self.station.is_online();
                if let Some((bay, random)) = self.bay(connector)
                    && bay.stage == Stage::Presented
                {
                    // Without a connection the driver tries again, else leaves.
                    let (least, most) = match is_online {
                        true => (2_000.0, 15_000.0),
                        false => {
                            bay.stage = Stage::Plugged;
                            (5_000.0, 20_000.0)
                        }
                    };
                    bay.schedule(now + random.within(least, most) as u64);
                }
            }
            Event::RemoteStart { connector, .. } => {
                if let Some((bay, _)) = self.bay(connector)
                    && bay.stage == Stage::Empty
                {
                    bay.summon(now);
                }
            }
            Event::Reset(_) => self.off_until = Some(now + RESTART_MS),
            _ => {}
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
