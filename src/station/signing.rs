//! What a firmware is signed with (security whitepaper, L01): kept while the application looks at the
//! certificate, because the frame is gone by then, and until the signature has been verified.
//!
//! There are two places for it, so that a request that is refused leaves that of the update that is under
//! way.

use core::str::from_utf8;

use heapless::String;

use super::{
    context::Context,
    record::{Decoder, Encoder},
};
use crate::{
    dialect::Transfer,
    domain::AskedBy,
    limits::LOCATION_LENGTH,
    storage::{
        Storage, StorageError,
        objects::{ObjectId, Reader, Writer},
    },
    wire::{Text, UnixMillis},
};

/// Version of the object's form.
const FORM: u8 = 1;
/// Bytes before the location.
const AROUND: usize = 34;
/// Stands for a number that was not given.
const NOTHING: i32 = i32::MIN;
/// Stands for a time that was not given.
const NO_TIME: UnixMillis = UnixMillis::MIN;

/// What a firmware is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signing<'b> {
    /// The certificate, or its chain: PEM.
    pub certificate: &'b str,
    /// The signature of the whole file: Base64.
    pub signature: &'b str,
}

/// A request for a firmware as it was kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub location: String<LOCATION_LENGTH>,
    retries: Option<i32>,
    retry_interval: Option<i32>,
    request_id: i32,
    from: Option<UnixMillis>,
    until: Option<UnixMillis>,
    place: u8,
}

impl Kept {
    pub fn transfer(&self) -> Option<Transfer<'_>> {
        // A location that would need escapes is no URL.
        let is_plain = |c: char| c != '"' && c != '\\' && !c.is_control();
        self.location.chars().all(is_plain).then(|| Transfer {
            location: Text::new(&self.location),
            retries: self.retries,
            retry_interval: self.retry_interval,
            by: AskedBy {
                place: self.place,
                ..AskedBy::numbered(self.request_id)
            },
            from: self.from,
            until: self.until,
        })
    }
}

/// Keeps a request and what its firmware is signed with.
pub(super) fn keep(
    cx: &mut Context<'_>,
    place: u8,
    asked: &Transfer<'_>,
    certificate: Text<'_>,
    signature: Text<'_>,
) -> bool {
    let kept = write(cx.storage, place, asked, certificate, signature);
    cx.is_done(kept)
}

#[inline(never)] // its buffers are on no other stack
fn write(
    storage: &mut dyn Storage,
    place: u8,
    asked: &Transfer<'_>,
    certificate: Text<'_>,
    signature: Text<'_>,
) -> Result<(), StorageError> {
    let location: Option<String<LOCATION_LENGTH>> = asked.location.to_string();
    let location = location.ok_or(StorageError::Full)?;
    let mut head = Encoder::default();
    head.u8(FORM);
    head.u8(0);
    head.i32(asked.by.request_id().unwrap_or(0));
    for number in [asked.retries, asked.retry_interval] {
        head.i32(number.unwrap_or(NOTHING));
    }
    for time in [asked.from, asked.until] {
        head.i64(time.unwrap_or(NO_TIME));
    }
    head.raw(&(location.len() as u32).to_le_bytes());
    let mut writer = Writer::begin(storage, ObjectId::signature(place))?;
    writer.write(storage, head.bytes().unwrap_or_default())?;
    writer.write(storage, location.as_bytes())?;
    // Base64 has no white space in it that means anything.
    let signature = signature.chars().filter(|c| !c.is_whitespace());
    for c in signature.chain(['\n']).chain(certificate.chars()) {
        writer.write(storage, c.encode_utf8(&mut [0; 4]).as_bytes())?;
    }
    writer.commit(storage)
}

/// The request that was kept there.
#[inline(never)] // its buffers are on no other stack
pub(super) fn kept(storage: &mut dyn Storage, place: u8) -> Option<Kept> {
    let mut reader = Reader::open(storage, ObjectId::signature(place)).ok()??;
    let mut head = [0; AROUND];
    reader.read(storage, &mut head).ok()?;
    let mut head = Decoder(&head);
    let _ = head.u8().filter(|form| *form == FORM)?;
    let _ = head.u8()?;
    let number = |number: i32| Some(number).filter(|number| *number != NOTHING);
    let time = |time: UnixMillis| Some(time).filter(|time| *time != NO_TIME);
    let request_id = head.i32()?;
    let (retries, retry_interval) = (number(head.i32()?), number(head.i32()?));
    let (from, until) = (time(head.i64()?), time(head.i64()?));
    let length = usize::try_from(head.u32()?).ok()?;
    let mut bytes = [0; LOCATION_LENGTH];
    let location = bytes.get_mut(..length)?;
    reader.read(storage, location).ok()?;
    Some(Kept {
        location: String::try_from(from_utf8(location).ok()?).ok()?,
        retries,
        retry_interval,
        request_id,
        from,
        until,
        place,
    })
}

/// What is kept there, copied into `buffer`; `None` where nothing is, or where it is too short.
pub(super) fn signing<'b>(
    storage: &mut dyn Storage,
    place: u8,
    buffer: &'b mut [u8],
) -> Option<Signing<'b>> {
    let location = kept(storage, place)?.location.len();
    let mut reader = Reader::open(storage, ObjectId::signature(place)).ok()??;
    reader.verify(storage).ok()?;
    let length = reader.length().checked_sub(AROUND + location)?;
    let text = buffer.get_mut(..length)?;
    reader.seek(AROUND + location);
    reader.read(storage, text).ok()?;
    let (signature, certificate) = from_utf8(text).ok()?.split_once('\n')?;
    Some(Signing {
        certificate,
        signature,
    })
}
