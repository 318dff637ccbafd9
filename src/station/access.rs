//! How the station gets access to its central system: security profile and AuthorizationKey (security
//! whitepaper, A00 and A05). What the central system has changed is stored and counts more than what the
//! application was configured with.
//!
//! One record has all of it, so that a power loss leaves what was or what was asked for. A raise of the
//! profile is in it, beside the profile of before, until a connection was made with it.

use core::fmt::{self, Debug, Formatter};

use heapless::Vec;

use super::{
    Event, Key,
    context::Context,
    memory::Events,
    record::{Encoder, load, skipped},
};
use crate::{
    domain::{AUTHORIZATION_KEY_LENGTH, Credentials, ProfileRaise, SecuritySetup},
    limits::{PROFILE_ATTEMPTS, PROFILE_TIMEOUT_MS, RECONNECT_GRACE_MS},
    storage::{RecordId, Storage},
};

/// Version of the record's form.
const FORM: u8 = 1;
/// Stands for a profile that the central system has not set.
const NONE: u8 = u8::MAX;
/// The highest security profile.
const HIGHEST: u8 = 3;
/// Bytes of the shortest AuthorizationKey.
const SHORTEST_KEY: usize = 16;
/// How long a CALL that has left is waited for before the connection is made anew, in milliseconds.
const CALL_GRACE_MS: u64 = 10_000;

/// An AuthorizationKey; empty for one that the central system has not set.
#[derive(Clone, PartialEq, Eq)]
struct Secret(Vec<u8, AUTHORIZATION_KEY_LENGTH>);

/// Not the key itself.
impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What the record holds.
#[derive(Clone, Debug)]
struct Kept {
    profile: u8,
    /// What it is being raised to.
    raise: u8,
    key: Secret,
}

/// Profile and key of the next connection, and the raise that is under way.
#[derive(Debug)]
pub(super) struct Access {
    kept: Kept,
    /// Failed attempts with the raised profile in this run, and when the first was made.
    failures: u8,
    first_attempt_at: u64,
    /// The present connection is to be made anew since then.
    renew_since: Option<u64>,
}

