//! StatusNotification (OCPP 1.6, 4.9): what was reported, what is to be, and in which order.

use heapless::{Deque, Vec};

use super::{
    Event, Key,
    call::{Call, Condition, StatusReport},
    connectors::Facts,
    context::Context,
    rpc::Rpc,
    transactions::Session,
};
use crate::{
    dialect::Version,
    domain::{ChargePointError, FaultDetails, Status},
    limits::CONNECTORS,
};

/// How far a connector's condition has been told.
#[derive(Debug)]
struct Reported {
    /// The application was told.
    told: Option<Condition>,
    /// The central system has acknowledged.
    acknowledged: Option<Condition>,
    /// The central system was or will be told.
    announced: Option<Condition>,
    /// Since when the condition differs from `announced`.
    changed: Option<(Condition, u64)>,
    /// Lower bound of the time of the next report, so that no two of a connector have the same.
    next_at: u64,
    triggered: bool,
}

impl Reported {
    const fn new() -> Self {
        Self {
            told: None,
            acknowledged: None,
            announced: None,
            changed: None,
            next_at: 0,
            triggered: false,
        }
    }
}

/// The reports of the whole charge point as connector 0, and of its connectors.
#[derive(Debug)]
pub(super) struct StatusReports {
    queue: Deque<StatusReport, { 2 * CONNECTORS + 6 }>,
    reported: Vec<Reported, { CONNECTORS + 1 }>,
}

impl StatusReports {
    pub const fn new() -> Self {
        Self {
            queue: Deque::new(),
            reported: Vec::new(),
        }
    }

    pub fn clear(&mut self) {
        self.queue.clear();
        self.reported.clear();
        while self.reported.push(Reported::new()).is_ok() {}
    }

    fn of(&mut self, connector: u8) -> Option<&mut Reported> {
        self.reported.get_mut(usize::from(connector))
    }

    /// Takes note of a connector's condition, which may be what it was. Called after everything that
    /// may have changed it; [`Self::announce`] follows.
    pub fn observe(&mut self, cx: &mut Context<'_>, connector: u8, condition: Condition) {
        let Some(reported) = self.of(connector) else {
            return;
        };
        let tell = reported.told != Some(condition);
        reported.told = Some(condition);
        let report = cx.version.reported(connector, condition);
        if report.is_none() || reported.announced == report {
            reported.changed = None;
        } else if reported.changed.map(|(known, _)| known) != report {
            reported.changed = report.map(|report| (report, cx.now));
        }
        if tell {
            let (status, error) = condition;
            cx.emit(Event::Status {
                connector,
                status,
                error,
            });
        }
    }

    /// The first connector from `from` on whose condition is not the one that was announced.
    pub fn next_changed(&self, from: u8) -> Option<u8> {
        let mut reported = self.reported.iter().enumerate().skip(from.into());
        let (number, _) = reported.find(|(_, reported)| reported.changed.is_some())?;
        u8::try_from(number).ok()
    }

    /// Queues a report of a change that has lasted as long as 9.1.20 MinimumStatusDuration wants, while the
    /// charge point is online. `before` is the next transaction message; `stops` says that the
    /// StopTransaction of this connector has not been stored yet.
    pub fn announce(&mut self, cx: &Context<'_>, connector: u8, before: u32, stops: bool) {
        if self.queue.is_full() {
            return;
        }
        let Some(reported) = self.of(connector) else {
            return;
        };
        let Some((condition, since)) = reported.changed else {
            return;
        };
        // StopTransaction goes first: some central systems close a transaction on this status, and
        // miss its last reading.
        if condition.0 == Status::Finishing && stops {
            return;
        }
        // The first report after a boot or a reconnection tells of no change.
        let minimum = cx.settings.millis(Key::MinimumStatusDuration);
        if reported.announced.is_some() && since + minimum > cx.now {
            return;
        }
        reported.announced = Some(condition);
        reported.changed = None;
        // Some central systems show every status with the latest time stamp.
        let at = reported.next_at.max(cx.now);
        reported.next_at = at + 1;
        let report = StatusReport {
            connector,
            condition,
            stamp: cx.clock.stamp(at),
            before,
        };
        // There is room: that was the first question.
        let _ = self.queue.push_back(report);
    }

