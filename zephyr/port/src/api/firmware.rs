//! What this library adds: when new firmware is installed.

use core::ffi::c_int;

#[cfg(feature = "firmware-management")]
use crate::charge_point;
#[cfg(not(feature = "firmware-management"))]
use crate::errno::Error;
use crate::errno::returned;

/// Installs the firmware that was put off when OCPP_EVENT_INSTALL_FIRMWARE asked. A reset follows.
///
/// @retval 0 if it is under way
/// @retval -EINVAL if none was put off, or the charge point does not run
/// @retval -ENOTSUP without CONFIG_OCPP_PROFILE_FIRMWARE_MGNT
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_install_firmware() -> c_int {
    #[cfg(feature = "firmware-management")]
    let installed = charge_point::install_firmware();
    #[cfg(not(feature = "firmware-management"))]
    let installed = Err(Error::NotSupported);
    returned(installed)
}
