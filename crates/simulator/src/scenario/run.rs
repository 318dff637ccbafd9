//! A run: scenarios, some at the same time, each with its own charge point.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    arguments::TestArguments,
    authority::Pair,
    built_in::BuiltIn,
    files,
    folder::Folder,
    load::Scenario,
    operator::{self, Operator, Trouble},
    options::Certificate,
    outcome::{Ended, Failure, Verdict},
    player::Player,
    reports::{self, Told},
    search,
    secured::Certificates,
    select,
    signing::Signing,
    station::{Common, Station},
    step::{Deed, Hook},
    variables::Variables,
    yaml::Place,
};
use crate::{
    password::Password,
    report::{Report, harmless},
    tls::TlsFiles,
};

/// The name of the central system of this program.
const BUILT_IN: &str = "builtin";
/// Variables that a scenario may use where an option gives them.
const KNOWN_BY_OPTION: [&str; 2] = ["csms-root", "csms-next-root"];
/// Frames that a report shows.
const FRAMES: usize = 10;

/// What all scenarios of a run have in common.
pub struct Run<'a> {
    arguments: &'a TestArguments,
    csms: &'a str,
    given: BTreeMap<String, String>,
    hook: Option<Hook>,
    common: Common,
    report: Report,
    files: String,
    signing: Arc<Signing>,
    /// The root certificate of the central system, in PEM, where it is known.
    root: Option<String>,
    /// Those of the central system of this program.
    certificates: Option<Arc<Certificates>>,
    /// What charge points have of certificates is in files.
    _folder: Folder,
}

impl<'a> Run<'a> {
    pub fn new(
        arguments: &'a TestArguments,
        given: BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let hook = arguments.hook.as_deref().map(select::hook).transpose()?;
        let password = Password::find(None, arguments.password_file.as_deref())?;
        let mut tls = TlsFiles {
            roots: arguments.ca.clone(),
            own: arguments.cert.clone().zip(arguments.key.clone()),
            takes_wildcards: true,
            ..TlsFiles::default()
        };
        let csms = arguments.csms.as_deref().unwrap_or(BUILT_IN);
        let (folder, signing) = (Folder::new()?, Signing::new(files::IMAGE)?);
        let keep = |name: &str, pair: &Pair| -> Result<_, String> {
            let certificate = folder.file(&format!("{name}.pem"), &pair.certificate)?;
            Ok((certificate, folder.file(&format!("{name}.key"), &pair.key)?))
        };
        let stranger = Some(keep("stranger", &signing.stranger()?)?);
        let certificates = match csms {
            BUILT_IN => {
                let certificates = Certificates::new()?;
                tls.roots = Some(folder.file("root.pem", &certificates.root)?);
                tls.own = Some(keep("own", &certificates.client)?);
                Some(Arc::new(certificates))
            }
            _ => None,
        };
        tls.check()?;
        let root = tls.roots.as_deref().map(fs::read_to_string).transpose();
        let root = root.map_err(|error| format!("--ca: {error}"))?;
        let report = Report::silent(Instant::now());
        let files = files::serve().map_err(|error| format!("no server of files: {error}"))?;
        Ok(Self {
            arguments,
            csms,
            given,
            hook,
            common: Common {
                tls,
                password,
                only_secured: csms == BUILT_IN,
                stranger,
            },
            report,
            files,
            signing: Arc::new(signing),
            root,
            certificates,
            _folder: folder,
        })
    }

    pub fn prints_text(&self) -> bool {
        let is_standard_output = |path: &Option<_>| path.as_deref() == Some(Path::new("-"));
        !is_standard_output(&self.arguments.json) && !is_standard_output(&self.arguments.junit)
    }

