//! The application in C: an [`Application`] that calls the callbacks that C has registered.

use core::{
    ffi::{c_char, c_int, c_void},
    mem::MaybeUninit,
};

use heapless::{String, Vec};
#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;
use ocpp::{
    domain::{IdToken, Measurand, Measured, Phase},
    limits::DATA_LENGTH,
};

use super::{
    measurands::{self, ValueText},
    meter::{ocpp_measured, ocpp_phase, ocpp_read_meter_t},
    types::{
        CISTR50, OCPP_NO_LIMIT, ocpp_charging_limit, ocpp_data_transfer, ocpp_event,
        ocpp_event_callback_t, ocpp_event_value, ocpp_io_value, ocpp_meter_measurand,
        ocpp_meter_val, ocpp_notify_reason as Notify, ocpp_reset, ocpp_start_charge,
        ocpp_stop_charge, ocpp_unlock_con, ocpp_user_notify_callback_t,
    },
};
use crate::{
    application::Application,
    charge_point::SessionId,
    errno::Error,
    kernel::{SetupCell, ThreadCell},
    lifecycle,
    limits::DATA_TRANSFER_VENDOR,
    meter::MOST,
    text::{self, CText},
    transfer::{ARRIVES, MESSAGE_ID, PAYLOAD},
};

/// What C has registered. It stays registered after ocpp_deinit().
pub struct CApplication {
    notify: Callback<ocpp_user_notify_callback_t>,
    event: Callback<ocpp_event_callback_t>,
    read_meter: Callback<ocpp_read_meter_t>,
    /// What was declared, and whether something was.
    measured: Vec<Measured, MOST>,
    is_declared: bool,
}

/// A function of the application, and the pointer that it is called with.
#[derive(Clone, Copy)]
pub struct Callback<F> {
    function: F,
    user_data: *mut c_void,
}

// SAFETY: the pointer is never followed here, only handed back; the API's documentation says that
// callbacks run on threads of their own.
unsafe impl<F: Send> Send for Callback<F> {}
// SAFETY: as above.
unsafe impl<F: Sync> Sync for Callback<F> {}

impl<F> Callback<F> {
    /// With what the application gave beside it.
    pub const fn new(function: F, user_data: *mut c_void) -> Self {
        Self {
            function,
            user_data,
        }
    }
}

/// Changed only while the charge point is off.
static APPLICATION: SetupCell<CApplication> = SetupCell::new(CApplication {
    notify: Callback::new(None, core::ptr::null_mut()),
    event: Callback::new(None, core::ptr::null_mut()),
    read_meter: Callback::new(None, core::ptr::null_mut()),
    measured: Vec::new(),
    is_declared: false,
});

/// A data transfer as C has it.
struct Texts {
    message_id: CText<{ MESSAGE_ID + 1 }>,
    payload: CText<{ PAYLOAD + 1 }>,
    has_message_id: bool,
    has_payload: bool,
    answer: [c_char; PAYLOAD + 1],
}

/// Not on the stack of the callback thread, which is not made for it.
static TRANSFER: ThreadCell<Texts> = ThreadCell::new(Texts {
    message_id: CText::new(),
    payload: CText::new(),
    has_message_id: false,
    has_payload: false,
    answer: [0; PAYLOAD + 1],
});

impl Texts {
    fn set(&mut self, message_id: Option<&str>, payload: Option<&str>) {
        self.message_id.set(message_id.unwrap_or(""));
        self.payload.set(payload.unwrap_or(""));
        self.has_message_id = message_id.is_some();
        self.has_payload = payload.is_some();
        self.answer.fill(0);
    }

    fn event(&mut self) -> ocpp_event_value {
        let or_null = |text: *const c_char, is_there: bool| match is_there {
            true => text,
            false => core::ptr::null(),
        };
        let data_transfer = ocpp_data_transfer {
            vendor_id: VENDOR_ID.as_ptr().cast(),
            message_id: or_null(self.message_id.as_ptr(), self.has_message_id),
            payload: or_null(self.payload.as_ptr(), self.has_payload),
            answer: self.answer.as_mut_ptr(),
            answer_size: self.answer.len(),
        };
        ocpp_event_value { data_transfer }
    }
}

/// The vendor, for C.
static VENDOR_ID: [u8; DATA_TRANSFER_VENDOR.len() + 1] = with_zero(DATA_TRANSFER_VENDOR);

#[allow(clippy::indexing_slicing, reason = "stops the build, never the image")]
const fn with_zero<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut place = 0;
    while place < text.len() {
        bytes[place] = text.as_bytes()[place];
        place += 1;
    }
    bytes
}

