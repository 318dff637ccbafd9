//! Happenings for people: when, which way, what, and a few words about it.

use super::{
    Condition, Happening, TransferStage, escape, raise_name, reservation_state_name, summary,
};
use crate::{
    command::HELP,
    exchange::{self, Direction, Exchange},
    station_json,
};

/// Of a text that others have a part in.
const LONGEST: usize = 500;

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const GREY: &str = "90";
const PLAIN: &str = "0";

/// The lines of a happening.
pub fn lines(millis: u64, happening: &Happening, colours: bool) -> Option<String> {
    let (mark, colour, what, about) = match happening {
        Happening::Help => return Some(HELP.to_owned()),
        Happening::Chapter(title) => {
            let title = format!("── {title} ");
            let rule = "─".repeat(72usize.saturating_sub(title.chars().count()));
            return Some(format!(
                "\n{}",
                painted(&format!("{title}{rule}"), BOLD, colours)
            ));
        }
        Happening::Frame {
            direction,
            exchange,
            text,
            bytes,
        } => frame(*direction, exchange, text, *bytes),
        other => occurrence(other),
    };
    let (what, about) = (summary::cut(&what, LONGEST), summary::cut(&about, LONGEST));
    let (what, about) = (escape::text(&what), escape::text(&about));
    let seconds = millis as f64 / 1000.0;
    let head = format!("{mark} {what:<27}");
    let line = format!(
        "{seconds:>9.3}  {} {about}",
        painted(&head, colour, colours)
    );
    Some(line.trim_end().to_owned())
}

type Line = (&'static str, &'static str, String, String);

fn frame(direction: Direction, exchange: &Exchange, text: &str, bytes: Option<u64>) -> Line {
    let (mark, colour) = match direction {
        Direction::Out => ("→", CYAN),
        Direction::In => ("←", GREEN),
    };
    let unreadable = || (mark, RED, exchange.name(), summary::shortened(text));
    let payload = match bytes {
        Some(_) => None,
        None => match exchange::payload(text) {
            Ok(payload) => payload,
            Err(()) => return unreadable(),
        },
    };
    let too_long = || format!("{} bytes", bytes.unwrap_or(text.len() as u64));
    let (colour, about) = match exchange {
        Exchange::Request { action } => {
            let about = payload.map_or_else(too_long, |p| summary::request(action, &p));
            (colour, about)
        }
        Exchange::Confirmation { .. } => (
            colour,
            payload.map_or_else(too_long, |p| summary::confirmation(&p)),
        ),
        Exchange::Failure {
            code, description, ..
        } => (RED, summary::shortened(&format!("{code} {description}"))),
        Exchange::Unreadable => return unreadable(),
    };
    (mark, colour, summary::name(&exchange.name()), about)
}

