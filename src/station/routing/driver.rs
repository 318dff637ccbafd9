//! A driver at a connector: presents an idTag, plugs a cable, and charges.

use crate::{
    dialect::RemoteStartId,
    domain::{AuthorizationStatus, ChargePointError, IdToken, Reason, TriggerReason, TxPoint},
    station::{
        Event, Key, Refused, Station, Suspension,
        authorization::{Decision, Pending},
        transactions::Authorized,
    },
};

impl Station<'_> {
    pub(in crate::station) fn tag_presented(
        &mut self,
        number: u8,
        id_tag: &IdToken,
    ) -> Result<(), Refused> {
        self.known_length(id_tag)?;
        self.known_connector(number)?;
        if self.authorization.pending(number).is_some() {
            return Err(Refused::Busy);
        }
        if let Some(transaction) = self.transactions.running(number) {
            if transaction.is_ending() {
                return Err(Refused::Occupied);
            }
            if transaction.is_of(id_tag) {
                let id_tag = Some(id_tag.clone());
                self.end_with(number, TxPoint::Authorized, Reason::Local, id_tag);
                return Ok(());
            }
            if !transaction.has_group() {
                self.cx.emit(Event::NotOwner {
                    connector: number,
                    id_tag: id_tag.clone(),
                });
                return Ok(());
            }
            self.authorize(number, id_tag.clone(), None);
            return Ok(());
        }
        if !self.connectors.is_in_service(self.cx.version, number) {
            return Err(Refused::OutOfService);
        }
        if self.reset.is_under_way() {
            return Err(Refused::Resetting);
        }
        let is_kept = self.is_kept_from_all_but(number, id_tag);
        let session = self.session_mut(number)?;
        match session.authorized() {
            // 4.9, B1: presented a second time, the intention is withdrawn.
            Some(authorized) if authorized.id_tag.eq_ignore_ascii_case(id_tag) => {
                session.forget_driver(None);
                self.status_changed(number);
            }
            Some(_) => return Err(Refused::Occupied),
            None if is_kept => self.turn_away(number, id_tag.clone()),
            None => self.authorize(number, id_tag.clone(), None),
        }
        Ok(())
    }

    pub(in crate::station) fn authorize_only(&mut self, id_tag: &IdToken) -> Result<(), Refused> {
        self.known_length(id_tag)?;
        if self.authorization.pending(0).is_some() {
            return Err(Refused::Busy);
        }
        self.authorize(0, id_tag.clone(), None);
        Ok(())
    }

    /// Decides at once, or asks the central system.
    pub(in crate::station) fn authorize(
        &mut self,
        number: u8,
        id_tag: IdToken,
        remote: Option<RemoteStartId>,
    ) {
        let online = self.is_online();
        let decision = self
            .authorization
            .decide(&mut self.cx, online, number, &id_tag, remote);
        if let Some(decision) = decision {
            self.decided(number, id_tag, decision, remote);
        }
    }

    /// The connection is gone: idTags that wait get the decision of the station.
    pub(in crate::station) fn decide_pending_offline(&mut self) {
        for number in self.all_numbers() {
            let decided = self.authorization.give_up_waiting(&mut self.cx, number);
            self.pending_decided(number, decided);
        }
    }

    /// What was decided of an idTag that waited.
    pub(in crate::station) fn pending_decided(
        &mut self,
        number: u8,
        decided: Option<(Pending, Decision)>,
    ) {
        if let Some((pending, decision)) = decided {
            self.decided(number, pending.id_tag, decision, pending.remote);
        }
    }

    /// Acts upon what was decided of an idTag.
    fn decided(
        &mut self,
        number: u8,
        id_tag: IdToken,
        decision: Decision,
        remote: Option<RemoteStartId>,
    ) {
        let accepted = decision.status == AuthorizationStatus::Accepted;
        let running = self.transactions.running(number);
        let stops = running.is_some_and(|t| accepted && t.is_of_group(decision.parent.as_ref()));
        let occupied = running.is_some();
        if occupied && !stops && accepted {
            // It may charge, but not end what another one began: nothing is wrong with the idTag.
            self.cx.emit(Event::NotOwner {
                connector: number,
                id_tag,
            });
            return;
        }
        let mut parent = decision.parent;
        if accepted && !occupied && number != 0 {
            parent = parent.or_else(|| self.known_parent(number, &id_tag));
            if self.is_kept_from(number, &id_tag, parent.as_ref()) {
                return self.turn_away(number, id_tag);
            }
        }
        self.cx.emit(Event::Authorization {
            connector: number,
            id_tag: id_tag.clone(),
            status: decision.status,
        });
        if stops {
            self.end_with(number, TxPoint::Authorized, Reason::Local, Some(id_tag));
        } else if accepted && !occupied && number != 0 {
            self.prepare(number, id_tag, parent, remote);
        }
        #[cfg(feature = "smart-charging")]
        self.forget_profiles_of_transaction(number);
    }

    /// The driver is welcome: begins now, or when the cable is plugged.
    pub(in crate::station) fn prepare(
        &mut self,
        number: u8,
        id_tag: IdToken,
        parent: Option<IdToken>,
        remote: Option<RemoteStartId>,
    ) {
        let until = self.preparing_until();
        let in_service = self.connectors.is_in_service(self.cx.version, number);
        let Ok(session) = self.session_mut(number) else {
            return;
        };
        if !in_service || session.transaction().is_some() {
            return;
        }
        let started = remote.map(|_| id_tag.clone());
        let known = Authorized {
            id_tag,
            parent,
            remote,
        };
        session.welcome(known, until);
        if let Some(id_tag) = started {
            self.cx.emit(Event::RemoteStart {
                connector: number,
                id_tag,
            });
        }
        self.status_changed(number);
        let trigger = match remote {
            Some(_) => TriggerReason::RemoteStart,
            None => TriggerReason::Authorized,
        };
        self.begin_when_due(number, trigger);
    }

    pub(in crate::station) fn plugged(&mut self, number: u8) -> Result<(), Refused> {
        self.known_connector(number)?;
        if !self.connectors.set_plugged(number, true) {
            return Ok(());
        }
        let until = self.preparing_until();
        self.session_mut(number)?.plugged(until);
        self.begin_when_due(number, TriggerReason::CablePluggedIn);
        self.status_changed(number);
        Ok(())
    }

    pub(in crate::station) fn unplugged(&mut self, number: u8) -> Result<(), Refused> {
        let settings = &self.cx.settings;
        let stops = settings.flag(Key::StopTransactionOnEVSideDisconnect);
        let unlocks = stops && settings.flag(Key::UnlockConnectorOnEVSideDisconnect);
        self.known_connector(number)?;
        if !self.connectors.set_plugged(number, false) {
            return Ok(());
        }
        let session = self.session_mut(number)?;
        if session.unplugged() {
            if stops {
                self.end_with(number, TxPoint::EvConnected, Reason::EvDisconnected, None);
            } else {
                session.suspend(Some(Suspension::Ev))?;
            }
            if unlocks {
                self.cx.emit(Event::Unlock(number));
            }
        }
        self.status_changed(number);
        Ok(())
    }

    pub(in crate::station) fn suspended(
        &mut self,
        number: u8,
        by: Option<Suspension>,
    ) -> Result<(), Refused> {
        self.session_mut(number)?.suspend(by)?;
        self.status_changed(number);
        Ok(())
    }

    pub(in crate::station) fn fault(
        &mut self,
        number: u8,
        error: ChargePointError,
        info: &str,
        vendor_error_code: &str,
    ) -> Result<(), Refused> {
        self.known_number(number)?;
        if error == ChargePointError::NoError {
            return self.fault_cleared(number);
        }
        let connectors = &mut self.connectors;
        if connectors.set_fault(number, error, info, vendor_error_code) {
            self.status.outdate(number);
        }
        self.fault_changed(number);
        Ok(())
    }

    /// A fault came or went: at connector 0 it is one of all.
    fn fault_changed(&mut self, number: u8) {
        for number in self.numbers_meant(number) {
            self.begin_when_due(number, TriggerReason::CablePluggedIn);
            self.status_changed(number);
        }
    }

    pub(in crate::station) fn fault_cleared(&mut self, number: u8) -> Result<(), Refused> {
        self.known_number(number)?;
        self.connectors.clear_fault(number);
        self.fault_changed(number);
        Ok(())
    }

    /// ConnectionTimeOut deadline of a cable or an idTag of now, `None` if disabled.
    pub(super) fn preparing_until(&self) -> Option<u64> {
        match self.cx.settings.millis(Key::ConnectionTimeOut) {
            0 => None,
            timeout => Some(self.cx.now + timeout),
        }
    }

    pub(in crate::station) fn expire_preparing(&mut self) {
        let mut from = 0;
        while let Some(number) = self.transactions.next_expired(from, self.cx.now) {
            from = number + 1;
            let plugged = self.connectors.is_plugged(number);
            if let Some(session) = self.transactions.get_mut(number) {
                session.expire(plugged);
            }
            self.status_changed(number);
        }
    }

    /// The driver who was to charge here does not.
    pub(in crate::station) fn cancel_authorization(&mut self, number: u8) -> Result<(), Refused> {
        let until = self.preparing_until();
        let is_pending = self.authorization.pending(number).is_some();
        let plugged = self.connectors.is_plugged(number);
        let session = self.session_mut(number)?;
        if !is_pending && session.authorized().is_none() {
            return Err(Refused::Unexpected);
        }
        session.forget_driver(until.filter(|_| plugged));
        self.authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
        self.status_changed(number);
        Ok(())
    }

    /// A contactor that has to be opened or, where that may be, to be closed (energy allowed).
    pub(in crate::station) fn energy_event(&mut self, may_close: bool) -> Option<Event> {
        if self.is_energy_told {
            return None;
        }
        let mut from = 1;
        let mut is_all_told = true;
        while let Some(number) = self.transactions.next_contactor(from) {
            from = number + 1;
            let facts = self.connectors.facts(number);
            let serves = !facts.broken && facts.fault.is_none();
            let session = self.transactions.get_mut(number)?;
            let Some(allowed) = session.new_energy(facts.plugged, serves) else {
                continue;
            };
            if may_close || !allowed {
                session.energy_told(allowed);
                return Some(Event::Energy {
                    connector: number,
                    allowed,
                });
            }
            is_all_told = false;
        }
        self.is_energy_told = is_all_told;
        None
    }
}
