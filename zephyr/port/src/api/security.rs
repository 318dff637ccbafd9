//! What this library adds: security events of the application's own, and certificates of the charge point.

use core::ffi::{c_char, c_int};

#[cfg(feature = "security")]
use ocpp::domain::SecurityEvent;

use crate::errno::{Error, returned};
#[cfg(feature = "security")]
use crate::{charge_point, text};

/// What a charge point has seen that its security depends on (OCPP 1.6 security whitepaper, appendix).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_security_event {
    /// The firmware was updated. The charge point tells it itself.
    OCPP_SECURITY_EVENT_FIRMWARE_UPDATED,
    /// The central system has refused the credentials of the charge point. It tells it itself.
    OCPP_SECURITY_EVENT_FAILED_TO_AUTHENTICATE_AT_CENTRAL_SYSTEM,
    /// The central system could not authenticate itself.
    OCPP_SECURITY_EVENT_CENTRAL_SYSTEM_FAILED_TO_AUTHENTICATE,
    /// The clock was set to another time. The charge point tells it itself.
    OCPP_SECURITY_EVENT_SETTING_SYSTEM_TIME,
    /// The charge point has booted. It tells it itself.
    OCPP_SECURITY_EVENT_STARTUP_OF_THE_DEVICE,
    /// It is about to restart. It tells it itself.
    OCPP_SECURITY_EVENT_RESET_OR_REBOOT,
    /// The security log was cleared.
    OCPP_SECURITY_EVENT_SECURITY_LOG_WAS_CLEARED,
    /// Parameters of security were changed, such as keys.
    OCPP_SECURITY_EVENT_RECONFIGURATION_OF_SECURITY_PARAMETERS,
    /// There is no room any more, in flash or in RAM.
    OCPP_SECURITY_EVENT_MEMORY_EXHAUSTION,
    /// The central system sends what is no message. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_MESSAGES,
    /// Messages were sent once more by an attacker.
    OCPP_SECURITY_EVENT_ATTEMPTED_REPLAY_ATTACKS,
    /// The charge point was tampered with, as by an open enclosure.
    OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED,
    /// The signature of a firmware is not good. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_FIRMWARE_SIGNATURE,
    /// The certificate by which a firmware was signed is not good. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_FIRMWARE_SIGNING_CERTIFICATE,
    /// The certificate of the central system is not good. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_CENTRAL_SYSTEM_CERTIFICATE,
    /// A certificate for the charge point is not good. It tells it itself.
    OCPP_SECURITY_EVENT_INVALID_CHARGE_POINT_CERTIFICATE,
    /// The central system has only versions of TLS that are too old. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_TLS_VERSION,
    /// The central system has no cipher suite in common. The charge point tells it itself.
    OCPP_SECURITY_EVENT_INVALID_TLS_CIPHER_SUITE,
}

/// Reports a security event, such as an enclosure that was opened. It is in the security log, and kept over
/// power losses until the central system was told, where the whitepaper has it told: with security profile 1
/// and above, and CONFIG_OCPP_TELL_SECURITY_EVENTS.
///
/// @param event an enum ocpp_security_event
/// @param info more about it, of which the first 40 bytes are kept; or null
///
/// @retval 0 if it is noted
/// @retval -EINVAL for an event that is none of them, a text that is no UTF-8 or longer than 255 bytes, and
///         when the charge point does not run
/// @retval -ENOTSUP without CONFIG_OCPP_SECURITY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_report_security_event(event: c_int, info: *const c_char) -> c_int {
    // SAFETY: the caller gives null or a C string.
    returned(unsafe { report(event, info) })
}

/// # Safety
///
/// The text is null, or one of C.
#[cfg(feature = "security")]
unsafe fn report(event: c_int, info: *const c_char) -> Result<(), Error> {
    const LONGEST: usize = 255;
    // Both have the order of the whitepaper.
    let place = usize::try_from(event).ok();
    let event = place.and_then(|place| SecurityEvent::ALL.get(place));
    let event = *event.ok_or(Error::Invalid)?;
    // SAFETY: as the caller promises.
    let info = unsafe { text::borrowed(info, LONGEST) }?;
    charge_point::report_security_event(event, info.unwrap_or(""))
}

/// # Safety
///
/// None.
#[cfg(not(feature = "security"))]
unsafe fn report(_: c_int, _: *const c_char) -> Result<(), Error> {
    Err(Error::NotSupported)
}

/// Asks the central system for a new certificate of the charge point, as before the present one expires
/// (SignCertificate). A key is made for it. What was not answered is asked for again, also after a restart;
/// the certificate is used once the central system has issued it.
///
/// @retval 0 if it is asked for as soon as the central system can be reached
/// @retval -EAGAIN while the central system has not set CpoName, which the request takes
/// @retval -EINVAL if the charge point does not run
/// @retval -ENOTSUP with OCPP 2.0.1, and without CONFIG_OCPP_SECURITY
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_request_certificate() -> c_int {
    #[cfg(feature = "security")]
    let requested = charge_point::request_certificate();
    #[cfg(not(feature = "security"))]
    let requested = Err(Error::NotSupported);
    returned(requested)
}

#[cfg(all(test, feature = "security"))]
mod tests {
    use super::*;

    #[test]
    fn events_have_the_numbers_that_they_have_in_rust() {
        use ocpp_security_event::*;
        for (event, name) in [
            (OCPP_SECURITY_EVENT_FIRMWARE_UPDATED, "FirmwareUpdated"),
            (
                OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED,
                "TamperDetectionActivated",
            ),
            (
                OCPP_SECURITY_EVENT_INVALID_TLS_CIPHER_SUITE,
                "InvalidTLSCipherSuite",
            ),
        ] {
            assert_eq!(SecurityEvent::NAMES.get(event as usize), Some(&name));
        }
        let last = OCPP_SECURITY_EVENT_INVALID_TLS_CIPHER_SUITE as usize;
        assert_eq!(SecurityEvent::ALL.len(), last + 1);
    }
}

#[cfg(all(test, not(feature = "security")))]
mod tests {
    use super::*;

    #[test]
    fn without_security_both_say_so() {
        let not_supported = Error::NotSupported.number();
        assert_eq!(ocpp_request_certificate(), not_supported);
        let event = ocpp_security_event::OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED as c_int;
        // SAFETY: there is no text.
        let reported = unsafe { ocpp_report_security_event(event, core::ptr::null()) };
        assert_eq!(reported, not_supported);
    }
}
