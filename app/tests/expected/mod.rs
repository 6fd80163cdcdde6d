//! What a button brings about at once is drawn with its page.

use crate::support::browser::Browser;

/// The values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!("{attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_button_that_shows_its_act_at_once_has_its_template() {
    let cause = "/drift/0198b000-0000-7000-8000-000000000001";
    let mut seen = Vec::new();
    for path in ["/inbox", "/presets/web/large?dialog=pause", "/presets/legacy/java8", cause] {
        let html = Browser::of("owner").page(path).await;
        for name in values(&html, "data-expect") {
            assert!(html.contains(&format!("<template id=\"expect-{name}\">")), "{name} on {path}");
            seen.push(name.to_owned());
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["acknowledged", "paused", "read", "resumed", "unread"]);
}

#[tokio::test]
async fn a_theme_button_names_the_theme_that_is_worn_at_once() {
    let html = Browser::of("owner").page("/settings/preferences").await;
    assert_eq!(values(&html, "data-wears"), ["light", "auto", "light", "dark"]);
}
