//! The pages and what surrounds them.

use super::client::{get, send};
use super::fixture::{Server, schema};

#[test]
fn every_response_carries_the_security_headers() {
    let server = Server::start();
    for path in [
        "/",
        "/graphiql",
        "/graphql",
        "/healthz",
        "/schema.graphql",
        "/no-such-page",
    ] {
        let reply = get(server.address, path);
        let policy = reply.header("content-security-policy");
        assert!(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains("http:"),
            "{path}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
    }
}

#[test]
fn the_start_page_is_there_with_or_without_built_pages() {
    let server = Server::start();
    for path in ["/", "/graphiql"] {
        let reply = get(server.address, path);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        assert_eq!(reply.header("cache-control"), "no-cache");
        assert!(reply.text().contains("Wherefore"));
    }
}

#[test]
fn pages_of_a_folder_are_served_with_tags_and_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    std::fs::create_dir(folder.path().join("assets")).expect("a folder");
    write("index.html", "start");
    write("assets/app-AbCdEf12.js", "script");
    write("assets/app-AbCdEf12.js.gz", "packed");
    let server = Server::with(schema(), |options| {
        options.pages = Some(folder.path().to_owned());
    });
    let page = get(server.address, "/");
    assert_eq!(
        (page.text().as_str(), page.header("cache-control")),
        ("start", "no-cache")
    );
    let tag = page.header("etag").to_owned();
    let again = send(server.address, "GET", "/", &[("if-none-match", &tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    write("index.html", "changed");
    let again = send(server.address, "GET", "/", &[("if-none-match", &tag)], b"");
    assert_eq!((again.status, again.text().as_str()), (200, "changed"));

    let script = "/assets/app-AbCdEf12.js";
    let plain = get(server.address, script);
    assert_eq!(
        (plain.text().as_str(), plain.header("content-encoding")),
        ("script", "")
    );
    assert_eq!(plain.header("content-type"), "text/javascript; charset=utf-8");
    let packed = send(
        server.address,
        "GET",
        script,
        &[("accept-encoding", "gzip, br")],
        b"",
    );
    assert_eq!(
        (packed.text().as_str(), packed.header("content-encoding")),
        ("packed", "gzip")
    );
    assert_eq!(packed.header("vary"), "accept-encoding");
    assert_ne!(packed.header("etag"), plain.header("etag"));
    let head = send(server.address, "HEAD", script, &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(send(server.address, "POST", script, &[], b"x").status, 405);
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("pages");
    std::fs::create_dir(&pages).expect("a folder");
    std::fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), pages.join("link.txt")).expect("a link");
    let server = Server::with(schema(), |options| options.pages = Some(pages.clone()));
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "//secret.txt",
        "/link.txt",
        "/.git/config",
    ] {
        let reply = get(server.address, path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("secret"), "{path}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told_at_the_start() {
    use wherefore::server::{Options, ServerError, serve_until};
    let mut options = Options::at(([127, 0, 0, 1], 0).into());
    options.pages = Some("no/such/folder".into());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcome = runtime.block_on(serve_until(schema(), options, |_| {}, async {}));
    assert!(matches!(outcome, Err(ServerError::Pages { .. })), "{outcome:?}");
}
