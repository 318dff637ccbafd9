//! Meter values (OCPP 1.6, 3.16 and 4.7): what readings are asked for, and what becomes of them.

mod declared;
mod moment;
mod schedule;

pub(super) use declared::Declared;
pub(super) use moment::Moments;
pub(super) use schedule::Aligned;

use ::core::ops::Range;

use heapless::Vec;

use super::{
    Event, Reading, Refused, Station,
    connector::Connector,
    key::List,
    outbox::Kind,
    record::{Decoder, Encoder},
};
use crate::{
    limits::{METER_TIMEOUT_MS, READINGS},
    v16::{Context, Measurand, Measured, Phase, core},
    wire::Writer,
};

/// `]}]}]`: what ends a MeterValues.req after its last sampled value.
const ENDS: usize = 5;

/// Some of the lists of measurands: a bit for each.
pub(super) type Lists = u8;

const STOP_LISTS: Lists = bit(List::StopSampled) | bit(List::StopAligned);

pub(super) const fn bit(list: List) -> Lists {
    1 << list as u8
}

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
    /// The register with which the transaction ends that power cut off.
    CutOff = 64,
}

/// The purposes that wait for a reading of one connector.
#[derive(Debug)]
pub(super) struct Wanted {
    purposes: u8,
    until: u64,
    told: bool,
    /// The register of a transaction's begin or end, which the application has told while the rest
    /// of what is to be reported with it is still awaited.
    register: Option<i32>,
}

impl Wanted {
    pub const fn new() -> Self {
        Self {
            purposes: 0,
            until: 0,
            told: false,
            register: None,
        }
    }

    fn add(&mut self, purpose: Purpose, now: u64) {
        // The last reading has to be of an open contactor: one that was asked for before is not.
        // The first does not wait for the room that an end waits for.
        if self.purposes == 0 || matches!(purpose, Purpose::Begin | Purpose::End) {
            self.until = now + METER_TIMEOUT_MS;
            self.told = false;
            self.register = None;
        }
        self.purposes |= purpose as u8;
    }

    fn has(&self, purpose: Purpose) -> bool {
        self.purposes & purpose as u8 != 0
    }

    /// The lists whose readings are awaited.
    fn lists(&self) -> Lists {
        let of = |purpose, lists| if self.has(purpose) { lists } else { 0 };
        of(Purpose::Begin, STOP_LISTS)
            | of(Purpose::End, STOP_LISTS)
            | of(
                Purpose::Periodic,
                bit(List::Sampled) | bit(List::StopSampled),
            )
            | of(Purpose::Clock, bit(List::Aligned) | bit(List::StopAligned))
            | of(Purpose::Trigger, bit(List::Sampled))
    }

    pub fn deadline(&self) -> Option<u64> {
        (self.purposes != 0).then_some(self.until)
    }
}

