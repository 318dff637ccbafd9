//! Who charges, and what the central system says of it.

use core::{
    fmt::{self, Display, Formatter},
    ops::Deref,
};

use heapless::String;

use super::names::names;

/// Bytes of an identifier token: 20 with OCPP 1.6 alone, 36 with OCPP 2.0.1.
pub const ID_TOKEN_LENGTH: usize = if cfg!(feature = "v201") { 36 } else { 20 };

/// An identifier token: `IdToken` of OCPP 1.6, a `CiString20`; `IdTokenType` of OCPP 2.0.1, which
/// has a kind as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdToken {
    text: String<ID_TOKEN_LENGTH>,
    #[cfg(feature = "v201")]
    kind: TokenKind,
}

impl IdToken {
    /// The empty token.
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            #[cfg(feature = "v201")]
            kind: TokenKind::Iso14443,
        }
    }

    /// The same text as a token of that kind. A build for OCPP 1.6 alone keeps no kinds.
    #[cfg_attr(not(feature = "v201"), allow(unused_mut, unused_variables))]
    pub fn of_kind(mut self, kind: TokenKind) -> Self {
        #[cfg(feature = "v201")]
        {
            self.kind = kind;
        }
        self
    }

    /// What kind of token it is.
    pub fn kind(&self) -> TokenKind {
        #[cfg(feature = "v201")]
        return self.kind;
        #[cfg(not(feature = "v201"))]
        TokenKind::Iso14443
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Default for IdToken {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for IdToken {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Display for IdToken {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String<ID_TOKEN_LENGTH>> for IdToken {
    fn from(text: String<ID_TOKEN_LENGTH>) -> Self {
        let mut token = Self::new();
        token.text = text;
        token
    }
}

impl TryFrom<&str> for IdToken {
    type Error = heapless::CapacityError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        String::try_from(text).map(Self::from)
    }
}

names! {
    /// What the central system says of a token (7.2; `AuthorizationStatusEnumType` of OCPP 2.0.1).
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
        /// No credit left (OCPP 2.0.1, as all that follow).
        NoCredit = 5 "NoCredit",
        /// Not at this kind of EVSE.
        NotAllowedTypeEvse = 6 "NotAllowedTypeEVSE",
        /// Not here.
        NotAtThisLocation = 7 "NotAtThisLocation",
        /// Not now.
        NotAtThisTime = 8 "NotAtThisTime",
        /// Not known, where that is not the same as not valid.
        Unknown = 9 "Unknown",
    }

    /// What kind of token an [`IdToken`] is (`IdTokenEnumType` of OCPP 2.0.1).
    TokenKind {
        /// Given out by the central system, for a remote start.
        Central = 0 "Central",
        /// Of a contract.
        Emaid = 1 "eMAID",
        /// A card.
        Iso14443 = 2 "ISO14443",
        /// A card of the vicinity.
        Iso15693 = 3 "ISO15693",
        /// Typed in.
        KeyCode = 4 "KeyCode",
        /// Made up by the charge point.
        Local = 5 "Local",
        /// The vehicle's address.
        MacAddress = 6 "MacAddress",
        /// None is needed.
        NoAuthorization = 7 "NoAuthorization",
    }
}
