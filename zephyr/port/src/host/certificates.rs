//! Certificates that are words: one is good that begins with `good`.

use core::ffi::{CStr, c_char, c_int};

use crate::certificates::{Check, KEY, Keys, Own};

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
    match check.kind {
        1 => key_of(chain, &check.keys),
        _ => 0,
    }
}

/// A certificate of the charge point is of the first key that there is.
fn key_of(chain: &str, keys: &Keys) -> c_int {
    let key = keys.iter().position(|key| *key != [0; KEY]);
    key.filter(|_| chain.starts_with("good"))
        .map_or(EBADMSG, |key| key as c_int)
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
unsafe extern "C" fn ocpp_port_certificate_key(chain: *const c_char, keys: *const Keys) -> c_int {
    // SAFETY: the caller gives all of them.
    match key_of(text(chain), unsafe { &*keys }) {
        EBADMSG => crate::certificates::KEYS as c_int,
        key => key,
    }
}

/// All of them end at the beginning of 2027.
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_certificate_end(_: *const c_char) -> i64 {
    1_798_761_600
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
    if key == [0; KEY] {
        key.fill(7);
    }
    pem[..request.len()].copy_from_slice(request.as_bytes());
    pem[request.len()] = 0;
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_credentials_add(own: *mut Own) -> c_int {
    // SAFETY: the caller gives one.
    let own = unsafe { &*own };
    key_of(text(own.chain), &own.keys).max(0)
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_credentials_remove() {}
