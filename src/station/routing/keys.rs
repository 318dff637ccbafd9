//! Private keys of the charge point's certificates, for an application that has no better place for them:
//! that of the present certificate, that of one that no connection was made with yet, and that of one that is
//! asked for. A power loss leaves each as it was or as it is to be.

use crate::{
    limits::KEY_LENGTH,
    station::{Station, record::Encoder},
    storage::RecordId,
    wire::copy,
};

/// Version of the record's form.
const FORM: u8 = 1;

/// Which key. What they are called is a proposal: the station only keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// That of the present certificate.
    Present = 0,
    /// That of the certificate that no connection was made with yet.
    Next = 1,
    /// That of the certificate that is asked for.
    Asked = 2,
}

impl Station<'_> {
    /// Keeps a key, up to [`KEY_LENGTH`] bytes, in the place of the one that was there; an empty one
    /// takes that away. False when it could not be stored.
    pub fn keep_key(&mut self, place: KeyPlace, key: &[u8]) -> bool {
        let id = RecordId::own_key(place as u8);
        if key.is_empty() {
            return self.cx.erase(id);
        }
        let mut record = Encoder::default();
        record.u8(FORM);
        record.raw(key);
        key.len() <= KEY_LENGTH && self.cx.store(id, &record)
    }

    /// The key that is kept there, copied into `buffer`; empty where there is none.
    pub fn kept_key<'b>(&mut self, place: KeyPlace, buffer: &'b mut [u8; KEY_LENGTH]) -> &'b [u8] {
        let mut record = [0; 1 + KEY_LENGTH];
        let read = self
            .cx
            .storage
            .read(RecordId::own_key(place as u8), &mut record);
        let length = read.ok().flatten().unwrap_or(0);
        let Some([FORM, key @ ..]) = record.get(..length) else {
            return &[];
        };
        copy(buffer, key);
        buffer.get(..key.len()).unwrap_or(&[])
    }
}
