//! One meter: its last readings, and what they are awaited for.

use heapless::Vec;

use super::{ReadingRequest, unstored::UnstoredSamples};
use crate::{
    domain::Measured,
    limits::READINGS,
    station::{Reading, Refused, context::Context},
};

#[derive(Debug)]
pub struct Meter {
    pub readings: Vec<Reading, READINGS>,
    pub read_at: Option<u64>,
    /// Places in `readings` of what was told then: a bit for each.
    pub fresh: u64,
    /// It does not tell all that it is said to measure, for now.
    pub is_incomplete: bool,
    pub request: ReadingRequest,
    pub unstored: UnstoredSamples,
}

impl Meter {
    pub const fn new() -> Self {
        Self {
            readings: Vec::new(),
            read_at: None,
            fresh: 0,
            is_incomplete: false,
            request: ReadingRequest::new(),
            unstored: UnstoredSamples::new(),
        }
    }

    /// Takes what it says now.
    pub fn read(&mut self, cx: &Context<'_>, readings: &[Reading]) -> Result<(), Refused> {
        if self.read_at != Some(cx.now) {
            self.fresh = 0;
        }
        if !self.has_room_for(readings) {
            // What no list asks for any more gives way.
            let asked_for = |old: &Reading| cx.settings.asks_for(old.measured());
            self.readings.retain(asked_for);
            self.fresh = 0;
        }
        if !self.has_room_for(readings) {
            return Err(Refused::Full);
        }
        for new in readings {
            self.take_reading(*new);
        }
        if let Some(register) = self.request.register {
            self.take_reading(Reading::energy(register));
        }
        self.read_at = Some(cx.now);
        Ok(())
    }

    fn has_room_for(&self, readings: &[Reading]) -> bool {
        let news = readings.iter().filter(|new| !self.has(new.measured()));
        self.readings.len() + news.count() <= READINGS
    }

    pub fn has(&self, measured: Measured) -> bool {
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
    pub fn fresh_readings(&self, places: u64) -> impl Iterator<Item = &Reading> {
        let readings = self.readings.iter().enumerate();
        let there = readings.filter(move |(place, _)| places >> place & 1 != 0);
        there.map(|(_, reading)| reading)
    }
}
