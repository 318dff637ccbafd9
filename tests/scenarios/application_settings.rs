//! Settings of the application's own: configuration keys that the maker of a charge point declares.

use ocpp::{
    domain::{ConfigurationStatus, Equipment},
    limits::{APPLICATION_SETTINGS, SETTING_LENGTH, TX_MIN},
    station::{
        Event, Input, Key, Memory, Mutability, Profile, Setting, SettingError, SettingForm,
        SettingId, SettingValue, SetupError, Station,
    },
    storage::{MemoryStorage, RecordId, StorageError},
};
use serde_json::{Value, json};

use crate::support::{Bench, Setup};

const FAN: u8 = 3;
const OFFSET: u8 = 7;
const GREETING: u8 = 255;
const PIN: u8 = 0;
const CABINET: u8 = 4;
const MODE: u8 = 9;

const SETTINGS: &[Setting<'static>] = &[
    Setting::boolean(FAN, "FanAtNight", true),
    Setting::integer(OFFSET, "AmbientOffset", -20, 20, -1),
    Setting::text(GREETING, "com.example/Greeting 1", 40, "Welcome"),
    Setting {
        mutability: Mutability::WriteOnly,
        ..Setting::text(PIN, "ServicePin", 8, "1234")
    },
    Setting {
        mutability: Mutability::ReadOnly,
        ..Setting::integer(CABINET, "Cabinet", 1, 9, 2)
    },
    Setting {
        needs_reboot: true,
        ..Setting::boolean(MODE, "IslandMode", false)
    },
];

fn bench() -> Bench {
    Bench::with(Setup {
        settings: SETTINGS,
        ..Setup::default()
    })
}

fn record(number: u8) -> RecordId {
    RecordId(0x0700 + u16::from(number))
}

fn value(bench: &Bench, number: u8) -> SettingValue<'_> {
    bench.station().setting(number).unwrap()
}

#[test]
fn they_are_told_behind_the_keys_of_the_station() {
    let mut bench = bench();
    let all = bench.configuration()["configurationKey"].take();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), Key::ALL.len() + SETTINGS.len());
    assert_eq!(
        json!(all[Key::ALL.len()..]),
        json!([
            { "key": "FanAtNight", "readonly": false, "value": "true" },
            { "key": "AmbientOffset", "readonly": false, "value": "-1" },
            { "key": "com.example/Greeting 1", "readonly": false, "value": "Welcome" },
            { "key": "ServicePin", "readonly": false },
            { "key": "Cabinet", "readonly": true, "value": "2" },
            { "key": "IslandMode", "readonly": false, "value": "false" },
        ])
    );

    let asked = ["ambientOFFSET", "NoSuchKey", "HeartbeatInterval"];
    let some = bench.call("GetConfiguration", json!({ "key": asked }));
    let names = some["configurationKey"].as_array().unwrap();
    let names: Vec<_> = names.iter().map(|key| key["key"].clone()).collect();
    assert_eq!(names, ["HeartbeatInterval", "AmbientOffset"]);
    assert_eq!(some["unknownKey"], json!(["NoSuchKey"]));
}

#[test]
fn they_take_their_values_and_keep_them_over_a_reboot() {
    use SettingValue::{Boolean, Integer, Text};
    let longest = "x".repeat(40);
    for (number, name, new, read) in [
        (FAN, "FanAtNight", "false", Boolean(false)),
        (OFFSET, "AmbientOffset", "-20", Integer(-20)),
        (OFFSET, "ambientoffset", "20", Integer(20)),
        (GREETING, "com.example/Greeting 1", "", Text("")),
        (GREETING, "com.example/Greeting 1", &longest, Text(&longest)),
        (
            GREETING,
            "com.example/Greeting 1",
            " \"Grüß dich\" \\ 👋 ",
            Text(" \"Grüß dich\" \\ 👋 "),
        ),
    ] {
        let mut bench = bench();
        assert_eq!(bench.change(name, new), "Accepted", "{name} = {new}");
        assert!(bench.saw(&Event::SettingChanged(number)), "{name}");
        for when in ["at once", "after a reboot"] {
            assert_eq!(value(&bench, number), read, "{name} {when}");
            assert_eq!(bench.get(name), new, "{name} {when}");
            bench.power_loss();
        }
        // What was not changed is as it was declared.
        let changed: Vec<_> = bench.disk.snapshot().into_keys().collect();
        let own = changed.iter().filter(|id| id.0 >> 8 == 0x07);
        assert_eq!(own.collect::<Vec<_>>(), [&record(number)]);
    }
}