    /// Runs them, some at the same time; what is given back is in their order.
    pub fn all<'s>(&self, scenarios: &[&'s Scenario]) -> Result<Vec<Told<'s>>, String> {
        let has_hook = |it: &Scenario| self.hook.is_some() || it.hook.is_some();
        let is_automatic = self.csms == BUILT_IN || scenarios.iter().all(|it| has_hook(it));
        // Two charge points with one identity would cut each other's connection.
        let id = &self.arguments.id;
        let are_apart = id.contains("{n}") || id.contains("{name}");
        let jobs = match are_apart && is_automatic {
            true => usize::from(self.arguments.jobs),
            false => 1,
        };
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Told<'s>)>> = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..jobs.min(scenarios.len()) {
                let work = || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(scenario) = scenarios.get(number) else {
                            return;
                        };
                        let told = self.one(number + 1, scenario);
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        if self.prints_text() {
                            println!("{}", reports::text(&told));
                        }
                        done.push((number, told));
                    }
                };
                // With one less the others take its part; without any there is no result below.
                let _ = thread::Builder::new()
                    .name("scenario".to_owned())
                    .spawn_scoped(scope, work);
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        if done.len() < scenarios.len() {
            return Err("no thread for the scenarios".to_owned());
        }
        done.sort_by_key(|(number, _)| *number);
        Ok(done.into_iter().map(|(_, told)| told).collect())
    }

    fn one<'s>(&self, number: usize, scenario: &'s Scenario) -> Told<'s> {
        let short = scenario.id.rsplit('/').next().unwrap_or_default();
        let identity = self.arguments.id.replace("{n}", &number.to_string());
        let identity = identity.replace("{name}", short);
        let begun = Instant::now();
        let mut ended = self
            .play(number, &identity, scenario)
            .unwrap_or_else(|verdict| Ended {
                verdict,
                took: begun.elapsed(),
                frames: Vec::new(),
                deviations: Vec::new(),
            });
        ended.took = begun.elapsed();
        Told {
            scenario,
            identity,
            ended,
        }
    }

    /// The error is the verdict on a scenario whose steps are not played.
    fn play(&self, number: usize, identity: &str, scenario: &Scenario) -> Result<Ended, Verdict> {
        let place = Place {
            file: scenario.file.clone(),
            line: 1,
        };
        let failed = |step: &str, expected: &str, found: String| {
            Verdict::Failed(Failure {
                place: place.clone(),
                step: step.to_owned(),
                expected: expected.to_owned(),
                found,
            })
        };
        if let Some(why) = self.unsuitable(scenario) {
            return Err(Verdict::Skipped(why));
        }
        let (operator, csms) = match &self.certificates {
            Some(certificates) => {
                let made = BuiltIn::start(scenario.station.profile, certificates);
                let made = made.map_err(|it| failed("central system", "it starts", it))?;
                (Operator::BuiltIn(made.0), made.1)
            }
            None => {
                let hook = self.hook.as_ref().or(scenario.hook.as_ref());
                let operator = hook.map_or(Operator::Person, |hook| Operator::Hook(hook.clone()));
                (operator, self.csms.to_owned())
            }
        };
        let bad = |problem| failed("variables", "they have values", problem);
        let variables = self.variables(number, identity, &csms, scenario);
        let variables = variables.map_err(bad)?;
        let mut lacking = KNOWN_BY_OPTION.iter();
        let lacking = lacking.find(|name| scenario.uses.contains(**name) && !variables.has(name));
        if let Some(name) = lacking {
            return Err(Verdict::Skipped(format!("{name} is not given")));
        }
        let password = scenario.station.password.as_deref();
        let password = password.map(|it| variables.text(it)).transpose();
        let password = password.map_err(bad)?;
        let password = password.and_then(|text| Password::new(text.as_bytes()));

        if let (true, Some(needs)) = (operator.is_person(), &scenario.needs) {
            let needs = variables.text(needs).map_err(bad)?;
            eprintln!("{identity}: {}", scenario.id);
            needs
                .lines()
                .for_each(|line| eprintln!("    {}", harmless(line)));
        }
        for order in &scenario.prepared {
            let Deed::Know { what, value } = &order.deed else {
                continue;
            };
            let value = variables.value(value).map_err(bad)?;
            let what = what.clone();
            let deed = operator::Deed::Know { what, value };
            let acted = operator.act(&deed, None, None, identity, &scenario.id, &variables);
            acted.map_err(|trouble| match trouble {
                Trouble::Cannot(why) => Verdict::Skipped(format!("{}: {why}", deed.text())),
                Trouble::Failed(why) => {
                    failed(&deed.text(), "the central system is brought to it", why)
                }
            })?;
        }
        let station = Station::start(
            &csms,
            identity,
            &scenario.station,
            password,
            &self.common,
            &self.report,
        );
        let (mut station, mut log) =
            station.map_err(|it| failed("station", "the charge point starts", it))?;
        let mut player = Player::new(
            scenario,
            identity,
            &station,
            &mut log,
            &operator,
            variables,
            self.arguments,
        );
        let verdict = player.play();
        let deviations = player.deviations();
        let frames = search::last_frames(&log.entries, FRAMES);
        station.end();
        Ok(Ended {
            verdict,
            took: Duration::ZERO,
            frames,
            deviations,
        })
    }

    /// What a scenario's texts may name from its beginning.
    fn variables(
        &self,
        number: usize,
        identity: &str,
        csms: &str,
        scenario: &Scenario,
    ) -> Result<Variables, String> {
        let mut variables = Variables::new(Arc::clone(&self.signing));
        variables.set("number", json!(number));
        if let Some(root) = &self.root {
            variables.set("csms-root", json!(root));
        }
        if let Some(certificates) = &self.certificates {
            variables.set("csms-next-root", json!(certificates.next_root));
        }
        for (name, value) in [
            ("identity", identity),
            ("csms", csms),
            ("files", &self.files),
            ("name", &scenario.id),
            ("root", &self.signing.root),
            ("next-root", &self.signing.next_root),
            ("signer", &self.signing.signer),
            ("signature", &self.signing.signature),
            ("bad-signature", &self.signing.bad_signature),
        ] {
            variables.set(name, json!(value));
        }
        for (name, value) in &self.given {
            variables.set(name, json!(value));
        }
        for (name, value) in &scenario.variables {
            let value = variables.value(value)?;
            variables.set(name, value);
        }
        Ok(variables)
    }

    /// Why a scenario cannot be run here.
    fn unsuitable(&self, scenario: &Scenario) -> Option<String> {
        let is_secure = self.csms.starts_with("wss://");
        let options = &scenario.station;
        let takes_all = self.csms == BUILT_IN;
        match options.profile {
            _ if takes_all => {}
            Some(0 | 1) if is_secure => return Some("it is for ws://".to_owned()),
            Some(2 | 3) if !is_secure => return Some("it is for wss://".to_owned()),
            Some(3)
                if self.common.tls.own.is_none() && options.certificate == Certificate::Known =>
            {
                return Some("it is for --cert and --key".to_owned());
            }
            _ => {}
        }
        None
    }
}
