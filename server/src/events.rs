//! "Something changed": told after the commit, in process. The engine wakes on it, pages refetch on it.
//!
//! An event carries no data, only the name of what changed, and may be lost (a slow listener skips): whoever listens
//! reads the truth from the store, and the engine has its tick besides.

use std::sync::Arc;

use hearth_prebuilds::ids::{JobId, PresetId, UserId, WorkspaceId};
use tokio::sync::broadcast;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Something that the decision for this preset depends on.
    Preset(PresetId),
    /// Pause of all pools, or another setting of every pool.
    Settings,
    /// A template, or its active version.
    Templates,
    /// A workspace: owner, builds, agents, or its log grew.
    Workspace(WorkspaceId),
    /// A job was queued: a worker may take it.
    JobQueued,
    /// A job moved, or its log grew.
    Job(JobId),
    /// A claim build has succeeded: agents of this workspace have a new owner.
    Claimed(WorkspaceId),
    /// A drift cause was made or changed.
    Drift,
    /// A person's notifications changed.
    Inbox(UserId),
    /// The reconciler stored another decision for this preset.
    Decided(PresetId),
}

/// A change by the name that pages know it by, and who may hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `pools`, `pool:<preset id>`, `workspaces`, `workspace:<id>`, `job:<id>`, `drift`, `settings`, `templates`,
    /// `inbox`.
    pub key: String,
    pub audience: Audience,
}

/// Who may hear of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    /// Who reads pools.
    Readers,
    /// The owner of a workspace, and who reads pools.
    Owner(UserId),
    /// One person alone.
    Person(UserId),
}

/// The changes of a moment, told to all open pages at once: translated from events once, not once for each browser.
#[derive(Clone, Debug)]
pub struct Changes(broadcast::Sender<Arc<[Change]>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(64).0)
    }
}

impl Changes {
    /// Tells every open page.
    pub fn publish(&self, changes: Vec<Change>) {
        // An error only means that no page is open.
        let _ = self.0.send(changes.into());
    }

    /// Whether any page is open.
    pub fn wanted(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<[Change]>> {
        self.0.subscribe()
    }
}

/// The bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Events {
    /// Tells everybody who listens now. Call after the commit.
    pub fn publish(&self, event: Event) {
        // An error only means that nobody listens.
        let _ = self.0.send(event);
    }

    /// The same for the inboxes of these people.
    pub fn publish_inboxes(&self, people: impl IntoIterator<Item = UserId>) {
        people.into_iter().for_each(|person| self.publish(Event::Inbox(person)));
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