#[test]
fn no_setting_takes_what_is_no_value_of_it() {
    let long = "x".repeat(41);
    let also_long = "ü".repeat(21);
    let texts = [long.as_str(), &also_long, "a\nb", "\u{7f}", "\u{85}"];
    let mut bench = bench();
    for (name, values) in [
        ("FanAtNight", ["", "1", "on", "true,false"].as_slice()),
        ("AmbientOffset", &["", "-21", "21", "1.5", "+1", "--1", "-"]),
        ("com.example/Greeting 1", &texts),
        ("ServicePin", &["123456789", "\t"]),
        ("Cabinet", &["2", "3", ""]),
    ] {
        let before = (bench.configuration(), bench.disk.snapshot());
        for value in values {
            assert_eq!(bench.change(name, value), "Rejected", "{name} = {value:?}");
        }
        let after = (bench.configuration(), bench.disk.snapshot());
        assert_eq!(after, before, "{name}");
    }
    assert_eq!(bench.change("FanAtNights", "true"), "NotSupported");
}

#[test]
fn a_setting_that_needs_a_reboot_says_so_and_is_told_with_its_new_value() {
    let mut bench = bench();
    assert_eq!(bench.change("IslandMode", "true"), "RebootRequired");
    assert!(bench.saw(&Event::SettingChanged(MODE)));
    assert_eq!(bench.get("IslandMode"), "true");
    assert_eq!(bench.change("IslandMode", "maybe"), "Rejected");
    bench.power_loss();
    assert_eq!(value(&bench, MODE), SettingValue::Boolean(true));
}

#[test]
fn a_write_only_setting_is_told_without_its_value() {
    let mut bench = bench();
    bench.set("ServicePin", "87654321");
    let asked = json!({ "key": ["ServicePin"] });
    let told = bench.call("GetConfiguration", asked);
    let expected = json!([{ "key": "ServicePin", "readonly": false }]);
    assert_eq!(told["configurationKey"], expected);
    assert!(!bench.configuration().to_string().contains("87654321"));
    assert_eq!(value(&bench, PIN), SettingValue::Text("87654321"));
}

#[test]
fn the_operator_changes_them_as_well() {
    use ConfigurationStatus::{Accepted, NotSupported, RebootRequired, Rejected};
    let mut bench = bench();
    let own = SettingId::Application;
    for (setting, new, status) in [
        (own(OFFSET), "5", Accepted),
        (own(OFFSET), "50", Rejected),
        (own(MODE), "true", RebootRequired),
        (own(CABINET), "3", Rejected),
        (own(100), "3", NotSupported),
        (SettingId::Key(Key::LightIntensity), "7", Accepted),
    ] {
        assert_eq!(bench.configure(setting, new), status, "{setting:?}");
    }
    assert!(bench.saw(&Event::SettingChanged(OFFSET)));
    assert!(bench.saw(&Event::ConfigurationChanged(Key::LightIntensity)));
    assert_eq!(bench.get("AmbientOffset"), "5");
    assert_eq!(bench.station().setting(100), None);
}

#[test]
fn a_value_that_cannot_be_stored_is_rejected_and_the_old_one_stays() {
    let mut bench = bench();
    bench.set("com.example/Greeting 1", "Hello");
    bench.disk.fail(true);
    assert_eq!(bench.change("com.example/Greeting 1", "Bye"), "Rejected");
    assert!(bench.saw(&Event::StorageFailed(StorageError::Failed)));
    assert_eq!(bench.get("com.example/Greeting 1"), "Hello");
}

