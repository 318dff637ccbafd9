//! ChangeAvailability (OCPP 1.6, 5.2; 2.0.1, G03 and G04), and what waits for the end of a transaction.

use crate::{
    dialect::Level,
    domain::{AuthorizationStatus, AvailabilityStatus, AvailabilityType},
    station::{Refused, Station},
};

impl Station<'_> {
    pub(super) fn change_availability(
        &mut self,
        number: i32,
        level: Level,
        kind: AvailabilityType,
    ) -> AvailabilityStatus {
        let operative = kind == AvailabilityType::Operative;
        let number = match number {
            0 => Some(0),
            number => self.connector_number(number),
        };
        match number {
            Some(number) => self.want_operative(number, level, operative),
            None => AvailabilityStatus::Rejected,
        }
    }

    pub(in crate::station) fn set_availability(
        &mut self,
        number: u8,
        operative: bool,
    ) -> Result<(), Refused> {
        self.known_number(number)?;
        match self.want_operative(number, Level::Evse, operative) {
            AvailabilityStatus::Rejected => Err(Refused::Full),
            _ => Ok(()),
        }
    }

    /// Scheduled when one of them has to wait for the end of a transaction; Rejected when storage
    /// does not take it for all, because the next boot would not know of it.
    fn want_operative(&mut self, number: u8, level: Level, operative: bool) -> AvailabilityStatus {
        let version = self.cx.version;
        let affected = self.numbers_meant(number);
        let asked = match version.layers_availability() {
            true => number..number + 1,
            false => affected.clone(),
        };
        for number in asked.clone() {
            if !self.connectors.keep(&mut self.cx, number, level, operative) {
                for number in asked.start..number + 1 {
                    self.connectors.keep_wanted(&mut self.cx, number);
                }
                return AvailabilityStatus::Rejected;
            }
        }
        for number in asked {
            self.connectors.want(number, level, operative);
        }
        let mut status = AvailabilityStatus::Accepted;
        for number in affected {
            let differs = self.connectors.differs(version, number);
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
        let is_back = self.connectors.apply_wanted(self.cx.version, number);
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
