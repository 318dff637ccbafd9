//! Root certificates that the central system has installed, by which servers of files are verified too. The
//! engine's thread lends them for as long as a connection is made: they lie in the buffer that it has for
//! certificates.

use super::FILES;
use crate::{
    certificates::{Credentials, Installed},
    kernel::Semaphore,
    lifecycle,
    limits::TLS_TAG,
    socket,
    tls::OwnTag,
};

/// How often it is looked whether the file is still wanted, in milliseconds.
const LOOK_MS: u32 = 250;

/// In Zephyr's hands while this lives.
pub struct Roots(Option<Credentials>);

impl Roots {
    /// Waits for them; `None` where the file is not wanted any more.
    pub fn borrow() -> Option<Self> {
        FILES.with(|files| files.wants_roots = true);
        socket::wake();
        loop {
            Semaphore::Files.take(LOOK_MS);
            let (lent, gives_up) = FILES.with(|files| {
                files.wants_roots &= !files.is_cancelled;
                (files.roots.take(), files.is_cancelled)
            });
            if let Some(installed) = lent {
                return Some(Self(Some(Credentials::add(installed))));
            }
            if gives_up || lifecycle::is_stopping() {
                return None;
            }
        }
    }

    /// Where they are.
    pub fn tag(&self) -> OwnTag {
        let has_any = self.0.as_ref().is_some_and(Credentials::has_roots);
        OwnTag {
            tag: has_any.then_some(TLS_TAG),
            ..OwnTag::default()
        }
    }
}

impl Drop for Roots {
    fn drop(&mut self) {
        if let Some((buffer, _)) = self.0.take().map(Credentials::remove) {
            FILES.with(|files| files.returned.put(buffer));
            socket::wake();
        }
    }
}

/// Lends them; what they lie in comes back by [`super::Files::returned`].
pub fn lend(installed: Installed) {
    FILES.with(|files| {
        files.wants_roots = false;
        files.roots.put(installed);
    });
    Semaphore::Files.give();
}
