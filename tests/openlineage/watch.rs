//! `import --watch`: what comes into a folder becomes facts, and a bad file ends nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::json;

use super::meaning::{dataset, lineage, run};
use crate::commands::program::{self, Folder, command};

/// How long a machine that does much else may take for one line.
const PATIENCE: Duration = Duration::from_secs(60);

struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn begin(folder: &Folder) -> Self {
        std::fs::create_dir(folder.path("in")).expect("a folder");
        let mut child = command()
            .args([
                "import",
                "--watch",
                &folder.text("in"),
                "--store",
                &folder.text("store"),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (send, lines) = channel();
        let out = child.stdout.take().expect("its output");
        let problems = child.stderr.take().expect("its problems");
        let errors = send.clone();
        let tell = |send: std::sync::mpsc::Sender<String>, from: Box<dyn std::io::Read + Send>| {
            std::thread::spawn(move || {
                for line in BufReader::new(from).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        return;
                    }
                }
            });
        };
        tell(send, Box::new(out));
        tell(errors, Box::new(problems));
        let watch = Self { child, lines };
        watch.until("watching");
        watch
    }

    /// Waits for a line with this text.
    fn until(&self, wanted: &str) {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(wanted) => return,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no `{wanted}`: {error}: {seen:#?}"),
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn event(id: &str, column: &str) -> String {
    let out = dataset(
        "wh t",
        &[column],
        lineage(&[(column, "crm p", "x", "DIRECT", false)]),
    );
    run(
        id,
        "COMPLETE",
        1,
        vec![dataset("crm p", &["x"], json!({}))],
        vec![out],
    )
    .to_string()
}

#[test]
fn a_watched_folder_is_imported_as_files_come_and_grow() {
    let folder = Folder::new();
    let watch = Watch::begin(&folder);
    let path = folder.path("in/events.ndjson");
    // A file that is still being written is not read before it rests.
    let text = format!("{}\n", event("1", "y"));
    let (head, tail) = text.split_at(text.len() / 2);
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(head.as_bytes()).expect("written");
    file.write_all(tail.as_bytes()).expect("written");
    watch.until("1 events taken, 0 known already, 0 refused");
    watch.until("commit 1: ");
    // The file grows: what it had is known.
    file.write_all(format!("{}\n", event("2", "z")).as_bytes())
        .expect("written");
    watch.until("1 events taken, 1 known already, 0 refused");
    watch.until("commit 2: ");
    // A malformed file and a file of something else are told of, and the watch goes on.
    folder.file("in/bad.json", json!({"eventTime": 7, "run": {}}).to_string());
    watch.until("OPENLINEAGE_");
    folder.file("in/facts.yaml", program::CLEAN);
    watch.until("facts.yaml: no events, so it was left");
    folder.file("in/more.json", event("3", "w"));
    watch.until("commit 3: ");
    drop(watch);
    let out = program::run(&["export", "--store", &folder.text("store"), "--format", "ndjson"])
        .exits(0)
        .out;
    for column in ["y", "z", "w"] {
        assert!(out.contains(&format!("\"wh/t#{column}\"")), "{column}: {out}");
    }
}
