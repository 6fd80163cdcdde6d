//! The only door from a page to the server. `app` owns the trait, the server implements it.
//!
//! Every method authorises by itself: a server function is a public endpoint even if no page links to it.

mod templates;

use async_trait::async_trait;
use hearth_prebuilds::{
    ids::{CauseId, UserId, WorkspaceId},
    stage::Transition,
};

use crate::{
    error::AppError,
    view::{
        ActivityQuery, ActivityView, BulkOutcome, BulkQuestion, CausePageView, Chosen, ClaimOrder,
        ClaimOutcome, DriftQuery, DriftView, Frame, InboxQuery, InboxView, NewPersonOrder, OverviewQuery,
        OverviewView, PeopleQuery, PeopleView, PersonAct, PoolAct, PoolActed, PreferencesView, PresetQuery,
        PresetView, ReconcilerView, SearchView, SetupStatus, SimulateQuery, SimulateView, TokensQuery,
        TokensView, WorkspaceQuery, WorkspaceView, WorkspacesQuery, WorkspacesView,
    },
};

pub use templates::TemplateBackend;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user_id: UserId,
    pub username: String,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Owner,
    TemplateAdmin,
    Auditor,
    Member,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::TemplateAdmin => "template-admin",
            Self::Auditor => "auditor",
            Self::Member => "member",
        }
    }

    /// May change pools and see the system user's workspaces.
    pub fn administers_templates(self) -> bool {
        matches!(self, Self::Owner | Self::TemplateAdmin)
    }

    /// May read pools, drift and the system user's workspaces.
    pub fn reads_pools(self) -> bool {
        self.administers_templates() || self == Self::Auditor
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        [Self::Owner, Self::TemplateAdmin, Self::Auditor, Self::Member]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("must be one of owner, template-admin, auditor, member")]
pub struct UnknownRole;

/// Where a request comes from, for the session list and the log-in limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip: String,
    pub user_agent: String,
}

