//! The C API with any arguments that its header allows: numbers of all sizes, texts of any bytes and
//! lengths, null where there may be none, handles of sessions that are closed; and what a central system
//! says meanwhile.
#![no_main]

use std::{
    ffi::{CString, c_char, c_int, c_void},
    ptr,
};

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use ocpp_fuzz::frame;
use ocpp_port::{api::*, host};

/// 2026-01-01, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

unsafe extern "C" fn notified(
    reason: ocpp_notify_reason,
    io: *mut ocpp_io_value,
    _: *mut c_void,
) -> c_int {
    if reason == ocpp_notify_reason::OCPP_USR_GET_METER_VALUE {
        // SAFETY: the member of the reason is valid.
        unsafe { (*io).meter_val.val[0] = b'7' as c_char };
    }
    0
}

/// A text of any bytes, or null.
fn text(u: &mut Unstructured<'_>) -> Result<Option<CString>> {
    if u.ratio(1, 8)? {
        return Ok(None);
    }
    let length = u.int_in_range(0..=70)?;
    let bytes = u.bytes(length.min(u.len()))?;
    let bytes = bytes.iter().copied().filter(|byte| *byte != 0);
    Ok(CString::new(bytes.collect::<Vec<_>>()).ok())
}

fn pointer(text: &Option<CString>) -> *mut c_char {
    let text = text.as_ref();
    text.map_or(ptr::null_mut(), |text| text.as_ptr().cast_mut())
}

fn begin(u: &mut Unstructured<'_>) -> Result<()> {
    let texts = [text(u)?, text(u)?, text(u)?];
    let is_good = u.ratio(3, 4)?;
    // SAFETY: zeros are null pointers and numbers.
    let mut point: ocpp_cp_info = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let mut system: ocpp_cs_info = unsafe { std::mem::zeroed() };
    let (vendor, model) = (c"vendor".as_ptr(), c"model".as_ptr());
    (point.vendor, point.model) = match is_good {
        true => (vendor.cast_mut(), model.cast_mut()),
        false => (pointer(&texts[0]), pointer(&texts[1])),
    };
    point.num_of_con = u.int_in_range(0..=3)?;
    system.cs_ip = c"127.0.0.1".as_ptr().cast_mut();
    system.ws_url = match is_good {
        true => c"/ocpp/1".as_ptr().cast_mut(),
        false => pointer(&texts[2]),
    };
    system.port = u.arbitrary()?;
    system.sa_family = u.int_in_range(0..=2)?;
    // SAFETY: both structures hold null or C strings, which live until it returns.
    unsafe { ocpp_init(&mut point, &mut system, Some(notified), ptr::null_mut()) };
    Ok(())
}

/// One function of the API.
fn call(u: &mut Unstructured<'_>, sessions: &mut Vec<ocpp_session_handle_t>) -> Result<()> {
    let connector = match u.ratio(1, 6)? {
        true => u.arbitrary::<c_int>()?,
        false => u.int_in_range(0..=3)?,
    };
    let words = text(u)?;
    let session = match u.choose_index(sessions.len() + 1)? {
        n if n < sessions.len() => sessions[n],
        _ => ptr::without_provenance_mut(u.arbitrary::<u16>()?.into()),
    };
    // SAFETY: each is given null, a C string or room for what it writes.
    unsafe {
        match u.int_in_range(0..=19)? {
            0 | 1 => {
                let mut handle = ptr::null_mut();
                if ocpp_session_open(&mut handle) == 0 {
                    sessions.push(handle);
                }
            }
            2 => ocpp_session_close(session),
            3 => {
                let mut status = ocpp_auth_status::OCPP_AUTH_INVALID;
                ocpp_authorize(session, pointer(&words), &mut status, 0);
            }
            4 => {
                ocpp_start_transaction(session, u.arbitrary()?, u.arbitrary()?, 0);
            }
            5 => {
                ocpp_stop_transaction(session, u.arbitrary()?, 0);
            }
            6 => {
                ocpp_set_plugged(connector, u.arbitrary()?);
            }
            7 => {
                ocpp_present_idtag(connector, pointer(&words));
            }
            8 => {
                ocpp_set_fault(connector, u.int_in_range(-2..=30)?, pointer(&words));
            }
            9 => {
                ocpp_set_suspended(connector, u.int_in_range(-2..=5)?);
            }
            10 => {
                ocpp_set_available(connector, u.arbitrary()?);
            }
            11 => {
                ocpp_set_locked(connector, u.arbitrary()?);
            }
            12 => {
                ocpp_set_time(u.arbitrary()?);
            }
            13 => {
                ocpp_present_token(connector, pointer(&words), u.int_in_range(-2..=12)?);
            }
            14 => {
                let mut id = [0; 40];
                ocpp_transaction_id(connector, id.as_mut_ptr(), u.int_in_range(0..=id.len())?);
            }
            15 => {
                let mut text = [0; 40];
                let size = u.int_in_range(0..=text.len())?;
                ocpp_get_setting_text(u.arbitrary()?, text.as_mut_ptr(), size);
            }
            16 => {
                let payload = text(u)?;
                let mut status = ocpp_data_transfer_status::OCPP_DATA_TRANSFER_REJECTED;
                let mut answer = [0; 40];
                let size = u.int_in_range(0..=answer.len())?;
                ocpp_data_transfer(
                    pointer(&words),
                    pointer(&payload),
                    pointer(&payload),
                    &mut status,
                    answer.as_mut_ptr(),
                    size,
                    0,
                );
            }
            17 => {
                ocpp_set_protocol(u.int_in_range(-1..=3)?);
            }
            18 => {
                ocpp_set_boot_reason(u.int_in_range(-1..=12)?);
            }
            _ => {
                let frame = frame(u, FIRST_DAY)?;
                host::wire(|wire| wire.say(&frame));
            }
        }
    }
    Ok(())
}

fn use_it(u: &mut Unstructured<'_>) -> Result<()> {
    begin(u)?;
    let mut sessions = Vec::new();
    while !u.is_empty() {
        call(u, &mut sessions)?;
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    host::reset();
    let _ = use_it(&mut Unstructured::new(bytes));
    ocpp_deinit();
});
