//! Reservations (OCPP 1.6, 5.1 and 5.13): at most one of each connector, and one of any of them, which is
//! that of connector 0.

use heapless::Vec;

use super::{
    context::Context,
    memory::Events,
    record::{Decoder, Encoder, load, skipped},
};
use crate::{
    domain::IdToken,
    limits::CONNECTORS,
    storage::{RecordId, Storage},
    wire::UnixMillis,
};

/// Version of the record's form.
const FORM: u8 = 1;
/// Bytes of the longest record, and more.
const LONGEST: usize = 128;

/// Who has a connector for himself, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reservation {
    /// The central system's number for it.
    pub id: i32,
    pub expires: UnixMillis,
    pub id_tag: IdToken,
    /// The group that may use it as well.
    pub parent: Option<IdToken>,
    /// Transaction messages from this one on came later.
    pub after: u32,
}

impl Reservation {
    /// True when it is that driver's, or that of a group that the driver is of.
    pub fn is_of(&self, id_tag: &str, parent: Option<&IdToken>) -> bool {
        let is_of_group = || match (&self.parent, parent) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
            _ => false,
        };
        self.id_tag.eq_ignore_ascii_case(id_tag) || is_of_group()
    }

    fn encode(&self) -> Encoder {
        let mut record = Encoder::default();
        record.u8(FORM);
        record.i32(self.id);
        record.i64(self.expires);
        record.u32(self.after);
        record.text(Some(&self.id_tag));
        record.text(self.parent.as_deref());
        record
    }

    fn decode(mut record: Decoder<'_>) -> Option<Self> {
        if record.u8()? != FORM {
            return None;
        }
        Some(Self {
            id: record.i32()?,
            expires: record.i64()?,
            after: record.u32()?,
            id_tag: record.token()??,
            parent: record.token()?,
        })
    }
}

/// The reservations of all connectors; that of connector 0 is one of any of them.
#[derive(Debug)]
pub(super) struct Reservations(Vec<Option<Reservation>, { CONNECTORS + 1 }>);

impl Reservations {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub fn clear(&mut self) {
        self.0.clear();
        while self.0.push(None).is_ok() {}
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events, connectors: u8) {
        for (number, place) in (0..connectors + 1).zip(&mut self.0) {
            let mut bytes = [0; LONGEST];
            let id = RecordId::reservation(number);
            if let Some(record) = load(storage, events, id, &mut bytes) {
                *place = Reservation::decode(record);
                if place.is_none() {
                    skipped(events, id);
                }
            }
        }
    }

    pub fn get(&self, connector: u8) -> Option<&Reservation> {
        self.0.get(usize::from(connector))?.as_ref()
    }

    /// The connector of the reservation with that number.
    pub fn find(&self, id: i32) -> Option<u8> {
        let is_it = |place: &Option<Reservation>| place.as_ref().is_some_and(|it| it.id == id);
        u8::try_from(self.0.iter().position(is_it)?).ok()
    }

    /// Makes a reservation, in the place of the one with the same number. False, and nothing changed,
    /// when storage does not take it.
    pub fn set(&mut self, cx: &mut Context<'_>, connector: u8, reservation: Reservation) -> bool {
        let replaced = self.find(reservation.id).filter(|&old| old != connector);
        let id = RecordId::reservation(connector);
        // A power loss leaves both, of which the next boot keeps one.
        if !cx.store(id, &reservation.encode()) {
            return false;
        }
        if let Some(old) = replaced
            && !self.end(cx, old)
        {
            cx.erase(id);
            return false;
        }
        if let Some(place) = self.0.get_mut(usize::from(connector)) {
            *place = Some(reservation);
        }
        true
    }

    /// Ends one. False, and nothing changed, when storage does not forget it.
    pub fn end(&mut self, cx: &mut Context<'_>, connector: u8) -> bool {
        let is_erased = cx.erase(RecordId::reservation(connector));
        if is_erased {
            self.drop(connector);
        }
        is_erased
    }

    /// Ends one whatever storage says: it holds nothing off any more.
    pub fn drop(&mut self, connector: u8) {
        if let Some(place) = self.0.get_mut(usize::from(connector)) {
            *place = None;
        }
    }

    /// The first connector from `from` on whose reservation has expired, by the best that is known of
    /// the time.
    pub fn next_expired(&self, cx: &Context<'_>, from: u8) -> Option<u8> {
        let now = cx.clock.not_before(cx.now)?;
        let mut places = self.0.iter().enumerate().skip(from.into());
        let is_over =
            |place: &Option<Reservation>| place.as_ref().is_some_and(|it| it.expires <= now);
        let (number, _) = places.find(|(_, place)| is_over(place))?;
        u8::try_from(number).ok()
    }

    /// When the first of them expires, once the time is known.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        let now = cx.utc()?;
        let first = self.0.iter().flatten().map(|it| it.expires).min()?;
        let left = u64::try_from(first.saturating_sub(now)).unwrap_or(0);
        Some(cx.now.saturating_add(left))
    }
}
