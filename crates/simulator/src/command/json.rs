//! A command as a JSON object: the same commands as in words, for programs.

use ocpp::{domain::UnlockStatus, station::Suspension};
use serde_json::{Map, Value};

use super::{
    Command, Limits,
    words::{self, error_code},
};

/// The command of a line that begins with `{`. The error is one line for the user.
pub fn parse(line: &str, limits: Limits) -> Result<Command, String> {
    let object = match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err("the line is no JSON object".to_owned()),
        Err(error) => return Err(format!("the line is not JSON: {error}")),
    };
    let mut fields = Fields { object, limits };
    let name = fields.text("command", usize::MAX)?;
    fields
        .command(&name)
        .and_then(|command| fields.finish().map(|()| command))
        .map_err(|problem| format!("{name}: {problem}"))
}

/// Fields that have not been read yet.
struct Fields {
    object: Map<String, Value>,
    limits: Limits,
}

impl Fields {
    fn command(&mut self, name: &str) -> Result<Command, String> {
        Ok(match name {
            "plug" => Command::Plug(self.connector(1)?),
            "unplug" => Command::Unplug(self.connector(1)?),
            "tag" => Command::Tag {
                connector: self.connector(1)?,
                id_tag: self.text("idTag", self.limits.id_tag)?,
            },
            "power" => Command::Power {
                connector: self.connector(1)?,
                watts: words::watts(&self.word("watts")?)?,
            },
            "meter" => Command::Meter {
                connector: self.connector(1)?,
                wh: words::watt_hours(&self.word("wh")?)?,
            },
            "suspend" => Command::Suspend {
                connector: self.connector(1)?,
                by: self.choice("by", &[("ev", Suspension::Ev), ("evse", Suspension::Evse)])?,
            },
            "resume" => Command::Resume(self.connector(1)?),
            "fault" => Command::Fault {
                connector: self.connector(0)?,
                error: error_code(&self.text("errorCode", usize::MAX)?)?,
                info: self.optional("info", usize::MAX)?.unwrap_or_default(),
            },
            "clear" => Command::Clear(self.connector(0)?),
            "security" => Command::Security {
                event: words::security_event(&self.text("type", usize::MAX)?)?,
                info: self.optional("techInfo", usize::MAX)?.unwrap_or_default(),
            },
            "unlock" => Command::Unlock {
                connector: self.connector(1)?,
                answer: self.choice(
                    "answer",
                    &[
                        ("ok", UnlockStatus::Unlocked),
                        ("fail", UnlockStatus::UnlockFailed),
                        ("unsupported", UnlockStatus::NotSupported),
                    ],
                )?,
            },
            "firmware" => Command::Firmware {
                installs: self.choice("answer", &[("ok", true), ("fail", false)])?,
            },
            "data" => Command::DataTransfer {
                vendor_id: self.text("vendorId", 255)?,
                message_id: self.optional("messageId", 50)?,
                payload: self.optional("data", usize::MAX)?,
            },
            "link" => Command::Link {
                up: self.choice("state", &[("down", false), ("up", true)])?,
            },
            "connect" => Command::Connect,
            "reboot" => Command::Reboot,
            "power-loss" => Command::PowerLoss,
            "wait" => Command::WaitMillis(words::millis(&self.word("seconds")?)?),
            "skip" => Command::SkipMillis(words::millis(&self.word("seconds")?)?),
            "status" => Command::Status,
            "list" => Command::List,
            "help" => Command::Help,
            "quit" => Command::Quit,
            _ => return Err("unknown command; try help".to_owned()),
        })
    }

    fn connector(&mut self, lowest: u8) -> Result<u8, String> {
        words::connector(&self.word("connector")?, lowest, self.limits.connectors)
    }

    /// A number or a text, in the form that it has in a line of words.
    fn word(&mut self, name: &str) -> Result<String, String> {
        match self.object.remove(name) {
            Some(Value::String(text)) => Ok(text),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(other) => Err(format!("{name} is {other}, not a number")),
            None => Err(format!("{name} is missing")),
        }
    }

    fn text(&mut self, name: &str, longest: usize) -> Result<String, String> {
        self.optional(name, longest)?
            .ok_or_else(|| format!("{name} is missing"))
    }

