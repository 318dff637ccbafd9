//! A story with power cut somewhere in it, and what has to be true in the end.

use std::panic::{self, AssertUnwindSafe};

use ocpp::{domain::Status, station::Input};

use crate::{
    books,
    script::{Script, Story},
    support::{Bench, Cut, HOUR, MINUTE, Outage, SECOND, Written, id_tag},
};

/// Where power goes, and what happens then.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    pub cut: Cut,
    pub outage: Outage,
}

impl Fate {
    /// One that depends on where the cut is, so that all of them come up.
    pub fn of(cut: Cut, turn: usize) -> Self {
        let outage = Outage {
            ms: [0, SECOND, 20 * SECOND, 10 * MINUTE, 30 * HOUR][turn % 5],
            again: (turn % 3 == 1).then_some(turn / 3 % 4),
            takes_link: turn % 4 == 3,
        };
        Self { cut, outage }
    }
}

/// Performs a script without a cut: its writes.
pub fn writes(script: &Script) -> Result<Vec<Written>, String> {
    let mut story = Story::of(script);
    let before = story.bench.disk.writes();
    for &act in &script.acts {
        story.perform(act);
    }
    let mut written = story.bench.disk.written();
    in_the_end(&mut story, script).map_err(|wrong| format!("{}: {wrong}", script.name))?;
    Ok(written.split_off(before))
}

/// Performs a script with a cut, if the story is long enough for it: what is wrong in the end, if
/// anything is.
pub fn cut(script: &Script, fate: Fate) -> Result<(), String> {
    let run = AssertUnwindSafe(|| {
        let mut story = Story::of(script);
        story.bench.outage = fate.outage;
        story.bench.disk.cut_from_here(fate.cut);
        for &act in &script.acts {
            story.perform(act);
        }
        in_the_end(&mut story, script)
    });
    // What the bench asserts of every frame is a violation like any other.
    let violation = panic::catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.unwrap_or_else(|| "panicked".to_owned()))
    });
    violation.map_err(|wrong| format!("{}, {fate:?}: {wrong}", script.name))
}

/// Ends a story well: what is wrong then, if anything is.
pub fn in_the_end(story: &mut Story, script: &Script) -> Result<(), String> {
    story.end_well();
    let bench = &mut story.bench;
    if !bench.is_online() {
        return Err("not online".to_owned());
    }
    if bench.queued() > 0 {
        return Err(format!("{} messages are stuck", bench.queued()));
    }
    // An UpdateFirmware cannot be refused where storage takes nothing.
    let endings = story.endings.iter().filter(|_| script.storage_works());
    for action in endings {
        let asked = story.endings.iter().filter(|other| *other == action);
        is_told_of_the_end(bench, action, asked.count())?;
    }
    books::check(bench, script)?;
    for (key, value) in &story.values {
        let has = bench.get(key);
        if has != *value {
            return Err(format!("{key} was set to {value} and is {has}"));
        }
    }
    for connector in 0..=2 {
        let _ = bench.input(Input::FaultCleared(connector));
    }
    for (&connector, &operative) in &story.operative {
        let is_operative = bench.status(connector) != Some(Status::Unavailable);
        if is_operative != operative {
            return Err(format!("connector {connector} is not as was promised"));
        }
    }
    let (connector, operative) = (0, true);
    let _ = bench.input(Input::Availability {
        connector,
        operative,
    });
    for connector in 1..=2 {
        can_be_used(bench, connector).map_err(|wrong| format!("connector {connector} {wrong}"))?;
    }
    Ok(())
}

/// What was asked for has ended, and so the central system was told: once each time, unless the charge
/// point went down around its answer. Nothing of it is left.
fn is_told_of_the_end(bench: &Bench, action: &str, asked: usize) -> Result<(), String> {
    let told = bench.statuses_of(action);
    let ends = ["Installed", "Uploaded"];
    let is_end = |status: &&String| ends.contains(&status.as_str()) || status.ends_with("Failed");
    let count = told.iter().filter(is_end).count();
    let boots = bench
        .order()
        .iter()
        .filter(|sent| **sent == "BootNotification")
        .count();
    let most = asked + boots + bench.outages as usize;
    if count == 0 || count > most || !told.last().is_some_and(|status| is_end(&status)) {
        return Err(format!("{count} ends, at most {most}: {told:?}"));
    }
    let records = bench.disk.snapshot();
    let left = records.keys().filter(|id| matches!(id.0 >> 8, 0x0b | 0x0c));
    match left.count() {
        0 => Ok(()),
        left => Err(format!("{left} records of {action} are left")),
    }
}

/// The next driver charges.
fn can_be_used(bench: &mut Bench, connector: u8) -> Result<(), &'static str> {
    bench.unplug(connector);
    bench.forget();
    bench.plug(connector);
    let id_tag = &id_tag("NEXT");
    let _ = bench.input(Input::Tag { connector, id_tag });
    bench.advance(2 * SECOND);
    if !bench.is_charging(connector) || !bench.has_energy(connector) {
        return Err("is stuck");
    }
    let _ = bench.input(Input::Tag { connector, id_tag });
    bench.advance(SECOND);
    let calls = bench.take_sent();
    let count = |action| calls.iter().filter(|call| call.action == action).count();
    match (count("StartTransaction"), count("StopTransaction")) {
        (1, 1) if bench.queued() == 0 => Ok(()),
        _ => Err("does not tell of its next transaction"),
    }
}
