//! Security events (security whitepaper, A04): the application hears of all, for its security log; what
//! the central system is to be told is stored first, and told in order.

use heapless::String;

use super::{
    CallFailure, Event,
    call::Call,
    clock::Stamp,
    context::Context,
    memory::Events,
    record::{Decoder, Encoder, load, skipped},
    rpc::Rpc,
};
use crate::{
    domain::{SecurityEvent, TECH_INFO_LENGTH},
    limits::SECURITY_EVENTS,
    storage::{RecordId, Storage, records::SECURITY_EVENT},
};

/// Version of the record's form.
const FORM: u8 = 1;
/// How long one that was not answered waits.
const RETRY_MS: u64 = 60_000;
/// The same that comes again within this time is passed over, where it can come as often as a peer likes.
const SPARSE_MS: u64 = 3_600_000;

/// What is said about a security event.
pub type TechInfo = String<TECH_INFO_LENGTH>;

/// A security event that waits for the central system.
struct Waiting {
    number: u32,
    event: SecurityEvent,
    stamp: Stamp,
    info: Option<TechInfo>,
}

impl Waiting {
    fn encode(&self) -> Encoder {
        let mut record = Encoder::default();
        record.u8(FORM);
        record.u32(self.number);
        record.u8(self.event as u8);
        self.stamp.encode(&mut record);
        record.text(self.info.as_deref());
        record
    }

    fn decode(mut record: Decoder<'_>) -> Option<Self> {
        if record.u8()? != FORM {
            return None;
        }
        Some(Self {
            number: record.u32()?,
            event: SecurityEvent::from_number(record.u8()?)?,
            stamp: Stamp::decode(&mut record)?,
            info: record.text()?,
        })
    }
}

/// What waits in a slot.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Counts events; 0 for a slot that is free.
    number: u32,
    is_critical: bool,
}

impl Mark {
    const FREE: Self = Self {
        number: 0,
        is_critical: false,
    };
}

/// The index of those that wait.
#[derive(Debug)]
pub(super) struct SecurityEvents {
    marks: [Mark; SECURITY_EVENTS],
    last_number: u32,
    /// What was seen before the application has said what becomes of it: a bit for each.
    early: u32,
    /// The application has said so.
    is_declared: bool,
    /// The central system is told.
    tells: bool,
    /// One has a stamp that was taken before the time was known.
    is_unsettled: bool,
    retry_at: u64,
    /// When InvalidMessages, and MemoryExhaustion, may come again.
    sparse_until: [u64; 2],
}

impl SecurityEvents {
    pub const fn new() -> Self {
        Self {
            marks: [Mark::FREE; SECURITY_EVENTS],
            last_number: 0,
            early: 0,
            is_declared: false,
            tells: false,
            is_unsettled: false,
            retry_at: 0,
            sparse_until: [0; 2],
        }
    }

    pub fn clear(&mut self) {
        self.marks.fill(Mark::FREE);
        self.last_number = 0;
        self.early = 1 << SecurityEvent::StartupOfTheDevice as u8;
        self.is_declared = false;
        self.tells = false;
        self.is_unsettled = true;
        self.retry_at = 0;
        self.sparse_until = [0; 2];
    }

