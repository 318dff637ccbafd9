//! StatusNotification: what a connector's report says, and when it goes out.

use crate::{
    domain::FaultDetails,
    station::{
        Station,
        call::{Condition, StatusReport},
        status::{self, StatusReports},
    },
};

impl Station<'_> {
    /// What a StatusNotification of now would say of a connector.
    pub(in crate::station) fn condition_of(&self, number: u8) -> Option<Condition> {
        let condition = self.plain_condition_of(number)?;
        Some(self.reserved_condition(number, condition))
    }

    /// The same where nothing is reserved.
    pub(super) fn plain_condition_of(&self, number: u8) -> Option<Condition> {
        let facts = self.connectors.facts(number);
        let session = self.transactions.get(number)?;
        Some(status::condition(self.cx.version, facts, session))
    }

    /// Called after everything that may change the status of a connector.
    pub(in crate::station) fn status_changed(&mut self, number: u8) {
        self.keep_reservations(number);
        if let Some(condition) = self.condition_of(number) {
            self.status.observe(&mut self.cx, number, condition);
        }
        self.announce(number);
        self.tell_charging_state(number);
        #[cfg(feature = "smart-charging")]
        self.forget_profiles_of_transaction(number);
    }

    /// The central system does not take a report, or there was `no_answer`: then one of an event is told
    /// again.
    #[cfg_attr(not(feature = "local-list"), allow(unused_variables))]
    pub(in crate::station) fn status_failed(&mut self, report: StatusReport, no_answer: bool) {
        match report.is_of_event() {
            false => self.status.failed(report),
            #[cfg(feature = "local-list")]
            true if no_answer => self.authorization.list_mut().contradicted(),
            true => {}
        }
    }

    pub(in crate::station) fn announce(&mut self, number: u8) {
        if !self.is_online() {
            return;
        }
        let before = self.outbox.next_sequence();
        let transaction = self.transactions.running(number);
        let stops = transaction.is_some_and(|transaction| transaction.is_about_to_stop());
        self.status.announce(&self.cx, number, before, stops);
    }

    pub(in crate::station) fn announce_when_due(&mut self) {
        let mut from = 0;
        while let Some(number) = self.status.next_changed(from) {
            from = number + 1;
            self.announce(number);
        }
    }

    pub(in crate::station) fn call_status(&mut self, report: StatusReport) -> bool {
        self.status.take_first();
        self.send_status(report)
    }

    /// Sends the StatusNotification that a TriggerMessage asked for.
    pub(in crate::station) fn call_triggered_status(&mut self) -> bool {
        if self.is_online() && self.status.first().is_some() {
            // What happened before goes before.
            return false;
        }
        let Some(number) = self.status.take_triggered() else {
            return false;
        };
        let condition = self.condition_of(number);
        let report = condition.and_then(|it| StatusReports::of_now(&self.cx, number, it));
        report.is_some_and(|report| self.send_status(report))
    }

    pub(in crate::station) fn send_status(&mut self, report: StatusReport) -> bool {
        let number = report.connector;
        // A report may be older than the fault that the connector has now.
        let details = match self.connectors.fault(number) {
            Some(error) if error == report.error() => {
                let vendor = self.cx.profile.identity.vendor;
                self.connectors.fault_details(number, vendor)
            }
            _ => FaultDetails::default(),
        };
        status::send(&self.cx, &mut self.rpc, report, details)
    }
}
