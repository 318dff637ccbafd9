//! What is stored of a transaction while it runs, for the case that power is lost.

use crate::{
    domain::{IdToken, TransactionId},
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
    pub id_tag: IdToken,
    /// Where it is told of as events: how it is called, and the number of its last event, should
    /// no other wait.
    pub events: Option<(TransactionId, u32)>,
}

impl Saved {
    pub fn encode(&self) -> Encoder {
        let mut record = Encoder::default();
        record.u32(self.number);
        record.i32(self.register);
        self.stamp.encode(&mut record);
        record.text(Some(&self.id_tag));
        if let Some((TransactionId::Own { boot, count }, last)) = self.events {
            record.u32(boot);
            record.u32(count);
            record.u32(last);
        }
        record
    }

    pub fn decode(record: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            number: record.u32()?,
            register: record.i32()?,
            stamp: Stamp::decode(record)?,
            id_tag: record.token()??,
            events: decode_events(record),
        })
    }
}

/// Missing in what an earlier firmware stored, and one that counts no events.
fn decode_events(record: &mut Decoder<'_>) -> Option<(TransactionId, u32)> {
    let (boot, count) = (record.u32()?, record.u32()?);
    Some((TransactionId::Own { boot, count }, record.u32()?))
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
