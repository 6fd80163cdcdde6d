//! `/presets/:template/:preset/simulate`: what would happen if the pool were set otherwise. The form is an address, so
//! an answer can be sent to somebody; it ends with the block for the template, which is changed there and nowhere else.

use leptos::prelude::*;

use crate::{
    address,
    caller::caller,
    component::{
        field::Below,
        notice::ActError,
        panel::{Panel, PresetName},
        screen::{Page, Screen, parameter, query},
    },
    error::AppError,
    time::duration,
    view::{FiguresView, SimulateQuery, SimulateView, SimulatedView},
};

async fn load(template: String, preset: String, query: SimulateQuery) -> Result<SimulateView, AppError> {
    let caller = caller().await?;
    caller.backend.simulate(&caller.actor, (&template, &preset), &query).await
}

#[component]
pub fn SimulatePage() -> impl IntoView {
    let (template, preset) = (parameter("template"), parameter("preset"));
    let asked = SimulateQuery {
        desired: query("desired"),
        claims_per_hour: query("claims_per_hour"),
        build_min: query("build_min"),
        ttl: query("ttl"),
        from: query("from"),
    };
    view! {
        <Page load=load(template, preset, asked.clone()) draw=move |view: SimulateView, _| {
            let title = format!("What if: {} / {}", view.template, view.preset);
            let verdict = view.answer.as_ref().map(|answer| answer.verdict.clone()).unwrap_or_default();
            Screen::new(title, simulate(view, asked)).announcing(verdict)
        }/>
    }
}

fn simulate(view: SimulateView, query: SimulateQuery) -> AnyView {
    let SimulateView { template, preset, problems, answer, .. } = view.clone();
    let page = address::preset(&template, &preset);
    let whole = problems.iter().find(|(field, _)| field.is_empty()).map(|(_, words)| words.clone());
    let whole = whole.map(|detail| AppError::Conflict { detail });
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/">"Overview"</a></li>
                <li><a href=page>{format!("{template} / {preset}")}</a></li>
                <li aria-current="page">"What if"</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">"What if: " <PresetName template preset/></h1></div>
            <p class="sub">"A week of the same decisions over simulated time. Nothing is changed by it."</p>
        </header>
        <ActError error=whole/>
        <Form view query/>
        {answer.map(|answer| view! { <Answer answer/> })}
    }
    .into_any()
}

