//! The commands of the simulator, one a line: in words, or as a JSON object.

mod json;
mod words;

use ocpp::{
    domain::{ChargePointError, SecurityEvent, UnlockStatus},
    station::Suspension,
};

use words::{Words, error_code, millis, watt_hours, watts};

/// What `help` prints.
pub const HELP: &str = "\
plug N                        a vehicle is plugged in at connector N
unplug N                      it leaves
tag N IDTAG                   an idTag is presented at connector N: starts or stops
power N WATTS|auto            the vehicle draws that much, or what its battery takes
meter N WH                    sets the energy register
suspend N ev|evse             the vehicle, or the charge point, holds the energy back
resume N                      nobody does any more
fault N ERRORCODE [INFO]      something breaks; N = 0 for the whole charge point
clear N                       it works again
unlock N ok|fail|unsupported  how the lock answers from now on
security EVENT [INFO]         a security event: TamperDetectionActivated, ...
firmware ok|fail              how the installation of an image ends from now on
data VENDOR [MESSAGEID] [DATA]  sends a DataTransfer
link down|up                  breaks and mends the network
connect                       connects now, without waiting for the next attempt
reboot                        ends transactions and restarts
power-loss                    everything in RAM is gone; restarts from storage
wait SECONDS                  delays the commands behind it
skip SECONDS                  so much time passes at once for what the charge point waits for
status                        shows the connectors
list                          shows the version and the size of the local authorization list
help                          shows this
quit                          ends transactions, delivers what is queued, and leaves

