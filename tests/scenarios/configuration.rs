//! GetConfiguration and ChangeConfiguration (OCPP 1.6, 5.3 and 5.8): every key of the Core
//! profile.

use ocpp::{
    domain::Equipment,
    limits::TX_MIN,
    station::{Event, Input, Key, Memory, Output, Profile, Refused, Station},
    storage::MemoryStorage,
};
use serde_json::{Value, json};

use crate::support::{Bench, Setup};

/// Name, default, values that are taken, values that are not. No values: read-only.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const FLAGS: &[&str] = &["true", "false"];
const NO_FLAGS: &[&str] = &["", "yes", "1", "0", "true,false", "tru"];
const SECONDS: &[&str] = &["0", "1", "900", "86400"];
const NO_SECONDS: &[&str] = &[
    "-1",
    "",
    "1.5",
    "ten",
    "86401",
    "4294967296",
    "0x10",
    "1 2",
    "1e3",
];
const LISTS: &[&str] = &[
    "",
    "Energy.Active.Import.Register",
    "Voltage,Current.Import",
    "Voltage.L1-N,Current.Import.L2,SoC",
];
const NO_LISTS: &[&str] = &[
    "Voltage,Nonsense",
    "Nonsense",
    "Voltage-L4",
    "Voltage.L4",
    "Voltage.",
    "Voltage.L1,Voltage-L1",
    "Voltage,",
    "Voltage;SoC",
    "voltage",
];
const NONE: &[&str] = &[];

const KEYS: &[Row] = &[
    ("AdditionalRootCertificateCheck", "false", NONE, &["true"]),
    ("AllowOfflineTxForUnknownId", "false", FLAGS, NO_FLAGS),
    ("AuthorizationCacheEnabled", "true", FLAGS, NO_FLAGS),
    ("AuthorizeRemoteTxRequests", "false", FLAGS, NO_FLAGS),
    // How it is changed, and AuthorizationKey, which is not told, are in access.rs.
    (
        "SecurityProfile",
        "0",
        NONE,
        &["0", "1", "2", "3", "4", "-1", "", "one"],
    ),
    ("CertificateSignedMaxChainSize", "10000", NONE, &["5"]),
    ("CertificateStoreMaxLength", "", NONE, &["5"]),
    (
        "CpoName",
        "",
        &[
            "Acme",
            "A company of a name with sixty-four letters, which is the most",
        ],
        &["A company of a name with sixty-five letters, which is one too many"],
    ),
    ("BlinkRepeat", "3", &["0", "10"], &["-1", "", "often"]),
    ("ChargeProfileMaxStackLevel", "9", NONE, &["5"]),
    (
        "ChargingScheduleAllowedChargingRateUnit",
        "Current,Power",
        NONE,
        &["Current"],
    ),
    ("ChargingScheduleMaxPeriods", "24", NONE, &["5"]),
    ("ConnectorSwitch3to1PhaseSupported", "false", NONE, FLAGS),
    ("MaxChargingProfilesInstalled", "10", NONE, &["5"]),
    ("ClockAlignedDataInterval", "0", SECONDS, NO_SECONDS),
    ("ConnectionTimeOut", "60", SECONDS, NO_SECONDS),
    (
        "ConnectorPhaseRotation",
        "0.NotApplicable,1.NotApplicable,2.NotApplicable",
        &[
            "0.RST,1.RTS,2.SRT",
            "0.Unknown,1.STR,2.TRS",
            "0.NotApplicable,1.TSR,2.RST",
        ],
        &[
            "",
            "RST",
            "3.RST",
            "1.XYZ",
            "1",
            "1.RST,",
            "-1.RST",
            "0.RST;1.RST",
        ],
    ),
    ("ConnectorPhaseRotationMaxLength", "", NONE, &["5"]),
    ("GetConfigurationMaxKeys", "", NONE, &["5"]),
    (
        "HeartbeatInterval",
        "300",
        &["1", "60", "86400"],
        &["0", "-1", "", "1.5", "2147483648"],
    ),
    (
        "LightIntensity",
        "100",
        &["0", "50", "100"],
        &["-1", "101", "", "bright"],
    ),
    ("LocalAuthListEnabled", "true", FLAGS, NO_FLAGS),
    ("LocalAuthListMaxLength", "", NONE, &["5"]),
    ("LocalAuthorizeOffline", "true", FLAGS, NO_FLAGS),
    ("LocalPreAuthorize", "false", FLAGS, NO_FLAGS),
    (
        "MaxEnergyOnInvalidId",
        "0",
        &["0", "1000", "2147483647"],
        &["-1", "", "2147483648", "1k"],
    ),
    (
        "MessageTimeout",
        "30",
        &["1", "600"],
        &["0", "601", "-1", "", "5.5"],
    ),
    (
        "MeterValuesAlignedData",
        "Energy.Active.Import.Register",
        LISTS,
        NO_LISTS,
    ),
    ("MeterValuesAlignedDataMaxLength", "", NONE, &["5"]),
    (
        "MeterValuesSampledData",
        "Energy.Active.Import.Register",
        LISTS,
        NO_LISTS,
    ),
    ("MeterValuesSampledDataMaxLength", "", NONE, &["5"]),
    ("MeterValueSampleInterval", "60", SECONDS, NO_SECONDS),
    ("MinimumStatusDuration", "0", SECONDS, NO_SECONDS),
    ("NumberOfConnectors", "2", NONE, &["1", "2"]),
    ("ReserveConnectorZeroSupported", "true", NONE, &["false"]),
    ("ResetRetries", "3", &["0", "5"], &["-1", "", "x"]),
    ("SendLocalListMaxLength", "", NONE, &["5"]),
    ("StopTransactionMaxMeterValues", "22", NONE, &["5"]),
    ("StopTransactionOnEVSideDisconnect", "true", FLAGS, NO_FLAGS),
    ("StopTransactionOnInvalidId", "true", FLAGS, NO_FLAGS),
    ("StopTxnAlignedData", "", LISTS, NO_LISTS),
    ("StopTxnAlignedDataMaxLength", "", NONE, &["5"]),
    ("StopTxnSampledData", "", LISTS, NO_LISTS),
    ("StopTxnSampledDataMaxLength", "", NONE, &["5"]),
    (
        "SupportedFeatureProfiles",
        "Core,FirmwareManagement,LocalAuthListManagement,RemoteTrigger,Reservation,Security,SmartCharging",
        NONE,
        &["Core"],
    ),
    ("SupportedFeatureProfilesMaxLength", "", NONE, &["5"]),
    #[cfg(feature = "firmware-management")]
    (
        "SupportedFileTransferProtocols",
        "FTP,FTPS,HTTP,HTTPS",
        NONE,
        &["FTP"],
    ),
    (
        "TransactionMessageAttempts",
        "3",
        &["1", "5"],
        &["0", "-1", "", "x"],
    ),
    ("TransactionMessageRetryInterval", "60", SECONDS, NO_SECONDS),
    ("UnlockConnectorOnEVSideDisconnect", "true", FLAGS, NO_FLAGS),
    ("WebSocketPingInterval", "30", SECONDS, NO_SECONDS),
];

