//! A log: groups with their duration, a link for each line, the first error one click away.
//!
//! A page shows a part of a long log. Every line has an address that leads to a part that has it, whatever is added.

use leptos::prelude::*;

use crate::{
    address::Query,
    component::{ansi, screen::query},
    copy::counted,
    time::duration,
    view::{LogLineView, LogPart},
};

/// After which line the part of a log begins that the address asks for; without one, the newest part is shown.
pub fn asked_part(key: &str) -> Option<i64> {
    query(key).parse().ok()
}

/// Where a log is shown and how: what its links lead to.
#[derive(Clone, Debug)]
pub struct LogPlace {
    /// The page, with everything that is chosen on it but the part of the log.
    here: Query,
    /// The key of the part in the address.
    part: &'static str,
    /// `L`, or another letter for a second log on the page.
    prefix: &'static str,
    wrap: bool,
    follow: bool,
}

impl LogPlace {
    /// The log that a page is about.
    pub fn first(here: Query) -> Self {
        let [wrap, follow] = ["wrap", "follow"].map(|key| !query(key).is_empty());
        let here = here.with("wrap", if wrap { "1" } else { "" });
        Self { here, part: "after", prefix: "L", wrap, follow }
    }

    /// A second one on the same page.
    pub fn second(here: Query) -> Self {
        Self { part: "agent_after", prefix: "A", ..Self::first(here) }
    }

    /// Leads to a line for as long as there is the log.
    pub fn line(&self, number: i64) -> String {
        let part = self.here.clone().with(self.part, &LogPart::start_for(number).to_string());
        format!("{}#{}", part.href(), self.anchor(number))
    }

    /// Leads to the first line that is an error.
    pub fn first_error(&self, log: &LogPart) -> Option<String> {
        log.first_error.map(|number| self.line(number))
    }

    fn anchor(&self, number: i64) -> String {
        format!("{}{number}", self.prefix)
    }

    /// Leads to the newest part, followed or not.
    fn following(&self, value: &str) -> String {
        chosen(self.here.clone().with("follow", value))
    }

    /// Leads to what is shown now, with long lines broken or not.
    fn wrapping(&self, value: &str) -> String {
        let same =
            ["follow", self.part].iter().fold(self.here.clone(), |here, key| here.with(key, &query(key)));
        chosen(same.with("wrap", value))
    }
}

/// An empty address would be that of the page as it is, with its query.
fn chosen(query: Query) -> String {
    Some(query.href()).filter(|href| !href.is_empty()).unwrap_or_else(|| "?".to_owned())
}

/// Consecutive lines of one stage.
struct Group {
    stage: String,
    /// The line that opens the stage.
    opened: Option<i64>,
    lines: Vec<LogLineView>,
}

fn grouped(lines: Vec<LogLineView>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for line in lines {
        let continued = groups.pop_if(|group| group.stage == line.stage);
        let is_new = continued.is_none();
        let mut group =
            continued.unwrap_or_else(|| Group { stage: line.stage.clone(), opened: None, lines: Vec::new() });
        if is_new && line.output.is_empty() {
            group.opened = Some(line.number);
        } else {
            group.lines.push(line);
        }
        groups.push(group);
    }
    groups
}

fn is_error(line: &LogLineView) -> bool {
    line.level == "error"
}

/// The log with its controls; a panel is around it.
#[component]
pub fn LogView(
    log: LogPart,
    place: LogPlace,
    label: String,
    /// Stands in the foot, after how many lines there are.
    #[prop(optional, into)]
    rest: ViewFnOnce,
) -> impl IntoView {
    let LogPlace { wrap, follow, .. } = place;
    let extent = match log.shown() {
        _ if log.lines.len() as i64 == log.total => counted(log.total, "line"),
        (first, last) => format!("Lines {first} to {last} of {}", log.total),
    };
    let controls = view! { <Controls log=log.clone() place=place.clone()/> };
    let groups = grouped(log.lines);
    let several = groups.len() > 2;
    let groups = groups
        .into_iter()
        .map(|group| {
            // Preparation is only of interest when it is all there is.
            let begins = [group.opened, group.lines.first().map(|line| line.number)].contains(&Some(1));
            let open = !(several && begins) || group.lines.iter().any(is_error);
            view! { <LogGroup group open place=place.clone()/> }
        })
        .collect_view();
    let lines = if log.total == 0 {
        view! { <p class="empty-row">"No line yet."</p> }.into_any()
    } else {
        view! {
            <div class="log" role="log" aria-live="off" tabindex="0" aria-label=label data-wrap=wrap data-follow=follow>
                {groups}
            </div>
        }
        .into_any()
    };
    view! {
        {lines}
        <div class="panel-foot"><span>{extent} {rest.run()}</span>{controls}</div>
    }
    .into_any()
}

/// The other parts of the log, the lines that are looked for most, and how it is shown.
#[component]
fn Controls(log: LogPart, place: LogPlace) -> impl IntoView {
    let (first, last) = log.shown();
    let key = (place.prefix == "L").then_some("f");
    let control = |label: &'static str, href: String, key: Option<&'static str>| {
        view! { <a class="button" data-size="small" data-shortcut=key href=href>{label}</a> }
    };
    let end = if place.follow {
        control("Stop following", place.following(""), key)
    } else if log.ended {
        control("To the end", place.line(log.total), key)
    } else {
        control("Follow", place.following("1"), key)
    };
    let (shape, wrap) = if place.wrap { ("Unwrap lines", "") } else { ("Wrap lines", "1") };
    let error = place.first_error(&log);
    (log.total > 0).then(|| {
        view! {
            <div class="actions">
                {(first > 1).then(|| control("Earlier lines", place.line(first - 1), None))}
                {(last < log.total).then(|| control("Later lines", place.line(last + 1), None))}
                {error.map(|href| control("Jump to the first error", href, None))}
                {end}
                {control(shape, place.wrapping(wrap), None)}
            </div>
        }
    })
}

/// The whole log as text, to read or to keep.
#[component]
pub fn RawLog(href: String, file: String) -> impl IntoView {
    view! {
        <div class="actions">
            <a class="button" data-size="small" href=href.clone()>"Raw"</a>
            <a class="button" data-size="small" href=href download=file>"Download"</a>
        </div>
    }
    .into_any()
}

#[component]
fn LogGroup(group: Group, open: bool, place: LogPlace) -> impl IntoView {
    let Group { stage, opened, lines } = group;
    let took = match (lines.first(), lines.last()) {
        (Some(first), Some(last)) => (last.at - first.at).num_milliseconds().unsigned_abs(),
        _ => 0,
    };
    let title = if stage.is_empty() { "Log".to_owned() } else { stage };
    let id = opened.map(|number| place.anchor(number));
    let lines = lines.into_iter().map(|line| view! { <LogLine line place=place.clone()/> }).collect_view();
    view! {
        <details open=open>
            <summary id=id>{title}<span class="dur">{duration(took)}</span></summary>
            <ol>{lines}</ol>
        </details>
    }
}

#[component]
fn LogLine(line: LogLineView, place: LogPlace) -> impl IntoView {
    let pieces = ansi::pieces(&line.output)
        .into_iter()
        .map(|(class, text)| {
            if class.is_empty() {
                text.into_any()
            } else {
                view! { <span class=class>{text}</span> }.into_any()
            }
        })
        .collect_view();
    view! {
        <li id=place.anchor(line.number) data-error=is_error(&line) data-warn=line.level == "warn">
            <a href=place.line(line.number)>{line.number}</a>
            <span>{pieces}</span>
        </li>
    }
}