    /// When a change has lasted long enough, while the charge point is online.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        let minimum = cx.settings.millis(Key::MinimumStatusDuration);
        let changed = self.reported.iter().filter_map(|reported| reported.changed);
        let due = changed.map(|(_, since)| since + minimum);
        // What is due waits for room in the queue, which an answer makes.
        due.filter(|&due| due > cx.now).min()
    }

    /// The charge point has just been accepted: whatever it reported before, it reports again.
    pub fn forget(&mut self) {
        for reported in &mut self.reported {
            reported.acknowledged = None;
        }
    }

    /// More than its condition is to be said of a connector.
    pub fn outdate(&mut self, connector: u8) {
        if let Some(reported) = self.of(connector) {
            reported.told = None;
            reported.acknowledged = None;
            reported.announced = None;
        }
    }

    /// The central system can be told again: of a connector whose condition it does not know.
    pub fn came_online(&mut self, cx: &Context<'_>, connector: u8, condition: Condition) {
        if let Some(reported) = self.of(connector) {
            let report = cx.version.reported(connector, condition);
            let known = reported.acknowledged == report;
            reported.announced = report.filter(|_| known);
            reported.changed = report.filter(|_| !known).map(|report| (report, cx.now));
        }
    }

    /// The connection is lost: what was not acknowledged is told again when it is back, as it
    /// is then.
    pub fn forget_queue(&mut self) {
        self.queue.clear();
    }

    /// The oldest report in the queue.
    pub fn first(&self) -> Option<StatusReport> {
        self.queue.front().copied()
    }

    /// Takes the oldest report out of the queue.
    pub fn take_first(&mut self) {
        self.queue.pop_front();
    }

    /// A TriggerMessage asks for a connector's status.
    pub fn trigger(&mut self, connector: u8) {
        if let Some(reported) = self.of(connector) {
            reported.triggered = true;
        }
    }

    /// The next connector whose status a TriggerMessage asked for.
    pub fn take_triggered(&mut self) -> Option<u8> {
        let place = self.reported.iter().position(|known| known.triggered)?;
        let reported = self.reported.get_mut(place)?;
        reported.triggered = false;
        u8::try_from(place).ok()
    }

    /// A report of now; `None` where the version has none for that.
    pub fn of_now(cx: &Context<'_>, connector: u8, condition: Condition) -> Option<StatusReport> {
        Some(StatusReport {
            connector,
            condition: cx.version.reported(connector, condition)?,
            stamp: cx.stamp(),
            before: 0,
        })
    }

    /// The central system has acknowledged it.
    pub fn answered(&mut self, report: StatusReport) {
        if let Some(reported) = self.of(report.connector) {
            reported.acknowledged = Some(report.condition);
        }
    }

    /// It is not known whether the central system took it: it is told again after a reconnection,
    /// whatever the condition is then.
    pub fn failed(&mut self, report: StatusReport) {
        if let Some(reported) = self.of(report.connector) {
            reported.acknowledged = None;
        }
    }
}

/// What a StatusNotification of now would say of a connector.
pub(super) fn condition(version: Version, facts: Facts, session: &Session) -> Condition {
    let Facts {
        plugged,
        operative,
        fault,
        broken,
    } = facts;
    if let Some(error) = fault {
        return (Status::Faulted, error);
    }
    // Where the whole has no report, what is broken for all is broken at each connector.
    let of_all = (Status::Faulted, ChargePointError::OtherError);
    if broken && version.reported(0, of_all).is_none() {
        return of_all;
    }
    let status = session.status(plugged, operative, broken);
    (status, ChargePointError::NoError)
}

/// Sends a report. The details are of the connector's present fault.
pub(super) fn send(
    cx: &Context<'_>,
    rpc: &mut Rpc<'_>,
    report: StatusReport,
    details: FaultDetails<'_>,
) -> bool {
    let condition = report.condition;
    let timestamp = cx.clock.resolve(report.stamp);
    let id = rpc.next_id();
    let mut send = |details| {
        rpc.call(cx.now, id, Call::Status(report), &mut |w| {
            cx.version
                .status_notification(w, report.connector, condition, details, timestamp);
        })
    };
    // A vendor's name may be longer in `\u` than the smallest buffer has room for.
    send(details) || send(FaultDetails::default())
}
