//! Running the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The worked example.
pub const DEMO: &str = "examples/zhima-credit.yaml";

/// Facts in which nothing is wrong.
pub const CLEAN: &str = "\
scenario: clean
as_of: 2025-01-01T00:00:00+08:00
subjects: [{id: ana}]
categories: [{id: contact}]
fields: [{id: email, category: contact}]
processors: [{id: shop, kind: controller}]
purposes: [{id: orders}]
events: [{id: e1, at: 2024-02-01T09:00:00+08:00, act: collect, to: shop, subjects: [ana], fields: [email], purpose: orders}]
rules: [{id: held, check: flow-supported, clause: W-1, severity: note}]
";

/// Facts that are refused for two reasons.
pub const BAD: &str = "\
scenario: bad
as_of: 2025-01-01
subjects: [{id: ana}, {id: ana}]
";

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Insists on an exit code.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Insists on exit code 2, silence on standard output, and this code on standard error.
    pub fn refuses(self, code: &str) -> Self {
        assert_eq!(self.code, 2, "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        assert!(self.err.contains(code), "no {code}: {self:#?}");
        self
    }
}

/// The program, in the folder of the sources, with a terminal that is none.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wherefore"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .env_remove("WHEREFORE_LOG")
        .stdin(Stdio::null());
    command
}

/// Runs the program.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Ran {
    ran(command().args(arguments).output().expect("the program starts"))
}

/// Runs the program with this standard input.
pub fn run_with_input(arguments: &[&str], input: &str) -> Ran {
    let mut child = command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input.as_bytes()).expect("the program reads");
    drop(pipe);
    ran(child.wait_with_output().expect("the program ends"))
}

fn ran(output: std::process::Output) -> Ran {
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A folder for one test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A path inside it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("a path").to_owned()
    }

    /// A file inside it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).expect("the file is written");
        self.text(name)
    }

    /// A store of the demo inside it.
    pub fn demo_store(&self) -> String {
        let store = self.text("store");
        run(&["import", DEMO, "--store", &store]).exits(0);
        store
    }
}

/// Every file below a folder with its bytes, sorted.
pub fn bytes_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    files
}
