//! What a station tells of itself besides its settings.

/// Something that a station is, or is in, and that nothing sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Whether the charge point, or a connector, can be used.
    Availability,
    /// Something is broken there.
    Problem,
    /// Phases that it is supplied with.
    SupplyPhases,
    /// The most that an EVSE delivers, in W: a limit, and no value.
    Power,
    /// What a vehicle is plugged into.
    ConnectorType,
    /// Who made the charge point.
    Vendor,
    /// What its maker calls it.
    Model,
    /// Its serial number.
    SerialNumber,
    /// Its firmware.
    FirmwareVersion,
    /// UTC.
    Time,
    /// Bytes of the longest frame.
    LongestFrame,
    /// How the connection is secured.
    SecurityProfile,
}
