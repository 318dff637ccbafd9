//! What this library adds: cables, idTags, faults, availability and time, for an application that
//! lets the charge point decide when a transaction begins and ends.

use core::ffi::{c_char, c_int};

use heapless::String;
use ocpp::{
    domain::{ChargePointError, IdToken, ResetType},
    station::Suspension,
};

use super::types::{ocpp_error, ocpp_suspension};
use crate::{
    charge_point,
    errno::{Error, returned},
    text,
};

/// Tells that a cable was plugged into the vehicle and the connector, or unplugged. With a cable
/// and an idTag the charge point starts a transaction on its own; OCPP_EVENT_CHARGING_LIMIT tells
/// when energy may flow.
///
/// @param conn_id connector, from 1
/// @param plugged whether it is plugged now
///
/// @retval 0 on success
/// @retval -EINVAL if the connector does not exist or the charge point does not run
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_plugged(conn_id: c_int, plugged: bool) -> c_int {
    let set = number(conn_id).and_then(|connector| charge_point::set_plugged(connector, plugged));
    returned(set)
}

/// Tells that an idTag was presented at a connector: it starts what it may start and stops what
/// it may stop.
///
/// @param conn_id connector, from 1
/// @param idtag idTag, 1 to 20 characters; up to 36 with OCPP 2.0.1
///
/// @retval 0 if it is being looked at
/// @retval -EINVAL if the connector does not exist, the idTag is too long, or the charge point
///         does not run
/// @retval -EACCES if the connector is out of service
/// @retval -EBUSY if another driver uses the connector, or another idTag is being looked at
/// @retval -EAGAIN if a reset is under way
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_present_idtag(conn_id: c_int, idtag: *const c_char) -> c_int {
    // SAFETY: the caller gives null, or a C string.
    let id_tag = unsafe { text::copied(idtag) };
    returned(
        number(conn_id)
            .and_then(|connector| charge_point::present_id_tag(connector, IdToken::from(id_tag?))),
    )
}

/// Tells that something is broken, or no longer. A fault stops energy, not the transaction.
///
/// @param conn_id connector, or 0 for what all share
/// @param error what is broken, a value of enum ocpp_error; OCPP_ERROR_NONE for nothing any more
/// @param info more about it, up to 50 characters, or null
///
/// @retval 0 on success
/// @retval -EINVAL if the connector or the error does not exist, info is too long, or the charge
///         point does not run
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_set_fault(
    conn_id: c_int,
    error: c_int,
    info: *const c_char,
) -> c_int {
    // SAFETY: the caller gives null, or a C string.
    let info = unsafe { text::borrowed(info, 50) };
    returned(number(conn_id).and_then(|connector| {
        let info = String::try_from(info?.unwrap_or_default()).map_err(|_| Error::Invalid)?;
        charge_point::set_fault(connector, fault(error)?, info)
    }))
}

/// Tells whether vehicle or charge point holds the energy back while a transaction runs.
///
/// @param conn_id connector, from 1
/// @param by a value of enum ocpp_suspension
///
/// @retval 0 on success
/// @retval -EINVAL if the connector does not exist or has no transaction
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_suspended(conn_id: c_int, by: c_int) -> c_int {
    const NOT: c_int = ocpp_suspension::OCPP_SUSPENDED_NOT as c_int;
    const EV: c_int = ocpp_suspension::OCPP_SUSPENDED_BY_EV as c_int;
    const EVSE: c_int = ocpp_suspension::OCPP_SUSPENDED_BY_EVSE as c_int;
    returned(number(conn_id).and_then(|connector| {
        let by = match by {
            NOT => None,
            EV => Some(Suspension::Ev),
            EVSE => Some(Suspension::Evse),
            _ => return Err(Error::Invalid),
        };
        charge_point::set_suspended(connector, by)
    }))
}

/// Puts a connector into or out of service, as the central system can. It is remembered across
/// boots, and waits for the end of a transaction.
///
/// @param conn_id connector, or 0 for all
/// @param available whether it is to be in service
///
/// @retval 0 on success
/// @retval -EINVAL if the connector does not exist or the charge point does not run
/// @retval -ENOMEM if there is no room to store it
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_available(conn_id: c_int, available: bool) -> c_int {
    let set = |connector| charge_point::set_available(connector, available);
    returned(number(conn_id).and_then(set))
}

/// Tells whether the cable of a connector is locked. Asked to unlock one that is not, the charge
/// point says so at once, without OCPP_USR_UNLOCK_CONNECTOR. Without this it counts as locked.
///
/// @param conn_id connector, from 1
/// @param locked whether it is locked now
///
/// @retval 0 on success
/// @retval -EINVAL if the connector does not exist or the charge point does not run
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_locked(conn_id: c_int, locked: bool) -> c_int {
    returned(number(conn_id).and_then(|connector| charge_point::set_locked(connector, locked)))
}

/// Restarts the charge point: transactions end with reason Reboot, then comes OCPP_EVENT_RESET.
///
/// @param hard false to deliver what the central system has not heard of first
///
/// @retval 0 if it is under way
/// @retval -EINVAL if the charge point does not run
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_request_reset(hard: bool) -> c_int {
    let kind = if hard {
        ResetType::Hard
    } else {
        ResetType::Soft
    };
    returned(charge_point::request_reset(kind))
}

/// Tells the time, for example from SNTP. Without it, the central system's is used.
///
/// @param unix_ms milliseconds since 1970-01-01, UTC
///
/// @retval 0 on success
/// @retval -EINVAL if the charge point does not run
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_time(unix_ms: i64) -> c_int {
    returned(charge_point::set_time(unix_ms))
}

/// A connector as the charge point counts; whether it exists is found out there.
pub(super) fn number(connector: c_int) -> Result<u8, Error> {
    u8::try_from(connector).map_err(|_| Error::Invalid)
}

fn fault(error: c_int) -> Result<Option<ChargePointError>, Error> {
    use ocpp_error::*;
    const FAULTS: [(ocpp_error, ChargePointError); 13] = [
        (
            OCPP_ERROR_CONNECTOR_LOCK,
            ChargePointError::ConnectorLockFailure,
        ),
        (
            OCPP_ERROR_EV_COMMUNICATION,
            ChargePointError::EvCommunicationError,
        ),
        (OCPP_ERROR_GROUND_FAILURE, ChargePointError::GroundFailure),
        (
            OCPP_ERROR_HIGH_TEMPERATURE,
            ChargePointError::HighTemperature,
        ),
        (OCPP_ERROR_INTERNAL, ChargePointError::InternalError),
        (
            OCPP_ERROR_OVER_CURRENT,
            ChargePointError::OverCurrentFailure,
        ),
        (OCPP_ERROR_OVER_VOLTAGE, ChargePointError::OverVoltage),
        (OCPP_ERROR_POWER_METER, ChargePointError::PowerMeterFailure),
        (
            OCPP_ERROR_POWER_SWITCH,
            ChargePointError::PowerSwitchFailure,
        ),
        (OCPP_ERROR_READER, ChargePointError::ReaderFailure),
        (OCPP_ERROR_UNDER_VOLTAGE, ChargePointError::UnderVoltage),
        (OCPP_ERROR_WEAK_SIGNAL, ChargePointError::WeakSignal),
        (OCPP_ERROR_OTHER, ChargePointError::OtherError),
    ];
    if error == OCPP_ERROR_NONE as c_int {
        return Ok(None);
    }
    let mut faults = FAULTS.iter();
    let found = faults.find(|(known, _)| *known as c_int == error);
    found.map(|(_, fault)| Some(*fault)).ok_or(Error::Invalid)
}
