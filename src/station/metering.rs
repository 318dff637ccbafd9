//! Meter values (OCPP 1.6, 3.9 and 4.7): when readings are asked for, and what becomes of them.

use heapless::Vec;

use super::{
    Earliest, Event, Key, Reading, Refused, Station,
    clock::Stamp,
    configuration::Measured,
    journal::Kind,
    key::List,
    record::{Decoder, Encoder},
    rpc::Call,
};
use crate::{
    limits::{METER_TIMEOUT_MS, READINGS},
    v16::{Context, Measurand, Phase, core},
    wire::Writer,
};

const DAY_MS: i64 = 86_400_000;
/// `]}]}]`: what ends a MeterValues.req after its last sampled value.
const ENDS: usize = 5;

/// What a reading of the meter is awaited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Purpose {
    Begin = 1,
    Periodic = 2,
    Clock = 4,
    Trigger = 8,
    End = 16,
    /// The register itself: for the limit of a refused transaction, and to be saved.
    Register = 32,
}

/// The purposes that wait for a reading of one connector.
#[derive(Debug)]
pub(super) struct Wanted {
    purposes: u8,
    until: u64,
    told: bool,
}

impl Wanted {
    pub const fn new() -> Self {
        Self {
            purposes: 0,
            until: 0,
            told: false,
        }
    }

    fn add(&mut self, purpose: Purpose, now: u64) {
        // The last reading has to be of an open contactor: one that was asked for before is not.
        // The first does not wait for the room that an end waits for.
        if self.purposes == 0 || matches!(purpose, Purpose::Begin | Purpose::End) {
            self.until = now + METER_TIMEOUT_MS;
            self.told = false;
        }
        self.purposes |= purpose as u8;
    }

    fn has(&self, purpose: Purpose) -> bool {
        self.purposes & purpose as u8 != 0
    }

    pub fn deadline(&self) -> Option<u64> {
        (self.purposes != 0).then_some(self.until)
    }
}

/// Readings of a moment outside the journal.
#[derive(Debug)]
struct Moment {
    stamp: Stamp,
    sent: usize,
}

/// The moments of a connector that are to be told: clock-aligned without a transaction, and
/// triggered.
#[derive(Debug)]
pub(super) struct Moments {
    clock: Option<Moment>,
    triggered: Option<Moment>,
}

impl Moments {
    pub const fn new() -> Self {
        Self {
            clock: None,
            triggered: None,
        }
    }

    fn of(&self, context: Context) -> Option<&Moment> {
        match context {
            Context::Trigger => self.triggered.as_ref(),
            _ => self.clock.as_ref(),
        }
    }

    fn place(&mut self, context: Context) -> &mut Option<Moment> {
        match context {
            Context::Trigger => &mut self.triggered,
            _ => &mut self.clock,
        }
    }
}

/// The next clock-aligned sample.
#[derive(Debug, Default)]
pub(super) struct Aligned {
    next: Option<u64>,
    /// The last one, in UTC: a clock set back does not bring it again.
    last: i64,
}

