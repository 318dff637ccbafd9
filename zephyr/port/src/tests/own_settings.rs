//! Settings of the application's own.

use ocpp::station::{Mutability, Setting};

use super::*;
use crate::charge_point::{SettingValue, setting};

const OWN: &[Setting<'static>] = &[
    Setting::boolean(3, "FanAtNight", true),
    Setting::integer(7, "AmbientOffset", -20, 20, -1),
    Setting {
        mutability: Mutability::WriteOnly,
        ..Setting::text(255, "ServicePin", 8, "1234")
    },
];

fn text(text: &str) -> SettingValue {
    SettingValue::Text(text.try_into().unwrap())
}

/// With these settings, for one test.
struct Declared(#[allow(dead_code, reason = "it is held")] Turn);

impl Declared {
    fn online(own: &'static [Setting<'static>]) -> Self {
        let turn = Turn::take();
        *APP.settings.lock().unwrap() = own;
        host::wire(|wire| {
            wire.is_listening = true;
            wire.answers = ANSWERS.into();
        });
        start().unwrap();
        assert!(APP.hears("Online", PATIENCE));
        Self(turn)
    }
}

impl Drop for Declared {
    fn drop(&mut self) {
        *APP.settings.lock().unwrap() = &[];
    }
}

fn change(key: &str, value: &str) {
    let call =
        std::format!(r#"[2,"{key}","ChangeConfiguration",{{"key":"{key}","value":"{value}"}}]"#);
    host::wire(|wire| wire.say(&call));
}

#[test]
fn the_application_is_told_of_changes_and_reads_values() {
    let _declared = Declared::online(OWN);
    assert_eq!(setting(3), Ok(SettingValue::Boolean(true)));
    assert_eq!(setting(7), Ok(SettingValue::Integer(-1)));
    assert_eq!(setting(255), Ok(text("1234")));
    assert_eq!(setting(4), Err(Error::Invalid));
    change("FanAtNight", "false");
    assert!(APP.hears("setting 3 Ok(Boolean(false))", PATIENCE));
    change("ServicePin", "0000");
    assert!(APP.hears(
        &std::format!("setting 255 {:?}", Ok::<_, Error>(text("0000"))),
        PATIENCE
    ));
    change("AmbientOffset", "21");
    change("AmbientOffset", "-20");
    assert!(APP.hears("setting 7 Ok(Integer(-20))", PATIENCE));
    let lines = host::lines();
    let said = "configuration changed: ServicePin";
    assert!(lines.iter().any(|line| line == said), "{lines:?}");
}

#[test]
fn a_declaration_that_cannot_be_is_told() {
    const TWICE: &[Setting<'static>] = &[
        Setting::boolean(3, "FanAtNight", true),
        Setting::boolean(4, "fanatnight", true),
    ];
    let _turn = Turn::take();
    *APP.settings.lock().unwrap() = TWICE;
    assert_eq!(start(), Err(Error::Invalid));
    *APP.settings.lock().unwrap() = &[];
    let lines = host::lines();
    let said = "setting 4: another one has its name";
    assert!(lines.iter().any(|line| line == said), "{lines:?}");
}