#[test]
fn a_record_that_is_no_value_any_more_leaves_the_default() {
    for (number, name, record_bytes, default) in [
        // Another form than is declared now.
        (FAN, "FanAtNight", b"\x02\0\0\0\0".as_slice(), "true"),
        (OFFSET, "AmbientOffset", b"\x035  ", "-1"),
        (
            GREETING,
            "com.example/Greeting 1",
            b"\x01\0\0\0\0",
            "Welcome",
        ),
        // Out of range, too short, too long, no text.
        (FAN, "FanAtNight", b"\x01\x02\0\0\0", "true"),
        (OFFSET, "AmbientOffset", b"\x02\x15\0\0\0", "-1"),
        (OFFSET, "AmbientOffset", b"\x02\x05", "-1"),
        (OFFSET, "AmbientOffset", b"", "-1"),
        (
            GREETING,
            "com.example/Greeting 1",
            b"\x0312345678901234567890123456789012345678901",
            "Welcome",
        ),
        (GREETING, "com.example/Greeting 1", b"\x03\xff", "Welcome"),
        (GREETING, "com.example/Greeting 1", b"\x03a\nb", "Welcome"),
    ] {
        let mut bench = bench();
        bench.disk.put(record(number), record_bytes);
        bench.power_loss();
        assert!(
            bench.saw(&Event::RecordSkipped(record(number))),
            "{name}: {record_bytes:?}"
        );
        assert_eq!(bench.get(name), default, "{name}: {record_bytes:?}");
        // It is there when the firmware that wrote it is back.
        assert_eq!(bench.disk.snapshot()[&record(number)], record_bytes);
    }
}

#[test]
fn a_damaged_record_leaves_the_default_until_the_setting_is_changed() {
    let mut bench = bench();
    bench.set("AmbientOffset", "9");
    bench.disk.damage(record(OFFSET));
    bench.power_loss();
    assert!(bench.saw(&Event::RecordSkipped(record(OFFSET))));
    assert_eq!(bench.get("AmbientOffset"), "-1");
    bench.set("AmbientOffset", "10");
    bench.power_loss();
    assert_eq!(bench.get("AmbientOffset"), "10");
}

#[test]
fn a_firmware_without_them_leaves_their_records_alone() {
    let mut bench = bench();
    bench.set("AmbientOffset", "9");
    bench.power_off();
    bench.setup.settings = &[];
    bench.power_on();
    bench.advance(60_000);
    assert_eq!(bench.change("AmbientOffset", "10"), "NotSupported");
    bench.power_off();
    // Another order, another range, another name: the number is what counts.
    const LATER: &[Setting<'static>] = &[
        Setting::boolean(100, "New", false),
        Setting::integer(OFFSET, "CabinetOffset", -100, 100, 0),
    ];
    bench.setup.settings = LATER;
    bench.power_on();
    bench.advance(60_000);
    assert_eq!(bench.get("CabinetOffset"), "9");
}

/// The bytes that docs/storage.md promises.
#[test]
fn their_records_have_the_form_that_is_documented() {
    let mut bench = bench();
    bench.set("FanAtNight", "false");
    bench.set("AmbientOffset", "-2");
    bench.set("com.example/Greeting 1", "Grüß");
    let records = bench.disk.snapshot();
    assert_eq!(records[&record(FAN)], b"\x01\0\0\0\0");
    assert_eq!(records[&record(OFFSET)], b"\x02\xfe\xff\xff\xff");
    assert_eq!(records[&record(GREETING)], "\x03Grüß".as_bytes());
}

/// As many as a build has room for, all texts at their longest.
fn as_many_as_there_can_be() -> &'static [Setting<'static>] {
    let names = (0..APPLICATION_SETTINGS).map(|place| format!("{place:050}").leak());
    let numbers = (0..=u8::MAX).rev();
    let settings = numbers.zip(names);
    let settings = settings.map(|(number, name)| Setting::text(number, name, SETTING_LENGTH, ""));
    settings.collect::<Vec<_>>().leak()
}

#[test]
fn more_than_64_settings_are_told_also_in_parts() {
    let settings = as_many_as_there_can_be();
    assert!(Key::ALL.len() + settings.len() > 64);
    let mut answers = Vec::new();
    for tx in [TX_MIN, 64 * 1024] {
        let mut bench = Bench::with(Setup {
            tx,
            settings,
            ..Setup::default()
        });
        let longest: String = "é".repeat(SETTING_LENGTH / 2);
        for setting in settings {
            bench.set(setting.name, &longest);
        }
        let mut answer = bench.configuration();
        let keys = answer["configurationKey"].as_array_mut().unwrap();
        assert_eq!(keys.len(), Key::ALL.len() + settings.len());
        let own = keys.split_off(Key::ALL.len());
        assert!(own.iter().all(|key| key["value"] == json!(longest)));
        answers.push(own);

        let last = settings.last().unwrap();
        assert_eq!(bench.get(last.name), longest);
        let by_name: Vec<_> = settings.iter().map(|setting| setting.name).collect();
        let asked = by_name.iter().rev().take(64).collect::<Vec<_>>();
        let some: Value = bench.call("GetConfiguration", json!({ "key": asked }));
        let told = some["configurationKey"].as_array().unwrap();
        assert_eq!(told.len(), asked.len());
    }
    assert_eq!(answers[0], answers[1]);
}

