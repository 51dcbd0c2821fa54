//! The browser pages: files built by npm, inside the binary, or from a folder for work on them. Without them a
//! plain page says what to do, and everything else works.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use axum::http::{Method, Response, StatusCode};
use rust_embed::RustEmbed;

use super::ServerError;
use super::routes::{App, text};

/// The pages inside the binary; none if they had not been built when it was compiled.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// What `/` and `/graphiql` show when there are no pages.
const FALLBACK: &str = include_str!("fallback.html");

/// Where the pages come from.
pub enum Pages {
    /// From inside the binary.
    Built,
    /// From this folder, read anew for each request.
    Folder(PathBuf),
}

/// A file of the pages.
struct File {
    content: Bytes,
    /// Names the content; the same content has the same name.
    digest: String,
}

impl Pages {
    /// The pages in this folder, or those inside the binary.
    pub fn open(folder: Option<&Path>) -> Result<Self, ServerError> {
        let Some(folder) = folder else {
            return Ok(Self::Built);
        };
        let cannot_read = |source| ServerError::Pages {
            folder: folder.to_owned(),
            source,
        };
        let real = folder.canonicalize().map_err(cannot_read)?;
        if !real.is_dir() {
            return Err(cannot_read(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self::Folder(real))
    }

    fn file(&self, name: &str) -> Option<File> {
        match self {
            Self::Built => {
                let file = Built::get(name)?;
                Some(File {
                    digest: hex(&file.metadata.sha256_hash()[..16]),
                    content: match file.data {
                        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                        std::borrow::Cow::Owned(bytes) => bytes.into(),
                    },
                })
            }
            Self::Folder(folder) => {
                // Links inside the folder must not lead out of it.
                let path = folder.join(name).canonicalize().ok()?;
                if !path.starts_with(folder) {
                    return None;
                }
                let content = std::fs::read(path).ok()?;
                Some(File {
                    digest: hex(&blake3::hash(&content).as_bytes()[..16]),
                    content: content.into(),
                })
            }
        }
    }

    fn is_folder(&self) -> bool {
        matches!(self, Self::Folder(_))
    }
}

/// Answers every path that nothing else answers.
pub async fn page(State(app): State<App>, request: Request) -> Response<Body> {
    let is_head = request.method() == Method::HEAD;
    if !is_head && request.method() != Method::GET {
        let mut response = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET or HEAD is expected here\n".to_owned(),
        );
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let pages = app.pages.clone();
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    // Files of a folder are read from disk, which the async threads must not wait for.
    let found = tokio::task::spawn_blocking(move || find(&pages, &path, &headers)).await;
    let mut response =
        found.unwrap_or_else(|_| text(StatusCode::INTERNAL_SERVER_ERROR, "no page\n".to_owned()));
    if is_head {
        *response.body_mut() = Body::empty();
    }
    response
}

fn find(pages: &Arc<Pages>, path: &str, headers: &HeaderMap) -> Response<Body> {
    let not_found = || text(StatusCode::NOT_FOUND, "there is no such page\n".to_owned());
    let Some(name) = file_name(path) else {
        return not_found();
    };
    let Some(file) = pages.file(name) else {
        return if matches!(name, "index.html" | "graphiql.html") {
            fallback()
        } else {
            not_found()
        };
    };
    let packed = if accepts_gzip(headers) {
        pages.file(&format!("{name}.gz"))
    } else {
        None
    };
    let tag = format!("\"{}{}\"", file.digest, if packed.is_some() { "-gz" } else { "" });
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|known| names(known, &tag));

    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let lasting = if is_hashed(name) && !pages.is_folder() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, tag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    if packed.is_some() {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = Body::from(packed.unwrap_or(file).content);
    response
}

fn fallback() -> Response<Body> {
    let mut response = Response::new(Body::from(FALLBACK));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The name of the file that stands at the path; `None` for a path that no file can stand at. Names are plain:
/// nothing hidden, nothing encoded, no way upwards.
fn file_name(path: &str) -> Option<&str> {
    match path {
        "/" => return Some("index.html"),
        "/graphiql" => return Some("graphiql.html"),
        _ => {}
    }
    let name = path.strip_prefix('/')?;
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    // One address for each thing: pages by their names above, packed files only as an encoding.
    let is_other = matches!(name.rsplit('.').next(), Some("html" | "gz"));
    (name.split('/').all(is_plain) && !is_other).then_some(name)
}

/// Whether the name holds a hash of the content, as Vite writes it: `assets/name-XXXXXXXX.ext`.
fn is_hashed(name: &str) -> bool {
    let Some(file) = name.strip_prefix("assets/") else {
        return false;
    };
    // `graphql.worker-7-a2hYx4.js`: the hash ends the part before the last dot, and may hold a dash itself.
    file.rsplit('.')
        .nth(1)
        .is_some_and(|part| part.len() > 9 && part.as_bytes()[part.len() - 9] == b'-')
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            is_gzip && weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
        })
}

fn names(known: &HeaderValue, tag: &str) -> bool {
    known.to_str().is_ok_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::{accepts_gzip, file_name, is_hashed, names};

    #[test]
    fn only_plain_names_lead_to_files() {
        assert_eq!(file_name("/"), Some("index.html"));
        assert_eq!(file_name("/graphiql"), Some("graphiql.html"));
        assert_eq!(file_name("/assets/a-b_c.js"), Some("assets/a-b_c.js"));
        for path in [
            "",
            "//",
            "/..",
            "/../Cargo.toml",
            "/assets/../index.html",
            "/assets/..%2findex.html",
            "/%2e%2e/x",
            "/.env",
            "/assets/.hidden",
            "/assets\\x",
            "/assets//x",
            "/index.html",
            "/assets/x.js.gz",
            "/a b",
            "/a\0b",
        ] {
            assert_eq!(file_name(path), None, "{path:?}");
        }
    }

    #[test]
    fn names_with_a_hash_last_for_ever() {
        assert!(is_hashed("assets/graphiql-xI9OjJIQ.js"));
        assert!(is_hashed("assets/graphql.worker-7-a2hYx4.js"));
        assert!(!is_hashed("assets/icon.svg"));
        assert!(!is_hashed("licenses-xI9OjJIQ.txt"));
    }

    #[test]
    fn gzip_and_tags_are_read_as_the_client_means_them() {
        let gzip = |value| {
            accepts_gzip(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        assert!(gzip("br, GZIP;q=0.5"));
        assert!(!gzip("gzip;q=0, br"));
        assert!(!gzip("identity"));
        assert!(!accepts_gzip(&HeaderMap::new()));
        let known = |value| names(&HeaderValue::from_static(value), "\"a\"");
        assert!(known("\"b\", W/\"a\""));
        assert!(known("*"));
        assert!(!known("\"ab\""));
    }
}
