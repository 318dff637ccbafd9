//! Orders to the central system.

use std::time::Duration;

use serde_json::Value;

use super::{Player, Stop, bad, failed};
use crate::scenario::{
    operator::{self, Trouble},
    step::{Awaited, Deed, Expectation, Order, Outcome, Side},
    yaml::Place,
};

impl Player<'_> {
    /// Has the central system act, and waits for its CALL where it is to send one.
    pub(super) fn order(&mut self, place: &Place, order: &Order) -> Result<(), Stop> {
        self.log.catch_up();
        let text = order.text.as_deref().map(|text| self.variables.text(text));
        let text = text.transpose().map_err(|it| bad(place, it))?;
        let (deed, expected) = match &order.deed {
            Deed::Told => (operator::Deed::Told, None),
            Deed::Sign {
                request,
                like,
                outcome,
                within,
            } => {
                let request = self.variables.text(request).map_err(|it| bad(place, it))?;
                let with = self.variables.value(like).map_err(|it| bad(place, it))?;
                let action = "CertificateSigned".to_owned();
                let expected = self.call(place, action, with, outcome, *within)?;
                (operator::Deed::Sign { request }, Some(expected))
            }
            Deed::Know { what, value } => {
                let value = self.variables.value(value).map_err(|it| bad(place, it))?;
                let what = what.clone();
                (operator::Deed::Know { what, value }, None)
            }
            Deed::Send {
                action,
                payload,
                like,
                outcome,
                within,
            } => {
                let action = self.variables.text(action).map_err(|it| bad(place, it))?;
                let payload = self.variables.value(payload).map_err(|it| bad(place, it))?;
                let with = match like {
                    Some(like) => self.variables.value(like).map_err(|it| bad(place, it))?,
                    None => payload.clone(),
                };
                let expected = self.call(place, action.clone(), with, outcome, *within)?;
                (operator::Deed::Send { action, payload }, Some(expected))
            }
        };
        let acted = self.operator.act(
            &deed,
            text.as_deref(),
            order.hook.as_ref(),
            self.identity,
            &self.scenario.id,
            &self.variables,
        );
        match acted {
            Ok(()) => {}
            Err(Trouble::Cannot(why)) => {
                return Err(Stop::Skipped(format!("{}: {why}", deed.text())));
            }
            Err(Trouble::Failed(why)) => {
                let expected = "the central system is brought to it";
                return Err(failed(place, &deed.text(), expected, why));
            }
        }
        match expected {
            Some(expected) => self.expect(place, std::slice::from_ref(&expected)),
            None => Ok(()),
        }
    }

    /// A CALL that the central system is brought to; a person may take longer for it.
    fn call(
        &mut self,
        place: &Place,
        action: String,
        with: Value,
        outcome: &Outcome,
        within: Option<Duration>,
    ) -> Result<Expectation, Stop> {
        let mut within = within;
        if self.operator.is_person() {
            let usual = within.unwrap_or(self.scenario.within);
            within = Some(usual.max(self.operator_patience));
            self.deadline += self.operator_patience;
        }
        Ok(Expectation {
            place: place.clone(),
            what: Awaited::Call {
                by: Side::CentralSystem,
                action,
                with,
                outcome: self.resolved_outcome(place, outcome)?,
            },
            within,
        })
    }
}
