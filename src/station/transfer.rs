//! A file that the central system wants to be fetched or delivered: what it asked for, how far that is,
//! and what of it the central system has not been told. The transfer itself is the application's.
//!
//! The request is an object, because a location may be longer than a record; how far it is, is a record
//! with the request's number in it. So **a new request is there with the one write that commits its
//! object**: a record with another number is of a request before it. Neither is there when nothing is
//! under way.

mod notices;

pub(super) use notices::{Notice, Notices};

use heapless::{String, Vec};

use super::{
    context::Context,
    memory::Events,
    record::{Decoder, Encoder, load, skipped},
};
use crate::{
    dialect,
    domain::{AskedBy, TransferFailure, TransferProtocol},
    limits::LOCATION_LENGTH,
    storage::{
        RecordId, Storage, StorageError,
        objects::{self, ObjectId, Reader, Writer},
        records::{TRANSFER_AROUND, TRANSFER_STATE},
    },
    wire::UnixMillis,
};

/// Version of the form of both records, and of those that this build writes: which request it is stands in
/// it where that is known.
const FORM: u8 = 1;
const FORM_OF_ALL: u8 = if AskedBy::LENGTH != 0 { 2 } else { 1 };
/// Bytes of a request of form 1 before its location.
const AROUND_1: usize = TRANSFER_AROUND - AskedBy::LENGTH;
/// Seconds between two attempts where the central system does not say how many (5.9, 5.19).
const RETRY_INTERVAL_S: u32 = 10;
/// How often a power loss may cut off what is under way before it counts as failed: what is done again
/// may be what takes the power.
const MOST_CUTS: u8 = 3;
/// Stands for a time that was not given.
const NO_TIME: UnixMillis = UnixMillis::MIN;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing is under way.
    None = 0,
    /// It waits for its time, or for the next attempt.
    Waiting = 1,
    /// The application transfers the file.
    Transferring = 2,
    /// It is there, and waits to be installed.
    Transferred = 3,
    /// The application installs it.
    Installing = 4,
    /// It is installed with the restart that follows.
    Restarting = 5,
    /// It has ended, and the central system has not been told of it.
    Ended = 6,
}

impl Phase {
    const ALL: [Self; 7] = [
        Self::None,
        Self::Waiting,
        Self::Transferring,
        Self::Transferred,
        Self::Installing,
        Self::Restarting,
        Self::Ended,
    ];
}

/// Which of them it is: the number of its object and of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Firmware = 0,
    Log = 1,
}

impl Which {
    fn object(self) -> ObjectId {
        match self {
            Self::Firmware => ObjectId::FIRMWARE,
            Self::Log => ObjectId::LOG,
        }
    }

    fn record(self) -> RecordId {
        RecordId::transfer(self as u8)
    }
}

/// What was asked for.
#[derive(Debug)]
struct Request {
    /// One more than that of the request before.
    number: u32,
    /// When it was asked for, if that was known.
    asked_at: Option<UnixMillis>,
    from: Option<UnixMillis>,
    until: Option<UnixMillis>,
    /// Further attempts after the first.
    retries: u32,
    interval_s: u32,
    by: AskedBy,
    location: String<LOCATION_LENGTH>,
}

impl Request {
    const NONE: Self = Self {
        number: 0,
        asked_at: None,
        from: None,
        until: None,
        retries: 0,
        interval_s: 0,
        by: AskedBy::NONE,
        location: String::new(),
    };

    fn head(&self) -> Encoder {
        let mut head = Encoder::default();
        head.u8(FORM_OF_ALL);
        head.u32(self.number);
        for time in [self.asked_at, self.from, self.until] {
            head.i64(time.unwrap_or(NO_TIME));
        }
        head.u32(self.retries);
        head.u32(self.interval_s);
        head.raw(&self.by.encode());
        head
    }

    fn decode(&mut self, head: &[u8]) -> Option<()> {
        let mut head = Decoder(head);
        let form = head.u8()?;
        if !(FORM..=FORM_OF_ALL).contains(&form) {
            return None;
        }
        self.number = head.u32()?;
        for time in [&mut self.asked_at, &mut self.from, &mut self.until] {
            *time = Some(head.i64()?).filter(|time| *time != NO_TIME);
        }
        self.retries = head.u32()?;
        self.interval_s = head.u32()?;
        if form == FORM_OF_ALL {
            self.by = AskedBy::decode(*head.rest().first_chunk()?);
        }
        Some(())
    }
}

/// How far a request is, as its record has it.
#[derive(Clone, Copy, Debug)]
struct State {
    number: u32,
    phase: Phase,
    /// Attempts that have begun.
    attempt: u32,
    /// Power losses that have cut it off.
    cuts: u8,
    /// How it ended, in the words of its part.
    outcome: u8,
    /// Of the firmware that installs another.
    mark: u32,
    by: AskedBy,
}

impl State {
    const NONE: Self = Self {
        number: 0,
        phase: Phase::None,
        attempt: 0,
        cuts: 0,
        outcome: 0,
        mark: 0,
        by: AskedBy::NONE,
    };