/// Sets what ocpp_init() was given, for the start that calls this.
///
/// # Errors
///
/// [`Error::Invalid`] without a callback.
///
/// # Safety
///
/// The charge point is being started, and by this thread.
pub unsafe fn set_notify(
    callback: ocpp_user_notify_callback_t,
    user_data: *mut c_void,
) -> Result<&'static dyn Application, Error> {
    if callback.is_none() {
        return Err(Error::Invalid);
    }
    // SAFETY: as the caller promises, no thread of the charge point runs, and no other one is in
    // `while_off`.
    unsafe { APPLICATION.get_mut() }.notify = Callback::new(callback, user_data);
    Ok(APPLICATION.get())
}

/// Sets what is called for events.
///
/// # Errors
///
/// [`Error::InUse`] if the charge point runs, [`Error::WouldBlock`] in an interrupt.
pub fn set_event(callback: ocpp_event_callback_t, user_data: *mut c_void) -> Result<(), Error> {
    super::before_start(|| {
        // SAFETY: no thread of the charge point runs, and no other one is here meanwhile.
        unsafe { APPLICATION.get_mut() }.event = Callback::new(callback, user_data);
    })
}

/// Sets what the meters measure and what reads them; an empty declaration takes it back.
///
/// # Errors
///
/// [`Error::Invalid`] for what the API does not have, for a phase that could not be read, and if
/// the charge point runs; [`Error::NoMemory`] for more than 64; [`Error::WouldBlock`] in an
/// interrupt.
pub fn declare_measurands(
    declared: &[ocpp_measured],
    read: ocpp_read_meter_t,
    user_data: *mut c_void,
) -> Result<(), Error> {
    lifecycle::while_off(|| {
        // SAFETY: no thread of the charge point runs, and no other one is here meanwhile.
        let application = unsafe { APPLICATION.get_mut() };
        application.declare(declared, Callback::new(read, user_data))
    })
}

impl CApplication {
    fn declare(
        &mut self,
        declared: &[ocpp_measured],
        read: Callback<ocpp_read_meter_t>,
    ) -> Result<(), Error> {
        let all = self.add_all(declared, read.function.is_some());
        self.is_declared = all.is_ok() && !declared.is_empty();
        self.read_meter = match self.is_declared {
            true => read,
            false => Callback::new(None, core::ptr::null_mut()),
        };
        all
    }

    fn add_all(&mut self, declared: &[ocpp_measured], has_reader: bool) -> Result<(), Error> {
        self.measured.clear();
        // It always belongs to the declaration, and is one of the 64.
        self.add(Measured::of(Measurand::EnergyActiveImportRegister))?;
        for declared in declared {
            let measured = measurands::measured(declared).ok_or(Error::Invalid)?;
            if measured.phase.is_some() && !has_reader {
                return Err(Error::Invalid);
            }
            self.add(measured)?;
        }
        Ok(())
    }

    fn add(&mut self, measured: Measured) -> Result<(), Error> {
        if self.measured.contains(&measured) {
            return Ok(());
        }
        self.measured.push(measured).map_err(|_| Error::NoMemory)
    }

    fn notify(&self, reason: Notify, value: &mut ocpp_io_value) -> Result<(), Error> {
        let function = self.notify.function.ok_or(Error::NotSupported)?;
        // SAFETY: the application gets the value for the call, with the pointer that it gave.
        result(unsafe { function(reason, value, self.notify.user_data) })
    }

    fn tell(&self, event: ocpp_event, mut value: ocpp_event_value) -> Result<(), Error> {
        let function = self.event.function.ok_or(Error::NotSupported)?;
        // SAFETY: the application gets the value for the call, with the pointer that it gave.
        result(unsafe { function(event, &mut value, self.event.user_data) })
    }

    #[inline(never)]
    fn value(&self, connector: u8, measured: Measured) -> Option<i32> {
        measurands::value(measured, |mes, phase, val| {
            self.read(connector, mes, phase, val)
        })
    }

    /// Has the application write a value as text: the reader that was declared, or else the
    /// callback.
    fn read(
        &self,
        connector: u8,
        mes: ocpp_meter_measurand,
        phase: ocpp_phase,
        val: &mut ValueText,
    ) -> Result<(), Error> {
        if let Some(function) = self.read_meter.function {
            let user_data = self.read_meter.user_data;
            let (into, size) = (val.as_mut_ptr(), val.len());
            // SAFETY: the application gets room for a value, with the pointer that it gave.
            let returned = unsafe { function(connector.into(), mes, phase, into, size, user_data) };
            return result(returned);
        }
        let mut io = blank();
        io.meter_val = ocpp_meter_val {
            id_con: connector.into(),
            mes,
            val: *val,
        };
        self.notify(Notify::OCPP_USR_GET_METER_VALUE, &mut io)?;
        // SAFETY: `meter_val` was written here; any bytes are a value of its `val`.
        *val = unsafe { io.meter_val.val };
        Ok(())
    }
}

/// What a callback returned: 0, -ENOTSUP, or another error, whichever it is.
fn result(returned: c_int) -> Result<(), Error> {
    match returned {
        0 => Ok(()),
        error if error == Error::NotSupported.number() => Err(Error::NotSupported),
        _ => Err(Error::Refused),
    }
}

