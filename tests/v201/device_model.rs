//! What a station is (B06, B07): variables that no setting stands behind.

use std::collections::BTreeMap;

use ocpp::{
    domain::{ChargePointError, ConnectorType, Equipment, Evse, Identity, Measurand, Measured},
    limits::TX_MIN,
    station::{Event, Input, Mutability, Setting},
};
use serde_json::{Value, json};

use crate::{
    bench,
    support::{Bench, MINUTE, Reply, SECOND, Setup},
};

/// What every station has (the list of the Core profile, and that of part 4), with instance; of EVSEs
/// and connectors at each of them.
const REQUIRED: &str = "
    ChargingStation.Available ChargingStation.AvailabilityState ChargingStation.SupplyPhases
    EVSE.Available/1 EVSE.AvailabilityState/1 EVSE.SupplyPhases/1 EVSE.Power/1
    EVSE.Available/2 EVSE.AvailabilityState/2 EVSE.SupplyPhases/2 EVSE.Power/2
    Connector.Available/1/1 Connector.AvailabilityState/1/1 Connector.ConnectorType/1/1
    Connector.SupplyPhases/1/1
    Connector.Available/2/1 Connector.AvailabilityState/2/1 Connector.ConnectorType/2/1
    Connector.SupplyPhases/2/1
    OCPPCommCtrlr.ActiveNetworkProfile OCPPCommCtrlr.FileTransferProtocols
    OCPPCommCtrlr.MessageTimeout[Default] OCPPCommCtrlr.MessageAttempts[TransactionEvent]
    OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]
    OCPPCommCtrlr.NetworkConfigurationPriority OCPPCommCtrlr.NetworkProfileConnectionAttempts
    OCPPCommCtrlr.OfflineThreshold OCPPCommCtrlr.ResetRetries
    OCPPCommCtrlr.RetryBackOffRandomRange OCPPCommCtrlr.RetryBackOffRepeatTimes
    OCPPCommCtrlr.RetryBackOffWaitMinimum OCPPCommCtrlr.UnlockOnEVSideDisconnect
    OCPPCommCtrlr.WebSocketPingInterval
    DeviceDataCtrlr.ItemsPerMessage[GetReport] DeviceDataCtrlr.ItemsPerMessage[GetVariables]
    DeviceDataCtrlr.ItemsPerMessage[SetVariables] DeviceDataCtrlr.BytesPerMessage[GetReport]
    DeviceDataCtrlr.BytesPerMessage[GetVariables] DeviceDataCtrlr.BytesPerMessage[SetVariables]
    ClockCtrlr.DateTime ClockCtrlr.TimeSource
    SecurityCtrlr.OrganizationName SecurityCtrlr.CertificateEntries SecurityCtrlr.SecurityProfile
    AuthCtrlr.AuthorizeRemoteStart AuthCtrlr.LocalAuthorizeOffline AuthCtrlr.LocalPreAuthorize
    TxCtrlr.EVConnectionTimeOut TxCtrlr.StopTxOnEVSideDisconnect TxCtrlr.StopTxOnInvalidId
    TxCtrlr.TxStartPoint TxCtrlr.TxStopPoint
    SampledDataCtrlr.TxStartedMeasurands SampledDataCtrlr.TxUpdatedMeasurands
    SampledDataCtrlr.TxEndedMeasurands SampledDataCtrlr.TxUpdatedInterval
    SampledDataCtrlr.TxEndedInterval
    AlignedDataCtrlr.Measurands AlignedDataCtrlr.Interval AlignedDataCtrlr.TxEndedMeasurands
    AlignedDataCtrlr.TxEndedInterval";

const EVSES: [Evse; 2] = [
    Evse {
        supply_phases: 3,
        power: 22_000,
        connector: ConnectorType::SocketType2,
    },
    Evse {
        supply_phases: 0,
        power: 150_000,
        connector: ConnectorType::Ccs2,
    },
];

fn equipped() -> Setup {
    Setup {
        equipment: Equipment::new(&EVSES)
            .receive_buffer(2_048)
            .security_profile(1),
        identity: Identity {
            vendor: "Acme",
            model: "Wallbox \"11\"",
            serial_number: Some("0042"),
            ..Identity::default()
        },
        measurands: Some(&MEASURED),
        ..crate::setup()
    }
}

