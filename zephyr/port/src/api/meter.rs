//! What this library adds: the declaration of what the meters measure, and their values by phase.

use core::ffi::{c_char, c_int, c_void};

use super::{application, types::ocpp_meter_measurand};
use crate::errno::{Error, returned};

/// On which phase something is measured.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_phase {
    /// The whole.
    OCPP_PHASE_NONE,
    /// Phase 1.
    OCPP_PHASE_L1,
    /// Phase 2.
    OCPP_PHASE_L2,
    /// Phase 3.
    OCPP_PHASE_L3,
    /// Neutral.
    OCPP_PHASE_N,
    /// Phase 1 against neutral.
    OCPP_PHASE_L1_N,
    /// Phase 2 against neutral.
    OCPP_PHASE_L2_N,
    /// Phase 3 against neutral.
    OCPP_PHASE_L3_N,
    /// Phase 1 against phase 2.
    OCPP_PHASE_L1_L2,
    /// Phase 2 against phase 3.
    OCPP_PHASE_L2_L3,
    /// Phase 3 against phase 1.
    OCPP_PHASE_L3_L1,
}

/// Something that the meters measure, for ocpp_declare_measurands().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ocpp_measured {
    /// What: a value of enum ocpp_meter_measurand.
    pub mes: c_int,
    /// On which phase: a value of enum ocpp_phase.
    pub phase: c_int,
}

/// Called to read a meter, in place of OCPP_USR_GET_METER_VALUE and on the same thread.
///
/// @param conn_id connector, 0 for the main meter
/// @param mes what to measure
/// @param phase on which phase
/// @param val where to write the value: a decimal number as text, in the unit of mes
/// @param size bytes there are for it, the zero at its end included
/// @param user_data what ocpp_declare_measurands() was given
///
/// @return 0, or a negative error number if there is no value now
pub type ocpp_read_meter_t = Option<
    unsafe extern "C" fn(
        conn_id: c_int,
        mes: ocpp_meter_measurand,
        phase: ocpp_phase,
        val: *mut c_char,
        size: usize,
        user_data: *mut c_void,
    ) -> c_int,
>;

/// Declares what the meters of the connectors measure: all that one of them does. The register that
/// bills, OCPP_OMM_ACTIVE_ENERGY_TO_EV, always belongs to it. The central system can ask for what
/// was declared, and for nothing else; all of it that it asks for is read for each sample.
///
/// To be called before ocpp_init(), for which it lasts until it is called again. Without it,
/// OCPP_USR_GET_METER_VALUE is called once for each measurand of connector 1, before the first
/// connection is made, and what it has a value for is measured.
///
/// @param measured what is measured, up to 64; it is copied
/// @param count how many; 0 takes the declaration back
/// @param read reads the meters; null for OCPP_USR_GET_METER_VALUE, which knows no phases
/// @param user_data handed to read
///
/// @retval 0 on success
/// @retval -EINVAL if there is no such measurand or phase, if there is a phase without read, or if
///         the charge point runs
/// @retval -ENOMEM if there are too many
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_declare_measurands(
    measured: *const ocpp_measured,
    count: usize,
    read: ocpp_read_meter_t,
    user_data: *mut c_void,
) -> c_int {
    let measured = match count {
        0 => &[],
        _ if measured.is_null() => return Error::Invalid.number(),
        // SAFETY: not null, so the caller gives as many structures; any numbers are their values.
        _ => unsafe { core::slice::from_raw_parts(measured, count) },
    };
    returned(application::declare_measurands(measured, read, user_data))
}
