//! Meter values (OCPP 1.6, 3.16 and 4.7): what readings are asked for, and what becomes of them.

mod meter;
mod schedule;
mod unstored;

use core::ops::Range;

use heapless::Vec;

use super::{
    Event, Reading, Refused,
    context::Context,
    record::{Decoder, Encoder},
    settings::{List, Lists, bit},
};
use crate::{
    dialect::Version,
    domain::{Context as ReadingContext, Measurand, Measured, Phase},
    limits::{CONNECTORS, METER_TIMEOUT_MS, READINGS},
    wire::Writer,
};
use meter::Meter;
use schedule::Aligned;

/// `]}]}]`: what ends a MeterValues.req after its last sampled value.
const ENDS: usize = 5;

const STOP_LISTS: Lists = bit(List::StopSampled) | bit(List::StopAligned);

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

/// What a reading of one connector is needed for, and until when.
#[derive(Debug)]
pub(super) struct ReadingRequest {
    purposes: u8,
    until: u64,
    told: bool,
    /// The register of a transaction's begin or end, which the application has told while the rest
    /// of what is to be reported with it is still awaited.
    register: Option<i32>,
}

impl ReadingRequest {
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

    pub fn has(&self, purpose: Purpose) -> bool {
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

/// What the meters said, and what their readings are awaited for: that of the whole charge point as
/// connector 0, and those of its connectors.
#[derive(Debug)]
pub(super) struct Metering {
    meters: Vec<Meter, { CONNECTORS + 1 }>,
    aligned: Aligned,
}

impl Metering {
    pub const fn new() -> Self {
        Self {
            meters: Vec::new(),
            aligned: Aligned::NONE,
        }
    }

    pub fn clear(&mut self) {
        self.meters.clear();
        while self.meters.push(Meter::new()).is_ok() {}
        self.aligned = Aligned::NONE;
    }

    fn meter(&self, number: u8) -> Option<&Meter> {
        self.meters.get(usize::from(number))
    }

    fn meter_mut(&mut self, number: u8) -> Option<&mut Meter> {
        self.meters.get_mut(usize::from(number))
    }

    /// The register of a connector in Wh, as its meter said last.
    pub fn register(&self, number: u8) -> Option<i32> {
        energy(&self.meter(number)?.readings)
    }

    /// True when its meter has said anything.
    pub fn has_said(&self, number: u8) -> bool {
        self.meter(number)
            .is_some_and(|meter| !meter.readings.is_empty())
    }

    /// Takes what a meter says. True when that is all that was awaited of it.
    pub fn read(
        &mut self,
        cx: &Context<'_>,
        number: u8,
        readings: &[Reading],
    ) -> Result<bool, Refused> {
        let meter = self.meter_mut(number).ok_or(Refused::UnknownConnector)?;
        meter.read(cx, readings)?;
        let is_incomplete = meter.is_incomplete;
        Ok(is_incomplete || self.has_all_readings(cx, number, u64::MAX))
    }

    /// What this meter said is not of now any more, though it was told in this millisecond.
    pub fn outdate(&mut self, number: u8) {
        if let Some(meter) = self.meter_mut(number) {
            meter.read_at = None;
        }
    }

    /// Asks for a reading. True when one of this very moment is there, which is good enough.
    pub fn want(&mut self, cx: &Context<'_>, number: u8, purpose: Purpose) -> bool {
        let Some(meter) = self.meter_mut(number) else {
            return false;
        };
        meter.request.add(purpose, cx.now);
        if meter.read_at != Some(cx.now) {
            return false;
        }
        let fresh = meter.fresh;
        if self.has_all_readings(cx, number, fresh) {
            return true;
        }
        if let Some(meter) = self.meter_mut(number)
            && matches!(purpose, Purpose::Begin | Purpose::End)
        {
            meter.request.register = energy_among(meter.fresh_readings(fresh));
        }
        false
    }

    /// Tries again after a while what a reading was awaited for.
    pub fn want_again(&mut self, cx: &Context<'_>, number: u8, purpose: Purpose, after_ms: u64) {
        if let Some(meter) = self.meter_mut(number) {
            meter.request.add(purpose, cx.now);
            meter.request.until = cx.now + after_ms;
            // The meter is asked for a start, and for what power cut off, but not at once when it has
            // just answered without a register; the last reading of an end is there already.
            meter.request.told = purpose == Purpose::End || meter.read_at == Some(cx.now);
        }
    }

    /// A list has changed: samples wait for all of it again.
    pub fn await_all(&mut self) {
        for meter in &mut self.meters {
            meter.is_incomplete = false;
        }
    }

    /// True when everything that is awaited of a connector's meter and that it measures is among the
    /// readings with these places. What it measures has to be known for that: without a declaration
    /// any reading will do.
    fn has_all_readings(&self, cx: &Context<'_>, number: u8, places: u64) -> bool {
        let settings = &cx.settings;
        let Some(meter) = self.meter(number) else {
            return true;
        };
        let lists = meter.request.lists();
        // The main meter is another one than those that were declared.
        if number == 0 || lists == 0 || !settings.declared.is_known() {
            return true;
        }
        settings.declared.all(&mut |measured| {
            let mut there = meter.fresh_readings(places);
            !settings.is_named(measured, lists) || there.any(|r| r.measured() == measured)
        })
    }

    /// A meter that the application has to ask.
    pub fn event(&mut self) -> Option<Event> {
        let asks = |meter: &Meter| meter.request.purposes != 0 && !meter.request.told;
        let number = self.meters.iter().position(asks)?;
        self.meters.get_mut(number)?.request.told = true;
        Some(Event::MeterWanted(number as u8))
    }

    /// The first meter from `from` on for which the application does not answer: the last known
    /// values must do.
    pub fn next_expired(&mut self, cx: &Context<'_>, from: u8) -> Option<u8> {
        let is_over = |until| until <= cx.now;
        let mut meters = self.meters.iter_mut().enumerate().skip(from.into());
        let (number, meter) =
            meters.find(|(_, meter)| meter.request.deadline().is_some_and(is_over))?;
        // It answered, but not with everything: the next sample does not wait for that.
        let since = cx.now.saturating_sub(METER_TIMEOUT_MS);
        meter.is_incomplete |= meter.read_at.is_some_and(|at| at >= since);
        u8::try_from(number).ok()
    }

    /// Everything that waited for a reading of this connector.
    pub fn take_request(&mut self, number: u8) -> ReadingRequest {
        let meter = self.meter_mut(number);
        meter.map_or(ReadingRequest::new(), |meter| {
            core::mem::replace(&mut meter.request, ReadingRequest::new())
        })
    }

    /// When a meter that was asked has had its time.
    pub fn deadline(&self) -> Option<u64> {
        let awaited = self.meters.iter().filter_map(|it| it.request.deadline());
        awaited.min()
    }

    /// When clock-aligned readings are due.
    pub fn aligned_deadline(&self) -> Option<u64> {
        self.aligned.next()
    }

    /// True when MeterValues of one of these connectors has something to say.
    pub fn has_readings(&self, cx: &Context<'_>, mut numbers: Range<u8>) -> bool {
        numbers.any(|number| !self.selected(cx, number, &[List::Sampled]).is_empty())
    }

    /// The readings that lists name, in their order.
    pub fn selected(&self, cx: &Context<'_>, number: u8, lists: &[List]) -> Vec<Reading, READINGS> {
        let mut selected = Vec::new();
        let Some(meter) = self.meter(number) else {
            return selected;
        };
        let settings = &cx.settings;
        for &named in lists.iter().flat_map(|&list| settings.measurands(list)) {
            // Where it is not known whether the whole is measured, its reading says so.
            let has_whole = || meter.has(Measured::of(named.measurand));
            let is_named = |reading: &&Reading| {
                reading.measurand == named.measurand
                    && cx.version.measures(named.measurand)
                    && settings.declared.names(named, reading.phase)
                    && (settings.declared.is_known()
                        || reading.phase == named.phase
                        || !has_whole())
            };
            for reading in meter.readings.iter().filter(is_named) {
                if !selected.contains(reading) {
                    // A reading is taken once, so that there is room for all.
                    let _ = selected.push(*reading);
                }
            }
        }
        selected
    }

    /// ClockAlignedDataInterval or the clock has changed.
    pub fn reschedule_aligned(&mut self, cx: &Context<'_>) {
        self.aligned.reschedule(cx);
    }

    /// True when clock-aligned readings are due; the next ones are scheduled then.
    pub fn take_aligned(&mut self, cx: &Context<'_>) -> bool {
        self.aligned.take(cx)
    }
}

/// What the record of readings says of them.
pub(super) fn store_readings(record: &mut Encoder, context: ReadingContext, readings: &[Reading]) {
    record.u8(context as u8);
    for reading in readings {
        record.u8(reading.measurand as u8);
        record.u8(reading.phase.map_or(u8::MAX, |phase| phase as u8));
        record.i32(reading.value);
    }
}

/// Writes as many readings as fit and gives their number; `None` if these are all.
pub(super) fn write_readings(
    version: Version,
    w: &mut Writer<'_>,
    context: ReadingContext,
    readings: impl Iterator<Item = Reading>,
) -> Option<usize> {
    for (written, reading) in readings.enumerate() {
        let mark = w.mark();
        version.reading(w, context, reading.measured(), reading.value);
        if w.overflowed() || w.room() < ENDS {
            w.rewind(mark);
            return Some(written);
        }
    }
    None
}

/// Reads what [`store_readings`] wrote.
pub(super) fn stored_readings<'d>(
    body: &mut Decoder<'d>,
) -> Option<(ReadingContext, impl Iterator<Item = Reading> + use<'d>)> {
    let context = ReadingContext::from_number(body.u8()?)?;
    let mut rest = Decoder(body.rest());
    let readings = core::iter::from_fn(move || {
        Some(Reading {
            measurand: Measurand::from_number(rest.u8()?)?,
            phase: Phase::from_number(rest.u8()?),
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