impl Access {
    pub const fn new() -> Self {
        Self {
            kept: Kept {
                profile: 0,
                raise: 0,
                key: Secret(Vec::new()),
            },
            failures: 0,
            first_attempt_at: 0,
            renew_since: None,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
        self.kept.profile = NONE;
        self.kept.raise = NONE;
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        let mut bytes = [0; 3 + AUTHORIZATION_KEY_LENGTH];
        let Some(mut record) = load(storage, events, RecordId::ACCESS, &mut bytes) else {
            return;
        };
        let is_profile = |profile: &u8| matches!(*profile, 0..=HIGHEST | NONE);
        let mut read = || {
            let form = record.u8().filter(|form| *form == FORM);
            let (_, profile, raise) = (form?, record.u8()?, record.u8()?);
            let known = is_profile(&profile) && is_profile(&raise);
            let key = Vec::from_slice(record.rest()).ok().filter(|_| known)?;
            Some(Kept {
                profile,
                raise,
                key: Secret(key),
            })
        };
        match read() {
            Some(kept) => self.kept = kept,
            None => skipped(events, RecordId::ACCESS),
        }
    }

    /// What the next connection is made with.
    pub fn credentials<'s>(&'s self, setup: &SecuritySetup<'s>) -> Credentials<'s> {
        let profiles = [self.kept.raise, self.kept.profile];
        let set = profiles.into_iter().find(|profile| *profile != NONE);
        Credentials {
            security_profile: set.unwrap_or(setup.credentials.security_profile),
            authorization_key: match self.kept.key.0.as_slice() {
                [] => setup.credentials.authorization_key,
                key => key,
            },
        }
    }

    /// Begins to raise the profile (A05). False, and nothing changed, where that cannot be.
    pub fn raise(&mut self, cx: &mut Context<'_>, setup: &SecuritySetup<'_>, value: &str) -> bool {
        let now = self.credentials(setup);
        let key_length = now.authorization_key.len();
        let has_key = (SHORTEST_KEY..=AUTHORIZATION_KEY_LENGTH).contains(&key_length);
        let raise = match value.trim_ascii() {
            "1" => 1,
            "2" => 2,
            "3" => HIGHEST,
            _ => return false,
        };
        let (has_root, has_own) = (
            setup.has_central_system_root,
            setup.has_charge_point_certificate,
        );
        let can_be = match raise {
            1 => has_key,
            2 => has_key && has_root,
            _ => has_root && has_own,
        };
        if !can_be || raise <= now.security_profile || self.kept.raise != NONE {
            return false;
        }
        let kept = Kept {
            profile: now.security_profile,
            raise,
            key: self.kept.key.clone(),
        };
        let begun = self.keep(cx, kept);
        if begun {
            self.failures = 0;
            self.renew_since = Some(cx.now);
            cx.emit(Event::SecurityProfile {
                profile: raise,
                raise: ProfileRaise::Begun,
            });
        }
        begun
    }

    /// Takes another AuthorizationKey (A00). False, and nothing changed, when it is none, or cannot be
    /// stored.
    pub fn set_key(&mut self, cx: &mut Context<'_>, setup: &SecuritySetup<'_>, text: &str) -> bool {
        let Some(key) = parse_key(text) else {
            return false;
        };
        let kept = Kept {
            key: Secret(key),
            ..self.kept.clone()
        };
        let is_kept = self.keep(cx, kept);
        if is_kept {
            let profile = self.credentials(setup).security_profile;
            if matches!(profile, 1 | 2) {
                self.renew_since = Some(cx.now);
            }
            cx.emit(Event::ConfigurationChanged(Key::AuthorizationKey));
        }
        is_kept
    }

    /// The present connection is to be made anew, with another certificate.
    pub fn renew(&mut self, cx: &Context<'_>) {
        self.renew_since = Some(cx.now);
    }

    /// The present connection is to be made anew: nothing new is sent over it.
    pub fn is_renewing(&self) -> bool {
        self.renew_since.is_some()
    }

    /// When it is to be made anew: once the answer has left, and what else was asked is answered.
    pub fn renewal_at(&self, is_idle: bool) -> Option<u64> {
        let grace = match is_idle {
            true => RECONNECT_GRACE_MS,
            false => CALL_GRACE_MS,
        };
        Some(self.renew_since? + grace)
    }

    /// An attempt to connect is about to be made. True when the profile before a raise is used again.
    pub fn attempt(&mut self, cx: &mut Context<'_>) -> bool {
        self.renew_since = None;
        if self.kept.raise == NONE {
            return false;
        }
        if self.failures == 0 {
            self.first_attempt_at = cx.now;
        }
        let waited = cx.now.saturating_sub(self.first_attempt_at);
        if self.failures < PROFILE_ATTEMPTS || waited < PROFILE_TIMEOUT_MS {
            return false;
        }
        self.end_raise(cx, self.kept.profile, ProfileRaise::FellBack);
        true
    }

    /// An attempt has failed.
    pub fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The connection is lost, or given up.
    pub fn closed(&mut self) {
        self.renew_since = None;
    }

    /// A connection was made.
    pub fn connected(&mut self, cx: &mut Context<'_>) {
        self.failures = 0;
        if self.kept.raise != NONE {
            self.end_raise(cx, self.kept.raise, ProfileRaise::Done);
        }
    }

    /// The raise has come to an end with that profile, whatever storage says: it is tried again at the
    /// next boot where storage does not know.
    fn end_raise(&mut self, cx: &mut Context<'_>, profile: u8, raise: ProfileRaise) {
        let kept = Kept {
            profile,
            raise: NONE,
            key: self.kept.key.clone(),
        };
        self.keep(cx, kept.clone());
        self.kept = kept;
        self.failures = 0;
        cx.emit(Event::SecurityProfile { profile, raise });
    }

    /// Stores that; false, and nothing changed, if storage refuses.
    fn keep(&mut self, cx: &mut Context<'_>, kept: Kept) -> bool {
        let mut record = Encoder::default();
        record.u8(FORM);
        record.u8(kept.profile);
        record.u8(kept.raise);
        record.raw(&kept.key.0);
        let is_kept = cx.store(RecordId::ACCESS, &record);
        if is_kept {
            self.kept = kept;
        }
        is_kept
    }
}

/// The bytes of an AuthorizationKey: those of 32 to 40 hexadecimal digits, an even number of them; else
/// those of the text, 16 to 40.
fn parse_key(text: &str) -> Option<Vec<u8, AUTHORIZATION_KEY_LENGTH>> {
    let digits = text.as_bytes();
    let is_hex = (2 * SHORTEST_KEY..=AUTHORIZATION_KEY_LENGTH).contains(&digits.len())
        && digits.len().is_multiple_of(2)
        && digits.iter().all(u8::is_ascii_hexdigit);
    if !is_hex {
        let is_long_enough = digits.len() >= SHORTEST_KEY;
        let is_text = is_long_enough && !text.chars().any(char::is_control);
        return Vec::from_slice(digits).ok().filter(|_| is_text);
    }
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    let mut key = Vec::new();
    for pair in digits.chunks(2) {
        key.push(byte(pair)?).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_bytes_in_hexadecimal_or_text() {
        let bytes = |text: &str| parse_key(text).map(|key| key.to_vec());
        let hex = "0123456789abcdefFEDCBA9876543210";
        assert_eq!(bytes(hex).unwrap()[..3], [0x01, 0x23, 0x45]);
        assert_eq!(bytes(hex).unwrap().len(), 16);
        assert_eq!(bytes(&"f0".repeat(20)).unwrap(), [0xf0; 20]);
        // An odd number of digits, and fewer than 32, are text.
        let odd = "0".repeat(33);
        assert_eq!(bytes(&odd).unwrap(), odd.as_bytes());
        assert_eq!(bytes(&"0".repeat(30)).unwrap().len(), 30);
        assert_eq!(bytes("sixteen letters!").unwrap(), b"sixteen letters!");
        assert_eq!(bytes("fifteen letters"), None);
        assert_eq!(bytes(&"x".repeat(41)), None);
        assert_eq!(bytes("a line\nbreak in it!"), None);
    }
}