impl Station<'_> {
    pub(super) fn meter_read(&mut self, number: u8, readings: &[Reading]) -> Result<(), Refused> {
        let now = self.cx.now;
        self.any_connector_mut(number)?;
        let Some(connector) = self.connectors.get_mut(usize::from(number)) else {
            return Err(Refused::UnknownConnector);
        };
        if connector.read_at != Some(now) {
            connector.fresh = 0;
        }
        if !connector.has_room_for(readings) {
            // What no list asks for any more gives way.
            let asked_for = |old: &Reading| self.cx.settings.asks_for(old.measured());
            connector.readings.retain(asked_for);
            connector.fresh = 0;
        }
        if !connector.has_room_for(readings) {
            return Err(Refused::NoRoom);
        }
        for new in readings {
            connector.take_reading(*new);
        }
        if let Some(register) = connector.wanted.register {
            connector.take_reading(Reading::energy(register));
        }
        connector.read_at = Some(now);
        let is_incomplete = connector.is_incomplete;
        let energy = energy(&connector.readings);
        if let (Some(transaction), Some(energy)) = (&mut connector.transaction, energy) {
            if transaction.limit_reached(energy) {
                self.status_changed(number);
            }
            self.save_when_due(number, energy);
        }
        if is_incomplete || self.has_all_readings(number, u64::MAX) {
            self.take_readings(number);
        }
        Ok(())
    }

    /// Asks for a reading; one of this very moment is good enough.
    pub(super) fn want(&mut self, number: u8, purpose: Purpose) {
        let now = self.cx.now;
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        connector.wanted.add(purpose, now);
        if connector.read_at != Some(now) {
            return;
        }
        let fresh = connector.fresh;
        if self.has_all_readings(number, fresh) {
            self.take_readings(number);
        } else if let Ok(connector) = self.any_connector_mut(number)
            && matches!(purpose, Purpose::Begin | Purpose::End)
        {
            let fresh = connector.fresh_readings(fresh);
            connector.wanted.register = energy_among(fresh);
        }
    }

    /// A list has changed: samples wait for all of it again.
    pub(super) fn await_readings(&mut self) {
        for connector in self.connectors.iter_mut() {
            connector.is_incomplete = false;
        }
    }

    /// True when everything that is awaited of a connector's meter and that it measures is among the
    /// readings with these places. What it measures has to be known for that: without a declaration
    /// any reading will do.
    fn has_all_readings(&self, number: u8, places: u64) -> bool {
        let config = &self.cx.settings;
        let Some(connector) = self.connectors.get(usize::from(number)) else {
            return true;
        };
        let lists = connector.wanted.lists();
        // The main meter is another one than those that were declared.
        if number == 0 || lists == 0 || !config.declared.is_known() {
            return true;
        }
        config.declared.all().all(|measured| {
            let mut there = connector.fresh_readings(places);
            !config.is_named(measured, lists) || there.any(|r| r.measured() == measured)
        })
    }

    /// Tries again after a while what a reading was awaited for.
    pub(super) fn want_again(&mut self, number: u8, purpose: Purpose, after_ms: u64) {
        let now = self.cx.now;
        if let Ok(connector) = self.any_connector_mut(number) {
            connector.wanted.add(purpose, now);
            connector.wanted.until = now + after_ms;
            // The meter is asked for a start, and for what power cut off, but not at once when it has
            // just answered without a register; the last reading of an end is there already.
            connector.wanted.told = purpose == Purpose::End || connector.read_at == Some(now);
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
            let now = self.cx.now;
            let Ok(connector) = self.any_connector_mut(number) else {
                continue;
            };
            if connector
                .wanted
                .deadline()
                .is_some_and(|until| until <= now)
            {
                // It answered, but not with everything: the next sample does not wait for that.
                let since = now.saturating_sub(METER_TIMEOUT_MS);
                connector.is_incomplete |= connector.read_at.is_some_and(|at| at >= since);
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
        if wanted.has(Purpose::CutOff) {
            self.end_cut_off(number);
        }
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
        let connector = self.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.recorded_transaction());
        match transaction {
            Some(transaction) => {
                self.journal_readings(Kind::Values, number, transaction, context, &[list]);
                self.journal_readings(Kind::StopValues, number, transaction, context, &[stop_list]);
            }
            None if context == Context::SampleClock => self.take_moment(number, context),
            None => {}
        }
    }

    /// Stores what transactionData says of the begin or the end of a transaction: all that the
    /// lists for it name (errata 3.14).
    pub(super) fn journal_edge(&mut self, number: u8, transaction: u32, context: Context) {
        let lists = &[List::StopSampled, List::StopAligned];
        self.journal_readings(Kind::StopValues, number, transaction, context, lists);
    }

    /// Stores the readings of a connector that lists name.
    fn journal_readings(
        &mut self,
        kind: Kind,
        number: u8,
        transaction: u32,
        context: Context,
        lists: &[List],
    ) {
        let readings = self.selected(number, lists);
        if readings.is_empty() {
            return;
        }
        // First the register: what a power loss ends a transaction with is not less than what
        // has been told of it.
        self.save_with_readings(number);
        let stamp = self.transaction_stamp(number);
        let mut body = |record: &mut Encoder| {
            record.u8(context as u8);
            for reading in &readings {
                record.u8(reading.measurand as u8);
                record.u8(reading.phase.map_or(u8::MAX, |phase| phase as u8));
                record.i32(reading.value);
            }
        };
        // The application hears of a failure; a sample is not worth more.
        let _ = self.store_message(kind, number, transaction, stamp, &mut body);
    }

    /// True when MeterValues of one of these connectors has something to say.
    pub(super) fn has_readings(&self, mut numbers: Range<u8>) -> bool {
        numbers.any(|number| !self.selected(number, &[List::Sampled]).is_empty())
    }

    /// The readings that lists name, in their order.
    fn selected(&self, number: u8, lists: &[List]) -> Vec<Reading, READINGS> {
        let mut selected = Vec::new();
        let Some(connector) = self.connectors.get(usize::from(number)) else {
            return selected;
        };
        let config = &self.cx.settings;
        for &named in lists.iter().flat_map(|&list| config.measurands(list)) {
            // Where it is not known whether the whole is measured, its reading says so.
            let has_whole = || connector.has(Measured::of(named.measurand));
            let is_named = |reading: &&Reading| {
                reading.measurand == named.measurand
                    && config.declared.names(named, reading.phase)
                    && (config.declared.is_known() || reading.phase == named.phase || !has_whole())
            };
            for reading in connector.readings.iter().filter(is_named) {
                if !selected.contains(reading) {
                    // A reading is taken once, so that there is room for all.
                    let _ = selected.push(*reading);
                }
            }
        }
        selected
    }

    /// True when a reading of that kind is of use, of the whole or of a phase: it bills, or one of
    /// the four lists asks for it (`MeterValuesSampledData` and so on).
    pub fn wants(&self, measurand: Measurand) -> bool {
        let phases = Phase::ALL.iter().map(|&phase| Some(phase));
        let mut phases = [None].into_iter().chain(phases);
        phases.any(|phase| self.wants_measured(Measured { measurand, phase }))
    }

    /// True when that reading is of use: it bills, or one of the four lists asks for it. A list that
    /// names no phase asks for the whole, or for all phases where the whole is not declared.
    pub fn wants_measured(&self, measured: Measured) -> bool {
        self.cx.settings.asks_for(measured)
    }
}

