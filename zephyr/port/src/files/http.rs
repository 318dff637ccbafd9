//! Requests of HTTP, and where redirections lead. The C side is `c/http.c`.

use core::ffi::{c_char, c_int, c_void};

use ocpp::{domain::TransferFailure, limits::LOCATION_LENGTH};

use super::Location;
#[cfg(feature = "security")]
use super::roots::Roots;
#[cfg(feature = "tls")]
use crate::tls::OwnTag;
use crate::{log::line, text};

/// Redirections that are followed.
const MOST_REDIRECTIONS: u32 = 5;

/// `struct ocpp_port_request`
#[repr(C)]
pub struct Request {
    /// Without brackets.
    pub host: *const c_char,
    /// Path and query.
    pub target: *const c_char,
    user: *const c_char,
    tls: *mut c_void,
    /// TCP port.
    pub port: u16,
}

/// `struct ocpp_port_answer`
#[repr(C)]
pub struct Answer {
    /// Where the server leads to.
    pub location: *mut c_char,
    /// Room for that.
    pub location_size: usize,
    /// HTTP's.
    pub status: u16,
}

/// `ocpp_port_take_t`
pub type Take = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> c_int;
/// `ocpp_port_give_t`
pub type Give = unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> usize;

unsafe extern "C" {
    safe fn ocpp_port_http_cancel(is_cancelled: bool);
    fn ocpp_port_http_connect(request: *const Request) -> c_int;
    fn ocpp_port_http_get(
        request: *const Request,
        answer: *mut Answer,
        take: Take,
        context: *mut c_void,
    ) -> c_int;
    fn ocpp_port_http_put(
        request: *const Request,
        answer: *mut Answer,
        give: Give,
        length: usize,
        context: *mut c_void,
    ) -> c_int;
}

/// What is under way ends soon, or no longer.
pub fn cancel(is_cancelled: bool) {
    ocpp_port_http_cancel(is_cancelled);
}

/// Takes a file piece by piece.
pub trait Sink {
    /// # Errors
    ///
    /// Any, when no more of it is wanted.
    fn take(&mut self, bytes: &[u8]) -> Result<(), TransferFailure>;
}

/// Gives a file piece by piece.
pub trait Source {
    /// Bytes of the whole file, from whose beginning it is given then.
    fn begin(&mut self) -> u32;

    /// Writes the next bytes: how many, 0 at the end.
    fn give(&mut self, into: &mut [u8]) -> usize;
}

struct Taking<'a, S> {
    sink: &'a mut S,
    failure: Option<TransferFailure>,
}

unsafe extern "C" fn take<S: Sink>(context: *mut c_void, bytes: *const u8, length: usize) -> c_int {
    // SAFETY: `get` gives its `Taking`, which nothing else uses meanwhile, and C so many bytes.
    let (taking, bytes) = unsafe {
        (
            &mut *context.cast::<Taking<'_, S>>(),
            core::slice::from_raw_parts(bytes, length),
        )
    };
    match taking.sink.take(bytes) {
        Ok(()) => 0,
        Err(failure) => {
            taking.failure = Some(failure);
            -1
        }
    }
}

unsafe extern "C" fn give<S: Source>(context: *mut c_void, into: *mut u8, room: usize) -> usize {
    // SAFETY: `put` gives its source, which nothing else uses meanwhile, and C that much room, all of
    // which was written once.
    let (source, into) = unsafe {
        (
            &mut *context.cast::<S>(),
            core::slice::from_raw_parts_mut(into, room),
        )
    };
    source.give(into)
}

/// Fetches a file.
///
/// # Errors
///
/// That of the sink; [`TransferFailure::Interrupted`] when not all of it arrives;
/// [`TransferFailure::Refused`] when the server does not give it.
pub fn get<S: Sink>(location: &mut Location, sink: &mut S) -> Result<(), TransferFailure> {
    let mut taking = Taking {
        sink,
        failure: None,
    };
    let followed = follow(location, |request, answer| {
        let context: *mut Taking<'_, S> = &mut taking;
        // SAFETY: all of these are good for the call.
        unsafe { ocpp_port_http_get(request, answer, take::<S>, context.cast()) }
    });
    match taking.failure {
        Some(failure) => Err(failure),
        None => followed,
    }
}

/// Delivers a file.
///
/// # Errors
///
/// As [`get`].
pub fn put<S: Source>(location: &mut Location, source: &mut S) -> Result<(), TransferFailure> {
    follow(location, |request, answer| {
        let length = source.begin() as usize;
        let context: *mut S = source;
        // SAFETY: all of these are good for the call.
        unsafe { ocpp_port_http_put(request, answer, give::<S>, length, context.cast()) }
    })
}

/// Connects with the server, for one request.
fn connect(location: &mut Location) -> Result<Request, TransferFailure> {
    #[cfg(feature = "security")]
    let roots = match location.is_secure() {
        true => Some(Roots::borrow().ok_or(TransferFailure::Interrupted)?),
        false => None,
    };
    #[cfg(feature = "security")]
    let own = roots.as_ref().map_or(OwnTag::default(), Roots::tag);
    #[cfg(all(feature = "tls", not(feature = "security")))]
    let own = OwnTag::default();
    let request = Request {
        host: location.host.as_ptr(),
        target: location.target.as_ptr(),
        user: location.user.as_ptr(),
        #[cfg(feature = "tls")]
        tls: location.tls(own),
        #[cfg(not(feature = "tls"))]
        tls: core::ptr::null_mut(),
        port: location.port,
    };
    // SAFETY: the texts are the location's, which is not changed meanwhile.
    let error = unsafe { ocpp_port_http_connect(&request) };
    if error < 0 {
        #[cfg(feature = "tls")]
        let (words, fault) = location
            .refusal()
            .map_or(("", ""), |refusal| (refusal.description(), refusal.fault()));
        #[cfg(not(feature = "tls"))]
        let (words, fault) = ("", "");
        match words {
            "" => line!(Warning, "transfer: error ", error),
            words => line!(Warning, "transfer: error ", error, ": ", words, fault),
        }
        return Err(TransferFailure::Interrupted);
    }
    Ok(request)
}

/// Asks again where it is led to.
fn follow(
    location: &mut Location,
    mut ask: impl FnMut(&Request, &mut Answer) -> c_int,
) -> Result<(), TransferFailure> {
    for _ in 0..=MOST_REDIRECTIONS {
        let mut to: [c_char; LOCATION_LENGTH + 1] = [0; LOCATION_LENGTH + 1];
        let request = connect(location)?;
        let mut answer = Answer {
            location: to.as_mut_ptr(),
            location_size: to.len(),
            status: 0,
        };
        let error = ask(&request, &mut answer);
        if error < 0 {
            line!(Warning, "transfer: error ", error);
            return Err(TransferFailure::Interrupted);
        }
        match answer.status {
            200..=299 => return Ok(()),
            301 | 302 | 307 | 308 => match text::terminated(&to) {
                Some(to) if !to.is_empty() => location.redirect(to)?,
                _ => return Err(refused(answer.status)),
            },
            status => return Err(refused(status)),
        }
    }
    line!(Warning, "transfer: too many redirections");
    Err(TransferFailure::Refused)
}

fn refused(status: u16) -> TransferFailure {
    line!(Warning, "transfer: HTTP ", status);
    TransferFailure::Refused
}
