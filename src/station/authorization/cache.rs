//! The authorization cache (OCPP 1.6, 3.5.1).

use heapless::Vec;

use crate::{
    domain::{AuthorizationStatus, IdToken},
    limits::CACHE_ENTRIES,
    station::{
        context::Context,
        memory::Events,
        record::{Decoder, Encoder, skipped},
    },
    storage::{RecordId, Storage},
    wire::UnixMillis,
};

/// What the central system said of an idTag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::station) struct Known {
    pub id_tag: IdToken,
    pub parent: Option<IdToken>,
    pub status: AuthorizationStatus,
    pub expires: Option<UnixMillis>,
}

/// The same as it has just been said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'s> {
    pub id_tag: &'s IdToken,
    pub parent: &'s Option<IdToken>,
    pub status: AuthorizationStatus,
    pub expires: Option<UnixMillis>,
}

impl Said<'_> {
    fn is_in(&self, known: &Known) -> bool {
        *self.id_tag == known.id_tag
            && *self.parent == known.parent
            && self.status == known.status
            && self.expires == known.expires
    }

    fn known(&self) -> Known {
        Known {
            id_tag: self.id_tag.clone(),
            parent: self.parent.clone(),
            status: self.status,
            expires: self.expires,
        }
    }
}

/// In the place of a damaged entry, and the first to leave: no idTag is empty.
const UNREADABLE: Known = Known {
    id_tag: IdToken::new(),
    parent: None,
    status: AuthorizationStatus::Invalid,
    expires: None,
};

impl Known {
    /// True while an idTag may charge, as far as is known.
    #[inline(never)]
    pub fn is_valid(&self, utc: Option<UnixMillis>) -> bool {
        is_valid(self.status, self.expires, utc)
    }
}

fn is_valid(
    status: AuthorizationStatus,
    expires: Option<UnixMillis>,
    utc: Option<UnixMillis>,
) -> bool {
    let expired = match (expires, utc) {
        (Some(expires), Some(now)) => expires <= now,
        // Without a clock nothing is known to be still valid.
        (Some(_), None) => true,
        (None, _) => false,
    };
    status == AuthorizationStatus::Accepted && !expired
}

/// The authorization cache (3.5.1): what was used last, it keeps longest.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Vec<Known, CACHE_ENTRIES>,
    /// The order in which entries were learnt or used, as numbers that only grow. What is stored of
    /// it is as old as the entry: a use alone is not worth a write.
    used: Vec<u32, CACHE_ENTRIES>,
    last_used: u32,
}

impl Cache {
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            used: Vec::new(),
            last_used: 0,
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.used.clear();
        self.last_used = 0;
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        for slot in 0..CACHE_ENTRIES {
            let mut bytes = [0; 64];
            let id = RecordId::cache(slot);
            let read = storage.read(id, &mut bytes);
            if read == Ok(None) {
                // Slots are filled from the first on.
                break;
            }
            let length = read.ok().flatten();
            let record = length.and_then(|length| bytes.get(..length));
            let (used, known) = match record.and_then(decode) {
                // It took the place of another one, and power was lost before its own was free.
                Some((_, known)) if self.slot_of(&known.id_tag).is_some() => (0, UNREADABLE),
                Some(found) => found,
                None => {
                    skipped(events, id);
                    (0, UNREADABLE)
                }
            };
            let _ = self.entries.push(known);
            let _ = self.used.push(used);
            self.last_used = self.last_used.max(used);
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Of the entry in that slot.
    pub fn id_tag(&self, slot: usize) -> Option<&IdToken> {
        self.entries.get(slot).map(|known| &known.id_tag)
    }

    /// Forgets an entry: the last one takes its place.
    pub fn remove(&mut self, slot: usize) {
        if slot < self.entries.len() && slot < self.used.len() {
            self.entries.swap_remove(slot);
            self.used.swap_remove(slot);
        }
    }

    /// Forgets the entries from this slot on.
    pub fn truncate(&mut self, slot: usize) {
        self.entries.truncate(slot);
        self.used.truncate(slot);
    }

    fn slot_of(&self, id_tag: &str) -> Option<usize> {
        let same = |known: &Known| known.id_tag.eq_ignore_ascii_case(id_tag);
        self.entries.iter().position(same)
    }

    pub fn find(&self, id_tag: &str) -> Option<&Known> {
        self.entries.get(self.slot_of(id_tag)?)
    }

    /// An idTag was accepted: it is not the oldest any more.
    pub fn use_again(&mut self, id_tag: &str) {
        if let Some(slot) = self.slot_of(id_tag) {
            self.is_used(slot);
        }
    }

    fn is_used(&mut self, slot: usize) {
        self.last_used = self.last_used.saturating_add(1);
        if let Some(used) = self.used.get_mut(slot) {
            *used = self.last_used;
        }
    }

    /// The slot of the entry that leaves first: one that is not valid, else the one that was used
    /// least recently (3.5.1). None for a new one that is not valid where all others are.
    fn leaves_first(&self, new: Said<'_>, utc: Option<UnixMillis>) -> Option<usize> {
        // The valid ones behind all others: one number is compared in less code than a tuple.
        let key = |known: &Known, used: u32| u64::from(known.is_valid(utc)) << 32 | u64::from(used);
        let (mut slot, mut least) = (None, u64::MAX);
        for (place, (known, used)) in self.entries.iter().zip(&self.used).enumerate() {
            let key = key(known, *used);
            if key < least {
                (slot, least) = (Some(place), key);
            }
        }
        let is_valid = || is_valid(new.status, new.expires, utc);
        slot.filter(|_| least <= u64::from(u32::MAX) || is_valid())
    }

    /// Remembers what is new; gives the slot that has to be stored.
    pub fn learn(&mut self, said: Said<'_>, utc: Option<UnixMillis>) -> Option<usize> {
        let slot = match self.slot_of(said.id_tag) {
            Some(slot) if self.entries.get(slot).is_some_and(|it| said.is_in(it)) => {
                self.is_used(slot);
                return None;
            }
            Some(slot) => slot,
            None if !self.entries.is_full() => self.entries.len(),
            None => self.leaves_first(said, utc)?,
        };
        match self.entries.get_mut(slot) {
            Some(entry) => *entry = said.known(),
            None => {
                self.entries.push(said.known()).ok()?;
                self.used.push(0).ok()?;
            }
        }
        self.is_used(slot);
        Some(slot)
    }

    /// Stores the entry in a slot, as that of the slot `into`.
    pub fn store(&self, cx: &mut Context<'_>, slot: usize, into: usize) -> bool {
        let (Some(known), Some(used)) = (self.entries.get(slot), self.used.get(slot)) else {
            return false;
        };
        let mut record = Encoder::default();
        record.u32(*used);
        record.u8(known.status as u8);
        record.i64(known.expires.unwrap_or(i64::MAX));
        record.text(Some(&known.id_tag));
        record.text(known.parent.as_deref());
        cx.store(RecordId::cache(into), &record)
    }
}

fn decode(bytes: &[u8]) -> Option<(u32, Known)> {
    let mut record = Decoder(bytes);
    let used = record.u32()?;
    let status = AuthorizationStatus::from_number(record.u8()?)?;
    let expires = Some(record.i64()?).filter(|&expires| expires != i64::MAX);
    let id_tag = record.token()??;
    let parent = record.token()?;
    Some((
        used,
        Known {
            id_tag,
            parent,
            status,
            expires,
        },
    ))
}
