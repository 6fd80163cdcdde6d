//! A backend of made-up data that shows every state, with figures that agree with each other.
pub mod browser;
mod data;
mod templates;

use std::sync::{Arc, Mutex};

use axum::Router;
use hearth_app::{
    backend::{Actor, Backend, Origin},
    document::{Assets, routes},
    error::AppError,
    view::*,
};
use hearth_prebuilds::{
    ids::{CauseId, WorkspaceId},
    stage::Transition,
};

pub use browser::visitor;
pub use data::{CLAIMED, DECISIONS, FAILED, NEW, POOL, now};

type Answer<T> = Result<T, AppError>;

/// Answers from made-up data and remembers the acts.
#[derive(Default)]
pub struct Fake {
    pub acts: Mutex<Vec<String>>,
    /// Nobody has been made yet.
    pub fresh: bool,
    /// Nothing has been imported yet.
    pub empty: bool,
    /// Somebody has paused every pool.
    pub paused: bool,
    /// Reached by https.
    pub secure: bool,
    /// For those who administer.
    pub notices: SystemNotices,
}

/// All pages on this backend.
pub fn pages(fake: Arc<Fake>, assets: Option<Assets>) -> Router {
    routes(fake, assets, visitor)
}

impl Fake {
    fn note(&self, act: String) {
        self.acts.lock().unwrap().push(act);
    }

    fn framed(&self, actor: &Actor) -> Frame {
        let mut frame = data::frame(actor);
        if self.paused {
            frame.paused_all = Some(data::pause());
        }
        if frame.administers {
            frame.notices = self.notices.clone();
        }
        frame
    }

    fn pools_for(actor: &Actor) -> Answer<()> {
        if actor.role.reads_pools() {
            return Ok(());
        }
        Err(AppError::Forbidden { detail: "Only template admins can see drift. Ask maria.".to_owned() })
    }

    fn admin(actor: &Actor) -> Answer<()> {
        if actor.role.administers_templates() {
            return Ok(());
        }
        Err(AppError::Forbidden { detail: "Only template admins can pause prebuilds. Ask maria.".to_owned() })
    }
}

#[async_trait::async_trait]
impl Backend for Fake {
    async fn setup_status(&self) -> Answer<SetupStatus> {
        Ok(SetupStatus { open: self.fresh })
    }

    async fn setup(&self, code: &str, name: &str, _: &str, _: &str, _: &Origin) -> Answer<String> {
        if code != "right" {
            let detail = "This is not the code on the server's console.".to_owned();
            return Err(AppError::Invalid { field: "code".to_owned(), detail });
        }
        self.note(format!("setup {name}"));
        Ok("owner".to_owned())
    }

    async fn login(&self, login: &str, password: &str, _: &Origin) -> Answer<String> {
        match password {
            "right" => Ok(if login == "jonas" { "member" } else { "owner" }.to_owned()),
            "again" => Err(AppError::TooManyTries { seconds: 30 }),
            _ => Err(AppError::Forbidden { detail: "The username or the password is wrong.".to_owned() }),
        }
    }

    async fn logout(&self, token: &str) -> Answer<()> {
        self.note(format!("logout {token}"));
        Ok(())
    }

    async fn extend_session(&self, _: &Actor, token: &str) -> Answer<()> {
        self.note(format!("extend {token}"));
        Ok(())
    }

    fn session_cookie(&self, token: Option<&str>) -> String {
        match token {
            Some(token) => format!("session={token}; Path=/; HttpOnly; SameSite=Lax"),
            None => "session=; Path=/; Max-Age=0".to_owned(),
        }
    }

    fn is_secure(&self) -> bool {
        self.secure
    }

    async fn frame(&self, actor: &Actor) -> Answer<Frame> {
        Ok(self.framed(actor))
    }

    async fn overview(&self, actor: &Actor, query: &OverviewQuery) -> Answer<OverviewView> {
        Ok(data::overview(self.framed(actor), query, self.empty))
    }

    async fn preset(
        &self,
        actor: &Actor,
        template: &str,
        preset: &str,
        query: &PresetQuery,
    ) -> Answer<PresetView> {
        data::preset(self.framed(actor), template, preset, query)
            .ok_or_else(|| AppError::NotFound { what: format!("Preset {template}/{preset}") })
    }

    async fn workspaces(&self, actor: &Actor, query: &WorkspacesQuery) -> Answer<WorkspacesView> {
        Ok(data::workspaces(self.framed(actor), query, self.empty))
    }

