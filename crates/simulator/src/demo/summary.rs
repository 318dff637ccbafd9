//! What is left of the demonstration in a few lines.

use std::{fmt::Write, time::Duration};

use central_system::{Station, Transaction};
use ocpp::station::TransactionState;

use super::{
    checks::{Check, energy},
    watch::Watch,
};
use crate::exchange::Direction;

/// The closing lines.
pub fn text(station: &Station, watch: &Watch, checks: &[Check], took: Duration) -> String {
    let mut text = String::new();
    let mut row = |name: &str, cells: [String; 2]| {
        let [first, second] = cells;
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {name:<16} {first:<18} {second}");
    };
    let each = |cell: &dyn Fn(u8, &Transaction) -> String| {
        [1u8, 2].map(|connector| {
            let mut booked = station.transactions.iter();
            let booked = booked.find(|t| t.connector_id == u32::from(connector));
            booked.map_or("-".to_owned(), |t| cell(connector, t))
        })
    };
    row("", ["connector 1".to_owned(), "connector 2".to_owned()]);
    row("idTag", each(&|_, t| t.id_tag.clone()));
    row("transaction", each(&|_, t| t.id.to_string()));
    row("meterStart", each(&|_, t| format!("{} Wh", t.meter_start)));
    row(
        "meterStop",
        each(&|_, t| {
            let stop = t.stop.as_ref();
            stop.map_or("-".to_owned(), |stop| format!("{} Wh", stop.meter_stop))
        }),
    );
    row(
        "energy",
        each(&|_, t| energy(t).map_or("-".to_owned(), |wh| format!("{wh} Wh"))),
    );
    row(
        "duration",
        each(&|connector, _| {
            let started = watch.when(connector, TransactionState::Started);
            let stopped = watch.when(connector, TransactionState::Stopped);
            let millis = stopped
                .zip(started)
                .map(|(to, from)| to.saturating_sub(from));
            millis.map_or("-".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1000.0))
        }),
    );
    row("meter values", each(&|_, t| t.meter_values.to_string()));
    row(
        "reason",
        each(&|_, t| {
            let stop = t.stop.as_ref();
            let reason = stop.and_then(|stop| stop.reason.clone());
            reason.unwrap_or("-".to_owned())
        }),
    );
    let passed = checks.iter().filter(|check| check.passed).count();
    let _ = writeln!(
        text,
        "\n  {} frames out, {} in, {:.1} s",
        watch.frames(Direction::Out),
        watch.frames(Direction::In),
        took.as_secs_f64()
    );
    let _ = write!(
        text,
        "  {passed} of {} checks of the two sides' books passed",
        checks.len()
    );
    for check in checks.iter().filter(|check| !check.passed) {
        let _ = write!(text, "\n  FAILED: {}", check.what);
    }
    text
}
