//! Who may charge (OCPP 1.6, 3.4, 3.5 and 4.1): the local list, the cache, Authorize, and idTags that wait
//! for it.

mod cache;
#[cfg(feature = "local-list")]
mod local_list;
#[cfg(not(feature = "local-list"))]
#[path = "authorization/no_local_list.rs"]
mod local_list;

use heapless::Vec;

use super::{CallFailure, Event, Key, call::Call, context::Context, memory::Events, rpc::Rpc};
use crate::{
    dialect::{RemoteStartId, TokenInfo},
    domain::{AcceptedStatus, AuthorizationStatus, IdToken},
    limits::{CACHE_ENTRIES, CONNECTORS},
    storage::{RecordId, Storage},
    wire::{Payload, UnixMillis},
};
use cache::{Cache, Known, Said};
pub(super) use local_list::LocalList;

/// An idTag that waits for its Authorize.
#[derive(Debug)]
pub(super) struct Pending {
    pub id_tag: IdToken,
    /// It came with RemoteStartTransaction.
    pub remote: Option<RemoteStartId>,
    sent: bool,
}

/// What is decided of an idTag.
#[derive(Debug)]
pub(super) struct Decision {
    pub status: AuthorizationStatus,
    pub parent: Option<IdToken>,
}

impl Decision {
    /// By what is known of an idTag now.
    fn of(known: &Known, utc: Option<UnixMillis>) -> Self {
        let status = match known.status {
            AuthorizationStatus::Accepted if !known.is_valid(utc) => AuthorizationStatus::Expired,
            status => status,
        };
        Self {
            status,
            parent: known.parent.clone(),
        }
    }

    pub fn without_parent(status: AuthorizationStatus) -> Self {
        Self {
            status,
            parent: None,
        }
    }
}

/// What is known of idTags, and those that wait for an answer: presented at a connector, or, as
/// connector 0, asked about without one.
#[derive(Debug)]
pub(super) struct Authorization {
    pending: Vec<Option<Pending>, { CONNECTORS + 1 }>,
    list: LocalList,
    cache: Cache,
}

impl Authorization {
    pub const fn new() -> Self {
        Self {
            pending: Vec::new(),
            list: LocalList::new(),
            cache: Cache::new(),
        }
    }

    pub fn clear(&mut self) {
        self.pending.clear();
        while self.pending.push(None).is_ok() {}
        self.list.clear();
        self.cache.clear();
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.list.load(storage, events);
        self.cache.load(storage, events);
    }

    /// Erases what a power loss has left of an update of the list; [`Self::forget_listed`] follows once
    /// the station is there.
    pub fn clean_up(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.list.clean_up(storage, events);
    }

    /// The local list.
    pub fn list(&self) -> &LocalList {
        &self.list
    }

    /// The local list, after a change of which [`Self::forget_listed`] follows.
    #[cfg_attr(not(feature = "local-list"), allow(dead_code))]
    pub fn list_mut(&mut self) -> &mut LocalList {
        &mut self.list
    }

    /// No idTag of the list is in the cache as well (3.5.3).
    #[inline(never)]
    pub fn forget_listed(&mut self, cx: &mut Context<'_>) {
        for slot in (0..self.cache.len()).rev() {
            let is_listed = |it: &IdToken| matches!(self.list.find(cx, it), Ok(Some(_)));
            if self.cache.id_tag(slot).is_some_and(is_listed) && !self.forget(cx, slot) {
                // What storage does not take now is done by the next boot; the list comes first.
                return;
            }
        }
    }

    /// Forgets an entry of the cache: the last one takes its place, because there is no gap between
    /// entries.
    fn forget(&mut self, cx: &mut Context<'_>, slot: usize) -> bool {
        let last = self.cache.len().saturating_sub(1);
        let is_moved = slot == last || self.cache.store(cx, last, slot);
        let is_forgotten = is_moved && cx.erase(RecordId::cache(last));
        if is_moved {
            self.cache.remove(slot);
        }
        is_forgotten
    }

    /// The idTag that waits at a connector.
    pub fn pending(&self, connector: u8) -> Option<&IdToken> {
        let pending = self.pending.get(usize::from(connector))?;
        pending.as_ref().map(|pending| &pending.id_tag)
    }

    /// Decides of an idTag at once, or asks the central system with the next Authorize.
    pub fn decide(
        &mut self,
        cx: &mut Context<'_>,
        online: bool,
        connector: u8,
        id_tag: &IdToken,
        remote: Option<RemoteStartId>,
    ) -> Option<Decision> {
        if !online {
            return Some(self.decide_offline(cx, id_tag));
        }
        if cx.settings.flag(Key::LocalPreAuthorize) {
            let known = self.known(cx, id_tag);
            let accepted = known.filter(|known| known.status == AuthorizationStatus::Accepted);
            if accepted.is_some() {
                self.cache.use_again(id_tag);
                return accepted;
            }
        }
        if let Some(place) = self.pending.get_mut(usize::from(connector)) {
            *place = Some(Pending {
                id_tag: id_tag.clone(),
                remote,
                sent: false,
            });
        }
        None
    }

    /// What the list says, else the cache (3.5.3), expiry considered (3.5).
    fn known(&self, cx: &mut Context<'_>, id_tag: &str) -> Option<Decision> {
        match self.list.find(cx, id_tag) {
            Ok(None) => {}
            Ok(Some(listed)) => return Some(Decision::of(&listed, cx.utc())),
            Err(error) => {
                // The list may say that it is blocked.
                cx.is_done(Err(error));
                return Some(Decision::without_parent(AuthorizationStatus::Invalid));
            }
        }
        if !cx.settings.flag(Key::AuthorizationCacheEnabled) {
            return None;
        }
        let known = self.cache.find(id_tag)?;
        Some(Decision::of(known, cx.utc()))
    }

