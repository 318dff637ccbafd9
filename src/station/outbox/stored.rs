//! A transaction message as a record.

use super::{Entry, Kind, Outbox, SEQUENCES};
use crate::{
    dialect::{self, Facts},
    domain::{ChargingState, IdToken, TokenKind, TransactionId, TriggerReason},
    limits::RECORD_LENGTH,
    station::{
        clock::{Clock, Stamp},
        record::{Decoder, Encoder},
        rpc::MessageId,
    },
    storage::{RecordId, Storage, StorageError},
    wire::copy,
};

/// Version of the record's form. A later one reads this one too: what waits in it is to be paid.
const FORM: u8 = 1;
/// The form of one that is an event: [`Facts`] are in front of its body. An earlier firmware, and
/// one that counts no events, leaves it alone.
const EVENT_FORM: u8 = 2;

/// Where the stamp stands in a record.
const STAMP_AT: usize = 19;

/// Room for a record to be read into.
pub type Buffer = [u8; RECORD_LENGTH];

/// A record that was read.
#[derive(Debug)]
pub struct Stored<'b> {
    pub id: MessageId,
    pub stamp: Stamp,
    /// Where it is an event.
    pub facts: Option<Facts>,
    /// Where the stamp ends.
    stamped: usize,
    length: usize,
    body: &'b [u8],
}

impl<'b> Stored<'b> {
    /// The token that comes next in a body.
    pub fn token(&self, body: &mut Decoder<'_>) -> Option<Option<IdToken>> {
        let kind = self.facts.map(|facts| facts.kind);
        let token = body.token()?;
        Some(token.map(|token| token.of_kind(kind.unwrap_or(TokenKind::Iso14443))))
    }

    /// The number of the reservation that a start names.
    pub fn reservation(&self) -> Option<i32> {
        if !dialect::HAS_RESERVATIONS {
            return None;
        }
        let mut body = self.body();
        body.i32()?;
        body.token()?;
        // That of the transaction before it, which is there where a reservation is.
        body.u32()?;
        body.i32()
    }

    /// What follows the part that all records have.
    pub fn body(&self) -> Decoder<'b> {
        Decoder(self.body)
    }
}

/// Begins a record; its body follows.
pub fn begin(entry: Entry, id: MessageId, stamp: Stamp, facts: Option<&Facts>) -> Encoder {
    // Said once more where all can see it: without such a version nothing here writes events.
    let facts = facts.filter(|_| dialect::COUNTS_EVENTS);
    let mut record = Encoder::default();
    record.u8(facts.map_or(FORM, |_| EVENT_FORM));
    record.u8(entry.kind as u8);
    record.u8(entry.connector);
    record.u32(entry.sequence);
    record.u32(entry.transaction);
    record.u32(id.boot);
    record.u32(id.count);
    stamp.encode(&mut record);
    if let Some(facts) = facts {
        encode_facts(facts, &mut record);
    }
    record
}

/// 21 bytes.
fn encode_facts(facts: &Facts, record: &mut Encoder) {
    let (boot, count) = match facts.id {
        TransactionId::Own { boot, count } => (boot, count),
        TransactionId::Number(_) => (0, 0),
    };
    record.u32(boot);
    record.u32(count);
    record.u32(facts.sequence);
    record.u8(facts.trigger as u8);
    record.u8(facts.state as u8);
    record.u8(facts.offline.into());
    record.u8(facts.remote_start.is_some().into());
    record.i32(facts.remote_start.unwrap_or(0));
    record.u8(facts.kind as u8);
}

fn decode_facts(record: &mut Decoder<'_>) -> Option<Facts> {
    Some(Facts {
        id: TransactionId::Own {
            boot: record.u32()?,
            count: record.u32()?,
        },
        sequence: record.u32()?,
        trigger: TriggerReason::from_number(record.u8()?)?,
        state: ChargingState::from_number(record.u8()?)?,
        offline: record.u8()? != 0,
        remote_start: match record.u8()? {
            0 => record.i32().map(|_| None)?,
            _ => Some(record.i32()?),
        },
        kind: TokenKind::from_number(record.u8()?)?,
    })
}

/// A record with what the index needs of it.
pub fn read<'b>(
    slot: usize,
    storage: &mut dyn Storage,
    buffer: &'b mut Buffer,
) -> Option<(Entry, Stored<'b>)> {
    look_up(slot, storage, buffer).ok().flatten()
}

/// [`read`], which tells a free slot from an unreadable record.
pub fn look_up<'b>(
    slot: usize,
    storage: &mut dyn Storage,
    buffer: &'b mut Buffer,
) -> Result<Option<(Entry, Stored<'b>)>, StorageError> {
    let Some(length) = storage.read(RecordId::journal(slot), buffer)? else {
        return Ok(None);
    };
    let record = buffer.get(..length).and_then(decode);
    record.map(Some).ok_or(StorageError::Failed)
}

fn decode(bytes: &[u8]) -> Option<(Entry, Stored<'_>)> {
    let mut record = Decoder(bytes);
    let form = record.u8()?;
    if form != FORM && !(form == EVENT_FORM && dialect::COUNTS_EVENTS) {
        return None;
    }
    let entry = Entry {
        kind: Kind::from_byte(record.u8()?)?,
        // The whole charge point has no transactions.
        connector: record.u8().filter(|connector| *connector > 0)?,
        sequence: record
            .u32()
            .filter(|sequence| SEQUENCES.contains(sequence))?,
        transaction: record.u32()?,
    };
    let id = MessageId {
        boot: record.u32()?,
        count: record.u32()?,
        part: 0,
    };
    let stamp = Stamp::decode(&mut record)?;
    let length = bytes.len();
    let stamped = length - record.0.len();
    let facts = match form {
        EVENT_FORM => Some(decode_facts(&mut record)?),
        _ => None,
    };
    let stored = Stored {
        id,
        stamp,
        facts,
        stamped,
        length,
        body: record.rest(),
    };
    Some((entry, stored))
}

impl Outbox {
    /// Gives records that were stored before the time was known their time, once and for all:
    /// a later boot could not. In their order, so that a power loss in between leaves the
    /// later ones to be told later.
    pub fn settle_stamps(
        &self,
        storage: &mut dyn Storage,
        clock: &Clock,
    ) -> Result<(), StorageError> {
        let mut buffer = [0; RECORD_LENGTH];
        let mut after = 0;
        while let Some((slot, entry)) = self.following(after, &|_| true) {
            after = entry.sequence;
            let Some((_, stored)) = read(slot, storage, &mut buffer) else {
                continue;
            };
            if let (Stamp::Uptime { .. }, Some(utc)) = (stored.stamp, clock.resolve(stored.stamp)) {
                let Stored {
                    stamped, length, ..
                } = stored;
                let mut stamp = Encoder::default();
                Stamp::Utc(utc).encode(&mut stamp);
                let place = buffer.get_mut(STAMP_AT..stamped);
                if let (Some(place), Some(stamp)) = (place, stamp.bytes()) {
                    copy(place, stamp);
                    let record = buffer.get(..length).unwrap_or(&[]);
                    storage.write(RecordId::journal(slot), record)?;
                }
            }
        }
        Ok(())
    }
}
