//! The part about templates.

use async_trait::async_trait;
use hearth_app::{
    backend::{Actor, TemplateBackend},
    error::AppError,
    view::*,
};
use hearth_prebuilds::ids::VersionId;
use multer::Multipart;

use super::{Answer, Fake, data};

#[async_trait]
impl TemplateBackend for Fake {
    async fn templates(&self, actor: &Actor, query: &TemplatesQuery) -> Answer<TemplatesView> {
        Ok(data::templates(self.framed(actor), query, self.empty))
    }

    async fn template(&self, actor: &Actor, template: &str, query: &TemplateQuery) -> Answer<TemplateView> {
        data::template(self.framed(actor), template, query)
            .ok_or_else(|| AppError::NotFound { what: "The template".to_owned() })
    }

    async fn version(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        _: Option<i64>,
    ) -> Answer<VersionView> {
        Self::pools_for(actor)?;
        data::version(self.framed(actor), Some(template), version)
            .ok_or_else(|| AppError::NotFound { what: "The template version".to_owned() })
    }

    async fn upload_step(&self, actor: &Actor, query: &UploadQuery) -> Answer<UploadView> {
        Self::admin(actor)?;
        Ok(data::upload(self.framed(actor), query))
    }

    async fn upload(&self, actor: &Actor, mut form: Multipart<'static>) -> Answer<Uploaded> {
        Self::admin(actor)?;
        let (mut template, mut name, mut files) = (String::new(), String::new(), Vec::new());
        while let Ok(Some(field)) = form.next_field().await {
            match (field.name(), field.file_name().map(str::to_owned)) {
                (Some("template"), _) => template = field.text().await.unwrap(),
                (Some("name"), _) => name = field.text().await.unwrap(),
                (_, Some(file)) if !file.is_empty() => files.push(file),
                _ => {}
            }
        }
        if files.is_empty() {
            let detail = "Choose the folder of the template, or an archive of it.".to_owned();
            return Err(AppError::Invalid { field: "folder".to_owned(), detail });
        }
        self.note(format!("upload {} for {template}{name}", files.join(", ")));
        Ok(Uploaded {
            id: data::NEW.parse().unwrap(),
            name: "v15".to_owned(),
            template: Some(template.clone()).filter(|template| !template.is_empty()),
            template_name: if template.is_empty() { name } else { template },
        })
    }

    async fn upload_sample(&self, actor: &Actor) -> Answer<Uploaded> {
        Self::admin(actor)?;
        self.note("upload the sample".to_owned());
        let name = "local".to_owned();
        Ok(Uploaded {
            id: data::NEW.parse().unwrap(),
            name: "v1".to_owned(),
            template: None,
            template_name: name,
        })
    }

    async fn create_template(&self, actor: &Actor, order: &TemplateOrder) -> Answer<()> {
        Self::admin(actor)?;
        if order.name == "web" {
            let detail = "A template named `web` exists already.".to_owned();
            return Err(AppError::Invalid { field: "name".to_owned(), detail });
        }
        self.note(format!("create {} of {}", order.name, order.version));
        Ok(())
    }

    async fn edit_template(&self, actor: &Actor, template: &str, order: &TemplateOrder) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("edit {template}: {} ({})", order.name, order.description));
        Ok(())
    }

    async fn archive_template(&self, actor: &Actor, template: &str, why: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("archive {template}: {why}"));
        Ok(())
    }

    async fn restore_template(&self, actor: &Actor, template: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("restore {template}"));
        Ok(())
    }

    async fn delete_template(&self, actor: &Actor, template: &str, typed: &str) -> Answer<()> {
        Self::admin(actor)?;
        if typed != template {
            let detail = format!("Type {template} to delete it.");
            return Err(AppError::Invalid { field: "typed".to_owned(), detail });
        }
        self.note(format!("delete template {template}"));
        Ok(())
    }

    async fn promote(&self, actor: &Actor, template: &str, version: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("promote {template} {version}"));
        Ok(())
    }

    async fn set_version_archived(
        &self,
        actor: &Actor,
        template: &str,
        version: &str,
        archived: bool,
    ) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("archived={archived} {template} {version}"));
        Ok(())
    }

    async fn cancel_import(&self, actor: &Actor, version: VersionId) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("cancel the import of {version}"));
        Ok(())
    }
}
