//! Plays the steps of a scenario.

mod orders;

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    arguments::TestArguments,
    load::Scenario,
    log::{Log, MOST_BYTES, What},
    operator::Operator,
    outcome::{Failure, Verdict},
    search::{Found, described, find, seconds},
    station::Station,
    step::{Act, Awaited, Expectation, Outcome, Side, Step},
    variables::Variables,
    yaml::Place,
};

/// How long a command may wait for its turn: a restart takes half a second.
const COMMAND_PATIENCE: Duration = Duration::from_secs(10);

/// Why a scenario ends before its last step.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    Failed(Box<Failure>),
    Skipped(String),
}

/// Where a scenario is.
pub struct Player<'a> {
    scenario: &'a Scenario,
    identity: &'a str,
    station: &'a Station,
    log: &'a mut Log,
    operator: &'a Operator,
    variables: Variables,
    /// How long a person may take for a CALL.
    operator_patience: Duration,
    /// When the time of the whole scenario is up.
    deadline: Instant,
    /// Frames of the central system need not be to the letter.
    lenient: bool,
    /// What has been matched is not matched again.
    cursor: usize,
    /// Commands that were given, and where they are written.
    commands: Vec<(String, Place)>,
}

impl<'a> Player<'a> {
    pub fn new(
        scenario: &'a Scenario,
        identity: &'a str,
        station: &'a Station,
        log: &'a mut Log,
        operator: &'a Operator,
        variables: Variables,
        arguments: &TestArguments,
    ) -> Self {
        let timeout = scenario.timeout.unwrap_or(arguments.timeout);
        Self {
            scenario,
            identity,
            station,
            log,
            operator,
            variables,
            operator_patience: arguments.operator_timeout,
            deadline: Instant::now() + timeout,
            lenient: arguments.lenient,
            cursor: 0,
            commands: Vec::new(),
        }
    }

    /// Plays all steps.
    pub fn play(&mut self) -> Verdict {
        let scenario = self.scenario;
        match self.steps(&scenario.steps).and_then(|()| self.look_back()) {
            Ok(()) => Verdict::Passed,
            Err(Stop::Failed(failure)) => Verdict::Failed(*failure),
            Err(Stop::Skipped(why)) => Verdict::Skipped(why),
        }
    }

