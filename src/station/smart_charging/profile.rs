//! A charging profile: what of it is in RAM, and its periods, which are not.

use super::schedule::{ENDLESS, FOREVER, Timing};
use crate::{
    domain::{ChargingProfileKind, ChargingProfilePurpose, ChargingRateUnit, RecurrencyKind},
    station::record::{Decoder, Encoder},
    storage::{
        Storage, StorageError,
        objects::{self, ObjectId, Reader},
        records::{PROFILE_HEADER, PROFILE_PERIOD},
    },
};

/// Version of the object's form. One of another form is left alone.
const FORM: u8 = 1;
/// The recurrency of a profile that does not recur.
const NONE: u8 = u8::MAX;
/// Bits of a limit; the number of phases stands above them.
const LIMIT_BITS: u32 = 30;
/// The highest limit that can be kept, in tenths.
pub const MOST_LIMIT: u32 = (1 << LIMIT_BITS) - 1;

/// Milliseconds until storage that could not be read is asked again.
const RETRY_MS: u64 = 10_000;

/// A limit, as a period has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Seconds from the start of the schedule.
    pub start: u32,
    /// Tenths of the unit, up to [`MOST_LIMIT`].
    pub limit: u32,
    /// 1 to 3, 0 where it is not said.
    pub phases: u8,
}

impl Period {
    pub fn encode(self) -> [u8; PROFILE_PERIOD] {
        let packed = self.limit | u32::from(self.phases) << LIMIT_BITS;
        let [a, b, c, d] = self.start.to_le_bytes();
        let [e, f, g, h] = packed.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }

    fn decode(bytes: [u8; PROFILE_PERIOD]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        let packed = u32::from_le_bytes([e, f, g, h]);
        Self {
            start: u32::from_le_bytes([a, b, c, d]),
            limit: packed & MOST_LIMIT,
            phases: (packed >> LIMIT_BITS) as u8,
        }
    }
}

/// How reading the object went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Worked,
    /// The application is to be told.
    Failed,
    FailureTold,
}

/// A profile without its periods, which are streamed from storage.
#[derive(Debug)]
pub struct Profile {
    /// The number of its object.
    pub slot: u8,
    /// Given by the central system, unique for the charge point.
    pub id: i32,
    /// Counts profiles: of two that exclude each other, the later one counts.
    pub order: u32,
    /// 0 for the whole charge point, or for every connector.
    pub connector: u8,
    pub purpose: ChargingProfilePurpose,
    pub stack_level: u8,
    /// The station's own number of the transaction that it is for; 0 for none, or for one that has
    /// not begun.
    pub transaction: u32,
    pub timing: Timing,
    pub unit: ChargingRateUnit,
    /// Tenths of the unit, below which a vehicle charges badly.
    pub min_rate: u32,
    /// How many periods its object has.
    pub periods: u16,
    /// Its object could not be read when it was asked last.
    pub reading: Reading,
    /// The period that was looked up last, and where the next one begins.
    held: Option<(Period, u32)>,
    /// The one that was in force last: it stays so while storage cannot be read.
    in_force: Option<Period>,
}

impl Profile {
    /// One whose periods have not been stored yet.
    pub fn new(
        id: i32,
        connector: u8,
        purpose: ChargingProfilePurpose,
        stack_level: u8,
        timing: Timing,
        unit: ChargingRateUnit,
    ) -> Self {
        Self {
            slot: 0,
            id,
            order: 0,
            connector,
            purpose,
            stack_level,
            transaction: 0,
            timing,
            unit,
            min_rate: 0,
            periods: 0,
            reading: Reading::Worked,
            held: None,
            in_force: None,
        }
    }

    pub fn object(&self) -> Option<ObjectId> {
        objects::Kind::ChargingProfile.object(self.slot)
    }

    /// True for one of a transaction of that connector.
    pub fn is_of_transaction(&self, connector: u8) -> bool {
        self.purpose == ChargingProfilePurpose::Tx && self.connector == connector
    }

    /// True when there can be only one of them: OCPP 1.6, 3.13.2 Stacking charging profiles.
    pub fn excludes(&self, other: &Self) -> bool {
        self.id == other.id
            || self.connector == other.connector
                && self.purpose == other.purpose
                && self.stack_level == other.stack_level
    }

    /// What its object begins with.
    pub fn encode(&self) -> Encoder {
        let mut bytes = Encoder::default();
        let recurrency = match self.timing.kind {
            ChargingProfileKind::Recurring => self.timing.recurrency as u8,
            _ => NONE,
        };
        bytes.raw(&[
            FORM,
            self.purpose as u8,
            self.timing.kind as u8,
            recurrency,
            self.unit as u8,
            self.connector,
            self.stack_level,
            0,
        ]);
        bytes.i32(self.id);
        bytes.u32(self.order);
        bytes.u32(self.transaction);
        bytes.u32(self.timing.duration);
        bytes.i64(self.timing.valid_from);
        bytes.i64(self.timing.valid_to);
        bytes.i64(self.timing.start);
        bytes.u32(self.min_rate);
        bytes.u32(0);
        bytes
    }

