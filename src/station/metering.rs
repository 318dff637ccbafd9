//! Meter values (OCPP 1.6, 3.9 and 4.7): what readings are asked for, and what becomes of them.

mod moment;
mod schedule;

pub(super) use moment::Moments;
pub(super) use schedule::Aligned;

use ::core::ops::Range;

use heapless::Vec;

use super::{
    Event, Reading, Refused, Station,
    configuration::Measured,
    journal::Kind,
    key::List,
    record::{Decoder, Encoder},
};
use crate::{
    limits::{METER_TIMEOUT_MS, READINGS},
    v16::{Context, Measurand, Phase, core},
    wire::Writer,
};

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
    /// The register with which the transaction ends that power cut off.
    CutOff = 64,
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
        let _ = self.journal_push(kind, number, transaction, stamp, &mut body);
    }

    /// True when MeterValues of one of these connectors has something to say.
    pub(super) fn has_readings(&self, mut numbers: Range<u8>) -> bool {
        numbers.any(|number| !self.selected(number, List::Sampled).is_empty())
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