/// What `Station::new` says of declarations.
fn refusal(settings: &[Setting<'_>]) -> Option<SetupError> {
    let mut storage = MemoryStorage::<16>::new();
    let (mut memory, mut tx) = (Memory::new(), vec![0; TX_MIN]);
    let profile = Profile {
        version: ocpp::Version::V16,
        identity: Setup::default().identity,
        connectors: 1,
        vendors: &[],
        measurands: None,
        settings,
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: &[],
        equipment: Equipment::default(),
        seed: 0,
    };
    Station::new(profile, &mut storage, &mut memory, &mut tx, 0).err()
}

#[test]
fn declarations_that_cannot_be_are_refused() {
    let good = Setting::boolean(1, "Good", false);
    let named = |name| Setting::boolean(2, name, false);
    let (fifty, more) = ("N".repeat(50), "N".repeat(51));
    let integer = |min, max, default| Setting::integer(2, "Other", min, max, default);
    let text = |max_length, default| Setting::text(2, "Other", max_length, default);
    for (setting, expected) in [
        (named("Other"), None),
        (named(&fifty), None),
        (named(""), Some(SettingError::Name)),
        (named(&more), Some(SettingError::Name)),
        (named("Gr\u{fc}n"), Some(SettingError::Name)),
        (named("\"Other\""), Some(SettingError::Name)),
        (named("Other\\"), Some(SettingError::Name)),
        (named("Other\n"), Some(SettingError::Name)),
        (named("gOOD"), Some(SettingError::NameTaken)),
        (named("heartbeatinterval"), Some(SettingError::NameTaken)),
        (
            Setting::boolean(1, "Other", false),
            Some(SettingError::NumberTaken),
        ),
        (integer(i32::MIN, i32::MAX, 0), None),
        (integer(0, 0, 0), None),
        (integer(0, 5, 6), Some(SettingError::Default)),
        (integer(5, 0, 3), Some(SettingError::Default)),
        (text(SETTING_LENGTH, ""), None),
        (text(0, ""), None),
        (text(SETTING_LENGTH + 1, ""), Some(SettingError::Length)),
        (text(usize::MAX, ""), Some(SettingError::Length)),
        (text(4, "12345"), Some(SettingError::Default)),
        (text(4, "a\nb"), Some(SettingError::Default)),
    ] {
        let expected = expected.map(|error| SetupError::Setting {
            number: setting.number,
            error,
        });
        assert_eq!(refusal(&[good, setting]), expected, "{setting:?}");
    }
    let many = as_many_as_there_can_be();
    assert_eq!(refusal(many), None);
    let more = [many, &[named("Other")]].concat();
    assert_eq!(refusal(&more), Some(SetupError::Settings));
}

#[test]
fn errors_of_declarations_have_words() {
    let setting = Setting {
        form: SettingForm::Integer {
            min: 0,
            max: 1,
            default: 2,
        },
        ..Setting::boolean(5, "X", false)
    };
    let words = refusal(&[setting]).unwrap().to_string();
    assert_eq!(words, "setting 5: its default is no value of it");
    let words = SetupError::Settings.to_string();
    assert!(words.contains(&APPLICATION_SETTINGS.to_string()));
    for error in [
        SettingError::Name,
        SettingError::NameTaken,
        SettingError::NumberTaken,
        SettingError::Length,
    ] {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn they_can_be_changed_while_it_charges_and_without_a_connection() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.set("AmbientOffset", "3");
    bench.disconnect();
    let changed = bench.configure(SettingId::Application(OFFSET), "4");
    assert_eq!(changed, ConfigurationStatus::Accepted);
    bench.reconnect();
    assert_eq!(bench.get("AmbientOffset"), "4");
    bench.input(Input::Unplugged(1)).unwrap();
}
