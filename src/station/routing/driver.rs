//! A driver at a connector: presents an idTag, plugs a cable, and charges.

use super::super::{
    Event, Refused, Station,
    authorization::{Decision, Pending},
    connector::Authorized,
    id_tag,
};
use crate::v16::{AuthorizationStatus, IdTag, Reason};

impl Station<'_> {
    pub(in crate::station) fn tag_presented(
        &mut self,
        number: u8,
        text: &str,
    ) -> Result<(), Refused> {
        let id_tag = id_tag(text)?;
        let resetting = self.reset.is_under_way();
        let in_service = self.is_in_service(number);
        let is_pending = self.authorization.pending(number).is_some();
        let connector = self.connector_mut(number)?;
        if is_pending {
            return Err(Refused::Busy);
        }
        if let Some(transaction) = &connector.transaction {
            if transaction.is_ending() {
                return Err(Refused::Occupied);
            }
            if transaction.id_tag.eq_ignore_ascii_case(&id_tag) {
                self.stop_transaction(number, Reason::Local, Some(id_tag));
                return Ok(());
            }
            if transaction.parent.is_none() {
                self.cx.emit(Event::NotOwner {
                    connector: number,
                    id_tag,
                });
                return Ok(());
            }
            self.authorize(number, id_tag, false);
            return Ok(());
        }
        if !in_service {
            return Err(Refused::OutOfService);
        }
        if resetting {
            return Err(Refused::Resetting);
        }
        match &connector.authorized {
            // 4.9, B1: presented a second time, the intention is withdrawn.
            Some(authorized) if authorized.id_tag.eq_ignore_ascii_case(&id_tag) => {
                connector.authorized = None;
                connector.preparing_until = None;
                self.status_changed(number);
            }
            Some(_) => return Err(Refused::Occupied),
            None => self.authorize(number, id_tag, false),
        }
        Ok(())
    }

    pub(in crate::station) fn authorize_only(&mut self, text: &str) -> Result<(), Refused> {
        let id_tag = id_tag(text)?;
        if self.authorization.pending(0).is_some() {
            return Err(Refused::Busy);
        }
        self.authorize(0, id_tag, false);
        Ok(())
    }

    /// Decides at once, or asks the central system.
    pub(in crate::station) fn authorize(&mut self, number: u8, id_tag: IdTag, remote: bool) {
        let online = self.is_online();
        let decision = self
            .authorization
            .decide(&self.cx, online, number, &id_tag, remote);
        if let Some(decision) = decision {
            self.decided(number, id_tag, decision, remote);
        }
    }

    /// The connection is gone: idTags that wait get the decision of the station.
    pub(in crate::station) fn decide_pending_offline(&mut self) {
        for number in self.all_numbers() {
            let decided = self.authorization.give_up_waiting(&self.cx, number);
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
    fn decided(&mut self, number: u8, id_tag: IdTag, decision: Decision, remote: bool) {
        let accepted = decision.status == AuthorizationStatus::Accepted;
        if accepted {
            self.authorization.is_used(&id_tag);
        }
        let running = self.connector_mut(number).ok();
        let running = running.and_then(|connector| connector.transaction.as_ref());
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
        self.cx.emit(Event::Authorization {
            connector: number,
            id_tag: id_tag.clone(),
            status: decision.status,
        });
        if stops {
            self.stop_transaction(number, Reason::Local, Some(id_tag));
        } else if accepted && !occupied && number != 0 {
            self.prepare(number, id_tag, decision.parent, remote);
        }
    }

    /// The driver is welcome: begins now, or when the cable is plugged.
    pub(in crate::station) fn prepare(
        &mut self,
        number: u8,
        id_tag: IdTag,
        parent: Option<IdTag>,
        remote: bool,
    ) {
        let until = self.preparing_until();
        let in_service = self.is_in_service(number);
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        if !in_service || connector.transaction.is_some() {
            return;
        }
        connector.finishing = false;
        connector.preparing_until = until;
        connector.authorized = Some(Authorized {
            id_tag: id_tag.clone(),
            parent,
        });
        let plugged = connector.plugged;
        if remote {
            self.cx.emit(Event::RemoteStart {
                connector: number,
                id_tag,
            });
        }
        self.status_changed(number);
        if plugged {
            self.begin_transaction(number, true);
        }
    }
}
