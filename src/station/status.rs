//! StatusNotification (OCPP 1.6, 4.9): what was reported, what is to be, and in which order.

use heapless::Deque;

use super::{Earliest, Event, Key, Station, clock::Stamp, rpc::Call};
use crate::{
    limits::CONNECTORS,
    v16::{
        ChargePointError, Status,
        core::{self, FaultDetails},
    },
};

type Condition = (Status, ChargePointError);

/// One StatusNotification to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    connector: u8,
    condition: Condition,
    stamp: Stamp,
    /// Transaction messages from this one on happened later.
    before: u32,
}

pub(super) type Notices = Deque<Notice, { 2 * CONNECTORS + 6 }>;

/// How far the world knows the condition of a connector.
#[derive(Debug)]
pub(super) struct Reported {
    /// The application was told.
    told: Option<Condition>,
    /// The central system has acknowledged.
    acknowledged: Option<Condition>,
    /// The central system was or will be told.
    noticed: Option<Condition>,
    /// Since when the condition differs from `noticed`.
    changed: Option<(Condition, u64)>,
    /// Lower bound of the moment of the next report, so that no two of a connector have the same.
    next_at: u64,
    triggered: bool,
}

impl Reported {
    pub const fn new() -> Self {
        Self {
            told: None,
            acknowledged: None,
            noticed: None,
            changed: None,
            next_at: 0,
            triggered: false,
        }
    }

    /// The charge point has just been accepted: whatever it said before, it says again.
    pub fn forget(&mut self) {
        self.acknowledged = None;
    }

    /// What was said of the condition is no longer all there is to say.
    pub fn outdate(&mut self) {
        self.told = None;
        self.acknowledged = None;
        self.noticed = None;
    }

    pub fn trigger(&mut self) {
        self.triggered = true;
    }
}

