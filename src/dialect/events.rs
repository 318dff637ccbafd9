//! What the messages of a transaction say of it in a version that counts them as events.
//!
//! A build without such a version keeps none of it.

use crate::{
    domain::{ChargingState, TokenKind, TransactionId, TriggerReason},
    wire::UnixMillis,
};

/// The number of a remote start, in a version that has one.
#[cfg(feature = "v201")]
pub(crate) type RemoteStartId = i32;
/// The number of a remote start, where no version has one.
#[cfg(not(feature = "v201"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RemoteStartId;

/// True in a build with a version that counts the messages of a transaction.
pub(crate) const COUNTS_EVENTS: bool = cfg!(feature = "v201");

/// What a stored message says beside its subject, where it was stored as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// How the station calls the transaction.
    pub id: TransactionId,
    /// Counts the events of a transaction from 0.
    pub sequence: u32,
    /// What made it happen.
    pub trigger: TriggerReason,
    /// Whether energy flowed.
    pub state: ChargingState,
    /// It happened while the central system could not be told.
    pub offline: bool,
    /// The remote start that began it.
    pub remote_start: Option<i32>,
    /// Of the token that it names, if any.
    pub kind: TokenKind,
}

impl Facts {
    /// Of a message that was stored in a version which counts no events: the transaction with that
    /// number, and the place of the message behind its start.
    pub fn of_none(transaction: u32, place: u32) -> Self {
        Self {
            id: TransactionId::Own {
                boot: 0,
                count: transaction,
            },
            sequence: place,
            trigger: TriggerReason::Trigger,
            state: ChargingState::Idle,
            offline: true,
            remote_start: None,
            kind: TokenKind::Iso14443,
        }
    }
}

/// What every message of a transaction says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub connector: u8,
    /// How the central system calls it; `None` where it never managed to process the start, or where
    /// the station names transactions, as the facts say.
    #[cfg_attr(not(feature = "v16"), allow(dead_code))]
    pub transaction_id: Option<TransactionId>,
    pub timestamp: UnixMillis,
    #[cfg_attr(not(feature = "v201"), allow(dead_code))]
    pub facts: Facts,
}

/// How far a running transaction has been told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    #[cfg(feature = "v201")]
    id: TransactionId,
    /// The number of its next event.
    #[cfg(feature = "v201")]
    next: u32,
    /// No event has a number from here on, should power be lost now.
    #[cfg(feature = "v201")]
    reserved: u32,
    #[cfg(feature = "v201")]
    state: ChargingState,
    #[cfg(feature = "v201")]
    trigger: TriggerReason,
    #[cfg(feature = "v201")]
    remote_start: Option<i32>,
}

#[cfg(feature = "v201")]
impl Told {
    pub const NOTHING: Self = Self {
        id: TransactionId::Number(0),
        next: 0,
        reserved: 0,
        state: ChargingState::Idle,
        trigger: TriggerReason::Authorized,
        remote_start: None,
    };

    /// Of one that such a trigger begins.
    pub fn begun_by(trigger: TriggerReason, remote_start: Option<RemoteStartId>) -> Self {
        Self {
            trigger,
            remote_start,
            ..Self::NOTHING
        }
    }

    /// What it is called.
    pub fn set_id(&mut self, id: TransactionId) {
        self.id = id;
    }

    /// What began it.
    pub fn beginning(&self) -> TriggerReason {
        self.trigger
    }

    /// The next event, which does not count until [`Self::stored`].
    pub fn event(&self, trigger: TriggerReason, state: ChargingState, offline: bool) -> Facts {
        Facts {
            id: self.id,
            sequence: self.next,
            trigger,
            state,
            offline,
            remote_start: self.remote_start,
            kind: TokenKind::Iso14443,
        }
    }

    /// That event has been stored.
    pub fn stored(&mut self, facts: &Facts) {
        self.next = facts.sequence + 1;
        self.state = facts.state;
    }

    /// The state that was told last.
    pub fn state(&self) -> ChargingState {
        self.state
    }

    /// True when what is kept for a power loss has to be written before the next event.
    pub fn needs_saving(&self) -> bool {
        self.next >= self.reserved
    }

    /// What is kept of it for a power loss: the number that its end gets, if the next event was
    /// delivered until then.
    pub fn save(&mut self) -> Option<(TransactionId, u32)> {
        self.reserved = self.next + 1;
        Some((self.id, self.reserved))
    }
}

#[cfg(not(feature = "v201"))]
impl Told {
    pub fn begun_by(_: TriggerReason, _: Option<RemoteStartId>) -> Self {
        Self {}
    }

    pub fn set_id(&mut self, _: TransactionId) {}

    pub fn beginning(&self) -> TriggerReason {
        TriggerReason::Authorized
    }

    pub fn event(&self, trigger: TriggerReason, state: ChargingState, offline: bool) -> Facts {
        Facts {
            trigger,
            state,
            offline,
            ..Facts::of_none(0, 0)
        }
    }

    pub fn stored(&mut self, _: &Facts) {}

    pub fn state(&self) -> ChargingState {
        ChargingState::Idle
    }

    pub fn needs_saving(&self) -> bool {
        false
    }

    pub fn save(&mut self) -> Option<(TransactionId, u32)> {
        None
    }
}
