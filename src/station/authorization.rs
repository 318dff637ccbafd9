//! Who may charge (OCPP 1.6, 3.4, 3.5 and 4.1): the cache, Authorize, and idTags presented.

use heapless::Vec;

use super::{
    CallFailure, Event, Key, Refused, Station,
    connector::Authorized,
    id_tag,
    memory::Events,
    record::{Decoder, Encoder, skipped},
    rpc::Call,
};
use crate::{
    limits::CACHE_ENTRIES,
    storage::{RecordId, Storage},
    v16::{
        AcceptedStatus, AuthorizationStatus, IdTag, Reason,
        core::{self, AuthorizeAnswer, IdTagInfo},
        message::answer,
    },
    wire::{Payload, UnixMillis},
};

/// An idTag that waits for its Authorize.
#[derive(Debug)]
pub(super) struct Pending {
    pub id_tag: IdTag,
    sent: bool,
    remote: bool,
}

impl Pending {
    pub fn new(id_tag: IdTag, remote: bool) -> Self {
        Self {
            id_tag,
            sent: false,
            remote,
        }
    }
}

/// What the central system said of an idTag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    id_tag: IdTag,
    parent: Option<IdTag>,
    status: AuthorizationStatus,
    expires: Option<UnixMillis>,
}

/// In the place of a damaged entry, and the first to leave: no idTag is empty.
const NOBODY: Known = Known {
    id_tag: IdTag::new(),
    parent: None,
    status: AuthorizationStatus::Invalid,
    expires: None,
};

impl Known {
    /// True while an idTag may charge, as far as is known.
    fn is_valid(&self, utc: Option<UnixMillis>) -> bool {
        let expired = match (self.expires, utc) {
            (Some(expires), Some(now)) => expires <= now,
            // Without a clock nothing is known to be still valid.
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.status == AuthorizationStatus::Accepted && !expired
    }
}

/// The authorization cache (3.5.1): what was used last, it keeps longest.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Vec<Known, CACHE_ENTRIES>,
    /// The order in which entries were learnt or used, as numbers that only grow. What is stored of
    /// it is as old as the entry: a use alone is not worth a write.
    used: Vec<u32, CACHE_ENTRIES>,
    last_used: u32,
}

impl Cache {
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            used: Vec::new(),
            last_used: 0,
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.used.clear();
        self.last_used = 0;
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        for slot in 0..CACHE_ENTRIES {
            let mut bytes = [0; 64];
            let id = RecordId::cache(slot);
            let read = storage.read(id, &mut bytes);
            if read == Ok(None) {
                // Slots are filled from the first on.
                break;
            }
            let length = read.ok().flatten();
            let record = length.and_then(|length| bytes.get(..length));
            let (used, known) = record.and_then(decode).unwrap_or_else(|| {
                skipped(events, id);
                (0, NOBODY)
            });
            let _ = self.entries.push(known);
            let _ = self.used.push(used);
            self.last_used = self.last_used.max(used);
        }
    }

    fn slot_of(&self, id_tag: &str) -> Option<usize> {
        let same = |known: &Known| known.id_tag.eq_ignore_ascii_case(id_tag);
        self.entries.iter().position(same)
    }

    fn find(&self, id_tag: &str) -> Option<&Known> {
        self.entries.get(self.slot_of(id_tag)?)
    }

    /// An idTag was accepted: it is not the oldest any more.
    fn use_again(&mut self, id_tag: &str) {
        if let Some(slot) = self.slot_of(id_tag) {
            self.is_used(slot);
        }
    }

    fn is_used(&mut self, slot: usize) {
        self.last_used = self.last_used.saturating_add(1);
        if let Some(used) = self.used.get_mut(slot) {
            *used = self.last_used;
        }
    }

    /// The slot of the entry that leaves first: one that is not valid, else the one that was used
    /// least recently (3.5.1). None for a new one that is not valid where all others are.
    fn leaves_first(&self, new: &Known, utc: Option<UnixMillis>) -> Option<usize> {
        let entries = self.entries.iter().zip(&self.used).enumerate();
        let keys = entries.map(|(slot, (known, used))| (known.is_valid(utc), *used, slot));
        let (is_valid, _, slot) = keys.min()?;
        (!is_valid || new.is_valid(utc)).then_some(slot)
    }

    /// Remembers what is new; gives the slot that has to be stored.
    fn learn(&mut self, known: Known, utc: Option<UnixMillis>) -> Option<usize> {
        let slot = match self.slot_of(&known.id_tag) {
            Some(slot) if self.entries.get(slot) == Some(&known) => {
                self.is_used(slot);
                return None;
            }
            Some(slot) => slot,
            None if !self.entries.is_full() => self.entries.len(),
            None => self.leaves_first(&known, utc)?,
        };
        match self.entries.get_mut(slot) {
            Some(entry) => *entry = known,
            None => {
                self.entries.push(known).ok()?;
                self.used.push(0).ok()?;
            }
        }
        self.is_used(slot);
        Some(slot)
    }

    fn encode(&self, slot: usize) -> Option<Encoder> {
        let known = self.entries.get(slot)?;
        let mut record = Encoder::default();
        record.u32(*self.used.get(slot)?);
        record.u8(known.status as u8);
        record.i64(known.expires.unwrap_or(i64::MAX));
        record.text(Some(&known.id_tag));
        record.text(known.parent.as_deref());
        Some(record)
    }
}