    /// The group of an idTag, as list or cache know it.
    #[cfg_attr(not(feature = "reservation"), allow(dead_code))]
    pub fn parent(&self, cx: &mut Context<'_>, id_tag: &str) -> Option<IdToken> {
        self.known(cx, id_tag)?.parent
    }

    /// List and cache if LocalAuthorizeOffline (3.5), anybody else if AllowOfflineTxForUnknownId
    /// (3.5.4).
    fn decide_offline(&mut self, cx: &mut Context<'_>, id_tag: &str) -> Decision {
        match self.known(cx, id_tag) {
            Some(known) if known.status != AuthorizationStatus::Accepted => known,
            Some(known) if cx.settings.flag(Key::LocalAuthorizeOffline) => {
                self.cache.use_again(id_tag);
                known
            }
            None if cx.settings.flag(Key::AllowOfflineTxForUnknownId) => {
                Decision::without_parent(AuthorizationStatus::Accepted)
            }
            _ => Decision::without_parent(AuthorizationStatus::Invalid),
        }
    }

    /// The connection is gone: what waits at a connector gets the decision of the station.
    pub fn give_up_waiting(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
    ) -> Option<(Pending, Decision)> {
        let pending = self.take(connector)?;
        let decision = self.decide_offline(cx, &pending.id_tag);
        Some((pending, decision))
    }

    fn take(&mut self, connector: u8) -> Option<Pending> {
        self.pending.get_mut(usize::from(connector))?.take()
    }

    /// Sends the next Authorize.
    pub fn call(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        let waits = |place: &Option<Pending>| place.as_ref().is_some_and(|pending| !pending.sent);
        let Some(connector) = self.pending.iter().position(waits) else {
            return false;
        };
        let Some(Some(pending)) = self.pending.get_mut(connector) else {
            return false;
        };
        pending.sent = true;
        let id_tag = &pending.id_tag;
        let connector = connector as u8;
        let id = rpc.next_id();
        rpc.call(cx.now, id, Call::Authorize { connector }, &mut |w| {
            cx.version.authorize(w, id_tag);
        })
    }

    /// The central system has answered the Authorize of a connector.
    #[inline(never)]
    pub fn answered(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        payload: Payload<'_>,
    ) -> Result<Option<(Pending, Decision)>, CallFailure> {
        let info = cx.version.authorize_answer(payload)?;
        let Some(pending) = self.take_asked(connector) else {
            return Ok(None);
        };
        let decision = self.learn(cx, &pending.id_tag, info);
        Ok(Some((pending, decision)))
    }

    /// The idTag that the outstanding Authorize was about. One that was presented since in the
    /// same place has not been asked for yet.
    fn take_asked(&mut self, connector: u8) -> Option<Pending> {
        let place = self.pending.get_mut(usize::from(connector))?;
        place.take_if(|pending| pending.sent)
    }

    /// An answer that says "no idea" refuses; no answer at all is like being offline.
    pub fn failed(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        failure: CallFailure,
    ) -> Option<(Pending, Decision)> {
        let pending = self.take_asked(connector)?;
        let decision = match failure {
            CallFailure::Timeout => self.decide_offline(cx, &pending.id_tag),
            _ => Decision::without_parent(AuthorizationStatus::Invalid),
        };
        Some((pending, decision))
    }

    /// What the idTag of a connector waited for can no longer be, or is known otherwise.
    pub fn settle(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        status: AuthorizationStatus,
    ) -> Option<Pending> {
        let pending = self.take(connector)?;
        cx.emit(Event::Authorization {
            connector,
            id_tag: pending.id_tag.clone(),
            status,
        });
        Some(pending)
    }

    /// Remembers what the central system says of an idTag (3.5.1).
    pub fn learn(
        &mut self,
        cx: &mut Context<'_>,
        id_tag: &IdToken,
        info: TokenInfo<'_>,
    ) -> Decision {
        // Some central systems say that there is no parent with an empty one.
        let parent = info.parent.and_then(|text| text.to_string());
        let parent = parent.map(IdToken::from).filter(|it| !it.is_empty());
        let listed = self.list.find(cx, id_tag);
        if let Ok(Some(listed)) = &listed {
            let is_valid = matches!(
                info.status,
                AuthorizationStatus::Accepted | AuthorizationStatus::ConcurrentTx
            );
            if listed.is_valid(cx.utc()) != is_valid {
                // 3.5.2: only the central system changes the list, and it is told.
                self.list.contradicted();
            }
        }
        // 3.5.3: what is in the list is never in the cache.
        if cx.settings.flag(Key::AuthorizationCacheEnabled) && listed == Ok(None) {
            let said = Said {
                id_tag,
                parent: &parent,
                status: info.status,
                expires: info.expires,
            };
            if let Some(slot) = self.cache.learn(said, cx.utc()) {
                self.cache.store(cx, slot, slot);
            }
        }
        Decision {
            status: info.status,
            parent,
        }
    }

    /// ClearCache (5.4).
    pub fn clear_cache(&mut self, cx: &mut Context<'_>) -> AcceptedStatus {
        let is_off = !cx.settings.flag(Key::AuthorizationCacheEnabled);
        if is_off && cx.version.clears_enabled_cache_only() {
            return AcceptedStatus::Rejected;
        }
        // From the last on, so that a power loss leaves no gap before an entry; all of them,
        // because a damaged one may have hidden others from the last boot.
        for slot in (0..CACHE_ENTRIES).rev() {
            if !cx.erase(RecordId::cache(slot)) {
                return AcceptedStatus::Rejected;
            }
            self.cache.truncate(slot);
        }
        AcceptedStatus::Accepted
    }
}
