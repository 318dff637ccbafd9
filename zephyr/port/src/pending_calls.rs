//! API calls that wait for the central system, and which of its answers completes them.

use ocpp::{
    Station,
    domain::{AuthorizationStatus, IdToken, TransactionId},
    station::TransactionState,
};

use crate::{
    calls::{CALLS, CallId, Reply},
    errno::Error,
    limits,
    sessions::{Handle, Progress, SESSIONS},
};

/// What a call waits for.
#[derive(Clone, Debug)]
pub enum PendingCall {
    /// The status of an idTag.
    Authorize { session: Handle },
    /// The answer to a start.
    StartTransaction { session: Handle, connector: u8 },
    /// The answer to a stop.
    StopTransaction {
        connector: u8,
        transaction_id: Option<TransactionId>,
    },
    /// The answer to a data transfer, once it could be sent.
    DataTransfer { sent: bool },
}

/// One for each call that can be under way.
pub struct PendingCalls([Option<PendingCall>; limits::CALLS]);

/// Replies to a call that does not wait for the central system.
pub fn reply(id: CallId, reply: Result<Reply, Error>) {
    CALLS.with(|calls| calls.reply(id, reply));
}

const DONE: Result<Reply, Error> = Ok(Reply::Done);

impl PendingCalls {
    /// No call waits.
    pub const fn new() -> Self {
        Self([const { None }; limits::CALLS])
    }

    /// A call waits from now on, or for something else than before.
    pub fn set(&mut self, id: CallId, pending: PendingCall) {
        if let Some(place) = self.0.get_mut(id.index()) {
            *place = Some(pending);
        }
    }

    /// True while that call waits.
    pub fn contains(&self, id: CallId) -> bool {
        self.0.get(id.index()).is_some_and(Option::is_some)
    }

    /// Replies to a call that waits.
    pub fn complete(&mut self, id: CallId, reply: Result<Reply, Error>) {
        self.complete_one(id, reply);
    }

    /// The same; false if its caller has timed out.
    fn complete_one(&mut self, id: CallId, reply: Result<Reply, Error>) -> bool {
        self.0.get_mut(id.index()).and_then(Option::take).is_some()
            && CALLS.with(|calls| calls.reply(id, reply))
    }

    /// Replies to all for which `decide` has a reply; true if one of their callers still waits.
    fn complete_all(
        &mut self,
        mut decide: impl FnMut(&PendingCall) -> Option<Result<Reply, Error>>,
    ) -> bool {
        let mut is_heard = false;
        for id in CallId::all() {
            let pending = self.0.get(id.index()).and_then(Option::as_ref);
            if let Some(reply) = pending.and_then(&mut decide) {
                is_heard |= self.complete_one(id, reply);
            }
        }
        is_heard
    }

    /// True while an idTag is being authorized; the station does one at a time.
    pub fn has_authorize(&self) -> bool {
        let mut pending = self.0.iter().flatten();
        pending.any(|call| matches!(call, PendingCall::Authorize { .. }))
    }

    /// True while a call waits for the start at that connector.
    pub fn has_start(&self, connector: u8) -> bool {
        self.0.iter().flatten().any(|call| match call {
            PendingCall::StartTransaction { connector: c, .. } => *c == connector,
            _ => false,
        })
    }

    /// The data transfer that is to be sent, or was.
    pub fn data_transfer(&self, sent: bool) -> Option<CallId> {
        let mut pending = CallId::all().zip(&self.0);
        let (id, _) = pending.find(
            |(_, call)| matches!(call, Some(PendingCall::DataTransfer { sent: s }) if *s == sent),
        )?;
        Some(id)
    }

    /// The station has decided about an idTag. `unanswered` is the error to return when the central
    /// system was not asked or did not answer, and nothing good is known of the idTag.
    pub fn authorized(
        &mut self,
        id_tag: &IdToken,
        status: AuthorizationStatus,
        unanswered: Option<Error>,
    ) {
        let mut caller = None;
        let is_heard = self.complete_all(|call| match call {
            PendingCall::Authorize { session } => {
                caller = Some(*session);
                Some(match (status, unanswered) {
                    (AuthorizationStatus::Invalid, Some(error)) => Err(error),
                    (status, _) => Ok(Reply::Authorization(status)),
                })
            }
            _ => None,
        });
        // A caller that has timed out does not know, so its session does not either.
        let accepted = status == AuthorizationStatus::Accepted;
        SESSIONS.with(|sessions| {
            if let Some(session) = caller.and_then(|session| sessions.get(session))
                && is_heard
            {
                session.id_tag = accepted.then(|| id_tag.clone());
            }
        });
    }

    /// The transaction of a connector has changed; true if a call returns because of it.
    pub fn transaction(
        &mut self,
        station: &Station<'_>,
        connector: u8,
        state: TransactionState,
        transaction_id: Option<TransactionId>,
    ) -> bool {
        let is_online = station.is_online();
        let running = station.transaction(connector);
        // Answers to transactions that were queued before this one are none of its.
        let is_current = running.is_none_or(|running| running.transaction_id == transaction_id);
        self.complete_all(|call| match call {
            PendingCall::StartTransaction {
                connector: c,
                session,
            } if *c == connector => match state {
                TransactionState::Started => (!is_online).then_some(DONE),
                TransactionState::Accepted => is_current.then_some(DONE),
                TransactionState::Refused if is_current => {
                    SESSIONS.with(|sessions| {
                        if let Some(session) = sessions.get(*session) {
                            session.progress = Progress::Ended;
                        }
                    });
                    Some(Err(Error::Refused))
                }
                _ => None,
            },
            PendingCall::StopTransaction {
                connector: c,
                transaction_id: own,
            } if *c == connector => match state {
                TransactionState::Stopped => (!is_online).then_some(DONE),
                TransactionState::Reported => {
                    (own.is_none() || *own == transaction_id).then_some(DONE)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The central system cannot be reached, or fails on a transaction message. That is kept and
    /// sent again, so the calls for transactions return.
    pub fn complete_transactions(&mut self) {
        self.complete_all(|call| match call {
            PendingCall::StartTransaction { .. } | PendingCall::StopTransaction { .. } => {
                Some(DONE)
            }
            PendingCall::Authorize { .. } | PendingCall::DataTransfer { .. } => None,
        });
    }
}
