//! How many OpenLineage events a second a server takes: `cargo bench --bench lineage -- [SECONDS] [CONNECTIONS]`.
//!
//! A server of its own on a temporary store; one pool of kept-alive connections on the loopback; one event a request,
//! START and COMPLETE of runs with column lineage. Every event is acknowledged only when it is durable. At the end the
//! server is killed, without warning, and the journal is counted: nothing acknowledged may be missing.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const COLUMNS: usize = 5;
const DATASETS: u64 = 500;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let mut number = |default| {
        arguments
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let seconds = number(10);
    let connections = number(64);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    let (mut server, address) = serve(&store);
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let (stop, next, address) = (Arc::clone(&stop), Arc::clone(&next), address.clone());
            std::thread::spawn(move || send(&address, &stop, &next))
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    stop.store(true, Ordering::Relaxed);
    let mut waits: Vec<Duration> = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("a sender"))
        .collect();
    let took = begun.elapsed();
    let cpu = cpu_seconds(server.id());
    server.kill().expect("the server is killed");
    let _ = server.wait();
    waits.sort_unstable();
    let journal = std::fs::read_to_string(store.join("lineage/events.ndjson")).expect("a journal");
    let kept = journal.lines().count();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!(
        "{} events acknowledged in {:.1} s over {connections} connections: {:.0} a second",
        waits.len(),
        took.as_secs_f64(),
        f64::from(u32::try_from(waits.len()).unwrap_or(u32::MAX)) / took.as_secs_f64()
    );
    if let Some(cpu) = cpu {
        println!(
            "the server took {:.3} ms of the processor an event",
            cpu * 1e3 / f64::from(u32::try_from(waits.len()).unwrap_or(u32::MAX))
        );
    }
    println!(
        "wait: median {:.1} ms, 99 of 100 {:.1} ms, longest {:.1} ms",
        at(50),
        at(99),
        at(100)
    );
    println!(
        "an event has {} bytes; the journal kept {kept} events after a kill",
        event(0, "COMPLETE").len()
    );
    assert!(kept >= waits.len(), "an acknowledged event is missing");
}

/// Seconds of the processor that a process has had, where the system tells (Linux: in hundredths).
fn cpu_seconds(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in brackets and may have spaces.
    let mut numbers = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || numbers.next()?.parse::<u32>().ok().map(f64::from);
    Some((next()? + next()?) / 100.0)
}

fn serve(store: &std::path::Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wherefore"))
        .args(["serve", "--port", "0", "--store"])
        .arg(store)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("http://")?.1.split('/').next()?.to_owned()))
        .expect("it says where it listens");
    (child, address)
}

/// Sends events one after the other until told to stop; gives how long each waited for its acknowledgement.
fn send(address: &str, stop: &AtomicBool, next: &AtomicU64) -> Vec<Duration> {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let state = if number.is_multiple_of(2) {
            "START"
        } else {
            "COMPLETE"
        };
        let body = event(number / 2, state);
        let head = format!(
            "POST /api/v1/lineage HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let sent = Instant::now();
        writer
            .write_all(format!("{head}{body}").as_bytes())
            .expect("a request");
        let mut status = String::new();
        reader.read_line(&mut status).expect("a response");
        assert!(status.starts_with("HTTP/1.1 201"), "{status}");
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        waits.push(sent.elapsed());
    }
    waits
}

/// An event of a run that reads one dataset and writes the next.
fn event(run: u64, state: &str) -> String {
    let (from, to) = (run % DATASETS, (run + 1) % DATASETS);
    let seconds = run % 86_400;
    let time = format!(
        "2026-01-01T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        if state == "START" { 0 } else { 900 }
    );
    let schema: Vec<String> = (0..COLUMNS)
        .map(|c| format!(r#"{{"name":"c{c}","type":"text"}}"#))
        .collect();
    let schema = schema.join(",");
    let lineage: Vec<String> = (0..COLUMNS)
        .map(|c| {
            format!(
                r#""c{c}":{{"inputFields":[{{"namespace":"pg","name":"t{from}","field":"c{c}","transformations":[{{"type":"DIRECT","subtype":"IDENTITY"}}]}}]}}"#
            )
        })
        .collect();
    let lineage = lineage.join(",");
    let head = r#""_producer":"https://example.org","_schemaURL":"https://example.org""#;
    format!(
        r#"{{"eventTime":"{time}","eventType":"{state}","producer":"https://example.org","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{{"runId":"00000000-0000-4000-8000-{run:012}"}},"job":{{"namespace":"bench","name":"job{to}"}},"inputs":[{{"namespace":"pg","name":"t{from}","facets":{{"schema":{{{head},"fields":[{schema}]}}}}}}],"outputs":[{{"namespace":"pg","name":"t{to}","facets":{{"schema":{{{head},"fields":[{schema}]}},"columnLineage":{{{head},"fields":{{{lineage}}}}}}}}}]}}"#
    )
}
