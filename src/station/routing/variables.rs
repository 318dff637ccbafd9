//! Variables of the device model: told and set, where the version has one.

use crate::{
    dialect::{MOST_VARIABLES, Variables},
    domain::ConfigurationStatus,
    station::{Station, settings::Mutability},
    wire::{ErrorCode, Writer, field::Violation},
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
        let (table, settings) = (self.cx.table(), &self.cx.settings);
        self.rpc.answer(raw_id, &mut |w| {
            w.begin_object();
            w.begin_list("getVariableResult");
            for variable in asked.all().flatten() {
                let place = variable.setting.map(|id| table.place(id));
                let row = place.map(|place| place.and_then(|place| table.row(place)));
                match row {
                    Err(status) => variable.write(w, status, None),
                    Ok(Some(row)) if row.mutability != Mutability::WriteOnly => {
                        let value = |w: &mut Writer<'_>| settings.write_value(w, &row);
                        variable.write(w, "Accepted", Some(&value));
                    }
                    Ok(_) => variable.write(w, "Rejected", None),
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
            let set = |id| match variable.value {
                Some(value) => self.change_setting(id, value),
                None => ConfigurationStatus::Rejected,
            };
            *status = match variable.setting.map(set) {
                Err(status) => status,
                Ok(ConfigurationStatus::NotSupported) => ConfigurationStatus::Rejected.as_str(),
                Ok(status) => status.as_str(),
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
