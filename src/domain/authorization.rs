//! Who charges, and what the central system says of it.

use super::names::names;

/// An identifier token (`IdToken`, a `CiString20`): 1 to 20 bytes of UTF-8.
pub type IdTag = heapless::String<20>;

names! {
    /// What the central system says of an idTag (7.2).
    AuthorizationStatus {
        /// May charge.
        Accepted = 0 "Accepted",
        /// Blocked.
        Blocked = 1 "Blocked",
        /// No longer valid.
        Expired = 2 "Expired",
        /// Not known.
        Invalid = 3 "Invalid",
        /// Already charges somewhere else.
        ConcurrentTx = 4 "ConcurrentTx",
    }
}
