//! The C API, `<zephyr/net/ocpp.h>`.

#![allow(non_camel_case_types, reason = "the names are those of a C API")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the documentation is that of the header, for C, where every pointer is unsafe"
)]

mod application;
mod calls;
mod connectors;
mod decimal;
mod equipment;
mod firmware;
mod measurands;
mod meter;
mod protocol;
mod reservations;
mod security;
mod settings;
mod tokens;
mod transfer;
mod types;

use crate::{errno::Error, lifecycle};

pub use calls::*;
pub use connectors::*;
pub use equipment::{
    ocpp_boot_reason, ocpp_connector_type, ocpp_declare_evses, ocpp_evse, ocpp_set_boot_reason,
};
pub use firmware::*;
pub use meter::*;
pub use protocol::{ocpp_protocol, ocpp_set_protocol};
pub use reservations::{ocpp_get_reservation, ocpp_reservation};
pub use security::{ocpp_report_security_event, ocpp_request_certificate, ocpp_security_event};
pub use settings::{
    OCPP_SETTING_NEEDS_REBOOT, OCPP_SETTING_READ_ONLY, OCPP_SETTING_WRITE_ONLY,
    ocpp_declare_settings, ocpp_get_setting, ocpp_get_setting_text, ocpp_setting,
    ocpp_setting_form,
};
pub use tokens::{ocpp_authorize_token, ocpp_present_token, ocpp_token_kind, ocpp_transaction_id};
pub use transfer::*;
pub use types::*;

/// Changes what an application says before a start.
///
/// # Errors
///
/// [`Error::InUse`] if the charge point runs, [`Error::WouldBlock`] in an interrupt.
fn before_start(change: impl FnOnce()) -> Result<(), Error> {
    let changed = lifecycle::while_off(|| {
        change();
        Ok(())
    });
    changed.map_err(|error| match error {
        Error::Invalid => Error::InUse,
        error => error,
    })
}
