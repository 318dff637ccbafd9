//! When a transaction begins and ends: where what has come and what has gone at a connector meets the
//! policy of the version.

use crate::{
    domain::{IdToken, Reason, TriggerReason, TxPoint, TxPoints},
    station::Station,
};

impl Station<'_> {
    /// What there is at a connector where a driver was accepted, and no transaction has begun.
    fn points(&self, number: u8) -> TxPoints {
        let session = self.transactions.get(number);
        let is_authorized = session.is_some_and(|session| session.authorized().is_some());
        let is_connected = self.connectors.is_plugged(number);
        let is_closed =
            is_authorized && is_connected && self.connectors.is_in_service(self.cx.version, number);
        TxPoints::default()
            .with(TxPoint::EvConnected, is_connected)
            .with(TxPoint::Authorized, is_authorized)
            .with(TxPoint::PowerPathClosed, is_closed)
    }

    /// A cable, a driver, or service has come to a connector: a transaction may begin. What is broken
    /// can be mended before cable and driver stop waiting.
    pub(super) fn begin_when_due(&mut self, number: u8, trigger: TriggerReason) {
        if self.cx.version.tx_policy().begin.meets(self.points(number)) {
            self.begin_transaction(number, true, trigger);
        }
    }

    /// What a transaction lasts for has gone: it ends, if the policy says so. With the path of the
    /// power, each half of it is meant.
    pub(super) fn end_with(
        &mut self,
        number: u8,
        gone: TxPoint,
        reason: Reason,
        id_tag: Option<IdToken>,
    ) {
        let ends = self.cx.version.tx_policy().end;
        if ends.has(gone) || ends.has(TxPoint::PowerPathClosed) {
            self.stop_transaction(number, reason, id_tag);
        }
    }
}
