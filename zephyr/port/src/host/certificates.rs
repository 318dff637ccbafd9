//! Certificates that are words: one is good that begins with `good`, one of the next key has `next` in it.

use core::ffi::{CStr, c_char, c_int};

use crate::certificates::{Check, KEY, Own};

const EBADMSG: c_int = -74;

/// The text there.
fn text(text: *const c_char) -> &'static str {
    // SAFETY: the caller gives one that ends with a zero and stays there for the call.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_certificate_check(check: *mut Check) -> c_int {
    // SAFETY: the caller gives one, to itself.
    let check = unsafe { &mut *check };
    let chain = text(check.chain);
    if !chain.starts_with("good") {
        return EBADMSG;
    }
    for names in [
        &mut check.issuer_name[..],
        &mut check.issuer_key[..],
        &mut check.serial_number[..],
    ] {
        crate::text::fill(names, "0a");
    }
    let key = usize::from(chain.contains("next"));
    match check.keys[key] == [0; KEY] && check.kind == 1 {
        true => EBADMSG,
        false => key as c_int,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_firmware_verify(
    _: *const c_char,
    signature: *const c_char,
    _: *mut u8,
    _: usize,
) -> c_int {
    match text(signature).starts_with("good") {
        true => 0,
        false => EBADMSG,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_certificate_request(
    name: *const c_char,
    organization: *const c_char,
    key: *mut u8,
    pem: *mut u8,
    room: usize,
) -> c_int {
    let request = std::format!("request of {} for {}", text(organization), text(name));
    // SAFETY: the caller gives that much room for both.
    let (key, pem) = unsafe {
        (
            core::slice::from_raw_parts_mut(key, KEY),
            core::slice::from_raw_parts_mut(pem, room),
        )
    };
    key.fill(7);
    pem[..request.len()].copy_from_slice(request.as_bytes());
    pem[request.len()] = 0;
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_credentials_add(own: *mut Own) -> c_int {
    // SAFETY: the caller gives one.
    let own = unsafe { &*own };
    c_int::from(text(own.chain).contains("next"))
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_credentials_remove() {}
