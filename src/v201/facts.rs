//! Variables of the device model of OCPP 2.0.1 that are told and never set: what a station is, as
//! against what it can be told ([`super::variables`]). All that 2.0.1 requires of a station is in one of
//! the two tables.

use crate::{
    dialect::MOST_VARIABLES,
    domain::{Fact, TxPoint, TxPoints},
    limits::{RECONNECT_MAX_MS, RECONNECT_MIN_MS},
    station::Key,
};

use super::TX_POLICY;

/// Of what a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The station as a whole, and its controllers.
    Station,
    /// Each EVSE.
    Evse,
    /// The connector of each EVSE.
    Connector,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It is always that.
    Constant(&'static str),
    /// It is always that number.
    Number(u32),
    /// What that setting says.
    Setting(Key),
    /// These points of a transaction.
    Points(TxPoints),
    /// What the station finds out.
    Fact(Fact),
}

/// A variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub component: &'static str,
    pub name: &'static str,
    pub instance: Option<&'static str>,
    pub place: Place,
    pub source: Source,
    /// `DataEnumType`
    pub data_type: &'static str,
    pub unit: Option<&'static str>,
    /// The values that it can have, of a list or an option.
    pub values: Option<&'static str>,
    /// Its highest number, its longest text, or the most entries of a list.
    pub max: Option<u32>,
}

impl Row {
    const fn new(
        component: &'static str,
        name: &'static str,
        data_type: &'static str,
        source: Source,
    ) -> Self {
        Self {
            component,
            name,
            instance: None,
            place: Place::Station,
            source,
            data_type,
            unit: None,
            values: None,
            max: None,
        }
    }

    const fn instance(mut self, instance: &'static str) -> Self {
        self.instance = Some(instance);
        self
    }

    const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    const fn values(mut self, values: &'static str) -> Self {
        self.values = Some(values);
        self
    }

    const fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    /// True when it never changes while the station runs.
    pub fn is_constant(&self) -> bool {
        !matches!(
            self.source,
            Source::Setting(_) | Source::Fact(Fact::Availability | Fact::Problem | Fact::Time)
        )
    }

    /// True for what a summary tells (B07): what can be used, and what is broken.
    pub fn is_of_summary(&self) -> bool {
        matches!(
            self.source,
            Source::Fact(Fact::Availability | Fact::Problem)
        )
    }
}

const fn yes(component: &'static str, name: &'static str) -> Row {
    Row::new(component, name, "boolean", Source::Constant("true"))
}

const fn no(component: &'static str, name: &'static str) -> Row {
    Row::new(component, name, "boolean", Source::Constant("false"))
}

const fn number(component: &'static str, name: &'static str, value: u32) -> Row {
    Row::new(component, name, "integer", Source::Number(value))
}

const fn text(component: &'static str, name: &'static str, fact: Fact, longest: u32) -> Row {
    Row::new(component, name, "string", Source::Fact(fact)).max(longest)
}

const fn availability(component: &'static str, place: Place) -> Row {
    let source = Source::Fact(Fact::Availability);
    Row::new(component, "AvailabilityState", "OptionList", source)
        .values("Available,Occupied,Reserved,Unavailable,Faulted")
        .at(place)
}

const fn problem(component: &'static str, place: Place) -> Row {
    Row::new(component, "Problem", "boolean", Source::Fact(Fact::Problem)).at(place)
}

const fn phases(component: &'static str, place: Place) -> Row {
    let source = Source::Fact(Fact::SupplyPhases);
    Row::new(component, "SupplyPhases", "integer", source)
        .max(3)
        .at(place)
}

const fn points(name: &'static str, points: TxPoints) -> Row {
    let source = Source::Points(points);
    Row::new("TxCtrlr", name, "MemberList", source).values("EVConnected,Authorized,PowerPathClosed")
}

/// What the points of a transaction are called (`TxStartStopPointEnumType`).
pub(crate) const POINTS: [(TxPoint, &str); 3] = [
    (TxPoint::EvConnected, "EVConnected"),
    (TxPoint::Authorized, "Authorized"),
    (TxPoint::PowerPathClosed, "PowerPathClosed"),
];

