//! What the central system is told of a transfer, one CALL after the other.

use heapless::Deque;

use crate::{
    dialect::Version,
    station::{CallFailure, call::Call, context::Context, rpc::Rpc},
    wire::Writer,
};

/// A status that is told, in the words of its part.
pub(in crate::station) trait Notice: Copy + PartialEq {
    /// The CALL that tells it.
    fn call(self, triggered: bool) -> Call;
    /// What that CALL says.
    fn write(self, version: Version, w: &mut Writer<'_>);
}

/// What the central system is to be told, in order.
#[derive(Debug)]
pub(in crate::station) struct Notices<S> {
    queue: Deque<S, 4>,
    triggered: bool,
    /// The first is not sent before the station comes online again.
    held: bool,
}

impl<S: Notice> Notices<S> {
    pub const fn new() -> Self {
        Self {
            queue: Deque::new(),
            triggered: false,
            held: false,
        }
    }

    pub fn clear(&mut self) {
        self.queue.clear();
        self.triggered = false;
        self.held = false;
    }

    /// One more; the oldest makes room.
    pub fn push(&mut self, status: S) {
        if self.queue.is_full() {
            self.queue.pop_front();
        }
        let _ = self.queue.push_back(status);
    }

    /// The next that may be sent.
    fn first(&self) -> Option<S> {
        self.queue.front().copied().filter(|_| !self.held)
    }

    /// True while the central system has not been told of one.
    pub fn wait(&self) -> bool {
        self.first().is_some()
    }

    /// A TriggerMessage asks for the status.
    pub fn trigger(&mut self) {
        self.triggered = true;
    }

    /// Sends what a TriggerMessage has asked for, once: how it is now.
    pub fn call_triggered(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>, now: S) -> bool {
        core::mem::take(&mut self.triggered) && send(cx, rpc, now, true)
    }

    /// Sends the next that the central system has not been told.
    pub fn call(&self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        let next = self.first();
        next.is_some_and(|status| send(cx, rpc, status, false))
    }

    /// The first was told, or will not be. True when that was all.
    pub fn told(&mut self, status: S) -> bool {
        if self.queue.front() == Some(&status) {
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

fn send<S: Notice>(cx: &Context<'_>, rpc: &mut Rpc<'_>, status: S, triggered: bool) -> bool {
    let id = rpc.next_id();
    rpc.call(cx.now, id, status.call(triggered), &mut |w| {
        status.write(cx.version, w);
    })
}
