//! ChangeAvailability (OCPP 1.6, 5.2).

use core::ops::Range;

use super::{
    Station,
    record::{Encoder, load, skipped},
};
use crate::{
    station::Refused,
    storage::RecordId,
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
    /// does not take it, because the next boot would not know of it.
    fn want_all_operative(&mut self, numbers: Range<u8>, operative: bool) -> AvailabilityStatus {
        for number in numbers.clone() {
            if !self.keep_operative(number, operative) {
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

    /// Stores what is new.
    fn keep_operative(&mut self, number: u8, operative: bool) -> bool {
        let connector = self.memory.connectors.get(usize::from(number));
        if connector.is_none_or(|connector| connector.operative_wanted == operative) {
            return true;
        }
        let mut record = Encoder::default();
        record.u8(operative.into());
        self.store(RecordId::connector(number), &record)
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
                self.settle_pending(number, AuthorizationStatus::Invalid);
            }
        }
    }

    pub(super) fn load_availability(&mut self, number: u8) {
        let mut bytes = [0; 4];
        let id = RecordId::connector(number);
        let events = &mut self.memory.events;
        let Some(mut record) = load(self.storage, events, id, &mut bytes) else {
            return;
        };
        let Some(operative) = record.u8() else {
            return skipped(events, id);
        };
        if let Ok(connector) = self.any_connector_mut(number) {
            connector.operative = operative != 0;
            connector.operative_wanted = operative != 0;
        }
    }
}
