//! In a build without reservations: nothing is kept for anyone.

use crate::{
    domain::IdToken,
    station::{Station, call::Condition},
};

impl Station<'_> {
    pub(super) fn keep_reservations(&mut self, _: u8) {}

    pub(super) fn reserved_condition(&self, _: u8, condition: Condition) -> Condition {
        condition
    }

    pub(super) fn is_kept_from(&mut self, _: u8, _: &IdToken, _: Option<&IdToken>) -> bool {
        false
    }

    pub(super) fn is_kept_from_all_but(&self, _: u8, _: &IdToken) -> bool {
        false
    }

    pub(super) fn known_parent(&mut self, _: u8, _: &IdToken) -> Option<IdToken> {
        None
    }

    pub(super) fn reserved_for(&mut self, _: &IdToken) -> Option<u8> {
        None
    }

    pub(super) fn turn_away(&mut self, _: u8, _: IdToken) {}

    pub(super) fn used_reservation(&self, _: u8) -> Option<(u8, i32)> {
        None
    }

    pub(super) fn reservation_used(&mut self, _: Option<(u8, i32)>) {}

    pub(in crate::station) fn settle_reservations(&mut self) {}
}
