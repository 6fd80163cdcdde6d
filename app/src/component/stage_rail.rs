//! The way of a workspace, stage by stage. Thin: work nobody waits for. Dotted: waiting in the pool. Ember: somebody
//! waits. Dashed: not reached.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    icon::{Shape, ShapeIcon},
    time::{Now, Style, Time, duration},
    view::{StageStatus, StageView},
};

/// How a stage is drawn.
struct Look {
    shape: Shape,
    tone: Option<&'static str>,
    line: Option<&'static str>,
    hot: bool,
}

fn look(stage: &StageView) -> Look {
    let hot = matches!(stage.label.as_str(), "Claimed" | "Re-apply" | "Re-init");
    let usable = matches!(stage.label.as_str(), "Yours" | "Ready");
    let (shape, tone, line) = match stage.status {
        StageStatus::Failed => (Shape::Octagon, Some("bad"), Some("none")),
        StageStatus::Ahead => (Shape::Ring, None, Some("none")),
        StageStatus::Current if usable => (Shape::Disc, Some("ok"), None),
        StageStatus::Current => (Shape::Half, Some("info"), Some("none")),
        StageStatus::Done if stage.label == "Claimed" => (Shape::Diamond, None, Some("hot")),
        StageStatus::Done if stage.label == "Ready" => (Shape::Ring, None, Some("wait")),
        StageStatus::Done => (Shape::Disc, None, hot.then_some("hot")),
    };
    Look { shape, tone, line, hot: hot && stage.status == StageStatus::Done }
}

#[component]
pub fn StageRail(
    stages: Vec<StageView>,
    /// Stands under `Claimed`, which takes no time.
    claimed_at: Option<DateTime<Utc>>,
    now: Now,
) -> impl IntoView {
    let stages = stages
        .into_iter()
        .map(|stage| {
            let Look { shape, tone, line, hot } = look(&stage);
            let current =
                matches!(stage.status, StageStatus::Current | StageStatus::Failed).then_some("step");
            let skipped = stage.status == StageStatus::Ahead;
            let took = match (stage.status, stage.duration_ms, claimed_at) {
                (StageStatus::Ahead, ..) => "not reached".into_any(),
                (StageStatus::Failed, Some(ms), _) => format!("failed after {}", duration(ms)).into_any(),
                (StageStatus::Failed, None, _) => "failed".into_any(),
                (_, Some(ms), _) => duration(ms).into_any(),
                (_, None, Some(at)) if stage.label == "Claimed" => {
                    view! { <Time at now style=Style::Clock/> }.into_any()
                }
                _ => ().into_any(),
            };
            view! {
                <li data-line=line data-hot=hot data-tone=tone data-skipped=skipped aria-current=current>
                    <ShapeIcon shape/>
                    <span class="name">{stage.label}</span>
                    <span class="dur">{took}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="stages" aria-label="Stages">{stages}</ol> }.into_any()
}
