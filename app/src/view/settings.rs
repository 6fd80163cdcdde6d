use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Frame;

/// The reconciler's settings, as they hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReconcilerView {
    pub frame: Frame,
    /// (what, value, variable of the environment).
    pub settings: Vec<(String, String, String)>,
    /// This process runs the reconciler; else another replica does.
    pub leads: bool,
}

/// The query string of `/settings/users`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    /// `show`: the system user too.
    pub system: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeopleView {
    pub frame: Frame,
    pub people: Vec<PersonRow>,
    /// Whether this person may change others.
    pub may_change: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub username: String,
    pub email: String,
    pub role: String,
    pub suspended: bool,
    pub is_system: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    /// The one who looks.
    pub myself: bool,
}

/// Somebody to be made.
#[derive(Clone, Default)]
pub struct NewPersonOrder {
    pub username: String,
    pub email: String,
    pub role: String,
    pub password: String,
}

/// What an owner changes about a person.
#[derive(Clone)]
pub enum PersonAct {
    Role(String),
    Suspend,
    Activate,
    ResetPassword(String),
}

/// The query string of `/settings/tokens`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokensQuery {
    /// `all`: those of everybody, for owners.
    pub whose: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokensView {
    pub frame: Frame,
    pub tokens: Vec<TokenRow>,
    /// Those of everybody may be looked at.
    pub may_see_all: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub owner: String,
    pub created_at: DateTime<Utc>,
    /// `None`: never.
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreferencesView {
    pub frame: Frame,
    pub email: String,
    pub role: String,
    /// What this person can be told of, as in `copy::KINDS`, and whether they are.
    pub kinds: Vec<(String, bool)>,
}
