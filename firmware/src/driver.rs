//! What happens at a connector from the idTag to the end of the transaction: a thread for each.

use ocpp::{
    domain::{AuthorizationStatus, IdToken},
    limits::{CALL_TIMEOUT_MS, CONNECTORS as COUNT},
};
use ocpp_port::charge_point::{Error, Session};
use zephyr::time::{Duration, sleep};

use crate::{
    connectors::{CONNECTORS, Connector},
    log::line,
    session_log, settings, view,
};

/// How long an answer of the central system is waited for: what a CALL takes that waits behind
/// another one, each for as long as the charge point lets it.
const TIMEOUT_MS: u32 = 2 * CALL_TIMEOUT_MS as u32;
/// How often it is tried to be asked.
const RETRY: Duration = Duration::secs(1);
/// Behind the threads of the charge point.
const PRIORITY: i32 = 8;

/// Starts all threads.
pub fn start_all() {
    for (number, _) in CONNECTORS.all() {
        let thread = attend(number);
        thread.set_priority(PRIORITY);
        thread.start();
    }
}

// 784 bytes of the stack were seen in use on mps2/an385.
#[zephyr::thread(stack_size = 2048, pool_size = COUNT)]
fn attend(number: u8) {
    let Some(connector) = CONNECTORS.get(number) else {
        return;
    };
    loop {
        if !serve(number, connector) {
            connector.leave();
            view::left(number);
        }
    }
}

/// One driver after the other; true if it came to charging.
fn serve(number: u8, connector: &Connector) -> bool {
    let id_tag = connector.await_driver();
    view::authorizing(number, &id_tag);
    session_log::session_started(number, &id_tag);
    let charged = charge(number, connector, &id_tag);
    session_log::session_ended(number);
    charged
}

/// The session ends with this function.
fn charge(number: u8, connector: &Connector, id_tag: &IdToken) -> bool {
    let mut session = match Session::open() {
        Ok(session) => session,
        Err(error) => {
            line!(
                Error,
                "ocpp open session {}> idcon {number}",
                error.number()
            );
            return false;
        }
    };
    connector.set_session(session.id());
    let authorized = loop {
        match session.authorize(id_tag.clone(), TIMEOUT_MS) {
            // The central system cannot be asked yet, or did not say anything; or many ask.
            Err(error @ (Error::NotNow | Error::TimedOut | Error::NoMemory)) => {
                if error != Error::NotNow {
                    line!(Warning, "ocpp auth {}> idcon {number}", error.number());
                }
                sleep(RETRY);
            }
            answer => break answer,
        }
    };
    match authorized {
        Ok(status) => {
            line!(
                Info,
                "ocpp auth 0> idcon {number} status {}",
                known_as(status)
            );
            session_log::authorized(number, known_as(status));
            if status != AuthorizationStatus::Accepted {
                return false;
            }
        }
        Err(error) => {
            line!(Error, "ocpp auth {}> idcon {number}", error.number());
            session_log::not_answered(number, error.number());
            return false;
        }
    }
    if connector.is_over() {
        // It was to charge remotely, and is not any more.
        return false;
    }
    let started = loop {
        match session.start_transaction(number, connector.register(), TIMEOUT_MS) {
            // There is no room for it yet, or many ask.
            Err(error @ Error::NoMemory) if !connector.is_over() => {
                line!(Warning, "ocpp start {}> idcon {number}", error.number());
                sleep(RETRY);
            }
            answer => break answer,
        }
    };
    let charged = match started {
        Ok(()) => {
            line!(Info, "ocpp start charging connector id {number}");
            connector.charge(settings::SESSION_SECONDS);
            true
        }
        // It runs, and the central system may still say something to it.
        Err(error @ Error::TimedOut) => {
            line!(Warning, "ocpp start {}> idcon {number}", error.number());
            connector.charge(settings::SESSION_SECONDS);
            true
        }
        Err(error) => {
            line!(Error, "ocpp start {}> idcon {number}", error.number());
            // Otherwise there is nothing to be stopped.
            if error != Error::Refused {
                return false;
            }
            false
        }
    };
    match session.stop_transaction(connector.register(), TIMEOUT_MS) {
        Ok(()) => line!(Info, "ocpp stop charging connector id {number}"),
        Err(error) => line!(Error, "ocpp stop {}> idcon {number}", error.number()),
    }
    charged
}

/// A status by its number in the C API, which is what the console of Zephyr's sample shows.
fn known_as(status: AuthorizationStatus) -> u8 {
    match status {
        AuthorizationStatus::Invalid => 0,
        AuthorizationStatus::Accepted => 1,
        AuthorizationStatus::Blocked => 2,
        AuthorizationStatus::Expired => 3,
        AuthorizationStatus::ConcurrentTx => 4,
        // As the C API has those that OCPP 2.0.1 brought.
        AuthorizationStatus::Unknown => 0,
        AuthorizationStatus::NoCredit
        | AuthorizationStatus::NotAllowedTypeEvse
        | AuthorizationStatus::NotAtThisLocation
        | AuthorizationStatus::NotAtThisTime => 2,
    }
}
