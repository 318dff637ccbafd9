//! ChangeAvailability (OCPP 1.6, 5.2).

use core::ops::Range;

use super::{
    Station,
    record::{Decoder, Encoder},
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
        match self.want_all_operative(numbers, operative) {
            true => AvailabilityStatus::Accepted,
            false => AvailabilityStatus::Scheduled,
        }
    }

    pub(super) fn set_availability(&mut self, number: u8, operative: bool) -> Result<(), Refused> {
        self.any_connector_mut(number)?;
        self.want_all_operative(self.numbers_meant(number), operative);
        Ok(())
    }

    /// False when one of them has to wait for the end of a transaction.
    fn want_all_operative(&mut self, numbers: Range<u8>, operative: bool) -> bool {
        let mut all = true;
        for number in numbers {
            all &= self.want_operative(number, operative);
        }
        all
    }

    /// False when it has to wait for the end of a transaction.
    fn want_operative(&mut self, number: u8, operative: bool) -> bool {
        let Ok(connector) = self.any_connector_mut(number) else {
            return true;
        };
        let changes = connector.operative_wanted != operative;
        connector.operative_wanted = operative;
        let scheduled = connector.transaction.is_some() && connector.operative != operative;
        if changes {
            let mut record = Encoder::default();
            record.u8(operative.into());
            self.store(RecordId::connector(number), &record);
        }
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
        let length = self.storage.read(RecordId::connector(number), &mut bytes);
        let record = length.and_then(|length| bytes.get(..length));
        let operative = record.and_then(|record| Decoder(record).u8());
        if let (Some(operative), Ok(connector)) = (operative, self.any_connector_mut(number)) {
            connector.operative = operative != 0;
            connector.operative_wanted = operative != 0;
        }
    }
}
