//! What this library adds: the version of OCPP that is spoken, where an image has several.

use core::{
    ffi::c_int,
    sync::atomic::{AtomicU8, Ordering},
};

use ocpp::Version;

use crate::{
    errno::{Error, returned},
    limits,
};

/// A version of OCPP.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_protocol {
    /// OCPP 1.6, as JSON: CONFIG_OCPP_V16.
    OCPP_PROTOCOL_1_6,
    /// OCPP 2.0.1: CONFIG_OCPP_V201.
    OCPP_PROTOCOL_2_0_1,
}

/// Those of this image.
const PROTOCOLS: &[(ocpp_protocol, Version)] = &[
    #[cfg(feature = "v16")]
    (ocpp_protocol::OCPP_PROTOCOL_1_6, Version::V16),
    #[cfg(feature = "v201")]
    (ocpp_protocol::OCPP_PROTOCOL_2_0_1, Version::V201),
];

/// Place of the chosen one in them, counted from 1; 0 for none. Changed while the charge point is off.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The version that ocpp_init() has to speak.
pub fn chosen() -> Version {
    if PROTOCOLS.len() == 1 {
        return limits::VERSION;
    }
    let place = usize::from(CHOSEN.load(Ordering::Relaxed)).checked_sub(1);
    let chosen = place.and_then(|place| PROTOCOLS.get(place));
    chosen.map_or(limits::VERSION, |(_, version)| *version)
}

/// Chooses the version of OCPP that the charge point speaks from the next ocpp_init() on. Without it
/// that is CONFIG_OCPP_DEFAULT_VERSION. It stays chosen after ocpp_deinit().
///
/// With OCPP 2.0.1, connector n of this API is EVSE n, which has one connector.
///
/// @param protocol a value of enum ocpp_protocol
///
/// @retval 0 on success
/// @retval -ENOTSUP if the image does not have that version
/// @retval -EBUSY if the charge point runs: this is to be called before ocpp_init()
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_protocol(protocol: c_int) -> c_int {
    let mut known = PROTOCOLS.iter().zip(1u8..);
    let Some((_, place)) = known.find(|((known, _), _)| *known as c_int == protocol) else {
        return Error::NotSupported.number();
    };
    returned(super::before_start(|| {
        CHOSEN.store(place, Ordering::Relaxed);
    }))
}
