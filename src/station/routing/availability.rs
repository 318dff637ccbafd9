//! ChangeAvailability (OCPP 1.6, 5.2), and what waits for the end of a transaction.

use core::ops::Range;

use crate::{
    domain::{AuthorizationStatus, AvailabilityStatus, AvailabilityType},
    station::{Refused, Station},
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

    pub(in crate::station) fn set_availability(
        &mut self,
        number: u8,
        operative: bool,
    ) -> Result<(), Refused> {
        self.known_number(number)?;
        match self.want_all_operative(self.numbers_meant(number), operative) {
            AvailabilityStatus::Rejected => Err(Refused::NoRoom),
            _ => Ok(()),
        }
    }

    /// Scheduled when one of them has to wait for the end of a transaction; Rejected when storage
    /// does not take it for all, because the next boot would not know of it.
    fn want_all_operative(&mut self, numbers: Range<u8>, operative: bool) -> AvailabilityStatus {
        for number in numbers.clone() {
            if !self.connectors.keep(&mut self.cx, number, operative) {
                for number in numbers.start..number + 1 {
                    self.connectors.keep_wanted(&mut self.cx, number);
                }
                return AvailabilityStatus::Rejected;
            }
        }
        let mut status = AvailabilityStatus::Accepted;
        for number in numbers {
            let differs = self.connectors.want(number, operative);
            if differs && self.transactions.running(number).is_some() {
                status = AvailabilityStatus::Scheduled;
            } else {
                self.apply_wanted_availability(number);
                self.status_changed(number);
            }
        }
        status
    }

    /// Puts a connector without a transaction into or out of service, as was asked for.
    pub(super) fn apply_wanted_availability(&mut self, number: u8) {
        let until = self.preparing_until();
        let is_back = self.connectors.apply_wanted(number);
        let is_operative = self.connectors.is_operative(number);
        let is_plugged = self.connectors.is_plugged(number);
        let Some(session) = self.transactions.get_mut(number) else {
            return;
        };
        if is_back && is_plugged {
            session.await_driver(until);
        }
        if !is_operative && session.transaction().is_none() {
            session.forget_driver(None);
            if number != 0 {
                self.authorization
                    .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
            }
        }
    }
}
