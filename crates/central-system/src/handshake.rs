//! Who may come in: identity, password and subprotocol (OCPP-J 1.6, 3.1; security whitepaper).

use std::sync::{Arc, OnceLock};

use tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response, ServerHandshake};
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderValue, SEC_WEBSOCKET_PROTOCOL,
    WWW_AUTHENTICATE,
};
use tungstenite::http::{HeaderMap, StatusCode};

use crate::behaviour::{Behaviour, Subprotocol};
use crate::event::EventKind;
use crate::identity;
use crate::shared::Shared;
use crate::wire::{Socket, Wire};

const V16: &str = "ocpp1.6";
const V201: &str = "ocpp2.0.1";

/// The connection of a charge point that was let in. It is in the books until this is dropped.
pub(crate) struct Entry {
    pub identity: String,
    pub number: u64,
    pub wire: Arc<Wire>,
    shared: Arc<Shared>,
}

impl Entry {
    fn new(admission: Admission, socket: Socket, shared: Arc<Shared>) -> Self {
        let wire = Arc::new(Wire::new(socket));
        let is_201 = admission.is_201();
        let identity = admission.identity;
        let number = shared.change(|state| state.link_up(&identity, is_201, Arc::clone(&wire)));
        Self {
            identity,
            number,
            wire,
            shared,
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.wire.cut();
        self.shared.change(|state| {
            if state.link(&self.identity, self.number).is_some() {
                // It exists, as was just seen.
                let _ = state.unlink(&self.identity);
            }
        });
    }
}

/// Who comes in.
#[derive(Debug)]
struct Admission {
    identity: String,
    /// False if the connection has to be closed at once, for lack of a common subprotocol.
    may_stay: bool,
    /// The subprotocol that is selected.
    select: Option<&'static str>,
}

impl Admission {
    /// It speaks OCPP 2.0.1.
    fn is_201(&self) -> bool {
        self.select == Some(V201)
    }
}

/// What the answer to the request leads to.
enum Verdict {
    Stays(Entry),
    Leaves,
}

#[derive(Debug)]
struct Refused {
    identity: String,
    status: StatusCode,
}

/// A handshake that is under way.
pub(crate) struct Handshake {
    /// What a thread that has stopped in the middle goes on with.
    at: At,
    socket: Socket,
    verdict: Arc<OnceLock<Verdict>>,
}

enum At {
    Beginning(Gate),
    Middle(Box<MidHandshake<ServerHandshake<Socket, Gate>>>),
}

/// How far a handshake is.
pub(crate) enum Progress {
    /// The socket has to be ready first.
    Waits(Handshake),
    Admitted(Entry),
    /// To be closed, for lack of a common subprotocol.
    Closes(Socket),
    Refused,
}

/// Answers the request when it has arrived.
struct Gate {
    socket: Socket,
    shared: Arc<Shared>,
    verdict: Arc<OnceLock<Verdict>>,
}

impl Callback for Gate {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        let behaviour = self.shared.read(|state| state.behaviour.clone());
        match judge(request.uri().path(), request.headers(), &behaviour) {
            Ok(admission) => {
                if let Some(selected) = admission.select {
                    let selected = HeaderValue::from_static(selected);
                    response
                        .headers_mut()
                        .insert(SEC_WEBSOCKET_PROTOCOL, selected);
                }
                // In the books before the charge point can know, so that it is online when it has its answer.
                let verdict = if admission.may_stay {
                    Verdict::Stays(Entry::new(admission, self.socket, self.shared))
                } else {
                    Verdict::Leaves
                };
                // There is one request.
                let _ = self.verdict.set(verdict);
                Ok(response)
            }
            Err(Refused { identity, status }) => {
                // Noted before the client can know, so that a test that saw the refusal
                // finds it in the books.
                let kind = EventKind::Refused(status.as_u16());
                self.shared.change(|state| state.note(&identity, kind));
                Err(refusal(status))
            }
        }
    }
}

impl Handshake {
    pub fn new(socket: Socket, shared: &Arc<Shared>) -> Self {
        let verdict = Arc::new(OnceLock::new());
        let gate = Gate {
            socket: socket.clone(),
            shared: Arc::clone(shared),
            verdict: Arc::clone(&verdict),
        };
        Self {
            at: At::Beginning(gate),
            socket,
            verdict,
        }
    }

    /// Reads and writes as far as the socket lets it.
    pub fn go_on(self) -> Progress {
        let outcome = match self.at {
            At::Beginning(gate) => tungstenite::accept_hdr(self.socket.clone(), gate),
            At::Middle(middle) => middle.handshake(),
        };
        match outcome {
            // What arrives behind the request is an error for tungstenite, so its websocket, which
            // this drops, has not read anything of the first frame.
            Ok(_) => match Arc::into_inner(self.verdict).and_then(OnceLock::into_inner) {
                Some(Verdict::Stays(entry)) => Progress::Admitted(entry),
                Some(Verdict::Leaves) => Progress::Closes(self.socket),
                None => Progress::Refused,
            },
            Err(HandshakeError::Interrupted(middle)) => Progress::Waits(Self {
                at: At::Middle(Box::new(middle)),
                ..self
            }),
            Err(HandshakeError::Failure(_)) => Progress::Refused,
        }
    }
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
    let newer = behaviour.all_versions.then_some(V201);
    let spoken = [V16].into_iter().chain(newer);
    let select = match behaviour.subprotocol {
        Subprotocol::Select => spoken.into_iter().find(|name| offers(headers, name)),
        Subprotocol::Omit => None,
    };
    Ok(Admission {
        identity,
        may_stay: select.is_some() || behaviour.subprotocol == Subprotocol::Omit,
        select,
    })
}

fn offers(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offered| offered.trim() == name)
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
        (admission.select.is_some(), admission.may_stay)
    }

    #[test]
    fn the_subprotocol_is_selected_from_the_offers() {
        assert_eq!(stays("ocpp1.5, ocpp1.6", Subprotocol::Select), (true, true));
        assert_eq!(stays("ocpp2.0.1", Subprotocol::Select), (false, false));
        assert_eq!(stays("ocpp1.6", Subprotocol::Omit), (false, true));
    }

    #[test]
    fn the_newer_version_is_spoken_where_it_is_asked_for() {
        let behaviour = Behaviour::new().all_versions();
        for (offered, is_201) in [("ocpp2.0.1", true), ("ocpp2.0.1, ocpp1.6", false)] {
            let admission = judge("/ocpp/CP", &headers(offered), &behaviour).unwrap();
            assert_eq!((admission.is_201(), admission.may_stay), (is_201, true));
        }
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
