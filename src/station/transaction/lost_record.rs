//! The end of a transaction of which a record is lost: no single one may keep it from being told.

use crate::{
    station::{
        Station,
        journal::{self, Entry, Kind},
        metering::{energy, stored_readings},
    },
    v16::IdTag,
};

/// What is known of a transaction that power cut off, without its own record.
pub(super) struct Rebuilt {
    pub number: u32,
    /// The highest register that a message which waits tells of, 0 for none.
    pub register: i32,
    /// Where its start still waits.
    pub id_tag: Option<IdTag>,
}

impl Station<'_> {
    /// True when a transaction with a record has begun, or when the record that would tell is lost.
    /// Otherwise power was lost before its StartTransaction was stored.
    pub(super) fn may_have_begun(&self, connector: u8, number: u32) -> bool {
        let connector = self.memory.connectors.get(usize::from(connector));
        let billing = connector.and_then(|connector| connector.billing);
        // There is one before any transaction has a record.
        billing.is_none_or(|billing| billing.may_be_of(number))
            || self.memory.journal.holds(number, Kind::Start)
            || self.memory.journal.has_unreadable()
    }

    /// The transaction of a connector whose own record cannot be read: the last that has begun and
    /// not ended.
    pub(super) fn rebuild(&mut self, connector: u8) -> Option<Rebuilt> {
        let journal = &self.memory.journal;
        let known = self.memory.connectors.get(usize::from(connector));
        let billed = known
            .and_then(|connector| connector.billing)
            .map(|billing| billing.transaction);
        let is_start = |entry: &Entry| entry.kind == Kind::Start && entry.connector == connector;
        let mut last = billed.filter(|number| journal.is_number(*number));
        let mut after = 0;
        while let Some((_, start)) = journal.following(after, is_start) {
            after = start.sequence;
            last = last.max(Some(start.sequence));
        }
        let number = last.filter(|number| !journal.holds(*number, Kind::Stop))?;
        let mut rebuilt = Rebuilt {
            number,
            register: 0,
            id_tag: None,
        };
        let mut after = 0;
        let is_of_it = |entry: &Entry| entry.transaction == number;
        while let Some((slot, entry)) = self.memory.journal.following(after, is_of_it) {
            after = entry.sequence;
            let Some((_, stored)) = journal::read(slot, self.storage) else {
                continue;
            };
            let mut body = stored.body();
            let register = match entry.kind {
                Kind::Start => {
                    let register = body.i32();
                    rebuilt.id_tag = body.text().flatten();
                    register
                }
                _ => stored_readings(&mut body)
                    .and_then(|(_, mut readings)| readings.find_map(|reading| energy(&[reading]))),
            };
            rebuilt.register = rebuilt.register.max(register.unwrap_or(0));
        }
        Some(rebuilt)
    }
}
