//! A page of the table: asked of the loops, found, sorted and cut here.

use std::{collections::HashMap, time::Duration};

use fleet::{Connection, Control, Filter, Found, Sort};
use ocpp::domain::{RegistrationStatus, Status};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};

use crate::panel::{fields::Fields, problem::Problem};

/// Rows without a limit,
const USUAL: u64 = 50;
/// and with one.
const MOST: u64 = 500;
/// Loops that have much to do answer late.
const PATIENCE: Duration = Duration::from_secs(10);

const SORTS: [(&str, Sort); 7] = [
    ("id", Sort::Id),
    ("version", Sort::Version),
    ("connection", Sort::Connection),
    ("power", Sort::Power),
    ("energy", Sort::Energy),
    ("queued", Sort::Queued),
    ("lastError", Sort::LastError),
];
const BOOLEANS: [(&str, bool); 2] = [("true", true), ("false", false)];

/// Which rows are wanted.
pub struct Page {
    filter: Filter,
    is_descending: bool,
    offset: usize,
    limit: usize,
}

impl Page {
    pub fn of(query: HashMap<String, String>) -> Result<Self, Problem> {
        let mut fields = Fields::of_query(query);
        let connections = Connection::ALL.map(|it| (it.as_str(), it));
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = Self {
            filter: Filter {
                text: fields.text("text")?.map(|text| text.to_lowercase()),
                is_201: fields.word("version", &[("1.6", false), ("2.0.1", true)])?,
                connection: fields.word("connection", &connections)?,
                registration: named(&mut fields, "registration", RegistrationStatus::NAMES)?,
                status: named(&mut fields, "status", Status::NAMES)?,
                is_queued: fields.word("queued", &BOOLEANS)?,
                has_error: fields.word("error", &BOOLEANS)?,
                sort: fields.word("sort", &SORTS)?.unwrap_or_default(),
            },
            is_descending: fields
                .word("order", &[("ascending", false), ("descending", true)])?
                .unwrap_or(false),
            offset: count(fields.number("offset", u64::MAX)?.unwrap_or(0)),
            limit: count(fields.number("limit", MOST)?.unwrap_or(USUAL)),
        };
        fields.finish()?;
        Ok(page)
    }

    /// The rows as they are now, and how many stations are meant.
    pub async fn read(&self, control: &Control) -> Result<Value, Problem> {
        let (sender, answers) = mpsc::unbounded_channel();
        let loops = control.search(&self.filter, move |found| {
            // Who does not wait any more needs none.
            let _ = sender.send(found);
        });
        let mut found = all(loops, answers).await?;
        let ids = self.choose(&mut found);
        let (sender, answers) = mpsc::unbounded_channel();
        let loops = control.rows(ids.iter().copied(), move |rows| {
            let _ = sender.send(rows);
        });
        let rows = all(loops, answers).await?.into_iter();
        let mut rows: HashMap<u64, Value> = rows
            .filter_map(|row: Value| Some((row.get("id")?.as_u64()?, row)))
            .collect();
        let rows: Vec<Value> = ids.iter().filter_map(|id| rows.remove(id)).collect();
        Ok(json!({
            "stations": rows,
            "offset": self.offset,
            "found": found.len(),
            "all": control.stations(),
        }))
    }

    /// The numbers of the stations on this page, in their order.
    fn choose(&self, found: &mut [Found]) -> Vec<u64> {
        match self.is_descending {
            true => found.sort_unstable_by_key(|it| (std::cmp::Reverse(it.key), it.id)),
            false => found.sort_unstable_by_key(|it| (it.key, it.id)),
        }
        let page = found.iter().skip(self.offset).take(self.limit);
        page.map(|it| it.id).collect()
    }
}

/// One of these names.
fn named(fields: &mut Fields, field: &str, names: &[&str]) -> Result<Option<String>, Problem> {
    let words: Vec<(&str, &str)> = names.iter().map(|name| (*name, *name)).collect();
    let word = fields.word(field, &words)?;
    Ok(word.map(str::to_owned))
}

/// What all loops answer.
async fn all<T>(
    loops: usize,
    mut answers: mpsc::UnboundedReceiver<Vec<T>>,
) -> Result<Vec<T>, Problem> {
    let mut told = Vec::new();
    for _ in 0..loops {
        match timeout(PATIENCE, answers.recv()).await {
            Ok(Some(part)) => told.extend(part),
            Ok(None) => return Err(Problem::ended()),
            Err(_) => return Err(Problem::busy()),
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, Problem> {
        let parts = query.split('&').filter_map(|part| part.split_once('='));
        Page::of(
            parts
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    #[test]
    fn pages_are_cut_from_what_is_sorted() {
        let found = [(5, 1), (7, 2), (5, 3), (9, 4)].map(|(key, id)| Found { key, id });
        let ids = |query: &str| page(query).unwrap().choose(&mut found.clone());
        assert_eq!(ids(""), [1, 3, 2, 4]);
        assert_eq!(ids("order=descending"), [4, 2, 1, 3]);
        assert_eq!(ids("offset=1&limit=2"), [3, 2]);
        assert!(ids("offset=9").is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for query in [
            "sort=colour",
            "order=up",
            "limit=501",
            "offset=-1",
            "connection=far",
            "status=Sleeping",
            "registration=No",
            "queued=1",
            "version=1.5",
            "what=1",
        ] {
            assert!(page(query).is_err(), "{query}");
        }
        assert!(page("status=Charging&registration=Accepted&connection=off&error=true").is_ok());
    }
}
