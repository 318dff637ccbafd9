//! What this library adds for OCPP 2.0.1: tokens with their kinds, and names of transactions.

use core::ffi::{c_char, c_int};

use ocpp::domain::{IdToken, TokenKind};

use super::{
    calls::{authorize, session},
    connectors::number,
    types::{ocpp_auth_status, ocpp_session_handle_t},
};
use crate::{
    charge_point,
    errno::{Error, returned},
    text::{self, CText},
};

/// What kind of token an idTag is. OCPP 2.0.1 tells the central system; OCPP 1.6 has no kinds.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_token_kind {
    /// Given out by the central system.
    OCPP_TOKEN_CENTRAL,
    /// The identifier of a contract (eMAID).
    OCPP_TOKEN_EMAID,
    /// A card of ISO 14443.
    OCPP_TOKEN_ISO14443,
    /// A card of ISO 15693.
    OCPP_TOKEN_ISO15693,
    /// Typed in.
    OCPP_TOKEN_KEY_CODE,
    /// Made up by the charge point.
    OCPP_TOKEN_LOCAL,
    /// The MAC address of the vehicle.
    OCPP_TOKEN_MAC_ADDRESS,
    /// None is needed to charge.
    OCPP_TOKEN_NO_AUTHORIZATION,
}

/// As ocpp_authorize(), for a token of another kind than a card of ISO 14443.
///
/// @param hndl session
/// @param token 1 to 20 characters; up to 36 with OCPP 2.0.1
/// @param kind a value of enum ocpp_token_kind
/// @param status where the answer goes, when 0 is returned
/// @param timeout_ms milliseconds to wait for it
///
/// @retval 0 if there is an answer
/// @retval -EINVAL if there is no such kind, and as ocpp_authorize()
/// @retval -EAGAIN, -ETIMEDOUT, -ENOMEM, -ENOTCONN as ocpp_authorize()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_authorize_token(
    hndl: ocpp_session_handle_t,
    token: *const c_char,
    kind: c_int,
    status: *mut ocpp_auth_status,
    timeout_ms: u32,
) -> c_int {
    // SAFETY: the caller gives null or a C string, and null or room for a status.
    unsafe {
        let token = read(token, kind);
        authorize(session(hndl), token, status, timeout_ms)
    }
}

/// As ocpp_present_idtag(), for a token of another kind than a card of ISO 14443.
///
/// @param conn_id connector, from 1
/// @param token 1 to 20 characters; up to 36 with OCPP 2.0.1
/// @param kind a value of enum ocpp_token_kind
///
/// @retval 0 if it is being looked at
/// @retval -EINVAL if there is no such kind, and as ocpp_present_idtag()
/// @retval -EACCES, -EBUSY, -EAGAIN as ocpp_present_idtag()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_present_token(
    conn_id: c_int,
    token: *const c_char,
    kind: c_int,
) -> c_int {
    // SAFETY: the caller gives null, or a C string.
    let token = unsafe { read(token, kind) };
    returned(number(conn_id).and_then(|connector| charge_point::present_id_tag(connector, token?)))
}

/// Tells how the transaction of a connector is called: with OCPP 1.6 the number that the central
/// system gave it, in decimal digits; with OCPP 2.0.1 the transactionId that the charge point gave it.
///
/// @param conn_id connector, from 1
/// @param id where it goes, cut off where there is no more room, with a zero at its end; 37 bytes are
///        enough
/// @param size bytes there are for it, that zero included
///
/// @retval 0 on success
/// @retval -EINVAL if id is null, size is 0, the connector does not exist or has no transaction, or
///         the charge point does not run
/// @retval -EAGAIN if the central system has not given it a number yet
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_transaction_id(
    conn_id: c_int,
    id: *mut c_char,
    size: usize,
) -> c_int {
    if id.is_null() || size == 0 {
        return Error::Invalid.number();
    }
    returned(
        number(conn_id)
            .and_then(charge_point::transaction_id)
            .map(|known| {
                let mut name = CText::<21>::new();
                name.push_transaction_id(known);
                // SAFETY: not null, so the caller gives room for so many bytes.
                let room = unsafe { core::slice::from_raw_parts_mut(id, size) };
                text::fill(room, name.as_str());
            }),
    )
}

/// A token as C gives it.
///
/// # Safety
///
/// `token` is null or a C string.
unsafe fn read(token: *const c_char, kind: c_int) -> Result<IdToken, Error> {
    let kind = usize::try_from(kind).ok();
    let kind = kind.and_then(|kind| TokenKind::ALL.get(kind));
    let kind = *kind.ok_or(Error::Invalid)?;
    // SAFETY: as the caller promises.
    let text = unsafe { text::copied(token) }?;
    Ok(IdToken::from(text).of_kind(kind))
}

#[cfg(test)]
mod tests {
    use super::{ocpp_token_kind::*, *};

    #[test]
    fn kinds_are_those_of_the_engine() {
        for (kind, expected) in [
            (OCPP_TOKEN_CENTRAL, TokenKind::Central),
            (OCPP_TOKEN_EMAID, TokenKind::Emaid),
            (OCPP_TOKEN_ISO14443, TokenKind::Iso14443),
            (OCPP_TOKEN_ISO15693, TokenKind::Iso15693),
            (OCPP_TOKEN_KEY_CODE, TokenKind::KeyCode),
            (OCPP_TOKEN_LOCAL, TokenKind::Local),
            (OCPP_TOKEN_MAC_ADDRESS, TokenKind::MacAddress),
            (OCPP_TOKEN_NO_AUTHORIZATION, TokenKind::NoAuthorization),
        ] {
            // SAFETY: a C string.
            let token = unsafe { read(c"TAG".as_ptr(), kind as c_int) }.unwrap();
            let kept = match cfg!(feature = "v201") {
                true => expected,
                false => TokenKind::Iso14443,
            };
            assert_eq!((token.as_str(), token.kind()), ("TAG", kept));
        }
        for kind in [-1, TokenKind::ALL.len() as c_int] {
            // SAFETY: a C string.
            assert_eq!(unsafe { read(c"TAG".as_ptr(), kind) }, Err(Error::Invalid));
        }
    }
}
