//! The fields of the claim dialog for parameters that the preset leaves open.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{component::field::Below, error::AppError, view::AskedParameter};

/// One value of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    pub name: String,
    pub value: String,
    /// What is checked of a list.
    pub list: Vec<String>,
    /// The value is a list: what is checked, or else a line each.
    pub is_list: bool,
}

impl Given {
    /// What was left empty keeps its default; a list is JSON.
    pub fn pair(self) -> Option<(String, String)> {
        let Self { name, value, list, is_list } = self;
        if !is_list {
            return Some((name, value)).filter(|(_, value)| !value.is_empty());
        }
        let lines = value.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        let items: Vec<String> = list.into_iter().chain(lines).collect();
        Some((name, serde_json::to_string(&items).ok()?))
    }
}

/// Whether one of these fields shows this error.
pub fn belongs(error: &AppError, asked: &[AskedParameter]) -> bool {
    error.field().is_some_and(|field| asked.iter().any(|parameter| parameter.name == field))
}

#[component]
pub fn AskedFields(asked: Vec<AskedParameter>, error: Option<AppError>) -> impl IntoView {
    let fields = asked.into_iter().enumerate().map(|(place, parameter)| {
        let error = error.clone().filter(|error| error.field() == Some(&parameter.name));
        view! { <AskedField place parameter error/> }
    });
    fields.collect_view()
}

#[component]
fn AskedField(place: usize, parameter: AskedParameter, error: Option<AppError>) -> impl IntoView {
    let id = format!("values-{place}");
    let hint = match (parameter.description.as_str(), parameter.once) {
        ("", false) => None,
        ("", true) => Some("For this build only.".to_owned()),
        (words, false) => Some(words.to_owned()),
        (words, true) => Some(format!("{words} For this build only.")),
    };
    let below = Below::new(&id, error.map(|error| format!("This {error}.")), hint);
    let is_list = parameter.kind == "list(string)";
    let (key, name, label) = (parameter.name.clone(), parameter.name.clone(), parameter.label.clone());
    let hidden = view! {
        <input type="hidden" name=format!("values[{place}][name]") value=name/>
        {is_list.then(|| view! { <input type="hidden" name=format!("values[{place}][is_list]") value="true"/> })}
    };
    if is_list && !parameter.options.is_empty() {
        let name = format!("values[{place}][list][]");
        return view! {
            <fieldset class="field" data-key=key tabindex="-1" aria-invalid=below.invalid aria-describedby=below.described>
                <legend>{label}</legend>
                {hidden}
                <Boxes name parameter/>
                {below.words}
            </fieldset>
        }
        .into_any();
    }
    let tied = (below.invalid, below.described);
    view! {
        <div class="field" data-key=key>
            <label for=id.clone()>{label}</label>
            {hidden}
            <Input id place parameter tied/>
            {below.words}
        </div>
    }
    .into_any()
}

/// A list whose items are to be chosen from.
#[component]
fn Boxes(name: String, parameter: AskedParameter) -> impl IntoView {
    let chosen: Vec<String> = serde_json::from_str(&parameter.value).unwrap_or_default();
    let boxes = parameter.options.into_iter().map(|(option, label)| {
        let checked = chosen.contains(&option);
        view! {
            <label class="check">
                <input type="checkbox" name=name.clone() value=option checked=checked/>
                <span>{label}</span>
            </label>
        }
    });
    boxes.collect_view()
}

/// The input that fits type and options.
#[component]
fn Input(
    id: String,
    place: usize,
    parameter: AskedParameter,
    tied: (Option<&'static str>, Option<String>),
) -> impl IntoView {
    let (invalid, described) = tied;
    let name = format!("values[{place}][value]");
    let AskedParameter { kind, long, value, mut options, min, max, .. } = parameter;
    if kind == "bool" && options.is_empty() {
        options = ["true", "false"].map(|word| (word.to_owned(), word.to_owned())).to_vec();
    }
    match (kind.as_str(), options.is_empty()) {
        ("list(string)", true) => {
            let lines: Vec<String> = serde_json::from_str(&value).unwrap_or_default();
            view! {
                <textarea class="input" id=id name=name rows="3" aria-invalid=invalid aria-describedby=described>
                    {lines.join("\n")}
                </textarea>
            }
            .into_any()
        }
        (_, false) => {
            let options = options.into_iter().map(|(option, label)| {
                let selected = option == value;
                view! { <option value=option selected=selected>{label}</option> }
            });
            view! {
                <select class="select" id=id name=name aria-invalid=invalid aria-describedby=described>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        ("number", true) => view! {
            <input class="input" type="number" id=id name=name value=value min=min max=max
                aria-invalid=invalid aria-describedby=described/>
        }
        .into_any(),
        _ if long => view! {
            <textarea class="input" id=id name=name rows="3" aria-invalid=invalid aria-describedby=described>
                {value}
            </textarea>
        }
        .into_any(),
        _ => view! {
            <input class="input" id=id name=name value=value autocomplete="off" spellcheck="false"
                aria-invalid=invalid aria-describedby=described/>
        }
        .into_any(),
    }
}
