//! The part of the door that is about templates and their versions.

use async_trait::async_trait;
use hearth_prebuilds::ids::VersionId;
use multer::Multipart;

use super::Actor;
use crate::{
    error::AppError,
    view::{
        TemplateOrder, TemplateQuery, TemplateView, TemplatesQuery, TemplatesView, UploadQuery, UploadView,
        Uploaded, VersionView,
    },
};

/// What pages may ask and order about templates.
#[async_trait]
pub trait TemplateBackend: Send + Sync {
    async fn templates(&self, actor: &Actor, query: &TemplatesQuery) -> Result<TemplatesView, AppError>;
    async fn template(
        &self,
        actor: &Actor,
        template: &str,
        query: &TemplateQuery,
    ) -> Result<TemplateView, AppError>;
    /// With the part of its import's log that begins after this line, or the newest.
    async fn version(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        after: Option<i64>,
    ) -> Result<VersionView, AppError>;
    /// What is asked next on the way to a new template or version.
    async fn upload_step(&self, actor: &Actor, query: &UploadQuery) -> Result<UploadView, AppError>;

    /// Stores what a form brings (`template` or `name`, `message`, and files as `folder` or `archive`) and begins to
    /// import it.
    async fn upload(&self, actor: &Actor, form: Multipart<'static>) -> Result<Uploaded, AppError>;
    /// The same with the sample that comes along.
    async fn upload_sample(&self, actor: &Actor) -> Result<Uploaded, AppError>;
    async fn create_template(&self, actor: &Actor, order: &TemplateOrder) -> Result<(), AppError>;
    /// Gives a template another name, display name and description.
    async fn edit_template(
        &self,
        actor: &Actor,
        template: &str,
        order: &TemplateOrder,
    ) -> Result<(), AppError>;
    /// Nothing is made of it any more, and its pools are emptied.
    async fn archive_template(&self, actor: &Actor, template: &str, why: &str) -> Result<(), AppError>;
    async fn restore_template(&self, actor: &Actor, template: &str) -> Result<(), AppError>;
    /// `typed` has to be its name.
    async fn delete_template(&self, actor: &Actor, template: &str, typed: &str) -> Result<(), AppError>;
    async fn promote(&self, actor: &Actor, template: &str, version: &str) -> Result<(), AppError>;
    /// Puts a version out of the way, or back.
    async fn set_version_archived(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        archived: bool,
    ) -> Result<(), AppError>;
    async fn cancel_import(&self, actor: &Actor, version: VersionId) -> Result<(), AppError>;
}