    fn encode(&self) -> Encoder {
        let mut record = Encoder::default();
        record.u8(FORM_OF_ALL);
        record.u32(self.number);
        record.u8(self.phase as u8);
        record.u32(self.attempt);
        record.u8(self.cuts);
        record.u8(self.outcome);
        record.u32(self.mark);
        record.raw(&self.by.encode());
        record
    }

    fn decode(record: &mut Decoder<'_>) -> Option<Self> {
        let form = record.u8()?;
        if !(FORM..=FORM_OF_ALL).contains(&form) {
            return None;
        }
        Some(Self {
            number: record.u32()?,
            phase: *Phase::ALL.get(usize::from(record.u8()?))?,
            attempt: record.u32()?,
            cuts: record.u8()?,
            outcome: record.u8()?,
            mark: record.u32()?,
            by: match form == FORM_OF_ALL {
                true => AskedBy::decode(*record.rest().first_chunk()?),
                false => AskedBy::NONE,
            },
        })
    }
}

/// A transfer, if one was asked for.
#[derive(Debug)]
pub(super) struct Transfer {
    request: Request,
    state: State,
    /// When the next attempt is due.
    retry_at: u64,
    /// The boot has found the request.
    is_kept: bool,
}

impl Transfer {
    pub const fn new() -> Self {
        Self {
            request: Request::NONE,
            state: State::NONE,
            retry_at: 0,
            is_kept: false,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Takes up what storage remembers.
    #[inline(never)] // its buffers are on no other stack
    pub fn load(&mut self, which: Which, storage: &mut dyn Storage, events: &mut Events) {
        let mut buffer = [0; TRANSFER_STATE];
        let record = load(storage, events, which.record(), &mut buffer);
        let state = record.map(|mut record| State::decode(&mut record));
        let state = match state {
            Some(None) => {
                skipped(events, which.record());
                None
            }
            state => state.flatten(),
        };
        let is_there = match self.load_request(which, storage) {
            Ok(is_there) => is_there,
            Err(_) => {
                skipped(events, which.object().head());
                false
            }
        };
        self.is_kept = is_there;
        let number = self.request.number;
        self.state = match state {
            Some(state) if !is_there || state.number == number => state,
            // A request that nothing has been done of yet.
            _ if is_there => State {
                number,
                phase: Phase::Waiting,
                by: self.request.by,
                ..State::NONE
            },
            _ => State::NONE,
        };
        self.request.number = self.state.number;
    }

    fn load_request(
        &mut self,
        which: Which,
        storage: &mut dyn Storage,
    ) -> Result<bool, StorageError> {
        self.request = Request::NONE;
        let Some(mut reader) = Reader::open(storage, which.object())? else {
            return Ok(false);
        };
        reader.verify(storage)?;
        let mut head = [0; TRANSFER_AROUND];
        reader.read(storage, &mut head)?;
        if head.first() == Some(&FORM) {
            reader.seek(AROUND_1);
        }
        let mut location: Vec<u8, LOCATION_LENGTH> = Vec::new();
        loop {
            let piece = reader.next_piece(storage)?;
            if piece.is_empty() {
                break;
            }
            let taken = location.extend_from_slice(piece);
            taken.map_err(|_| StorageError::Full)?;
        }
        let location = String::from_utf8(location).map_err(|_| StorageError::Failed)?;
        self.request.decode(&head).ok_or(StorageError::Failed)?;
        self.request.location = location;
        Ok(true)
    }

    /// After the boot, when storage may be written to: erases what is of no use any more, and says what
    /// of it power cut off. `None` where that was once too often.
    pub fn booted(&mut self, which: Which, cx: &mut Context<'_>) -> Option<Phase> {
        let before = self.state.phase;
        // What else a power loss has left is erased with the next request: a boot looks for nothing more.
        if before == Phase::Ended && self.is_kept {
            erase(which, cx);
        }
        if matches!(before, Phase::Transferring | Phase::Installing) {
            self.state.cuts = self.state.cuts.saturating_add(1);
            if self.state.cuts > MOST_CUTS {
                return None;
            }
        }
        if before == Phase::Transferring {
            // That attempt is made again.
            self.state.attempt = self.state.attempt.saturating_sub(1);
            self.state.phase = Phase::Waiting;
        }
        self.retry_at = cx.now;
        Some(before)
    }

    /// True while it waits for its time, for another attempt or for its end.
    #[cfg(feature = "security")]
    pub fn is_under_way(&self) -> bool {
        !matches!(self.phase(), Phase::None | Phase::Ended)
    }

    pub fn phase(&self) -> Phase {
        self.state.phase
    }

    pub fn location(&self) -> &str {
        &self.request.location
    }

    pub fn from(&self) -> Option<UnixMillis> {
        self.request.from
    }

    pub fn by(&self) -> AskedBy {
        self.state.by
    }

    pub fn until(&self) -> Option<UnixMillis> {
        self.request.until
    }

    pub fn asked_at(&self) -> Option<UnixMillis> {
        self.request.asked_at
    }

    pub fn number(&self) -> u32 {
        self.request.number
    }

    /// Attempts that have begun, from 1 on.
    pub fn attempt(&self) -> u32 {
        self.state.attempt
    }

    /// How it ended, in the words of its part.
    pub fn outcome(&self) -> u8 {
        self.state.outcome
    }

    pub fn mark(&self) -> u32 {
        self.state.mark
    }

    pub fn set_mark(&mut self, mark: u32) {
        self.state.mark = mark;
    }

    /// A new request, in the place of the one before. False where it cannot be carried out: storage
    /// does not take it, its location is too long, or of a protocol that the application does not have.
    pub fn ask(
        &mut self,
        which: Which,
        cx: &mut Context<'_>,
        asked: &dialect::Transfer<'_>,
    ) -> bool {
        let number = self.request.number.wrapping_add(1);
        let seconds = |given: Option<i32>, without| match given {
            Some(given) => u32::try_from(given).unwrap_or(0),
            None => without,
        };
        let location = asked.location.to_string();
        let is_usable = location.is_some();
        self.request = Request {
            number,
            asked_at: cx.utc(),
            from: asked.from,
            until: asked.until,
            retries: seconds(asked.retries, 0),
            interval_s: seconds(asked.retry_interval, RETRY_INTERVAL_S),
            by: asked.by,
            location: location.unwrap_or_default(),
        };
        self.state = State {
            number,
            phase: Phase::Waiting,
            by: asked.by,
            ..State::NONE
        };
        self.retry_at = cx.now;
        if !is_usable || !self.can_be_transferred(cx) {
            // The one before must not be taken for it.
            erase(which, cx);
            return false;
        }
        let mut written = self.store_request(which, cx.storage);
        if written.is_err() {
            // The head of the one before may be damaged.
            let _ = objects::erase(cx.storage, which.object());
            written = self.store_request(which, cx.storage);
        }
        cx.is_done(written)
    }

    fn store_request(&self, which: Which, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let mut writer = Writer::begin(storage, which.object())?;
        let head = self.request.head();
        writer.write(storage, head.bytes().unwrap_or_default())?;
        writer.write(storage, self.request.location.as_bytes())?;
        writer.commit(storage)
    }

    /// True where the application has the protocol of its location.
    pub fn can_be_transferred(&self, cx: &Context<'_>) -> bool {
        let protocol = TransferProtocol::of(&self.request.location);
        protocol.is_some_and(|protocol| cx.profile.transfer_protocols.contains(&protocol))
    }

    /// Goes on to another phase, which is stored.
    pub fn enter(&mut self, which: Which, cx: &mut Context<'_>, phase: Phase) {
        self.state.phase = phase;
        cx.store(which.record(), &self.state.encode());
    }

    /// Begins an attempt.
    pub fn begin(&mut self, which: Which, cx: &mut Context<'_>) {
        self.state.attempt = self.state.attempt.saturating_add(1);
        self.enter(which, cx, Phase::Transferring);
    }

    /// An attempt has failed. False when it was the last one.
    pub fn failed(&mut self, which: Which, cx: &mut Context<'_>, failure: TransferFailure) -> bool {
        if failure.is_final() || self.state.attempt > self.request.retries {
            return false;
        }
        self.retry_at = cx.now + u64::from(self.request.interval_s) * 1000;
        self.enter(which, cx, Phase::Waiting);
        true
    }

    /// It has ended. What was asked for is erased: a location may hold a password.
    pub fn end(&mut self, which: Which, cx: &mut Context<'_>, outcome: u8) {
        self.state.outcome = outcome;
        self.enter(which, cx, Phase::Ended);
        erase(which, cx);
        self.request.location.clear();
    }

    /// The central system knows how it ended: nothing of it is left.
    pub fn told(&mut self, which: Which, cx: &mut Context<'_>) {
        if self.state.phase != Phase::Ended {
            return;
        }
        self.state.phase = Phase::None;
        // Without its record, a request that is still there would be taken for a new one.
        if erase(which, cx) {
            cx.erase(which.record());
        }
    }

    /// When the file may be installed, which counts once the time is known.
    pub fn installs_at(&self, cx: &Context<'_>) -> Option<u64> {
        let Some(at) = self.request.until else {
            return Some(cx.now);
        };
        let wait = u64::try_from(at - cx.utc()?).unwrap_or(0);
        Some(cx.now.saturating_add(wait))
    }

    /// When the next attempt may begin, if it waits for that: not before its time, which counts once
    /// the time is known.
    pub fn due(&self, cx: &Context<'_>, not_before: Option<UnixMillis>) -> Option<u64> {
        if self.state.phase != Phase::Waiting {
            return None;
        }
        let Some(from) = not_before else {
            return Some(self.retry_at);
        };
        let wait = u64::try_from(from - cx.utc()?).unwrap_or(0);
        Some(self.retry_at.max(cx.now.saturating_add(wait)))
    }
}

/// Erases what was asked for.
fn erase(which: Which, cx: &mut Context<'_>) -> bool {
    let erased = objects::erase(cx.storage, which.object());
    cx.is_done(erased)
}
