//! What native_sim was started with. The C side is `c/command_line.c`.

use core::ffi::{CStr, c_char};

unsafe extern "C" {
    safe fn firmware_csms() -> *const c_char;
}

/// The central system of `-csms=`.
pub fn central_system() -> Option<&'static str> {
    let url = firmware_csms();
    if url.is_null() {
        return None;
    }
    // SAFETY: not null, so it is an argument of the program, which lives as long as that.
    unsafe { CStr::from_ptr(url) }.to_str().ok()
}
