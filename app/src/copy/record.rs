//! What an act has done, and the words of the inbox and the help.

use super::{Badge, Tone};
use crate::{icon::Shape, time::duration};

/// What people are told of: its name, the words for a filter, and when they are told.
pub const KINDS: [(&str, &str, &str); 9] = [
    ("drift", "drift", "a claim recreates something"),
    ("back", "drift that is back", "a cause of drift is back after a fix"),
    ("failures", "failing builds", "creation stops after failed builds"),
    ("stalled", "the reconciler", "the reconciler stands still"),
    ("queue", "the queue", "people wait behind prebuild jobs"),
    ("override", "overrides", "an override has ended"),
    ("version", "active versions", "somebody else makes a version active"),
    ("token", "tokens", "a token of yours expires soon"),
    ("claim", "own claims", "a workspace of yours was not set up completely"),
];

/// Marks what has not been read.
pub fn unread() -> Badge {
    Badge::loud("Unread", Shape::Disc, Tone::Info)
}

/// Marks a person who cannot log in.
pub fn suspended() -> Badge {
    Badge::loud("Suspended", Shape::Bars, Tone::Idle)
}

/// What the words of the pages mean.
pub const GLOSSARY: [(&str, &str); 9] = [
    ("Template", "The Terraform source of a workspace. Each push makes a version; one version is active."),
    ("Preset", "A named set of parameter values in a version. One with a `prebuilds` block has a pool."),
    ("Pool", "What is kept ready for one preset. Its settings and history go on with the next version."),
    ("Prebuild", "A workspace in a pool that nobody has claimed yet. It belongs to the system user."),
    ("Claim", "A ready workspace becomes yours: owner and name change, then the template is applied again."),
    ("Miss", "Somebody asked while none was ready, and waited for a build from nothing."),
    ("Drift", "A claim destroys and recreates a resource because it depends on who owns the workspace."),
    (
        "Rehearsal",
        "A plan of a claim, with nothing applied: it tells before any claim what would be recreated.",
    ),
    ("Override", "So many are wanted until an instant, whatever schedule and template say."),
];

/// Which keys do what.
pub const KEYS: [(&str, &str); 16] = [
    ("g o", "Overview"),
    ("g t", "Templates"),
    ("g w", "Workspaces"),
    ("g d", "Drift"),
    ("g i", "Inbox"),
    ("g a", "Activity"),
    ("/", "Search"),
    ("Ctrl+K", "Search and go to, from anywhere; on a Mac Cmd+K"),
    ("j k", "Next and previous row"),
    ("x", "Choose the row for an act"),
    ("c", "Claim, on a preset's page"),
    ("p", "Pause, on a preset's page"),
    ("[ ]", "24 hours, 7 days"),
    ("f", "Follow the log, or stop; go to the end of one that has ended"),
    ("?", "This page"),
    ("Esc", "Close a dialog"),
];

/// What became of a cause of drift.
pub fn cause_event(status: &str, version: Option<&str>, by: Option<&str>) -> String {
    let in_version = version.map(|version| format!(" in {version}")).unwrap_or_default();
    match status {
        "open" => format!("Open, first seen{in_version}"),
        "back" => format!("Back{in_version}"),
        "fixed" => format!("Fixed{in_version}"),
        _ => format!("Acknowledged by {}", by.unwrap_or("somebody")),
    }
}

/// A workspace has just been claimed; it may be ready already.
pub fn claimed(name: &str, ready_after_ms: Option<u64>) -> String {
    match ready_after_ms {
        Some(ms) => format!("{name} is yours. Ready in {}.", duration(ms)),
        None => format!("{name} is yours. It is being handed over and is usable in a moment."),
    }
}

/// What an act has done, by the word in `?done=`.
pub fn done(act: &str) -> Option<&'static str> {
    Some(match act {
        "claimed" => "It is yours. It is being handed over and is usable in a moment.",
        "cold" => "Nothing in the pool was ready, so it is built from nothing for you.",
        "paused" => "Paused. Nothing is created or removed until somebody resumes.",
        "rehearsing" => "A rehearsal is queued. Nothing is changed by it; its result will stand here.",
        "rehearsing_all" => "A rehearsal of each pool is queued. Nothing is changed by it.",
        "patched" => {
            "The patched template is being imported as a new version. It becomes active when somebody promotes it."
        }
        "held-back" => "The policy of the pool holds its members back, so it is built from nothing for you.",
        "policy" => "The policy of the pool is changed.",
        "unacknowledged" => "It is open again, and asks for attention.",
        "read" => "Marked as read.",
        "muted" => "Muted for 7 days. The cause stays in the list of drift.",
        "filter_saved" => "Saved. It is there in each of your browsers.",
        "filter_removed" => "The filter is removed.",
        "acknowledged" => "Acknowledged. It asks for no attention until it comes back after a fix.",
        "pending_canceled" => "Canceled. What no worker had taken is not built now.",
        "resumed" => "Resumed. The reconciler looks at it now.",
        "overridden" => "Overridden. The reconciler looks at it now.",
        "override_ended" => "The override has ended. Schedule and template say how many are wanted.",
        "failures_reset" => "Failures so far count no more. The reconciler tries again now.",
        "invalidated" => "Every member made so far is being replaced.",
        "members_deleted" => "They are being deleted.",
        "saved" => "Saved.",
        "token_made" => "The token is made.",
        "token_revoked" => "The token is revoked: it counts no more.",
        "person_made" => "The user is made and can log in.",
        "password_changed" => "The password is changed.",
        "suspended" => "Suspended. The user is logged out and cannot log in.",
        "activated" => "Activated. The user can log in again.",
        "changing" => "They are being changed.",
        "starting" => "It is being started.",
        "stopping" => "It is being stopped.",
        "deleting" => "It is being deleted.",
        "uploaded" => "Uploaded. Terraform reads it now; what it finds will stand here.",
        "created" => "The template is there. Its pools fill from now on.",
        "promoted" => "Promoted. New workspaces and pools are made from it from now on.",
        "archived" => "Archived. It can be brought back.",
        "restored" => "It is back.",
        "deleted" => "The template is deleted. Its prebuilds are removed.",
        _ => return None,
    })
}
