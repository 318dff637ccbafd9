//! What the charge point wants of an application in Rust.
//!
//! The callback threads know one kind of callback, that of the C API. An application in Rust is
//! called through it.

use core::ffi::{c_int, c_void};

use ocpp::v16::{IdTag, Measurand};

use crate::{
    api::types::{ocpp_io_value, ocpp_meter_val, ocpp_notify_reason as Notify},
    decimal,
    errno::{Error, returned},
    kernel::Shelf,
    meter, text,
};

/// What a charge point asks and tells. It runs on a thread of its own and may call everything
/// of [`charge_point`](crate::charge_point) except `stop`.
pub trait Application: Sync {
    /// Reads the meter of a connector, 0 for the main meter; in the unit of the measurand as
    /// [`Reading`](ocpp::station::Reading) has it. Nothing for what is not measured.
    fn read_meter(&self, connector: u8, measurand: Measurand) -> Option<i32>;

    /// The central system wants somebody to charge: authorize and start as if the idTag had
    /// been presented here.
    fn start_charging(&self, connector: u8, id_tag: IdTag);

    /// The transaction of a connector has ended, or must not take energy any more: stop
    /// charging, then stop the transaction of the session.
    fn stop_charging(&self, connector: u8);

    /// Energy may flow from now on, or may not: close or open the contactor.
    fn set_energy(&self, connector: u8, allowed: bool);

    /// Unlock the cable.
    ///
    /// # Errors
    ///
    /// [`Error::NotSupported`] without a lock, any other when it does not open.
    fn unlock(&self, connector: u8) -> Result<(), Error> {
        let _ = connector;
        Err(Error::NotSupported)
    }

    /// The central system asks for a reset, hard or soft.
    ///
    /// # Errors
    ///
    /// Any, for `CONFIG_OCPP_REBOOT` to decide what happens.
    fn reset(&self, hard: bool) -> Result<(), Error> {
        let _ = hard;
        Err(Error::NotSupported)
    }
}

/// Written at the start, before there is a thread that reads it.
static APPLICATION: Shelf<Option<&'static dyn Application>> = Shelf::new(None);

/// # Safety
///
/// As [`Shelf::edit`].
pub unsafe fn set(application: &'static dyn Application) {
    // SAFETY: as the caller promises.
    unsafe { *APPLICATION.edit() = Some(application) };
}

/// What the callback threads call.
pub const CALLBACK: unsafe extern "C" fn(Notify, *mut ocpp_io_value, *mut c_void) -> c_int =
    notified;

/// # Safety
///
/// `io` points to a value whose member for this reason is valid.
unsafe extern "C" fn notified(reason: Notify, io: *mut ocpp_io_value, _: *mut c_void) -> c_int {
    // SAFETY: as the caller promises.
    let Some(io) = (unsafe { io.as_mut() }) else {
        return Error::Invalid.number();
    };
    // SAFETY: as the caller promises.
    returned(unsafe { call(reason, io) })
}

/// # Safety
///
/// The member for this reason is valid.
unsafe fn call(reason: Notify, io: &mut ocpp_io_value) -> Result<(), Error> {
    let application = APPLICATION.get().ok_or(Error::NotSupported)?;
    // SAFETY: each member is read for its own reason; its texts end with a zero.
    unsafe {
        match reason {
            Notify::OCPP_USR_GET_METER_VALUE => read_meter(application, &mut io.meter_val)?,
            Notify::OCPP_USR_START_CHARGING => {
                let id_tag = text::copied(io.start_charge.idtag.as_ptr())?;
                application.start_charging(number(io.start_charge.id_con), id_tag);
            }
            Notify::OCPP_USR_STOP_CHARGING => {
                application.stop_charging(number(io.stop_charge.id_con));
            }
            Notify::OCPP_USR_UNLOCK_CONNECTOR => {
                application.unlock(number(io.unlock_con.id_con))?
            }
            Notify::OCPP_USR_SET_ENERGY => {
                let energy = io.set_energy;
                application.set_energy(number(energy.id_con), energy.allowed);
            }
            Notify::OCPP_USR_RESET => application.reset(io.reset.hard)?,
        }
    }
    Ok(())
}

fn read_meter(application: &dyn Application, asked: &mut ocpp_meter_val) -> Result<(), Error> {
    let (measurand, scale) = meter::of(asked.mes).ok_or(Error::NotSupported)?;
    let value = application.read_meter(number(asked.id_con), measurand);
    let value = value.ok_or(Error::NotSupported)?;
    text::fill(&mut asked.val, decimal::text(value, scale).as_str());
    Ok(())
}

/// Connectors are counted in a byte; the C API has an int for them.
fn number(connector: c_int) -> u8 {
    u8::try_from(connector).unwrap_or(u8::MAX)
}
