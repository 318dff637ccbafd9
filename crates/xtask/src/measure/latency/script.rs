//! What the central system has the image do.

use std::{thread, time::Duration};

use central_system::{CentralSystem, Direction, EventKind};
use serde_json::json;

use super::SAMPLES;

/// The identity in the image's path.
pub const IDENTITY: &str = "CP1";
const CONNECTORS: usize = 16;
/// What the image takes DataTransfers of.
const VENDOR: &str = "latency";
/// The key in the ChangeConfiguration that is measured.
pub const MEASURED: &str = "ConnectionTimeOut";

const LONGEST: Duration = Duration::from_secs(180);
const CALL: Duration = Duration::from_secs(20);
/// After which nothing is left of what was before.
const REST: Duration = Duration::from_secs(2);

/// Measures idle, then while all connectors report; has the image tell its record at the end.
pub fn run(central: &CentralSystem) -> Result<(), String> {
    wait(central, "StatusNotification", CONNECTORS + 1)?;
    thread::sleep(REST);
    present(central, "present")?;
    for sample in 0..SAMPLES {
        // Never twice after the same time: the image's clock has a period of its own.
        thread::sleep(Duration::from_micros(20_000 + sample as u64 * 37));
        measure_call(central, sample)?;
    }

    ask(central, "charge", 0)?;
    wait(central, "StartTransaction", CONNECTORS)?;
    thread::sleep(REST);
    change(central, "MeterValueSampleInterval", 1)?;
    thread::sleep(REST);
    present(central, "present-reporting")?;
    change_while_reporting(central)?;
    ask(central, "tell", 0)
}

/// Has the image present its idTags, and waits until it has.
fn present(central: &CentralSystem, how: &str) -> Result<(), String> {
    let before = central.station(IDENTITY).calls("Authorize");
    ask(central, how, SAMPLES)?;
    wait(central, "Authorize", before + SAMPLES)?;
    thread::sleep(REST);
    Ok(())
}

/// Sends CALLs as soon as one connector in two reports.
fn change_while_reporting(central: &CentralSystem) -> Result<(), String> {
    let events = central.observe();
    for sample in 0..SAMPLES {
        // Those of the past do not tell that anybody reports now.
        while events.try_recv().is_ok() {}
        loop {
            let event = events.recv_timeout(LONGEST);
            let event = event.map_err(|_| "the connectors do not report".to_owned())?;
            if matches!(event.kind, EventKind::Frame { direction: Direction::FromStation, text }
                if is_of_one_in_two(&text))
            {
                break;
            }
        }
        measure_call(central, sample)?;
    }
    Ok(())
}

fn is_of_one_in_two(frame: &str) -> bool {
    let mut connectors = (1..=CONNECTORS).step_by(2);
    connectors
        .any(|connector| frame.contains(&format!(r#""MeterValues",{{"connectorId":{connector},"#)))
}

/// A CALL that is measured; with another value each time, so that it is stored.
fn measure_call(central: &CentralSystem, sample: usize) -> Result<(), String> {
    change(central, MEASURED, 60 + sample % 2)
}

fn change(central: &CentralSystem, key: &str, value: usize) -> Result<(), String> {
    let payload = json!({"key": key, "value": value.to_string()});
    let answer = central.call(IDENTITY, "ChangeConfiguration", payload, CALL);
    answer.map(drop).map_err(|error| format!("{key}: {error}"))
}

fn ask(central: &CentralSystem, what: &str, count: usize) -> Result<(), String> {
    let payload = json!({"vendorId": VENDOR, "messageId": what, "data": count.to_string()});
    let answer = central.call(IDENTITY, "DataTransfer", payload, CALL);
    match answer {
        Ok(answer) if answer.get("status").is_some_and(|is| is == "Accepted") => Ok(()),
        answer => Err(format!("{what}: {answer:?}")),
    }
}

fn wait(central: &CentralSystem, action: &str, count: usize) -> Result<(), String> {
    let so_many = central.wait_for(LONGEST, |books| {
        let station = books.station(IDENTITY);
        station.is_some_and(|station| station.calls(action) >= count)
    });
    match so_many {
        true => Ok(()),
        false => Err(format!("no {count} {action} within {LONGEST:?}")),
    }
}
