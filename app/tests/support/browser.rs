//! A browser without scripts, on pages with a made-up server behind them.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header, request::Parts},
};
use hearth_app::{
    backend::{Actor, Origin, Role},
    caller::Visitor,
};
use hearth_prebuilds::ids::UserId;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Fake, now, pages};

/// A browser without scripts.
pub struct Browser {
    pub fake: Arc<Fake>,
    pub session: &'static str,
}

impl Browser {
    pub fn of(session: &'static str) -> Self {
        Self { fake: Arc::default(), session }
    }

    pub fn on(fake: Fake) -> Self {
        Self { fake: Arc::new(fake), session: "owner" }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        pages(self.fake.clone(), None).oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        self.get_with(path, "hearth_theme=dark").await
    }

    async fn get_with(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, format!("session={}; {cookie}", self.session))
            .body(Body::empty())
            .unwrap();
        let response = self.send(request).await;
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// The HTML of a page that must be there, with no-break spaces as spaces.
    pub async fn page(&self, path: &str) -> String {
        let (status, html) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        html.replace('\u{a0}', " ")
    }

    /// Submits a form that lies on `from`; where the answer leads, and what it stores.
    pub async fn post(&self, from: &str, action: &str, form: &str) -> (StatusCode, String, Option<String>) {
        let request = Request::post(action)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::REFERER, format!("http://hearth.test{from}"))
            .header(header::COOKIE, format!("session={}", self.session))
            .body(Body::from(form.to_owned()))
            .unwrap();
        let response = self.send(request).await;
        let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (response.status(), text(header::LOCATION).unwrap_or_default(), text(header::SET_COOKIE))
    }

    /// Follows a refused form back to its page.
    pub async fn refused(&self, from: &str, action: &str, form: &str) -> String {
        let (status, location, cookie) = self.post(from, action, form).await;
        assert_eq!(status, StatusCode::FOUND, "a refused form leads back");
        let cookie = cookie.unwrap_or_default();
        let kept = cookie.split(';').next().unwrap_or_default();
        let (status, html) = self.get_with(location.strip_prefix("http://hearth.test").unwrap(), kept).await;
        assert_eq!(status, StatusCode::OK);
        html.replace('\u{a0}', " ")
    }

    pub fn acts(&self) -> Vec<String> {
        self.fake.acts.lock().unwrap().clone()
    }
}

/// Logged in with this cookie value: `session=owner` or `session=member`.
pub fn visitor(parts: &Parts) -> Visitor {
    let cookies = parts.headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let role = if cookies.contains("session=owner") {
        Some(("maria", Role::Owner))
    } else if cookies.contains("session=member") {
        Some(("jonas", Role::Member))
    } else {
        None
    };
    let actor = role.map(|(name, role)| Actor {
        user_id: UserId(uuid::Uuid::nil()),
        username: name.to_owned(),
        role,
    });
    let session_ends = cookies.contains("ends=soon").then(|| now() + chrono::TimeDelta::seconds(100));
    Visitor {
        token: actor.is_some().then(|| "token".to_owned()),
        actor,
        session_ends,
        origin: Origin::default(),
    }
}