    /// A text of so many bytes at most.
    fn optional(&mut self, name: &str, longest: usize) -> Result<Option<String>, String> {
        match self.object.remove(name) {
            Some(Value::String(text)) if text.len() <= longest => Ok(Some(text)),
            Some(Value::String(_)) => Err(format!("{name} has at most {longest} bytes")),
            Some(other) => Err(format!("{name} is {other}, not a string")),
            None => Ok(None),
        }
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Result<T, String> {
        let text = self.text(name, usize::MAX)?;
        words::choose(&text, choices).map_err(|problem| format!("{name}: {problem}"))
    }

    /// What is left over is a mistake.
    fn finish(&self) -> Result<(), String> {
        match self.object.keys().next() {
            Some(name) => Err(format!("what is {name:?}?")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command;

    const LIMITS: Limits = Limits {
        connectors: 2,
        id_tag: 20,
    };

    #[test]
    fn every_command_is_what_it_is_in_words() {
        for (json, line) in [
            (r#"{"command":"plug","connector":1}"#, "plug 1"),
            (r#" {"connector":"2","command":"unplug"} "#, "unplug 2"),
            (
                r#"{"command":"tag","connector":1,"idTag":"04A1B2C3"}"#,
                "tag 1 04A1B2C3",
            ),
            (
                r#"{"command":"power","connector":2,"watts":7400}"#,
                "power 2 7400",
            ),
            (
                r#"{"command":"power","connector":2,"watts":"auto"}"#,
                "power 2 auto",
            ),
            (
                r#"{"command":"meter","connector":1,"wh":2147483647}"#,
                "meter 1 2147483647",
            ),
            (
                r#"{"command":"suspend","connector":1,"by":"ev"}"#,
                "suspend 1 ev",
            ),
            (
                r#"{"command":"suspend","connector":1,"by":"evse"}"#,
                "suspend 1 evse",
            ),
            (r#"{"command":"resume","connector":1}"#, "resume 1"),
            (
                r#"{"command":"fault","connector":0,"errorCode":"InternalError"}"#,
                "fault 0 InternalError",
            ),
            (
                r#"{"command":"fault","connector":2,"errorCode":"OtherError","info":"no  answer"}"#,
                "fault 2 OtherError no  answer",
            ),
            (r#"{"command":"clear","connector":0}"#, "clear 0"),
            (
                r#"{"command":"unlock","connector":1,"answer":"ok"}"#,
                "unlock 1 ok",
            ),
            (
                r#"{"command":"unlock","connector":1,"answer":"fail"}"#,
                "unlock 1 fail",
            ),
            (
                r#"{"command":"unlock","connector":1,"answer":"unsupported"}"#,
                "unlock 1 unsupported",
            ),
            (r#"{"command":"data","vendorId":"Acme"}"#, "data Acme"),
            (
                r#"{"command":"data","vendorId":"Acme","messageId":"Hello","data":"{\"a\": 1}"}"#,
                r#"data Acme Hello {"a": 1}"#,
            ),
            (r#"{"command":"link","state":"down"}"#, "link down"),
            (r#"{"command":"link","state":"up"}"#, "link up"),
            (r#"{"command":"connect"}"#, "connect"),
            (r#"{"command":"reboot"}"#, "reboot"),
            (r#"{"command":"power-loss"}"#, "power-loss"),
            (r#"{"command":"wait","seconds":0.25}"#, "wait 0.25"),
            (r#"{"command":"skip","seconds":60}"#, "skip 60"),
            (r#"{"command":"status"}"#, "status"),
            (r#"{"command":"list"}"#, "list"),
            (r#"{"command":"help"}"#, "help"),
            (r#"{"command":"quit"}"#, "quit"),
        ] {
            let in_words = command::parse(line, LIMITS);
            assert!(matches!(in_words, Ok(Some(_))), "{line}");
            assert_eq!(command::parse(json, LIMITS), in_words, "{json}");
        }
        // Words cannot say this.
        let spaced = r#"{"command":"tag","connector":1,"idTag":"A B"}"#;
        let id_tag = "A B".to_owned();
        assert_eq!(
            parse(spaced, LIMITS),
            Ok(Command::Tag {
                connector: 1,
                id_tag
            })
        );
    }

    #[test]
    fn bad_objects_are_explained_in_one_line() {
        for (json, reason) in [
            ("{", "not JSON"),
            (r#"{"command":"plug","connector":1} x"#, "not JSON"),
            ("{}", "command is missing"),
            (r#"{"command":7}"#, "not a string"),
            (r#"{"command":"start"}"#, "start: unknown command"),
            (r#"{"command":"plug"}"#, "plug: connector is missing"),
            (
                r#"{"command":"plug","connector":3}"#,
                "plug: there is no connector 3",
            ),
            (
                r#"{"command":"plug","connector":0}"#,
                "there is no connector 0",
            ),
            (
                r#"{"command":"plug","connector":1.0}"#,
                "there is no connector 1.0",
            ),
            (
                r#"{"command":"plug","connector":null}"#,
                "connector is null",
            ),
            (
                r#"{"command":"plug","connector":1,"idTag":"A"}"#,
                "what is \"idTag\"?",
            ),
            (
                r#"{"command":"tag","connector":1}"#,
                "tag: idTag is missing",
            ),
            (
                r#"{"command":"tag","connector":1,"idTag":5}"#,
                "idTag is 5, not a string",
            ),
            (
                r#"{"command":"tag","connector":1,"idTag":"123456789012345678901"}"#,
                "at most 20 bytes",
            ),
            (
                r#"{"command":"power","connector":1,"watts":-1}"#,
                "not a power",
            ),
            (
                r#"{"command":"meter","connector":1,"wh":2147483648}"#,
                "not an energy",
            ),
            (
                r#"{"command":"suspend","connector":1,"by":"me"}"#,
                "by: expected ev or evse",
            ),
            (
                r#"{"command":"fault","connector":1,"errorCode":"NoError"}"#,
                "no fault",
            ),
            (r#"{"command":"link"}"#, "link: state is missing"),
            (
                r#"{"command":"wait","seconds":-1}"#,
                "not a number of seconds",
            ),
            (r#"{"command":"quit","now":true}"#, "what is \"now\"?"),
        ] {
            let problem = command::parse(json, LIMITS).unwrap_err();
            assert!(problem.contains(reason), "{json}: {problem}");
            assert!(!problem.contains('\n'), "{problem}");
        }
    }
}
