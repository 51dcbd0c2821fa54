//! Which path leads where, and what every request passes on its way.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{any, get};
use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, watch};

use super::door::Door;
use super::engine::Engine;
use super::pages::Pages;
use super::reply::{Media, Refusal, log_number};
use super::{http, lineage, pages, socket};

/// What the handlers share.
#[derive(Clone)]
pub struct App {
    /// Runs operations.
    pub engine: Engine,
    /// Permits for sockets.
    pub sockets: Arc<Semaphore>,
    /// Becomes true when the server stops.
    pub closing: watch::Receiver<bool>,
    /// The browser pages.
    pub pages: Arc<Pages>,
    /// Takes events.
    pub lineage: Option<lineage::Door>,
    door: Arc<Door>,
    sdl: Arc<str>,
}

impl App {
    /// Everything that handlers need, and the switch that tells them that the server stops.
    pub fn new(
        engine: Engine,
        door: Door,
        pages: Pages,
        sdl: String,
        sockets_max: usize,
        lineage: Option<lineage::Door>,
    ) -> (Self, watch::Sender<bool>) {
        let (closing, closing_seen) = watch::channel(false);
        let app = Self {
            engine,
            sockets: Arc::new(Semaphore::new(sockets_max)),
            closing: closing_seen,
            pages: Arc::new(pages),
            lineage,
            door: Arc::new(door),
            sdl: sdl.into(),
        };
        (app, closing)
    }
}

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/graphql", any(http::graphql))
        .route("/ws", get(socket::connect))
        .route(lineage::PATH, any(lineage::lineage))
        .route("/schema.graphql", get(schema))
        .route("/healthz", get(healthy))
        .route("/readyz", get(is_ready))
        .fallback(other)
        .layer(from_fn_with_state(app.clone(), pass))
        .with_state(app)
}

/// Whether a path is for programs that send events, however many slashes it begins with.
fn is_of_api(path: &str) -> bool {
    path.trim_start_matches('/').starts_with("api/")
}

/// Answers paths that are not written as the routes are.
async fn other(state: State<App>, request: Request) -> Response<Body> {
    match request.uri().path() {
        path if lineage::is_meant(path) => lineage::lineage(state, request).await,
        path if is_of_api(path) => lineage::elsewhere(),
        _ => pages::page(state, request).await,
    }
}

/// The door before each handler, the security headers after it.
async fn pass(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    let is_api = matches!(path, "/graphql" | "/ws") || is_of_api(path);
    let (host, mut response) = match app.door.admit(request.uri(), request.headers(), is_api) {
        Ok(host) => (Some(host), answered(next.run(request)).await),
        Err(refusal) => (None, refusal.into_response(Media::Json)),
    };
    secure(response.headers_mut(), host.as_deref());
    response
}

/// A handler that panics has failed for its caller alone, who is told so.
async fn answered(handler: impl Future<Output = Response<Body>>) -> Response<Body> {
    AssertUnwindSafe(handler)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let number = log_number();
            tracing::error!(number, "a handler panicked");
            Refusal::internal(number).into_response(Media::Json)
        })
}

fn secure(headers: &mut HeaderMap, host: Option<&str>) {
    // Older browsers do not take 'self' for a WebSocket of the same origin, so it is named. The host was compared
    // with our own list and can be repeated.
    let socket = host
        .map(|host| format!(" ws://{host} wss://{host}"))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self' data:; connect-src 'self'{socket}; worker-src 'self' blob:; object-src 'none'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn schema(State(app): State<App>) -> Response<Body> {
    text(StatusCode::OK, app.sdl.to_string())
}

/// The process runs and answers.
async fn healthy() -> Response<Body> {
    text(StatusCode::OK, "ok\n".to_owned())
}

/// Questions are answered, and the server is not about to stop.
async fn is_ready(State(app): State<App>) -> Response<Body> {
    let stops = *app.closing.borrow();
    if !stops && app.engine.is_ready().await {
        text(StatusCode::OK, "ready\n".to_owned())
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned())
    }
}

/// A response in plain text that no cache keeps.
pub fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::answered;

    #[tokio::test]
    async fn a_handler_that_panics_is_told_of() {
        let panics = async { unreachable!("a handler is wrong") };
        assert_eq!(answered(panics).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
