//! What the charge point wants of an application in Rust.
//!
//! The callback threads know one kind of callback, that of the C API. An application in Rust is
//! called through it.

use core::ffi::{c_int, c_void};

use heapless::String;
use ocpp::{
    limits::DATA_LENGTH,
    station::Event,
    domain::{IdToken, Measurand, Measured, Phase},
};

use crate::{
    api::types::{
        OCPP_NO_LIMIT, ocpp_data_transfer, ocpp_event, ocpp_event_value, ocpp_io_value,
        ocpp_notify_reason as Notify,
    },
    charge_point::SessionId,
    errno::{Error, returned},
    kernel::Shelf,
    shared::Reach,
    text,
};

/// What a charge point asks and tells. It runs on a thread of its own and may call everything
/// of [`charge_point`](crate::charge_point) except `stop`.
pub trait Application: Sync {
    /// What the meters of the connectors measure: all that one of them does, up to 64. The register
    /// that bills always belongs to it. The central system can ask for what is declared, and for
    /// nothing else.
    ///
    /// `None` to have [`read_meter`](Self::read_meter) called once for each measurand of connector 1,
    /// before the first connection is made: what it has a value for is measured.
    fn measurands(&self) -> Option<&'static [Measured]> {
        None
    }

    /// Reads the meter of a connector, 0 for the main meter; in the unit of the measurand as
    /// [`Reading`](ocpp::station::Reading) has it. `None` for what is not measured.
    fn read_meter(&self, connector: u8, measurand: Measurand) -> Option<i32>;

    /// Reads one phase, as [`read_meter`](Self::read_meter) reads the whole, where
    /// [`measurands`](Self::measurands) declares phases.
    fn read_phase(&self, connector: u8, measurand: Measurand, phase: Phase) -> Option<i32> {
        let _ = (connector, measurand, phase);
        None
    }

    /// The central system wants somebody to charge: authorize and start as if the idTag had
    /// been presented here.
    ///
    /// # Errors
    ///
    /// Any, when nobody is to charge there.
    fn start_charging(&self, connector: u8, id_tag: IdToken) -> Result<(), Error>;

    /// The transaction of a connector has ended, or must not take energy any more: stop
    /// charging, then stop the transaction of the session. It is that of the session with this id
    /// ([`Session::id`](crate::charge_point::Session::id)), `None` for one that no session has
    /// started or taken over. Meanwhile the connector may have its next driver, who has
    /// another session.
    fn stop_charging(&self, connector: u8, session: Option<SessionId>);

    /// How much a connector may deliver on each phase, in tenths of an ampere: nothing for as
    /// much as the installation allows, 0 to open the contactor.
    fn limit_charging(&self, connector: u8, limit: Option<u16>);

    /// Unlock the cable.
    ///
    /// # Errors
    ///
    /// [`Error::NotSupported`] without a lock, any other when it does not open.
    fn unlock(&self, connector: u8) -> Result<(), Error> {
        let _ = connector;
        Err(Error::NotSupported)
    }

    /// The central system has sent something of `CONFIG_OCPP_DATA_TRANSFER_VENDOR`; what is
    /// written into `answer` is said in return.
    ///
    /// # Errors
    ///
    /// [`Error::NotSupported`] for a message that is not known, any other to refuse it.
    fn data_transfer(
        &self,
        message_id: Option<&str>,
        payload: Option<&str>,
        answer: &mut String<DATA_LENGTH>,
    ) -> Result<(), Error> {
        let _ = (message_id, payload, answer);
        Err(Error::NotSupported)
    }

    /// The central system, or [`request_reset`](crate::charge_point::request_reset), asks for a
    /// reset, hard or soft.
    ///
    /// # Errors
    ///
    /// Any, for `CONFIG_OCPP_REBOOT` to decide what happens.
    fn reset(&self, hard: bool) -> Result<(), Error> {
        let _ = hard;
        Err(Error::NotSupported)
    }

    /// Something happened: for displays and logs.
    ///
    /// This one and [`reached`](Self::reached) run on the thread that talks to the central system,
    /// between two messages: they return at once, and call nothing of
    /// [`charge_point`](crate::charge_point).
    fn happened(&self, event: &Event) {
        let _ = event;
    }

    /// The central system can be reached better or worse than before; at first it is
    /// [`Reach::Offline`].
    fn reached(&self, reach: Reach) {
        let _ = reach;
    }
}