impl Station<'_> {
    pub(super) fn meter_read(&mut self, number: u8, readings: &[Reading]) -> Result<(), Refused> {
        let now = self.now;
        let connector = self.any_connector_mut(number)?;
        let news = readings.iter().filter(|new| {
            let known = &connector.readings;
            !known.iter().any(|old| is_same(old, new))
        });
        if connector.readings.len() + news.count() > READINGS {
            return Err(Refused::NoRoom);
        }
        for new in readings {
            match connector.readings.iter_mut().find(|old| is_same(old, new)) {
                Some(old) => *old = *new,
                None => {
                    // Counted before; one that is twice in `readings` only needs less room.
                    let _ = connector.readings.push(*new);
                }
            }
        }
        connector.read_at = Some(now);
        let energy = energy(&connector.readings);
        if let (Some(transaction), Some(energy)) = (&mut connector.transaction, energy) {
            if transaction.limit_reached(energy) {
                self.status_changed(number);
            }
            self.save_when_due(number, energy);
        }
        self.take_readings(number);
        Ok(())
    }

    /// Asks for a reading; one of this very moment is good enough.
    pub(super) fn want(&mut self, number: u8, purpose: Purpose) {
        let now = self.now;
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        connector.wanted.add(purpose, now);
        if connector.read_at == Some(now) {
            self.take_readings(number);
        }
    }

    /// Tries again after a while what a reading was awaited for.
    pub(super) fn want_again(&mut self, number: u8, purpose: Purpose, after_ms: u64) {
        let now = self.now;
        if let Ok(connector) = self.any_connector_mut(number) {
            connector.wanted.add(purpose, now);
            connector.wanted.until = now + after_ms;
            // The meter is asked for a start; the last reading of an end is there already.
            connector.wanted.told = purpose == Purpose::End;
        }
    }

    pub(super) fn meter_event(&mut self) -> Option<Event> {
        for number in self.all_numbers() {
            let wanted = &mut self.any_connector_mut(number).ok()?.wanted;
            if wanted.purposes != 0 && !wanted.told {
                wanted.told = true;
                return Some(Event::MeterWanted(number));
            }
        }
        None
    }

    /// The application does not answer: the last known values must do.
    pub(super) fn expire_readings(&mut self) {
        for number in self.all_numbers() {
            let connector = self.memory.connectors.get(usize::from(number));
            let deadline = connector.and_then(|connector| connector.wanted.deadline());
            if deadline.is_some_and(|deadline| deadline <= self.now) {
                self.take_readings(number);
            }
        }
    }

    /// Does everything that waited for a reading of this connector.
    fn take_readings(&mut self, number: u8) {
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        let wanted = ::core::mem::replace(&mut connector.wanted, Wanted::new());
        if wanted.has(Purpose::Begin) {
            self.record_start(number);
        }
        if wanted.has(Purpose::Periodic) {
            self.sample(
                number,
                Context::SamplePeriodic,
                List::Sampled,
                List::StopSampled,
            );
        }
        if wanted.has(Purpose::Clock) {
            self.sample(
                number,
                Context::SampleClock,
                List::Aligned,
                List::StopAligned,
            );
        }
        if wanted.has(Purpose::Trigger) {
            self.take_moment(number, Context::Trigger);
        }
        if wanted.has(Purpose::End) {
            self.record_stop(number);
        }
    }

    /// Stores what the lists ask for, with the running transaction; without one, clock-aligned
    /// values go out at once or not at all (they are no transaction messages, 3.7).
    fn sample(&mut self, number: u8, context: Context, list: List, stop_list: List) {
        let connector = self.memory.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.recorded_transaction());
        match transaction {
            Some(transaction) => {
                self.journal_readings(Kind::Values, number, transaction, context, list);
                self.journal_readings(Kind::StopValues, number, transaction, context, stop_list);
            }
            None if context == Context::SampleClock => self.take_moment(number, context),
            None => {}
        }
    }

    fn take_moment(&mut self, number: u8, context: Context) {
        let stamp = self.stamp();
        let up = match context {
            Context::Trigger => self.link.is_up(),
            _ => self.is_online(),
        };
        if let Ok(connector) = self.any_connector_mut(number) {
            *connector.moments.place(context) = up.then_some(Moment { stamp, sent: 0 });
        }
    }

    /// Stores the readings of a connector that a list names.
    pub(super) fn journal_readings(
        &mut self,
        kind: Kind,
        number: u8,
        transaction: u32,
        context: Context,
        list: List,
    ) {
        let readings = self.selected(number, list);
        if readings.is_empty() {
            return;
        }
        // First the register: what a power loss ends a transaction with is not less than what
        // has been told of it.
        self.save_with_readings(number);
        let stamp = self.stamp();
        let mut body = |record: &mut Encoder| {
            record.u8(context as u8);
            for reading in &readings {
                record.u8(reading.measurand as u8);
                record.u8(reading.phase.map_or(u8::MAX, |phase| phase as u8));
                record.i32(reading.value);
            }
        };
        // The application hears of a failure; a sample is not worth more.
        let _ = self.journal_push(kind, number, transaction, stamp, &mut body);
    }

    /// The readings that a list names, in its order.
    fn selected(&self, number: u8, list: List) -> Vec<Reading, READINGS> {
        let mut selected = Vec::new();
        let Some(connector) = self.memory.connectors.get(usize::from(number)) else {
            return selected;
        };
        for &measured in self.memory.config.list(list) {
            let named = |reading: &&Reading| is_measured(reading, measured, &connector.readings);
            for reading in connector.readings.iter().filter(named) {
                if !selected.contains(reading) {
                    // A reading is taken once, so that there is room for all.
                    let _ = selected.push(*reading);
                }
            }
        }
        selected
    }

    /// True when a reading of that kind is of use: it bills, or one of the four lists asks for it
    /// (`MeterValuesSampledData` and so on).
    pub fn wants(&self, measurand: Measurand) -> bool {
        let lists = [
            List::Aligned,
            List::Sampled,
            List::StopAligned,
            List::StopSampled,
        ];
        let mut asked = lists.iter().flat_map(|&list| self.memory.config.list(list));
        measurand == Measurand::EnergyActiveImportRegister
            || asked.any(|&(asked, _)| asked == measurand)
    }

    /// Sends readings of now that were triggered, or clock-aligned ones.
    pub(super) fn call_moment(&mut self, context: Context) -> bool {
        let list = match context {
            Context::Trigger => List::Sampled,
            _ => List::Aligned,
        };
        for number in self.all_numbers() {
            let connector = self.memory.connectors.get(usize::from(number));
            let moment = connector.and_then(|connector| connector.moments.of(context));
            let Some(&Moment { stamp, sent }) = moment else {
                continue;
            };
            let readings = self.selected(number, list);
            let Some(left) = readings.get(sent..).filter(|left| !left.is_empty()) else {
                self.moment_failed(number, context, stamp);
                continue;
            };
            let connector = self.memory.connectors.get(usize::from(number));
            let transaction = connector.and_then(|connector| connector.running());
            let transaction_id = transaction.and_then(|running| running.transaction_id);
            let timestamp = self.clock.resolve(stamp).unwrap_or(0);
            let mut until = sent;
            let id = self.rpc.next_id();
            let write = &mut |w: &mut Writer<'_>| {
                core::begin_meter_values(w, number, transaction_id);
                core::begin_meter_value(w, timestamp);
                until = sent + write_readings(w, context, left.iter().copied());
                core::end_list_and_object(w);
                core::end_list_and_object(w);
            };
            let call = |until| Call::Moment {
                connector: number,
                context,
                stamp,
                until,
            };
            if self.rpc.call(self.now, id, call(0), write) {
                self.rpc.is_about(call(until));
                return true;
            }
        }
        false
    }

    pub(super) fn moment_sent(&mut self, number: u8, context: Context, stamp: Stamp, until: usize) {
        if let Some(moment) = self.moment(number, context, stamp)
            && let Some(moment) = moment
        {
            moment.sent = until;
        }
    }

    pub(super) fn moment_failed(&mut self, number: u8, context: Context, stamp: Stamp) {
        if let Some(moment) = self.moment(number, context, stamp) {
            *moment = None;
        }
    }

    /// The moment with that stamp, unless a later one has taken its place.
    fn moment(
        &mut self,
        number: u8,
        context: Context,
        stamp: Stamp,
    ) -> Option<&mut Option<Moment>> {
        let place = self.any_connector_mut(number).ok()?.moments.place(context);
        let same = place.as_ref().is_some_and(|moment| moment.stamp == stamp);
        same.then_some(place)
    }

    /// The connection is lost: what is not of a transaction is not sent later.
    pub(super) fn forget_moments(&mut self) {
        for connector in &mut self.memory.connectors {
            connector.moments = Moments::new();
        }
    }

    /// MeterValueSampleInterval has changed, or a transaction has begun.
    pub(super) fn reschedule_samples(&mut self) {
        let next = match self.memory.config.millis(Key::MeterValueSampleInterval) {
            0 => None,
            interval => Some(self.now + interval),
        };
        for connector in &mut self.memory.connectors {
            if let Some(transaction) = &mut connector.transaction {
                transaction.next_sample = next;
            }
        }
    }

    /// ClockAlignedDataInterval or the clock has changed, or a sample has been taken: the next
    /// one is a whole number of intervals after midnight UTC (9.1.5).
    pub(super) fn reschedule_aligned(&mut self) {
        let interval = i64::from(self.memory.config.number(Key::ClockAlignedDataInterval)) * 1000;
        self.aligned.next = match self.utc() {
            Some(utc) if interval > 0 => {
                // A small step back does not bring the last sample again; a large one is a new
                // time altogether.
                let after = match self.aligned.last {
                    last if last - utc < interval => utc.max(last),
                    _ => utc,
                };
                let midnight = after - after.rem_euclid(DAY_MS);
                let next = after + interval - (after - midnight) % interval;
                self.clock.monotonic(next.min(midnight + DAY_MS))
            }
            _ => None,
        };
    }

    pub(super) fn sample_when_due(&mut self) {
        let interval = self.memory.config.millis(Key::MeterValueSampleInterval);
        for number in self.connector_numbers() {
            let now = self.now;
            let connector = self.connector_mut(number).ok();
            let transaction = connector.and_then(|connector| connector.transaction.as_mut());
            let Some(transaction) = transaction else {
                continue;
            };
            let sample = transaction.next_sample.filter(|&due| due <= now);
            if let Some(due) = sample {
                // Missed samples are not made up for; the rhythm is kept.
                let missed = (now - due).checked_div(interval).unwrap_or(0);
                transaction.next_sample = (interval > 0).then(|| due + interval * (missed + 1));
            }
            let check = transaction.take_check(now);
            if sample.is_some() {
                self.want(number, Purpose::Periodic);
            }
            if check {
                self.want(number, Purpose::Register);
            }
        }
        if self.aligned.next.is_some_and(|due| due <= self.now) {
            self.aligned.last = self.utc().unwrap_or(0);
            self.reschedule_aligned();
            for number in self.all_numbers() {
                let connector = self.memory.connectors.get(usize::from(number));
                // The main meter is read only where there is one.
                if number != 0 || connector.is_some_and(|c| !c.readings.is_empty()) {
                    self.want(number, Purpose::Clock);
                }
            }
        }
    }

    pub(super) fn sample_deadlines(&self, first: &mut Earliest) {
        first.or(self.aligned.next);
        for connector in &self.memory.connectors {
            if let Some(transaction) = &connector.transaction {
                first.or(transaction.next_sample);
                first.or(transaction.next_check());
            }
        }
    }
}