fn occurrence(happening: &Happening) -> Line {
    let (colour, what, about) = match happening {
        Happening::Connected { url } => (BOLD, "connected".to_owned(), url.clone()),
        Happening::Disconnected { reason } => (BOLD, "disconnected".to_owned(), reason.clone()),
        Happening::Deviation {
            exchange,
            field,
            rule,
        } => return ("!", RED, exchange.name(), format!("{field} {rule}")),
        Happening::Registered(status) => {
            (PLAIN, "registered".to_owned(), status.as_str().to_owned())
        }
        Happening::Status {
            connector,
            status,
            error,
            reservation,
            condition,
        } => {
            let mut about = status
                .map_or("not yet known", |status| status.as_str())
                .to_owned();
            if error.as_str() != "NoError" {
                about = format!("{about}: {}", error.as_str());
            }
            if let Some((id, id_tag)) = reservation {
                about = format!("{about}, reservation {id} for idTag {id_tag}");
            }
            if let Some(condition) = condition {
                about = format!("{about}, {}", conditions(condition));
            }
            (YELLOW, place(*connector), about)
        }
        Happening::Authorization {
            connector,
            id_tag,
            status,
        } => (
            PLAIN,
            place(*connector),
            format!("idTag {id_tag} {}", status.as_str()),
        ),
        Happening::NotOwner { connector, id_tag } => (
            PLAIN,
            place(*connector),
            format!("idTag {id_tag} may not end the transaction of another one"),
        ),
        Happening::Reservation {
            connector,
            id,
            id_tag,
            state,
        } => (
            PLAIN,
            place(*connector),
            format!(
                "reservation {id} for idTag {id_tag} {}",
                reservation_state_name(*state)
            ),
        ),
        Happening::ReservedForOther { connector, id_tag } => (
            PLAIN,
            place(*connector),
            format!("it is not reserved for idTag {id_tag}"),
        ),
        Happening::RemoteStart { connector, id_tag } => (
            PLAIN,
            place(*connector),
            format!("remote start for idTag {id_tag}"),
        ),
        Happening::Transaction {
            connector,
            state,
            transaction_id,
            id_tag,
            reason,
        } => {
            let mut about = "transaction".to_owned();
            if let Some(id) = transaction_id {
                about = format!("{about} {id}");
            }
            about = format!("{about} {}", station_json::state_name(*state));
            if let Some(id_tag) = id_tag {
                about = format!("{about}, idTag {id_tag}");
            }
            if let Some(reason) = reason {
                about = format!("{about}, {}", reason.as_str());
            }
            (PLAIN, place(*connector), about)
        }
        Happening::Limit {
            connector,
            watts,
            limit,
        } => {
            let about = match (watts, limit) {
                (_, Some(limit)) => {
                    let (current, phases) = (f64::from(limit.deciamperes) / 10.0, limit.phases);
                    format!("at most {current} A, {} W, phases: {phases}", limit.watts)
                }
                (Some(0), None) => "no energy".to_owned(),
                (Some(watts), None) => format!("at most {watts} W"),
                (None, None) => "energy may flow".to_owned(),
            };
            (PLAIN, place(*connector), about)
        }
        Happening::Configuration { key, value } => (
            PLAIN,
            "configuration".to_owned(),
            format!("{key} = {value}"),
        ),
        Happening::SecurityEvent { event, info } => (
            YELLOW,
            "security".to_owned(),
            format!("{} {info}", event.as_str()).trim_end().to_owned(),
        ),
        Happening::SecurityProfile { profile, raise } => (
            BOLD,
            "security profile".to_owned(),
            format!("{profile}, {}", raise_name(*raise)),
        ),
        Happening::LocalList { version, entries } => {
            let about = match version {
                -1 => "switched off".to_owned(),
                version => format!("version {version}, {entries} entries"),
            };
            (PLAIN, "local list".to_owned(), about)
        }
        Happening::Unlock { connector, status } => (
            PLAIN,
            place(*connector),
            format!("unlock: {}", status.as_str()),
        ),
        Happening::DataTransfer(status) => {
            let about = status.map_or("no answer", |status| status.as_str());
            (PLAIN, "data transfer".to_owned(), about.to_owned())
        }
        Happening::Firmware(status) => (BOLD, "firmware".to_owned(), status.as_str().to_owned()),
        Happening::Diagnostics(status) => {
            (BOLD, "diagnostics".to_owned(), status.as_str().to_owned())
        }
        Happening::Transfer { kind, url, stage } => {
            let (colour, about) = match stage {
                TransferStage::Started { attempt: 1 } => (PLAIN, url.clone()),
                TransferStage::Started { attempt } => (PLAIN, format!("{url}, attempt {attempt}")),
                TransferStage::Done { bytes } => (PLAIN, format!("{bytes} bytes")),
                TransferStage::Failed { failure, why } => {
                    (RED, format!("{}: {why}", failure.as_str()))
                }
            };
            (colour, format!("{} file", kind.name()), about)
        }
        Happening::Reset(kind) => (BOLD, "reset".to_owned(), kind.as_str().to_owned()),
        Happening::Boot => (BOLD, "boot".to_owned(), String::new()),
        Happening::Error { message, .. } => (RED, "error".to_owned(), message.clone()),
        Happening::Dropped { lines } => (
            RED,
            "output".to_owned(),
            format!("{lines} lines were dropped: it is not read fast enough"),
        ),
        Happening::Command(line) => return (">", GREY, line.clone(), String::new()),
        Happening::Frame { .. } | Happening::Help | Happening::Chapter(_) => {
            (PLAIN, String::new(), String::new())
        }
    };
    ("·", colour, what, about)
}

