//! What the central system is told of a transfer, one CALL after the other.

use heapless::Deque;

use crate::{
    dialect::Version,
    domain::AskedBy,
    station::{CallFailure, call::Call, context::Context, rpc::Rpc},
    wire::Writer,
};

/// A status that is told, in the words of its part.
pub(in crate::station) trait Notice: Copy + PartialEq {
    /// The CALL that tells it of that request.
    fn call(self, by: AskedBy, triggered: bool) -> Call;
    /// What that CALL says.
    fn write(self, by: AskedBy, version: Version, w: &mut Writer<'_>);
}

/// What the central system is to be told, in order.
#[derive(Debug)]
pub(in crate::station) struct Notices<S> {
    queue: Deque<(S, AskedBy), 4>,
    triggered: bool,
    /// In whose words a TriggerMessage asks.
    triggered_by: AskedBy,
    /// The first is not sent before the station comes online again.
    held: bool,
}

impl<S: Notice> Notices<S> {
    pub const fn new() -> Self {
        Self {
            queue: Deque::new(),
            triggered: false,
            triggered_by: AskedBy::NONE,
            held: false,
        }
    }

    pub fn clear(&mut self) {
        self.queue.clear();
        self.triggered = false;
        self.held = false;
    }

    /// One more; the oldest makes room.
    pub fn push(&mut self, status: S, by: AskedBy) {
        if self.queue.is_full() {
            self.queue.pop_front();
        }
        let _ = self.queue.push_back((status, by));
    }

    /// The next that may be sent.
    fn first(&self) -> Option<(S, AskedBy)> {
        self.queue.front().copied().filter(|_| !self.held)
    }

    /// True while the central system has not been told of one.
    pub fn wait(&self) -> bool {
        self.first().is_some()
    }

    /// A TriggerMessage asks for the status, in the words of that request.
    pub fn trigger(&mut self, by: AskedBy) {
        self.triggered = true;
        self.triggered_by = by;
    }

    /// Sends what a TriggerMessage has asked for, once: how it is now.
    pub fn call_triggered(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>, now: S) -> bool {
        core::mem::take(&mut self.triggered) && send(cx, rpc, (now, self.triggered_by), true)
    }

    /// Sends the next that the central system has not been told.
    pub fn call(&self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        let next = self.first();
        next.is_some_and(|notice| send(cx, rpc, notice, false))
    }

    /// The first was told, or will not be. True when that was all.
    pub fn told(&mut self, status: S) -> bool {
        if self
            .queue
            .front()
            .is_some_and(|(first, _)| *first == status)
        {
            self.queue.pop_front();
        }
        self.queue.is_empty()
    }

    /// No answer to the first. True when it is given up, like one that the central system cannot
    /// process; the `last` one is told again over the next connection.
    pub fn failed(&mut self, failure: CallFailure, last: bool) -> bool {
        self.held = last && failure == CallFailure::Timeout;
        !self.held
    }

    pub fn came_online(&mut self) {
        self.held = false;
    }
}

fn send<S: Notice>(
    cx: &Context<'_>,
    rpc: &mut Rpc<'_>,
    (status, by): (S, AskedBy),
    triggered: bool,
) -> bool {
    let id = rpc.next_id();
    rpc.call(cx.now, id, status.call(by, triggered), &mut |w| {
        status.write(by, cx.version, w);
    })
}
