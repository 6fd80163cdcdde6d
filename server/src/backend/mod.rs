//! What people may do: authorise, then call the store or the engine. Pages and the REST API both sit on this.

pub mod activity;
pub mod acts;
pub mod bulk;
pub mod cause;
pub mod decisions;
pub mod details;
pub mod drift;
pub mod files;
pub mod frame;
mod history;
pub mod identity;
pub mod inbox;
mod log;
pub mod overview;
pub mod patch;
pub mod people;
pub mod policy;
pub mod pool_acts;
pub mod pools;
pub mod preset;
mod rail;
pub mod rehearsals;
mod saved_filters;
pub mod scenario;
pub mod search;
pub mod settings;
pub mod simulate;
pub mod states;
pub mod templates;
pub mod versions;
pub mod workspace;
mod workspace_row;
pub mod workspaces;

use async_trait::async_trait;
use chrono::TimeDelta;
use hearth_app::{
    backend::{Actor, Origin},
    error::AppError,
    view::{
        ActivityQuery, ActivityView, BulkOutcome, BulkQuestion, CausePageView, Chosen, ClaimOrder,
        ClaimOutcome, DriftQuery, DriftView, Frame, InboxQuery, InboxView, NewPersonOrder, OverviewQuery,
        OverviewView, PeopleQuery, PeopleView, PersonAct, PoolAct, PoolActed, PreferencesView, PresetQuery,
        PresetView, ReconcilerView, SearchView, SetupStatus, SimulateQuery, SimulateView, TokensQuery,
        TokensView, WorkspaceQuery, WorkspaceView, WorkspacesQuery, WorkspacesView,
    },
};
use hearth_prebuilds::{
    ids::{CauseId, WorkspaceId},
    stage::Transition,
};

use self::identity::tokens::End;
use crate::{error::Error, hearth::Hearth};

/// The pages' door to the server.
#[derive(Clone)]
pub struct Backend(pub Hearth);

type Answer<T> = Result<T, AppError>;

/// The page's error, with a reference into the log where the cause is not for the person's eyes.
pub fn to_app_error(error: Error) -> AppError {
    match error {
        Error::Unauthenticated => AppError::Unauthenticated,
        Error::BadCredentials(detail) => {
            AppError::Invalid { field: "password".to_owned(), detail: detail.to_owned() }
        }
        Error::Forbidden(detail) => AppError::Forbidden { detail },
        Error::NotFound(what) => AppError::NotFound { what: what.to_owned() },
        Error::NoRoute => AppError::NotFound { what: "This page".to_owned() },
        Error::Invalid(fields) => match fields.into_iter().next() {
            Some(first) => AppError::Invalid { field: first.field, detail: first.detail },
            None => AppError::Invalid { field: String::new(), detail: "This cannot be accepted.".to_owned() },
        },
        Error::Refused(detail)
        | Error::Absent(detail)
        | Error::Conflict(detail)
        | Error::Precondition(detail)
        | Error::TooLarge(detail)
        | Error::NotAcceptable(detail)
        | Error::NotReady(detail)
        | Error::Malformed { detail, .. } => AppError::Conflict { detail },
        Error::Taken { field, detail } => AppError::Invalid { field: field.to_owned(), detail },
        Error::PoolEmpty { starting } => {
            AppError::Missed { detail: Error::PoolEmpty { starting }.to_string(), starting: Some(starting) }
        }
        Error::PoolBlocked(why) => AppError::Missed { detail: why.to_string(), starting: None },
        Error::TooManyTries { seconds } => AppError::TooManyTries { seconds },
        Error::Store(_) | Error::Internal(_) => {
            let reference = crate::request_id::current();
            tracing::error!(%reference, error = %error, "a page or an act failed");
            AppError::Unexpected { reference }
        }
    }
}

#[async_trait]
impl hearth_app::backend::Backend for Backend {
    async fn setup_status(&self) -> Answer<SetupStatus> {
        identity::setup_status(&self.0).await.map_err(to_app_error)
    }

    async fn setup(
        &self,
        code: &str,
        username: &str,
        email: &str,
        password: &str,
        origin: &Origin,
    ) -> Answer<String> {
        let person = identity::NewPerson { username, email, name: "", password };
        let made = identity::setup(&self.0, code, &person, origin).await.map_err(to_app_error)?;
        Ok(made.1)
    }

    async fn login(&self, login: &str, password: &str, origin: &Origin) -> Answer<String> {
        identity::login(&self.0, login, password, origin).await.map_err(to_app_error)
    }

    async fn logout(&self, token: &str) -> Answer<()> {
        identity::logout(&self.0, token).await.map_err(to_app_error)
    }

    async fn extend_session(&self, actor: &Actor, token: &str) -> Answer<()> {
        identity::extend(&self.0, actor, token).await.map_err(to_app_error)
    }