    async fn save_filter(&self, _: &Actor, name: &str, filter: &WorkspacesQuery) -> Answer<()> {
        if name == "taken" {
            let detail = "You have a filter of this name already.".to_owned();
            return Err(AppError::Invalid { field: "name".to_owned(), detail });
        }
        self.note(format!("save {filter:?} as {name}"));
        Ok(())
    }

    async fn remove_filter(&self, _: &Actor, id: &str) -> Answer<()> {
        self.note(format!("remove filter {id}"));
        Ok(())
    }

    async fn workspace(&self, actor: &Actor, id: WorkspaceId, q: &WorkspaceQuery) -> Answer<WorkspaceView> {
        data::workspace(self.framed(actor), id, q)
            .ok_or_else(|| AppError::NotFound { what: "This workspace".to_owned() })
    }

    async fn drift(&self, actor: &Actor, query: &DriftQuery) -> Answer<DriftView> {
        Self::pools_for(actor)?;
        Ok(data::drift(self.framed(actor), query, self.empty))
    }

    async fn cause(&self, actor: &Actor, cause: CauseId) -> Answer<CausePageView> {
        Self::pools_for(actor)?;
        data::cause_page(self.framed(actor), cause)
            .ok_or_else(|| AppError::NotFound { what: "This cause".to_owned() })
    }

    async fn claim(&self, _: &Actor, order: &ClaimOrder) -> Answer<ClaimOutcome> {
        data::missed(order)?;
        let values: String = order.values.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.note(format!(
            "claim {}/{} as {} pool_only={}{values}",
            order.template, order.preset, order.name, order.pool_only
        ));
        let (workspace_id, name) = (CLAIMED.to_owned(), order.name.clone());
        Ok(ClaimOutcome { workspace_id, name, from_pool: true, blocked: None })
    }

    async fn pause_pool(&self, actor: &Actor, template: &str, preset: &str, note: &str) -> Answer<()> {
        Self::admin(actor)?;
        if note.is_empty() {
            return Err(AppError::Invalid { field: "note".to_owned(), detail: "Say why.".to_owned() });
        }
        self.note(format!("pause {template}/{preset}: {note}"));
        Ok(())
    }

