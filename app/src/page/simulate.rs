//! `/presets/:template/:preset/simulate`: what would happen if the pool were set otherwise. The form is an address, so
//! an answer can be sent to somebody; it ends with the block for the template, which is changed there and nowhere else.

use leptos::prelude::*;

use crate::{
    address,
    caller::caller,
    component::{
        field::Below,
        notice::ActError,
        panel::{Copy, Panel, PresetName},
        pool_chart::{Chart, Drawn},
        screen::{Page, Screen, parameter, query},
    },
    copy::counted,
    error::AppError,
    time::{Now, duration},
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
        schedule: query("schedule"),
        timezone: query("timezone"),
        claims_per_hour: query("claims_per_hour"),
        claims_night: query("claims_night"),
        claims_morning: query("claims_morning"),
        claims_afternoon: query("claims_afternoon"),
        claims_evening: query("claims_evening"),
        build_min: query("build_min"),
        build_p95: query("build_p95"),
        failures: query("failures"),
        interval: query("interval"),
        ttl: query("ttl"),
        from: query("from"),
    };
    view! {
        <Page load=load(template, preset, asked.clone()) draw=move |view: SimulateView, now| {
            let title = format!("What if: {} / {}", view.template, view.preset);
            let verdict = view.answer.as_ref().map(|answer| answer.verdict.clone()).unwrap_or_default();
            Screen::new(title, simulate(view, asked, now)).announcing(verdict)
        }/>
    }
}

fn simulate(view: SimulateView, query: SimulateQuery, now: Now) -> AnyView {
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
        {answer.map(|answer| view! { <Answer answer clock=now/> })}
    }
    .into_any()
}

/// The words for a field that something is wrong with.
#[derive(Clone)]
struct Problems(Vec<(String, String)>);

impl Problems {
    fn of(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, words)| words.clone())
    }
}

#[component]
fn Form(view: SimulateView, query: SimulateQuery) -> impl IntoView {
    let action = format!("{}/simulate", address::preset(&view.template, &view.preset));
    let problems = Problems(view.problems.clone());
    let as_now = |now: &str| format!("Now {now}. Empty: as now.");
    let ttl = format!("Now {}. 0: never. Empty: as now.", view.now_ttl);
    let SimulateQuery { desired, ttl: hours, build_min, build_p95, failures, interval, .. } = query.clone();
    let numbers = [
        ("desired", "Wanted at all times", desired, as_now(&view.now_wanted)),
        ("ttl", "Removed when unclaimed for, in hours", hours, ttl),
        ("build_min", "Half of the builds take at most, in minutes", build_min, as_now(&view.now_build)),
        (
            "build_p95",
            "95% of the builds take at most, in minutes",
            build_p95,
            "Empty: all take as long.".to_owned(),
        ),
        ("failures", "Builds that fail, in percent", failures, as_now(&view.now_failures)),
        (
            "interval",
            "The reconciler looks every, in seconds",
            interval,
            "Empty: at every event, as now.".to_owned(),
        ),
    ];
    let numbers = numbers.map(|(name, label, value, hint)| {
        view! { <Number name label value hint problem=problems.of(name)/> }
    });
    let numbers = numbers.into_iter().collect_view();
    view! {
        <Panel id="if" title="If">
            <form action=action method="get">
                <div class="panel-body">
                    <div class="fields">{numbers}</div>
                    <Schedule query=query.clone() timezone=view.timezone problems=problems.clone()/>
                    <Demand query asked=view.asked problems/>
                    <div class="actions"><button class="button" data-kind="primary">"Simulate"</button></div>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Schedule(query: SimulateQuery, timezone: String, problems: Problems) -> impl IntoView {
    let hint = "One line for each time: cron, colon, how many. At other times as many are wanted as above.";
    let below = Below::new("schedule", problems.of("schedule"), Some(hint.to_owned()));
    view! {
        <div class="fields">
            <div class="field">
                <label for="schedule">"Schedule"</label>
                <textarea
                    class="input" id="schedule" name="schedule" rows="2" spellcheck="false"
                    placeholder="* 8-18 * * 1-5: 4" aria-invalid=below.invalid aria-describedby=below.described
                >{query.schedule}</textarea>
                {below.words}
            </div>
            <Number
                name="timezone" label="Time zone" value=query.timezone
                hint=format!("Of the schedule and of the parts of a day. Empty: {timezone}.") problem=problems.of("timezone")
            />
        </div>
    }
    .into_any()
}

#[component]
fn Demand(query: SimulateQuery, asked: u32, problems: Problems) -> impl IntoView {
    let is_typed = !query.claims_per_hour.is_empty()
        || query.parts_of_a_day().iter().any(|(_, value)| !value.is_empty());
    let typed = query.from == "typed" || query.from.is_empty() && is_typed;
    let history = format!("The {} of the last 7 days", counted(asked, "request"));
    let labels = ["From 0 to 6", "From 6 to 12", "From 12 to 18", "From 18 to 24"];
    let parts = query.parts_of_a_day().map(|(name, value)| (name, value.to_owned()));
    let parts = labels.into_iter().zip(parts).map(|(label, (name, value))| {
        let hint = "Empty: as in any hour.".to_owned();
        view! { <Number name label value hint problem=problems.of(name)/> }
    });
    let parts = parts.collect_view();
    view! {
        <fieldset class="field">
            <legend>"Who asks"</legend>
            <label class="check">
                <input type="radio" name="from" value="history" checked=!typed/>
                <span>{history}</span>
            </label>
            <label class="check">
                <input type="radio" name="from" value="typed" checked=typed/>
                <span>"As many in each hour as typed below, by chance"</span>
            </label>
            {problems.of("from").map(|words| view! { <p class="error">{words}</p> })}
        </fieldset>
        <div class="fields">
            <Number
                name="claims_per_hour" label="Requests in any hour" value=query.claims_per_hour.clone()
                hint="Of every day of the week.".to_owned() problem=problems.of("claims_per_hour")
            />
            {parts}
        </div>
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
fn Answer(answer: SimulatedView, clock: Now) -> impl IntoView {
    let SimulatedView { verdict, now, then, hcl } = answer;
    let verdict = sentence(&verdict);
    // Both on one scale.
    let slots = now.history.slots.iter().chain(&then.history.slots).filter_map(|slot| slot.pool);
    let most = slots.map(|pool| pool.wanted.max(pool.ready)).max().unwrap_or_default();
    let drawn = move |name: &'static str, title: &'static str| Drawn { name, title, most, ready: "Ready" };
    view! {
        <Panel id="answer" title="Answer" beside=|| view! { <span class="meta">"figures of an average day"</span> }>
            <div class="panel-body"><p class="verdict">{verdict}</p></div>
            {figures(&now, &then)}
            <div class="panel-body">
                <h3>"Now"</h3>
                <Chart history=now.history drawn=drawn("now-", "Now") now=clock/>
                <h3>"If"</h3>
                <Chart history=then.history drawn=drawn("if-", "If") now=clock/>
            </div>
        </Panel>
        <Panel id="hcl" title="In the template">
            <div class="code">
                <p class="code-bar">"Of the preset"<Copy/></p>
                <pre tabindex="0" aria-label="Prebuilds block">{hcl}</pre>
            </div>
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
