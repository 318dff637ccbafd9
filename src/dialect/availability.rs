//! What was asked for of the availability of an EVSE, and of its connector by itself in a version that
//! tells the two apart.
//!
//! A build without such a version keeps none of the second.

/// Of what an availability was asked for; that of an EVSE lies over that of its connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// An EVSE, or the whole charge point. OCPP 1.6 has no other.
    Evse,
    /// The connector of an EVSE, by itself.
    #[cfg(feature = "v201")]
    Connector,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    evse: bool,
    #[cfg(feature = "v201")]
    connector: bool,
}

impl Asked {
    /// In service, as long as nothing was asked for.
    pub const OPERATIVE: Self = Self {
        evse: true,
        #[cfg(feature = "v201")]
        connector: true,
    };

    /// The same but for that level.
    pub fn with(mut self, level: Level, operative: bool) -> Self {
        match level {
            Level::Evse => self.evse = operative,
            #[cfg(feature = "v201")]
            Level::Connector => self.connector = operative,
        }
        self
    }

    /// What follows from both.
    #[cfg(feature = "v201")]
    pub fn is_operative(self) -> bool {
        self.evse && self.connector
    }

    /// What was asked for.
    #[cfg(not(feature = "v201"))]
    pub fn is_operative(self) -> bool {
        self.evse
    }

    /// For a record that says what follows from both: the EVSE, where the connector by itself is out
    /// of service.
    #[cfg(feature = "v201")]
    pub fn detail(self) -> Option<u8> {
        (!self.connector).then_some(self.evse.into())
    }

    /// There is no more to say.
    #[cfg(not(feature = "v201"))]
    pub fn detail(self) -> Option<u8> {
        None
    }

    /// From a record. One without a detail, as every one of OCPP 1.6, is about the EVSE.
    #[cfg(feature = "v201")]
    pub fn stored(operative: bool, detail: Option<u8>) -> Self {
        match detail {
            Some(evse) => Self {
                evse: evse != 0,
                connector: false,
            },
            None => Self::OPERATIVE.with(Level::Evse, operative),
        }
    }

    /// From a record.
    #[cfg(not(feature = "v201"))]
    pub fn stored(operative: bool, _: Option<u8>) -> Self {
        Self::OPERATIVE.with(Level::Evse, operative)
    }
}
