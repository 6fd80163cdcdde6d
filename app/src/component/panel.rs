//! The boxes that pages are made of.

use leptos::prelude::*;

/// A box with a heading. What is true of all of it stands beside the heading.
#[component]
pub fn Panel(
    /// Of the heading, for links to it.
    id: &'static str,
    #[prop(into)] title: String,
    #[prop(optional, into)] beside: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby=id>
            <div class="panel-head"><h2 id=id>{title}</h2>{beside.run()}</div>
            {children()}
        </section>
    }
    .into_any()
}

/// A number with what it counts; a link to the list behind it.
#[component]
pub fn Tile(
    label: &'static str,
    #[prop(optional)] href: Option<&'static str>,
    /// The first of the page is larger.
    #[prop(optional)]
    big: bool,
    /// Takes the whole row on a phone.
    #[prop(optional)]
    wide: bool,
    #[prop(into)] value: String,
    /// Beside the number.
    #[prop(optional, into)]
    drawing: ViewFnOnce,
    #[prop(into)] rest: String,
) -> impl IntoView {
    let label = match href {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <div class="tile" data-wide=wide>
            <dt>{label}</dt>
            <dd>
                <span class="value" data-size=big.then_some("big")>{value}</span>" "
                {drawing.run()}
                <span class="rest">{rest}</span>
            </dd>
        </div>
    }
    .into_any()
}

/// A preset's full name.
#[component]
pub fn PresetName(#[prop(into)] template: String, #[prop(into)] preset: String) -> impl IntoView {
    view! { <span class="of">{template}" /"</span>" "{preset} }
}

/// A command, or another line, to copy.
#[component]
pub fn CommandLine(
    #[prop(into)] command: String,
    #[prop(default = "Command line")] label: &'static str,
) -> impl IntoView {
    view! { <div class="code" data-inline=""><pre tabindex="0" aria-label=label>{command}</pre><Copy/></div> }
}

/// Copies the block of code that it stands in; hidden where no script can.
#[component]
pub fn Copy() -> impl IntoView {
    view! { <button class="button" data-kind="plain" data-size="small" data-copy="" type="button">"Copy"</button> }
}
