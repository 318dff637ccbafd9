//! The CALLs of the central system that wait for their answers, because the application or a meter
//! has to say first how they go.
//!
//! A central system waits for an answer before it sends its next CALL (OCPP-J 1.6, 4.1.1); some do not.

use core::ops::Range;

use heapless::String;

use super::rpc::RAW_ID_LENGTH;
#[cfg(feature = "security")]
use crate::domain::CertificateUse;

/// How many may wait at once. An unlocking takes seconds, which the other kinds should not wait for.
const CAPACITY: usize = 3;

/// What a CALL of the central system waits for.
///
/// With a tag of its own, of which `Nothing` is 0: see [`Memory`](super::Memory).
#[derive(Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Waiting {
    Nothing,
    Unlock(u8),
    /// The application's answer.
    DataTransfer,
    /// What the application finds of the certificate by which a firmware is signed.
    #[cfg(feature = "security")]
    SigningCertificate,
    /// The same of another one.
    #[cfg(feature = "security")]
    Certificate(CertificateUse),
    /// The first readings of one of these connectors, for a TriggerMessage.
    Readings(Range<u8>),
}

#[derive(Debug)]
struct Answer {
    until: u64,
    waiting: Waiting,
    id: String<RAW_ID_LENGTH>,
}

impl Answer {
    const NONE: Self = Self {
        until: 0,
        waiting: Waiting::Nothing,
        id: String::new(),
    };

    fn is_owed(&self) -> bool {
        self.waiting != Waiting::Nothing
    }
}

/// The answers that the station owes.
#[derive(Debug)]
pub(super) struct Deferred([Answer; CAPACITY]);

impl Deferred {
    pub const fn new() -> Self {
        Self([Answer::NONE; CAPACITY])
    }

    /// True when one more may wait.
    pub fn has_room(&self) -> bool {
        self.0.iter().any(|answer| !answer.is_owed())
    }

    /// True when one waits for that.
    pub fn has(&self, waiting: &Waiting) -> bool {
        self.find(|other| other == waiting).is_some()
    }

    /// The first that waits for something of that kind.
    pub fn find(&self, is_meant: impl Fn(&Waiting) -> bool) -> Option<usize> {
        let mut owed = self.0.iter();
        owed.position(|answer| answer.is_owed() && is_meant(&answer.waiting))
    }

    /// One more waits, until then at most. There has to be room.
    pub fn add(&mut self, raw_id: &str, waiting: Waiting, until: u64) {
        if let Some(answer) = self.0.iter_mut().find(|answer| !answer.is_owed()) {
            // Ids that are longer were refused when their frame was read.
            answer.id = String::try_from(raw_id).unwrap_or_default();
            answer.waiting = waiting;
            answer.until = until;
        }
    }

    /// The id of one that is answered now.
    pub fn take_id(&mut self, place: usize) -> &str {
        let Some(answer) = self.0.get_mut(place) else {
            return "";
        };
        answer.waiting = Waiting::Nothing;
        &answer.id
    }

    /// One that has waited long enough: its place, and what it waited for.
    pub fn expired(&self, now: u64) -> Option<(usize, &Waiting)> {
        let mut all = self.0.iter().enumerate();
        let (place, answer) = all.find(|(_, answer)| answer.is_owed() && answer.until <= now)?;
        Some((place, &answer.waiting))
    }

    /// None of the answers is expected any more.
    pub fn clear(&mut self) {
        for answer in &mut self.0 {
            answer.waiting = Waiting::Nothing;
        }
    }

    /// When the first of them has waited long enough.
    pub fn deadline(&self) -> Option<u64> {
        let owed = self.0.iter().filter(|answer| answer.is_owed());
        owed.map(|answer| answer.until).min()
    }
}
