//! What the central system knows about an idTag (OCPP 1.6, 7.27 IdTagInfo).

use serde_json::{Map, Value, json};

/// OCPP 1.6, 7.2 AuthorizationStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the specification's")]
pub enum IdTagStatus {
    Accepted,
    Blocked,
    Expired,
    Invalid,
    ConcurrentTx,
}

impl IdTagStatus {
    /// The spelling of the specification.
    pub fn as_str(self) -> &'static str {
        match self {
            IdTagStatus::Accepted => "Accepted",
            IdTagStatus::Blocked => "Blocked",
            IdTagStatus::Expired => "Expired",
            IdTagStatus::Invalid => "Invalid",
            IdTagStatus::ConcurrentTx => "ConcurrentTx",
        }
    }
}

/// A line of the table of idTags. It is answered as it is: a passed `expiry_date` does not
/// turn `Accepted` into `Expired`, so that a test can send both separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTag {
    /// The status of the tag.
    pub status: IdTagStatus,
    /// The group the tag belongs to.
    pub parent_id_tag: Option<String>,
    /// RFC 3339, sent as it is.
    pub expiry_date: Option<String>,
}

impl IdTag {
    /// A tag with this status, without group and without expiry.
    pub fn new(status: IdTagStatus) -> Self {
        IdTag {
            status,
            parent_id_tag: None,
            expiry_date: None,
        }
    }

    /// A tag that may charge.
    pub fn accepted() -> Self {
        Self::new(IdTagStatus::Accepted)
    }

    /// Puts the tag into a group.
    pub fn parent(mut self, parent_id_tag: impl Into<String>) -> Self {
        self.parent_id_tag = Some(parent_id_tag.into());
        self
    }

    /// Gives the tag an expiry date (RFC 3339).
    pub fn expires(mut self, expiry_date: impl Into<String>) -> Self {
        self.expiry_date = Some(expiry_date.into());
        self
    }

    /// The tag as `idTagInfo`.
    pub(crate) fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("status".into(), json!(self.status.as_str()));
        if let Some(parent) = &self.parent_id_tag {
            fields.insert("parentIdTag".into(), json!(parent));
        }
        if let Some(date) = &self.expiry_date {
            fields.insert("expiryDate".into(), json!(date));
        }
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_are_left_out() {
        assert_eq!(IdTag::accepted().to_json(), json!({"status": "Accepted"}));
        assert_eq!(
            IdTag::new(IdTagStatus::Expired)
                .parent("FLEET")
                .expires("2024-01-01T00:00:00Z")
                .to_json(),
            json!({"status": "Expired", "parentIdTag": "FLEET",
                   "expiryDate": "2024-01-01T00:00:00Z"})
        );
    }
}