impl Station<'_> {
    /// Called after everything that may change the status of a connector.
    pub(super) fn status_changed(&mut self, number: u8) {
        let (now, broken) = (self.cx.now, self.is_broken());
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        let condition = (connector.status(number, broken), connector.error());
        let reported = &mut connector.reported;
        let tell = reported.told != Some(condition);
        reported.told = Some(condition);
        if reported.noticed == Some(condition) {
            reported.changed = None;
        } else if reported.changed.is_none_or(|(known, _)| known != condition) {
            reported.changed = Some((condition, now));
        }
        if tell {
            let (status, error) = condition;
            self.cx.emit(Event::Status {
                connector: number,
                status,
                error,
            });
        }
        self.notice_when_lasting(number);
    }

    /// Puts a change on its way that has lasted as long as 9.1.20 MinimumStatusDuration wants.
    fn notice_when_lasting(&mut self, number: u8) {
        if !self.is_online() || self.notices.is_full() {
            return;
        }
        let minimum = self.cx.settings.millis(Key::MinimumStatusDuration);
        let now = self.cx.now;
        let before = self.journal.next_sequence();
        let Ok(connector) = self.any_connector_mut(number) else {
            return;
        };
        let reported = &mut connector.reported;
        let Some((condition, since)) = reported.changed else {
            return;
        };
        // StopTransaction goes first: some central systems close a transaction on this status, and
        // miss its last reading.
        let transaction = connector.transaction.as_ref();
        if condition.0 == Status::Finishing && transaction.is_some_and(|t| t.is_about_to_stop()) {
            return;
        }
        // The first report after a boot or a reconnection tells of no change.
        if reported.noticed.is_some() && since + minimum > now {
            return;
        }
        reported.noticed = Some(condition);
        reported.changed = None;
        // Some central systems show every status with the latest time stamp.
        let at = reported.next_at.max(now);
        reported.next_at = at + 1;
        let stamp = self.cx.clock.stamp(at);
        let notice = Notice {
            connector: number,
            condition,
            stamp,
            before,
        };
        // There is room: that was the first question.
        let _ = self.notices.push_back(notice);
    }

    pub(super) fn announce_when_due(&mut self) {
        for number in self.all_numbers() {
            self.notice_when_lasting(number);
        }
    }

    pub(super) fn notice_deadlines(&self, first: &mut Earliest) {
        if !self.is_online() {
            return;
        }
        let minimum = self.cx.settings.millis(Key::MinimumStatusDuration);
        for connector in self.connectors.iter() {
            let due = connector.reported.changed.map(|(_, since)| since + minimum);
            // What is due waits for room among the notices, which an answer makes.
            first.or(due.filter(|&due| due > self.cx.now));
        }
    }

    /// The central system has accepted this charge point, or is there again: it is told of
    /// every connector whose condition it does not know, before anything else.
    pub(super) fn came_online(&mut self) {
        self.mark_backlog();
        for number in self.all_numbers() {
            let (now, broken) = (self.cx.now, self.is_broken());
            if let Ok(connector) = self.any_connector_mut(number) {
                let condition = (connector.status(number, broken), connector.error());
                let reported = &mut connector.reported;
                reported.noticed = None;
                let known = reported.acknowledged == Some(condition);
                reported.changed = (!known).then_some((condition, now));
                if known {
                    reported.noticed = Some(condition);
                }
            }
            self.status_changed(number);
        }
    }

    /// The connection is lost: what was not acknowledged is told again when it is back, as it
    /// is then.
    pub(super) fn forget_notices(&mut self) {
        self.notices.clear();
    }

    /// Sends what is first: the oldest notice or the oldest transaction message. A backlog of
    /// messages does not hold up notices of what happens now, nor does a message that is sent again.
    pub(super) fn call_status_or_journal(&mut self) -> bool {
        let message = self.journal_first();
        match (self.notices.front().copied(), message) {
            (Some(notice), Some((_, entry)))
                if notice.before > entry.sequence
                    && !self.journal.is_backlog(entry.sequence)
                    && !self.journal.is_sent_again() =>
            {
                self.call_journal() || self.call_status(notice)
            }
            (Some(notice), _) => self.call_status(notice),
            (None, Some(_)) => self.call_journal(),
            (None, None) => false,
        }
    }

    fn call_status(&mut self, notice: Notice) -> bool {
        self.notices.pop_front();
        self.send_status(notice)
    }

    /// Sends the StatusNotification that a TriggerMessage asked for.
    pub(super) fn call_triggered_status(&mut self) -> bool {
        if self.is_online() && !self.notices.is_empty() {
            // What happened before goes before.
            return false;
        }
        let (stamp, broken) = (self.cx.stamp(), self.is_broken());
        for number in self.all_numbers() {
            let Ok(connector) = self.any_connector_mut(number) else {
                continue;
            };
            if ::core::mem::take(&mut connector.reported.triggered) {
                let condition = (connector.status(number, broken), connector.error());
                let notice = Notice {
                    connector: number,
                    condition,
                    stamp,
                    before: 0,
                };
                return self.send_status(notice);
            }
        }
        false
    }

    fn send_status(&mut self, notice: Notice) -> bool {
        let (status, error) = notice.condition;
        let timestamp = self.cx.clock.resolve(notice.stamp);
        let connector = self.connectors.get(usize::from(notice.connector));
        // A notice may be older than the fault that the connector has now.
        let faulted = connector.filter(|connector| connector.fault == Some(error));
        let details = faulted.map_or_else(FaultDetails::default, |connector| {
            connector.fault_details(self.cx.profile.identity.vendor)
        });
        let (id, now) = (self.rpc.next_id(), self.cx.now);
        let mut send = |details| {
            self.rpc.call(now, id, Call::Status(notice), &mut |w| {
                core::status_notification(w, notice.connector, status, error, details, timestamp);
            })
        };
        // A vendor's name may be longer in `\u` than the smallest buffer has room for.
        send(details) || send(FaultDetails::default())
    }

    pub(super) fn status_answered(&mut self, notice: Notice) {
        if let Ok(connector) = self.any_connector_mut(notice.connector) {
            connector.reported.acknowledged = Some(notice.condition);
        }
    }

    /// Nobody knows whether the central system took it: it is told again after a reconnection,
    /// whatever the condition is then.
    pub(super) fn status_unknown(&mut self, notice: Notice) {
        if let Ok(connector) = self.any_connector_mut(notice.connector) {
            connector.reported.acknowledged = None;
        }
    }
}