    fn session_cookie(&self, token: Option<&str>) -> String {
        identity::session_cookie(&self.0, token)
    }

    fn is_secure(&self) -> bool {
        identity::is_secure(&self.0)
    }

    async fn frame(&self, actor: &Actor) -> Answer<Frame> {
        frame::frame(&self.0, actor).await.map_err(to_app_error)
    }

    async fn overview(&self, actor: &Actor, query: &OverviewQuery) -> Answer<OverviewView> {
        overview::overview(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn preset(
        &self,
        actor: &Actor,
        template: &str,
        preset: &str,
        query: &PresetQuery,
    ) -> Answer<PresetView> {
        preset::preset(&self.0, actor, (template, preset), query).await.map_err(to_app_error)
    }

    async fn workspaces(&self, actor: &Actor, query: &WorkspacesQuery) -> Answer<WorkspacesView> {
        workspaces::workspaces(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn save_filter(&self, actor: &Actor, name: &str, filter: &WorkspacesQuery) -> Answer<()> {
        saved_filters::save(&self.0, actor, name, filter).await.map_err(to_app_error)
    }

    async fn remove_filter(&self, actor: &Actor, id: &str) -> Answer<()> {
        let id = id.parse().map_err(|_| to_app_error(Error::NotFound("The filter")))?;
        saved_filters::remove(&self.0, actor, id).await.map_err(to_app_error)
    }

    async fn workspace(
        &self,
        actor: &Actor,
        id: WorkspaceId,
        query: &WorkspaceQuery,
    ) -> Answer<WorkspaceView> {
        workspace::workspace(&self.0, actor, id, query).await.map_err(to_app_error)
    }

    async fn drift(&self, actor: &Actor, query: &DriftQuery) -> Answer<DriftView> {
        drift::drift(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn cause(&self, actor: &Actor, cause: CauseId) -> Answer<CausePageView> {
        cause::cause(&self.0, actor, cause).await.map_err(to_app_error)
    }

    async fn claim(&self, actor: &Actor, order: &ClaimOrder) -> Answer<ClaimOutcome> {
        acts::claim(&self.0, actor, order).await.map_err(to_app_error)
    }

    async fn pause_pool(&self, actor: &Actor, template: &str, preset: &str, note: &str) -> Answer<()> {
        let act = PoolAct::Pause { note: note.to_owned() };
        self.change_pool(actor, (template, preset), None, &act).await.map(drop)
    }

    async fn resume_pool(&self, actor: &Actor, template: &str, preset: &str) -> Answer<()> {
        self.change_pool(actor, (template, preset), None, &PoolAct::Resume).await.map(drop)
    }

    async fn change_pool(
        &self,
        actor: &Actor,
        place: (&str, &str),
        seen: Option<i64>,
        act: &PoolAct,
    ) -> Answer<PoolActed> {
        pool_acts::change(&self.0, actor, place, seen, act).await.map_err(to_app_error)
    }

    async fn delete_members(
        &self,
        actor: &Actor,
        place: (&str, &str),
        members: &[WorkspaceId],
    ) -> Answer<PoolActed> {
        pool_acts::delete_members(&self.0, actor, place, members).await.map_err(to_app_error)
    }

    async fn set_policy(&self, actor: &Actor, template: &str, preset: &str, policy: &str) -> Answer<()> {
        policy::set_policy(&self.0, actor, (template, preset), policy).await.map_err(to_app_error)
    }

    async fn rehearse(&self, actor: &Actor, template: &str, preset: &str) -> Answer<()> {
        rehearsals::rehearse(&self.0, actor, template, preset).await.map_err(to_app_error)
    }

    async fn rehearse_all(&self, actor: &Actor) -> Answer<u32> {
        rehearsals::rehearse_all(&self.0, actor).await.map_err(to_app_error)
    }

    async fn acknowledge(&self, actor: &Actor, cause: CauseId) -> Answer<()> {
        drift::acknowledge(&self.0, actor, cause).await.map_err(to_app_error)
    }

    async fn unacknowledge(&self, actor: &Actor, cause: CauseId) -> Answer<()> {
        drift::unacknowledge(&self.0, actor, cause).await.map_err(to_app_error)
    }

    async fn import_patch(&self, actor: &Actor, template: &str, preset: &str) -> Answer<String> {
        patch::import(&self.0, actor, template, preset).await.map_err(to_app_error)
    }

    async fn pause_all(&self, actor: &Actor, note: &str) -> Answer<()> {
        acts::pause_all(&self.0, actor, note).await.map_err(to_app_error)
    }

    async fn resume_all(&self, actor: &Actor) -> Answer<()> {
        acts::resume_all(&self.0, actor).await.map_err(to_app_error)
    }

    async fn cancel_pending(&self, actor: &Actor) -> Answer<()> {
        acts::cancel_pending(&self.0, actor).await.map_err(to_app_error)
    }

    async fn start_workspace(&self, actor: &Actor, id: WorkspaceId) -> Answer<()> {
        acts::start_workspace(&self.0, actor, id).await.map_err(to_app_error)
    }

    async fn stop_workspace(&self, actor: &Actor, id: WorkspaceId) -> Answer<()> {
        acts::stop_workspace(&self.0, actor, id).await.map_err(to_app_error)
    }

    async fn delete_workspace(&self, actor: &Actor, id: WorkspaceId) -> Answer<()> {
        acts::delete_workspace(&self.0, actor, id).await.map_err(to_app_error)
    }

    async fn bulk_question(&self, actor: &Actor, act: Transition, chosen: &Chosen) -> Answer<BulkQuestion> {
        bulk::question(&self.0, actor, act, chosen).await.map_err(to_app_error)
    }

    async fn change_workspaces(
        &self,
        actor: &Actor,
        act: Transition,
        chosen: &Chosen,
        typed: &str,
    ) -> Answer<BulkOutcome> {
        bulk::change(&self.0, actor, act, chosen, typed).await.map_err(to_app_error)
    }

    async fn search(&self, actor: &Actor, q: &str) -> Answer<SearchView> {
        search::search(&self.0, actor, q).await.map_err(to_app_error)
    }

    async fn activity(&self, actor: &Actor, query: &ActivityQuery) -> Answer<ActivityView> {
        activity::activity(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn inbox(&self, actor: &Actor, query: &InboxQuery) -> Answer<InboxView> {
        inbox::page(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn mark_read(&self, actor: &Actor, id: &str, read: bool) -> Answer<()> {
        let id = id.parse().map_err(|_| to_app_error(Error::NotFound("The notification")))?;
        inbox::set_read(&self.0, actor, id, read).await.map(drop).map_err(to_app_error)
    }

    async fn mute_cause(&self, actor: &Actor, cause: CauseId) -> Answer<()> {
        inbox::mute(&self.0, actor, cause).await.map_err(to_app_error)
    }

    async fn choose_kinds(&self, actor: &Actor, wanted: &[String]) -> Answer<()> {
        inbox::choose_kinds(&self.0, actor, wanted).await.map_err(to_app_error)
    }

    async fn mark_all_read(&self, actor: &Actor) -> Answer<()> {
        inbox::read_all(&self.0, actor).await.map_err(to_app_error)
    }

    async fn reconciler(&self, actor: &Actor) -> Answer<ReconcilerView> {
        settings::reconciler(&self.0, actor).await.map_err(to_app_error)
    }

    async fn people(&self, actor: &Actor, query: &PeopleQuery) -> Answer<PeopleView> {
        identity::accounts::page(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn tokens(&self, actor: &Actor, query: &TokensQuery) -> Answer<TokensView> {
        identity::tokens::page(&self.0, actor, query).await.map_err(to_app_error)
    }

    async fn preferences(&self, actor: &Actor) -> Answer<PreferencesView> {
        identity::accounts::preferences(&self.0, actor).await.map_err(to_app_error)
    }

    async fn simulate(
        &self,
        actor: &Actor,
        place: (&str, &str),
        query: &SimulateQuery,
    ) -> Answer<SimulateView> {
        simulate::simulate(&self.0, actor, place, query).await.map_err(to_app_error)
    }

    async fn make_person(&self, actor: &Actor, order: &NewPersonOrder) -> Answer<()> {
        identity::accounts::create(&self.0, actor, order, "").await.map(drop).map_err(to_app_error)
    }

    async fn change_person(&self, actor: &Actor, username: &str, act: &PersonAct) -> Answer<()> {
        identity::accounts::change(&self.0, actor, username, act).await.map(drop).map_err(to_app_error)
    }

    async fn make_token(&self, actor: &Actor, name: &str, days: u32, origin: &Origin) -> Answer<String> {
        let lifetime = TimeDelta::days(i64::from(days));
        identity::tokens::create(&self.0, actor, name, lifetime, origin).await.map_err(to_app_error)
    }

    async fn revoke_token(&self, actor: &Actor, id: &str) -> Answer<()> {
        identity::tokens::revoke(&self.0, actor, id, End::Delete).await.map_err(to_app_error)
    }

    async fn change_password(&self, actor: &Actor, current: &str, new: &str, token: &str) -> Answer<()> {
        identity::accounts::change_password(&self.0, actor, (current, new), token).await.map_err(to_app_error)
    }

    async fn set_theme(&self, actor: &Actor, theme: &str) -> Answer<()> {
        identity::set_theme(&self.0, actor, theme).await.map_err(to_app_error)
    }
}