    async fn resume_pool(&self, actor: &Actor, template: &str, preset: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("resume {template}/{preset}"));
        Ok(())
    }

    async fn change_pool(
        &self,
        actor: &Actor,
        (template, preset): (&str, &str),
        _seen: Option<i64>,
        act: &PoolAct,
    ) -> Answer<PoolActed> {
        Self::admin(actor)?;
        self.note(format!("{act:?} {template}/{preset}"));
        Ok(PoolActed::default())
    }

    async fn delete_members(
        &self,
        actor: &Actor,
        (template, preset): (&str, &str),
        members: &[WorkspaceId],
    ) -> Answer<PoolActed> {
        Self::admin(actor)?;
        self.note(format!("delete {} members of {template}/{preset}", members.len()));
        Ok(PoolActed { members: members.len() as u32, skipped: 0 })
    }

    async fn set_policy(&self, actor: &Actor, template: &str, preset: &str, policy: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("policy of {template}/{preset}: {policy}"));
        Ok(())
    }

    async fn rehearse(&self, actor: &Actor, template: &str, preset: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("rehearse {template}/{preset}"));
        Ok(())
    }

    async fn rehearse_all(&self, actor: &Actor) -> Answer<u32> {
        Self::admin(actor)?;
        self.note("rehearse all".to_owned());
        Ok(3)
    }

    async fn acknowledge(&self, actor: &Actor, cause: CauseId) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("acknowledge {cause}"));
        Ok(())
    }

    async fn unacknowledge(&self, actor: &Actor, cause: CauseId) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("unacknowledge {cause}"));
        Ok(())
    }

    async fn import_patch(&self, actor: &Actor, template: &str, preset: &str) -> Answer<String> {
        Self::admin(actor)?;
        self.note(format!("import the patch of {template}/{preset}"));
        Ok("v15".to_owned())
    }

    async fn pause_all(&self, actor: &Actor, note: &str) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("pause all: {note}"));
        Ok(())
    }

    async fn resume_all(&self, actor: &Actor) -> Answer<()> {
        Self::admin(actor)?;
        self.note("resume all".to_owned());
        Ok(())
    }

    async fn cancel_pending(&self, actor: &Actor) -> Answer<()> {
        Self::admin(actor)?;
        self.note("cancel pending".to_owned());
        Ok(())
    }

    async fn start_workspace(&self, _: &Actor, id: WorkspaceId) -> Answer<()> {
        self.note(format!("start {id}"));
        Ok(())
    }

    async fn stop_workspace(&self, _: &Actor, id: WorkspaceId) -> Answer<()> {
        self.note(format!("stop {id}"));
        Ok(())
    }

    async fn delete_workspace(&self, _: &Actor, id: WorkspaceId) -> Answer<()> {
        self.note(format!("delete {id}"));
        Ok(())
    }

    async fn bulk_question(&self, _: &Actor, act: Transition, chosen: &Chosen) -> Answer<BulkQuestion> {
        data::bulk_question(act, chosen)
    }

    async fn change_workspaces(
        &self,
        _: &Actor,
        act: Transition,
        chosen: &Chosen,
        typed: &str,
    ) -> Answer<BulkOutcome> {
        if matches!(chosen, Chosen::Matching { .. }) && typed != "60" {
            let detail = "Type 60: so many would be deleted.".to_owned();
            return Err(AppError::Invalid { field: "typed".to_owned(), detail });
        }
        self.note(format!("{} {chosen:?}", act.name()));
        Ok(BulkOutcome { changed: 2, left_out: LeftOut { busy: 1, ..LeftOut::default() } })
    }

    async fn search(&self, actor: &Actor, q: &str) -> Answer<SearchView> {
        Ok(data::search(self.framed(actor), q))
    }

    async fn activity(&self, actor: &Actor, query: &ActivityQuery) -> Answer<ActivityView> {
        Ok(data::activity(actor, query))
    }

    async fn inbox(&self, actor: &Actor, _query: &InboxQuery) -> Answer<InboxView> {
        Ok(data::inbox(actor))
    }

    async fn mark_read(&self, _actor: &Actor, id: &str, read: bool) -> Answer<()> {
        self.note(format!("mark {id} read={read}"));
        Ok(())
    }

    async fn mute_cause(&self, _actor: &Actor, cause: CauseId) -> Answer<()> {
        self.note(format!("mute {cause}"));
        Ok(())
    }

    async fn choose_kinds(&self, _actor: &Actor, wanted: &[String]) -> Answer<()> {
        self.note(format!("told of {}", wanted.join(" ")));
        Ok(())
    }

    async fn mark_all_read(&self, _actor: &Actor) -> Answer<()> {
        self.note("mark all read".to_owned());
        Ok(())
    }

    async fn reconciler(&self, actor: &Actor) -> Answer<ReconcilerView> {
        Ok(data::reconciler(actor))
    }

    async fn people(&self, actor: &Actor, _query: &PeopleQuery) -> Answer<PeopleView> {
        Ok(data::people(actor))
    }

    async fn tokens(&self, actor: &Actor, _query: &TokensQuery) -> Answer<TokensView> {
        Ok(data::tokens(actor))
    }

    async fn preferences(&self, actor: &Actor) -> Answer<PreferencesView> {
        Ok(data::preferences(actor))
    }

    async fn simulate(
        &self,
        actor: &Actor,
        place: (&str, &str),
        query: &SimulateQuery,
    ) -> Answer<SimulateView> {
        Ok(data::simulate(actor, place, query))
    }

    async fn make_person(&self, actor: &Actor, order: &NewPersonOrder) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("make {} a {}", order.username, order.role));
        Ok(())
    }

    async fn change_person(&self, actor: &Actor, username: &str, _act: &PersonAct) -> Answer<()> {
        Self::admin(actor)?;
        self.note(format!("change {username}"));
        Ok(())
    }

    async fn make_token(&self, _actor: &Actor, name: &str, days: u32, _origin: &Origin) -> Answer<String> {
        self.note(format!("make token {name} for {days} days"));
        Ok("abcdefghij-0123456789012345678901".to_owned())
    }

    async fn revoke_token(&self, _actor: &Actor, id: &str) -> Answer<()> {
        self.note(format!("revoke token {id}"));
        Ok(())
    }

    async fn change_password(&self, _actor: &Actor, _current: &str, _new: &str, _token: &str) -> Answer<()> {
        self.note("change password".to_owned());
        Ok(())
    }

    async fn set_theme(&self, _: &Actor, theme: &str) -> Answer<()> {
        self.note(format!("theme {theme}"));
        Ok(())
    }
}
