//! Who may come in: identity, password and subprotocol (OCPP-J 1.6, 3.1; security whitepaper).

use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderValue, SEC_WEBSOCKET_PROTOCOL,
    WWW_AUTHENTICATE,
};
use tungstenite::http::{HeaderMap, StatusCode};

use crate::behaviour::{Behaviour, Subprotocol};
use crate::event::EventKind;
use crate::identity;
use crate::shared::Shared;
use crate::wire::Socket;

const SUBPROTOCOL: &str = "ocpp1.6";

/// A client that finished the handshake.
#[derive(Debug)]
pub(crate) struct Admission {
    pub identity: String,
    /// False if the connection has to be closed at once, for lack of a common subprotocol.
    pub may_stay: bool,
    select: bool,
}

#[derive(Debug)]
struct Refused {
    identity: String,
    status: StatusCode,
}

/// Answers the handshake on a fresh connection. `None` if the charge point was refused.
pub(crate) fn accept(socket: Socket, shared: &Shared) -> Option<Admission> {
    let behaviour = shared.change(|state| state.behaviour.clone());
    let mut verdict = None;
    #[expect(clippy::result_large_err, reason = "the type is tungstenite's")]
    let gate = |request: &Request, mut response: Response| {
        match judge(request.uri().path(), request.headers(), &behaviour) {
            Ok(admission) => {
                if admission.select {
                    let selected = HeaderValue::from_static(SUBPROTOCOL);
                    response
                        .headers_mut()
                        .insert(SEC_WEBSOCKET_PROTOCOL, selected);
                }
                verdict = Some(admission);
                Ok(response)
            }
            Err(Refused { identity, status }) => {
                // Noted before the client can know, so that a test that saw the refusal
                // finds it in the books.
                let kind = EventKind::Refused(status.as_u16());
                shared.change(|state| state.note(&identity, kind));
                Err(refusal(status))
            }
        }
    };
    // What arrives behind the request is an error for tungstenite, so its websocket, which
    // this drops, has not read anything of the first frame.
    tungstenite::accept_hdr(socket, gate).ok()?;
    verdict
}

fn judge(path: &str, headers: &HeaderMap, behaviour: &Behaviour) -> Result<Admission, Refused> {
    let Some(identity) = identity::from_path(path) else {
        return Err(Refused {
            identity: String::new(),
            status: StatusCode::NOT_FOUND,
        });
    };
    let known = behaviour.known.as_ref();
    if known.is_some_and(|known| !known.contains(&identity)) {
        return Err(Refused {
            identity,
            status: StatusCode::NOT_FOUND,
        });
    }
    if let Some(password) = behaviour.passwords.get(&identity) {
        let authorized = headers
            .get(AUTHORIZATION)
            .is_some_and(|given| identity::authorizes(given.as_bytes(), &identity, password));
        if !authorized {
            return Err(Refused {
                identity,
                status: StatusCode::UNAUTHORIZED,
            });
        }
    }
    let select = behaviour.subprotocol == Subprotocol::Select && offers(headers);
    Ok(Admission {
        identity,
        may_stay: select || behaviour.subprotocol == Subprotocol::Omit,
        select,
    })
}

fn offers(headers: &HeaderMap) -> bool {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offered| offered.trim() == SUBPROTOCOL)
}

fn refusal(status: StatusCode) -> ErrorResponse {
    let mut response = ErrorResponse::new(None);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"ocpp\"");
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(offered: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offered));
        headers
    }

    fn stays(offered: &'static str, subprotocol: Subprotocol) -> (bool, bool) {
        let behaviour = Behaviour::new().subprotocol(subprotocol);
        let admission = judge("/ocpp/CP", &headers(offered), &behaviour).unwrap();
        (admission.select, admission.may_stay)
    }

    #[test]
    fn the_subprotocol_is_selected_from_the_offers() {
        assert_eq!(stays("ocpp1.5, ocpp1.6", Subprotocol::Select), (true, true));
        assert_eq!(stays("ocpp2.0.1", Subprotocol::Select), (false, false));
        assert_eq!(stays("ocpp1.6", Subprotocol::Omit), (false, true));
    }

    #[test]
    fn strangers_are_refused() {
        let behaviour = Behaviour::new().only(["CP1", "CP2"]).password("CP2", "x");
        let status = |path| {
            judge(path, &headers("ocpp1.6"), &behaviour)
                .err()
                .map(|refused| refused.status.as_u16())
        };
        assert_eq!(status("/ocpp/CP1"), None);
        assert_eq!(status("/ocpp/CP2"), Some(401));
        assert_eq!(status("/ocpp/CP3"), Some(404));
        assert_eq!(status("/"), Some(404));
    }
}
