//! Why a request was not carried out.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fleet::Refusal;
use serde_json::json;

use crate::charge_point::Unanswered;

/// A status of HTTP, and a line for the user: `{"error": "..."}`.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    why: String,
}

impl Problem {
    pub fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
        }
    }

    /// The request cannot be meant.
    pub fn bad_request(why: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, why)
    }

    pub fn not_found(why: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, why)
    }

    /// It cannot be done as things are.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, why)
    }

    pub fn ended() -> Self {
        Self::new(StatusCode::GONE, "the station has ended")
    }

    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the station is busy; try again",
        )
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::NotUnderstood(why) => Self::bad_request(why),
            Unanswered::Refused(why) => Self::conflict(why),
            Unanswered::Unknown(why) => Self::not_found(why),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotNow(why) => Self::conflict(why),
            Refusal::Unknown(why) => Self::not_found(why),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.why }))).into_response()
    }
}
