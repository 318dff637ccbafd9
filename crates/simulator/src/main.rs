//! A charge point with OCPP 1.6J or 2.0.1 on the host: the engine, connected to a websocket, a command
//! line, and hardware that only exists in this process.
#![forbid(unsafe_code)]

mod address;
mod arguments;
mod central;
mod certificates;
mod charge_point;
mod command;
mod connector;
mod demo;
mod exchange;
mod files;
mod inbox;
mod journal;
mod keys;
mod link;
mod meter;
mod noise;
mod own_setting;
mod panel;
mod password;
mod report;
mod scenario;
mod secrets;
mod size;
#[path = "../../fleet/src/station_json.rs"]
mod station_json;
mod storage;
mod tls;
mod vehicle;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use ocpp as engine;

use address::Address;
use arguments::{Arguments, FleetArguments, Mode};
use charge_point::{ChargePoint, FileSettings, Settings};
use files::Trust;
use panel::Feed;
use report::Report;
use storage::{FileStorage, MemoryStorage};

fn main() -> ExitCode {
    let started = Instant::now();
    let arguments = Arguments::parse();
    let outcome = match (&arguments.mode, &arguments.csms, &arguments.identity) {
        (Some(Mode::Test(test)), ..) => scenario::run(test),
        (Some(Mode::Fleet(fleet)), ..) => run_fleet(fleet),
        (Some(Mode::CentralSystem(options)), ..) => central::run(options),
        (None, Some(csms), Some(identity)) => connect(&arguments, csms, identity, started),
        _ => demo::run(started, &arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("charge-point: {}", report::harmless(&problem));
            ExitCode::from(2)
        }
    }
}

/// Runs a fleet, with a panel where one is wanted.
fn run_fleet(arguments: &FleetArguments) -> Result<ExitCode, String> {
    let mut open = None;
    let outcome = fleet::run(&arguments.options, |control| {
        if let Some(setup) = arguments.panel.setup() {
            let panel = open.insert(panel::open_fleet(&setup, control)?);
            eprintln!("charge-point: {}", panel.line());
        }
        Ok(())
    });
    if let Some(panel) = open {
        panel.close();
    }
    outcome
}

/// Works for a given central system, and obeys standard input.
fn connect(
    arguments: &Arguments,
    csms: &str,
    identity: &str,
    started: Instant,
) -> Result<ExitCode, String> {
    let address = Address::new(csms, identity)?;
    let tls = arguments.tls_files(address.is_secure);
    tls.check()?;
    if arguments.password.is_some() {
        eprintln!(
            "charge-point: --password can be seen by other users of this machine; \
             --password-file and OCPP_PASSWORD cannot"
        );
    }
    let access = arguments.access(address.is_secure)?;
    if access.password.is_some() {
        address.takes_password()?;
    }
    let settings = Settings {
        version: arguments.ocpp,
        address,
        access,
        tls: Arc::new(tls),
        identity: identity.to_owned(),
        connectors: arguments.connectors,
        vendor: arguments.vendor.clone(),
        model: arguments.model.clone(),
        latency: Duration::from_millis(arguments.latency),
        strict: arguments.strict,
        measured: arguments.measurands.clone().map(|list| list.0),
        most_current: arguments.max_current,
        own: arguments.settings.clone(),
        serial_number: arguments.serial.clone(),
        security_notices: arguments.security_events,
        signed_firmware_only: arguments.signed_firmware_only,
        checks_additional_root: arguments.additional_root_check,
        files: FileSettings {
            protocols: arguments.file_transfer.clone().0,
            most: arguments.max_firmware,
            trust: Arc::new(match &arguments.trust {
                Some(path) => Trust::load(path)?,
                None => Trust::default(),
            }),
        },
    };
    let directory = arguments.storage.as_deref();
    let (mut in_files, mut in_memory) = (None, MemoryStorage::default());
    if let Some(directory) = directory {
        let opened = FileStorage::open(directory);
        in_files = Some(opened.map_err(|error| format!("{}: {error}", directory.display()))?);
    }
    let report = match arguments.json {
        true => Report::json(started),
        false => Report::timeline(started),
    };
    let report = report.map_err(|error| format!("no thread for the output: {error}"))?;
    let report = match directory {
        Some(directory) => report
            .kept_in(directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?,
        None => report,
    };
    let panel = arguments.panel.setup();
    let feed = panel.as_ref().map(|_| Feed::new(started));
    let report = match &feed {
        Some(feed) => report.shown_by(Arc::clone(feed)),
        None => report,
    };
    let output = report.clone();
    let charge_point = ChargePoint::new(settings.clone(), directory, started, report)?;
    let mut open = None;
    if let (Some(setup), Some(feed)) = (panel, feed) {
        let panel = panel::open(&setup, settings, feed, charge_point.inbox())?;
        eprintln!("charge-point: {}", open.insert(panel).line());
    }
    inbox::read_standard_input(charge_point.inbox())
        .map_err(|error| format!("standard input cannot be read: {error}"))?;
    let outcome = match &mut in_files {
        Some(storage) => charge_point.run(storage),
        None => charge_point.run(&mut in_memory),
    };
    output.finish();
    if let Some(panel) = open {
        panel.close();
    }
    outcome.map(|_| ExitCode::SUCCESS)
}
