//! `/api/v2/notifications/inbox`: what a person was told.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jobs::instant;
use crate::{
    backend::inbox,
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Params, Segments},
    },
    store::notifications::{Action, Notification, Wanted},
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/notifications/inbox", get(list))
        .route("/api/v2/notifications/inbox/mark-all-as-read", put(read_all))
        .route("/api/v2/notifications/inbox/{id}/read-status", put(set_read))
}

#[derive(Serialize)]
struct NotificationBody {
    id: Uuid,
    user_id: Uuid,
    template_id: Uuid,
    targets: Vec<Uuid>,
    title: String,
    content: String,
    icon: String,
    actions: Vec<ActionBody>,
    read_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct ActionBody {
    label: String,
    url: String,
}

impl From<Notification> for NotificationBody {
    fn from(row: Notification) -> Self {
        let action = |Action { label, url }| ActionBody { label, url };
        Self {
            id: row.id,
            user_id: row.user_id.0,
            template_id: row.template_id,
            targets: row.targets.0,
            title: row.title,
            content: row.content,
            icon: row.icon,
            actions: row.actions.0.into_iter().map(action).collect(),
            read_at: instant(row.read_at),
            created_at: row.created_at,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListParams {
    /// Ids, with commas between.
    targets: String,
    templates: String,
    read_status: String,
    starting_before: Option<Uuid>,
    /// How a socket would write the content; here it is markdown always.
    format: String,
}

#[derive(Serialize)]
struct Inbox {
    notifications: Vec<NotificationBody>,
    unread_count: i64,
}

fn ids(field: &str, text: &str) -> Result<Vec<Uuid>> {
    let parsed = text.split(',').filter(|id| !id.is_empty()).map(str::parse);
    parsed.collect::<Result<_, _>>().map_err(|_| Error::invalid(field, "must be ids, with commas between"))
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<Inbox>> {
    if !matches!(params.format.as_str(), "" | "markdown") {
        return Err(Error::invalid("format", "must be `markdown`"));
    }
    let read = match params.read_status.as_str() {
        "" | "all" => None,
        "read" => Some(true),
        "unread" => Some(false),
        _ => return Err(Error::invalid("read_status", "must be one of all, read, unread")),
    };
    let wanted = Wanted {
        read,
        before: params.starting_before,
        targets: ids("targets", &params.targets)?,
        templates: ids("templates", &params.templates)?,
    };
    let (notifications, unread_count) = inbox::list(&hearth, &actor, &wanted).await?;
    Ok(Json(Inbox { notifications: notifications.into_iter().map(Into::into).collect(), unread_count }))
}

#[derive(Deserialize)]
struct ReadBody {
    is_read: bool,
}

#[derive(Serialize)]
struct Updated {
    notification: NotificationBody,
    unread_count: i64,
}

async fn set_read(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Body(body): Body<ReadBody>,
) -> Result<Json<Updated>> {
    let (notification, unread_count) = inbox::set_read(&hearth, &actor, id, body.is_read).await?;
    Ok(Json(Updated { notification: notification.into(), unread_count }))
}

async fn read_all(State(hearth): State<Hearth>, Caller(actor): Caller) -> Result<StatusCode> {
    inbox::read_all(&hearth, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
