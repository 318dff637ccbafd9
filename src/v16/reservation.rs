//! Reservation profile (OCPP 1.6, 5.1 and 5.13).

use crate::{
    dialect,
    wire::{Kind, Text, UnixMillis, message::messages},
};

messages! {
    /// 6.5 CancelReservation.req
    CancelReservation {
        /// Which one.
        reservation_id: i32 = "reservationId" Kind::Integer,
    }

    /// 6.37 ReserveNow.req
    ReserveNow<'a> {
        /// 0 for any of them.
        connector_id: i32 = "connectorId" Kind::Integer,
        /// It ends then.
        expiry_date: UnixMillis = "expiryDate" Kind::Time,
        /// For whom.
        id_tag: Text<'a> = "idTag" Kind::Text(20),
        /// The group that may use it as well.
        parent_id_tag: Option<Text<'a>> = "parentIdTag" Kind::Text(20),
        /// Its number: one that is there already is replaced.
        reservation_id: i32 = "reservationId" Kind::Integer,
    }
}

impl<'a> From<ReserveNow<'a>> for dialect::ReserveNow<'a> {
    fn from(asked: ReserveNow<'a>) -> Self {
        Self {
            id: asked.reservation_id,
            connector: asked.connector_id,
            token: asked.id_tag,
            parent: asked.parent_id_tag,
            expires: asked.expiry_date,
        }
    }
}
