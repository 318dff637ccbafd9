//! RemoteStartTransaction, RemoteStopTransaction and UnlockConnector (OCPP 1.6, 5.11, 5.12 and
//! 5.18).

use heapless::String;

use crate::station::{Event, Key, Refused, Station, deferred::Waiting};
use crate::{
    dialect::RemoteStart,
    domain::{AcceptedStatus, IdToken, Reason, TransactionId, TxPoint, UnlockStatus},
    limits::UNLOCK_TIMEOUT_MS,
    wire::{ErrorCode, field::Violation},
};

impl Station<'_> {
    pub(in crate::station) fn remote_start(
        &mut self,
        asked: RemoteStart<'_>,
    ) -> Result<AcceptedStatus, Violation> {
        // Characters outside ASCII may take more bytes than a token has here.
        let length = self.cx.version.token_length();
        let token = asked.token.to_string();
        let token = token
            .filter(|it: &String<_>| it.len() <= length)
            .ok_or(Violation {
                code: ErrorCode::PropertyConstraintViolation,
                field: self.cx.version.token_field(),
            })?;
        let id_tag = IdToken::from(token).of_kind(asked.kind);
        if asked.has_other_profile {
            return Ok(AcceptedStatus::Rejected);
        }
        let number = match asked.connector {
            Some(number) => {
                let number = self.connector_number(number);
                number.filter(|&n| self.is_free(n) && !self.is_kept_from(n, &id_tag, None))
            }
            None => {
                let reserved = self.reserved_for(&id_tag);
                let reserved = reserved.filter(|&number| self.is_free(number));
                reserved.or_else(|| self.choose_connector(&id_tag))
            }
        };
        let Some(number) = number.filter(|_| !id_tag.is_empty()) else {
            return Ok(AcceptedStatus::Rejected);
        };
        // 4.2: a charge point that is not accepted yet starts nothing.
        if !self.registration.is_accepted()
            || self.reset.is_under_way()
            || !self.has_room_for_transaction()
        {
            return Ok(AcceptedStatus::Rejected);
        }
        #[cfg(feature = "smart-charging")]
        if !self.take_early_profile(number, asked.profile) {
            return Ok(AcceptedStatus::Rejected);
        }
        if self.cx.settings.flag(Key::AuthorizeRemoteTxRequests) {
            self.authorize(number, id_tag, Some(asked.id));
        } else {
            let parent = self.known_parent(number, &id_tag);
            self.prepare(number, id_tag, parent, Some(asked.id));
        }
        #[cfg(feature = "smart-charging")]
        self.update_limits();
        Ok(AcceptedStatus::Accepted)
    }

    fn is_free(&self, number: u8) -> bool {
        let session = self.transactions.get(number);
        self.connectors.is_in_service(self.cx.version, number)
            && session.is_some_and(|session| session.is_idle())
            && self.authorization.pending(number).is_none()
    }

    /// A connector that is free for a driver, one with a cable in it first.
    fn choose_connector(&mut self, id_tag: &IdToken) -> Option<u8> {
        let mut first = None;
        for number in self.connector_numbers() {
            if !self.is_free(number) || self.is_kept_from(number, id_tag, None) {
                continue;
            }
            let session = self.transactions.get(number);
            let is_finishing = session.is_some_and(|session| session.is_finishing());
            if self.connectors.is_plugged(number) && !is_finishing {
                return Some(number);
            }
            first = first.or(Some(number));
        }
        first
    }

    pub(in crate::station) fn remote_stop(
        &mut self,
        transaction_id: Option<TransactionId>,
    ) -> AcceptedStatus {
        let runs = |number: &u8| {
            let transaction = self.transactions.running(*number);
            transaction_id.is_some()
                && transaction.is_some_and(|t| t.id() == transaction_id && !t.is_ending())
        };
        match self.connector_numbers().find(runs) {
            Some(number) if self.registration.is_accepted() => {
                self.end_with(number, TxPoint::Authorized, Reason::Remote, None);
                AcceptedStatus::Accepted
            }
            _ => AcceptedStatus::Rejected,
        }
    }

    /// Stops what runs, then asks the application to unlock; nothing until it has.
    pub(in crate::station) fn unlock(
        &mut self,
        raw_id: &str,
        number: i32,
    ) -> Result<Option<UnlockStatus>, Violation> {
        let Some(number) = self.connector_number(number) else {
            return Ok(Some(UnlockStatus::UnknownConnector));
        };
        if self.deferred.has(&Waiting::Unlock(number)) || !self.deferred.has_room() {
            return Err(Violation {
                code: ErrorCode::GenericError,
                field: "",
            });
        }
        if self.cx.version.unlocks_idle_only() && self.transactions.running(number).is_some() {
            return Ok(Some(UnlockStatus::OngoingAuthorizedTransaction));
        }
        self.stop_transaction(number, Reason::UnlockCommand, None);
        let until = self.cx.now + UNLOCK_TIMEOUT_MS;
        self.deferred.add(raw_id, Waiting::Unlock(number), until);
        self.cx.emit(Event::Unlock(number));
        Ok(None)
    }

    pub(in crate::station) fn unlock_ended(
        &mut self,
        number: u8,
        status: UnlockStatus,
    ) -> Result<(), Refused> {
        self.known_connector(number)?;
        let is_it = |waiting: &Waiting| *waiting == Waiting::Unlock(number);
        let Some(place) = self.deferred.find(is_it) else {
            // The station's own wish after an unplugging: no answer waits for how it went.
            return Ok(());
        };
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        let (id, version) = (self.deferred.take_id(place), self.cx.version);
        let status = version.unlock_status(status);
        self.rpc.answer(id, &mut |w| version.status(w, status));
        Ok(())
    }
}
