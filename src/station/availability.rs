//! ChangeAvailability (OCPP 1.6, 5.2).

use core::ops::Range;

use super::{
    Memory, Station,
    record::{Encoder, load, skipped},
};
use crate::{
    station::Refused,
    storage::{RecordId, Storage},
    v16::{AuthorizationStatus, AvailabilityStatus, AvailabilityType},
};

impl Station<'_> {
    pub(super) fn change_availability(
        &mut self,
        number: i32,
        kind: AvailabilityType,
    ) -> AvailabilityStatus {
        let operative = kind == AvailabilityType::Operative;
        let numbers = match number {
            0 => self.all_numbers(),
            number => match self.connector_number(number) {
                Some(number) => number..number + 1,
                None => return AvailabilityStatus::Rejected,
            },
        };
        self.want_all_operative(numbers, operative)
    }

    pub(super) fn set_availability(&mut self, number: u8, operative: bool) -> Result<(), Refused> {
        self.any_connector_mut(number)?;
        match self.want_all_operative(self.numbers_meant(number), operative) {
            AvailabilityStatus::Rejected => Err(Refused::NoRoom),
            _ => Ok(()),
        }
    }

    /// Scheduled when one of them has to wait for the end of a transaction; Rejected when storage
    /// does not take it for all, because the next boot would not know of it.
    fn want_all_operative(&mut self, numbers: Range<u8>, operative: bool) -> AvailabilityStatus {
        for number in numbers.clone() {
            if !self.keep_operative(number, operative) {
                self.keep_what_was_wanted(numbers.start..number + 1);
                return AvailabilityStatus::Rejected;
            }
        }
        let mut status = AvailabilityStatus::Accepted;
        for number in numbers {
            if !self.want_operative(number, operative) {
                status = AvailabilityStatus::Scheduled;
            }
        }
        status
    }

    /// Takes a rejected change back. What cannot be taken back either is stored with the next one.
    fn keep_what_was_wanted(&mut self, numbers: Range<u8>) {
        for number in numbers {
            let connector = self.connectors.get(usize::from(number));
            if let Some(wanted) = connector.map(|connector| connector.operative_wanted) {
                self.keep_operative(number, wanted);
            }
        }
    }

    /// Stores what is new.
    fn keep_operative(&mut self, number: u8, operative: bool) -> bool {
        let connector = self.connectors.get(usize::from(number));
        if connector.is_none_or(|connector| connector.operative_kept == Some(operative)) {
            return true;
        }
        let mut record = Encoder::default();
        record.u8(operative.into());
        let stored = self.cx.store(RecordId::connector(number), &record);
        if let Some(connector) = self.connectors.get_mut(usize::from(number)) {
            connector.operative_kept = stored.then_some(operative);
        }
        stored
    }

    /// False when it has to wait for the end of a transaction.
    fn want_operative(&mut self, number: u8, operative: bool) -> bool {
        let Ok(connector) = self.any_connector_mut(number) else {
            return true;
        };
        connector.operative_wanted = operative;
        let scheduled = connector.transaction.is_some() && connector.operative != operative;
        if !scheduled {
            self.apply_scheduled_availability(number);
            self.status_changed(number);
        }
        !scheduled
    }

    pub(super) fn apply_scheduled_availability(&mut self, number: u8) {
        let until = self.preparing_until();
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        let was_operative = connector.operative;
        connector.operative = connector.operative_wanted;
        if connector.operative && !was_operative && connector.plugged {
            connector.preparing_until = until;
        }
        if !connector.operative && connector.transaction.is_none() {
            connector.authorized = None;
            connector.preparing_until = None;
            if number != 0 {
                self.authorization
                    .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
            }
        }
    }
}

impl Memory {
    pub(super) fn load_availability(&mut self, storage: &mut dyn Storage, number: u8) {
        let mut bytes = [0; 4];
        let id = RecordId::connector(number);
        let Some(mut record) = load(storage, &mut self.events, id, &mut bytes) else {
            return;
        };
        let Some(operative) = record.u8() else {
            return skipped(&mut self.events, id);
        };
        if let Some(connector) = self.connectors.get_mut(usize::from(number)) {
            connector.operative = operative != 0;
            connector.operative_wanted = operative != 0;
            connector.operative_kept = Some(operative != 0);
        }
    }
}
