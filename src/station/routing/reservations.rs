//! Reservations (OCPP 1.6, 5.1 and 5.13): made and cancelled, kept for their driver, used and ended.

use crate::{
    dialect::ReserveNow,
    domain::{AcceptedStatus, ChargePointError, IdToken, ReservationStatus, Status},
    limits::RECORD_LENGTH,
    station::{
        Event, Key, ReservationState, Station,
        call::Condition,
        outbox::{self, Entry, Kind},
        reservations::Reservation,
    },
    wire::{ErrorCode, Text, UnixMillis, field::Violation},
};

/// A reservation as the application may look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved<'s> {
    /// The central system's number for it.
    pub id: i32,
    /// For whom.
    pub id_tag: &'s str,
    /// The group that may use it as well.
    pub parent: Option<&'s str>,
    /// It ends then.
    pub expires: UnixMillis,
}

impl Station<'_> {
    /// The reservation of a connector; that of connector 0 is one of any of them.
    pub fn reservation(&self, connector: u8) -> Option<Reserved<'_>> {
        let reservation = self.reservations.get(connector)?;
        Some(Reserved {
            id: reservation.id,
            id_tag: &reservation.id_tag,
            parent: reservation.parent.as_deref(),
            expires: reservation.expires,
        })
    }

    pub(super) fn reserve_now(
        &mut self,
        asked: ReserveNow<'_>,
    ) -> Result<ReservationStatus, Violation> {
        let length = self.cx.version.token_length();
        let token = |text: Text<'_>| {
            let token = text.to_string().map(IdToken::from);
            // Characters outside ASCII may take more bytes than a token has here.
            token.filter(|it| it.len() <= length).ok_or(Violation {
                code: ErrorCode::PropertyConstraintViolation,
                field: self.cx.version.token_field(),
            })
        };
        let id_tag = token(asked.token)?;
        let parent = asked.parent.map(token).transpose()?;
        let is_past = self.cx.utc().is_some_and(|now| asked.expires <= now);
        let number = match asked.connector {
            0 if !self.cx.settings.flag(Key::ReserveConnectorZeroSupported) => None,
            0 => Some(0),
            number => self.connector_number(number),
        };
        let Some(number) = number.filter(|_| !is_past && !id_tag.is_empty()) else {
            return Ok(ReservationStatus::Rejected);
        };
        // 4.2: a charge point that is not accepted yet starts nothing.
        if !self.registration.is_accepted() || self.reset.is_under_way() {
            return Ok(ReservationStatus::Rejected);
        }
        let replaced = self.reservations.find(asked.id);
        let status = self.may_be_reserved(number, replaced);
        if status != ReservationStatus::Accepted {
            return Ok(status);
        }
        let reservation = Reservation {
            id: asked.id,
            expires: asked.expires,
            id_tag: id_tag.clone(),
            // Some central systems say that there is no parent with an empty one.
            parent: parent.filter(|parent| !parent.is_empty()),
            after: self.outbox.next_sequence(),
        };
        if !self.reservations.set(&mut self.cx, number, reservation) {
            return Ok(ReservationStatus::Rejected);
        }
        self.tell_reservation(number, asked.id, id_tag, ReservationState::Made);
        self.reservations_changed();
        Ok(ReservationStatus::Accepted)
    }

    /// Whether a connector, or any of them, can be kept for a driver, in the place of the reservation of
    /// `replaced`.
    fn may_be_reserved(&self, number: u8, replaced: Option<u8>) -> ReservationStatus {
        if self.connectors.is_broken() {
            return ReservationStatus::Faulted;
        }
        if number == 0 {
            let mut best = self.availability_of(0, replaced);
            if best == ReservationStatus::Accepted {
                // As good as the best of the connectors.
                let all = self.connector_numbers();
                let all = all.map(|number| self.availability_of(number, replaced));
                best = all.min().unwrap_or(ReservationStatus::Faulted);
            }
            let is_taken = self.reservations.get(0).is_some() && replaced != Some(0);
            return match best {
                ReservationStatus::Accepted if is_taken => ReservationStatus::Occupied,
                best => best,
            };
        }
        let status = self.availability_of(number, replaced);
        // Another driver has been promised that one is left.
        let any = self.reservations.get(0).is_some() && replaced != Some(0);
        let is_last = any && !self.others_free(number, replaced);
        match status {
            ReservationStatus::Accepted if is_last => ReservationStatus::Occupied,
            status => status,
        }
    }

    /// What a reservation would find.
    fn availability_of(&self, number: u8, replaced: Option<u8>) -> ReservationStatus {
        let is_taken = self.reservations.get(number).is_some() && replaced != Some(number);
        let status = self.plain_condition_of(number).map(|(status, _)| status);
        match status {
            Some(Status::Faulted) | None => ReservationStatus::Faulted,
            Some(Status::Unavailable) => ReservationStatus::Unavailable,
            Some(Status::Available) if number == 0 => ReservationStatus::Accepted,
            Some(Status::Available)
                if !is_taken && self.authorization.pending(number).is_none() =>
            {
                ReservationStatus::Accepted
            }
            Some(_) => ReservationStatus::Occupied,
        }
    }

    pub(super) fn cancel_reservation(&mut self, id: i32) -> AcceptedStatus {
        let Some(number) = self.reservations.find(id) else {
            return AcceptedStatus::Rejected;
        };
        let id_tag = self.reservations.get(number).map(|it| it.id_tag.clone());
        if !self.reservations.end(&mut self.cx, number) {
            return AcceptedStatus::Rejected;
        }
        let id_tag = id_tag.unwrap_or_default();
        self.tell_reservation(number, id, id_tag, ReservationState::Cancelled);
        self.reservations_changed();
        AcceptedStatus::Accepted
    }

    fn tell_reservation(
        &mut self,
        connector: u8,
        id: i32,
        id_tag: IdToken,
        state: ReservationState,
    ) {
        self.cx.emit(Event::Reservation {
            connector,
            id,
            id_tag,
            state,
        });
    }

    /// One of them was made or has ended: others may be the last free connector now.
    fn reservations_changed(&mut self) {
        for number in self.connector_numbers() {
            self.status_changed(number);
        }
    }

    fn end_reservation(&mut self, number: u8, state: ReservationState) {
        let Some(reservation) = self.reservations.get(number) else {
            return;
        };
        let (id, id_tag) = (reservation.id, reservation.id_tag.clone());
        if !self.reservations.end(&mut self.cx, number) {
            // Should it be there again at the next boot, it ends there, or with its time.
            self.reservations.drop(number);
        }
        self.tell_reservation(number, id, id_tag, state);
    }

    pub(super) fn expire_reservations(&mut self) {
        let mut from = 0;
        while let Some(number) = self.reservations.next_expired(&self.cx, from) {
            from = number + 1;
            self.end_reservation(number, ReservationState::Expired);
        }
        if from > 0 {
            self.reservations_changed();
        }
    }

    /// The condition of a connector may have changed: what cannot be used any more is not reserved
    /// (5.13), and others may be the last free one.
    pub(super) fn keep_reservations(&mut self, number: u8) {
        let version = self.cx.version;
        if number != 0
            && self.reservations.get(number).is_some()
            && !self.connectors.is_in_service(version, number)
        {
            self.end_reservation(number, ReservationState::Ended);
        }
        if self.reservations.get(0).is_none() {
            return;
        }
        let mut all = self.connector_numbers();
        if !all.any(|number| self.connectors.is_in_service(version, number)) {
            self.end_reservation(0, ReservationState::Ended);
        }
        for other in self.connector_numbers().filter(|&other| other != number) {
            if let Some(condition) = self.condition_of(other) {
                self.status.observe(&mut self.cx, other, condition);
            }
            self.announce(other);
        }
    }

    /// True when a driver could begin at a connector, if it is not kept for another one.
    fn is_unused(&self, number: u8) -> bool {
        let session = self.transactions.get(number);
        self.connectors.is_in_service(self.cx.version, number)
            && session.is_some_and(|session| session.is_idle())
    }

    /// True when it is left for the next driver: no cable of the session before is in it.
    fn is_left(&self, number: u8) -> bool {
        let session = self.transactions.get(number);
        self.is_unused(number) && session.is_some_and(|session| !session.is_finishing())
    }

    /// True when a connector is left besides that one.
    fn others_free(&self, number: u8, replaced: Option<u8>) -> bool {
        let mut others = self.connector_numbers().filter(|&other| other != number);
        others.any(|other| {
            let is_reserved = self.reservations.get(other).is_some() && replaced != Some(other);
            self.is_left(other) && !is_reserved && self.authorization.pending(other).is_none()
        })
    }

    /// The reservation that keeps a connector for its driver: its own, or that of any of them, where it is
    /// the last one that is left.
    fn keeper(&self, number: u8) -> Option<&Reservation> {
        let own = self.reservations.get(number).filter(|_| number != 0);
        own.or_else(|| {
            let any = self.reservations.get(0)?;
            (self.is_unused(number) && !self.others_free(number, None)).then_some(any)
        })
    }

    /// What is reported of a connector that has this condition otherwise: reserved until its driver is
    /// there (4.9).
    pub(super) fn reserved_condition(&self, number: u8, condition: Condition) -> Condition {
        let is_idle = |status| {
            let session = self.transactions.get(number);
            matches!(
                status,
                Status::Available | Status::Preparing | Status::Finishing
            ) && session.is_some_and(|session| session.is_idle())
        };
        match condition {
            (status, ChargePointError::NoError)
                if number != 0 && is_idle(status) && self.keeper(number).is_some() =>
            {
                (Status::Reserved, ChargePointError::NoError)
            }
            condition => condition,
        }
    }

    /// True when a connector is kept for another driver than this one, whose group is the one that is
    /// given, or else known of list and cache.
    pub(super) fn is_kept_from(
        &mut self,
        number: u8,
        id_tag: &IdToken,
        parent: Option<&IdToken>,
    ) -> bool {
        match self.keeper(number) {
            None => return false,
            Some(keeper) if keeper.is_of(id_tag, parent) => return false,
            Some(keeper) if keeper.parent.is_none() => return true,
            Some(_) => {}
        }
        let known = self.known_parent(number, id_tag);
        let keeper = self.keeper(number);
        keeper.is_some_and(|keeper| !keeper.is_of(id_tag, known.as_ref()))
    }

    /// True when nothing that the central system could say of a driver lets him charge at a connector: one
    /// that is kept for another, and for no group.
    pub(super) fn is_kept_from_all_but(&self, number: u8, id_tag: &IdToken) -> bool {
        let keeper = self.keeper(number);
        keeper.is_some_and(|keeper| keeper.parent.is_none() && !keeper.is_of(id_tag, None))
    }

    /// The group of a driver at a connector that is reserved for one, as list or cache know it.
    pub(super) fn known_parent(&mut self, number: u8, id_tag: &IdToken) -> Option<IdToken> {
        let groups = [number, 0].map(|number| self.reservations.get(number));
        let mut groups = groups.iter().flatten();
        let is_asked = groups.any(|it| it.parent.is_some() && !it.is_of(id_tag, None));
        is_asked.then(|| self.authorization.parent(&mut self.cx, id_tag))?
    }

    /// The connector that is reserved for a driver whom the central system sends somewhere.
    pub(super) fn reserved_for(&mut self, id_tag: &IdToken) -> Option<u8> {
        self.connector_numbers().find(|&number| {
            let reservation = self.reservations.get(number).map(|it| it.parent.is_some());
            let known = match reservation {
                Some(true) => self.known_parent(number, id_tag),
                Some(false) => None,
                None => return false,
            };
            let reservation = self.reservations.get(number);
            reservation.is_some_and(|it| it.is_of(id_tag, known.as_ref()))
        })
    }

    /// A driver who may charge was turned away, because the connector is kept for another one.
    pub(super) fn turn_away(&mut self, connector: u8, id_tag: IdToken) {
        self.cx.emit(Event::ReservedForOther { connector, id_tag });
    }

    /// The reservation that a transaction of that connector uses: the place of it, and its number.
    pub(super) fn used_reservation(&self, number: u8) -> Option<(u8, i32)> {
        let transaction = self.transactions.running(number)?;
        [number, 0].into_iter().find_map(|place| {
            let reservation = self.reservations.get(place)?;
            let is_used = reservation.is_of(transaction.id_tag(), transaction.group());
            is_used.then_some((place, reservation.id))
        })
    }

    /// A transaction has begun by a reservation, which its start names (5.13).
    pub(super) fn reservation_used(&mut self, used: Option<(u8, i32)>) {
        if let Some((place, _)) = used {
            self.end_reservation(place, ReservationState::Used);
            self.reservations_changed();
        }
    }

    /// A power loss may have left a reservation that was used, or moved to another connector.
    pub(in crate::station) fn settle_reservations(&mut self) {
        for number in self.all_numbers() {
            let Some(reservation) = self.reservations.get(number) else {
                continue;
            };
            let (id, after) = (reservation.id, reservation.after);
            let is_moved = self.reservations.find(id) != Some(number);
            if is_moved || self.is_begun(id, after) {
                let _ = self.reservations.end(&mut self.cx, number);
                self.reservations.drop(number);
            }
        }
    }

    /// True when a start names that reservation that was stored behind it.
    fn is_begun(&mut self, id: i32, mut after: u32) -> bool {
        after = after.saturating_sub(1);
        let mut buffer = [0; RECORD_LENGTH];
        let is_start = |entry: &Entry| entry.kind == Kind::Start;
        while let Some((slot, start)) = self.outbox.following(after, &is_start) {
            after = start.sequence;
            let stored = outbox::read(slot, self.cx.storage, &mut buffer);
            if stored.is_some_and(|(_, stored)| stored.reservation() == Some(id)) {
                return true;
            }
        }
        false
    }
}
