//! What this library adds for OCPP 2.0.1: what the charge point is made of, and why it boots.

use core::ffi::c_int;

use heapless::Vec;
use ocpp::{
    domain::{BootReason, ConnectorType, Evse},
    limits::CONNECTORS,
};

use crate::{
    errno::{Error, returned},
    kernel::SetupCell,
};

/// What a vehicle is plugged into, as OCPP 2.0.1 names it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_connector_type {
    /// Combined Charging System 1, captive cable.
    OCPP_CONNECTOR_CCS1,
    /// Combined Charging System 2, captive cable.
    OCPP_CONNECTOR_CCS2,
    /// CHAdeMO, captive cable.
    OCPP_CONNECTOR_CHADEMO,
    /// Tesla, captive cable.
    OCPP_CONNECTOR_TESLA,
    /// IEC 62196-2 type 1, captive cable.
    OCPP_CONNECTOR_CABLE_TYPE1,
    /// IEC 62196-2 type 2, captive cable.
    OCPP_CONNECTOR_CABLE_TYPE2,
    /// IEC 60309 socket, one phase, 16 A.
    OCPP_CONNECTOR_INDUSTRIAL_1P_16A,
    /// IEC 60309 socket, one phase, 32 A.
    OCPP_CONNECTOR_INDUSTRIAL_1P_32A,
    /// IEC 60309 socket, three phases, 16 A.
    OCPP_CONNECTOR_INDUSTRIAL_3P_16A,
    /// IEC 60309 socket, three phases, 32 A.
    OCPP_CONNECTOR_INDUSTRIAL_3P_32A,
    /// British domestic socket.
    OCPP_CONNECTOR_BS1361,
    /// Domestic socket CEE 7/7.
    OCPP_CONNECTOR_CEE_7_7,
    /// IEC 62196-2 type 2, socket.
    OCPP_CONNECTOR_SOCKET_TYPE2,
    /// IEC 62196-2 type 3, socket.
    OCPP_CONNECTOR_SOCKET_TYPE3,
    /// Another one with one phase, up to 16 A.
    OCPP_CONNECTOR_OTHER_1P_MAX_16A,
    /// Another one with one phase, above 16 A.
    OCPP_CONNECTOR_OTHER_1P_OVER_16A,
    /// Another one with three phases.
    OCPP_CONNECTOR_OTHER_3P,
    /// Pantograph.
    OCPP_CONNECTOR_PANTOGRAPH,
    /// Inductive.
    OCPP_CONNECTOR_INDUCTIVE,
    /// Resonant coupling.
    OCPP_CONNECTOR_RESONANT,
    /// To be determined.
    OCPP_CONNECTOR_UNDETERMINED,
    /// Not known.
    OCPP_CONNECTOR_UNKNOWN,
}

/// Why the charge point boots.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_boot_reason {
    /// An application failed.
    OCPP_BOOT_APPLICATION_RESET,
    /// Another firmware was installed.
    OCPP_BOOT_FIRMWARE_UPDATE,
    /// Someone on site asked for it.
    OCPP_BOOT_LOCAL_RESET,
    /// Power came on.
    OCPP_BOOT_POWER_UP,
    /// The central system asked for it.
    OCPP_BOOT_REMOTE_RESET,
    /// The central system asked for it, and what ran had to end first.
    OCPP_BOOT_SCHEDULED_RESET,
    /// It has not: the central system asked for its BootNotification.
    OCPP_BOOT_TRIGGERED,
    /// Nothing says why.
    OCPP_BOOT_UNKNOWN,
    /// A watchdog restarted it.
    OCPP_BOOT_WATCHDOG,
}

/// An EVSE with its connector, for ocpp_declare_evses().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ocpp_evse {
    /// Phases that it is supplied with: 1 or 3; 0 for direct current.
    pub supply_phases: u8,
    /// What a vehicle is plugged into: a value of enum ocpp_connector_type.
    pub connector_type: c_int,
    /// The most that it can deliver, in W.
    pub power: u32,
}

/// EVSEs that can be declared. OCPP 1.6 tells nothing of them, but for its Smart Charging.
const MOST: usize = if cfg!(any(feature = "v201", feature = "smart-charging")) {
    CONNECTORS
} else {
    0
};

#[derive(Debug)]
struct Declared {
    evses: Vec<Evse, MOST>,
    boot_reason: Option<BootReason>,
}

/// Changed only while the charge point is off.
static DECLARED: SetupCell<Declared> = SetupCell::new(Declared {
    evses: Vec::new(),
    boot_reason: None,
});

/// The EVSEs that were declared.
#[cfg(any(feature = "v201", feature = "smart-charging"))]
pub fn evses() -> &'static [Evse] {
    &DECLARED.get().evses
}

/// Why the charge point boots, if that was told.
#[cfg(feature = "v201")]
pub fn boot_reason() -> Option<BootReason> {
    DECLARED.get().boot_reason
}

