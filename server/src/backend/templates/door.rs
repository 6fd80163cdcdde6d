//! The pages' door to templates.

use async_trait::async_trait;
use hearth_app::{
    backend::{Actor, TemplateBackend},
    error::AppError,
    view::{
        TemplateOrder, TemplateQuery, TemplateView, TemplatesQuery, TemplatesView, UploadQuery, UploadView,
        Uploaded, VersionView,
    },
};
use hearth_prebuilds::ids::VersionId;
use multer::Multipart;

use super::{Edit, Order, VERSION_NOT_FOUND, edit, named};
use crate::{
    backend::{Backend, to_app_error, versions},
    error::{Error, Result},
    hearth::Hearth,
    store,
};

type Answer<T> = Result<T, AppError>;

#[async_trait]
impl TemplateBackend for Backend {
    async fn templates(&self, actor: &Actor, query: &TemplatesQuery) -> Answer<TemplatesView> {
        super::list(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn template(&self, actor: &Actor, template: &str, query: &TemplateQuery) -> Answer<TemplateView> {
        super::page(&self.0, actor, template, query).await.map_err(to_app_error)
    }

    async fn version(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        after: Option<i64>,
    ) -> Answer<VersionView> {
        super::version(&self.0, actor, (template, version), after).await.map_err(to_app_error)
    }

    async fn upload_step(&self, actor: &Actor, query: &UploadQuery) -> Answer<UploadView> {
        super::step(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn upload(&self, actor: &Actor, form: Multipart<'static>) -> Answer<Uploaded> {
        super::upload(&self.0, actor, form).await.map_err(to_app_error)
    }

    async fn upload_sample(&self, actor: &Actor) -> Answer<Uploaded> {
        super::sample(&self.0, actor).await.map_err(to_app_error)
    }

    async fn create_template(&self, actor: &Actor, order: &TemplateOrder) -> Answer<()> {
        create(&self.0, actor, order).await.map_err(to_app_error)
    }

    async fn edit_template(&self, actor: &Actor, template: &str, order: &TemplateOrder) -> Answer<()> {
        change(&self.0, actor, template, order).await.map_err(to_app_error)
    }

    async fn archive_template(&self, actor: &Actor, template: &str, why: &str) -> Answer<()> {
        let act = async { edit::archive(&self.0, actor, id(&self.0, template).await?, why).await };
        act.await.map_err(to_app_error)
    }

    async fn restore_template(&self, actor: &Actor, template: &str) -> Answer<()> {
        let act = async { edit::restore(&self.0, actor, id(&self.0, template).await?).await };
        act.await.map_err(to_app_error)
    }

    async fn delete_template(&self, actor: &Actor, template: &str, typed: &str) -> Answer<()> {
        delete(&self.0, actor, template, typed).await.map_err(to_app_error)
    }

    async fn promote(&self, actor: &Actor, template: &str, version: &str) -> Answer<()> {
        let act = async {
            let (template, version) = version_of(&self.0, template, version).await?;
            super::promote(&self.0, actor, template, version).await
        };
        act.await.map_err(to_app_error)
    }

    async fn set_version_archived(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        archived: bool,
    ) -> Answer<()> {
        let act = async {
            let (_, version) = version_of(&self.0, template, version).await?;
            versions::set_archived(&self.0, actor, version, archived).await
        };
        act.await.map_err(to_app_error)
    }

    async fn cancel_import(&self, actor: &Actor, version: VersionId) -> Answer<()> {
        versions::cancel(&self.0, actor, version).await.map_err(to_app_error)
    }
}

async fn id(hearth: &Hearth, template: &str) -> Result<hearth_prebuilds::ids::TemplateId> {
    Ok(named(hearth, template).await?.id)
}

async fn version_of(
    hearth: &Hearth,
    template: &str,
    version: &str,
) -> Result<(hearth_prebuilds::ids::TemplateId, VersionId)> {
    let template = id(hearth, template).await?;
    let found = store::versions::by_name(&mut hearth.db.read().await?, template, version).await?;
    Ok((template, found.ok_or(VERSION_NOT_FOUND)?.id))
}

async fn create(hearth: &Hearth, actor: &Actor, order: &TemplateOrder) -> Result<()> {
    super::require_admin(actor)?;
    let id = order.version.parse().map_err(|_| VERSION_NOT_FOUND)?;
    let version = store::versions::by_id(&mut hearth.db.read().await?, id).await?.ok_or(VERSION_NOT_FOUND)?;
    let order = Order {
        organization_id: version.organization_id,
        version_id: id,
        name: order.name.trim(),
        display_name: order.display_name.trim(),
        description: order.description.trim(),
        icon: "",
        default_ttl_ms: 0,
    };
    super::create(hearth, actor, &order).await.map(drop)
}

/// An equal wish changes nothing and is no error: it is what was asked for.
async fn change(hearth: &Hearth, actor: &Actor, template: &str, order: &TemplateOrder) -> Result<()> {
    let change = Edit {
        name: Some(order.name.trim().to_owned()),
        display_name: Some(order.display_name.trim().to_owned()),
        description: Some(order.description.trim().to_owned()),
        ..Edit::default()
    };
    super::edit(hearth, actor, id(hearth, template).await?, change).await.map(drop)
}

async fn delete(hearth: &Hearth, actor: &Actor, template: &str, typed: &str) -> Result<()> {
    super::require_admin(actor)?;
    let template = named(hearth, template).await?;
    if typed.trim() != template.name {
        return Err(Error::invalid("typed", format!("Type {} to delete it.", template.name)));
    }
    super::delete(hearth, actor, template.id).await
}