    /// Where frames of the central system were not to the letter.
    pub fn deviations(&self) -> Vec<String> {
        let entries = self.log.entries.iter();
        let texts = entries.filter_map(|entry| match &entry.what {
            What::Event {
                name: "deviation",
                fields,
            } => {
                let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or("?");
                let (action, part) = (field("action"), field("part"));
                Some(format!(
                    "{action} {part}: {} {}",
                    field("field"),
                    field("rule")
                ))
            }
            _ => None,
        });
        texts.collect()
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), Stop> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), Stop> {
        let place = &step.place;
        match &step.act {
            Act::Do(line) => {
                let line = self.variables.text(line);
                self.command(place, &line.map_err(|it| bad(place, it))?)?;
            }
            Act::Wait(time) => {
                let until = (Instant::now() + *time).min(self.deadline);
                while self.log.wait(until) {}
                self.check_time(place, "wait")?;
            }
            Act::Expect(expectations) => {
                let expectations = expectations.iter().map(|it| self.resolved(it));
                let expectations = expectations.collect::<Result<Vec<_>, _>>()?;
                self.expect(place, &expectations)?;
            }
            Act::Never(expectations, time) => self.never(place, expectations, *time)?,
            Act::Operator(order) => self.order(place, order)?,
            Act::Let(variables) => self.set(place, variables)?,
            Act::Repeat {
                times,
                counter,
                steps,
            } => {
                for turn in 1..=*times {
                    if let Some(counter) = counter {
                        self.variables.set(counter, turn.into());
                    }
                    self.steps(steps)?;
                }
            }
            Act::Each {
                variable,
                values,
                steps,
            } => {
                for value in values {
                    let value = self.variables.value(value).map_err(|it| bad(place, it))?;
                    self.variables.set(variable, value);
                    self.steps(steps)?;
                }
            }
            Act::Include(variables, steps) => {
                self.set(place, variables)?;
                self.steps(steps)?;
            }
        }
        self.check_commands()
    }

    fn set(&mut self, place: &Place, variables: &[(String, Value)]) -> Result<(), Stop> {
        for (name, value) in variables {
            let value = self.variables.value(value).map_err(|it| bad(place, it))?;
            self.variables.set(name, value);
        }
        Ok(())
    }

    /// Gives a command, and waits until it is carried out.
    fn command(&mut self, place: &Place, line: &str) -> Result<(), Stop> {
        let line = line.trim();
        self.log.catch_up();
        let from = self.log.entries.len();
        self.commands.push((line.to_owned(), place.clone()));
        let sent = self.station.command(line);
        sent.map_err(|problem| failed(place, line, "the command is carried out", problem))?;
        let until = (Instant::now() + COMMAND_PATIENCE).min(self.deadline);
        loop {
            let mut new = self.log.entries.iter().skip(from);
            if new.any(|entry| entry.what == What::Command(line.to_owned())) {
                self.station.settle();
                self.log.catch_up();
                return self.check_commands();
            }
            self.check_commands()?;
            if !self.log.wait(until) {
                self.check_time(place, line)?;
                let found = match self.log.ended {
                    true => "the charge point has ended",
                    false => "it still waits for its turn",
                };
                let found = found.to_owned();
                return Err(failed(place, line, "the command is carried out", found));
            }
        }
    }

    /// A command that the charge point refuses is told as an error that begins with it.
    fn check_commands(&mut self) -> Result<(), Stop> {
        let refused = self.log.entries.iter().find_map(|entry| {
            let What::Event {
                name: "error",
                fields,
            } = &entry.what
            else {
                return None;
            };
            let message = fields.get("message")?.as_str()?;
            // It may connect by itself just then, and refuse that.
            let mut commands = self.commands.iter().filter(|(line, _)| line != "connect");
            commands.find_map(|(line, place)| {
                let why = message.strip_prefix(line.as_str())?.strip_prefix(": ")?;
                Some((line.clone(), place.clone(), why.to_owned()))
            })
        });
        match refused {
            None => Ok(()),
            Some((line, place, why)) => {
                Err(failed(&place, &line, "the command is carried out", why))
            }
        }
    }

    fn resolved(&self, expectation: &Expectation) -> Result<Expectation, Stop> {
        let value = |value: &Value| {
            let resolved = self.variables.value(value);
            resolved.map_err(|problem| bad(&expectation.place, problem))
        };
        let what = match &expectation.what {
            Awaited::Event { name, with } => Awaited::Event {
                name: name.clone(),
                with: value(with)?,
            },
            Awaited::Call {
                by,
                action,
                with,
                outcome,
            } => Awaited::Call {
                by: *by,
                action: match value(&Value::String(action.clone()))? {
                    Value::String(text) => text,
                    other => other.to_string(),
                },
                with: value(with)?,
                outcome: self.resolved_outcome(&expectation.place, outcome)?,
            },
        };
        Ok(Expectation {
            what,
            ..expectation.clone()
        })
    }

    fn resolved_outcome(&self, place: &Place, outcome: &Outcome) -> Result<Outcome, Stop> {
        let value = |value: &Value| self.variables.value(value).map_err(|it| bad(place, it));
        Ok(match outcome {
            Outcome::Answer(pattern) => Outcome::Answer(value(pattern)?),
            Outcome::Error(pattern) => Outcome::Error(value(pattern)?),
            Outcome::Ignored => Outcome::Ignored,
        })
    }

    /// Waits for all of them, in any order.
    fn expect(&mut self, place: &Place, expectations: &[Expectation]) -> Result<(), Stop> {
        let begun = Instant::now();
        let mut open: Vec<&Expectation> = expectations.iter().collect();
        let mut taken = Vec::new();
        loop {
            // The earliest moment at which one of them is too late.
            let mut next = None::<(Instant, &Expectation, String)>;
            let mut still_open = Vec::new();
            for expectation in open {
                let within = expectation.within.unwrap_or(self.scenario.within);
                let entries = &self.log.entries;
                let found = find(&expectation.what, entries, self.cursor, &taken, within);
                let (until, so_far) = match found {
                    Found::Yes(at, bound) => {
                        taken.push(at);
                        for (name, value) in bound {
                            self.variables.set(&name, value);
                        }
                        continue;
                    }
                    Found::Never(problem) => return Err(missed(expectation, within, problem)),
                    Found::No(Some(near)) => (begun + within, format!("one came, but {near}")),
                    Found::No(None) => (begun + within, "none came".to_owned()),
                    Found::Unanswered { until_ms } => (
                        self.station.started + Duration::from_millis(until_ms),
                        "it came, and no answer to it".to_owned(),
                    ),
                };
                if next.as_ref().is_none_or(|(earliest, ..)| until < *earliest) {
                    next = Some((until, expectation, so_far));
                }
                still_open.push(expectation);
            }
            open = still_open;
            let Some((until, expectation, so_far)) = next else {
                let last = taken.iter().max().map_or(self.cursor, |last| last + 1);
                self.cursor = last;
                return Ok(());
            };
            if !self.log.wait(until.min(self.deadline)) {
                self.check_time(place, &described(&expectation.what))?;
                let within = expectation.within.unwrap_or(self.scenario.within);
                let so_far = match self.log.ended {
                    true => format!("{so_far}; the charge point has ended"),
                    false => so_far,
                };
                return Err(missed(expectation, within, so_far));
            }
        }
    }

    /// Waits, and looks whether something came that must not.
    fn never(
        &mut self,
        place: &Place,
        expectations: &[Expectation],
        time: Duration,
    ) -> Result<(), Stop> {
        let until = (Instant::now() + time).min(self.deadline);
        while self.log.wait(until) {}
        self.check_time(place, "never")?;
        for expectation in expectations {
            let mut resolved = self.resolved(expectation)?;
            if let Awaited::Call { outcome, .. } = &mut resolved.what {
                *outcome = Outcome::Ignored;
            }
            let entries = &self.log.entries;
            let found = find(&resolved.what, entries, self.cursor, &[], time);
            if let Found::Yes(at, _) = found {
                let at_ms = entries.get(at).map_or(0, |entry| entry.at_ms);
                let step = format!("never: {}", described(&resolved.what));
                let expected = format!("nothing like it for {time:?}");
                let found = format!("it came at {}", seconds(at_ms));
                return Err(failed(place, &step, &expected, found));
            }
        }
        Ok(())
    }

    fn check_room(&self, place: &Place, step: &str) -> Result<(), Stop> {
        match self.log.is_flooded() {
            false => Ok(()),
            true => {
                let expected = "the central system sends what can be kept";
                let found = format!("it has sent more than {} MiB", MOST_BYTES >> 20);
                Err(failed(place, step, expected, found))
            }
        }
    }

    fn check_time(&self, place: &Place, step: &str) -> Result<(), Stop> {
        self.check_room(place, step)?;
        match Instant::now() < self.deadline {
            true => Ok(()),
            false => {
                let expected = "the scenario ends in time";
                let found = "its time is up (timeout)".to_owned();
                Err(failed(place, step, expected, found))
            }
        }
    }

    /// What counts for the whole scenario.
    fn look_back(&mut self) -> Result<(), Stop> {
        self.log.catch_up();
        let place = Place {
            file: self.scenario.file.clone(),
            line: 1,
        };
        self.check_room(&place, "all of it")?;
        self.check_commands()?;
        let deviations = self.deviations();
        if deviations.is_empty() || self.lenient || !self.scenario.to_the_letter {
            return Ok(());
        }
        let expected = "frames of the central system are to the letter of OCPP 1.6";
        Err(failed(&place, "all of it", expected, deviations.join("; ")))
    }
}

fn failed(place: &Place, step: &str, expected: &str, found: String) -> Stop {
    Stop::Failed(Box::new(Failure {
        place: place.clone(),
        step: step.to_owned(),
        expected: expected.to_owned(),
        found,
    }))
}

/// A variable that is not what it was thought to be.
fn bad(place: &Place, problem: String) -> Stop {
    failed(place, "variables", "they have values", problem)
}

fn missed(expectation: &Expectation, within: Duration, found: String) -> Stop {
    let what = described(&expectation.what);
    let expected = format!("{what}, within {within:?}");
    let step = match &expectation.what {
        Awaited::Event { name, .. } => format!("event {name}"),
        Awaited::Call {
            by: Side::Station,
            action,
            ..
        } => format!("sends {action}"),
        Awaited::Call { action, .. } => format!("receives {action}"),
    };
    failed(&expectation.place, &step, &expected, found)
}