/// All zeros, so that an application that reads the wrong member reads no stack.
fn blank() -> ocpp_io_value {
    // SAFETY: zeros are a value of every member.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

impl Application for CApplication {
    fn measurands(&self) -> Option<&'static [Measured]> {
        let own = APPLICATION.get();
        own.is_declared.then_some(&own.measured)
    }

    #[cfg(feature = "settings")]
    fn settings(&self) -> &'static [ocpp::station::Setting<'static>] {
        super::settings::declared()
    }

    #[cfg(feature = "settings")]
    fn setting_changed(&self, number: u8) {
        let setting_changed = super::types::ocpp_setting_changed { number };
        let value = ocpp_event_value { setting_changed };
        // Nothing depends on what it returns.
        let _ = self.tell(ocpp_event::OCPP_EVENT_SETTING_CHANGED, value);
    }

    #[cfg(feature = "reservation")]
    fn reservation_changed(&self, connector: u8, id: i32, state: ReservationState) {
        let reservation_changed = super::types::ocpp_reservation_changed {
            id_con: connector.into(),
            id,
            state: super::reservations::state(state),
        };
        let value = ocpp_event_value {
            reservation_changed,
        };
        // Nothing depends on what it returns.
        let _ = self.tell(ocpp_event::OCPP_EVENT_RESERVATION, value);
    }

    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    fn evses(&self) -> &'static [ocpp::domain::Evse] {
        super::equipment::evses()
    }

    #[cfg(feature = "v201")]
    fn boot_reason(&self) -> Option<ocpp::domain::BootReason> {
        super::equipment::boot_reason()
    }

    fn read_meter(&self, connector: u8, measurand: Measurand) -> Option<i32> {
        self.value(connector, Measured::of(measurand))
    }

    fn read_phase(&self, connector: u8, measurand: Measurand, phase: Phase) -> Option<i32> {
        self.value(connector, Measured::on(measurand, phase))
    }

    fn start_charging(&self, connector: u8, id_tag: IdToken) -> Result<(), Error> {
        let mut start_charge = ocpp_start_charge {
            idtag: [0; CISTR50],
            id_con: connector.into(),
        };
        text::fill(&mut start_charge.idtag, &id_tag);
        let mut io = blank();
        io.start_charge = start_charge;
        self.notify(Notify::OCPP_USR_START_CHARGING, &mut io)
    }

    fn stop_charging(&self, connector: u8, _: Option<SessionId>) {
        let mut io = blank();
        io.stop_charge = ocpp_stop_charge {
            id_con: connector.into(),
        };
        // Nothing depends on what it returns.
        let _ = self.notify(Notify::OCPP_USR_STOP_CHARGING, &mut io);
    }

    fn limit_charging(&self, connector: u8, limit: Option<u16>) {
        let charging_limit = ocpp_charging_limit {
            id_con: connector.into(),
            limit: limit.map_or(OCPP_NO_LIMIT, c_int::from),
        };
        let value = ocpp_event_value { charging_limit };
        // Nothing depends on what it returns.
        let _ = self.tell(ocpp_event::OCPP_EVENT_CHARGING_LIMIT, value);
    }

    fn unlock(&self, connector: u8) -> Result<(), Error> {
        let mut io = blank();
        io.unlock_con = ocpp_unlock_con {
            id_con: connector.into(),
        };
        self.notify(Notify::OCPP_USR_UNLOCK_CONNECTOR, &mut io)
    }

    fn data_transfer(
        &self,
        message_id: Option<&str>,
        payload: Option<&str>,
        answer: &mut String<DATA_LENGTH>,
    ) -> Result<(), Error> {
        if !ARRIVES {
            return Err(Error::NotSupported);
        }
        // SAFETY: only callback threads come here, and these answer one data transfer at a time
        // (`callbacks::Reason::Transfer`).
        let texts = unsafe { TRANSFER.take() };
        texts.set(message_id, payload);
        let told = self.tell(ocpp_event::OCPP_EVENT_DATA_TRANSFER, texts.event());
        // Both have the same capacity.
        let _ = answer.push_str(text::terminated(&texts.answer).unwrap_or(""));
        told
    }

    #[cfg(feature = "firmware-management")]
    fn install_firmware(&self) -> Result<(), Error> {
        // The event has nothing to say.
        let value = ocpp_event_value {
            reset: ocpp_reset { hard: false },
        };
        match self.tell(ocpp_event::OCPP_EVENT_INSTALL_FIRMWARE, value) {
            // One that does not know it does not put it off.
            Err(Error::NotSupported) => Ok(()),
            answered => answered,
        }
    }

    fn reset(&self, hard: bool) -> Result<(), Error> {
        let reset = ocpp_reset { hard };
        self.tell(ocpp_event::OCPP_EVENT_RESET, ocpp_event_value { reset })
    }
}
