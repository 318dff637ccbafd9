//! What happens to all stations at once: lines of standard input, and `--at`.

use std::time::Duration;

use crate::model;

/// Something that happens to all stations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// Power is cut for so long.
    Blackout(Duration),
    /// Connections are cut, and none can be made for so long.
    Outage(Duration),
    /// All restart, as a Reset would have them.
    Restart,
    /// A vehicle comes to this share of the free connectors.
    Surge(f64),
}

/// The words that orders begin with.
const NAMES: [&str; 4] = ["blackout", "outage", "restart", "surge"];

impl Order {
    /// That of a line; `None` for a line that begins with another word. The error is for the user.
    pub fn of(text: &str) -> Option<Result<Self, String>> {
        let mut words = text.split([' ', '\t', ':']).filter(|word| !word.is_empty());
        if !words.next().is_some_and(|word| NAMES.contains(&word)) {
            return None;
        }
        Some(match line(text) {
            Ok(Line::Order(order)) => Ok(order),
            Ok(_) => Err(format!("{text}: not understood")),
            Err(problem) => Err(problem),
        })
    }
}

/// What a line of standard input says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    Order(Order),
    Quit,
    Help,
    Nothing,
}

/// For `--help` and the command `help`.
pub const HELP: &str = "\
  blackout DURATION  the power of all stations fails for so long
  outage DURATION    all connections are lost, and none can be made for so long
  restart            all stations restart
  surge SHARE        a vehicle comes to this share of the free connectors
  quit               ends the fleet, with its report
  help               this list
A DURATION is a number with ms, s, m or h behind it, a SHARE is 25% or 0.25.
";

/// `blackout 30s`, or `blackout:30s` where a word is wanted.
pub fn line(text: &str) -> Result<Line, String> {
    let mut words = text.split([' ', '\t', ':']).filter(|word| !word.is_empty());
    let (name, value) = (words.next(), words.next());
    if words.next().is_some() {
        return Err(format!("{text}: too many words"));
    }
    let order = match (name, value) {
        (None, _) => return Ok(Line::Nothing),
        (Some("quit"), None) => return Ok(Line::Quit),
        (Some("help"), None) => return Ok(Line::Help),
        (Some("blackout"), Some(time)) => Order::Blackout(duration(time)?),
        (Some("outage"), Some(time)) => Order::Outage(duration(time)?),
        (Some("restart"), None) => Order::Restart,
        (Some("surge"), Some(share)) => Order::Surge(model::share(share)?),
        _ => return Err(format!("{text}: not understood (try help)")),
    };
    Ok(Line::Order(order))
}

/// `60s=blackout:30s`
pub fn at(text: &str) -> Result<(Duration, Order), String> {
    let (time, what) = text.split_once('=').ok_or("TIME=EVENT is wanted")?;
    match line(what)? {
        Line::Order(order) => Ok((duration(time)?, order)),
        _ => Err(format!("{what}: not something that happens to stations")),
    }
}

/// `250ms`, `30s`, `5m`, `2h`
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let factor = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(format!("{text}: a number with ms, s, m or h behind it")),
    };
    let number: f64 = number.parse().map_err(|_| format!("{text}: no number"))?;
    Duration::try_from_secs_f64(number * factor).map_err(|_| format!("{text}: too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let minute = Duration::from_secs(60);
        assert_eq!(
            line("blackout 1m"),
            Ok(Line::Order(Order::Blackout(minute)))
        );
        assert_eq!(at("0.5s=surge:50%"), Ok((minute / 120, Order::Surge(0.5))));
        assert_eq!(line(" restart "), Ok(Line::Order(Order::Restart)));
        assert_eq!(
            (line(""), line("quit")),
            (Ok(Line::Nothing), Ok(Line::Quit))
        );
        for wrong in [
            "blackout",
            "blackout 3",
            "restart 5s",
            "surge 200%",
            "dance",
            "outage 1s 2s",
        ] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
        assert!(at("restart").is_err() && at("5s=quit").is_err());
    }
}