    /// Takes up what storage remembers.
    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        for (slot, mark) in self.marks.iter_mut().enumerate() {
            let mut bytes = [0; SECURITY_EVENT];
            let id = RecordId::security_event(slot);
            let Some(record) = load(storage, events, id, &mut bytes) else {
                continue;
            };
            match Waiting::decode(record) {
                Some(waiting) => {
                    *mark = Mark {
                        number: waiting.number,
                        is_critical: waiting.event.is_critical(),
                    };
                    self.last_number = self.last_number.max(waiting.number);
                }
                None => skipped(events, id),
            }
        }
    }

    /// The application says what becomes of them.
    pub fn declare(&mut self, cx: &mut Context<'_>, tells: bool) {
        self.tells = tells;
        if core::mem::replace(&mut self.is_declared, true) {
            return;
        }
        let early = core::mem::take(&mut self.early);
        for event in SecurityEvent::ALL {
            if early >> *event as u8 & 1 != 0 {
                self.note(cx, *event, "");
            }
        }
    }

    /// Something was seen.
    pub fn note(&mut self, cx: &mut Context<'_>, event: SecurityEvent, info: &str) {
        if !self.is_declared {
            self.early |= 1 << event as u8;
            return;
        }
        let info = beginning(info);
        let waiting = Waiting {
            number: self.last_number.wrapping_add(1),
            event,
            stamp: cx.stamp(),
            info: Some(info.clone()).filter(|info| !info.is_empty()),
        };
        if self.tells && event.is_told() {
            self.keep(cx, &waiting);
        }
        cx.emit(Event::SecurityEvent { event, info });
    }

    /// The same, once in a while, for what a peer can repeat as often as it likes, and what each attempt to
    /// store something brings about.
    pub fn note_sparsely(&mut self, cx: &mut Context<'_>, event: SecurityEvent) {
        let [invalid, exhausted] = &mut self.sparse_until;
        let until = match event {
            SecurityEvent::MemoryExhaustion => exhausted,
            _ => invalid,
        };
        if cx.now >= *until {
            *until = cx.now + SPARSE_MS;
            self.note(cx, event, "");
        }
    }

    /// Stores one, in a free slot or in that of another one: the oldest that is not critical, or else the
    /// oldest.
    fn keep(&mut self, cx: &mut Context<'_>, waiting: &Waiting) {
        let marks = self.marks.iter().enumerate();
        let place = marks.min_by_key(|(_, mark)| (mark.is_critical, mark.number));
        let Some((slot, _)) = place else {
            return;
        };
        if !cx.store(RecordId::security_event(slot), &waiting.encode()) {
            return;
        }
        self.last_number = waiting.number;
        self.is_unsettled |= matches!(waiting.stamp, Stamp::Uptime { .. });
        if let Some(mark) = self.marks.get_mut(slot) {
            *mark = Mark {
                number: waiting.number,
                is_critical: waiting.event.is_critical(),
            };
        }
    }

    /// The slot of the one that is told next.
    fn first(&self) -> Option<usize> {
        let waiting = self.marks.iter().enumerate();
        let waiting = waiting.filter(|(_, mark)| mark.number != 0);
        Some(waiting.min_by_key(|(_, mark)| mark.number)?.0)
    }

    /// How many wait for the central system.
    pub fn waiting(&self) -> usize {
        self.marks.iter().filter(|mark| mark.number != 0).count()
    }

    /// When the next is told, once the time is known.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        let waits = self.tells && cx.utc().is_some() && self.waiting() > 0;
        waits.then_some(self.retry_at)
    }

    /// Tells the next.
    pub fn call(&mut self, cx: &mut Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        if self.deadline(cx).is_none_or(|due| due > cx.now) {
            return false;
        }
        let Some(slot) = self.first() else {
            return false;
        };
        let Some(waiting) = self.read(cx, slot) else {
            // What cannot be read any more cannot be told.
            self.forget(cx, slot);
            return false;
        };
        let Some(timestamp) = cx.clock.resolve(waiting.stamp) else {
            return false;
        };
        let id = rpc.next_id();
        rpc.call(cx.now, id, Call::SecurityEvent { slot }, &mut |w| {
            let info = waiting.info.as_deref();
            cx.version
                .security_event_notification(w, waiting.event, timestamp, info);
        })
    }

    #[inline(never)]
    fn read(&self, cx: &mut Context<'_>, slot: usize) -> Option<Waiting> {
        let mut bytes = [0; SECURITY_EVENT];
        let id = RecordId::security_event(slot);
        Waiting::decode(load(cx.storage, cx.events, id, &mut bytes)?)
    }

    /// It was told, or will not be.
    fn forget(&mut self, cx: &mut Context<'_>, slot: usize) {
        cx.erase(RecordId::security_event(slot));
        if let Some(mark) = self.marks.get_mut(slot) {
            *mark = Mark::FREE;
        }
    }

    /// The central system has taken it, or says that it cannot; without an answer it is told again.
    pub fn answered(&mut self, cx: &mut Context<'_>, slot: usize, failure: Option<CallFailure>) {
        match failure {
            Some(CallFailure::Timeout) => self.retry_at = cx.now + RETRY_MS,
            _ => self.forget(cx, slot),
        }
    }

    /// The central system is there again.
    pub fn came_online(&mut self) {
        self.retry_at = 0;
    }

    /// The time has become known: what was stored before that gets it, because a later run could not
    /// know it.
    pub fn settle(&mut self, cx: &mut Context<'_>) {
        if !core::mem::take(&mut self.is_unsettled) {
            return;
        }
        for slot in 0..SECURITY_EVENTS {
            if self.marks.get(slot).is_none_or(|mark| mark.number == 0) {
                continue;
            }
            let Some(mut waiting) = self.read(cx, slot) else {
                continue;
            };
            if let (Stamp::Uptime { .. }, Some(utc)) =
                (waiting.stamp, cx.clock.resolve(waiting.stamp))
            {
                waiting.stamp = Stamp::Utc(utc);
                self.is_unsettled |= !cx.store(RecordId::security_event(slot), &waiting.encode());
            }
        }
    }
}

/// As much of a text as is kept.
fn beginning(text: &str) -> TechInfo {
    let mut info = TechInfo::new();
    for c in text.chars() {
        if info.push(c).is_err() {
            break;
        }
    }
    info
}