const fn frame(request: &'static str) -> Row {
    let source = Source::Fact(Fact::LongestFrame);
    Row::new("DeviceDataCtrlr", "BytesPerMessage", "integer", source).instance(request)
}

const fn items(request: &'static str) -> Row {
    number("DeviceDataCtrlr", "ItemsPerMessage", MOST_VARIABLES as u32).instance(request)
}

/// The first wait before a new connection attempt, without jitter, which is a quarter of it both ways
/// (`station::connection`).
const WAIT_MS: u64 = RECONNECT_MIN_MS - RECONNECT_MIN_MS / 4;
/// How often it is doubled.
const DOUBLINGS: u32 = match RECONNECT_MAX_MS / RECONNECT_MIN_MS {
    0 => 0,
    times => times.ilog2(),
};
/// What a transaction event begins with.
const REGISTER: &str = "Energy.Active.Import.Register";

const fn seconds(millis: u64) -> u32 {
    millis.div_ceil(1_000) as u32
}

/// All of them.
pub(crate) const FACTS: &[Row] = &[
    yes("ChargingStation", "Available"),
    availability("ChargingStation", Place::Station),
    problem("ChargingStation", Place::Station),
    phases("ChargingStation", Place::Station),
    text("ChargingStation", "VendorName", Fact::Vendor, 50),
    text("ChargingStation", "Model", Fact::Model, 20),
    text("ChargingStation", "SerialNumber", Fact::SerialNumber, 25),
    text(
        "ChargingStation",
        "FirmwareVersion",
        Fact::FirmwareVersion,
        50,
    ),
    yes("EVSE", "Available").at(Place::Evse),
    availability("EVSE", Place::Evse),
    phases("EVSE", Place::Evse),
    Row::new("EVSE", "Power", "decimal", Source::Fact(Fact::Power))
        .unit("W")
        .at(Place::Evse),
    // No EVSE is reset by itself (B11.FR.09).
    no("EVSE", "AllowReset").at(Place::Evse),
    yes("Connector", "Available").at(Place::Connector),
    availability("Connector", Place::Connector),
    problem("Connector", Place::Connector),
    phases("Connector", Place::Connector),
    Row::new(
        "Connector",
        "ConnectorType",
        "OptionList",
        Source::Fact(Fact::ConnectorType),
    )
    .values(
        "cCCS1,cCCS2,cG105,cTesla,cType1,cType2,s309-1P-16A,s309-1P-32A,s309-3P-16A,s309-3P-32A,\
         sBS1361,sCEE-7-7,sType2,sType3,Other1PhMax16A,Other1PhOver16A,Other3Ph,Pan,wInductive,\
         wResonant,Undetermined,Unknown",
    )
    .at(Place::Connector),
    // There is one way to the central system, and no SetNetworkProfile (B09).
    number("OCPPCommCtrlr", "ActiveNetworkProfile", 1),
    Row::new(
        "OCPPCommCtrlr",
        "NetworkConfigurationPriority",
        "SequenceList",
        Source::Constant("1"),
    )
    .values("1")
    .max(1),
    number("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", 1),
    // No file is sent or fetched.
    Row::new(
        "OCPPCommCtrlr",
        "FileTransferProtocols",
        "MemberList",
        Source::Constant(""),
    )
    .values("FTP,FTPS,HTTP,HTTPS,SFTP"),
    // However long the station was offline, it reports the connectors whose status has changed (B04).
    number("OCPPCommCtrlr", "OfflineThreshold", i32::MAX as u32).unit("s"),
    // Transaction events alone are.
    no("OCPPCommCtrlr", "QueueAllMessages"),
    number("OCPPCommCtrlr", "RetryBackOffRepeatTimes", DOUBLINGS),
    number(
        "OCPPCommCtrlr",
        "RetryBackOffRandomRange",
        seconds(RECONNECT_MIN_MS / 2),
    )
    .unit("s"),
    number("OCPPCommCtrlr", "RetryBackOffWaitMinimum", seconds(WAIT_MS)).unit("s"),
    items("GetReport"),
    items("GetVariables"),
    items("SetVariables"),
    frame("GetReport"),
    frame("GetVariables"),
    frame("SetVariables"),
    Row::new(
        "ClockCtrlr",
        "DateTime",
        "dateTime",
        Source::Fact(Fact::Time),
    ),
    // The time of the central system counts, also where the application has told another (B01.FR.06, G02).
    Row::new(
        "ClockCtrlr",
        "TimeSource",
        "SequenceList",
        Source::Constant("Heartbeat"),
    )
    .values("Heartbeat")
    .max(1),
    // No certificate is asked for, and none can be installed.
    Row::new(
        "SecurityCtrlr",
        "OrganizationName",
        "string",
        Source::Constant(""),
    )
    .max(0),
    number("SecurityCtrlr", "CertificateEntries", 0).max(0),
    Row::new(
        "SecurityCtrlr",
        "SecurityProfile",
        "integer",
        Source::Fact(Fact::SecurityProfile),
    )
    .max(3),
    yes("AuthCtrlr", "Enabled"),
    no("AuthCtrlr", "DisableRemoteAuthorization"),
    yes("AuthCacheCtrlr", "Available"),
    Row::new(
        "AuthCacheCtrlr",
        "Policy",
        "OptionList",
        Source::Constant("LRU"),
    )
    .values("LRU"),
    points("TxStartPoint", TX_POLICY.begin),
    points("TxStopPoint", TX_POLICY.end),
    yes("SampledDataCtrlr", "Available"),
    yes("SampledDataCtrlr", "Enabled"),
    Row::new(
        "SampledDataCtrlr",
        "TxStartedMeasurands",
        "MemberList",
        Source::Constant(REGISTER),
    )
    .values(REGISTER)
    .max(1),
    // What goes into the end of a transaction is sampled when the rest is.
    Row::new(
        "SampledDataCtrlr",
        "TxEndedInterval",
        "integer",
        Source::Setting(Key::MeterValueSampleInterval),
    )
    .unit("s"),
    yes("AlignedDataCtrlr", "Available"),
    yes("AlignedDataCtrlr", "Enabled"),
    Row::new(
        "AlignedDataCtrlr",
        "TxEndedInterval",
        "integer",
        Source::Setting(Key::ClockAlignedDataInterval),
    )
    .unit("s"),
];