impl Connector {
    fn has_room_for(&self, readings: &[Reading]) -> bool {
        let news = readings.iter().filter(|new| !self.has(new.measured()));
        self.readings.len() + news.count() <= READINGS
    }

    fn has(&self, measured: Measured) -> bool {
        let mut known = self.readings.iter();
        known.any(|reading| reading.measured() == measured)
    }

    /// Keeps a reading that there is room for, as one of this moment.
    fn take_reading(&mut self, new: Reading) {
        let mut known = self.readings.iter();
        let place = known.position(|old| old.measured() == new.measured());
        let place = place.unwrap_or(self.readings.len());
        match self.readings.get_mut(place) {
            Some(old) => *old = new,
            None => {
                // Counted before; one that is told twice only needs less room.
                let _ = self.readings.push(new);
            }
        }
        self.fresh |= 1 << place;
    }

    /// The readings with these places.
    fn fresh_readings(&self, places: u64) -> impl Iterator<Item = &Reading> {
        let readings = self.readings.iter().enumerate();
        let there = readings.filter(move |(place, _)| places >> place & 1 != 0);
        there.map(|(_, reading)| reading)
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
    energy_among(readings.iter())
}

fn energy_among<'r>(mut readings: impl Iterator<Item = &'r Reading>) -> Option<i32> {
    let register = Measured::of(Measurand::EnergyActiveImportRegister);
    let found = readings.find(|reading| reading.measured() == register);
    found.map(|reading| reading.value)
}