/// Written at the start, before there is a thread that reads it.
static APPLICATION: Shelf<Option<&'static dyn Application>> = Shelf::new(None);

/// # Safety
///
/// As [`Shelf::edit`].
pub unsafe fn set(application: Option<&'static dyn Application>) {
    // SAFETY: as the caller promises.
    unsafe { *APPLICATION.edit() = application };
}

/// True for an application in Rust.
pub fn is_there() -> bool {
    APPLICATION.get().is_some()
}

/// An application in Rust, if there is one.
pub fn get() -> Option<&'static dyn Application> {
    *APPLICATION.get()
}

/// Tells an application in Rust, if there is one.
pub fn tell(what: impl FnOnce(&'static dyn Application)) {
    if let Some(application) = get() {
        what(application);
    }
}

/// What the callback threads call.
pub const CALLBACK: unsafe extern "C" fn(Notify, *mut ocpp_io_value, *mut c_void) -> c_int =
    notified;

/// What they call for events.
pub const EVENT_CALLBACK: unsafe extern "C" fn(
    ocpp_event,
    *mut ocpp_event_value,
    *mut c_void,
) -> c_int = happened;

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
            // Its meters are read without a text in between.
            Notify::OCPP_USR_GET_METER_VALUE => return Err(Error::NotSupported),
            Notify::OCPP_USR_START_CHARGING => {
                let id_tag = text::copied(io.start_charge.idtag.as_ptr())?;
                application.start_charging(number(io.start_charge.id_con), id_tag)?;
            }
            Notify::OCPP_USR_STOP_CHARGING => {
                application.stop_charging(number(io.stop_charge.id_con), None);
            }
            Notify::OCPP_USR_UNLOCK_CONNECTOR => {
                application.unlock(number(io.unlock_con.id_con))?
            }
        }
    }
    Ok(())
}

/// # Safety
///
/// `value` points to a value whose member for this event is valid.
unsafe extern "C" fn happened(
    event: ocpp_event,
    value: *mut ocpp_event_value,
    _: *mut c_void,
) -> c_int {
    // SAFETY: as the caller promises.
    let Some(value) = (unsafe { value.as_ref() }) else {
        return Error::Invalid.number();
    };
    // SAFETY: as the caller promises.
    returned(unsafe { take_event(event, value) })
}

/// # Safety
///
/// The member for this event is valid.
unsafe fn take_event(event: ocpp_event, value: &ocpp_event_value) -> Result<(), Error> {
    let application = APPLICATION.get().ok_or(Error::NotSupported)?;
    // SAFETY: each member is read for its own event; its texts end with a zero.
    unsafe {
        match event {
            ocpp_event::OCPP_EVENT_CHARGING_LIMIT => {
                let limited = value.charging_limit;
                let limit = (limited.limit != OCPP_NO_LIMIT)
                    .then(|| u16::try_from(limited.limit).unwrap_or(u16::MAX));
                application.limit_charging(number(limited.id_con), limit);
                Ok(())
            }
            ocpp_event::OCPP_EVENT_RESET => application.reset(value.reset.hard),
            ocpp_event::OCPP_EVENT_DATA_TRANSFER => {
                data_transfer(application, &value.data_transfer)
            }
        }
    }
}

/// # Safety
///
/// Its texts end with a zero, and there is room for the answer.
unsafe fn data_transfer(
    application: &dyn Application,
    asked: &ocpp_data_transfer,
) -> Result<(), Error> {
    let mut answer = String::new();
    // SAFETY: as the caller promises.
    unsafe {
        let message_id = text::borrowed(asked.message_id, usize::MAX)?;
        let payload = text::borrowed(asked.payload, usize::MAX)?;
        let answered = application.data_transfer(message_id, payload, &mut answer);
        let room = core::slice::from_raw_parts_mut(asked.answer, asked.answer_size);
        text::fill(room, &answer);
        answered
    }
}

/// Connectors are counted in a byte; the C API has an int for them.
fn number(connector: c_int) -> u8 {
    u8::try_from(connector).unwrap_or(u8::MAX)
}
