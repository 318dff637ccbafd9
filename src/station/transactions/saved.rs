//! What is stored of a transaction while it runs, for the case that power is lost.

use crate::{
    domain::IdTag,
    limits::{CONNECTORS, RECORD_LENGTH},
    station::{
        clock::Stamp,
        context::Context,
        record::{Decoder, Encoder},
    },
    storage::{RecordId, StorageError},
};

/// The record of a transaction.
pub(in crate::station) struct Saved {
    /// Sequence of its StartTransaction in the outbox.
    pub number: u32,
    /// In Wh.
    pub register: i32,
    /// When the register was read.
    pub stamp: Stamp,
    pub id_tag: IdTag,
}

impl Saved {
    pub fn encode(&self) -> Encoder {
        let mut record = Encoder::default();
        record.u32(self.number);
        record.i32(self.register);
        self.stamp.encode(&mut record);
        record.text(Some(&self.id_tag));
        record
    }

    pub fn decode(record: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            number: record.u32()?,
            register: record.i32()?,
            stamp: Stamp::decode(record)?,
            id_tag: record.text()??,
        })
    }
}

/// Gives the records of transactions that run, and of those that power cut off, their time.
#[inline(never)]
pub fn settle_stamps(cx: &mut Context<'_>) -> Result<(), StorageError> {
    for number in 1..=CONNECTORS as u8 {
        let id = RecordId::transaction(number);
        let mut bytes = [0; RECORD_LENGTH];
        // The boot has told of one that cannot be read.
        let length = cx.storage.read(id, &mut bytes).ok().flatten();
        let record = length.and_then(|length| bytes.get(..length));
        let Some(mut saved) = record.and_then(|bytes| Saved::decode(&mut Decoder(bytes))) else {
            continue;
        };
        if let (Stamp::Uptime { .. }, Some(utc)) = (saved.stamp, cx.clock.resolve(saved.stamp)) {
            saved.stamp = Stamp::Utc(utc);
            let record = saved.encode();
            cx.storage.write(id, record.bytes().unwrap_or(&[]))?;
        }
    }
    Ok(())
}
