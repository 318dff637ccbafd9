//! Settings of its own that the charge point has, as the command line declares them.

use std::str::FromStr;

use ocpp::{
    limits::SETTING_LENGTH,
    station::{Mutability, Setting, SettingForm, SettingValue},
};

/// `NAME=FORM[,FLAG...][:DEFAULT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSetting {
    name: String,
    form: Form,
    mutability: Mutability,
    needs_reboot: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Boolean(bool),
    Integer(i32, i32, i32),
    Text(usize, String),
}

impl OwnSetting {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As the engine takes it; `number` stays the same as long as there are records of it.
    pub fn declared(&self, number: u8) -> Setting<'_> {
        Setting {
            number,
            name: &self.name,
            form: match &self.form {
                Form::Boolean(default) => SettingForm::Boolean { default: *default },
                &Form::Integer(min, max, default) => SettingForm::Integer { min, max, default },
                Form::Text(max_length, default) => SettingForm::Text {
                    max_length: *max_length,
                    default,
                },
            },
            mutability: self.mutability,
            needs_reboot: self.needs_reboot,
        }
    }
}

/// A value as a configuration key has it.
pub fn text_of(value: SettingValue<'_>) -> String {
    match value {
        SettingValue::Boolean(value) => value.to_string(),
        SettingValue::Integer(value) => value.to_string(),
        SettingValue::Text(value) => value.to_owned(),
    }
}

impl FromStr for OwnSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once('=').ok_or("NAME=FORM is expected")?;
        let (form, default) = match rest.split_once(':') {
            Some((form, default)) => (form, Some(default)),
            None => (rest, None),
        };
        let mut words = form.split(',');
        let form = self::form(words.next().unwrap_or(""), default)?;
        let (mut mutability, mut needs_reboot) = (Mutability::ReadWrite, false);
        for word in words {
            match word {
                "read-only" => mutability = Mutability::ReadOnly,
                "write-only" => mutability = Mutability::WriteOnly,
                "reboot" => needs_reboot = true,
                _ => return Err(format!("{word:?} is not read-only, write-only or reboot")),
            }
        }
        Ok(Self {
            name: name.to_owned(),
            form,
            mutability,
            needs_reboot,
        })
    }
}

fn form(form: &str, default: Option<&str>) -> Result<Form, String> {
    let no_value = || format!("{:?} is no value of {form}", default.unwrap_or(""));
    match form {
        "bool" => {
            let value = default.unwrap_or("false").parse();
            value.map(Form::Boolean).map_err(|_| no_value())
        }
        "text" => Ok(Form::Text(SETTING_LENGTH, default.unwrap_or("").to_owned())),
        _ => {
            let unknown = || format!("{form:?} is not bool, MIN..MAX, text or text..LENGTH");
            let (first, last) = form.split_once("..").ok_or_else(unknown)?;
            if first == "text" {
                let length = last.parse().map_err(|_| unknown())?;
                return Ok(Form::Text(length, default.unwrap_or("").to_owned()));
            }
            let min: i32 = first.parse().map_err(|_| unknown())?;
            let max: i32 = last.parse().map_err(|_| unknown())?;
            if min > max {
                return Err(unknown());
            }
            let default = default.map_or(Ok(0.clamp(min, max)), str::parse);
            let default = default.map_err(|_| no_value())?;
            Ok(Form::Integer(min, max, default))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> Result<String, String> {
        let setting: OwnSetting = text.parse()?;
        Ok(format!("{:?}", setting.declared(0)))
    }

    #[test]
    fn declarations_are_read() {
        for (text, expected) in [
            ("A=bool", Setting::boolean(0, "A", false)),
            ("A=bool:true", Setting::boolean(0, "A", true)),
            ("A b=0..100:40", Setting::integer(0, "A b", 0, 100, 40)),
            ("A=5..9", Setting::integer(0, "A", 5, 9, 5)),
            ("A=-9..9", Setting::integer(0, "A", -9, 9, 0)),
            ("A=text", Setting::text(0, "A", SETTING_LENGTH, "")),
            ("A=text..8:1=2:3,4", Setting::text(0, "A", 8, "1=2:3,4")),
            (
                "A=bool,read-only:true",
                Setting {
                    mutability: Mutability::ReadOnly,
                    ..Setting::boolean(0, "A", true)
                },
            ),
            (
                "A=text..8,write-only,reboot",
                Setting {
                    mutability: Mutability::WriteOnly,
                    needs_reboot: true,
                    ..Setting::text(0, "A", 8, "")
                },
            ),
        ] {
            assert_eq!(declared(text).unwrap(), format!("{expected:?}"), "{text}");
        }
        for wrong in [
            "A",
            "A=",
            "A=number",
            "A=bool:yes",
            "A=1..",
            "A=9..1",
            "A=0..9:x",
            "A=text..x",
            "A=bool,hidden",
        ] {
            assert!(declared(wrong).is_err(), "{wrong}");
        }
    }
}
