//! `/settings/tokens`: tokens that people make for their programs.
//!
//! What proves a new token is shown once: it comes to the page in a cookie that only this page is sent, that scripts
//! cannot read, and that ends after five minutes or when the person says that they have it.

use leptos::prelude::*;

use super::Head;
use crate::{
    caller::{Caller, caller, cookie, see_other, set_cookie, visitor},
    component::{
        field::{Field, FormError, Submit, refusal},
        filters::Unknown,
        notice::{ActError, Notice},
        panel::Panel,
        screen::{Page, Screen, query},
    },
    copy::Tone,
    error::AppError,
    icon::Shape,
    time::{Now, Time},
    view::{TokenRow, TokensQuery, TokensView},
};

const HERE: &str = "/settings/tokens";

/// Keeps a new token for so long, until the page has shown it.
fn keep_new_token(caller: &Caller, token: &str, seconds: u32) {
    let secure = if caller.backend.is_secure() { "; Secure" } else { "" };
    set_cookie(&format!(
        "hearth_new_token={token}; Path={HERE}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    ));
}

async fn load(query: TokensQuery) -> Result<TokensView, AppError> {
    let caller = caller().await?;
    caller.backend.tokens(&caller.actor, &query).await
}

/// Makes a token, and shows it this once.
#[server(prefix = "/act", endpoint = "make-token")]
pub async fn make_token(name: String, days: u32) -> Result<(), AppError> {
    let caller = caller().await?;
    let token = caller.backend.make_token(&caller.actor, name.trim(), days, &visitor().origin).await?;
    keep_new_token(&caller, &token, 300);
    see_other(&format!("{HERE}?done=token_made"));
    Ok(())
}

/// The person has stored the token: it is not shown again.
#[server(prefix = "/act", endpoint = "token-stored")]
pub async fn token_stored() -> Result<(), AppError> {
    keep_new_token(&caller().await?, "", 0);
    see_other(HERE);
    Ok(())
}

/// Ends a token at once.
#[server(prefix = "/act", endpoint = "revoke-token")]
pub async fn revoke_token(id: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.revoke_token(&caller.actor, &id).await?;
    keep_new_token(&caller, "", 0);
    see_other(&format!("{HERE}?done=token_revoked"));
    Ok(())
}

#[component]
pub fn TokensPage() -> impl IntoView {
    let asked = TokensQuery { whose: query("whose") };
    view! {
        <Page load=load(asked.clone()) draw=move |view: TokensView, now| {
            Screen::new("Tokens", tokens(view, asked, now))
        }/>
    }
}

fn tokens(view: TokensView, query: TokensQuery, now: Now) -> AnyView {
    let TokensView { frame, tokens, may_see_all } = view;
    let username = frame.username.clone();
    let made = cookie("hearth_new_token").filter(|token| !token.is_empty());
    let whose = may_see_all.then(|| {
        let current = |whose: &str| (query.whose == whose).then_some("true");
        view! {
            <nav class="segments" aria-label="Whose">
                <a href=HERE aria-current=current("")>"Mine"</a>
                <a href=format!("{HERE}?whose=all") aria-current=current("all")>"Everybody's"</a>
            </nav>
        }
    });
    let list = if tokens.is_empty() {
        view! {
            <p class="empty-row">"No tokens. A program that speaks to Hearth for you needs one."</p>
        }
        .into_any()
    } else {
        let rows = tokens.into_iter().map(|row| {
            let own = row.owner == username;
            view! { <Row row own now/> }
        });
        let rows = rows.collect_view();
        view! {
            <table class="table" role="table">
                <caption class="sr-only">"Tokens, newest first"</caption>
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" scope="col">"Name"</th>
                    <th role="columnheader" scope="col">"Last used"</th>
                    <th role="columnheader" scope="col">"Expires"</th>
                    <th role="columnheader" scope="col"><span class="sr-only">"Revoke"</span></th>
                </tr></thead>
                {rows}
            </table>
        }
        .into_any()
    };
    view! {
        <Head frame here=HERE/>
        {made.map(|token| view! { <Made token/> })}
        <Panel id="list" title="Tokens" beside=move || whose>
            <Unknown name="whose" known=["mine", "all"] href=HERE/>
            <ActError error={refusal::<RevokeToken>()}/>
            {list}
        </Panel>
        <NewToken/>
    }
    .into_any()
}

#[component]
fn Made(token: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Ok shape=Shape::Check>
            <div class="stack">
                <p><b>"This is the token."</b> " It is shown this once: keep it where your program finds it."</p>
                <div class="code" data-inline="">
                    <pre tabindex="0" aria-label="New token"><output>{token}</output></pre>
                </div>
                <ActionForm action={ServerAction::<TokenStored>::new()}>
                    <button class="button" data-size="small">"I stored it"</button>
                </ActionForm>
            </div>
        </Notice>
    }
    .into_any()
}

#[component]
fn Row(row: TokenRow, own: bool, now: Now) -> impl IntoView {
    let used = match row.last_used_at {
        Some(at) => view! { <Time at now/> }.into_any(),
        None => "never".into_any(),
    };
    let (label, key) = (format!("Revoke {}", row.name), row.id.clone());
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="row">
                    {row.name}
                    {(!own).then(|| view! { <span class="of">{format!(" of {}", row.owner)}</span> })}
                </th>
                <td role="cell" data-label="Last used">{used}</td>
                <td role="cell" data-label="Expires"><Time at=row.expires_at now/></td>
                <td role="cell" class="num">
                    <ActionForm action={ServerAction::<RevokeToken>::new()}>
                        <input type="hidden" name="id" value=row.id/>
                        <button class="button" data-size="small" aria-label=label>"Revoke"</button>
                    </ActionForm>
                </td>
            </tr>
        </tbody>
    }
    .into_any()
}

const LIFETIMES: [(u32, &str); 4] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "1 year")];

#[component]
fn NewToken() -> impl IntoView {
    let error = refusal::<MakeToken>();
    let options = LIFETIMES.map(|(days, words)| {
        view! { <option value=days.to_string() selected=days == 90>{words}</option> }
    });
    view! {
        <Panel id="new" title="Make a token">
            <ActionForm action={ServerAction::<MakeToken>::new()}>
                <div class="panel-body">
                    <FormError error=error.clone() fields=&["name"]/>
                    <Field
                        name="name"
                        label="Name"
                        hint="What it is for: letters, digits, hyphens, underscores and dots. It acts with your rights."
                        error
                    />
                    <div class="field">
                        <label for="days">"Ends after"</label>
                        <select class="select" id="days" name="days">{options.into_iter().collect_view()}</select>
                    </div>
                    <div class="actions"><Submit label="Make a token" doing="Making…"/></div>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}
