//! What this library adds: reservations.

use core::ffi::{c_char, c_int};

use super::types::CISTR50;
use crate::errno::{Error, returned};
#[cfg(feature = "reservation")]
use crate::{charge_point, text};

#[cfg(feature = "reservation")]
use super::types::ocpp_reservation_state;
#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;

/// The reservation of a connector.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ocpp_reservation {
    /// The central system's number for it.
    pub id: i32,
    /// Who may charge there.
    pub idtag: [c_char; CISTR50],
    /// The group that may as well; empty for none.
    pub parent_idtag: [c_char; CISTR50],
    /// When it ends: milliseconds since 1970 UTC.
    pub expires_ms: i64,
}

/// Reads the reservation of a connector.
///
/// @param conn_id connector, or 0 for a reservation of any of them
/// @param reservation where it goes, when 0 is returned
///
/// @retval 0 if there is one
/// @retval -EAGAIN if there is none
/// @retval -EINVAL if reservation is null, the connector does not exist, or the charge point does
///         not run
/// @retval -ENOTSUP without CONFIG_OCPP_PROFILE_RESERVATION
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_get_reservation(
    conn_id: c_int,
    reservation: *mut ocpp_reservation,
) -> c_int {
    // SAFETY: the caller gives null, or room for one.
    let Some(place) = (unsafe { reservation.as_mut() }) else {
        return Error::Invalid.number();
    };
    returned(read(conn_id, place))
}

#[cfg(feature = "reservation")]
fn read(conn_id: c_int, place: &mut ocpp_reservation) -> Result<(), Error> {
    let connector = super::connectors::number(conn_id)?;
    let reservation = charge_point::reservation(connector)?.ok_or(Error::NotNow)?;
    place.id = reservation.id;
    text::fill(&mut place.idtag, &reservation.id_tag);
    let parent = reservation.parent.as_deref();
    text::fill(&mut place.parent_idtag, parent.unwrap_or(""));
    place.expires_ms = reservation.expires;
    Ok(())
}

/// There are none.
#[cfg(not(feature = "reservation"))]
fn read(_: c_int, _: &mut ocpp_reservation) -> Result<(), Error> {
    Err(Error::NotSupported)
}

/// As C has it.
#[cfg(feature = "reservation")]
pub(super) fn state(state: ReservationState) -> ocpp_reservation_state {
    use ocpp_reservation_state::*;
    match state {
        ReservationState::Made => OCPP_RESERVATION_MADE,
        ReservationState::Used => OCPP_RESERVATION_USED,
        ReservationState::Cancelled => OCPP_RESERVATION_CANCELLED,
        ReservationState::Expired => OCPP_RESERVATION_EXPIRED,
        ReservationState::Ended => OCPP_RESERVATION_ENDED,
    }
}