fn keys(bench: &mut Bench) -> Vec<Value> {
    let answer = bench.configuration();
    assert_eq!(answer.get("unknownKey"), None);
    answer["configurationKey"].as_array().unwrap().clone()
}

#[test]
fn get_configuration_of_all_keys() {
    let mut bench = Bench::new();
    let found = keys(&mut bench);
    let mut names: Vec<_> = found
        .iter()
        .map(|key| key["key"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    let told = KEYS.iter().map(|row| row.0);
    let mut expected: Vec<_> = told.chain(["AuthorizationKey"]).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    let empty_list = bench.call("GetConfiguration", json!({ "key": [] }));
    assert_eq!(empty_list["configurationKey"].as_array().unwrap(), &found);
}

#[test]
fn every_key_can_be_asked_for_by_name() {
    let mut bench = Bench::new();
    for all in keys(&mut bench) {
        let name = all["key"].as_str().unwrap();
        let answer = bench.call("GetConfiguration", json!({ "key": [name] }));
        assert_eq!(answer, json!({ "configurationKey": [all] }), "{name}");
    }
}

/// Ten of the longest, in each of the lists that take them.
fn fill_lists(bench: &mut Bench) {
    let measurands: Vec<_> = ["Import", "Export"]
        .iter()
        .flat_map(|way| {
            [
                format!("Energy.Reactive.{way}.Register"),
                format!("Energy.Reactive.{way}.Interval"),
                format!("Energy.Active.{way}.Register"),
                format!("Energy.Active.{way}.Interval"),
                format!("Power.Reactive.{way}"),
            ]
        })
        .collect();
    for list in [
        "MeterValuesSampledData",
        "MeterValuesAlignedData",
        "StopTxnSampledData",
        "StopTxnAlignedData",
    ] {
        bench.set(list, &measurands.join(","));
    }
}

#[test]
fn all_keys_at_their_longest_fit_into_the_smallest_transmit_buffer() {
    let mut large = Bench::with(Setup {
        tx: 8 * 1024,
        ..Setup::default()
    });
    let mut small = Bench::with(Setup {
        tx: TX_MIN,
        ..Setup::default()
    });
    for bench in [&mut large, &mut small] {
        fill_lists(bench);
    }
    let answer = large.call("GetConfiguration", json!({}));
    assert!(answer.to_string().len() > 3 * TX_MIN);
    let in_parts = small.call("GetConfiguration", json!({}));
    assert_eq!(without_stop_values(in_parts), without_stop_values(answer));

    let unknown = (0..12).map(|n| format!("{n:050}"));
    let known = Key::ALL.iter().map(|key| key.name().to_owned());
    let asked = json!({ "key": unknown.chain(known).collect::<Vec<_>>() });
    let answer = large.call("GetConfiguration", asked.clone());
    assert_eq!(answer["unknownKey"].as_array().unwrap().len(), 12);
    let in_parts = small.call("GetConfiguration", asked);
    assert_eq!(without_stop_values(in_parts), without_stop_values(answer));
}

/// An answer without the value that depends on the transmit buffer.
fn without_stop_values(mut answer: Value) -> Value {
    let keys = answer["configurationKey"].as_array_mut().unwrap();
    let key = keys
        .iter_mut()
        .find(|key| key["key"] == "StopTransactionMaxMeterValues");
    key.unwrap()["value"].take();
    answer
}

#[test]
fn the_rest_of_an_answer_goes_out_before_anything_else_and_ends_with_the_connection() {
    let profile = Profile {
        version: ocpp::Version::V16,
        identity: Setup::default().identity,
        connectors: 2,
        vendors: &[],
        measurands: None,
        settings: &[],
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: &[],
        equipment: Equipment::default(),
        seed: 0,
    };
    let mut storage = MemoryStorage::<64>::new();
    let (mut memory, mut tx) = (Memory::new(), vec![0; TX_MIN]);
    let mut station = Station::new(profile, &mut storage, &mut memory, &mut tx, 0).unwrap();
    assert!(matches!(station.poll(0), Output::Connect { .. }));
    station.handle(1, Input::Connected).unwrap();
    assert!(matches!(station.poll(1), Output::Send(_)));
    assert!(matches!(station.poll(1), Output::Wait(_)));

    let asked = Input::Frame(br#"[2,"all","GetConfiguration",{}]"#);
    station.handle(2, asked).unwrap();
    let another = Input::Frame(br#"[2,"now","ClearCache",{}]"#);
    assert_eq!(station.handle(2, another), Err(Refused::Busy));
    assert!(matches!(station.poll(2), Output::SendPart(part) if part.starts_with("[3,")));
    assert_eq!(station.handle(2, another), Err(Refused::Busy));
    station.handle(3, Input::Disconnected).unwrap();
    assert!(!matches!(
        station.poll(3),
        Output::Send(_) | Output::SendPart(_)
    ));
}

#[test]
fn every_key_has_its_default_and_says_whether_it_is_read_only() {
    let mut bench = Bench::new();
    for key in keys(&mut bench) {
        let name = key["key"].as_str().unwrap();
        let Some(row) = KEYS.iter().find(|row| row.0 == name) else {
            assert_eq!(key["readonly"], false, "{name}");
            continue;
        };
        let is_read_only = row.2.is_empty() && name != "SecurityProfile";
        assert_eq!(key["readonly"], is_read_only, "{name}");
        let value = key["value"].as_str().unwrap();
        if name.ends_with("MaxLength") || name == "GetConfigurationMaxKeys" {
            assert!(value.parse::<u32>().unwrap() > 0, "{name} = {value}");
        } else {
            assert_eq!(value, row.1, "{name}");
        }
    }
}

#[test]
fn every_key_takes_its_values_and_keeps_them_over_a_reboot() {
    for &(name, _, good, _) in KEYS {
        for value in good {
            let mut bench = Bench::new();
            // The boot answer sets the heartbeat interval.
            bench.register_with("Accepted", 0);
            assert_eq!(bench.change(name, value), "Accepted", "{name} = {value}");
            assert_eq!(bench.get(name), *value, "{name}");
            let key = *Key::ALL.iter().find(|key| key.name() == name).unwrap();
            assert!(bench.saw(&Event::ConfigurationChanged(key)), "{name}");
            bench.power_loss();
            assert_eq!(bench.get(name), *value, "{name} after a reboot");
        }
    }
}

#[test]
fn no_key_takes_what_is_no_value_of_it() {
    for &(name, _, _, bad) in KEYS {
        let mut bench = Bench::new();
        let before = (bench.get(name), bench.disk.snapshot());
        for value in bad {
            assert_eq!(bench.change(name, value), "Rejected", "{name} = {value}");
        }
        assert_eq!((bench.get(name), bench.disk.snapshot()), before, "{name}");
    }
}

#[test]
fn flags_are_read_without_case() {
    let mut bench = Bench::new();
    for (value, stored) in [("TRUE", "true"), ("False", "false"), ("tRuE", "true")] {
        bench.set("LocalPreAuthorize", value);
        assert_eq!(bench.get("LocalPreAuthorize"), stored);
    }
}

#[test]
fn keys_are_found_without_case() {
    let mut bench = Bench::new();
    bench.set("heartbeatINTERVAL", "42");
    let answer = bench.call("GetConfiguration", json!({ "key": ["HEARTBEATinterval"] }));
    let key = &answer["configurationKey"][0];
    assert_eq!(
        (&key["key"], &key["value"]),
        (&json!("HeartbeatInterval"), &json!("42"))
    );
}

#[test]
fn some_keys_and_unknown_ones() {
    let mut bench = Bench::new();
    let fifty = "K".repeat(50);
    let asked = json!({ "key": ["LightIntensity", "Nonsense", fifty, "BlinkRepeat", "é\"\\"] });
    let answer = bench.call("GetConfiguration", asked);
    assert_eq!(
        answer["configurationKey"],
        json!([
            { "key": "BlinkRepeat", "readonly": false, "value": "3" },
            { "key": "LightIntensity", "readonly": false, "value": "100" },
        ])
    );
    assert_eq!(answer["unknownKey"], json!(["Nonsense", fifty, "é\"\\"]));
    let answer = bench.call("GetConfiguration", json!({ "key": ["Nonsense"] }));
    assert_eq!(answer["unknownKey"], json!(["Nonsense"]));
    let known = answer.get("configurationKey");
    assert!(known.is_none_or(|known| known == &json!([])));
}

#[test]
fn as_many_keys_as_get_configuration_max_keys_and_not_one_more() {
    let mut bench = Bench::new();
    let most: usize = bench.get("GetConfigurationMaxKeys").parse().unwrap();
    let answer = bench.call(
        "GetConfiguration",
        json!({ "key": vec!["LightIntensity"; most] }),
    );
    assert!(!answer["configurationKey"].as_array().unwrap().is_empty());
    let asked = json!({ "key": vec!["LightIntensity"; most + 1] });
    assert_eq!(
        bench.call_error("GetConfiguration", asked),
        "OccurenceConstraintViolation"
    );
}

#[test]
fn unknown_keys_are_not_supported() {
    let mut bench = Bench::new();
    for key in ["Nonsense", "", &"K".repeat(50), "HeartbeatInterval "] {
        assert_eq!(bench.change(key, "1"), "NotSupported", "{key}");
    }
}

#[test]
fn numbers_of_lists_are_kept_to() {
    let mut bench = Bench::new();
    for key in [
        "MeterValuesSampledData",
        "MeterValuesAlignedData",
        "StopTxnSampledData",
        "StopTxnAlignedData",
    ] {
        let most: usize = bench.get(&format!("{key}MaxLength")).parse().unwrap();
        let phases = ["", ".L1", ".L2", ".L3", ".N"];
        let names = [
            "SoC",
            "RPM",
            "Voltage",
            "Frequency",
            "Temperature",
            "Power.Offered",
        ];
        let all: Vec<String> = names
            .iter()
            .flat_map(|name| phases.map(|phase| format!("{name}{phase}")))
            .collect();
        assert!(all.len() > most);
        assert_eq!(bench.change(key, &all[..most].join(",")), "Accepted");
        assert_eq!(bench.change(key, &all[..=most].join(",")), "Rejected");
        assert_eq!(bench.get(key), all[..most].join(","));
    }
}

#[test]
fn a_value_with_escapes_is_read_unescaped() {
    let mut bench = Bench::new();
    let change =
        br#"[2,"1","ChangeConfiguration",{"key":"Light\u0049ntensity","value":"\u0034\u0032"}]"#;
    bench.frame(change);
    assert_eq!(bench.answer("1")["status"], "Accepted");
    assert_eq!(bench.get("LightIntensity"), "42");
}

#[test]
fn a_value_that_cannot_be_stored_is_rejected() {
    let mut bench = Bench::new();
    bench.disk.fail(true);
    assert_eq!(bench.change("LightIntensity", "42"), "Rejected");
    assert_eq!(bench.get("LightIntensity"), "100");
    bench.disk.fail(false);
    bench.set("LightIntensity", "42");
}

#[test]
fn unknown_keys_that_do_not_fit_are_an_error_and_single_keys_still_come() {
    let mut bench = Bench::with(Setup {
        tx: TX_MIN,
        ..Setup::default()
    });
    let unknown: Vec<_> = (0..30).map(|n| format!("{n:050}")).collect();
    let asked = json!({ "key": unknown });
    assert_eq!(bench.call_error("GetConfiguration", asked), "InternalError");
    for (name, ..) in KEYS {
        bench.get(name);
    }
}
