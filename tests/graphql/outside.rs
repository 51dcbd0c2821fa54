//! Judges from outside: the suites in `tests/outside`, written by others or in another language, against a
//! server that runs as users run it.

use std::process::Command;

use serde_json::json;

use super::fixture::{MORE_FACTS, Server, path};

/// Runs a script; its output is shown when it fails.
fn run(script: &str, arguments: &[&str]) {
    let folder = path("tests/outside");
    assert!(
        folder.join("node_modules").exists(),
        "the packages of the outside tests are missing; install them with `npm --prefix tests/outside ci`"
    );
    let output = Command::new("node")
        .arg(folder.join(script))
        .args(arguments)
        .current_dir(&folder)
        .output()
        .expect("node (20 or newer) must be installed for the outside tests");
    assert!(
        output.status.success(),
        "{script} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_reference_suite_finds_nothing_to_complain_about() {
    let server = Server::start();
    run("audit.mjs", &[&format!("{}/graphql", server.origin())]);
}

#[test]
fn tools_can_read_the_schema() {
    let server = Server::start();
    run("introspect.mjs", &[&server.origin()]);
}

#[test]
fn a_client_of_others_is_told_of_a_commit() {
    let server = Server::start();
    let socket = format!("ws://{}/ws", server.address);
    let mutation = "mutation Commit($facts: String!) { commit(input: {facts: $facts}) { sequence } }";
    let variables = json!({ "facts": MORE_FACTS }).to_string();
    run(
        "subscribe.mjs",
        &[&socket, &server.origin(), mutation, &variables],
    );
}

#[test]
fn attacks_are_fended_off() {
    let server = Server::start();
    run("attacks.mjs", &[&server.origin()]);
}

#[test]
fn the_pages_work_in_a_browser() {
    assert!(
        path("web/dist/index.html").exists(),
        "the browser pages are not built; build them with `npm --prefix web ci && npm --prefix web run build`, then \
         the program again"
    );
    let server = Server::start();
    run("browser.mjs", &[&server.origin()]);
}