    /// The profile of an object; `None` for one that is of another form.
    pub fn decode(slot: u8, bytes: &[u8], length: usize) -> Option<Self> {
        let mut bytes = Decoder(bytes);
        if bytes.u8() != Some(FORM) {
            return None;
        }
        let purpose = ChargingProfilePurpose::from_number(bytes.u8()?)?;
        let kind = ChargingProfileKind::from_number(bytes.u8()?)?;
        let recurrency = bytes.u8()?;
        let unit = ChargingRateUnit::from_number(bytes.u8()?)?;
        let (connector, stack_level) = (bytes.u8()?, bytes.u8()?);
        bytes.u8()?;
        let id = bytes.i32()?;
        let (order, transaction) = (bytes.u32()?, bytes.u32()?);
        let timing = Timing {
            kind,
            recurrency: RecurrencyKind::from_number(recurrency).unwrap_or(RecurrencyKind::Daily),
            duration: bytes.u32()?,
            valid_from: bytes.i64()?,
            valid_to: bytes.i64()?,
            start: bytes.i64()?,
        };
        let min_rate = bytes.u32()?;
        let periods = length.checked_sub(PROFILE_HEADER)? / PROFILE_PERIOD;
        Some(Self {
            slot,
            order,
            transaction,
            min_rate,
            periods: u16::try_from(periods).ok()?,
            ..Self::new(id, connector, purpose, stack_level, timing, unit)
        })
    }

    /// Holds the first period, where the schedule stands if it begins now; `before` is the one before
    /// that which comes.
    pub fn hold(&mut self, before: Option<Period>, next: Period) {
        match (before, self.held) {
            (None, _) => self.held = Some((next, ENDLESS)),
            (Some(_), Some((first, ENDLESS))) => self.held = Some((first, next.start)),
            _ => {}
        }
    }

    /// The period in force that many milliseconds after the start of the schedule, and how long it
    /// lasts. Storage is asked only where it is not the one that was asked for last. Where it cannot be
    /// read, the one that was in force last stays so, and storage is asked again.
    pub fn period_at(
        &mut self,
        storage: &mut dyn Storage,
        since: u64,
        is_now: bool,
    ) -> (Option<Period>, u64) {
        // No period begins later.
        let second = u32::try_from(since / 1_000).unwrap_or(ENDLESS - 1);
        let (period, next) = match self.held {
            Some((period, next)) if period.start <= second && second < next => (period, next),
            _ => match self.look_up(storage, second) {
                Ok(found) => {
                    self.reading = Reading::Worked;
                    self.held = Some(found);
                    found
                }
                Err(_) => {
                    if self.reading == Reading::Worked {
                        self.reading = Reading::Failed;
                    }
                    // What will be is not asked again and again.
                    let lasts = if is_now { RETRY_MS } else { FOREVER };
                    return (self.last_known(), lasts);
                }
            },
        };
        if is_now {
            self.in_force = Some(period);
        }
        let lasts = match next {
            ENDLESS => FOREVER,
            next => (u64::from(next) * 1_000).saturating_sub(since),
        };
        (Some(period), lasts)
    }

    fn last_known(&self) -> Option<Period> {
        self.in_force.or(self.held.map(|(period, _)| period))
    }

    /// Nothing is known of its periods, and storage cannot be read.
    pub fn is_lost(&self) -> bool {
        self.reading != Reading::Worked && self.last_known().is_none()
    }

    #[inline(never)] // its buffer is on the stack only where storage is asked
    fn look_up(
        &self,
        storage: &mut dyn Storage,
        second: u32,
    ) -> Result<(Period, u32), StorageError> {
        let object = self.object().ok_or(StorageError::Failed)?;
        let mut reader = Reader::open(storage, object)?.ok_or(StorageError::Failed)?;
        let mut read = |place: u16| {
            let mut bytes = [0; PROFILE_PERIOD];
            let offset = PROFILE_HEADER + usize::from(place) * PROFILE_PERIOD;
            match reader.read_at(storage, offset, &mut bytes)? {
                PROFILE_PERIOD => Ok(Period::decode(bytes)),
                _ => Err(StorageError::Failed),
            }
        };
        // The first begins at 0.
        let (mut low, mut high) = (0, self.periods);
        let (mut found, mut next) = (None, ENDLESS);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let period = read(middle)?;
            if period.start <= second {
                (low, found) = (middle, Some(period));
            } else {
                (high, next) = (middle, period.start);
            }
        }
        let period = match found {
            Some(period) => period,
            None => read(0)?,
        };
        Ok((period, next))
    }
}