const MEASURED: [Measured; 2] = [
    Measured::of(Measurand::Voltage),
    Measured::of(Measurand::PowerActiveImport),
];

/// `Component.Variable[Instance]/EVSE/Connector`
fn address(one: &Value) -> String {
    let (component, variable) = (&one["component"], &one["variable"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut address = text(&component["name"]) + "." + &text(&variable["name"]);
    if let Some(instance) = variable.get("instance") {
        address += &format!("[{}]", text(instance));
    }
    for field in ["id", "connectorId"] {
        if let Some(number) = component["evse"].get(field) {
            address += &format!("/{number}");
        }
    }
    address
}

/// A report by the addresses of its variables, none of which it tells twice.
fn report(bench: &mut Bench, base: &str) -> BTreeMap<String, Value> {
    let ask = json!({ "requestId": 1, "reportBase": base });
    assert_eq!(bench.status_of("GetBaseReport", ask), "Accepted");
    bench.advance(SECOND);
    let parts = bench.all_calls("NotifyReport");
    assert_eq!(parts.last().unwrap()["tbc"], false);
    let mut report = BTreeMap::new();
    for one in parts
        .iter()
        .flat_map(|it| it["reportData"].as_array().unwrap())
    {
        let before = report.insert(address(one), one.clone());
        assert_eq!(before, None);
    }
    report
}

fn named(component: &str, evse: Value, variable: &str) -> Value {
    let mut component = json!({ "name": component });
    if !evse.is_null() {
        component["evse"] = evse;
    }
    json!({ "component": component, "variable": { "name": variable } })
}

fn get(bench: &mut Bench, asked: Value) -> (String, Option<String>) {
    let told = bench.call("GetVariables", json!({ "getVariableData": [asked] }));
    let result = &told["getVariableResult"][0];
    let value = result.get("attributeValue");
    (
        result["attributeStatus"].as_str().unwrap().to_owned(),
        value.map(|value| value.as_str().unwrap().to_owned()),
    )
}

fn set(bench: &mut Bench, mut asked: Value, value: &str) -> String {
    asked["attributeValue"] = json!(value);
    let told = bench.call("SetVariables", json!({ "setVariableData": [asked] }));
    let status = &told["setVariableResult"][0]["attributeStatus"];
    status.as_str().unwrap().to_owned()
}

#[test]
fn all_that_is_required_is_there() {
    for setup in [crate::setup(), equipped()] {
        let mut bench = Bench::with(setup);
        let report = report(&mut bench, "FullInventory");
        for name in REQUIRED.split_whitespace() {
            assert!(report.contains_key(name), "{name}");
        }
    }
}

#[test]
fn what_a_report_says_is_what_a_variable_reads() {
    let mut bench = Bench::with(equipped());
    for (name, one) in report(&mut bench, "FullInventory") {
        let asked = json!({ "component": one["component"], "variable": one["variable"] });
        let attribute = &one["variableAttribute"][0];
        let (status, value) = get(&mut bench, asked.clone());
        assert_eq!(status, "Accepted", "{name}");
        let told = attribute.get("value").map_or("", |it| it.as_str().unwrap());
        if name != "ClockCtrlr.DateTime" {
            assert_eq!(value.as_deref(), Some(told), "{name}");
        }
        let status = set(&mut bench, asked, told);
        let expected = match attribute["mutability"].as_str().unwrap() {
            "ReadOnly" => "Rejected",
            _ => "Accepted",
        };
        assert_eq!(status, expected, "{name}");
    }
}

#[test]
fn what_the_application_says_of_its_hardware() {
    let mut bench = Bench::with(equipped());
    let report = report(&mut bench, "FullInventory");
    let value = |name: &str| report[name]["variableAttribute"][0].get("value").cloned();
    let limits = |name: &str| report[name]["variableCharacteristics"].clone();
    for (name, expected) in [
        ("ChargingStation.SupplyPhases", "3"),
        ("ChargingStation.Model", "Wallbox \"11\""),
        ("ChargingStation.VendorName", "Acme"),
        ("ChargingStation.SerialNumber", "0042"),
        ("EVSE.SupplyPhases/1", "3"),
        ("Connector.SupplyPhases/2/1", "0"),
        ("Connector.ConnectorType/1/1", "sType2"),
        ("Connector.ConnectorType/2/1", "cCCS2"),
        ("SecurityCtrlr.SecurityProfile", "1"),
        ("DeviceDataCtrlr.BytesPerMessage[SetVariables]", "2048"),
        ("TxCtrlr.TxStartPoint", "PowerPathClosed"),
    ] {
        assert_eq!(value(name), Some(json!(expected)), "{name}");
    }
    assert_eq!(value("ChargingStation.FirmwareVersion"), None);
    assert_eq!(value("EVSE.Power/2"), None);
    assert_eq!(
        limits("EVSE.Power/2"),
        json!({ "unit": "W", "dataType": "decimal", "maxLimit": 150_000, "supportsMonitoring": false })
    );
    let measured = limits("SampledDataCtrlr.TxUpdatedMeasurands");
    assert_eq!(
        measured["valuesList"],
        "Energy.Active.Import.Register,Power.Active.Import,Voltage"
    );
    assert_eq!(limits("TxCtrlr.EVConnectionTimeOut")["unit"], "s");
}

#[test]
fn what_the_application_does_not_say_has_no_value() {
    let mut bench = bench();
    let phases = named("EVSE", json!({ "id": 1 }), "SupplyPhases");
    assert_eq!(
        get(&mut bench, phases),
        ("Accepted".into(), Some(String::new()))
    );
    let kind = named(
        "Connector",
        json!({ "id": 1, "connectorId": 1 }),
        "ConnectorType",
    );
    assert_eq!(
        get(&mut bench, kind),
        ("Accepted".into(), Some("Unknown".into()))
    );
    let report = report(&mut bench, "FullInventory");
    let power = &report["EVSE.Power/1"];
    assert_eq!(power["variableAttribute"][0].get("value"), None);
    assert_eq!(power["variableCharacteristics"].get("maxLimit"), None);
}

#[test]
fn names_that_are_not_there() {
    let mut bench = bench();
    for (asked, expected) in [
        (named("EVSE", Value::Null, "Available"), "UnknownComponent"),
        (
            named("EVSE", json!({ "id": 3 }), "Available"),
            "UnknownComponent",
        ),
        (
            named("EVSE", json!({ "id": 0 }), "Available"),
            "UnknownComponent",
        ),
        (
            named("EVSE", json!({ "id": 1, "connectorId": 1 }), "Available"),
            "UnknownComponent",
        ),
        (
            named("Connector", json!({ "id": 1 }), "Available"),
            "UnknownComponent",
        ),
        (
            named(
                "Connector",
                json!({ "id": 1, "connectorId": 2 }),
                "Available",
            ),
            "UnknownComponent",
        ),
        (
            named("TxCtrlr", json!({ "id": 1 }), "TxStartPoint"),
            "UnknownComponent",
        ),
        (
            named("EVSE", json!({ "id": 1 }), "ConnectorType"),
            "UnknownVariable",
        ),
        (
            named("DeviceDataCtrlr", Value::Null, "ItemsPerMessage"),
            "UnknownVariable",
        ),
        (named("evse", json!({ "id": 2 }), "AVAILABLE"), "Accepted"),
    ] {
        assert_eq!(get(&mut bench, asked.clone()).0, expected, "{asked}");
        let expected = match expected {
            "Accepted" => "Rejected",
            unknown => unknown,
        };
        assert_eq!(set(&mut bench, asked.clone(), "false"), expected, "{asked}");
        if expected == "Rejected" {
            let mut target = asked;
            target["attributeType"] = json!("Target");
            assert_eq!(get(&mut bench, target).0, "NotSupportedAttributeType");
        }
    }
}

#[test]
fn availability_is_that_of_the_moment() {
    let mut bench = bench();
    let state = |bench: &mut Bench, component: &str, evse: Value| {
        let asked = named(component, evse, "AvailabilityState");
        get(bench, asked).1.unwrap()
    };
    let all = |bench: &mut Bench| {
        let one = state(bench, "EVSE", json!({ "id": 1 }));
        assert_eq!(
            one,
            state(bench, "Connector", json!({ "id": 1, "connectorId": 1 }))
        );
        (state(bench, "ChargingStation", Value::Null), one)
    };
    assert_eq!(all(&mut bench), ("Available".into(), "Available".into()));
    bench.charge(1, "TAG");
    assert_eq!(all(&mut bench), ("Available".into(), "Occupied".into()));
    bench.unplug(1);
    let down = json!({ "operationalStatus": "Inoperative" });
    assert_eq!(bench.status_of("ChangeAvailability", down), "Accepted");
    assert_eq!(
        all(&mut bench),
        ("Unavailable".into(), "Unavailable".into())
    );
    bench.fault(0, ChargePointError::GroundFailure, "");
    assert_eq!(all(&mut bench), ("Faulted".into(), "Faulted".into()));
    let problem = named("ChargingStation", Value::Null, "Problem");
    assert_eq!(get(&mut bench, problem.clone()).1.as_deref(), Some("true"));
    bench.input(Input::FaultCleared(0)).unwrap();
    assert_eq!(get(&mut bench, problem).1.as_deref(), Some("false"));
}

#[test]
fn the_time_is_that_of_the_moment() {
    let mut bench = bench();
    let asked = named("ClockCtrlr", Value::Null, "DateTime");
    for _ in 0..2 {
        let told = get(&mut bench, asked.clone()).1;
        assert_eq!(told, Some(bench.utc()));
        bench.advance(MINUTE);
    }
}

#[test]
fn an_interval_that_is_shared_says_so() {
    let mut bench = bench();
    let interval = named("SampledDataCtrlr", Value::Null, "TxUpdatedInterval");
    assert_eq!(set(&mut bench, interval, "77"), "Accepted");
    let ended = named("SampledDataCtrlr", Value::Null, "TxEndedInterval");
    assert_eq!(get(&mut bench, ended.clone()).1.as_deref(), Some("77"));
    assert_eq!(set(&mut bench, ended, "5"), "Rejected");
}

#[test]
fn the_configuration_is_what_can_be_set() {
    let mut bench = bench();
    let configuration = report(&mut bench, "ConfigurationInventory");
    assert!(configuration.len() > 15);
    for (name, one) in configuration {
        let attribute = &one["variableAttribute"][0];
        assert_eq!(attribute["mutability"], "ReadWrite", "{name}");
        let asked = json!({ "component": one["component"], "variable": one["variable"] });
        let value = attribute["value"].as_str().unwrap();
        assert_eq!(set(&mut bench, asked, value), "Accepted", "{name}");
    }
}

#[test]
fn a_summary_says_what_can_be_used() {
    let mut bench = bench();
    bench.fault(2, ChargePointError::GroundFailure, "");
    let summary = report(&mut bench, "SummaryInventory");
    let told: Vec<_> = summary
        .iter()
        .map(|(name, one)| {
            let value = &one["variableAttribute"][0]["value"];
            (name.as_str(), value.as_str().unwrap())
        })
        .collect();
    let expected = [
        ("ChargingStation.AvailabilityState", "Available"),
        ("ChargingStation.Problem", "false"),
        ("Connector.AvailabilityState/1/1", "Available"),
        ("Connector.AvailabilityState/2/1", "Faulted"),
        ("Connector.Problem/1/1", "false"),
        ("Connector.Problem/2/1", "true"),
        ("EVSE.AvailabilityState/1", "Available"),
        ("EVSE.AvailabilityState/2", "Faulted"),
    ];
    assert_eq!(told, expected);
}

/// Nothing is left out for want of room, whatever the size of a part.
#[test]
fn every_buffer_has_room_for_everything() {
    let all = report(&mut bench(), "FullInventory");
    let names: Vec<_> = all.keys().collect();
    for tx in [TX_MIN, TX_MIN + 61, 1_536, 65_536] {
        let mut bench = Bench::with(Setup {
            tx,
            ..crate::setup()
        });
        let report = report(&mut bench, "FullInventory");
        assert!(report.keys().eq(names.iter().copied()), "{tx}");
    }
}

/// A part that is refused, or has no answer, ends the report; the next one begins anew.
#[test]
fn a_part_among_the_facts_that_is_not_taken() {
    for reply in [Reply::Error("GenericError"), Reply::Never] {
        let mut bench = Bench::with(Setup {
            tx: TX_MIN,
            ..crate::setup()
        });
        let ask = |id: i32| json!({ "requestId": id, "reportBase": "FullInventory" });
        assert_eq!(bench.status_of("GetBaseReport", ask(1)), "Accepted");
        let parts = bench.all_calls("NotifyReport");
        assert!(parts.len() > 20, "{}", parts.len());
        // Behind the settings.
        let taken = parts.len() - 3;
        for _ in 0..taken {
            bench.reply_once("NotifyReport", Reply::Result(json!({})));
        }
        bench.reply_once("NotifyReport", reply);
        assert_eq!(bench.status_of("GetBaseReport", ask(2)), "Accepted");
        bench.advance(MINUTE);
        assert_eq!(bench.all_calls("NotifyReport").len(), taken + 1);
        assert_eq!(bench.status_of("GetBaseReport", ask(3)), "Accepted");
        bench.advance(SECOND);
        assert_eq!(bench.all_calls("NotifyReport").len(), parts.len());
    }
}

const OWN: &[Setting<'static>] = &[
    Setting::boolean(3, "FanAtNight", true),
    Setting::integer(7, "AmbientOffset", -20, 20, -1),
    Setting {
        mutability: Mutability::WriteOnly,
        ..Setting::text(0, "ServicePin", 8, "1234")
    },
    Setting {
        mutability: Mutability::ReadOnly,
        ..Setting::integer(4, "Cabinet", 1, 9, 2)
    },
];

fn own(name: &str) -> Value {
    named("CustomizationCtrlr", Value::Null, name)
}

#[test]
fn settings_of_the_application_are_variables() {
    let mut bench = Bench::with(Setup {
        settings: OWN,
        ..crate::setup()
    });
    let full = report(&mut bench, "FullInventory");
    let told = |name: &str| &full[&format!("CustomizationCtrlr.{name}")];
    let value = |name: &str| told(name)["variableAttribute"][0].get("value").cloned();
    assert_eq!(value("FanAtNight"), Some(json!("true")));
    assert_eq!(value("AmbientOffset"), Some(json!("-1")));
    assert_eq!(value("ServicePin"), None);
    assert_eq!(value("Cabinet"), Some(json!("2")));
    let offset = &told("AmbientOffset")["variableCharacteristics"];
    assert_eq!(
        (&offset["minLimit"], &offset["maxLimit"]),
        (&json!(-20), &json!(20))
    );
    let settable = report(&mut bench, "ConfigurationInventory");
    let has = |name: &str| settable.contains_key(&format!("CustomizationCtrlr.{name}"));
    assert_eq!(
        OWN.iter().map(|it| has(it.name)).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    for (name, expected) in [
        ("fanatnight", ("Accepted", Some("true"))),
        ("Cabinet", ("Accepted", Some("2"))),
        ("ServicePin", ("Rejected", None)),
        ("Nonsense", ("UnknownVariable", None)),
        ("HeartbeatInterval", ("UnknownVariable", None)),
    ] {
        let (status, value) = get(&mut bench, own(name));
        assert_eq!((status.as_str(), value.as_deref()), expected, "{name}");
    }
    for (name, value, expected) in [
        ("FanAtNight", "false", "Accepted"),
        ("ambientOffset", "21", "Rejected"),
        ("AmbientOffset", "20", "Accepted"),
        ("ServicePin", "99", "Accepted"),
        ("Cabinet", "3", "Rejected"),
        ("Nonsense", "1", "UnknownVariable"),
    ] {
        assert_eq!(set(&mut bench, own(name), value), expected, "{name}");
    }
    assert!(bench.saw(&Event::SettingChanged(3)));
    bench.power_loss();
    bench.advance(SECOND);
    assert_eq!(
        get(&mut bench, own("FanAtNight")).1.as_deref(),
        Some("false")
    );
    // They are settings of no EVSE, without an instance, and in no other component.
    let mut of_evse = own("FanAtNight");
    of_evse["component"]["evse"] = json!({ "id": 1 });
    assert_eq!(get(&mut bench, of_evse).0, "UnknownComponent");
    let mut with_instance = own("FanAtNight");
    with_instance["variable"]["instance"] = json!("1");
    assert_eq!(get(&mut bench, with_instance).0, "UnknownVariable");
    let elsewhere = named("OCPPCommCtrlr", Value::Null, "FanAtNight");
    assert_eq!(get(&mut bench, elsewhere).0, "UnknownVariable");
}
