//! The demonstration: a charge point and a central system in one process, a session on each
//! of two connectors, and the books of both compared.

mod checks;
mod script;
mod summary;
mod watch;

use std::{
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem, IdTag};
use ocpp::Version;

use crate::{
    address::{Access, Address},
    arguments::{Arguments, SecurityNotices},
    charge_point::{ChargePoint, FileSettings, Settings},
    panel::{self, Feed, Setup},
    report::{Happening, Report, observer},
    storage::MemoryStorage,
};
use script::{CARD, FOB, IDENTITY, Stage};
use watch::Watch;

/// Runs it; the exit code says whether everything was as it should be.
pub fn run(started: Instant, arguments: &Arguments) -> Result<ExitCode, String> {
    let behaviour = Behaviour::new()
        .tag(CARD, IdTag::accepted())
        .tag(FOB, IdTag::accepted());
    let central = CentralSystem::start(behaviour)
        .map_err(|error| format!("the central system does not start: {error}"))?;
    let (observer, happenings) = observer();
    let mut report =
        Report::timeline(started).map_err(|error| format!("no thread for the output: {error}"))?;
    let settings = Settings {
        version: Version::V16,
        address: Address::new(&central.url(), IDENTITY)?,
        access: Access {
            security_profile: 0,
            password: None,
        },
        tls: Arc::default(),
        identity: IDENTITY.to_owned(),
        connectors: 2,
        vendor: "ocpp-rs".to_owned(),
        model: "Demonstration".to_owned(),
        latency: Duration::ZERO,
        strict: true,
        measured: None,
        most_current: None,
        own: Vec::new(),
        serial_number: None,
        security_notices: SecurityNotices::Auto,
        signed_firmware_only: false,
        checks_additional_root: false,
        files: FileSettings::default(),
    };
    report.tell(Happening::Chapter("the charge point boots".to_owned()));
    let feed = Feed::new(started);
    let charge_point = ChargePoint::new(
        settings.clone(),
        None,
        started,
        report
            .clone()
            .observed_by(observer)
            .shown_by(Arc::clone(&feed)),
    )?;
    let inbox = charge_point.inbox();
    let wanted = arguments.panel.setup();
    let setup = wanted.clone().unwrap_or_else(Setup::local);
    let open = match panel::open(&setup, settings, feed, inbox.clone()) {
        Ok(panel) => {
            report.print(&panel.line());
            Some(panel)
        }
        // It was not asked for.
        Err(problem) if wanted.is_none() && !arguments.stay => {
            report.print(&problem);
            None
        }
        Err(problem) => return Err(problem),
    };
    let running = thread::Builder::new()
        .name("charge point".to_owned())
        .spawn(move || charge_point.run(&mut MemoryStorage::default()))
        .map_err(|error| format!("no thread for the charge point: {error}"))?;

    let mut watch = Watch::new(happenings);
    let mut stage = Stage::new(&central, &inbox, &mut watch, &mut report);
    let played = stage.play();
    if arguments.stay {
        // What happens from now on is not kept.
        drop(watch);
        report.print("It stays up for the panel, until Ctrl+C or the command quit there.");
        let ended = running.join();
        if let Some(panel) = open {
            panel.close();
        }
        return match ended {
            Ok(ended) => ended.map(|_| ExitCode::SUCCESS),
            Err(_) => Err("the charge point has crashed".to_owned()),
        };
    }
    stage.end();
    let hardware = running
        .join()
        .map_err(|_| "the charge point has crashed".to_owned())??;
    watch.finish();

    let checks = checks::compare(&central.station(IDENTITY), &watch, &hardware, &played);
    report.tell(Happening::Chapter("summary".to_owned()));
    let text = summary::text(
        &central.station(IDENTITY),
        &watch,
        &checks,
        started.elapsed(),
    );
    report.print(&text);
    report.finish();
    Ok(if checks.iter().all(|check| check.passed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
