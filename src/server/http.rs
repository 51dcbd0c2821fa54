//! GraphQL over HTTP: `GET` and `POST /graphql`, as the GraphQL-over-HTTP specification has it.
//!
//! Stricter than the specification where a browser could be made to act for somebody else: bodies must be
//! `application/json`, which no form can send without asking first, and a GET never carries out a mutation.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request as HttpRequest, State};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use axum::http::{Method, Response, StatusCode};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::engine::Allowed;
use super::reply::{self, Media, Refusal};
use super::request;
use super::routes::App;

/// The largest body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// How much beyond that is read and thrown away, in bytes, so that a client that sends before it listens gets to
/// see the refusal.
const DISCARD_MAX: usize = 8 * 1024 * 1024;
/// How long a client may take to send a body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers `/graphql`.
pub async fn graphql(State(app): State<App>, http: HttpRequest) -> Response<Body> {
    let Some(media) = accepted(http.headers()) else {
        let refusal = Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "accept `application/graphql-response+json` or `application/json`",
        );
        return refusal.into_response(Media::Json);
    };
    match carry_out(&app, http).await {
        Ok(answer) => reply::answer(answer, media),
        Err(refusal) => refusal.into_response(media),
    }
}

async fn carry_out(app: &App, http: HttpRequest) -> Result<async_graphql::Response, Refusal> {
    if http.method() == Method::GET {
        let pairs = Query::try_from_uri(http.uri())
            .map_err(|_| Refusal::bad("the query string cannot be decoded"))?
            .0;
        let request = request::from_pairs(pairs)?;
        app.engine.execute(request, Allowed::Queries).await
    } else if http.method() == Method::POST {
        check_content_type(http.headers())?;
        let length = content_length(http.headers());
        let body = timeout(BODY_TIMEOUT, read_body(http.into_body(), length))
            .await
            .map_err(|_| {
                Refusal::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "TIMEOUT",
                    "the body did not arrive in time",
                )
            })??;
        app.engine.execute(request::from_body(&body)?, Allowed::All).await
    } else {
        Err(Refusal::method(
            "GET, POST",
            "send a query by GET or POST, anything else by POST",
        ))
    }
}

/// The media type to answer in: the specification's own if the client names it, otherwise plain JSON.
fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut is_given = false;
    let (mut graphql, mut json, mut any) = (None, None, None);
    for header in headers.get_all(ACCEPT) {
        for range in header.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            is_given |= !name.is_empty();
            let weight = parts
                .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .map_or(1.0, |text| text.parse::<f32>().unwrap_or(0.0));
            let slot = match name.as_str() {
                "application/graphql-response+json" => &mut graphql,
                "application/json" => &mut json,
                "application/*" | "*/*" => &mut any,
                _ => continue,
            };
            *slot = Some(slot.map_or(weight, |best: f32| best.max(weight)));
        }
    }
    if !is_given {
        return Some(Media::Json);
    }
    let graphql_weight = graphql.unwrap_or(0.0);
    let json_weight = json.or(any).unwrap_or(0.0);
    if graphql_weight > 0.0 && graphql_weight >= json_weight {
        Some(Media::GraphQl)
    } else if json_weight > 0.0 {
        Some(Media::Json)
    } else {
        None
    }
}

/// Refuses a body that is not JSON in UTF-8.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut given = headers.get_all(CONTENT_TYPE).iter();
    let text = match (given.next(), given.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default().to_ascii_lowercase(),
        _ => String::new(),
    };
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    let is_utf8 = parts
        .filter_map(|part| part.strip_prefix("charset="))
        .all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8"));
    if is_json && is_utf8 {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "the body must be `application/json` in UTF-8",
        ))
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read_body(body: Body, length: Option<usize>) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            "the body is larger than 1 MiB; import large fact files from the command line",
        )
    };
    if length.is_some_and(|length| length > BODY_MAX + DISCARD_MAX) {
        return Err(too_large());
    }
    let mut stream = body.into_data_stream();
    let mut kept = Vec::with_capacity(length.unwrap_or(0).min(BODY_MAX));
    let mut total = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad("the body ended early"))?;
        total += chunk.len();
        if total <= BODY_MAX {
            kept.extend_from_slice(&chunk);
        } else {
            kept = Vec::new();
            if total > BODY_MAX + DISCARD_MAX {
                break;
            }
        }
    }
    if total > BODY_MAX {
        Err(too_large())
    } else {
        Ok(kept.into())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::{Media, accepted, check_content_type};

    fn with(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_answer_has_the_type_that_the_client_likes_best() {
        let choice = |accept| accepted(&with(ACCEPT, accept));
        assert_eq!(accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(choice(""), Some(Media::Json));
        assert_eq!(choice("*/*"), Some(Media::Json));
        assert_eq!(choice("application/*"), Some(Media::Json));
        assert_eq!(choice("text/html, */*;q=0.8"), Some(Media::Json));
        assert_eq!(choice("application/json; charset=utf-8"), Some(Media::Json));
        assert_eq!(choice("application/graphql-response+json"), Some(Media::GraphQl));
        assert_eq!(
            choice("application/json, application/graphql-response+json"),
            Some(Media::GraphQl)
        );
        assert_eq!(
            choice("application/graphql-response+json;q=0.5, application/json"),
            Some(Media::Json)
        );
        assert_eq!(choice("application/graphql-response+json;q=0"), None);
        assert_eq!(choice("text/html"), None);
        assert_eq!(choice("application/json;q=0, */*"), None);
    }

    #[test]
    fn only_json_in_utf8_is_a_body() {
        let fits = |kind| check_content_type(&with(CONTENT_TYPE, kind)).is_ok();
        assert!(fits("application/json"));
        assert!(fits("Application/JSON; charset=UTF-8"));
        for kind in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/graphql",
            "text/plain, application/json",
        ] {
            assert!(!fits(kind), "{kind}");
        }
        assert!(check_content_type(&HeaderMap::new()).is_err());
    }
}