/// Declares what the EVSEs are: OCPP 2.0.1 tells the central system in its device model, where without
/// it these variables have no value, and Smart Charging reckons with their phases and power, without it
/// with three phases of 32 A. To be called before ocpp_init(), for which it lasts until it is
/// called again.
///
/// @param evses the EVSEs: that of connector 1, and so on; they are copied
/// @param count how many, up to CONFIG_OCPP_CONNECTORS; 0 takes the declaration back
///
/// @retval 0 on success
/// @retval -EINVAL if evses is null, or there is no such connector type or number of phases
/// @retval -ENOMEM if there are too many
/// @retval -ENOTSUP without CONFIG_OCPP_V201 and CONFIG_OCPP_PROFILE_SMART_CHARGE
/// @retval -EBUSY if the charge point runs
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_declare_evses(evses: *const ocpp_evse, count: usize) -> c_int {
    let evses = match count {
        _ if MOST == 0 => return Error::NotSupported.number(),
        0 => &[],
        _ if evses.is_null() => return Error::Invalid.number(),
        // SAFETY: not null, so the caller gives as many structures; any numbers are their values.
        _ => unsafe { core::slice::from_raw_parts(evses, count) },
    };
    // All of them, or none.
    let mut read = Vec::new();
    for evse in evses {
        let pushed = evse
            .read()
            .and_then(|evse| read.push(evse).map_err(|_| Error::NoMemory));
        if let Err(error) = pushed {
            return error.number();
        }
    }
    returned(declare(|declared| declared.evses = read))
}

/// Tells why the charge point boots, where the application knows better than the charge point: it
/// remembers that it was reset by the central system or by ocpp_request_reset(), and takes anything
/// else for power that came on. With CONFIG_HWINFO a watchdog is known, too. OCPP 2.0.1 tells it. To be
/// called before ocpp_init(), for which it lasts until it is called again.
///
/// @param reason a value of enum ocpp_boot_reason, or -1 to take it back
///
/// @retval 0 on success
/// @retval -EINVAL if there is no such reason
/// @retval -ENOTSUP without CONFIG_OCPP_V201
/// @retval -EBUSY if the charge point runs
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_boot_reason(reason: c_int) -> c_int {
    if cfg!(not(feature = "v201")) {
        return Error::NotSupported.number();
    }
    let known = match reason {
        -1 => Ok(None),
        reason => known(BootReason::ALL, reason).map(Some),
    };
    returned(known.and_then(|reason| declare(|declared| declared.boot_reason = reason)))
}

fn declare(change: impl FnOnce(&mut Declared)) -> Result<(), Error> {
    super::before_start(|| {
        // SAFETY: no thread of the charge point runs, and no other one is here meanwhile.
        change(unsafe { DECLARED.get_mut() });
    })
}

impl ocpp_evse {
    fn read(&self) -> Result<Evse, Error> {
        match self.supply_phases {
            0 | 1 | 3 => {}
            _ => return Err(Error::Invalid),
        }
        Ok(Evse {
            supply_phases: self.supply_phases,
            power: self.power,
            connector: known(ConnectorType::ALL, self.connector_type)?,
        })
    }
}

/// The value with that number; C counts them as the engine does.
fn known<T: Copy>(all: &[T], number: c_int) -> Result<T, Error> {
    let place = usize::try_from(number).ok();
    let value = place.and_then(|place| all.get(place));
    value.copied().ok_or(Error::Invalid)
}

#[cfg(all(test, feature = "v201"))]
mod tests {
    use super::*;

    #[test]
    fn enumerations_are_those_of_the_engine() {
        let last = ocpp_connector_type::OCPP_CONNECTOR_UNKNOWN as c_int;
        assert_eq!(known(ConnectorType::ALL, last), Ok(ConnectorType::Unknown));
        assert_eq!(known(ConnectorType::ALL, last + 1), Err(Error::Invalid));
        for (connector_type, expected) in [
            (
                ocpp_connector_type::OCPP_CONNECTOR_CABLE_TYPE2,
                ConnectorType::CableType2,
            ),
            (
                ocpp_connector_type::OCPP_CONNECTOR_CEE_7_7,
                ConnectorType::Cee77,
            ),
            (
                ocpp_connector_type::OCPP_CONNECTOR_PANTOGRAPH,
                ConnectorType::Pantograph,
            ),
        ] {
            let known = known(ConnectorType::ALL, connector_type as c_int);
            assert_eq!(known, Ok(expected));
        }
        let last = ocpp_boot_reason::OCPP_BOOT_WATCHDOG as c_int;
        assert_eq!(known(BootReason::ALL, last), Ok(BootReason::Watchdog));
        assert_eq!(known(BootReason::ALL, last + 1), Err(Error::Invalid));
        let reason = ocpp_boot_reason::OCPP_BOOT_SCHEDULED_RESET as c_int;
        assert_eq!(
            known(BootReason::ALL, reason),
            Ok(BootReason::ScheduledReset)
        );
    }
}
