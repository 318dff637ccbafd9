//! How a central system answers: everything a test or a demo may want to choose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::answer::Answer;
use crate::id_tag::{IdTag, IdTagStatus};
use crate::time;

/// OCPP 1.6, 7.38 RegistrationStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the specification's")]
pub enum BootStatus {
    Accepted,
    Pending,
    Rejected,
}

impl BootStatus {
    /// The spelling of the specification.
    pub fn as_str(self) -> &'static str {
        match self {
            BootStatus::Accepted => "Accepted",
            BootStatus::Pending => "Pending",
            BootStatus::Rejected => "Rejected",
        }
    }
}

/// Where `currentTime` comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The clock of the host.
    Real,
    /// Always this text.
    Fixed(String),
}

impl Clock {
    pub(crate) fn now(&self) -> String {
        match self {
            Clock::Real => time::now(),
            Clock::Fixed(text) => text.clone(),
        }
    }
}

/// What happens to the subprotocol in the websocket handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subprotocol {
    /// `ocpp1.6` is selected. A client that did not offer it gets a handshake without a
    /// subprotocol and is closed at once, as OCPP-J 1.6, 3.1.2 wants it.
    Select,
    /// None is selected and the connection stays open: it is on the charge point to close it.
    Omit,
}

pub(crate) type Hook = Arc<dyn Fn(&str, &str, &Value) -> Option<Answer> + Send + Sync>;

/// The choices a central system is started with; see [`Behaviour::new`] for the defaults.
#[derive(Clone)]
pub struct Behaviour {
    pub(crate) boot_status: BootStatus,
    pub(crate) interval: u32,
    pub(crate) clock: Clock,
    /// Keyed by lower-case idTag, because idTags compare without case (OCPP 1.6, 7.28 IdToken).
    tags: BTreeMap<String, IdTag>,
    unknown_tags: IdTagStatus,
    pub(crate) concurrent_tx: bool,
    pub(crate) first_transaction_id: i64,
    pub(crate) subprotocol: Subprotocol,
    pub(crate) all_versions: bool,
    pub(crate) passwords: BTreeMap<String, Vec<u8>>,
    pub(crate) known: Option<BTreeSet<String>>,
    pub(crate) frames_kept: usize,
    pub(crate) hook: Option<Hook>,
}

impl Behaviour {
    /// Everybody is let in without a password, boots are accepted with an interval of 300 s,
    /// time is the host's, no idTag is known and unknown ones are `Invalid`, transaction ids
    /// start at 1, and the newest 10 000 frames of each charge point are kept.
    pub fn new() -> Self {
        Behaviour {
            boot_status: BootStatus::Accepted,
            interval: 300,
            clock: Clock::Real,
            tags: BTreeMap::new(),
            unknown_tags: IdTagStatus::Invalid,
            concurrent_tx: false,
            first_transaction_id: 1,
            subprotocol: Subprotocol::Select,
            all_versions: false,
            passwords: BTreeMap::new(),
            known: None,
            frames_kept: 10_000,
            hook: None,
        }
    }

    /// Status and interval (seconds) of the answer to BootNotification.
    pub fn boot(mut self, status: BootStatus, interval: u32) -> Self {
        self.boot_status = status;
        self.interval = interval;
        self
    }

    /// Where `currentTime` of BootNotification and Heartbeat comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Adds an idTag to the table, or replaces it.
    pub fn tag(mut self, id_tag: &str, entry: IdTag) -> Self {
        self.tags.insert(id_tag.to_ascii_lowercase(), entry);
        self
    }

    /// The status of idTags that are not in the table.
    pub fn unknown_tags(mut self, status: IdTagStatus) -> Self {
        self.unknown_tags = status;
        self
    }

    /// Whether StartTransaction with an idTag that already charges, at any charge point, is
    /// answered with `ConcurrentTx`.
    pub fn concurrent_tx(mut self, refused: bool) -> Self {
        self.concurrent_tx = refused;
        self
    }

    /// The first `transactionId` given out; later ones count up. Only read at the start.
    pub fn transactions_from(mut self, first: i64) -> Self {
        self.first_transaction_id = first;
        self
    }

    /// What happens to the subprotocol in the handshake.
    pub fn subprotocol(mut self, subprotocol: Subprotocol) -> Self {
        self.subprotocol = subprotocol;
        self
    }

    /// OCPP 2.0.1 is spoken too, with charge points that offer `ocpp2.0.1` and not `ocpp1.6`.
    pub fn all_versions(mut self) -> Self {
        self.all_versions = true;
        self
    }

    /// From now on this identity needs HTTP Basic authentication with this password, or gets
    /// a 401. The password is raw bytes.
    pub fn password(mut self, identity: &str, password: impl Into<Vec<u8>>) -> Self {
        self.passwords.insert(identity.to_owned(), password.into());
        self
    }

    /// From now on this identity needs no password.
    pub fn without_password(mut self, identity: &str) -> Self {
        self.passwords.remove(identity);
        self
    }

    /// Only these identities are known; any other gets a 404.
    pub fn only<I>(mut self, identities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.known = Some(identities.into_iter().map(Into::into).collect());
        self
    }

    /// How many frames of each charge point the books keep; the oldest go first.
    pub fn keep_frames(mut self, count: usize) -> Self {
        self.frames_kept = count;
        self
    }

    /// A hook that is asked before a CALL is answered, with the identity of the charge point,
    /// the action and the payload. `None` leaves the answer to the central system.
    ///
    /// A repeated transaction message (see [`Station::duplicates`](crate::Station)) that
    /// already got its CALLRESULT gets the same one again without the hook being asked.
    pub fn on_call<F>(mut self, hook: F) -> Self
    where
        F: Fn(&str, &str, &Value) -> Option<Answer> + Send + Sync + 'static,
    {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// What the table says about an idTag.
    pub(crate) fn look_up(&self, id_tag: &str) -> IdTag {
        self.tags
            .get(&id_tag.to_ascii_lowercase())
            .cloned()
            .unwrap_or_else(|| IdTag::new(self.unknown_tags))
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Behaviour {
    // By hand for two reasons: a hook has no Debug, and a password does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Behaviour")
            .field("boot_status", &self.boot_status)
            .field("interval", &self.interval)
            .field("clock", &self.clock)
            .field("tags", &self.tags)
            .field("unknown_tags", &self.unknown_tags)
            .field("subprotocol", &self.subprotocol)
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_tags_compare_without_case() {
        let behaviour = Behaviour::new().tag("aBc", IdTag::accepted());
        assert_eq!(behaviour.look_up("AbC"), IdTag::accepted());
        assert_eq!(behaviour.look_up("other"), IdTag::new(IdTagStatus::Invalid));
    }

    #[test]
    fn passwords_are_not_printed() {
        let text = format!("{:?}", Behaviour::new().password("CP1", "secret"));
        assert!(!text.contains("secret") && !text.contains("115"));
    }
}
