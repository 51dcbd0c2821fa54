//! `POST /api/v1/lineage`: where OpenLineage clients send their events, and `GET`: how much has come in.
//!
//! One event in a body, or a list of them, plain or packed with gzip. An event that is well formed is acknowledged
//! when it is durable; one that is not is refused with its code and a path into its JSON, kept and counted.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use axum::http::{Method, Response, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::http::{BODY_TIMEOUT, check_content_type};
use super::reply::{Media, Refusal, log_number};
use super::routes::App;
use crate::intake::{Counts, Fate, Intake, IntakeError};

/// The largest body, in bytes, packed and unpacked: plans of queries travel in facets.
const BODY_MAX: usize = 16 * 1024 * 1024;

/// Bodies up to this many bytes are read by the thread that answers; giving them to another takes longer than reading.
const AT_ONCE_MAX: usize = 64 * 1024;

/// Takes events, for whoever has the key.
#[derive(Clone)]
pub struct Door {
    /// Where events go.
    pub intake: Arc<Intake>,
    /// What must stand in `Authorization: Bearer …`; without one every caller that the server admits may send.
    pub key: Option<Arc<str>>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door {{ has_key: {} }}", self.key.is_some())
    }
}

/// Where clients send events.
pub const PATH: &str = "/api/v1/lineage";

/// Whether a path is meant for this: clients join addresses so that slashes are doubled, or left at the end.
pub fn is_meant(path: &str) -> bool {
    path.trim_matches('/') == PATH.trim_matches('/')
}

/// Answers every other path under `/api`: whoever sends events there is told where they are taken.
pub fn elsewhere() -> Response<Body> {
    let message = "there is nothing here; OpenLineage events are taken at /api/v1/lineage: set OPENLINEAGE_URL to \
                   this server's address alone";
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message).into_response(Media::Json)
}

/// Answers `/api/v1/lineage`.
pub async fn lineage(State(app): State<App>, http: HttpRequest) -> Response<Body> {
    match carry_out(&app, http).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(Media::Json),
    }
}

async fn carry_out(app: &App, http: HttpRequest) -> Result<Response<Body>, Refusal> {
    let Some(door) = app.lineage.clone() else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "this server takes no events; `wherefore serve --store DIR` does",
        ));
    };
    admit(&door, http.headers())?;
    let is_post = http.method() == Method::POST;
    if !is_post && http.method() != Method::GET {
        return Err(Refusal::method(
            "GET, POST",
            "send events by POST; GET says how many came",
        ));
    }
    let body = if is_post {
        check_content_type(http.headers())?;
        let encoding = http.headers().get(CONTENT_ENCODING).cloned();
        let body = timeout(BODY_TIMEOUT, read(http.into_body()))
            .await
            .map_err(|_| {
                Refusal::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "TIMEOUT",
                    "the body did not arrive in time",
                )
            })??;
        Some((body, encoding))
    } else {
        None
    };
    let (status, json) = match body {
        Some((body, encoding)) => taken(door, body, encoding).await?,
        None => (
            StatusCode::OK,
            away(move || counted(&door.intake.counts())).await?,
        ),
    };
    let mut response = Response::new(Body::from(json.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Takes the events of a body; done when they are durable. No thread waits for the disk meanwhile.
async fn taken(
    door: Door,
    body: Bytes,
    encoding: Option<HeaderValue>,
) -> Result<(StatusCode, Value), Refusal> {
    let (tell, told) = oneshot::channel();
    let is_small = body.len() <= AT_ONCE_MAX && encoding.is_none();
    let submit = move || {
        let body = unpacked(&body, encoding.as_ref())?;
        door.intake
            .submit(&body, move |written| {
                // A caller that has gone away is not told.
                let _ = tell.send(written);
            })
            .map_err(|error| stopped(&error))
    };
    let fates = if is_small { submit()? } else { away(submit).await?? };
    match told.await {
        Ok(Ok(())) => Ok(self::told(&fates)),
        Ok(Err(error)) => Err(stopped(&error)),
        Err(_) => Err(stopped(&IntakeError::Stopped("the journal is closed".to_owned()))),
    }
}

fn stopped(error: &IntakeError) -> Refusal {
    tracing::error!(code = error.code(), %error, "events are not taken");
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "LINEAGE_STOPPED",
        "events cannot be kept; the log of the server says more",
    )
}

/// Does something long away from the threads that answer other requests.
async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|failure| {
        let number = log_number();
        tracing::error!(number, %failure, "taking events panicked");
        Refusal::internal(number)
    })
}

/// The key is compared by its digest, so that the time it takes tells nothing about it.
fn admit(door: &Door, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(key) = &door.key else { return Ok(()) };
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, given)| given.trim());
    let is_known = given.is_some_and(|given| blake3::hash(given.as_bytes()) == blake3::hash(key.as_bytes()));
    if is_known {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "send the key of this server: `Authorization: Bearer …`",
        ))
    }
}

fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        "the body is larger than 16 MiB; send fewer events at once, or import them as a file",
    )
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut kept: Vec<u8> = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad("the body ended early"))?;
        if kept.len() + chunk.len() > BODY_MAX {
            return Err(too_large());
        }
        kept.extend_from_slice(&chunk);
    }
    Ok(kept.into())
}

fn unpacked(body: &Bytes, encoding: Option<&HeaderValue>) -> Result<Bytes, Refusal> {
    match encoding.map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(body.clone()),
        Some(name) if name.eq_ignore_ascii_case(b"gzip") => {
            let mut unpacked = Vec::new();
            let limit = u64::try_from(BODY_MAX + 1).unwrap_or(u64::MAX);
            flate2::read::MultiGzDecoder::new(&body[..])
                .take(limit)
                .read_to_end(&mut unpacked)
                .map_err(|_| Refusal::bad("the body is no gzip"))?;
            if unpacked.len() > BODY_MAX {
                return Err(too_large());
            }
            Ok(unpacked.into())
        }
        Some(_) => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "the body may be plain or packed with gzip",
        )),
    }
}

/// What became of the events. 201 if all were taken; 400 if one was refused: the others are taken all the same, and
/// sending them again changes nothing.
fn told(fates: &[Fate]) -> (StatusCode, Value) {
    let mut errors = Vec::new();
    let (mut taken, mut repeated) = (0_u64, 0_u64);
    for (index, fate) in fates.iter().enumerate() {
        match fate {
            Fate::Taken => taken += 1,
            Fate::Repeated => repeated += 1,
            Fate::Refused(refusal) => errors.push(json!({
                "message": refusal.message,
                "extensions": {
                    "code": refusal.code.as_str(),
                    "event": index,
                    "path": refusal.path,
                    "help": refusal.help,
                },
            })),
        }
    }
    let status = if errors.is_empty() {
        StatusCode::CREATED
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut json = json!({ "taken": taken, "repeated": repeated, "refused": errors.len() });
    if !errors.is_empty() {
        json["errors"] = errors.into();
    }
    (status, json)
}

fn counted(counts: &Counts) -> Value {
    json!({
        "events": counts.events,
        "applied": counts.applied,
        "repeated": counts.repeated,
        "runs": counts.runs,
        "openRuns": counts.open_runs,
        "datasets": counts.datasets,
        "unmapped": counts.unmapped,
        "refused": counts.refused,
        "unreadFacets": counts.unread_facets,
    })
}
