//! The bytes of the list's object: what all entries have in common, then the entries, each of the same
//! length, so that the place of one follows from its number.

use super::super::cache::Known;
use crate::{
    domain::AuthorizationStatus,
    station::{
        hash,
        record::{Decoder, Encoder},
    },
    storage::records::{LIST_HEADER, LISTED},
};

/// Version of the object's form.
const FORM: u8 = 1;

/// What stands before the entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub version: i32,
    pub stride: usize,
}

impl Header {
    pub fn encode(version: i32) -> [u8; LIST_HEADER] {
        let [a, b, c, d] = version.to_le_bytes();
        [FORM, LISTED as u8, a, b, c, d]
    }

    pub fn decode(bytes: [u8; LIST_HEADER]) -> Option<Self> {
        let [form, stride, a, b, c, d] = bytes;
        (form == FORM && stride > 0).then(|| Self {
            version: i32::from_le_bytes([a, b, c, d]),
            stride: stride.into(),
        })
    }
}

/// [`LISTED`] bytes.
pub(super) fn encode(known: &Known) -> Encoder {
    let mut record = Encoder::default();
    record.u8(known.status as u8);
    record.i64(known.expires.unwrap_or(i64::MAX));
    record.text(Some(&known.id_tag));
    record.text(known.parent.as_deref());
    while record.bytes().is_some_and(|bytes| bytes.len() < LISTED) {
        record.u8(0);
    }
    record
}

pub(super) fn decode(bytes: &[u8]) -> Option<Known> {
    let mut record = Decoder(bytes);
    let status = AuthorizationStatus::from_number(record.u8()?)?;
    let expires = Some(record.i64()?).filter(|&expires| expires != i64::MAX);
    Some(Known {
        id_tag: record.token()??,
        parent: record.token()?,
        status,
        expires,
    })
}

/// Of an idTag, whatever its case.
pub(super) fn hash(id_tag: &str) -> u32 {
    hash::hash(id_tag.bytes().map(|byte| byte.to_ascii_lowercase()))
}