fn decode(bytes: &[u8]) -> Option<(u32, Known)> {
    let mut record = Decoder(bytes);
    let used = record.u32()?;
    let status = AuthorizationStatus::from_place(record.u8()?)?;
    let expires = Some(record.i64()?).filter(|&expires| expires != i64::MAX);
    let id_tag = record.text()??;
    let parent = record.text()?;
    Some((
        used,
        Known {
            id_tag,
            parent,
            status,
            expires,
        },
    ))
}

/// What is decided of an idTag.
#[derive(Debug)]
pub(super) struct Decision {
    pub status: AuthorizationStatus,
    pub parent: Option<IdTag>,
}

impl Decision {
    pub(super) fn without_parent(status: AuthorizationStatus) -> Self {
        Self {
            status,
            parent: None,
        }
    }
}

impl Station<'_> {
    pub(super) fn tag_presented(&mut self, number: u8, text: &str) -> Result<(), Refused> {
        let id_tag = id_tag(text)?;
        let resetting = self.reset.is_under_way();
        let in_service = self.is_in_service(number);
        let connector = self.connector_mut(number)?;
        if connector.pending.is_some() {
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

    pub(super) fn authorize_only(&mut self, text: &str) -> Result<(), Refused> {
        let id_tag = id_tag(text)?;
        if self.any_connector_mut(0)?.pending.is_some() {
            return Err(Refused::Busy);
        }
        self.authorize(0, id_tag, false);
        Ok(())
    }

    /// Decides at once, or asks the central system.
    pub(super) fn authorize(&mut self, number: u8, id_tag: IdTag, remote: bool) {
        if !self.is_online() {
            let decision = self.decide_offline(&id_tag);
            return self.decided(number, id_tag, decision, remote);
        }
        if self.cx.settings.flag(Key::LocalPreAuthorize) {
            let known = self.known(&id_tag);
            if let Some(decision) = known.filter(|d| d.status == AuthorizationStatus::Accepted) {
                return self.decided(number, id_tag, decision, remote);
            }
        }
        if let Ok(connector) = self.any_connector_mut(number) {
            connector.pending = Some(Pending::new(id_tag, remote));
        }
    }

    /// What the cache says, expiry considered (3.5).
    fn known(&self, id_tag: &str) -> Option<Decision> {
        if !self.cx.settings.flag(Key::AuthorizationCacheEnabled) {
            return None;
        }
        let known = self.cache.find(id_tag)?;
        let status = match known.status {
            AuthorizationStatus::Accepted if !known.is_valid(self.cx.utc()) => {
                AuthorizationStatus::Expired
            }
            status => status,
        };
        Some(Decision {
            status,
            parent: known.parent.clone(),
        })
    }

    /// The cache if LocalAuthorizeOffline (3.5), anybody else if AllowOfflineTxForUnknownId
    /// (3.5.4).
    fn decide_offline(&self, id_tag: &str) -> Decision {
        match self.known(id_tag) {
            Some(known) if known.status != AuthorizationStatus::Accepted => known,
            Some(known) if self.cx.settings.flag(Key::LocalAuthorizeOffline) => known,
            None if self.cx.settings.flag(Key::AllowOfflineTxForUnknownId) => {
                Decision::without_parent(AuthorizationStatus::Accepted)
            }
            _ => Decision::without_parent(AuthorizationStatus::Invalid),
        }
    }

    /// The connection is gone: whoever waits for an answer gets the one of the station.
    pub(super) fn decide_pending_offline(&mut self) {
        for number in self.all_numbers() {
            let Ok(connector) = self.any_connector_mut(number) else {
                continue;
            };
            if let Some(pending) = connector.pending.take() {
                let decision = self.decide_offline(&pending.id_tag);
                self.decided(number, pending.id_tag, decision, pending.remote);
            }
        }
    }

    /// Sends the next Authorize.
    pub(super) fn call_authorize(&mut self) -> bool {
        for number in self.all_numbers() {
            let connector = self.connectors.get_mut(usize::from(number));
            let pending = connector.and_then(|connector| connector.pending.as_mut());
            if let Some(pending) = pending.filter(|pending| !pending.sent) {
                pending.sent = true;
                let id_tag = &pending.id_tag;
                let id = self.rpc.next_id();
                let call = Call::Authorize { connector: number };
                return self
                    .rpc
                    .call(self.cx.now, id, call, &mut |w| core::authorize(w, id_tag));
            }
        }
        false
    }

    #[inline(never)]
    pub(super) fn authorize_answered(
        &mut self,
        number: u8,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered: AuthorizeAnswer<'_> = answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let Some(pending) = self.take_asked(number) else {
            return Ok(());
        };
        let decision = self.learn(&pending.id_tag, answered.id_tag_info);
        self.decided(number, pending.id_tag, decision, pending.remote);
        Ok(())
    }

    /// The idTag that the outstanding Authorize was about. One that was presented since in the
    /// same place has not been asked for yet.
    fn take_asked(&mut self, number: u8) -> Option<Pending> {
        let connector = self.any_connector_mut(number).ok()?;
        connector.pending.take_if(|pending| pending.sent)
    }

    /// What an idTag waited for can no longer be.
    pub(super) fn settle_pending(&mut self, number: u8, status: AuthorizationStatus) {
        let connector = self.any_connector_mut(number).ok();
        if let Some(pending) = connector.and_then(|connector| connector.pending.take()) {
            self.cx.emit(Event::Authorization {
                connector: number,
                id_tag: pending.id_tag,
                status,
            });
        }
    }

    /// An answer that says "no idea" refuses; no answer at all is like being offline.
    pub(super) fn authorize_failed(&mut self, number: u8, failure: CallFailure) {
        let Some(pending) = self.take_asked(number) else {
            return;
        };
        let decision = match failure {
            CallFailure::Timeout => self.decide_offline(&pending.id_tag),
            _ => Decision::without_parent(AuthorizationStatus::Invalid),
        };
        self.decided(number, pending.id_tag, decision, pending.remote);
    }

    /// Remembers what the central system says of an idTag (3.5.1).
    pub(super) fn learn(&mut self, id_tag: &IdTag, info: IdTagInfo<'_>) -> Decision {
        // Some central systems say that there is no parent with an empty one.
        let parent = info.parent_id_tag.and_then(|text| text.to_string());
        let parent = parent.filter(|parent: &IdTag| !parent.is_empty());
        if self.cx.settings.flag(Key::AuthorizationCacheEnabled) {
            let known = Known {
                id_tag: id_tag.clone(),
                parent: parent.clone(),
                status: info.status,
                expires: info.expiry_date,
            };
            let slot = self.cache.learn(known, self.cx.clock.utc(self.cx.now));
            if let Some((slot, record)) =
                slot.and_then(|slot| Some((slot, self.cache.encode(slot)?)))
            {
                self.cx.store(RecordId::cache(slot), &record);
            }
        }
        Decision {
            status: info.status,
            parent,
        }
    }

    /// Acts upon what was decided of an idTag.
    fn decided(&mut self, number: u8, id_tag: IdTag, decision: Decision, remote: bool) {
        let accepted = decision.status == AuthorizationStatus::Accepted;
        if accepted {
            self.cache.use_again(&id_tag);
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
    pub(super) fn prepare(
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

    /// ClearCache (5.4).
    pub(super) fn clear_cache(&mut self) -> AcceptedStatus {
        let mut status = AcceptedStatus::Accepted;
        // From the last on, so that a power loss leaves no gap before an entry; all of them,
        // because a damaged one may have hidden others from the last boot.
        for slot in (0..CACHE_ENTRIES).rev() {
            if !self.cx.erase(RecordId::cache(slot)) {
                status = AcceptedStatus::Rejected;
                break;
            }
            self.cache.entries.truncate(slot);
            self.cache.used.truncate(slot);
        }
        status
    }
}
