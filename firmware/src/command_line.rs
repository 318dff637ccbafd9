//! What native_sim was started with. The C side is `c/command_line.c`.

use core::ffi::{CStr, c_char};

use heapless::String;
use ocpp::domain::ChargePointError;
use ocpp_port::charge_point;

use crate::log::line;

unsafe extern "C" {
    safe fn firmware_csms() -> *const c_char;
    safe fn firmware_fault() -> *const c_char;
    safe fn firmware_id_tags() -> *const c_char;
}

/// The central system of `-csms=`.
pub fn central_system() -> Option<&'static str> {
    argument(firmware_csms())
}

/// The idTags of `-id-tags=`, with spaces between them.
pub fn id_tags() -> Option<&'static str> {
    argument(firmware_id_tags())
}

/// Tells the charge point what is broken by `-fault=`.
pub fn break_something() {
    let Some(fault) = argument(firmware_fault()) else {
        return;
    };
    let told = fault.split_once(':').and_then(|(connector, error)| {
        let connector = connector.parse().ok()?;
        let error = ChargePointError::from_name(error);
        let error = error.filter(|error| *error != ChargePointError::NoError)?;
        charge_point::set_fault(connector, Some(error), String::new()).ok()
    });
    if told.is_none() {
        line!(Error, "-fault={fault} is not connector:error of OCPP 1.6");
    }
}

fn argument(text: *const c_char) -> Option<&'static str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, so it is an argument of the program, which lives as long as that.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
