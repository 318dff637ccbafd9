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
mod measurands;
mod meter;
mod protocol;
mod settings;
mod transfer;
mod types;

pub use calls::*;
pub use connectors::*;
pub use meter::*;
pub use protocol::{ocpp_protocol, ocpp_set_protocol};
pub use settings::{
    OCPP_SETTING_NEEDS_REBOOT, OCPP_SETTING_READ_ONLY, OCPP_SETTING_WRITE_ONLY,
    ocpp_declare_settings, ocpp_get_setting, ocpp_get_setting_text, ocpp_setting,
    ocpp_setting_form,
};
pub use transfer::*;
pub use types::*;