/// What a component or variable is called, of several where there is an instance.
pub(crate) type Name<'n> = (&'n str, &'n str, Option<&'n str>);

/// The variable with that name, at a place of that kind; names are compared without case.
pub(crate) fn find((component, name, instance): Name<'_>, place: Place) -> Option<&'static Row> {
    FACTS.iter().find(|row| {
        row.place == place
            && row.component.eq_ignore_ascii_case(component)
            && row.name.eq_ignore_ascii_case(name)
            && match (row.instance, instance) {
                (Some(of), Some(instance)) => of.eq_ignore_ascii_case(instance),
                (of, instance) => of == instance,
            }
    })
}

/// True when there is such a component at a place of that kind.
pub(crate) fn is_component(name: &str, place: Place) -> bool {
    let mut rows = FACTS.iter().filter(|row| row.place == place);
    rows.any(|row| row.component.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::ConnectorType, v201::variables::Variable};

    #[test]
    fn every_variable_is_there_once() {
        for (at, row) in FACTS.iter().enumerate() {
            let name = (row.component, row.name, row.instance);
            let mut before = FACTS.iter().take(at);
            let is_same = |other: &Row| (other.component, other.name, other.instance) == name;
            assert!(!before.any(is_same), "{name:?}");
            let setting = Variable::setting(row.component, row.name, row.instance);
            assert_eq!(setting, None, "{name:?}");
            assert!(find(name, row.place).is_some());
        }
    }

    #[test]
    fn lists_and_options_say_what_they_can_be() {
        for row in FACTS {
            let has_values = row.data_type.ends_with("List");
            assert_eq!(row.values.is_some(), has_values, "{row:?}");
            if let (Source::Constant(value), Some(values)) = (row.source, row.values) {
                let known: std::vec::Vec<_> = values.split(',').collect();
                assert!(value.is_empty() || value.split(',').all(|it| known.contains(&it)));
            }
        }
        let types = find(("Connector", "ConnectorType", None), Place::Connector);
        let types = types.and_then(|row| row.values).unwrap_or("");
        assert!(types.split(',').eq(ConnectorType::NAMES.iter().copied()));
    }
}
