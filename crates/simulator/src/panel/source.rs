//! Where stations are: those of this process each with a thread, or those of a fleet.

use std::{future::Future, sync::Arc};

use serde_json::{Value, json};

use super::{Feed, problem::Problem};
use crate::charge_point::Asked;

/// What is known of a station, or of a whole fleet, without asking it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Of a station.
    pub number: Option<u64>,
    pub feed: Arc<Feed>,
    /// Whether the panel has created it; `None` where it creates none.
    pub is_own: Option<bool>,
}

impl Shown {
    /// The state with the number of the station, and `t` of now.
    pub fn state(&self) -> Value {
        let mut state = Value::clone(&self.feed.state());
        if let Some(fields) = state.as_object_mut() {
            if let Some(number) = self.number {
                fields.insert("id".to_owned(), json!(number));
            }
            if let Some(is_own) = self.is_own {
                fields.insert("own".to_owned(), json!(is_own));
            }
            fields.insert("t".to_owned(), json!(self.feed.millis()));
            fields.insert("lastEvent".to_owned(), json!(self.feed.last()));
        }
        state
    }
}

/// Stations by their numbers.
pub trait Source: Send + Sync + 'static {
    fn shown(&self, number: u64) -> impl Future<Output = Result<Shown, Problem>> + Send;

    /// What a station answers; what it shows is that of afterwards.
    fn ask(&self, number: u64, asked: Asked)
    -> impl Future<Output = Result<Value, Problem>> + Send;
}
