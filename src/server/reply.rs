//! Bodies and statuses: how a GraphQL response, or the refusal of a request, goes over HTTP.

use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::{Response as Answer, ServerError, Value};
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use serde_json::json;

use super::guard::with_code;

/// The media types that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: a refused operation has status 400.
    GraphQl,
    /// `application/json`: a refused operation has status 200, as older clients expect.
    Json,
}

impl Media {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// Why a request is not carried out, before GraphQL has a say.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the response.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// The methods that would be allowed, of a 405.
    pub allow: Option<&'static str>,
}

impl Refusal {
    /// A refusal with this status, code and message.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            allow: None,
        }
    }

    /// The request is not shaped as it should be.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// The method is not one of `allow`.
    pub fn method(allow: &'static str, message: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
        }
    }

    /// Something went wrong that is not the caller's business; the number stands in the log.
    pub fn internal(number: u64) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            format!("internal error {number}; the log of the server says more"),
        )
    }

    /// The same as a GraphQL error, for where there is no status.
    pub fn into_answer(self) -> Answer {
        Answer::from_errors(vec![with_code(ServerError::new(self.message, None), self.code)])
    }

    /// The response, in JSON.
    pub fn into_response(self, media: Media) -> Response<Body> {
        let body = json!({ "errors": [{ "message": self.message, "extensions": { "code": self.code } }] });
        let mut response = respond(self.status, media, body.to_string());
        let headers = response.headers_mut();
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// A number for a line in the log, so that a caller can name it without having seen it.
pub fn log_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whether the operation was refused as a whole. async-graphql does not say so; an error of a field has a path,
/// and only errors without one leave nothing to execute.
pub fn is_refused(answer: &Answer) -> bool {
    !answer.errors.is_empty()
        && answer.data == Value::Null
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// The answer as JSON. Errors without a code get one, and a refused operation has no `data`, as the
/// specification demands.
pub fn answer_json(answer: Answer) -> serde_json::Value {
    let refused = is_refused(&answer);
    let mut answer = answer;
    answer.errors = answer
        .errors
        .into_iter()
        // Our own errors all have codes (api/error.rs); what is left is async-graphql about the caller's values.
        .map(|error| with_code(error, "BAD_USER_INPUT"))
        .collect();
    let Ok(mut json) = serde_json::to_value(&answer) else {
        // Every part of a response is JSON by construction; if not, say nothing rather than half.
        return json!({ "errors": [{ "message": "the answer is no JSON", "extensions": { "code": "INTERNAL" } }] });
    };
    if refused && let Some(object) = json.as_object_mut() {
        object.remove("data");
    }
    json
}

/// The answer as a response.
pub fn answer(answer: Answer, media: Media) -> Response<Body> {
    let status = if is_refused(&answer) && media == Media::GraphQl {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    respond(status, media, answer_json(answer).to_string())
}

fn respond(status: StatusCode, media: Media, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media.content_type());
    // Answers are about people; no cache on the way or in the browser may keep them.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