#[component]
fn Form(view: SimulateView, query: SimulateQuery) -> impl IntoView {
    let action = format!("{}/simulate", address::preset(&view.template, &view.preset));
    let problems = view.problems.clone();
    let problem =
        move |name: &str| problems.iter().find(|(field, _)| field == name).map(|(_, words)| words.clone());
    let typed = query.from == "typed" || query.from.is_empty() && !query.claims_per_hour.is_empty();
    let history = format!("The {} of the last 7 days", crate::copy::counted(view.asked, "request"));
    view! {
        <Panel id="if" title="If">
            <form action=action method="get">
                <div class="panel-body">
                    <div class="fields">
                        <Number
                            name="desired" label="Wanted at all times" value=query.desired
                            hint=format!("Now {}. Empty: as now.", view.now_wanted) problem=problem("desired")
                        />
                        <Number
                            name="ttl" label="Removed when unclaimed for, in hours" value=query.ttl
                            hint=format!("Now {}. 0: never. Empty: as now.", view.now_ttl) problem=problem("ttl")
                        />
                        <Number
                            name="build_min" label="A build takes, in minutes" value=query.build_min
                            hint=format!("Now {}. Empty: as now.", view.now_build) problem=problem("build_min")
                        />
                    </div>
                    <fieldset class="field">
                        <legend>"Who asks"</legend>
                        <label class="check">
                            <input type="radio" name="from" value="history" checked=!typed/>
                            <span>{history}</span>
                        </label>
                        <label class="check">
                            <input type="radio" name="from" value="typed" checked=typed/>
                            <span>"As many in each hour as typed below"</span>
                        </label>
                        {problem("from").map(|words| view! { <p class="error">{words}</p> })}
                    </fieldset>
                    <Number
                        name="claims_per_hour" label="Requests an hour" value=query.claims_per_hour
                        hint="Of every hour of the week, by chance.".to_owned() problem=problem("claims_per_hour")
                    />
                    <div class="actions"><button class="button" data-kind="primary">"Simulate"</button></div>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Number(
    name: &'static str,
    label: &'static str,
    value: String,
    hint: String,
    problem: Option<String>,
) -> impl IntoView {
    let below = Below::new(name, problem, Some(hint));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input" id=name name=name inputmode="decimal" autocomplete="off" value=value
                aria-invalid=below.invalid aria-describedby=below.described
            />
            {below.words}
        </div>
    }
    .into_any()
}

#[component]
fn Answer(answer: SimulatedView) -> impl IntoView {
    let SimulatedView { verdict, now, then, hcl } = answer;
    let verdict = sentence(&verdict);
    let peak =
        now.parts.iter().chain(&then.parts).map(|(wanted, ready, _)| wanted.max(*ready)).fold(1.0, f64::max);
    view! {
        <Panel id="answer" title="Answer" beside=|| view! { <span class="meta">"figures of an average day"</span> }>
            <div class="panel-body"><p class="verdict">{verdict}</p></div>
            {figures(&now, &then)}
            <div class="panel-body">
                <Chart title="Now" figures=now peak/>
                <Chart title="If" figures=then peak/>
            </div>
        </Panel>
        <Panel id="hcl" title="In the template">
            <div class="code"><pre tabindex="0" aria-label="Prebuilds block">{hcl}</pre></div>
        </Panel>
    }
    .into_any()
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn figures(now: &FiguresView, then: &FiguresView) -> AnyView {
    let number = |value: f64| format!("{value:.1}");
    let share = |rate: Option<f64>| rate.map_or("—".to_owned(), |rate| format!("{:.0}%", rate * 100.0));
    let wait = |seconds: Option<f64>| {
        seconds.map_or("—".to_owned(), |seconds| duration((seconds * 1000.0) as u64))
    };
    let rows = [
        ("Requests", number(now.requests), number(then.requests)),
        ("Found nothing ready", number(now.misses), number(then.misses)),
        ("Served from the pool", share(now.hit_rate), share(then.hit_rate)),
        ("Machine-hours", number(now.machine_hours), number(then.machine_hours)),
        ("Median wait", wait(now.wait_p50), wait(then.wait_p50)),
        ("95% wait at most", wait(now.wait_p95), wait(then.wait_p95)),
    ];
    let rows = rows.map(|(what, now, then)| {
        view! {
            <tbody role="rowgroup"><tr role="row">
                <th role="rowheader" scope="row">{what}</th>
                <td role="cell" class="num" data-label="Now">{now}</td>
                <td role="cell" class="num" data-label="If">{then}</td>
            </tr></tbody>
        }
    });
    view! {
        <table class="table" role="table">
            <caption class="sr-only">"Now beside if"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"A day"</th>
                <th role="columnheader" scope="col" class="num">"Now"</th>
                <th role="columnheader" scope="col" class="num">"If"</th>
            </tr></thead>
            {rows.into_iter().collect_view()}
        </table>
    }
    .into_any()
}

/// How many are ready in each part of the week, on a scale that both share. Its table is the one above.
#[component]
fn Chart(title: &'static str, figures: FiguresView, peak: f64) -> impl IntoView {
    const HEIGHT: f64 = 96.0;
    let count = figures.parts.len().max(1) as f64;
    let misses = figures.parts.iter().map(|(.., misses)| misses).sum::<u32>();
    let description = format!("Ready workspaces over a week; {misses} requests found none.");
    let bars = figures.parts.iter().enumerate().map(|(place, (_, ready, misses))| {
        let height = (ready / peak * HEIGHT).max(0.0);
        let x = format!("{:.2}%", place as f64 / count * 100.0);
        let missed = (*misses > 0).then(|| {
            view! { <rect x=x.clone() y="0" width="0.6%" height="6" fill="var(--bad)"></rect> }
        });
        view! {
            <rect
                x=x.clone() y=format!("{:.1}", HEIGHT - height) width=format!("{:.2}%", 100.0 / count)
                height=format!("{height:.1}") fill="var(--info)" fill-opacity="0.5"
            ></rect>
            {missed}
        }
    });
    let bars = bars.collect_view();
    let id = format!("chart-{}", title.to_lowercase());
    let named = id.clone();
    view! {
        <div>
            <p class="muted">{title}</p>
            <svg role="img" aria-labelledby=named width="100%" height="96">
                <title id=id>{format!("{title}: {description}")}</title>
                {bars}
            </svg>
        </div>
    }
    .into_any()
}
