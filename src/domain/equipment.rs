//! What a charge point is made of, as its maker or installer knows it.

#[cfg(not(any(feature = "v201", feature = "smart-charging")))]
use core::marker::PhantomData;

use super::names::names;

names! {
    /// What a vehicle is plugged into (OCPP 2.0.1, `ConnectorEnumType`).
    ConnectorType {
        /// Combined Charging System 1, captive cable.
        Ccs1 = 0 "cCCS1",
        /// Combined Charging System 2, captive cable.
        Ccs2 = 1 "cCCS2",
        /// CHAdeMO, captive cable.
        Chademo = 2 "cG105",
        /// Tesla, captive cable.
        Tesla = 3 "cTesla",
        /// IEC 62196-2 type 1, captive cable.
        CableType1 = 4 "cType1",
        /// IEC 62196-2 type 2, captive cable.
        CableType2 = 5 "cType2",
        /// IEC 60309 socket, one phase, 16 A.
        Industrial1Phase16A = 6 "s309-1P-16A",
        /// IEC 60309 socket, one phase, 32 A.
        Industrial1Phase32A = 7 "s309-1P-32A",
        /// IEC 60309 socket, three phases, 16 A.
        Industrial3Phase16A = 8 "s309-3P-16A",
        /// IEC 60309 socket, three phases, 32 A.
        Industrial3Phase32A = 9 "s309-3P-32A",
        /// British domestic socket.
        Bs1361 = 10 "sBS1361",
        /// Domestic socket CEE 7/7.
        Cee77 = 11 "sCEE-7-7",
        /// IEC 62196-2 type 2, socket.
        SocketType2 = 12 "sType2",
        /// IEC 62196-2 type 3, socket.
        SocketType3 = 13 "sType3",
        /// Another one with one phase, up to 16 A.
        Other1PhaseMax16A = 14 "Other1PhMax16A",
        /// Another one with one phase, above 16 A.
        Other1PhaseOver16A = 15 "Other1PhOver16A",
        /// Another one with three phases.
        Other3Phase = 16 "Other3Ph",
        /// Pantograph.
        Pantograph = 17 "Pan",
        /// Inductive.
        Inductive = 18 "wInductive",
        /// Resonant coupling.
        Resonant = 19 "wResonant",
        /// To be determined.
        Undetermined = 20 "Undetermined",
        /// Not known.
        Unknown = 21 "Unknown",
    }
}

/// An EVSE with its connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evse {
    /// Phases that it is supplied with: 1 or 3, 0 for direct current.
    pub supply_phases: u8,
    /// The most that it can deliver, in W.
    pub power: u32,
    /// What a vehicle is plugged into.
    pub connector: ConnectorType,
}

/// What a charge point is made of, as OCPP 2.0.1 tells it in its device model, and as Smart Charging
/// has to know it. What is left out is told without a value.
///
/// Without the cargo features `v201` and `smart-charging` nothing of it is kept.
///
/// ```
/// use ocpp::domain::{ConnectorType, Equipment, Evse};
///
/// const EVSES: [Evse; 2] = [Evse {
///     supply_phases: 3,
///     power: 22_000,
///     connector: ConnectorType::SocketType2,
/// }; 2];
/// const EQUIPMENT: Equipment<'static> = Equipment::new(&EVSES).receive_buffer(4_096);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Equipment<'a> {
    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    evses: &'a [Evse],
    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    receive_buffer: Option<u32>,
    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    security_profile: Option<u8>,
    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    switches_phases: bool,
    #[cfg(not(any(feature = "v201", feature = "smart-charging")))]
    nothing: PhantomData<&'a [Evse]>,
}

#[cfg(any(feature = "v201", feature = "smart-charging"))]
impl<'a> Equipment<'a> {
    /// With these EVSEs: that of connector 1, and so on.
    pub const fn new(evses: &'a [Evse]) -> Self {
        Self {
            evses,
            receive_buffer: None,
            security_profile: None,
            switches_phases: false,
        }
    }

    /// The connectors can go from three phases to one while a vehicle charges (OCPP 1.6, 9.4.4
    /// ConnectorSwitch3to1PhaseSupported), to stay within a limit that is too small for three.
    #[must_use]
    pub const fn switches_phases(mut self, switches: bool) -> Self {
        self.switches_phases = switches;
        self
    }

    /// Bytes of the longest frame that the application can receive. The station's own limit, the
    /// transmit buffer that its answers have to fit into, is told where it is lower.
    #[must_use]
    pub const fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// The security profile of the connection, 1 to 3 (A00); 0 for one without authentication.
    #[must_use]
    pub const fn security_profile(mut self, profile: u8) -> Self {
        self.security_profile = Some(profile);
        self
    }

    /// The EVSE with that number, from 1.
    pub(crate) fn evse(&self, number: u8) -> Option<&Evse> {
        self.evses.get(usize::from(number).checked_sub(1)?)
    }

    /// The most phases that one of the EVSEs is supplied with.
    #[cfg(feature = "v201")]
    pub(crate) fn supply_phases(&self) -> Option<u8> {
        self.evses.iter().map(|evse| evse.supply_phases).max()
    }

    pub(crate) fn longest_frame(&self) -> Option<u32> {
        self.receive_buffer
    }

    #[cfg(feature = "v201")]
    pub(crate) fn security(&self) -> Option<u8> {
        self.security_profile
    }

    #[cfg(feature = "smart-charging")]
    pub(crate) fn can_switch_phases(&self) -> bool {
        self.switches_phases
    }
}

#[cfg(not(any(feature = "v201", feature = "smart-charging")))]
impl<'a> Equipment<'a> {
    /// With these EVSEs.
    pub const fn new(_: &'a [Evse]) -> Self {
        Self {
            nothing: PhantomData,
        }
    }

    /// Bytes of the longest frame that the application can receive.
    #[must_use]
    pub const fn receive_buffer(self, _: u32) -> Self {
        self
    }

    /// The security profile of the connection.
    #[must_use]
    pub const fn security_profile(self, _: u8) -> Self {
        self
    }

    /// The connectors can go from three phases to one while a vehicle charges.
    #[must_use]
    pub const fn switches_phases(self, _: bool) -> Self {
        self
    }
}
