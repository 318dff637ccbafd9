//! Variables of the device model: told and set, where the version has one.

use crate::{
    dialect::{Found, MOST_VARIABLES, Variables},
    domain::ConfigurationStatus,
    station::{
        Station,
        inventory::{Inventory, UNKNOWN_COMPONENT, UNKNOWN_VARIABLE},
    },
    wire::{ErrorCode, Text, Writer, field::Violation},
};

impl Station<'_> {
    /// Tells what variables are. All of them were read before: what is wrong in one is an error.
    #[inline(never)]
    pub(in crate::station) fn get_variables(
        &mut self,
        raw_id: &str,
        asked: Variables<'_>,
    ) -> Result<(), Violation> {
        check(asked)?;
        let inventory = Inventory::new(
            &self.cx,
            self.connectors,
            self.transactions,
            self.rpc.longest_frame(),
        );
        self.rpc.answer(raw_id, &mut |w| {
            w.begin_object();
            w.begin_list("getVariableResult");
            for variable in asked.all().flatten() {
                let readable = variable
                    .found
                    .and_then(|found| Ok((found, inventory.is_readable(&found)?)));
                match readable {
                    Err(status) => variable.write(w, status, None),
                    Ok((found, true)) => {
                        let value = |w: &mut Writer<'_>| inventory.write(w, &found);
                        variable.write(w, "Accepted", Some(&value));
                    }
                    Ok((_, false)) => variable.write(w, REJECTED, None),
                }
            }
            w.end_list();
            w.end_object();
        });
        Ok(())
    }

    /// Sets variables, one after the other, and tells what became of each.
    #[inline(never)]
    pub(in crate::station) fn set_variables(
        &mut self,
        raw_id: &str,
        asked: Variables<'_>,
    ) -> Result<(), Violation> {
        check(asked)?;
        let mut statuses = [""; MOST_VARIABLES];
        for (variable, status) in asked.all().flatten().zip(&mut statuses) {
            *status = match (variable.found, variable.value) {
                (Err(status), _) => status,
                (Ok(found), Some(value)) => self.set_variable(found, value),
                (Ok(_), None) => REJECTED,
            };
        }
        self.rpc.answer(raw_id, &mut |w| {
            w.begin_object();
            w.begin_list("setVariableResult");
            for (variable, status) in asked.all().flatten().zip(statuses) {
                variable.write(w, status, None);
            }
            w.end_list();
            w.end_object();
        });
        Ok(())
    }
}

/// The status of a variable that cannot be set, or not to that.
const REJECTED: &str = "Rejected";

impl Station<'_> {
    fn set_variable(&mut self, found: Found<'_>, value: Text<'_>) -> &'static str {
        let id = match found {
            Found::Setting {
                id,
                is_read_only: false,
            } => id,
            Found::Named(name) => match self.cx.table().find_own(name) {
                Some(id) => id,
                None => return UNKNOWN_VARIABLE,
            },
            Found::Fact(fact) if fact.number > self.cx.profile.connectors => {
                return UNKNOWN_COMPONENT;
            }
            Found::Setting { .. } | Found::Fact(_) => return REJECTED,
        };
        match self.change_setting(id, value) {
            ConfigurationStatus::NotSupported => REJECTED,
            status => status.as_str(),
        }
    }

    /// Sends the next part of the report that is told.
    pub(in crate::station) fn call_report(&mut self) -> bool {
        let longest = self.rpc.longest_frame();
        let (connectors, transactions) = (&*self.connectors, &*self.transactions);
        let inventory = Inventory::new(&self.cx, connectors, transactions, longest);
        self.reports.call(&inventory, &mut self.rpc)
    }
}

/// Refuses a list that is too long, or in which something is wrong: nothing is done then.
fn check(asked: Variables<'_>) -> Result<(), Violation> {
    if asked.count() > MOST_VARIABLES {
        return Err(Violation {
            code: ErrorCode::OccurenceConstraintViolation,
            field: "",
        });
    }
    asked.all().try_for_each(|variable| variable.map(|_| ()))
}
