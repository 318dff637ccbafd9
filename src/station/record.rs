//! Bytes of a stored record: little-endian, without padding, written and read in one order.

use heapless::{String, Vec};

use super::{Event, memory::Events};
use crate::{
    domain::{ID_TOKEN_LENGTH, IdToken},
    limits::RECORD_LENGTH,
    storage::{RecordId, Storage},
};

/// A stored record; nothing where there is none, or where it is damaged, which is told.
pub(super) fn load<'b>(
    storage: &mut dyn Storage,
    events: &mut Events,
    id: RecordId,
    buffer: &'b mut [u8],
) -> Option<Decoder<'b>> {
    match storage.read(id, buffer) {
        Ok(length) => buffer.get(..length?).map(Decoder),
        Err(_) => {
            skipped(events, id);
            None
        }
    }
}

/// Tells that a record is of no use.
pub(super) fn skipped(events: &mut Events, id: RecordId) {
    // Only the boot reads so many that there could be no room to tell of all.
    let _ = events.push_back(Event::RecordSkipped(id));
}

/// A record being written. What does not fit is dropped and makes [`Encoder::bytes`] empty-handed.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    bytes: Vec<u8, RECORD_LENGTH>,
    overflowed: bool,
}

impl Encoder {
    pub fn u8(&mut self, value: u8) {
        self.raw(&[value]);
    }

    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.raw(&value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_le_bytes());
    }

    /// Up to 254 bytes of text; nothing is told from empty.
    pub fn text(&mut self, value: Option<&str>) {
        let bytes = value.map_or(&[][..], str::as_bytes);
        match (value, u8::try_from(bytes.len())) {
            (None, _) => self.u8(u8::MAX),
            (Some(_), Ok(length)) if length < u8::MAX => self.u8(length),
            (Some(_), _) => self.overflowed = true,
        }
        self.raw(bytes);
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.overflowed |= self.bytes.extend_from_slice(bytes).is_err();
    }

    /// The record, if all of it fitted.
    pub fn bytes(&self) -> Option<&[u8]> {
        (!self.overflowed).then_some(&self.bytes)
    }
}

/// A record being read; every step gives nothing at the end of the bytes.
#[derive(Debug)]
pub(super) struct Decoder<'a>(pub &'a [u8]);

impl<'a> Decoder<'a> {
    #[inline(never)]
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// Text that was written; nothing inside for text that was not there.
    pub fn text<const N: usize>(&mut self) -> Option<Option<String<N>>> {
        let length = match self.u8()? {
            u8::MAX => return Some(None),
            length => usize::from(length),
        };
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        let text = core::str::from_utf8(text).ok()?;
        String::try_from(text).ok().map(Some)
    }

    /// A token that was written with [`Encoder::text`].
    pub fn token(&mut self) -> Option<Option<IdToken>> {
        let text: Option<String<ID_TOKEN_LENGTH>> = self.text()?;
        let Some(text) = text else {
            return Some(None);
        };
        let token = IdToken::from(text);
        Some(Some(token))
    }

    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }
}