Each of them as a JSON object, too:
{\"command\":\"plug\",\"connector\":N}       unplug, resume, clear likewise
{\"command\":\"tag\",\"connector\":N,\"idTag\":\"IDTAG\"}
{\"command\":\"power\",\"connector\":N,\"watts\":WATTS}        or \"auto\"
{\"command\":\"meter\",\"connector\":N,\"wh\":WH}
{\"command\":\"suspend\",\"connector\":N,\"by\":\"ev\"}          or \"evse\"
{\"command\":\"fault\",\"connector\":N,\"errorCode\":\"ERRORCODE\",\"info\":\"INFO\"}
{\"command\":\"unlock\",\"connector\":N,\"answer\":\"ok\"}       or \"fail\", \"unsupported\"
{\"command\":\"security\",\"type\":\"EVENT\",\"techInfo\":\"INFO\"}
{\"command\":\"firmware\",\"answer\":\"ok\"}                 or \"fail\"
{\"command\":\"data\",\"vendorId\":\"VENDOR\",\"messageId\":\"MESSAGEID\",\"data\":\"DATA\"}
{\"command\":\"link\",\"state\":\"down\"}                    or \"up\"
{\"command\":\"wait\",\"seconds\":SECONDS}              skip likewise
{\"command\":\"connect\"}                                reboot, power-loss, status, list, help, quit likewise";

/// One line of input.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Plug(u8),
    Unplug(u8),
    Tag {
        connector: u8,
        id_tag: String,
    },
    /// Nothing for what the battery takes.
    Power {
        connector: u8,
        watts: Option<u32>,
    },
    Meter {
        connector: u8,
        wh: u32,
    },
    Suspend {
        connector: u8,
        by: Suspension,
    },
    Resume(u8),
    Fault {
        connector: u8,
        error: ChargePointError,
        info: String,
    },
    Clear(u8),
    /// Something that security depends on.
    Security {
        event: SecurityEvent,
        info: String,
    },
    Unlock {
        connector: u8,
        answer: UnlockStatus,
    },
    /// Whether images can be installed.
    Firmware {
        installs: bool,
    },
    DataTransfer {
        vendor_id: String,
        message_id: Option<String>,
        payload: Option<String>,
    },
    Link {
        up: bool,
    },
    /// Without waiting for the next attempt.
    Connect,
    Reboot,
    PowerLoss,
    WaitMillis(u64),
    SkipMillis(u64),
    Status,
    List,
    Help,
    Quit,
}

/// What a charge point takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Its connectors.
    pub connectors: u8,
    /// Bytes of an idTag.
    pub id_tag: usize,
}

/// The command of a line; nothing for a blank one. The error is one line for the user.
pub fn parse(line: &str, limits: Limits) -> Result<Option<Command>, String> {
    let line = line.trim();
    if line.starts_with('{') {
        return json::parse(line, limits).map(Some);
    }
    let mut words = Words(line);
    let Some(name) = words.next() else {
        return Ok(None);
    };
    let connector = |words: &mut Words<'_>, lowest: u8| -> Result<u8, String> {
        words::connector(words.needed("a connector")?, lowest, limits.connectors)
    };
    let mut read = || -> Result<Command, String> {
        let words = &mut words;
        let command = match name {
            "plug" => Command::Plug(connector(words, 1)?),
            "unplug" => Command::Unplug(connector(words, 1)?),
            "tag" => Command::Tag {
                connector: connector(words, 1)?,
                id_tag: words.bounded("an idTag", limits.id_tag)?,
            },
            "power" => Command::Power {
                connector: connector(words, 1)?,
                watts: watts(words.needed("watts, or auto")?)?,
            },
            "meter" => Command::Meter {
                connector: connector(words, 1)?,
                wh: watt_hours(words.needed("Wh")?)?,
            },
            "suspend" => Command::Suspend {
                connector: connector(words, 1)?,
                by: words.choose(&[("ev", Suspension::Ev), ("evse", Suspension::Evse)])?,
            },
            "resume" => Command::Resume(connector(words, 1)?),
            "fault" => Command::Fault {
                connector: connector(words, 0)?,
                error: error_code(words.needed("an error code")?)?,
                info: words.rest().unwrap_or_default(),
            },
            "clear" => Command::Clear(connector(words, 0)?),
            "security" => Command::Security {
                event: words::security_event(words.needed("a security event")?)?,
                info: words.rest().unwrap_or_default(),
            },
            "unlock" => Command::Unlock {
                connector: connector(words, 1)?,
                answer: words.choose(&[
                    ("ok", UnlockStatus::Unlocked),
                    ("fail", UnlockStatus::UnlockFailed),
                    ("unsupported", UnlockStatus::NotSupported),
                ])?,
            },
            "firmware" => Command::Firmware {
                installs: words.choose(&[("ok", true), ("fail", false)])?,
            },
            "data" => Command::DataTransfer {
                vendor_id: words.bounded("a vendor", 255)?,
                message_id: words.optional("a messageId", 50)?,
                payload: words.rest(),
            },
            "link" => Command::Link {
                up: words.choose(&[("down", false), ("up", true)])?,
            },
            "connect" => Command::Connect,
            "reboot" => Command::Reboot,
            "power-loss" => Command::PowerLoss,
            "wait" => Command::WaitMillis(millis(words.needed("seconds")?)?),
            "skip" => Command::SkipMillis(millis(words.needed("seconds")?)?),
            "status" => Command::Status,
            "list" => Command::List,
            "help" => Command::Help,
            "quit" => Command::Quit,
            _ => return Err("unknown command; try help".to_owned()),
        };
        match words.next() {
            Some(word) => Err(format!("what is {word:?}?")),
            None => Ok(command),
        }
    };
    read()
        .map(Some)
        .map_err(|problem| format!("{name}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        connectors: 2,
        id_tag: 20,
    };

    #[test]
    fn an_id_tag_is_as_long_as_the_version_has_it() {
        let line = format!("tag 1 {}", "x".repeat(36));
        let longer = Limits {
            id_tag: 36,
            ..LIMITS
        };
        assert!(parse(&line, LIMITS).is_err());
        assert!(parse(&line, longer).is_ok());
        assert!(parse(&format!("{line}x"), longer).is_err());
    }

    #[test]
    fn every_command_is_read() {
        let text = str::to_owned;
        for (line, command) in [
            ("plug 1", Command::Plug(1)),
            ("  unplug\t2  ", Command::Unplug(2)),
            (
                "tag 1 04A1B2C3",
                Command::Tag {
                    connector: 1,
                    id_tag: text("04A1B2C3"),
                },
            ),
            (
                "power 2 7400",
                Command::Power {
                    connector: 2,
                    watts: Some(7400),
                },
            ),
            (
                "power 2 auto",
                Command::Power {
                    connector: 2,
                    watts: None,
                },
            ),
            (
                "meter 1 2147483647",
                Command::Meter {
                    connector: 1,
                    wh: 2_147_483_647,
                },
            ),
            (
                "suspend 1 ev",
                Command::Suspend {
                    connector: 1,
                    by: Suspension::Ev,
                },
            ),
            (
                "suspend 1 evse",
                Command::Suspend {
                    connector: 1,
                    by: Suspension::Evse,
                },
            ),
            ("resume 1", Command::Resume(1)),
            (
                "fault 0 InternalError",
                Command::Fault {
                    connector: 0,
                    error: ChargePointError::InternalError,
                    info: text(""),
                },
            ),
            (
                "fault 2 EVCommunicationError no  answer at all",
                Command::Fault {
                    connector: 2,
                    error: ChargePointError::EvCommunicationError,
                    info: text("no  answer at all"),
                },
            ),
            ("clear 0", Command::Clear(0)),
            (
                "security TamperDetectionActivated the door is open",
                Command::Security {
                    event: SecurityEvent::TamperDetectionActivated,
                    info: text("the door is open"),
                },
            ),
            (
                "unlock 1 ok",
                Command::Unlock {
                    connector: 1,
                    answer: UnlockStatus::Unlocked,
                },
            ),
            (
                "unlock 1 fail",
                Command::Unlock {
                    connector: 1,
                    answer: UnlockStatus::UnlockFailed,
                },
            ),
            (
                "unlock 1 unsupported",
                Command::Unlock {
                    connector: 1,
                    answer: UnlockStatus::NotSupported,
                },
            ),
            ("firmware ok", Command::Firmware { installs: true }),
            ("firmware fail", Command::Firmware { installs: false }),
            (
                "data Acme",
                Command::DataTransfer {
                    vendor_id: text("Acme"),
                    message_id: None,
                    payload: None,
                },
            ),
            (
                "data Acme Hello",
                Command::DataTransfer {
                    vendor_id: text("Acme"),
                    message_id: Some(text("Hello")),
                    payload: None,
                },
            ),
            (
                r#"data Acme Hello {"a": "b c"}"#,
                Command::DataTransfer {
                    vendor_id: text("Acme"),
                    message_id: Some(text("Hello")),
                    payload: Some(text(r#"{"a": "b c"}"#)),
                },
            ),
            ("link down", Command::Link { up: false }),
            ("link up", Command::Link { up: true }),
            ("connect", Command::Connect),
            ("reboot", Command::Reboot),
            ("power-loss", Command::PowerLoss),
            ("wait 0.25", Command::WaitMillis(250)),
            ("wait 3", Command::WaitMillis(3000)),
            ("skip 60", Command::SkipMillis(60_000)),
            ("status", Command::Status),
            ("list", Command::List),
            ("help", Command::Help),
            ("quit", Command::Quit),
        ] {
            assert_eq!(parse(line, LIMITS), Ok(Some(command)), "{line}");
        }
        assert_eq!(parse("", LIMITS), Ok(None));
        assert_eq!(parse(" \t", LIMITS), Ok(None));
    }

    #[test]
    fn bad_lines_are_explained_in_one_line() {
        for line in [
            "Plug 1",
            "start 1",
            "plug",
            "plug 0",
            "plug 3",
            "plug -1",
            "plug one",
            "plug 1 2",
            "unplug",
            "tag 1",
            "tag ABC",
            "tag 1 123456789012345678901",
            "tag 1 A B",
            "power 1",
            "power 1 -5",
            "power 1 1000001",
            "power 1 7.4",
            "power 1 full",
            "meter 1",
            "meter 1 -1",
            "meter 1 2147483648",
            "suspend 1",
            "suspend 1 me",
            "resume",
            "fault 1",
            "fault 1 Broken",
            "fault 1 NoError",
            "security Nonsense",
            "fault 3 OtherError",
            "clear",
            "clear 3",
            "unlock 1",
            "unlock 1 maybe",
            "firmware",
            "firmware now",
            "data",
            "link",
            "link sideways",
            "connect now",
            "reboot now",
            "power-loss 1",
            "wait",
            "wait -1",
            "wait soon",
            "wait NaN",
            "wait inf",
            "skip",
            "skip -1",
            "status 1",
            "list 1",
            "help me",
            "quit 0",
        ] {
            let problem = parse(line, LIMITS).unwrap_err();
            let name = line.split(' ').next().unwrap();
            assert!(problem.starts_with(&format!("{name}: ")), "{problem}");
            assert!(!problem.contains('\n'), "{problem}");
        }
        let vendor = "V".repeat(256);
        assert!(parse(&format!("data {vendor}"), LIMITS).is_err());
        let message = "M".repeat(51);
        assert!(parse(&format!("data V {message}"), LIMITS).is_err());
    }

    #[test]
    fn help_names_every_command() {
        for name in [
            "plug",
            "unplug",
            "tag",
            "power",
            "meter",
            "suspend",
            "resume",
            "fault",
            "clear",
            "unlock",
            "firmware",
            "data",
            "link",
            "connect",
            "reboot",
            "power-loss",
            "wait",
            "skip",
            "status",
            "list",
            "help",
            "quit",
        ] {
            let line = |line: &&str| line.split(' ').next() == Some(name);
            assert!(HELP.lines().any(|l| line(&l)), "{name}");
        }
    }
}
