//! The first tab of a template's page: its pools over time, its presets, and why the neediest is as it is.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    component::{
        badge::Badge,
        panel::CommandLine,
        pool_note::PoolNote,
        week_strip::{Size, WeekStrip},
        why::Why,
    },
    copy,
    time::Now,
    view::{NeedyPreset, TemplatePreset},
    zone,
};

/// A block to copy for who has presets and no pool.
const BLOCK: &str = "prebuilds {\n  instances = 2\n  expiration_policy {\n    ttl = 86400\n  }\n}";

/// Presets, and no pool.
#[component]
pub fn NothingPrebuilt() -> impl IntoView {
    view! {
        <div class="empty">
            <h2>"Nothing is prebuilt here"</h2>
            <p>"Add a " <code>"prebuilds"</code> " block to a preset to keep workspaces ready."</p>
            <CommandLine command=BLOCK/>
        </div>
    }
    .into_any()
}

#[component]
pub fn Presets(template: String, rows: Vec<TemplatePreset>, reads: bool, now: Now) -> impl IntoView {
    let nothing_prebuilt = !rows.iter().any(|row| row.has_pool);
    let rows = rows
        .into_iter()
        .map(|row| view! { <Preset template=template.clone() row reads now/> })
        .collect_view();
    let hit = reads.then(|| view! { <th role="columnheader" scope="col" class="num">"From pool"</th> });
    view! {
        {nothing_prebuilt.then(|| view! { <NothingPrebuilt/> })}
        <table class="table" role="table" id="presets">
            <caption class="sr-only">"Presets of the active version"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"Preset"</th>
                <th role="columnheader" scope="col">"State"</th>
                <th role="columnheader" scope="col" class="num">"Ready"</th>
                <th role="columnheader" scope="col" class="num">"Wanted"</th>
                <th role="columnheader" scope="col">"Schedule"</th>
                <th role="columnheader" scope="col" data-rest="">"Next change"</th>
                {hit}
            </tr></thead>
            {rows}
        </table>
    }
    .into_any()
}

#[component]
fn Preset(template: String, row: TemplatePreset, reads: bool, now: Now) -> impl IntoView {
    let TemplatePreset { pool, has_pool, schedule, week, next_change } = row;
    let href = address::preset(&template, &pool.preset);
    let key = href.clone();
    let zero = |count: u32| if count == 0 { "num zero" } else { "num" };
    let next = next_change.map(|next| format!("{} → {}", zone::local(next.at, &next.timezone), next.to));
    let hit = reads.then(|| {
        let of = format!("{} of {} in 24 h", pool.served_24h, pool.requests_24h);
        view! {
            <td class="num" role="cell" data-label="From pool" data-card="off" title=of>
                {copy::share(pool.served_24h, pool.requests_24h)}
            </td>
        }
    });
    let schedule_words = if has_pool { copy::schedule(&schedule) } else { "nothing prebuilt".to_owned() };
    let schedule_words = schedule_words
        .split_inclusive(" · ")
        .map(|line| view! { <span class="keep">{line.to_owned()}</span> });
    let schedule_words = schedule_words.collect_view();
    let week = week.map(|week| view! { <span data-rest=""><WeekStrip week size=Size::Row/></span> });
    let state = has_pool.then(|| view! { <Badge words=copy::pool_state(&pool.state)/> });
    let note = copy::pool_note(&pool, now).filter(|_| has_pool);
    let columns = if reads { "6" } else { "5" };
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="rowgroup"><a href=href>{pool.preset.clone()}</a></th>
                <td role="cell" data-col="state">{state}</td>
                <td class=zero(pool.ready) role="cell" data-label="Ready">{pool.ready}</td>
                <td class=zero(pool.wanted) role="cell" data-label="Wanted">{pool.wanted}</td>
                <td role="cell" data-card="wide" title=schedule.timezone>{week}{schedule_words}</td>
                <td role="cell" data-rest="" class="keep">{next.unwrap_or_else(|| "—".to_owned())}</td>
                {hit}
            </tr>
            {note.map(|note| view! {
                <tr role="row" class="note">
                    <td role="cell" data-card="off"></td>
                    <td role="cell" colspan=columns><PoolNote note short=true/></td>
                </tr>
            })}
        </tbody>
    }
    .into_any()
}

/// Why the preset that needs a person most is as it is; its steps lead to the preset's page.
#[component]
pub fn Neediest(template: String, needy: NeedyPreset, may_pause: bool, now: Now) -> impl IntoView {
    let NeedyPreset { pool, why } = needy;
    let here = Query::new(address::preset(&template, &pool.preset));
    let title = format!("Why: {template} / {}", pool.preset);
    let see = copy::pool_note(&pool, now).and_then(|note| note.see);
    let page = here.href();
    let pause = (may_pause && pool.pause.is_none()).then(|| here.clone().with("dialog", "pause").href());
    let acts = move || {
        view! {
            <div class="actions">
                {see.map(|(label, href)| view! { <a class="button" data-size="small" href=href>{label}</a> })}
                <a class="button" data-size="small" href=page>"Open the preset"</a>
                {pause.map(|href| view! { <a class="button" data-size="small" href=href>"Pause…"</a> })}
            </div>
        }
    };
    view! { <Why why here title acts now/> }
}
