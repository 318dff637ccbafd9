//! API calls that wait for the central system, and which of its answers ends them.

use ocpp::{
    Station,
    station::TransactionState,
    domain::{AuthorizationStatus, IdToken, TransactionId},
};

use crate::{
    errno::Error,
    limits::REQUESTS,
    requests::Answer,
    sessions::{Handle, Progress},
    shared::SHARED,
};

/// What a call waits for.
#[derive(Clone, Debug)]
pub enum Wait {
    /// What is said of an idTag.
    Authorization { session: Handle },
    /// The answer to a start.
    Start { session: Handle, connector: u8 },
    /// The answer to a stop.
    Stop {
        connector: u8,
        transaction_id: Option<TransactionId>,
    },
    /// The answer to a data transfer, once it could be sent.
    Transfer { sent: bool },
}

/// One place for each request.
pub struct Waiting([Option<Wait>; REQUESTS]);

/// Answers a request that does not wait.
pub fn answer(slot: usize, answer: Answer) {
    SHARED.with(|shared| shared.requests.answer(slot, answer));
}

const DONE: Answer = Ok(AuthorizationStatus::Accepted);

impl Waiting {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self([const { None }; REQUESTS])
    }

    /// A request waits from now on.
    pub fn add(&mut self, slot: usize, wait: Wait) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = Some(wait);
        }
    }

    /// True while that request waits.
    pub fn is_waiting(&self, slot: usize) -> bool {
        self.0.get(slot).is_some_and(|wait| wait.is_some())
    }

    /// Answers a request that waits.
    pub fn settle(&mut self, slot: usize, with: Answer) {
        self.settle_one(slot, with);
    }

    /// The same; false when its caller does not wait any more.
    fn settle_one(&mut self, slot: usize, with: Answer) -> bool {
        self.0.get_mut(slot).and_then(Option::take).is_some()
            && SHARED.with(|shared| shared.requests.answer(slot, with))
    }

    /// Answers all for which `decide` has an answer; true when a caller gets one.
    fn settle_those(&mut self, mut decide: impl FnMut(&Wait) -> Option<Answer>) -> bool {
        let mut got = false;
        for slot in 0..REQUESTS {
            let wait = self.0.get(slot).and_then(Option::as_ref);
            if let Some(with) = wait.and_then(&mut decide) {
                got |= self.settle_one(slot, with);
            }
        }
        got
    }

    /// True while an idTag is asked about; there is room for one at a time.
    pub fn has_authorization(&self) -> bool {
        let mut waits = self.0.iter().flatten();
        waits.any(|wait| matches!(wait, Wait::Authorization { .. }))
    }

    /// True while somebody waits for the start at that connector.
    pub fn has_start(&self, connector: u8) -> bool {
        let mut waits = self.0.iter().flatten();
        waits.any(|wait| matches!(wait, Wait::Start { connector: c, .. } if *c == connector))
    }

    /// The data transfer that is to be sent, or was.
    pub fn transfer(&self, sent: bool) -> Option<usize> {
        let mut waits = self.0.iter();
        waits.position(|wait| matches!(wait, Some(Wait::Transfer { sent: s }) if *s == sent))
    }

    /// The station has decided about an idTag.
    pub fn authorized(
        &mut self,
        id_tag: &IdToken,
        status: AuthorizationStatus,
        nobody_said: Option<Error>,
    ) {
        let mut asker = None;
        let got = self.settle_those(|wait| match wait {
            Wait::Authorization { session } => {
                asker = Some(*session);
                Some(match (status, nobody_said) {
                    // Nobody has said it, and nobody unknown may charge meanwhile.
                    (AuthorizationStatus::Invalid, Some(error)) => Err(error),
                    (status, _) => Ok(status),
                })
            }
            _ => None,
        });
        // A caller that did not wait so long does not know, so its session does not either.
        let accepted = status == AuthorizationStatus::Accepted;
        SHARED.with(|shared| {
            if let Some(session) = asker.and_then(|session| shared.sessions.get(session))
                && got
            {
                session.id_tag = accepted.then(|| id_tag.clone());
            }
        });
    }

    /// Something happened to the transaction of a connector; true when a caller learns of it.
    pub fn transaction(
        &mut self,
        station: &Station<'_>,
        connector: u8,
        state: TransactionState,
        transaction_id: Option<TransactionId>,
    ) -> bool {
        let online = station.is_online();
        let running = station.transaction(connector);
        // Answers to transactions that were queued before this one are none of its.
        let is_current = running.is_none_or(|running| running.transaction_id == transaction_id);
        self.settle_those(|wait| match (wait, state) {
            (Wait::Start { connector: c, .. }, TransactionState::Started) if *c == connector => {
                (!online).then_some(DONE)
            }
            (Wait::Start { connector: c, .. }, TransactionState::Accepted) if *c == connector => {
                is_current.then_some(DONE)
            }
            (
                Wait::Start {
                    connector: c,
                    session,
                },
                TransactionState::Refused,
            ) if *c == connector && is_current => {
                SHARED.with(|shared| {
                    if let Some(session) = shared.sessions.get(*session) {
                        session.progress = Progress::Ended;
                    }
                });
                Some(Err(Error::Refused))
            }
            (Wait::Stop { connector: c, .. }, TransactionState::Stopped) if *c == connector => {
                (!online).then_some(DONE)
            }
            (
                Wait::Stop {
                    connector: c,
                    transaction_id: own,
                },
                TransactionState::Reported,
            ) if *c == connector => (own.is_none() || *own == transaction_id).then_some(DONE),
            _ => None,
        })
    }

    /// The central system cannot be reached, or fails on a transaction message: that is kept
    /// and sent again, and nobody waits for it.
    pub fn postponed(&mut self) {
        self.settle_those(|wait| match wait {
            Wait::Start { .. } | Wait::Stop { .. } => Some(DONE),
            Wait::Authorization { .. } | Wait::Transfer { .. } => None,
        });
    }
}
