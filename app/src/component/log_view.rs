//! A log: groups with their duration, a link for each line, the first error one click away.

use leptos::prelude::*;

use crate::{component::ansi, time::duration, view::LogLineView};

/// Consecutive lines of one stage.
struct Group {
    stage: String,
    /// Number of each line in the whole log, and the line.
    lines: Vec<(usize, LogLineView)>,
}

fn grouped(lines: Vec<LogLineView>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        match groups.last_mut() {
            Some(group) if group.stage == line.stage => group.lines.push((at + 1, line)),
            _ => groups.push(Group { stage: line.stage.clone(), lines: vec![(at + 1, line)] }),
        }
    }
    groups
}

fn is_error(line: &LogLineView) -> bool {
    line.level == "error"
}

/// The anchor of the first line that is an error.
pub fn first_error(lines: &[LogLineView], prefix: &str) -> Option<String> {
    lines.iter().position(is_error).map(|at| format!("#{prefix}{}", at + 1))
}

/// The log itself; a panel is around it.
#[component]
pub fn LogView(
    lines: Vec<LogLineView>,
    label: String,
    /// `L`, or another letter for a second log on the page.
    #[prop(default = "L")]
    prefix: &'static str,
) -> impl IntoView {
    let groups = grouped(lines);
    let several = groups.len() > 2;
    let groups = groups
        .into_iter()
        .enumerate()
        .map(|(at, group)| {
            // Preparation is only of interest when it is all there is.
            let open = !(several && at == 0) || group.lines.iter().any(|(_, line)| is_error(line));
            view! { <LogGroup group open prefix/> }
        })
        .collect_view();
    view! { <div class="log" role="log" aria-live="off" tabindex="0" aria-label=label>{groups}</div> }
        .into_any()
}

#[component]
fn LogGroup(group: Group, open: bool, prefix: &'static str) -> impl IntoView {
    let Group { stage, lines } = group;
    let took = match (lines.first(), lines.last()) {
        (Some((_, first)), Some((_, last))) => (last.at - first.at).num_milliseconds().unsigned_abs(),
        _ => 0,
    };
    let title = if stage.is_empty() { "Log".to_owned() } else { stage };
    let lines =
        lines.into_iter().map(|(number, line)| view! { <LogLine number line prefix/> }).collect_view();
    view! {
        <details open=open>
            <summary>{title}<span class="dur">{duration(took)}</span></summary>
            <ol>{lines}</ol>
        </details>
    }
}

#[component]
fn LogLine(number: usize, line: LogLineView, prefix: &'static str) -> impl IntoView {
    let id = format!("{prefix}{number}");
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
        <li id=id data-error=is_error(&line) data-warn=line.level == "warn">
            <a href=format!("#{id}")>{number}</a>
            <span>{pieces}</span>
        </li>
    }
}
