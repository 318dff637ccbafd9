//! Reservations, on the way to who asks for them.

use ocpp::{domain::IdToken, station::Reserved, wire::UnixMillis};

/// The reservation of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The central system's number for it.
    pub id: i32,
    /// Who may charge there.
    pub id_tag: IdToken,
    /// The group that may as well.
    pub parent: Option<IdToken>,
    /// It ends then.
    pub expires: UnixMillis,
}

impl From<Reserved<'_>> for Reservation {
    fn from(reserved: Reserved<'_>) -> Self {
        // The station has no longer ones.
        let token = |text| IdToken::try_from(text).unwrap_or_default();
        Self {
            id: reserved.id,
            id_tag: token(reserved.id_tag),
            parent: reserved.parent.map(token),
            expires: reserved.expires,
        }
    }
}
