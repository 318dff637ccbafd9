//! An address of one's own, and that of others. The C side is `c/network.c`.

use core::ffi::{CStr, c_char, c_int};

use heapless::String;

use crate::text;

unsafe extern "C" {
    safe fn firmware_await_address();
    fn firmware_own_address(address: *mut c_char, size: usize) -> c_int;
    fn firmware_resolve(host: *const c_char, address: *mut c_char, size: usize) -> c_int;
}

/// Longest host name, with the zero behind it.
const HOST: usize = 254;
/// The longest IPv6 address, and a zero.
const ADDRESS: usize = 46;

/// The resolver's number (`DNS_EAI_NONAME`) for a name that is none.
const TOO_LONG: i32 = -2;

/// Waits until DHCP has given an address, where it is to.
pub fn await_address() {
    firmware_await_address();
}

/// The charge point's own IPv4 address; empty while it has none. Where the sockets are those of
/// the host that runs the image, it is the host that has one.
pub fn own_address() -> String<ADDRESS> {
    let mut address = [0u8; ADDRESS];
    // SAFETY: the address has the room that is told.
    match unsafe { firmware_own_address(address.as_mut_ptr().cast(), address.len()) } {
        0 => text_of(&address),
        _ => String::new(),
    }
}

/// The IPv4 address of a host, or the IPv6 address of one that has no other, or the resolver's
/// error number.
pub fn resolve(host: &str) -> Result<String<ADDRESS>, i32> {
    let host = text::for_c::<HOST>(host).ok_or(TOO_LONG)?;
    let mut address = [0u8; ADDRESS];
    // SAFETY: the host ends with a zero; the address has the room that is told.
    let error =
        unsafe { firmware_resolve(host.as_ptr(), address.as_mut_ptr().cast(), address.len()) };
    if error != 0 {
        return Err(error);
    }
    Ok(text_of(&address))
}

fn text_of(address: &[u8; ADDRESS]) -> String<ADDRESS> {
    let address = CStr::from_bytes_until_nul(address).unwrap_or_default();
    String::try_from(address.to_str().unwrap_or_default()).unwrap_or_default()
}
