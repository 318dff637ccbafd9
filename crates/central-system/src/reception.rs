//! What happens to a CALL: recognise a resend, ask the hook, enter it in the books, answer.

use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::rpc::Call;
use crate::shared::{Shared, State};
use crate::{core_profile, v201};

/// OCPP-J 1.6, 4.1.4: the longest message id.
const ID_LENGTH: usize = 36;

/// Processes a CALL. What is returned is `Result`, `Error`, `Silence` or `Hangup`, and how
/// much later it is due.
pub(crate) fn receive(shared: &Shared, identity: &str, call: &Call) -> (Duration, Answer) {
    let (known, hook) = shared.change(|state| {
        let known = recognise(state, identity, call);
        (known, state.behaviour.hook.clone())
    });
    if let Some(answer) = known {
        return (Duration::ZERO, answer);
    }
    // Outside the lock, because the hook is the user's and may take its time.
    let chosen = hook.and_then(|hook| hook(identity, &call.action, &call.payload));
    let (delay, chosen) = chosen.unwrap_or(Answer::Standard).unfold();
    let answer = shared.change(|state| settle(state, identity, call, chosen));
    (delay, answer)
}

/// Counts the frame. Returns the answer if the same message already got one.
fn recognise(state: &mut State, identity: &str, call: &Call) -> Option<Answer> {
    let station = state.books.stations.entry(identity.to_owned()).or_default();
    *station.calls.entry(call.action.clone()).or_default() += 1;
    if call.id.is_empty() || call.id.chars().count() > ID_LENGTH {
        let fault = format!(
            "message id {:?} is not 1 to {ID_LENGTH} characters",
            call.id
        );
        station.note_fault(fault);
    }
    let memory = state.memories.entry(identity.to_owned()).or_default();
    if let Some(known) = memory.find(call) {
        station.enter_again(&call.action, &call.payload, &known.result);
        return known.sent.then(|| Answer::Result(known.result.clone()));
    }
    if memory.knows_id(&call.id) {
        let fault = format!("message id {:?} used again for another CALL", call.id);
        station.note_fault(fault);
    }
    None
}

/// Turns the hook's choice into the answer, and enters the CALL in the books.
fn settle(state: &mut State, identity: &str, call: &Call, chosen: Answer) -> Answer {
    let memory = state.memories.entry(identity.to_owned()).or_default();
    let known = memory.find(call).map(|known| known.result.clone());
    let is_new = known.is_none();
    let result = match (&chosen, known) {
        (Answer::Error { .. }, _) => return chosen,
        (Answer::Result(result), _) => result.clone(),
        (_, Some(result)) => result,
        (_, None) => match standard(state, identity, call) {
            Ok(result) => result,
            Err(error) if chosen == Answer::Standard => return error,
            Err(_) => return chosen,
        },
    };
    if is_new {
        let station = state.books.stations.entry(identity.to_owned()).or_default();
        station.enter(&call.action, &call.payload, &result);
    }
    let sent = matches!(chosen, Answer::Standard | Answer::Result(_));
    if is_new
        && let Some(ledger) = &mut state.ledger
        && let Err(error) = ledger.enter(identity, call, &result)
    {
        // What cannot be kept is not answered for.
        return Answer::error("InternalError", error.to_string());
    }
    let memory = state.memories.entry(identity.to_owned()).or_default();
    memory.keep(call, &result, sent);
    if sent { Answer::Result(result) } else { chosen }
}

/// What the version that the charge point speaks has for it.
fn standard(state: &mut State, identity: &str, call: &Call) -> Result<Value, Answer> {
    match state.links.get(identity).is_some_and(|link| link.is_201) {
        true => v201::answer(state, call),
        false => core_profile::answer(state, call),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::behaviour::Behaviour;

    fn start(id: &str) -> Call {
        Call {
            id: id.into(),
            action: "StartTransaction".into(),
            payload: json!({"connectorId": 1, "idTag": "X", "meterStart": 0, "timestamp": "t"}),
        }
    }

    fn transaction_id(answer: Answer) -> Option<i64> {
        match answer {
            Answer::Result(result) => result.get("transactionId").and_then(Value::as_i64),
            _ => None,
        }
    }

    #[test]
    fn a_lost_answer_is_given_again_but_nothing_is_entered_twice() {
        let state = &mut State::new(Behaviour::new());
        assert!(recognise(state, "CP", &start("1")).is_none());
        assert_eq!(
            settle(state, "CP", &start("1"), Answer::Silence),
            Answer::Silence
        );
        assert!(recognise(state, "CP", &start("1")).is_none());
        let answer = settle(state, "CP", &start("1"), Answer::Standard);
        assert_eq!(transaction_id(answer), Some(1));
        let again = recognise(state, "CP", &start("1")).unwrap();
        assert_eq!(transaction_id(again), Some(1));

        let station = state.books.station("CP").unwrap();
        assert_eq!(station.transactions.len(), 1);
        assert_eq!(station.transactions[0].start_frames, 3);
        assert_eq!((station.duplicates, station.faults.len()), (2, 0));
    }

    #[test]
    fn an_error_means_that_nothing_was_processed() {
        let state = &mut State::new(Behaviour::new());
        let error = Answer::error("InternalError", "");
        recognise(state, "CP", &start("1"));
        assert_eq!(settle(state, "CP", &start("1"), error.clone()), error);
        assert!(state.books.station("CP").unwrap().transactions.is_empty());
        recognise(state, "CP", &start("1"));
        let answer = settle(state, "CP", &start("1"), Answer::Standard);
        assert_eq!(transaction_id(answer), Some(1));
    }

    #[test]
    fn the_books_follow_a_hook_that_answers() {
        let state = &mut State::new(Behaviour::new());
        let result = json!({"transactionId": 99, "idTagInfo": {"status": "Blocked"}});
        settle(state, "CP", &start("1"), Answer::Result(result));
        let transaction = state.books.station("CP").unwrap().transaction(99).unwrap();
        assert_eq!(transaction.id_tag_status, "Blocked");
    }

    #[test]
    fn an_id_for_another_call_is_a_fault_and_a_new_call() {
        let state = &mut State::new(Behaviour::new());
        settle(state, "CP", &start("1"), Answer::Standard);
        let mut other = start("1");
        other.payload["meterStart"] = json!(5);
        assert!(recognise(state, "CP", &other).is_none());
        assert_eq!(state.books.station("CP").unwrap().faults.len(), 1);
        let answer = settle(state, "CP", &other, Answer::Standard);
        assert_eq!(transaction_id(answer), Some(2));
    }
}