/// Writes as many readings as fit and gives their number.
pub(super) fn write_readings(
    w: &mut Writer<'_>,
    context: Context,
    readings: impl Iterator<Item = Reading>,
) -> usize {
    let mut written = 0;
    for reading in readings {
        let mark = w.mark();
        let Reading {
            measurand,
            phase,
            value,
        } = reading;
        core::sampled_value(w, context, measurand, phase, value);
        if w.overflowed() || w.room() < ENDS {
            w.rewind(mark);
            break;
        }
        written += 1;
    }
    written
}

/// Reads what [`Station::journal_readings`] wrote.
pub(super) fn stored_readings<'d>(
    body: &mut Decoder<'d>,
) -> Option<(Context, impl Iterator<Item = Reading> + use<'d>)> {
    let context = Context::from_place(body.u8()?)?;
    let mut rest = Decoder(body.rest());
    let readings = ::core::iter::from_fn(move || {
        Some(Reading {
            measurand: Measurand::from_place(rest.u8()?)?,
            phase: Phase::from_place(rest.u8()?),
            value: rest.i32()?,
        })
    });
    Some((context, readings))
}

/// The register that bills.
pub(super) fn energy(readings: &[Reading]) -> Option<i32> {
    let register = Reading::energy(0);
    let found = readings.iter().find(|reading| is_same(reading, &register));
    found.map(|reading| reading.value)
}

fn is_same(a: &Reading, b: &Reading) -> bool {
    a.measurand == b.measurand && a.phase == b.phase
}

/// True when an entry of a list names a reading. Without a phase it names the whole, or all
/// phases where the whole is not measured.
fn is_measured(reading: &Reading, (measurand, phase): Measured, all: &[Reading]) -> bool {
    reading.measurand == measurand
        && (reading.phase == phase
            || (phase.is_none() && !all.iter().any(|r| is_same(r, &Reading::of(measurand, 0)))))
}