fn place(connector: u8) -> String {
    match connector {
        0 => "charge point".to_owned(),
        number => format!("connector {number}"),
    }
}

fn conditions(condition: &Condition) -> String {
    let mut parts = Vec::new();
    if condition.plugged {
        parts.push("plugged".to_owned());
    }
    parts.push(format!("{} W", condition.power_w));
    parts.push(format!("register {} Wh", condition.register_wh));
    if let Some(percent) = condition.state_of_charge {
        parts.push(format!("battery {percent} %"));
    }
    if let Some(id_tag) = &condition.id_tag {
        let id = condition.transaction_id;
        let id = id.map_or("not yet numbered".to_owned(), |id| id.to_string());
        parts.push(format!("transaction {id} of idTag {id_tag}"));
    }
    parts.join(", ")
}

fn painted(text: &str, colour: &str, colours: bool) -> String {
    if colours && colour != PLAIN {
        format!("\x1b[{colour}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let short = Happening::Disconnected {
            reason: "HERE".to_owned(),
        };
        let frame = Happening::Frame {
            direction: Direction::Out,
            text: r#"[4,"1","HERE","",{}]"#.to_owned(),
            bytes: None,
            exchange: Exchange::Failure {
                action: Some("GetConfiguration".to_owned()),
                code: "HERE".to_owned(),
                description: String::new(),
            },
        };
        let column = |millis, happening| {
            let line = lines(millis, happening, false).unwrap();
            let at = line.find("HERE").unwrap();
            line[..at].chars().count()
        };
        assert_eq!(column(1, &short), column(123_456, &frame));
    }

    #[test]
    fn nothing_foreign_reaches_a_terminal_raw() {
        let bad = "\u{1b}[2K\r\n\u{7f}\u{9b}31m\u{202e}";
        let id_tag = ocpp::domain::IdToken::try_from("A\u{1b}[31m\u{202e}").unwrap();
        let frame = |exchange| Happening::Frame {
            direction: Direction::In,
            text: serde_json::json!([2, bad, bad, { bad: bad }]).to_string(),
            bytes: None,
            exchange,
        };
        let owned = bad.to_owned();
        let action = || Some(owned.clone());
        for happening in [
            frame(Exchange::Request {
                action: owned.clone(),
            }),
            frame(Exchange::Confirmation { action: action() }),
            frame(Exchange::Failure {
                action: action(),
                code: owned.clone(),
                description: owned.clone(),
            }),
            frame(Exchange::Unreadable),
            Happening::Disconnected {
                reason: owned.clone(),
            },
            Happening::Connected { url: owned.clone() },
            Happening::error(owned.clone()),
            Happening::Command(owned.clone()),
            Happening::NotOwner {
                connector: 1,
                id_tag: id_tag.clone(),
            },
            Happening::RemoteStart {
                connector: 1,
                id_tag: id_tag.clone(),
            },
            Happening::Transaction {
                connector: 1,
                state: ocpp::station::TransactionState::Started,
                transaction_id: None,
                id_tag: Some(id_tag.clone()),
                reason: None,
            },
        ] {
            let line = lines(0, &happening, false).unwrap();
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(!line.contains('\u{202e}'), "{line:?}");
        }
    }

    #[test]
    fn a_long_frame_is_told_by_its_length() {
        let long = Happening::Frame {
            direction: Direction::In,
            text: r#"[2,"1","A",{"#.to_owned(),
            bytes: Some(15_800_000),
            exchange: Exchange::Request {
                action: "A".repeat(100),
            },
        };
        let line = lines(0, &long, false).unwrap();
        assert!(line.ends_with("15800000 bytes"), "{line}");
        assert!(line.chars().count() < 100, "{line}");
    }

    #[test]
    fn colours_only_where_wanted() {
        let error = Happening::error("x".to_owned());
        assert!(!lines(0, &error, false).unwrap().contains('\x1b'));
        assert!(lines(0, &error, true).unwrap().contains("\x1b[31m"));
    }
}
