//! A server of one file, and a slot for images.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::{string::String, sync::Mutex, thread, time::Duration, vec::Vec};

use super::lock;
use crate::files::{Answer, Give, Request, Take};

static PLACE: Mutex<Place> = Mutex::new(Place::new());

/// What the server has, and what is in the slot.
#[derive(Debug)]
pub struct Place {
    /// What the server answers.
    pub status: u16,
    /// And where it leads to.
    pub leads_to: String,
    /// The file that it gives.
    pub file: Vec<u8>,
    /// The connection ends with the file before its end.
    pub breaks: bool,
    /// It says nothing until the transfer is cancelled.
    pub hangs: bool,
    /// What was delivered.
    pub delivered: Vec<u8>,
    /// What was asked for: host and target.
    pub asked: Vec<String>,
    /// Bytes of the slot.
    pub room: u32,
    /// What is in it.
    pub slot: Vec<u8>,
    /// The boot loader is to take it.
    pub is_pending: bool,
    is_cancelled: bool,
}

impl Place {
    const fn new() -> Self {
        Self {
            status: 200,
            leads_to: String::new(),
            file: Vec::new(),
            breaks: false,
            hangs: false,
            delivered: Vec::new(),
            asked: Vec::new(),
            room: 1000,
            slot: Vec::new(),
            is_pending: false,
            is_cancelled: false,
        }
    }
}

/// Looks at it, or changes it.
pub fn place<R>(look: impl FnOnce(&mut Place) -> R) -> R {
    look(&mut lock(&PLACE))
}

/// Nothing is there.
pub fn reset() {
    place(|place| *place = Place::new());
}

/// The server's part of a request; the file goes piece by piece to `take`.
fn answer(answer: &mut Answer, mut take: impl FnMut(&[u8]) -> c_int) -> c_int {
    const ECANCELED: c_int = -125;
    const ECONNRESET: c_int = -104;
    let hangs = || place(|place| place.hangs && !place.is_cancelled);
    while hangs() {
        thread::sleep(Duration::from_millis(1));
    }
    let (status, leads_to, file, breaks) = place(|place| {
        if place.is_cancelled {
            return (0, String::new(), Vec::new(), false);
        }
        let to = place.leads_to.clone();
        (place.status, to, place.file.clone(), place.breaks)
    });
    if status == 0 {
        return ECANCELED;
    }
    answer.status = status;
    // SAFETY: the caller gives that much room.
    let location =
        unsafe { core::slice::from_raw_parts_mut(answer.location, answer.location_size) };
    for (place, byte) in location.iter_mut().zip(leads_to.bytes()) {
        *place = byte as c_char;
    }
    let whole = if breaks { file.len() / 2 } else { file.len() };
    for piece in file[..whole].chunks(100) {
        if status == 200 && take(piece) < 0 {
            return -1;
        }
    }
    if breaks { ECONNRESET } else { 0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_http_connect(request: *const Request) -> c_int {
    // SAFETY: the caller gives one for the call.
    ask(unsafe { &*request });
    0
}

fn ask(request: &Request) {
    // SAFETY: the caller gives C strings.
    let text = |text| unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let (host, target) = (text(request.host), text(request.target));
    let asked = std::format!("{host}:{}{target}", request.port);
    place(|place| place.asked.push(asked));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_http_get(
    _: *const Request,
    to: *mut Answer,
    take: Take,
    context: *mut c_void,
) -> c_int {
    // SAFETY: the caller gives it for the call.
    let to = unsafe { &mut *to };
    // SAFETY: as above.
    answer(to, |piece| unsafe {
        take(context, piece.as_ptr(), piece.len())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_http_put(
    _: *const Request,
    to: *mut Answer,
    give: Give,
    length: usize,
    context: *mut c_void,
) -> c_int {
    // SAFETY: the caller gives it for the call.
    let to = unsafe { &mut *to };
    let mut body = Vec::new();
    while body.len() < length {
        let mut piece = [0; 100];
        // SAFETY: as above.
        match unsafe { give(context, piece.as_mut_ptr(), piece.len()) } {
            0 => return -61,
            given => body.extend_from_slice(&piece[..given]),
        }
    }
    let outcome = answer(to, |_| 0);
    place(|place| place.delivered = body);
    outcome
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_http_cancel(is_cancelled: bool) {
    place(|place| place.is_cancelled = is_cancelled);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_image_begin(room: *mut u32) -> c_int {
    const ENOTSUP: c_int = -95;
    let size = place(|place| {
        place.slot.clear();
        place.room
    });
    // SAFETY: the caller gives room for it.
    unsafe { room.write(size) };
    if size == 0 { ENOTSUP } else { 0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_image_write(bytes: *const u8, length: usize) -> c_int {
    // SAFETY: the caller gives so many bytes.
    let bytes = unsafe { core::slice::from_raw_parts(bytes, length) };
    place(|place| place.slot.extend_from_slice(bytes));
    0
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_end(_: bool) -> c_int {
    0
}

/// An image begins with these words.
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_check() -> c_int {
    match place(|place| place.slot.clone()) {
        image if image.starts_with(b"new") => 0,
        image if image.starts_with(b"running") => 1,
        _ => -8,
    }
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_install() -> c_int {
    place(|place| place.is_pending = true);
    0
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_confirm() -> bool {
    false
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_mark() -> u32 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_image_version(_: *mut c_char, _: usize) -> c_int {
    -95
}
