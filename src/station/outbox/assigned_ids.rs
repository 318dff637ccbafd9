//! How the central system calls the last transaction of each connector: with that, all messages of
//! the transaction after its StartTransaction are told.

use heapless::String;

use super::{Entry, Outbox};
use crate::{
    domain::TransactionId,
    limits::CONNECTORS,
    station::{
        context::Context,
        memory::Events,
        record::{Decoder, Encoder, skipped},
    },
    storage::{RecordId, Storage},
    wire::number::{self, Digits},
};

/// How the central system calls the transaction with that number.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) struct AssignedId {
    pub transaction: u32,
    /// `None` if it never managed to process the start.
    pub id: Option<TransactionId>,
}

/// Form of the record; see [`AssignedId::decode`] for the one before it.
const ASSIGNED_ID_FORM: u8 = 2;
/// Bytes for the transactionId as text: OCPP 2.0.1 allows 36 characters.
const ID_LENGTH: usize = 36;

impl AssignedId {
    /// Of a record that cannot be read, which stays until the next one is written: no transaction
    /// has that number.
    const UNREADABLE: Self = Self {
        transaction: u32::MAX,
        id: None,
    };

    /// An earlier firmware reads the beginning of this form as [`Self::UNREADABLE`]. Its own form
    /// is the transaction's number, whether it was answered, and the id in 32 bits.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut record = Decoder(bytes);
        let transaction = record.u32()?;
        let form = record.u8()?;
        if transaction != Self::UNREADABLE.transaction {
            let id = record.i32()?;
            let id = (form != 0).then_some(i64::from(id).into());
            return Some(Self { transaction, id });
        }
        if form != ASSIGNED_ID_FORM {
            return None;
        }
        let transaction = record.u32()?;
        let text: Option<String<ID_LENGTH>> = record.text()?;
        let id = match text {
            // As `encode` wrote it.
            Some(text) => Some(TransactionId::Number(number::long(&text)?)),
            None => None,
        };
        Some(Self { transaction, id })
    }

    fn encode(self, record: &mut Encoder) {
        record.u32(Self::UNREADABLE.transaction);
        record.u8(ASSIGNED_ID_FORM);
        record.u32(self.transaction);
        let digits = self.id.and_then(TransactionId::number);
        let digits = digits.map(|number| Digits::decimal(number, 0));
        record.text(digits.as_ref().map(Digits::as_str));
        if self.transaction == 0 {
            // It takes the room of the longest answer.
            record.raw(&[0; ID_LENGTH]);
        }
    }

    /// True when it is that of this transaction, or may be.
    pub fn may_be_of(&self, transaction: u32) -> bool {
        [transaction, Self::UNREADABLE.transaction].contains(&self.transaction)
    }
}

impl Outbox {
    /// Takes up what storage remembers, also of connectors that the charge point had before.
    pub(super) fn load_assigned_ids(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        for connector in 1..=CONNECTORS as u8 {
            let mut bytes = [0; 10 + ID_LENGTH];
            let id = RecordId::assigned_id(connector);
            let record = match storage.read(id, &mut bytes) {
                Ok(None) => continue,
                Ok(Some(length)) => bytes.get(..length),
                Err(_) => None,
            };
            let assigned = record.and_then(AssignedId::decode).unwrap_or_else(|| {
                skipped(events, id);
                AssignedId::UNREADABLE
            });
            self.skip_to(assigned.transaction);
            if let Some(place) = self.assigned_ids.get_mut(usize::from(connector)) {
                *place = Some(assigned);
            }
        }
    }

    /// How the central system calls the last transaction of a connector that it knows of.
    pub fn assigned_id(&self, connector: u8) -> Option<AssignedId> {
        self.assigned_ids
            .get(usize::from(connector))
            .copied()
            .flatten()
    }

    /// How the central system calls the transaction of a record, if it was asked.
    pub fn assigned_to(&self, entry: Entry) -> Option<AssignedId> {
        self.assigned_id(entry.connector)
            .filter(|assigned| assigned.transaction == entry.transaction)
    }

    /// Takes the room that the answer to a start needs, before the first start of a connector: it
    /// is replaced from then on.
    pub fn reserve_assigned_id(&mut self, cx: &mut Context<'_>, connector: u8) -> bool {
        // No transaction has the number 0.
        self.assigned_id(connector).is_some() || self.set_assigned_id(cx, connector, 0, None)
    }

    /// Remembers how the central system calls a transaction, before anything is told by it. False
    /// when storage does not take it.
    pub(super) fn set_assigned_id(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        transaction: u32,
        id: Option<TransactionId>,
    ) -> bool {
        let assigned = AssignedId { transaction, id };
        let mut record = Encoder::default();
        assigned.encode(&mut record);
        let stored = cx.store(RecordId::assigned_id(connector), &record);
        if let Some(place) = self.assigned_ids.get_mut(usize::from(connector)) {
            // What runs goes on without; room that is not there is not taken.
            let is_known = stored || transaction > 0;
            *place = is_known.then_some(assigned);
        }
        stored
    }
}
