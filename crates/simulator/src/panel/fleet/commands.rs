//! Commands for one station of a fleet: those of the simulator that it takes, and those for all stations.

use fleet::{Command, Order};

use crate::{
    charge_point::Unanswered,
    command::{self, Limits},
};

/// What a line means at a station with those limits.
pub fn understand(line: &str, limits: Limits) -> Result<Command, Unanswered> {
    if let Some(order) = Order::of(line) {
        let order = order.map_err(Unanswered::NotUnderstood)?;
        return Ok(Command::Order(order));
    }
    let command = command::parse(line, limits).map_err(Unanswered::NotUnderstood)?;
    let meant = match command {
        Some(command) => translate(command),
        None => return Err(Unanswered::NotUnderstood("there is no command".to_owned())),
    };
    meant.ok_or_else(|| {
        let word = line.split_whitespace().next().unwrap_or_default();
        Unanswered::NotUnderstood(format!("{word}: not a command of a station in a fleet"))
    })
}

fn translate(command: command::Command) -> Option<Command> {
    use command::Command as Said;
    Some(match command {
        Said::Plug(number) => Command::Plug(number),
        Said::Unplug(number) => Command::Unplug(number),
        Said::Tag { connector, id_tag } => Command::Tag { connector, id_tag },
        Said::Power { connector, watts } => Command::Power { connector, watts },
        Said::Fault {
            connector,
            error,
            info,
        } => Command::Fault {
            connector,
            error: error.as_str().to_owned(),
            info,
        },
        Said::Clear(number) => Command::Clear(number),
        Said::Link { up } => Command::Link { up },
        Said::Connect => Command::Connect,
        Said::Reboot => Command::Order(Order::Restart),
        Said::PowerLoss => Command::Order(Order::Blackout(std::time::Duration::ZERO)),
        Said::Meter { .. }
        | Said::Suspend { .. }
        | Said::Resume(_)
        | Said::Security { .. }
        | Said::Unlock { .. }
        | Said::Firmware { .. }
        | Said::DataTransfer { .. }
        | Said::WaitMillis(_)
        | Said::SkipMillis(_)
        | Said::Status
        | Said::List
        | Said::Help
        | Said::Quit => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn lines_of_both_kinds_are_understood() {
        let limits = Limits {
            connectors: 2,
            id_tag: 20,
        };
        for (line, command) in [
            ("plug 2", Command::Plug(2)),
            (
                "{\"command\":\"unplug\",\"connector\":1}",
                Command::Unplug(1),
            ),
            (
                "blackout 3s",
                Command::Order(Order::Blackout(Duration::from_secs(3))),
            ),
            ("reboot", Command::Order(Order::Restart)),
            ("restart", Command::Order(Order::Restart)),
            (
                "power-loss",
                Command::Order(Order::Blackout(Duration::ZERO)),
            ),
            ("link down", Command::Link { up: false }),
        ] {
            assert_eq!(understand(line, limits), Ok(command), "{line}");
        }
        for line in [
            "plug 3",
            "dance",
            "",
            "quit",
            "wait 1",
            "skip 1",
            "blackout",
            "surge 9",
            "meter 1 5",
        ] {
            let told = understand(line, limits);
            assert!(
                matches!(told, Err(Unanswered::NotUnderstood(_))),
                "{line}: {told:?}"
            );
        }
    }
}
