//! What a central system that bills makes of all messages, and whether it is what happened.

use std::collections::BTreeSet;

use ocpp::limits::TRANSACTION_SAVE_INTERVAL_MS;
use serde_json::Value;

use crate::{
    script::{Script, TRANSACTION_MESSAGES},
    support::{Begun, Bench, Sent},
};

/// What every meter of the bench begins with, in Wh.
const FIRST_REGISTER: i64 = 1_000;

/// A transaction as it is billed.
#[derive(Debug)]
struct Billed {
    id: i64,
    start: Value,
    /// The highest register that was told of it, and the time of the last message.
    highest: i64,
    told: String,
    stop: Option<Value>,
}

impl Billed {
    fn connector(&self) -> &Value {
        &self.start["connectorId"]
    }
}

/// Gives what is wrong with the books, if anything is.
pub fn check(bench: &mut Bench, script: &Script) -> Result<(), String> {
    let calls = bench.take_sent();
    let mut billed = Vec::new();
    let mut seen = BTreeSet::new();
    for call in &calls {
        let bills = TRANSACTION_MESSAGES.contains(&call.action.as_str());
        if bills && call.is_processed && seen.insert(&call.id) {
            enter(bench, &mut billed, call, script)
                .map_err(|wrong| format!("{wrong}: {} {}", call.action, call.payload))?;
        }
    }
    if let Some(open) = billed.iter().find(|transaction| transaction.stop.is_none()) {
        return Err(format!("never ended: {open:?}"));
    }
    compare(bench, &billed, script)?;
    balance(bench, &billed)
}

/// Whether all energy that flowed is billed: each transaction begins where the one before it at its
/// connector ended, the first where the meter began, the last ends where it is now.
fn balance(bench: &Bench, billed: &[Billed]) -> Result<(), String> {
    for connector in 1..=2 {
        let mut register = Some(FIRST_REGISTER);
        for transaction in billed.iter().filter(|t| *t.connector() == connector) {
            let start = transaction.start["meterStart"].as_i64();
            if start != register {
                return Err(format!("delivered before and not billed: {transaction:?}"));
            }
            let stop = transaction.stop.as_ref();
            register = stop.and_then(|stop| stop["meterStop"].as_i64());
        }
        let now = bench.register(connector);
        if register != Some(now.into()) {
            return Err(format!(
                "delivered and not billed: {now} Wh, not {register:?}"
            ));
        }
    }
    Ok(())
}

/// Enters a message that comes for the first time.
fn enter(
    bench: &Bench,
    billed: &mut Vec<Billed>,
    call: &Sent,
    script: &Script,
) -> Result<(), &'static str> {
    let payload = &call.payload;
    if call.action == "StartTransaction" {
        let same = |other: &&Billed| other.connector() == &payload["connectorId"];
        if let Some(before) = billed.iter().rfind(same) {
            let stop = before.stop.as_ref().ok_or("begins before the last ended")?;
            if stop["meterStop"].as_i64() > payload["meterStart"].as_i64() {
                return Err("begins below the end of the last");
            }
            if script.clock_is_right() && before.told.as_str() > text(payload, "timestamp") {
                return Err("begins earlier than the last ended");
            }
        }
        let id = bench.transaction_id(call);
        billed.push(Billed {
            id: id.ok_or("was never answered")?,
            start: payload.clone(),
            highest: payload["meterStart"].as_i64().ok_or("no meterStart")?,
            told: text(payload, "timestamp").to_owned(),
            stop: None,
        });
        return Ok(());
    }
    let Some(id) = payload["transactionId"].as_i64() else {
        return Ok(());
    };
    let transaction = billed.iter_mut().find(|transaction| transaction.id == id);
    let transaction = transaction.ok_or("of no transaction")?;
    if transaction.stop.is_some() {
        return Err("after the end");
    }
    if call.action == "StopTransaction" {
        meter_values(transaction, &payload["transactionData"], false)?;
        if payload["meterStop"].as_i64() < Some(transaction.highest) {
            return Err("ends below what was told before");
        }
        if script.clock_is_right() && text(payload, "timestamp") < transaction.told.as_str() {
            return Err("ends earlier than what was told before");
        }
        transaction.told = text(payload, "timestamp").to_owned();
        transaction.stop = Some(payload.clone());
        return Ok(());
    }
    if transaction.connector() != &payload["connectorId"] {
        return Err("of another connector");
    }
    // transactionData that the StopTransaction had no room for is told out of its order.
    let is_in_order = script.clock_is_right() && !script.has_transaction_data();
    meter_values(transaction, &payload["meterValue"], is_in_order)
}

fn meter_values(
    transaction: &mut Billed,
    list: &Value,
    is_in_order: bool,
) -> Result<(), &'static str> {
    for value in list.as_array().into_iter().flatten() {
        let timestamp = text(value, "timestamp");
        if is_in_order && timestamp < transaction.told.as_str() {
            return Err("earlier than what was told before");
        }
        transaction.told = timestamp.to_owned().max(transaction.told.clone());
        for sample in value["sampledValue"].as_array().into_iter().flatten() {
            let energy = "Energy.Active.Import.Register";
            if sample["measurand"].as_str().unwrap_or(energy) == energy {
                let register = text(sample, "value").parse().map_err(|_| "no number")?;
                transaction.highest = transaction.highest.max(register);
            }
        }
    }
    Ok(())
}

/// Whether all that the application was told of is billed, as it was.
fn compare(bench: &Bench, billed: &[Billed], script: &Script) -> Result<(), String> {
    let mut left: Vec<&Billed> = billed.iter().collect();
    for begun in &bench.begun {
        let own = left.iter().position(|transaction| {
            let right_time = bench.utc_at(begun.at);
            let knew_time = script.clock_is_right() && begun.knew_time;
            let is_at_its_time = !knew_time || transaction.start["timestamp"] == *right_time;
            is_at_its_time && is_of(transaction, begun)
        });
        left.remove(own.ok_or_else(|| format!("not billed: {begun:?} in {left:#?}"))?);
        // 7,200 W are 2 Wh a second.
        let most = 2 * (TRANSACTION_SAVE_INTERVAL_MS as i32 / 1_000 + 2);
        let lost = begun
            .cut_off
            .map_or(0, |(stored, register)| register - stored);
        if script.storage_works() && lost > most {
            return Err(format!("more than an interval is lost: {begun:?}"));
        }
    }
    Ok(())
}

/// Whether a bill is of that transaction, and of all that its meter counted: a power loss takes
/// nothing from it, because the meter still knows.
fn is_of(transaction: &Billed, begun: &Begun) -> bool {
    let start = &transaction.start;
    let stop = transaction.stop.as_ref();
    start["connectorId"] == begun.connector
        && start["idTag"] == *begun.id_tag
        && start["meterStart"] == begun.register
        && stop.and_then(|stop| stop["meterStop"].as_i64()) == begun.end.map(i64::from)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("")
}
