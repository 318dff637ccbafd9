//! DataTransfer, and the answer that the application owes.

use crate::{
    dialect,
    domain::DataTransferStatus,
    station::{ReceivedDataTransfer, Refused, Station, data_transfer, deferred::Waiting},
    wire::field::Violation,
};

impl Station<'_> {
    /// The DataTransfer that waits for [`Input::DataTransferAnswer`](crate::station::Input).
    pub fn received_data_transfer(&self) -> Option<ReceivedDataTransfer<'_>> {
        let waits = self.deferred.has(&Waiting::DataTransfer);
        waits.then(|| self.data_transfer.received(&self.cx))?
    }

    /// What the central system said in its answer to the last [`Input::DataTransfer`](crate::station::Input), until the
    /// next one is sent.
    pub fn data_transfer_answer(&self) -> Option<&str> {
        self.data_transfer.answer()
    }

    pub(in crate::station) fn data_transfer_arrived(
        &mut self,
        raw_id: &str,
        asked: dialect::DataTransfer<'_>,
    ) -> Result<(), Violation> {
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        self.data_transfer
            .arrived(cx, rpc, self.deferred, raw_id, asked)
    }

    pub(in crate::station) fn answer_data_transfer(
        &mut self,
        status: DataTransferStatus,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        let is_it = |waiting: &Waiting| *waiting == Waiting::DataTransfer;
        let place = self.deferred.find(is_it).ok_or(Refused::Unexpected)?;
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        let (id, version) = (self.deferred.take_id(place), self.cx.version);
        self.rpc.answer(id, &mut |w| {
            version.data_transferred(w, status, payload);
        });
        Ok(())
    }

    pub(in crate::station) fn send_data_transfer(
        &mut self,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        if !data_transfer::is_sendable(vendor_id, message_id) {
            return Err(Refused::BadLength);
        }
        if !self.is_online() {
            return Err(Refused::Offline);
        }
        let (cx, rpc) = (&self.cx, &mut self.rpc);
        self.data_transfer
            .call(cx, rpc, vendor_id, message_id, payload)
    }
}
