//! `demo` and `serve`: started, asked over a plain connection, stopped by the signal that Ctrl-C sends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::program::{Folder, command, run};

/// A server that runs.
struct Running {
    child: Child,
    /// What it prints, if somebody reads it.
    out: Option<BufReader<ChildStdout>>,
    /// What it printed up to the address.
    told: String,
    address: String,
}

impl Running {
    fn start(arguments: &[&str], folder: &Folder) -> Self {
        let mut child = command()
            .args(arguments)
            .env("TMPDIR", folder.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Self {
            out: None,
            child,
            told: String::new(),
            address: String::new(),
        };
        while running.address.is_empty() {
            let mut line = String::new();
            if out.read_line(&mut line).expect("text") == 0 {
                let mut err = String::new();
                let mut pipe = running.child.stderr.take().expect("a pipe");
                pipe.read_to_string(&mut err).expect("text");
                panic!("it ended: {}{err}", running.told);
            }
            running.told.push_str(&line);
            let address = line
                .strip_prefix("GraphQL    http://")
                .and_then(|rest| rest.trim().strip_suffix("/graphql"));
            address.unwrap_or_default().clone_into(&mut running.address);
        }
        running.out = Some(out);
        running
    }

    /// Asks over a connection of its own.
    fn ask(&self, query: &str) -> Value {
        let body = serde_json::json!({ "query": query }).to_string();
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a limit");
        write!(
            stream,
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        let (_, json) = reply.split_once("\r\n\r\n").expect("a body");
        let json = &json[json.find('{').expect("a map")..=json.rfind('}').expect("a map")];
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {reply}"))
    }

    /// Sends the signal of Ctrl-C and gives the exit code.
    fn stop(mut self) -> Option<i32> {
        let sent = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status()
            .expect("`kill` starts");
        assert!(sent.success());
        let status = self.child.wait().expect("it ends");
        if let Some(mut out) = self.out.take() {
            out.read_to_string(&mut String::new()).expect("text");
        }
        status.code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; one that did not has waited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demo_answers_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let demo = Running::start(&["demo", "--port", "0"], &folder);
    assert!(demo.told.contains("56 findings"), "{}", demo.told);
    assert_eq!(
        std::fs::read_dir(folder.path("")).expect("the folder").count(),
        1,
        "no temporary store"
    );
    let answer = demo.ask("{ findings(first: 1) { totalCount } }");
    assert_eq!(answer["data"]["findings"]["totalCount"], 56, "{answer}");
    assert_eq!(demo.stop(), Some(0));
    assert_eq!(
        std::fs::read_dir(folder.path("")).expect("the folder").count(),
        0,
        "the store is still there"
    );
}

#[test]
fn the_demo_keeps_its_store_where_it_is_told_to() {
    let folder = Folder::new();
    let store = folder.text("kept");
    for _ in 0..2 {
        let demo = Running::start(&["demo", "--port", "0", "--dir", &store], &folder);
        assert_eq!(demo.stop(), Some(0));
    }
    let log = run(&["log", "--store", &store]).exits(0);
    assert_eq!(log.out.lines().count(), 2, "{log:?}");
    run(&["verify", "--store", &store]).exits(0);
}

#[test]
fn one_process_serves_a_store_and_others_are_told_so() {
    let folder = Folder::new();
    let store = folder.demo_store();
    let server = Running::start(
        &[
            "serve",
            "--store",
            &store,
            "--port",
            "0",
            "--as-of",
            "2025-06-30T00:00:00+08:00",
        ],
        &folder,
    );
    assert!(server.told.contains("commit 1"), "{}", server.told);
    let second = run(&["serve", "--store", &store, "--port", "0"]).refuses("STORE_LOCKED");
    assert!(second.err.contains(&store), "{second:?}");
    run(&["import", super::program::DEMO, "--store", &store]).refuses("STORE_LOCKED");
    let beside = run(&[
        "check",
        "--store",
        &store,
        "--as-of",
        "2025-06-30T00:00:00+08:00",
        "--format",
        "json",
    ])
    .exits(1);
    assert_eq!(beside.json()["finding_count"], 56);
    assert_eq!(
        server.ask("{ findings(first: 1) { totalCount } }")["data"]["findings"]["totalCount"],
        56
    );
    assert_eq!(server.stop(), Some(0));
    run(&["import", super::program::DEMO, "--store", &store]).exits(0);
    run(&["verify", "--store", &store]).exits(0);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let store = folder.text("store");
    let ran = run(&["serve", "--store", &store, "--port", &port]).exits(2);
    assert!(ran.err.contains(&port), "{ran:?}");
    let ran = run(&["serve", "--store", &store, "--port", "0", "--address", "0.0.0.0"]).exits(2);
    assert!(ran.err.starts_with("error["), "{ran:?}");
}

#[test]
fn a_server_goes_on_when_nobody_reads_what_it_prints() {
    let folder = Folder::new();
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("an address").port()
    };
    let mut child = command()
        .args([
            "serve",
            "--store",
            &folder.text("store"),
            "--port",
            &port.to_string(),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // Its output breaks before it has said anything.
    drop(child.stdout.take());
    let running = Running {
        out: None,
        child,
        told: String::new(),
        address: format!("127.0.0.1:{port}"),
    };
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(&running.address).is_err() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(
        running.ask("{ findings(first: 1) { totalCount } }")["data"]["findings"]["totalCount"],
        0
    );
    assert_eq!(running.stop(), Some(0));
}
