//! Renaming, describing, archiving. An archived template is what the API calls deprecated: nothing is made of it any
//! more and its pools are emptied, while workspaces that people have go on.

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::TemplateId;
use serde_json::{Map, Value};

use super::{NOT_FOUND, check_details, record, require_admin, taken};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::templates::{self, Details, Template},
};

/// What is to be changed; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub default_ttl_ms: Option<i64>,
    /// Empty: bring it back.
    pub deprecation_message: Option<String>,
}

impl Edit {
    fn of(self, before: &Details) -> Details {
        let before = before.clone();
        Details {
            name: self.name.unwrap_or(before.name),
            display_name: self.display_name.unwrap_or(before.display_name),
            description: self.description.unwrap_or(before.description),
            icon: self.icon.unwrap_or(before.icon),
            default_ttl_ms: self.default_ttl_ms.unwrap_or(before.default_ttl_ms),
            deprecation_message: self.deprecation_message.unwrap_or(before.deprecation_message),
        }
    }
}

/// The template as it is now; `None` when nothing was to be changed.
pub async fn edit(hearth: &Hearth, actor: &Actor, id: TemplateId, edit: Edit) -> Result<Option<Template>> {
    require_admin(actor)?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !templates::hold(&mut tx, id).await? {
        return Err(NOT_FOUND);
    }
    let before = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?.details();
    let after = edit.of(&before);
    if after == before {
        return Ok(None);
    }
    check_details(&after)?;
    templates::update(&mut tx, id, &after, now).await.map_err(|error| taken(error, &after.name))?;
    let changed = difference(&before, &after);
    record(&mut tx, hearth, actor, ("write", id, &before.name), changed).await?;
    let template = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    tx.commit().await?;
    hearth.events.publish(Event::Templates);
    Ok(Some(template))
}

/// What differs, before and after, for the record.
fn difference(before: &Details, after: &Details) -> (Option<Value>, Option<Value>) {
    let fields = |of: &Details| -> [(&'static str, Value); 6] {
        [
            ("name", of.name.clone().into()),
            ("display_name", of.display_name.clone().into()),
            ("description", of.description.clone().into()),
            ("icon", of.icon.clone().into()),
            ("default_ttl_ms", of.default_ttl_ms.into()),
            ("deprecation_message", of.deprecation_message.clone().into()),
        ]
    };
    let (mut was, mut is) = (Map::new(), Map::new());
    for ((name, old), (_, new)) in fields(before).into_iter().zip(fields(after)) {
        if old != new {
            was.insert(name.to_owned(), old);
            is.insert(name.to_owned(), new);
        }
    }
    (Some(was.into()), Some(is.into()))
}

/// Nothing is made of it any more.
pub async fn archive(hearth: &Hearth, actor: &Actor, id: TemplateId, why: &str) -> Result<()> {
    require_admin(actor)?;
    let why = why.trim();
    if why.is_empty() {
        return Err(Error::invalid("why", "Say why; whoever asks for a workspace will read it."));
    }
    let change = Edit { deprecation_message: Some(why.to_owned()), ..Edit::default() };
    match edit(hearth, actor, id, change).await? {
        Some(_) => Ok(()),
        None => Err(Error::Conflict("This template is archived already, for this reason.".to_owned())),
    }
}

pub async fn restore(hearth: &Hearth, actor: &Actor, id: TemplateId) -> Result<()> {
    let change = Edit { deprecation_message: Some(String::new()), ..Edit::default() };
    match edit(hearth, actor, id, change).await? {
        Some(_) => Ok(()),
        None => Err(Error::Conflict("This template is not archived.".to_owned())),
    }
}