/// What pages may ask or order.
#[async_trait]
pub trait Backend: TemplateBackend + Send + Sync {
    /// Whether `/setup` is open: only while there is no person.
    async fn setup_status(&self) -> Result<SetupStatus, AppError>;
    /// Makes the first person, an owner, and logs in. Returns the session token.
    async fn setup(
        &self,
        code: &str,
        username: &str,
        email: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<String, AppError>;
    /// Returns the session token. `login` is a username or an e-mail address.
    async fn login(&self, login: &str, password: &str, origin: &Origin) -> Result<String, AppError>;
    async fn logout(&self, token: &str) -> Result<(), AppError>;
    /// The session of this token lasts as long as a new one.
    async fn extend_session(&self, actor: &Actor, token: &str) -> Result<(), AppError>;
    /// The `Set-Cookie` value that stores this token, or forgets it.
    fn session_cookie(&self, token: Option<&str>) -> String;

    /// Browsers reach it by https: what cookies hold is never sent by http then.
    fn is_secure(&self) -> bool;

    /// What every page shows around its content.
    async fn frame(&self, actor: &Actor) -> Result<Frame, AppError>;
    async fn overview(&self, actor: &Actor, query: &OverviewQuery) -> Result<OverviewView, AppError>;
    async fn preset(
        &self,
        actor: &Actor,
        template: &str,
        preset: &str,
        query: &PresetQuery,
    ) -> Result<PresetView, AppError>;
    async fn workspaces(&self, actor: &Actor, query: &WorkspacesQuery) -> Result<WorkspacesView, AppError>;
    /// Keeps a filter of that list for this person.
    async fn save_filter(&self, actor: &Actor, name: &str, filter: &WorkspacesQuery) -> Result<(), AppError>;
    async fn remove_filter(&self, actor: &Actor, id: &str) -> Result<(), AppError>;
    async fn workspace(
        &self,
        actor: &Actor,
        id: WorkspaceId,
        query: &WorkspaceQuery,
    ) -> Result<WorkspaceView, AppError>;
    async fn drift(&self, actor: &Actor, query: &DriftQuery) -> Result<DriftView, AppError>;
    async fn cause(&self, actor: &Actor, cause: CauseId) -> Result<CausePageView, AppError>;

    async fn claim(&self, actor: &Actor, order: &ClaimOrder) -> Result<ClaimOutcome, AppError>;
    async fn pause_pool(
        &self,
        actor: &Actor,
        template: &str,
        preset: &str,
        note: &str,
    ) -> Result<(), AppError>;
    async fn resume_pool(&self, actor: &Actor, template: &str, preset: &str) -> Result<(), AppError>;
    /// Changes the pool of a template and a preset. `seen` is the revision that the person looked at: a pool that
    /// somebody else has changed since is left as it is. `None` changes it in any case.
    async fn change_pool(
        &self,
        actor: &Actor,
        place: (&str, &str),
        seen: Option<i64>,
        act: &PoolAct,
    ) -> Result<PoolActed, AppError>;
    /// Deletes members of a pool that nobody has claimed.
    async fn delete_members(
        &self,
        actor: &Actor,
        place: (&str, &str),
        members: &[WorkspaceId],
    ) -> Result<PoolActed, AppError>;
    /// `allow` or `block`.
    async fn set_policy(
        &self,
        actor: &Actor,
        template: &str,
        preset: &str,
        policy: &str,
    ) -> Result<(), AppError>;
    /// Asks for a rehearsal of a claim from this pool.
    async fn rehearse(&self, actor: &Actor, template: &str, preset: &str) -> Result<(), AppError>;
    /// The same for every pool that has a member to rehearse with. Returns for how many.
    async fn rehearse_all(&self, actor: &Actor) -> Result<u32, AppError>;
    /// Says that somebody knows of a cause of drift.
    async fn acknowledge(&self, actor: &Actor, cause: CauseId) -> Result<(), AppError>;
    async fn unacknowledge(&self, actor: &Actor, cause: CauseId) -> Result<(), AppError>;
    /// Imports the template with its proved patch, as a new version that is not active. Returns the version's name.
    async fn import_patch(&self, actor: &Actor, template: &str, preset: &str) -> Result<String, AppError>;
    async fn pause_all(&self, actor: &Actor, note: &str) -> Result<(), AppError>;
    async fn resume_all(&self, actor: &Actor) -> Result<(), AppError>;
    /// Cancels the first builds of members that no worker has taken. A later pass makes them again.
    async fn cancel_pending(&self, actor: &Actor) -> Result<(), AppError>;
    async fn start_workspace(&self, actor: &Actor, id: WorkspaceId) -> Result<(), AppError>;
    async fn stop_workspace(&self, actor: &Actor, id: WorkspaceId) -> Result<(), AppError>;
    async fn delete_workspace(&self, actor: &Actor, id: WorkspaceId) -> Result<(), AppError>;
    /// What an act on these workspaces would come to.
    async fn bulk_question(
        &self,
        actor: &Actor,
        act: Transition,
        chosen: &Chosen,
    ) -> Result<BulkQuestion, AppError>;
    /// Starts, stops or deletes those of them that can be. `typed` is how many the person was asked to type.
    async fn change_workspaces(
        &self,
        actor: &Actor,
        act: Transition,
        chosen: &Chosen,
        typed: &str,
    ) -> Result<BulkOutcome, AppError>;
    /// Everything whose name has the words of `q`, as far as this person may see it.
    async fn search(&self, actor: &Actor, q: &str) -> Result<SearchView, AppError>;
    async fn activity(&self, actor: &Actor, query: &ActivityQuery) -> Result<ActivityView, AppError>;
    async fn inbox(&self, actor: &Actor, query: &InboxQuery) -> Result<InboxView, AppError>;
    async fn mark_read(&self, actor: &Actor, id: &str, read: bool) -> Result<(), AppError>;
    /// One hears no more of a cause of drift for 7 days.
    async fn mute_cause(&self, actor: &Actor, cause: CauseId) -> Result<(), AppError>;
    /// One is told of these kinds from now on, as in `copy::KINDS`, and of no others.
    async fn choose_kinds(&self, actor: &Actor, wanted: &[String]) -> Result<(), AppError>;
    async fn mark_all_read(&self, actor: &Actor) -> Result<(), AppError>;
    async fn reconciler(&self, actor: &Actor) -> Result<ReconcilerView, AppError>;
    async fn people(&self, actor: &Actor, query: &PeopleQuery) -> Result<PeopleView, AppError>;
    async fn tokens(&self, actor: &Actor, query: &TokensQuery) -> Result<TokensView, AppError>;
    async fn preferences(&self, actor: &Actor) -> Result<PreferencesView, AppError>;
    async fn simulate(
        &self,
        actor: &Actor,
        place: (&str, &str),
        query: &SimulateQuery,
    ) -> Result<SimulateView, AppError>;
    async fn make_person(&self, actor: &Actor, order: &NewPersonOrder) -> Result<(), AppError>;
    async fn change_person(&self, actor: &Actor, username: &str, act: &PersonAct) -> Result<(), AppError>;
    /// A token for a program of one's own, for so many days. Returns what proves it, this once.
    async fn make_token(
        &self,
        actor: &Actor,
        name: &str,
        days: u32,
        origin: &Origin,
    ) -> Result<String, AppError>;
    async fn revoke_token(&self, actor: &Actor, id: &str) -> Result<(), AppError>;
    /// Ends every other log-in of this person; `token` is the session that stays.
    async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        token: &str,
    ) -> Result<(), AppError>;
    async fn set_theme(&self, actor: &Actor, theme: &str) -> Result<(), AppError>;
}
