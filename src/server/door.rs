//! Who may call: a web page somewhere else must not be able to use the visitor's browser to reach a server that
//! listens on the visitor's own machine.
//!
//! Such a page has two ways. It can send requests across origins: then the browser names the page in `Origin`
//! or `Sec-Fetch-Site`. Or it can rename this machine to a name of its own (DNS rebinding), so that the browser
//! takes us for the same origin: then the foreign name stands in `Host`. Both are compared with exact lists;
//! there are no wildcards, and no CORS headers are ever sent.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use axum::http::{StatusCode, Uri};

use super::reply::Refusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names that this server answers to.
#[derive(Debug)]
pub struct Door {
    hosts: BTreeSet<String>,
    origins: BTreeSet<String>,
}

impl Door {
    /// The loopback names with this port, and the further `hosts`.
    pub fn new(address: SocketAddr, hosts: &[String]) -> Self {
        let port = address.port();
        let mut own = BTreeSet::new();
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            own.insert(format!("{name}:{port}"));
            // Browsers leave out the port that is the scheme's own.
            if port == 80 {
                own.insert(name.to_owned());
            }
        }
        own.insert(address.to_string());
        let further: BTreeSet<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let origins = own
            .iter()
            .chain(&further)
            .map(|host| format!("http://{host}"))
            // A proxy in front may speak TLS; under our own names we never do.
            .chain(further.iter().map(|host| format!("https://{host}")))
            .collect();
        own.extend(further);
        Self { hosts: own, origins }
    }

    /// The host that the caller asked for, if it is one of ours and no foreign page stands behind the call.
    /// `is_api` is stricter: it is for paths that no link or address bar leads to.
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap, is_api: bool) -> Result<String, Refusal> {
        let host = self.host(uri, headers)?;
        for origin in headers.get_all(ORIGIN) {
            let known = origin
                .to_str()
                .is_ok_and(|origin| self.origins.contains(&origin.to_ascii_lowercase()));
            if !known {
                return Err(forbidden("requests from pages of other origins are not served"));
            }
        }
        let foreign = |site: &[u8]| site != b"same-origin" && site != b"none";
        if is_api
            && headers
                .get_all(SEC_FETCH_SITE)
                .iter()
                .any(|site| foreign(site.as_bytes()))
        {
            return Err(forbidden("requests from pages of other sites are not served"));
        }
        Ok(host)
    }

    fn host(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, Refusal> {
        let mut given = headers.get_all(HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else {
            return Err(forbidden("exactly one `Host` header is expected"));
        };
        let host = host.to_str().unwrap_or_default().to_ascii_lowercase();
        // A request line may name a host of its own, as for a proxy.
        let named = uri
            .authority()
            .map(|authority| authority.as_str().to_ascii_lowercase());
        if self.hosts.contains(&host) && named.is_none_or(|named| named == host) {
            Ok(host)
        } else {
            Err(forbidden(
                "this server does not answer to that `Host`; allow further names when starting it",
            ))
        }
    }
}

fn forbidden(message: &'static str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Uri};

    use super::Door;

    fn admits(pairs: &[(&'static str, &'static str)], is_api: bool) -> bool {
        let door = Door::new(
            ([127, 0, 0, 1], 4100).into(),
            &["Lineage.example:8443".to_owned()],
        );
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        door.admit(&Uri::from_static("/graphql"), &headers, is_api)
            .is_ok()
    }

    #[test]
    fn only_our_own_names_with_our_own_port_are_hosts() {
        for host in [
            "127.0.0.1:4100",
            "localhost:4100",
            "LOCALHOST:4100",
            "[::1]:4100",
            "lineage.example:8443",
        ] {
            assert!(admits(&[("host", host)], true), "{host}");
        }
        for host in [
            "",
            "localhost",
            "localhost:4101",
            "127.0.0.1",
            "rebound.example",
            "rebound.example:4100",
            "localhost:4100.rebound.example",
            "localhost.:4100",
            "lineage.example",
            "0.0.0.0:4100",
            "user@localhost:4100",
        ] {
            assert!(!admits(&[("host", host)], true), "{host}");
        }
        assert!(!admits(&[], true));
        assert!(!admits(
            &[("host", "localhost:4100"), ("host", "localhost:4100")],
            true
        ));
    }

    #[test]
    fn only_our_own_pages_are_origins() {
        let with = |name: &'static str, value: &'static str, is_api| {
            admits(&[("host", "localhost:4100"), (name, value)], is_api)
        };
        assert!(with("origin", "http://localhost:4100", true));
        assert!(with("origin", "http://127.0.0.1:4100", true));
        assert!(with("origin", "https://lineage.example:8443", true));
        for origin in [
            "null",
            "",
            "https://localhost:4100",
            "http://localhost",
            "http://localhost:4101",
            "http://rebound.example",
            "http://localhost:4100/",
            "file://",
        ] {
            assert!(!with("origin", origin, false), "{origin}");
        }
        assert!(with("sec-fetch-site", "same-origin", true));
        assert!(with("sec-fetch-site", "none", true));
        assert!(!with("sec-fetch-site", "cross-site", true));
        assert!(!with("sec-fetch-site", "same-site", true));
        assert!(
            with("sec-fetch-site", "cross-site", false),
            "a link to the pages is fine"
        );
    }
}
